/* SPDX-License-Identifier: MIT */
/* Reading: one function for each question; the questions themselves are query/NAME.sql. Answers come from the roll-ups. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "sql/db.h"

static enum outcome
read_day(struct store *s, sqlite3_stmt *st, char day[11], struct err *err)
{
	enum outcome r;

	day[0] = '\0';
	if (st == NULL)
		return STOP;
	r = db_step(s, st, err);
	if (r == OK && db_column(st, 0) != NULL)
		(void)snprintf(day, 11, "%s", db_column(st, 0));
	sqlite3_reset(st);
	return r == STOP ? STOP : OK;
}

/* Clocks and zones differ. */
const char *
db_last_day(const struct store *s, char out[11])
{
	(void)text_day(s->now_at + 86400, out);
	return out;
}

enum outcome
store_newest_day_of(struct store *s, int64_t domain, char day[11], struct err *err)
{
	sqlite3_stmt *st = db_query(s, "newest_day", err);
	char last[11];

	if (st != NULL) {
		db_text(st, 1, db_last_day(s, last));
		sqlite3_bind_int64(st, 2, domain);
	}
	return read_day(s, st, day, err);
}

enum outcome
store_newest_day(struct store *s, char day[11], struct err *err)
{
	return store_newest_day_of(s, 0, day, err);
}

enum outcome
store_oldest_day(struct store *s, char day[11], struct err *err)
{
	return read_day(s, db_query(s, "oldest_day", err), day, err);
}

static int
by_size(const void *x, const void *y)
{
	const int *a = x, *b = y;

	return (*a > *b) - (*a < *b);
}

enum outcome
store_freshness(struct store *s, struct freshness *out, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "freshness", err);
	int gaps[64], n = 0;
	int64_t before = 0, day;
	char last[11];
	enum outcome r;

	if (st == NULL)
		return STOP;
	db_text(st, 1, db_last_day(s, last));
	out->newest_end = 0;
	out->usual_gap = 1;
	while ((r = db_step(s, st, err)) == OK) {
		day = sqlite3_column_int64(st, 0);
		if (before > 0 && n < 64)
			gaps[n++] = (int)(day - before);
		before = day;
		if (sqlite3_column_int64(st, 1) > out->newest_end)
			out->newest_end = sqlite3_column_int64(st, 1);
	}
	sqlite3_reset(st);
	if (r == STOP)
		return STOP;
	if (n > 0) {
		qsort(gaps, (size_t)n, sizeof(gaps[0]), by_size);
		out->usual_gap = gaps[n / 2];
	}
	return OK;
}
