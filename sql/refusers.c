/* SPDX-License-Identifier: MIT */
/*
 * Who refused whose mail of a domain. Records name no sender, and those that were refused are few: they are gathered first, and then their
 * totals are looked up in the order in which these lie, each once.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "sql/given.h"
#include "sql/told.h"

enum { WIDTH = 4 };	/* source, auth_set, outcome, reporter */

struct refused {
	int64_t *outcomes;		/* of refused mail, rising */
	size_t noutcomes;
	int64_t *rows;			/* of WIDTH */
	size_t count, room;
	int64_t *pairs;			/* (sender, reporter) */
	size_t npairs;
};

static enum outcome
take_record(void *ctx, sqlite3_value **row)
{
	int64_t outcome = sqlite3_value_int64(row[2]);
	struct refused *x = ctx;
	int i;

	if (bsearch(&outcome, x->outcomes, x->noutcomes, sizeof(outcome), by_number) == NULL)
		return OK;
	if (x->count == x->room) {
		x->room = x->room ? x->room * 2 : 256;
		x->rows = mem_grow(x->rows, x->room * WIDTH, sizeof(*x->rows));
	}
	for (i = 0; i < WIDTH; i++)
		x->rows[x->count * WIDTH + (size_t)i] = sqlite3_value_int64(row[i]);
	x->count++;
	return OK;
}

/* Row: number of the record, sender. */
static enum outcome
take_sender(void *ctx, sqlite3_value **row)
{
	struct refused *x = ctx;

	x->pairs[x->npairs * 2] = sqlite3_value_int64(row[1]);
	x->pairs[x->npairs++ * 2 + 1] = x->rows[sqlite3_value_int64(row[0]) * WIDTH + WIDTH - 1];
	return OK;
}

static int
compare(const int64_t *x, const int64_t *y, int width)
{
	int i;

	for (i = 0; i < width - 1 && x[i] == y[i]; i++)
		;
	return x[i] < y[i] ? -1 : x[i] > y[i];
}

static int
by_row(const void *a, const void *b)
{
	return compare(a, b, WIDTH);
}

static int
by_pair(const void *a, const void *b)
{
	return compare(a, b, 2);
}

/* Sorts the rows and leaves each once; returns their number. */
static size_t
each_once(int64_t *rows, size_t count, size_t width, int (*by)(const void *, const void *))
{
	size_t i, k, n = 0;

	if (count > 0)
		qsort(rows, count, width * sizeof(*rows), by);
	for (i = 0; i < count; i++) {
		if (n > 0 && by(rows + (n - 1) * width, rows + i * width) == 0)
			continue;
		for (k = 0; k < width; k++)
			rows[n * width + k] = rows[i * width + k];
		n++;
	}
	return n;
}

static enum outcome
load_outcomes(struct store *s, struct refused *x, struct sieve *sieve, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "outcomes_refused", err);
	enum outcome r;

	if (st == NULL)
		return STOP;
	while ((r = db_step(s, st, err)) == OK) {
		if ((x->noutcomes & (x->noutcomes - 1)) == 0)
			x->outcomes = mem_grow(x->outcomes, x->noutcomes > 0 ? x->noutcomes * 2 : 1, sizeof(*x->outcomes));
		x->outcomes[x->noutcomes] = sqlite3_column_int64(st, 0);
		sieve_add(sieve, x->outcomes[x->noutcomes++]);
	}
	return r == STOP ? STOP : OK;
}

enum { ALIKE = 64 };	/* reporters kept in mind; a power of two */
struct alike { int64_t reporter, same; };

/* The reporter that stands for all of the same name. */
static enum outcome
same_name(struct store *s, struct alike known[ALIKE], int64_t reporter, int64_t *same, struct err *err)
{
	struct alike *x = &known[reporter & (ALIKE - 1)];
	sqlite3_stmt *st;

	if (x->reporter != reporter) {
		if ((st = db_query(s, "reporter_alike", err)) == NULL)
			return STOP;
		sqlite3_bind_int64(st, 1, reporter);
		if (db_step(s, st, err) != OK)
			return STOP;
		*x = (struct alike){ reporter, sqlite3_column_int64(st, 0) };
		sqlite3_reset(st);
	}
	*same = x->same;
	return OK;
}

/* Ranges of records, as (first, last, reporter), of the newest reports, until most records are reached. Caller frees *ranges. */
static enum outcome
read_ranges(struct store *s, int64_t domain_id, const char *from, const char *to, int64_t most, int64_t **ranges, size_t *count, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "reports_heard", err);
	struct alike known[ALIKE] = { { 0, 0 } };
	size_t room = 0;
	enum outcome r = st == NULL ? STOP : OK;

	if (st != NULL) {
		sqlite3_bind_int64(st, 1, domain_id);
		db_text(st, 2, from);
		db_text(st, 3, to);
	}
	while (r == OK && most > 0 && (r = db_step(s, st, err)) == OK) {
		int64_t first = sqlite3_column_int64(st, 0), last = sqlite3_column_int64(st, 1), *x;

		if (*count == room) {
			room = room ? room * 2 : 64;
			*ranges = mem_grow(*ranges, room * 3, sizeof(**ranges));
		}
		x = *ranges + (*count)++ * 3;
		x[0] = first;
		x[1] = last < first + most ? last : first + most - 1;
		if (same_name(s, known, sqlite3_column_int64(st, 3), &x[2], err) != OK)
			r = STOP;
		most -= sqlite3_column_int64(st, 2);
	}
	if (st != NULL)
		sqlite3_reset(st);
	return r == STOP ? STOP : OK;
}

static enum outcome
read_records(struct store *s, struct refused *x, const int64_t *ranges, size_t count, struct err *err)
{
	struct given given = { ranges, count, 3 };
	struct sieve outcomes = { { 0 } };
	sqlite3_stmt *st;
	enum outcome r;

	if (load_outcomes(s, x, &outcomes, err) != OK || (st = db_query(s, "records_refused", err)) == NULL)
		return STOP;
	if (given_bind(st, 1, &given) != SQLITE_OK || sieve_bind(st, 2, &outcomes) != SQLITE_OK)
		return db_fail(s, "refusers", err);
	r = told_each(s, st, take_record, x, err);
	sqlite3_clear_bindings(st);
	x->count = each_once(x->rows, x->count, WIDTH, by_row);
	return r;
}

static enum outcome
read_senders(struct store *s, struct refused *x, int64_t domain_id, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "refused_senders", err);
	struct given given = { x->rows, x->count, WIDTH };
	enum outcome r;

	if (st == NULL)
		return STOP;
	sqlite3_bind_int64(st, 2, domain_id);
	if (given_bind(st, 1, &given) != SQLITE_OK)
		return db_fail(s, "refusers", err);
	x->pairs = mem_alloc((x->count + 1) * 2 * sizeof(*x->pairs));
	r = told_each(s, st, take_sender, x, err);
	sqlite3_clear_bindings(st);
	x->npairs = each_once(x->pairs, x->npairs, 2, by_pair);
	return r;
}

enum outcome
store_each_refuser(struct store *s, int64_t domain_id, const char *from, const char *to, int64_t most, enum outcome (*each)(void *ctx, int64_t sender_id),
    void *ctx, struct err *err)
{
	struct refused x = { NULL, 0, NULL, 0, 0, NULL, 0 };
	int64_t *ranges = NULL;
	size_t count = 0, i;
	enum outcome r = read_ranges(s, domain_id, from, to, most, &ranges, &count, err);

	if (r == OK && count > 0)
		r = read_records(s, &x, ranges, count, err);
	if (r == OK && x.count > 0)
		r = read_senders(s, &x, domain_id, err);
	for (i = 0; r == OK && i < x.npairs; i++)
		if (each(ctx, x.pairs[i * 2]) != OK)
			break;
	free(ranges);
	free(x.outcomes);
	free(x.rows);
	free(x.pairs);
	return r;
}
