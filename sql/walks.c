/* SPDX-License-Identifier: MIT */
/* What was walked for the analysis and is kept while it goes from sender to sender: sums and days (sums.c), streams (streams.c), refusers; and for a summary (period.c). */
#include <stdlib.h>

#include "base/mem.h"
#include "sql/analysis.h"
#include "sql/period.h"
#include "sql/refusers.h"
#include "sql/streams.h"
#include "sql/sums.h"

struct walks { struct sums *sums; struct streams *streams; struct refusers *refusers; struct period_sums *period; };

void
walks_free(struct store *s)
{
	standings_free(s);
	if (s->walks == NULL)
		return;
	sums_free(s->walks->sums);
	streams_free(s->walks->streams);
	refusers_free(s->walks->refusers);
	period_free(s->walks->period);
	free(s->walks);
	s->walks = NULL;
}

static struct walks *
walks_of(struct store *s)
{
	if (s->walks == NULL)
		s->walks = mem_alloc(sizeof(*s->walks));
	return s->walks;
}

enum outcome
store_each_sender(struct store *s, const struct sender_walk *w, struct err *err)
{
	return sums_each(&walks_of(s)->sums, s, w, err);
}

enum outcome
store_each_sender_day(struct store *s, const struct sender_sum *x, enum outcome (*each)(void *ctx, const struct day_row *row), void *ctx, struct err *err)
{
	sqlite3_stmt *st;
	enum outcome r;
	char last[11];

	if (sums_days(walks_of(s)->sums, x->domain_id, x->sender_id, each, ctx) == OK)
		return OK;
	if ((st = db_query(s, "sender_days", err)) == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, x->domain_id);
	sqlite3_bind_int64(st, 2, x->sender_id);
	sqlite3_bind_int(st, 3, x->own_way);
	db_text(st, 4, sums_newest(walks_of(s)->sums, last));
	while ((r = db_step(s, st, err)) == OK)
		if (each(ctx, &(struct day_row){ db_column(st, 0), sqlite3_column_int64(st, 1), sqlite3_column_int64(st, 2), sqlite3_column_int64(st, 3) }) != OK)
			break;
	sqlite3_reset(st);
	return r == STOP ? STOP : OK;
}

enum outcome
store_each_stream(struct store *s, const struct sender_sum *x, enum outcome (*each)(void *ctx, const struct stream_row *r), void *ctx, struct err *err)
{
	return streams_each(&walks_of(s)->streams, s, x, each, ctx, err);
}

enum outcome
store_count_refusers(struct store *s, const struct refusal *q, struct arena *arena, size_t *count, const char **only, struct err *err)
{
	return refusers_count(&walks_of(s)->refusers, s, q, arena, count, only, err);
}

struct period_sums **
walks_period(struct store *s)
{
	struct walks *w = walks_of(s);

	if (!s->moment) {
		period_free(w->period);
		w->period = NULL;
	}
	return &w->period;
}

/* --- one moment --- */

enum outcome
store_moment(struct store *s, struct err *err)
{
	sqlite3_stmt *st;

	walks_free(s);
	if (!s->in_transaction && ((st = db_query(s, "moment", err)) == NULL || db_run(s, st, err) != OK))
		return STOP;
	s->moment = s->in_transaction ? MOMENT_OF_WRITING : MOMENT;
	return OK;
}

void
store_moment_end(struct store *s)
{
	sqlite3_stmt *st;

	walks_free(s);
	if (s->moment == MOMENT && (st = db_query(s, "commit", NULL)) != NULL)
		(void)db_run(s, st, NULL);
	s->moment = 0;
}
