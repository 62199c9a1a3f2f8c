/* SPDX-License-Identifier: MIT */
/* See ruling.h: the sentences that several rules share, from what is known of a sender. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"
#include "report/advice.h"
#include "report/report.h"
#include "report/ruling.h"
#include "report/sender.h"

const char *
words_of(struct analysis *a, struct buf *b)
{
	const char *text = b->len > 0 ? arena_strn(a->arena, b->at, b->len) : NULL;

	buf_free(b);
	return text;
}

const char *
words_day(const char *day, char out[16])
{
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	int64_t year, month, d;

	out[0] = '\0';
	if (day != NULL && text_int64(day, 4, &year) && text_int64(day + 5, 2, &month) && text_int64(day + 8, 2, &d) && month >= 1 && month <= 12)
		(void)snprintf(out, 16, "%d %s %d", (int)d, months[month - 1], (int)year);
	return out;
}

const char *
words_plural(int64_t n)
{
	return n == 1 ? "" : "s";
}

int
words_days(const char *from, const char *to)
{
	int64_t a, b;

	if (from == NULL || to == NULL || !text_when(from, &a) || !text_when(to, &b))
		return 0;
	return (int)((b - a) / 86400);
}

size_t
words_passing(const char **at, const char **name)
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
words_results(struct analysis *a, int64_t set, struct results *out, struct err *err)
{
	struct taking t = { a->arena, out };

	out->dkim = out->spf = "";
	return store_results(a->store, set, take_results, &t, err);
}

/* Domain of the first passing result that is (own 1) or is not (own 0) below the organisational domain; NULL none. */
static const char *
passing_domain(struct analysis *a, const char *results, const char *org, int own)
{
	const char *at = results, *name, *domain;
	size_t n;

	while ((n = words_passing(&at, &name)) > 0) {
		size_t len = strcspn(name, "/=");

		domain = arena_strn(a->arena, name, len < n ? len : n);
		if (domain_within(domain, org) == own)
			return domain;
	}
	return NULL;
}

/* One result of a summary, "news.example.org/s1=fail": of the organisational domain or below it, and one of these. selector NULL: not told. */
struct own_result { const char *domain, *selector; };

static int
find_own(struct analysis *a, const char *results, const char *org, const char *const *words, struct own_result *out)
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
		out->selector = NULL;
		if ((n = strcspn(text, "/")) < strlen(text)) {
			text[n] = '\0';
			out->selector = text + n + 1;
		}
		for (n = 0; words[n] != NULL; n++)
			if (strcmp(word, words[n]) == 0 && domain_within(out->domain, org))
				return 1;
	}
	return 0;
}

/* A signature of the user's whose key receivers could not use: missing, malformed or too weak. 0: none, or its selector is not told. */
static int
has_bad_key(struct analysis *a, const struct results *r, const char *org, struct own_result *out)
{
	static const char *const words[] = { "permerror", "neutral", "policy", NULL };

	return find_own(a, r->dkim, org, words, out) && out->selector != NULL;
}

/* 1: the summary names a result for the organisational domain or below it, whatever it was. */
static int
mentions(const char *results, const char *org)
{
	const char *at = results;
	size_t n = strlen(org);

	for (; n > 0 && (at = strstr(at, org)) != NULL; at++)
		if ((at == results || at[-1] == ' ' || at[-1] == '.') && (at[n] == '/' || at[n] == '='))
			return 1;
	return 0;
}

static int
is_strict(const char *alignment)
{
	return alignment != NULL && strcmp(alignment, "s") == 0;
}

/*
 * The failing mail passed as the user's own organisational domain: where the record asks for strict alignment that is why it fails;
 * otherwise the reports contradict themselves. own: which of them passed; NULL.
 */
struct own_pass { const char *signer, *envelope; };

static struct own_pass
own_passes(struct analysis *a, const struct known *k, const struct results *r)
{
	struct own_pass own = { passing_domain(a, r->dkim, k->sum.org, 1), passing_domain(a, r->spf, k->sum.org, 1) };

	return own;
}

static void
why_own_pass(struct buf *b, const struct known *k, struct own_pass own, const char *they)
{
	int strict = 0;

	if (own.signer != NULL && is_strict(k->sum.adkim)) {
		buf_fmt(b, "%s signed by %s, but your record asks for strict alignment (adkim=s): only a signature of the very domain in From counts.", they,
		    own.signer);
		strict = 1;
	}
	if (own.envelope != NULL && is_strict(k->sum.aspf)) {
		buf_fmt(b, "%sThe envelope is %s's, %s (aspf=s).", strict ? " " : "", own.envelope,
		    strict ? "which does not count either" : "but your record asks for strict alignment");
		strict = 1;
	}
	if (!strict)
		buf_fmt(b, "The reports contradict themselves: %s of %s passed, yet the mail was counted as failing.",
		    own.signer != NULL ? "the signature" : "the envelope", own.signer != NULL ? own.signer : own.envelope);
}

const char *
words_why(struct analysis *a, const struct known *k, const struct results *r, int64_t messages)
{
	const char *domain = k->sum.domain, *org = k->sum.org, *signer = passing_domain(a, r->dkim, org, 0), *envelope = passing_domain(a, r->spf, org, 0);
	const char *they = messages == 1 ? "It is" : "They are", *carry = messages == 1 ? "It carries" : "They carry";
	static const char *const none[] = { "none", NULL };
	struct own_pass own = own_passes(a, k, r);
	struct own_result bad;
	struct buf b;

	buf_init(&b, 4096);
	if (own.signer != NULL || own.envelope != NULL) {
		why_own_pass(&b, k, own, they);
		return words_of(a, &b);
	}
	if (signer != NULL)
		buf_fmt(&b, "%s signed by %s, not by %s.", they, signer, domain);
	else if (has_bad_key(a, r, org, &bad))
		buf_fmt(&b, "The signature for %s does not verify: receivers find no usable key for selector %s.", bad.domain, bad.selector);
	else if (mentions(r->dkim, org))
		buf_fmt(&b, "The signature for %s does not verify.", domain);
	else
		buf_fmt(&b, "%s no signature of %s.", carry, domain);
	if (envelope != NULL)
		buf_fmt(&b, " The envelope is %s's.", envelope);
	else if (strstr(r->spf, "=permerror") != NULL && mentions(r->spf, org))
		buf_fmt(&b, " The SPF record of %s cannot be evaluated (permerror).", org);
	else if (find_own(a, r->spf, org, none, &bad))
		buf_fmt(&b, " %s has no SPF record.", bad.domain);
	else if (mentions(r->spf, org) && strstr(r->spf, "=pass") == NULL)
		buf_fmt(&b, " The address is not in the SPF record of %s.", org);
	if (strcmp(k->basis, "vouched") == 0 && strcmp(k->sum.kind, "catalogue") == 0) {
		buf_str(&b, " Likely yours: a stranger with an account there would look the same. Not yours? ");
		advice_label(&b, k->sum.sender, "not_mine");
	}
	return words_of(a, &b);
}

/* The records of a service that is known well enough, and where in its account to look. */
static void
fix_of_service(struct buf *b, const struct known *k, const struct sender *s)
{
	const char *domain = k->sum.domain;
	struct sender_record r;
	size_t n;

	for (n = 0; sender_fix(s, domain, n, &r); n++)
		buf_fmt(b, "%s%s %s %s", n > 0 ? "; " : FIX_RECORDS, r.name, r.type, r.value);
	if (n > 0)
		buf_fmt(b, ".%s%s%s (Facts of November 2026, %s confidence.)", *s->where != '\0' ? " Then in the account: " : "", s->where,
		    *s->where != '\0' ? "." : "", s->confidence);
	else if (strcmp(s->dkim, "no") == 0 && strcmp(s->confidence, "low") != 0)
		buf_fmt(b, "%s cannot sign as %s, as far as is known: use a From address of its own domain there, or another service.", k->name, domain);
	else
		buf_fmt(b, "Ask %s how it can sign as %s (DKIM).", k->name, domain);
	if (n > 0 && strcmp(s->spf, "no") == 0)
		buf_str(b, " Its envelope never matches, and need not: DKIM is enough.");
}

/* What mends mail that passed as the user's own domain and was counted as failing: the DMARC record, or nothing of the user's. */
static void
fix_of_own_pass(struct buf *b, const struct known *k, struct own_pass own)
{
	int dkim = own.signer != NULL && is_strict(k->sum.adkim), spf = own.envelope != NULL && is_strict(k->sum.aspf);

	if (dkim || spf)
		buf_fmt(b, "Remove %s%s%s from the DMARC record of %s (relaxed alignment is the default), or sign this mail as the very domain in its From.",
		    dkim ? "adkim=s" : "", dkim && spf ? " and " : "", spf ? "aspf=s" : "", k->sum.domain);
	else {
		buf_str(b, "No record of yours explains it. See which receivers say so: ");
		advice_explain(b, k->sum.sender);
	}
}

/* Mail from the user's own addresses: what is signed already need not be signed, its signature breaks. */
static void
fix_of_own_mail(struct buf *b, const struct sender_sum *x, const struct results *r)
{
	if (mentions(r->dkim, x->org))
		buf_str(b, "Find what breaks the signature: mail that is changed after it is signed, or a key in DNS that does not match. Or put ");
	else
		buf_fmt(b, "Sign this mail with DKIM as %s, or put ", x->domain);
	buf_fmt(b, "%s into the SPF record of %s.", strcmp(x->kind, "address") == 0 ? x->sender : "the addresses it comes from", x->domain);
}

const char *
words_fix(struct analysis *a, const struct known *k, const struct results *r)
{
	struct own_pass own = own_passes(a, k, r);
	const struct sender_sum *x = &k->sum;
	const struct sender *s = strcmp(x->kind, "catalogue") == 0 ? sender_find(x->sender) : NULL;
	struct own_result bad;
	struct buf b;

	buf_init(&b, 4096);
	if (own.signer == NULL && own.envelope == NULL && has_bad_key(a, r, x->org, &bad))
		buf_fmt(&b, "Look at the record %s._domainkey.%s: the key there is missing or not valid. ", bad.selector, bad.domain);
	if (own.signer != NULL || own.envelope != NULL)
		fix_of_own_pass(&b, k, own);
	else if (s != NULL)
		fix_of_service(&b, k, s);
	else if (strcmp(x->sender, x->org) == 0 || strcmp(x->kind, "address") == 0)
		fix_of_own_mail(&b, x, r);
	else
		buf_fmt(&b, "Let %s sign as %s (DKIM), or use an envelope address below %s there.", k->name, x->domain, x->domain);
	return words_of(a, &b);
}

const char *
words_sign(struct analysis *a, const struct known *k)
{
	const struct sender_sum *x = &k->sum;
	const struct sender *s = strcmp(x->kind, "catalogue") == 0 ? sender_find(x->sender) : NULL;
	struct buf b;

	buf_init(&b, 4096);
	if (s != NULL)
		fix_of_service(&b, k, s);
	else if (strcmp(x->sender, x->org) == 0 || strcmp(x->kind, "address") == 0)
		buf_fmt(&b, "Sign this mail with DKIM as %s.", x->domain);
	else
		buf_fmt(&b, "Let %s sign as %s (DKIM).", k->name, x->domain);
	return words_of(a, &b);
}

/* "DKIM mandrillapp.com/mte1" where a passing result belongs to the catalogue's sender; the first passing one otherwise. */
static int
show_result(struct buf *b, struct analysis *a, const char *what, const char *results, enum sender_by by, const struct sender *s)
{
	const char *at = results, *name, *domain;
	size_t n, len;

	while ((n = words_passing(&at, &name)) > 0) {
		len = strcspn(name, "/=");
		domain = arena_strn(a->arena, name, len < n ? len : n);
		if (s != NULL && sender_of(domain, by) != s &&
		    (by != BY_DKIM || len >= n || sender_of_selector(arena_strn(a->arena, name + len + 1, n - len - 1)) != s))
			continue;
		buf_fmt(b, "%s %.*s", what, (int)n, name);
		return 1;
	}
	return 0;
}

const char *
words_evidence(struct analysis *a, const struct known *k, const struct results *r)
{
	const struct sender *s = strcmp(k->sum.kind, "catalogue") == 0 ? sender_find(k->sum.sender) : NULL;
	struct buf b;

	buf_init(&b, 4096);
	if (!show_result(&b, a, "DKIM", r->dkim, BY_DKIM, s) && !show_result(&b, a, "envelope", r->spf, BY_ENVELOPE, s))
		buf_str(&b, strcmp(k->sum.kind, "address") == 0 ? "by its address only" : "by its addresses, known from other mail or their reverse names");
	return words_of(a, &b);
}
