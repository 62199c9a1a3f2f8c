/* SPDX-License-Identifier: MIT */
/*
 * The user's own senders that sent nothing in the period: mail that failed when it last came is not mended by none coming. Who sends once a year, or broke and fell
 * silent, is judged by the last days on which it sent. See summarise.h.
 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "report/analyse.h"
#include "report/report.h"
#include "report/series.h"
#include "report/summarise.h"

enum { YEAR = 366 };

struct silent { const char *name, *last_day; int64_t id; };
struct silents { struct reading *r; struct list list; struct series days; };

static enum outcome
silent_row(void *ctx, const struct overview_row *row, struct err *err)
{
	struct silents *x = ctx;
	struct silent *s = list_push(&x->list);

	(void)err;
	*s = (struct silent){ arena_str(x->r->arena, row->text[0]), arena_str(x->r->arena, row->text[1]), row->number[0] };
	return OK;
}

static enum outcome
day_row(void *ctx, const struct overview_row *row, struct err *err)
{
	struct silents *x = ctx;

	(void)err;
	return series_add(&x->days, &(struct day_row){ row->text[0], row->number[1] - row->number[2], row->number[2], 0 });
}

/* Of the last days on which it sent enough to be judged failed since it last broke or was mended, as it would hold the policy back had it sent them in the period. */
static int
is_failing(const struct reading *r, const struct series *s, const char *month)
{
	size_t i, at = series_failing(s, series_turn(s, 1), series_mend(s));
	const struct thresholds *t = r->options->thresholds;
	int64_t all = 0, passed = 0, failed = 0;

	for (i = 0; i < s->count; i++) {
		if (strcmp(s->days[i].day, month) < 0)
			continue;
		all += s->days[i].passed + s->days[i].failed;
		passed += i >= at ? s->days[i].passed : 0;
		failed += i >= at ? s->days[i].failed : 0;
	}
	return all >= t->judge_messages && 100.0 * (double)failed > t->gate_failing * (double)(passed + failed);
}

static enum outcome
judge(struct silents *x, const struct silent *s, struct list *names, struct err *err)
{
	struct reading *r = x->r;
	char from[11], month[11];
	int64_t at;

	if (!text_when(s->last_day, &at) || !text_day(at - (int64_t)YEAR * 86400, from) || !text_day(at - (int64_t)(RECENT_DAYS - 1) * 86400, month))
		return OK;
	x->days.count = 0;
	if (store_overview_of(r->store, OVERVIEW_SERIES, r->domain_id, s->id, from, s->last_day, 1, day_row, x, err) != OK)
		return STOP;
	if (is_failing(r, &x->days, month))
		*(const char **)list_push(names) = arena_fmt(r->arena, "%s (last seen on %s)", s->name, s->last_day);
	return OK;
}

enum outcome
read_silent(struct reading *r, struct list *names, struct err *err)
{
	struct silents x = { r, { NULL, 0, 0, sizeof(struct silent) }, { r->arena, NULL, 0 } };
	enum outcome done = reading_ask(r, OVERVIEW_SILENT, SUMMARY_ALL, silent_row, &x, err);
	const struct silent *all = x.list.at;
	size_t i;

	for (i = 0; done == OK && i < x.list.n; i++)
		done = judge(&x, &all[i], names, err);
	free(x.list.at);
	free(x.days.days);
	return done;
}
