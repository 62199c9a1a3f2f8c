/* SPDX-License-Identifier: MIT */
/* Reading: one function for each question; the questions themselves are query/NAME.sql. Answers come from the roll-ups. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sql/db.h"

enum outcome
store_newest_day(struct store *s, char day[11], struct err *err)
{
	sqlite3_stmt *st = db_query(s, "newest_day", err);
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
	enum outcome r;

	if (st == NULL)
		return STOP;
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

/* Reads ten counts from column n on. */
static void
counts(sqlite3_stmt *st, int n, int64_t *const *to, int count)
{
	int i;

	for (i = 0; i < count; i++)
		*to[i] = sqlite3_column_int64(st, n + i);
}

enum outcome
store_each_domain(struct store *s, const char *from, const char *to, const char *only,
    enum outcome (*each)(void *ctx, const struct domain_total *d), void *ctx, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "domain_totals", err);
	struct domain_total d;
	int64_t *const fields[] = { &d.messages, &d.passed, &d.failed, &d.undetermined, &d.rejected, &d.quarantined, &d.forwarded,
		&d.reports, &d.reporters };
	enum outcome r;

	if (st == NULL)
		return STOP;
	db_text(st, 1, from);
	db_text(st, 2, to);
	db_text(st, 3, only);
	while ((r = db_step(s, st, err)) == OK) {
		d.domain = db_column(st, 0);
		d.p = db_column(st, 1);
		d.sp = db_column(st, 2);
		d.newest_day = db_column(st, 3);
		counts(st, 4, fields, 9);
		if ((r = each(ctx, &d)) != OK)
			break;
	}
	sqlite3_reset(st);
	return r == STOP ? STOP : OK;
}

enum outcome
store_each_source(struct store *s, const char *domain, const char *from, const char *to, int64_t most,
    enum outcome (*each)(void *ctx, const struct source_total *t), void *ctx, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "source_totals", err);
	struct source_total t;
	int64_t *const fields[] = { &t.messages, &t.passed, &t.failed, &t.undetermined, &t.rejected, &t.quarantined, &t.forwarded,
		&t.by_dkim, &t.by_spf };
	enum outcome r;

	if (st == NULL)
		return STOP;
	db_text(st, 1, domain);
	db_text(st, 2, from);
	db_text(st, 3, to);
	sqlite3_bind_int64(st, 4, most);
	while ((r = db_step(s, st, err)) == OK) {
		t.sender = db_column(st, 0);
		t.name = db_column(st, 1);
		t.dkim = db_column(st, 2);
		t.spf = db_column(st, 3);
		t.first_day = db_column(st, 4);
		t.last_day = db_column(st, 5);
		counts(st, 6, fields, 9);
		if ((r = each(ctx, &t)) != OK)
			break;
	}
	sqlite3_reset(st);
	return r == STOP ? STOP : OK;
}
