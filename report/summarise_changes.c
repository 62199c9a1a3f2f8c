/* SPDX-License-Identifier: MIT */
/* What changed in a domain within the period, by day: the policy receivers saw, senders seen first, mail that stopped passing or passes again. See summarise.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"
#include "report/report.h"
#include "report/summarise.h"

enum {
	GOOD_DAYS = 3,	/* a sender passed, before failing is a break */
	STRANGERS = 3	/* new ones are told one by one */
};

static void
add_change(struct reading *r, const char *day, struct buf *text)
{
	struct sum_change *c = list_push(&r->changes);

	c->day = day;
	c->text = arena_strn(r->arena, text->at, text->len);
	buf_free(text);
}

struct policies { struct reading *r; const char *policy; };

/* Rows come by day; a change counts from the first day on which most receivers tell it. */
static enum outcome
policy_row(void *ctx, const struct overview_row *row, struct err *err)
{
	struct policies *p = ctx;
	const char *day = row->text[0], *today = row->text[1];
	struct buf b;

	(void)err;
	if (p->policy != NULL && strcmp(p->policy, today) == 0)
		return OK;
	if (p->policy != NULL) {
		buf_init(&b, 300);
		buf_fmt(&b, "Receivers began to see the policy p=%s (before: p=%s).", today, p->policy);
		add_change(p->r, arena_str(p->r->arena, day), &b);
		p->r->policy_since = reading_day(p->r, day);
	}
	p->policy = arena_str(p->r->arena, today);
	return OK;
}

/* The day the first of the senders was seen; NULL: none was. */
static const char *
beginning(const struct reading *r)
{
	const struct sender_ids *all = r->senders.at;
	const char *first = NULL;
	size_t i;

	for (i = 0; i < r->senders.n; i++)
		if (first == NULL || (all[i].s.first_day != NULL && strcmp(all[i].s.first_day, first) < 0))
			first = all[i].s.first_day;
	return first;
}

/* Seen for the first time within the period, but not where the data begins: there everything is new. */
static int
is_new(const struct reading *r, const struct sum_sender *s, const char *begin)
{
	return reading_day(r, s->first_day) < r->ndays && strcmp(s->first_day, begin) > 0 && s->counts.messages >= r->options->thresholds->judge_messages && *s->sender != '\0' && strcmp(s->class, "forwarded") != 0;
}

/* More than a few that are not known as the user's are told in one line, by the first of them, lest they push out everything else. */
static void
new_senders(struct reading *r)
{
	const struct sender_ids *all = r->senders.at;
	const char *first = NULL, *begin = beginning(r);
	int64_t strangers = 0;
	char count[28];
	struct buf b;
	size_t i;

	for (i = 0; i < r->senders.n; i++) {
		const struct sum_sender *s = &all[i].s;

		if (!is_new(r, s, begin) || strcmp(s->class, "undecided") != 0)
			continue;
		first = strangers++ == 0 || strcmp(s->first_day, first) < 0 ? s->first_day : first;
	}
	for (i = 0; i < r->senders.n; i++) {
		const struct sum_sender *s = &all[i].s;

		if (!is_new(r, s, begin) || (strangers > STRANGERS && strcmp(s->class, "undecided") == 0))
			continue;
		buf_init(&b, 600);
		buf_fmt(&b, "%s was seen for the first time.", s->name);
		add_change(r, s->first_day, &b);
	}
	if (strangers > STRANGERS) {
		buf_init(&b, 600);
		buf_fmt(&b, "The first of %s%s senders that are not known as yours was seen.", r->senders.n >= SUMMARY_SENDERS ? "more than " : "", text_count(strangers, count));
		add_change(r, first, &b);
	}
}

static void
add_turn(struct reading *r, size_t at, const char *name, const char *words)
{
	char day[11];
	struct buf b;
	int64_t first;

	buf_init(&b, 600);
	buf_fmt(&b, "%s %s.", name, words);
	if (text_when(r->options->from, &first))
		(void)text_day(first + (int64_t)at * 86400, day);
	add_change(r, arena_str(r->arena, day), &b);
}

/*
 * Breaks and repairs of a sender: after GOOD_DAYS days on which most of its mail passed, a run of days on which half or more
 * of it does not, with messages enough to be judged; and the first good day after such a run. A run with which the period begins
 * broke before it: its repair is told where GOOD_DAYS good days follow.
 */
static void
turns(struct reading *r, const struct sender_ids *s)
{
	int64_t wanted = (int64_t)r->options->thresholds->judge_messages, run = 0, first_run = 0;
	size_t i, good = 0, start = 0, mended = 0;
	int told = 0;

	for (i = 0; s->daily != NULL && i < r->ndays; i++) {
		if (s->daily[i] == 0)
			continue;
		if (2 * s->daily_bad[i] < s->daily[i]) {
			if (told)
				add_turn(r, i, s->s.name, "mail passes again");
			if (good == 0) {
				first_run = run;
				mended = i;
			}
			good = told ? 1 : good + 1;
			run = told = 0;
			if (good == GOOD_DAYS && first_run >= wanted)
				add_turn(r, mended, s->s.name, "mail began to pass");
			continue;
		}
		first_run = 0;
		start = run == 0 ? i : start;
		run += s->daily[i];
		if (good >= GOOD_DAYS && !told && run >= wanted) {
			add_turn(r, start, s->s.name, "mail stopped passing");
			told = 1;
		}
	}
}

static int
change_order(const void *a, const void *b)
{
	const struct sum_change *x = a, *y = b;
	int days = strcmp(x->day, y->day);

	return days != 0 ? days : strcmp(x->text, y->text);
}

enum outcome
read_changes(struct reading *r, struct err *err)
{
	struct policies p = { r, NULL };
	enum outcome done;
	size_t i;

	r->policy_since = 0;
	r->changes = (struct list){ NULL, 0, 0, sizeof(struct sum_change) };
	done = reading_ask(r, OVERVIEW_POLICIES, 1, policy_row, &p, err);
	new_senders(r);
	for (i = 0; i < r->senders.n; i++)
		turns(r, &((const struct sender_ids *)r->senders.at)[i]);
	if (r->changes.n > 1)
		qsort(r->changes.at, r->changes.n, r->changes.size, change_order);
	if (r->changes.n > SUMMARY_CHANGES) {	/* the latest */
		memmove(r->changes.at, (struct sum_change *)r->changes.at + (r->changes.n - SUMMARY_CHANGES),
		    SUMMARY_CHANGES * sizeof(struct sum_change));
		r->changes.n = SUMMARY_CHANGES;
	}
	r->domain->changes = list_settle(&r->changes, r->arena, &r->domain->nchanges);
	return done;
}
