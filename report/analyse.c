/* SPDX-License-Identifier: MIT */
/*
 * See analyse.h. Domain by domain and sender by sender: the sums are read; standing.c decides whose mail it is; rules.c says what
 * follows. Nothing is held of a sender but while it is looked at, so that a million strangers cost no memory.
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
keep_text(struct arena *arena, struct known *k)
{
	struct sender_sum *x = &k->sum;
	const char **const texts[] = { &x->sender, &x->name, &x->kind, &x->category, &x->first_day, &x->last_day, &x->first_fail, &x->first_refused,
		&x->first_permerror, &x->first_bare, &x->first_forwarded, &x->first_broken, &x->last_spf, &k->name };
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		*texts[i] = arena_str(arena, *texts[i]);
}

static enum outcome
put_standing(struct analysis *a, struct known *k, struct err *err)
{
	const struct sender_sum *x = &k->sum;
	struct standing st = { x->domain_id, x->sender_id, k->mine, k->basis, k->confidence, k->class, NULL, x->addresses, x->auth_set, x->fail_set,
		x->first_day, x->last_day, x->own_way };

	if (standing_evidence(a, k, &st.evidence, err) != OK)
		return STOP;
	return store_put_standing(a->store, &st, err);
}

static void
add_earlier(struct analysis *a, const char **day, const char *other)
{
	if (other != NULL && (*day == NULL || strcmp(other, *day) < 0))
		*day = arena_str(a->kept, other);
}

static void
add_forwarded(struct analysis *a, const struct sender_sum *x)
{
	struct domain_sums *d = &a->domain;

	d->forwarded += x->recent_forwarded - x->recent_broken;
	d->broken += x->recent_broken;
	d->forwarders += x->recent_forwarded > 0 ? x->addresses : 0;
	if (x->recent_forwarded > x->recent_broken)
		add_earlier(a, &d->first_forwarded, x->first_forwarded);
	if (x->recent_broken > 0)
		add_earlier(a, &d->first_broken, x->first_broken);
}

static void
add_sums(struct analysis *a, const struct known *k)
{
	struct domain_sums *d = &a->domain;
	const struct sender_sum *x = &k->sum;

	if (k->label == NULL || strcmp(k->label, "ignore") != 0)
		add_forwarded(a, x);
	d->messages += x->recent_messages;
	d->passing += x->recent_passing;
	d->permerror += x->recent_permerror;
	if (x->recent_permerror > 0)
		add_earlier(a, &d->first_permerror, x->first_permerror);
	if (strcmp(k->class, "not_you") != 0 || k->label != NULL)
		return;
	d->strangers += x->recent_passing + x->recent_failing + x->recent_refused;	/* what the reports leave open is told as that */
	d->stopped += x->recent_refused;
	d->addresses += x->recent_messages > x->recent_forwarded ? x->addresses : 0;
}

/* Writes the findings there are, and forgets their words. */
static enum outcome
put_notes(struct analysis *a, struct err *err)
{
	size_t i;

	for (i = 0; i < a->nnotes; i++)
		if (store_put_finding(a->store, &a->notes[i].f, (int)a->notes[i].code, err) != OK)
			return STOP;
	a->nnotes = 0;
	arena_reset(a->arena);
	return OK;
}

/* As store.h's was_stranger. */
static int
is_of_crowd(const struct known *k)
{
	return strcmp(k->class, "not_you") == 0 && *k->basis == '\0';
}

/* All is decided of this sender. Its standing may have changed with its totals, or with the crowd. */
static enum outcome
settle_sender(struct analysis *a, struct known *k, struct err *err)
{
	if (!(k->sum.kept && k->sum.was_stranger == is_of_crowd(k)) && put_standing(a, k, err) != OK)
		return STOP;
	add_sums(a, k);
	return rules_of_sender(a, k, &a->domain, err) == OK ? put_notes(a, err) : STOP;
}

static enum outcome
settle_waiting(struct analysis *a, const char *class, struct err *err)
{
	size_t i, n = a->nwaiting;

	a->nwaiting = 0;
	for (i = 0; i < n; i++) {
		if (class != NULL)
			a->waiting[i].class = class;
		if (settle_sender(a, &a->waiting[i], err) != OK)
			return STOP;
	}
	return OK;
}

static int
is_crowd(const struct analysis *a)
{
	return (double)a->crowd >= a->thresholds->crowd_addresses;
}

/* A stranger waits until it is sure that strangers are a crowd; from then on each is settled as it comes. */
static enum outcome
take_sender(void *ctx, const struct sender_sum *sum, struct err *err)
{
	struct analysis *a = ctx;
	struct known k = { .sum = *sum };

	if (sum->stranger) {
		k.class = "not_you";
		add_sums(a, &k);
		return OK;
	}
	if (standing_decide(a, &k, err) != OK)
		return STOP;
	if (!standing_is_stranger(a->thresholds, &k))
		return settle_sender(a, &k, err);
	a->crowd += sum->addresses;
	if (is_crowd(a)) {
		k.class = "not_you";
		return settle_waiting(a, "not_you", err) == OK ? settle_sender(a, &k, err) : STOP;
	}
	a->waiting = mem_grow(a->waiting, a->nwaiting + 1, sizeof(*a->waiting));
	keep_text(a->kept, &k);
	a->waiting[a->nwaiting++] = k;
	return OK;
}

/* What the last analysis said on breaks stays true as long as nothing but the newest day of all has changed. */
static enum outcome
take_break(void *ctx, const char *sender, const char *since, const char *why)
{
	struct analysis *a = ctx;

	a->breaks = mem_grow(a->breaks, a->nbreaks + 1, sizeof(*a->breaks));
	a->breaks[a->nbreaks++] = (struct said_break){ arena_str(a->kept, sender), arena_str(a->kept, since), arena_str(a->kept, why) };
	return OK;
}

/* The text of what is due lives in its statement until the next. */
static void
keep_due(struct arena *arena, struct due_domain *d)
{
	d->name = arena_str(arena, d->name);
	d->org = arena_str(arena, d->org);
	d->p = arena_str(arena, d->p);
	d->sp = arena_str(arena, d->sp);
	d->adkim = arena_str(arena, d->adkim);
	d->aspf = arena_str(arena, d->aspf);
	d->testing = arena_str(arena, d->testing);
	d->beginning = arena_str(arena, d->beginning);
	d->ending = arena_str(arena, d->ending);
}

static enum outcome
look_at_domain(struct analysis *a, struct due_domain *due, struct err *err)
{
	struct sender_walk walk = { due, a->recent, a->newest, a->thresholds->crowd_addresses, &a->crowd, take_sender, standings_may_sign, a };
	enum outcome r;

	a->due = due;
	a->domain = (struct domain_sums){ .id = due->id, .name = due->name, .beginning = due->beginning };
	a->crowd = 0;
	a->nwaiting = a->nbreaks = 0;
	a->campaign = (struct campaign){ .held = a->campaign.held };
	a->policies = UNKNOWN;
	if ((due->settled || due->grown) && store_each_break(a->store, due->name, take_break, a, err) != OK)
		return STOP;
	if (store_drop_due(a->store, due, err) != OK)
		return STOP;
	if (due->beginning == NULL)
		return OK;
	if ((r = store_each_sender(a->store, &walk, err)) != OK)
		return r;
	if (settle_waiting(a, is_crowd(a) ? "not_you" : NULL, err) != OK || rules_of_domain(a, &a->domain, err) != OK || put_notes(a, err) != OK)
		return STOP;
	return store_domain_analysed(a->store, due, err);
}

static enum outcome
analyse_domain(struct analysis *a, struct due_domain *due, struct err *err)
{
	enum outcome r;

	arena_reset(a->kept);
	keep_due(a->kept, due);
	if ((r = look_at_domain(a, due, err)) != SKIP)
		return r;
	due->grown = 0;
	return look_at_domain(a, due, err);
}

static enum outcome
analyse_domains(struct analysis *a, int moved, struct err *err)
{
	struct due_domain due = { .id = 0 };
	enum outcome r;

	while ((r = store_next_due(a->store, due.id, moved, &due, err)) == OK)
		if (analyse_domain(a, &due, err) != OK)
			return STOP;
	return r == STOP ? STOP : OK;
}

enum outcome
analyse(struct store *s, const struct thresholds *t, int64_t now_at, const char *settings, int again, char newest[11], struct err *err)
{
	struct analysis a = { .store = s, .arena = arena_new(), .kept = arena_new(), .thresholds = t, .now_at = now_at };
	int64_t at;
	int moved;
	enum outcome r = STOP;
	size_t i;

	if (labels_read(&a.labels, s, err) != OK || store_newest_day(s, a.newest, err) != OK || store_users_domains(s, &a.users, err) != OK)
		goto out;
	if (text_when(a.newest, &at))
		(void)text_day(at - (int64_t)(RECENT_DAYS - 1) * 86400, a.recent);
	if (store_analysis_begin(s, settings, a.newest, again, &moved, err) != OK || analyse_domains(&a, moved, err) != OK ||
	    store_drop_findings(s, NULL, err) != OK || rules_of_all(&a, err) != OK || put_notes(&a, err) != OK)
		goto out;
	memcpy(newest, a.newest, sizeof(a.newest));
	r = OK;
out:
	labels_free(&a.labels);
	free(a.users);
	free(a.waiting);
	free(a.breaks);
	free(a.campaign.held);
	for (i = 0; i < DAYS_KEPT; i++)
		free(a.days[i].rows);
	free(a.notes);
	arena_free(a.arena);
	arena_free(a.kept);
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
