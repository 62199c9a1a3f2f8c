/* SPDX-License-Identifier: MIT */
/*
 * See analyse.h. The sums of every sender are read; standing.c decides whose mail each is; rules.c says what follows, sender by sender
 * and domain by domain; the findings are put in the order of their weight.
 */
#include "report/analyse.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/text.h"
#include "report/ruling.h"

/* What is borrowed from the store moves into the arena. */
static void
keep_text(struct arena *arena, struct sender_sum *x)
{
	const char **const texts[] = { &x->domain, &x->org, &x->p, &x->sp, &x->adkim, &x->aspf, &x->testing, &x->sender, &x->name, &x->kind, &x->category, &x->first_day, &x->last_day,
		&x->first_fail, &x->first_refused, &x->first_permerror };
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		*texts[i] = arena_str(arena, *texts[i]);
}

static enum outcome
take_sender(void *ctx, const struct sender_sum *sum, struct err *err)
{
	struct analysis *a = ctx;
	struct known *k;

	(void)err;
	if ((a->count & (a->count - 1)) == 0)
		a->senders = mem_grow(a->senders, a->count > 0 ? a->count * 2 : 1, sizeof(*a->senders));
	k = &a->senders[a->count++];
	memset(k, 0, sizeof(*k));
	k->sum = *sum;
	keep_text(a->arena, &k->sum);
	return OK;
}

static enum outcome
put_standings(struct analysis *a, struct err *err)
{
	size_t i;

	for (i = 0; i < a->count; i++) {
		const struct known *k = &a->senders[i];
		struct standing st = { k->sum.domain_id, k->sum.sender_id, k->mine, k->basis, k->confidence, k->class, k->evidence,
			k->sum.addresses, k->sum.auth_set, k->sum.first_day, k->sum.last_day, k->sum.own_way };

		if (store_put_standing(a->store, &st, err) != OK)
			return STOP;
	}
	return OK;
}

static void
add_earlier(const char **day, const char *other)
{
	if (other != NULL && (*day == NULL || strcmp(other, *day) < 0))
		*day = other;
}

static void
add_sums(struct domain_sums *d, const struct known *k)
{
	const struct sender_sum *x = &k->sum;

	d->forwarded += x->recent_forwarded - x->recent_broken;
	d->broken += x->recent_broken;
	d->messages += x->recent_messages;
	d->permerror += x->recent_permerror;
	if (x->recent_permerror > 0)
		add_earlier(&d->first_permerror, x->first_permerror);
	add_earlier(&d->beginning, x->first_day);
	if (strcmp(k->class, "not_you") != 0 || k->label != NULL)
		return;
	d->strangers += x->recent_messages - x->recent_forwarded;
	d->stopped += x->recent_refused;
	d->addresses += x->recent_messages > x->recent_forwarded ? x->addresses : 0;
}

/* The findings of the domain whose senders begin at i; returns where the next one's do. */
static enum outcome
rule_on_domain(struct analysis *a, size_t i, size_t *next, struct err *err)
{
	struct domain_sums d = { .from = &a->senders[i] };
	const struct known *k;

	for (k = d.from; k < a->senders + a->count && k->sum.domain_id == d.from->sum.domain_id; k++)
		add_sums(&d, k);
	d.to = k;
	*next = (size_t)(k - a->senders);
	for (k = d.from; k < d.to; k++)
		if (rules_of_sender(a, k, &d, err) != OK)
			return STOP;
	return rules_of_domain(a, &d, err);
}

static const char *
or_empty(const char *s)
{
	return s != NULL ? s : "";
}

static int
by_weight(const void *x, const void *y)
{
	const struct note *a = x, *b = y;
	int c;

	if (a->code != b->code)
		return a->code < b->code ? -1 : 1;
	if (a->f.messages != b->f.messages)
		return a->f.messages > b->f.messages ? -1 : 1;
	c = strcmp(or_empty(a->f.domain), or_empty(b->f.domain));
	return c != 0 ? c : strcmp(or_empty(a->f.sender), or_empty(b->f.sender));
}

static enum outcome
put_findings(struct analysis *a, struct err *err)
{
	size_t i;

	for (i = 0; i < a->count;)
		if (rule_on_domain(a, i, &i, err) != OK)
			return STOP;
	if (rules_of_all(a, err) != OK)
		return STOP;
	if (a->nnotes > 0)
		qsort(a->notes, a->nnotes, sizeof(*a->notes), by_weight);
	for (i = 0; i < a->nnotes; i++)
		if (store_put_finding(a->store, &a->notes[i].f, err) != OK)
			return STOP;
	return OK;
}

enum outcome
analyse(struct store *s, const struct thresholds *t, int64_t now_at, struct err *err)
{
	struct analysis a = { .store = s, .arena = arena_new(), .thresholds = t, .now_at = now_at };
	int64_t newest;
	enum outcome r = STOP;

	if (labels_read(&a.labels, s, err) != OK || store_newest_day(s, a.newest, err) != OK)
		goto out;
	if (text_when(a.newest, &newest))
		(void)text_day(newest - (int64_t)(RECENT_DAYS - 1) * 86400, a.recent);
	if (store_each_sender(s, a.recent, take_sender, standings_may_sign, &a, err) != OK || standings_decide(&a, err) != OK || store_clear_analysis(s, err) != OK ||
	    put_standings(&a, err) != OK || put_findings(&a, err) != OK)
		goto out;
	r = OK;
out:
	labels_free(&a.labels);
	free(a.senders);
	free(a.notes);
	free(a.refusers);
	arena_free(a.arena);
	return r;
}

int
is_stale(const struct freshness *f, const struct thresholds *t, int64_t now_at)
{
	return f->newest_end > 0 && (double)(now_at - f->newest_end) > t->stale_gaps * f->usual_gap * 86400;
}

int
finding_weight(const char *code)
{
	static const enum code order[] = { LOST, BROKE, RISK, STALE, SPFERR, DECIDE, FWDBROKEN, SPFONLY, GONE, NEW };
	size_t i;

	for (i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (text_same(code, code_names[order[i]]))
			return (int)i + 1;
	return 0;
}
