/* SPDX-License-Identifier: MIT */
/* See ruling.h: what changed when mail stopped passing. Compared are the largest passing stream before the day and the largest failing one since. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"
#include "report/ruling.h"

enum {
	NETWORKS = 16, NETWORK_TEXT = IP_TEXT + 5,
	POLICY_BEFORE = 7, POLICY_SINCE = 3	/* days: one report alone says nothing, and a change long after the break is not its cause */
};

/* One side of the change. */
struct side {
	int64_t auth_set;		/* of its largest stream */
	int found;			/* 1: there is one */
	struct results results;
	char networks[NETWORKS][NETWORK_TEXT];
	size_t count;
};
struct change {
	struct analysis *a;
	const char *day;
	int64_t day_number;
	struct side before, since;
	struct policy_change policy;
};

static int
has_network(const struct side *s, const char *network)
{
	size_t i;

	for (i = 0; i < s->count; i++)
		if (strcmp(s->networks[i], network) == 0)
			return 1;
	return 0;
}

static enum outcome
take_stream(void *ctx, const struct stream_row *r)
{
	struct change *c = ctx;
	struct side *s;

	/* Rows come with most messages first. */
	if (!r->has_days || (r->passing ? r->first_day >= c->day_number : r->last_day < c->day_number))
		return OK;
	s = r->passing ? &c->before : &c->since;
	if (!s->found)
		s->auth_set = r->auth_set;
	s->found = 1;
	if (s->count < NETWORKS && r->address != NULL && *r->address != '\0') {
		ip_network(r->address, s->networks[s->count], NETWORK_TEXT);
		s->count += !has_network(s, s->networks[s->count]);
	}
	return c->before.count == NETWORKS && c->since.count == NETWORKS ? END : OK;
}

/* A day so many days off, in the arena; NULL: it is no day. */
static const char *
day_off(struct analysis *a, const char *day, int days)
{
	char text[11];
	int64_t at;

	return text_when(day, &at) && text_day(at + (int64_t)days * 86400, text) ? arena_str(a->arena, text) : NULL;
}

/* The policy until mail last passed, and since it broke. */
static enum outcome
read_policies(struct change *c, const struct known *k, const char *passed, struct err *err)
{
	c->policy.before[0] = day_off(c->a, passed, 1 - POLICY_BEFORE);
	c->policy.before[1] = passed;
	c->policy.since[0] = c->day;
	c->policy.since[1] = day_off(c->a, c->day, POLICY_SINCE - 1);
	if (c->policy.before[0] == NULL || c->policy.since[1] == NULL)
		return OK;
	return store_policy_change(c->a->store, k->sum.domain_id, &c->policy, c->a->arena, err);
}

/* "DKIM selector 20240101pm" of the first result for the domain itself, with what became of it; "no signature". */
static void
add_signature(struct buf *b, const struct results *r, const char *org, int passing)
{
	const char *at = r->dkim, *own = NULL;
	size_t n, len, word;

	for (; *at != '\0'; at += strspn(at, ", ")) {
		n = strcspn(at, "/=");
		len = strlen(org);
		if (n >= len && memcmp(at + n - len, org, len) == 0 && (n == len || at[n - len - 1] == '.') && own == NULL)
			own = at;
		at += strcspn(at, ",");
	}
	if (*r->dkim == '\0') {
		buf_str(b, "no signature");
		return;
	}
	at = own != NULL ? own : r->dkim;
	n = strcspn(at, "/=");
	word = at[n] == '/' ? strcspn(at + n + 1, "=") : 0;
	if (own == NULL)
		buf_fmt(b, "signed by %.*s only", (int)n, at);
	else if (word > 0)
		buf_fmt(b, "DKIM selector %.*s", (int)word, at + n + 1);
	else
		buf_fmt(b, "DKIM of %.*s", (int)n, at);
	if (own != NULL && !passing && strncmp(at + n + (word > 0 ? word + 1 : 0), "=pass", 5) != 0)
		buf_str(b, ", which does not verify");
}

static void
add_signatures(struct buf *b, const struct change *c, const char *org)
{
	struct buf before, since;

	buf_init(&before, 4096);
	buf_init(&since, 4096);
	add_signature(&before, &c->before.results, org, 1);
	add_signature(&since, &c->since.results, org, 0);
	if (strcmp(before.at, since.at) == 0)
		buf_fmt(b, "Before and since: %s.", before.at);
	else
		buf_fmt(b, "Before: %s. Since: %s.", before.at, since.at);
	buf_free(&before);
	buf_free(&since);
}

static void
add_networks(struct buf *b, const struct change *c)
{
	size_t i, fresh = 0;

	for (i = 0; i < c->since.count; i++)
		fresh += !has_network(&c->before, c->since.networks[i]);
	if (fresh == 0 || fresh < c->since.count || c->before.count == 0)
		return;
	buf_fmt(b, " It comes from other addresses: %s before, %s since.", c->before.networks[0], c->since.networks[0]);
}

static const char *
or_word(const char *s, const char *word)
{
	return s != NULL && *s != '\0' ? s : word;
}

static void
add_policy(struct buf *b, const struct policy_row *old, const struct policy_row *new)
{
	const struct { const char *name, *old, *new; } parts[] = { { "p", old->p, new->p }, { "sp", old->sp, new->sp }, { "adkim", old->adkim, new->adkim },
		{ "aspf", old->aspf, new->aspf } };
	int sp = old->p != NULL && (strcmp(old->p, old->sp) != 0 || strcmp(new->p, new->sp) != 0);	/* it is more than p again */
	size_t i, n = 0, alignment = 0;

	for (i = 0; old->p != NULL && i < 4; i++)
		if (strcmp(parts[i].old, parts[i].new) != 0 && (i != 1 || sp)) {
			alignment += i > 1;
			buf_fmt(b, "%s%s=%s before, %s=%s since", n++ > 0 ? "; " : " Your record changed: ", parts[i].name, parts[i].old, parts[i].name, parts[i].new);
		}
	if (n > 0)
		buf_str(b, alignment > 0 ? "." : ". That stops what fails, and makes nothing fail.");
}

enum outcome
changed_policies(struct analysis *a, int *differ, struct err *err)
{
	if (a->policies == UNKNOWN) {
		if (store_policies_differ(a->store, a->domain.id, differ, err) != OK)
			return STOP;
		a->policies = *differ ? SEVERAL : ONE;
	}
	*differ = a->policies == SEVERAL;
	return OK;
}

const char *
changed_since(struct analysis *a, const struct known *k, const char *passed, const char *day, struct err *err)
{
	struct change c = { .a = a, .day = day };
	struct buf b;
	int differ;

	c.day_number = text_when(day, &c.day_number) ? c.day_number / 86400 : 0;
	if (store_each_stream(a->store, &k->sum, take_stream, &c, err) != OK || results_read(a, c.before.auth_set, &c.before.results, err) != OK ||
	    results_read(a, c.since.auth_set, &c.since.results, err) != OK || changed_policies(a, &differ, err) != OK ||
	    (differ && read_policies(&c, k, passed, err) != OK))
		return NULL;
	buf_init(&b, 8192);
	if (c.before.found && c.since.found) {
		add_signatures(&b, &c, k->sum.org);
		if (strcmp(c.before.results.spf, c.since.results.spf) != 0)
			buf_fmt(&b, " Envelope before: %s; since: %s.", or_word(c.before.results.spf, "none"), or_word(c.since.results.spf, "none"));
		add_networks(&b, &c);
	}
	add_policy(&b, &c.policy.old, &c.policy.new);
	if (b.len == 0)
		buf_str(&b, "What changed does not show in the reports.");
	return words_of(a, &b);
}
