/* SPDX-License-Identifier: MIT */
/* See ruling.h: what the results of a stream say of its signatures and its envelope (RFC 6376, RFC 7208), as far as they are the user's own. */
#include <string.h>

#include "base/arena.h"
#include "report/ruling.h"
#include "report/sender.h"

size_t
results_passing(const char **at, const char **name)
{
	const char *pass = strstr(*at, "=pass"), *start = pass;

	if (pass == NULL)
		return 0;
	while (start > *at && start[-1] != ' ')
		start--;
	*name = start;
	*at = pass + 5;
	return (size_t)(pass - start);
}

struct taking { struct arena *arena; struct results *out; };

static enum outcome
take_results(void *ctx, const char *dkim, const char *spf)
{
	struct taking *t = ctx;

	t->out->dkim = arena_str(t->arena, dkim != NULL ? dkim : "");
	t->out->spf = arena_str(t->arena, spf != NULL ? spf : "");
	return OK;
}

enum outcome
results_read(struct analysis *a, int64_t set, struct results *out, struct err *err)
{
	struct taking t = { a->arena, out };

	*out = (struct results){ .dkim = "", .spf = "" };
	return store_results(a->store, set, take_results, &t, err);
}

/* The domain of the next passing result; NULL: there is none. */
static const char *
next_passing(struct analysis *a, const char **at)
{
	const char *name;

	return results_passing(at, &name) > 0 ? arena_strn(a->arena, name, strcspn(name, "/=")) : NULL;
}

const char *
results_passing_domain(struct analysis *a, const char *results, const char *org, int own)
{
	const char *at = results, *domain;

	while ((domain = next_passing(a, &at)) != NULL && domain_within(domain, org) != own)
		continue;
	return domain;
}

int
results_find_own(struct analysis *a, const char *results, const char *org, const char *const *words, int but, struct own_result *out)
{
	const char *at;
	char *text, *word;
	size_t n;

	for (at = results; *at != '\0'; at += strspn(at, ", ")) {
		n = strcspn(at, ",");
		text = arena_strn(a->arena, at, n);
		at += n;
		if ((word = strrchr(text, '=')) == NULL)
			continue;
		*word++ = '\0';
		out->domain = text;
		out->word = word;
		out->selector = NULL;
		if ((n = strcspn(text, "/")) < strlen(text)) {
			text[n] = '\0';
			out->selector = text + n + 1;
		}
		for (n = 0; words[n] != NULL && strcmp(word, words[n]) != 0; n++)
			continue;
		if ((words[n] == NULL) == but && domain_within(out->domain, org))
			return 1;
	}
	return 0;
}

enum signature
results_signature(struct analysis *a, const char *dkim, const char *org, struct own_result *out)
{
	static const char *const no_key[] = { "permerror", "neutral", "policy", NULL }, *const not_broken[] = { "none", "temperror", "pass", NULL },
		*const unreachable[] = { "temperror", NULL };

	if (results_find_own(a, dkim, org, no_key, 0, out) && out->selector != NULL)
		return NO_KEY;
	if (results_find_own(a, dkim, org, not_broken, 1, out))
		return DOES_NOT_VERIFY;
	return results_find_own(a, dkim, org, unreachable, 0, out) ? KEY_UNREACHABLE : UNSIGNED;
}

int
results_passed_as(const char *results, const char *domain)
{
	const char *at = results, *name;
	size_t n, len = strlen(domain);

	while ((n = results_passing(&at, &name)) > 0)
		if (strncmp(name, domain, len) == 0 && (name[len] == '/' || name[len] == '='))
			return 1;
	return 0;
}

const char *
results_own_account(struct analysis *a, const struct sender_sum *x, const struct results *r)
{
	const char *at = r->dkim, *signer;

	while ((signer = next_passing(a, &at)) != NULL && !sender_signs_for(signer, x->domain) && !sender_signs_for(signer, x->org))
		continue;
	return signer;
}

enum envelope
results_envelope(struct analysis *a, const char *spf, const char *org, struct own_result *out)
{
	static const char *const error[] = { "permerror", NULL }, *const none[] = { "none", NULL }, *const not_denied[] = { "temperror", "pass", NULL },
		*const unreachable[] = { "temperror", NULL }, *const nothing[] = { NULL };

	if ((out->domain = results_passing_domain(a, spf, org, 0)) != NULL)
		return FOREIGN_ENVELOPE;
	if (results_find_own(a, spf, org, error, 0, out))
		return SPF_ERROR;
	if (results_find_own(a, spf, org, none, 0, out))
		return NO_SPF_RECORD;
	if (results_find_own(a, spf, org, not_denied, 1, out))
		return ADDRESS_NOT_IN_IT;
	if (results_find_own(a, spf, org, unreachable, 0, out))
		return SPF_UNREACHABLE;
	out->domain = NULL;
	if (*spf != '\0' && !results_find_own(a, spf, org, nothing, 1, out))
		out->domain = *spf != '=' ? arena_strn(a->arena, spf, strcspn(spf, "=")) : NULL;
	return FOREIGN_ENVELOPE;
}

int
results_strict(const char *alignment)
{
	return alignment != NULL && strcmp(alignment, "s") == 0;
}

int
results_passed_on(struct analysis *a, const struct known *k, const struct results *r)
{
	struct own_result which;
	int signed_once = results_signature(a, r->dkim, k->sum.org, &which) == DOES_NOT_VERIFY || (k->sum.forwarded > k->sum.broken && k->sum.own_way == 0);

	/* Who passes mail on keeps the envelope, or puts their own; with the former only an address that is nobody's known sender may be one. */
	return signed_once && ((results_envelope(a, r->spf, k->sum.org, &which) == FOREIGN_ENVELOPE && which.domain != NULL) || strcmp(k->sum.kind, "address") == 0);
}
