/* SPDX-License-Identifier: MIT */
/*
 * Who refused whose mail of a domain. Records name no sender, and those that were refused are few: they are gathered first, and then their
 * totals are looked up in the order in which these lie, each once. Asked is how many receivers refused one sender's mail, so records of those who
 * are known to have are left alone: the newest are read first, and more of them only for receivers that are in question still.
 */
#include "sql/refusers.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/mem.h"
#include "sql/given.h"
#include "sql/told.h"

enum {
	WIDTH = 4,		/* source, auth_set, outcome, reporter */
	RECORDS_FIRST = 1024	/* records read first; each time more are needed twice as many */
};

struct range { int64_t first, last, reporter; };	/* records of one report; reporter: that which stands for all of its name */

struct refusers {
	int64_t domain;			/* 0: none */
	struct range *ranges;		/* of its newest reports, as far as they were not read */
	size_t nranges;
	int64_t *outcomes;		/* of refused mail, rising */
	size_t noutcomes;
	struct sieve sieve;		/* the same */
	int64_t *rows;			/* of WIDTH: refused records, while they are looked up */
	size_t count, room;
	int64_t *pairs;			/* (sender, reporter), sorted, each once */
	size_t npairs;
};

static enum outcome
take_record(void *ctx, sqlite3_value **row)
{
	int64_t outcome = sqlite3_value_int64(row[2]);
	struct refusers *x = ctx;
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
	struct refusers *x = ctx;

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
load_outcomes(struct store *s, struct refusers *x, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "outcomes_refused", err);
	enum outcome r;

	if (st == NULL)
		return STOP;
	while ((r = db_step(s, st, err)) == OK) {
		if ((x->noutcomes & (x->noutcomes - 1)) == 0)
			x->outcomes = mem_grow(x->outcomes, x->noutcomes > 0 ? x->noutcomes * 2 : 1, sizeof(*x->outcomes));
		x->outcomes[x->noutcomes] = sqlite3_column_int64(st, 0);
		sieve_add(&x->sieve, x->outcomes[x->noutcomes++]);
	}
	return r == STOP ? STOP : OK;
}

/* The query at its row: the reporter that stands for all of the same name, and that name; NULL: failed. */
static sqlite3_stmt *
alike_of(struct store *s, int64_t reporter, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "reporter_alike", err);

	if (st == NULL)
		return NULL;
	sqlite3_bind_int64(st, 1, reporter);
	return db_step(s, st, err) == OK ? st : NULL;
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
		if ((st = alike_of(s, reporter, err)) == NULL)
			return STOP;
		*x = (struct alike){ reporter, sqlite3_column_int64(st, 0) };
		sqlite3_reset(st);
	}
	*same = x->same;
	return OK;
}

/* Of the newest reports, until most records are reached. */
static enum outcome
read_ranges(struct store *s, struct refusers *x, const char *from, const char *to, int64_t most, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "reports_heard", err);
	struct alike known[ALIKE] = { { 0, 0 } };
	size_t room = 0;
	enum outcome r = st == NULL ? STOP : OK;

	if (st != NULL) {
		sqlite3_bind_int64(st, 1, x->domain);
		db_text(st, 2, from);
		db_text(st, 3, to);
	}
	while (r == OK && most > 0 && (r = db_step(s, st, err)) == OK) {
		int64_t first = sqlite3_column_int64(st, 0), last = sqlite3_column_int64(st, 1);
		struct range *range;

		if (x->nranges == room) {
			room = room ? room * 2 : 64;
			x->ranges = mem_grow(x->ranges, room, sizeof(*x->ranges));
		}
		range = &x->ranges[x->nranges++];
		range->first = first;
		range->last = last < first + most ? last : first + most - 1;
		if (same_name(s, known, sqlite3_column_int64(st, 3), &range->reporter, err) != OK)
			r = STOP;
		most -= sqlite3_column_int64(st, 2);
	}
	if (st != NULL)
		sqlite3_reset(st);
	return r == STOP ? STOP : OK;
}

static enum outcome
read_records(struct store *s, struct refusers *x, const struct range *ranges, size_t count, struct err *err)
{
	struct given given = { (const int64_t *)ranges, count, 3 };
	sqlite3_stmt *st = db_query(s, "records_refused", err);
	enum outcome r;

	if (st == NULL)
		return STOP;
	if (given_bind(st, 1, &given) != SQLITE_OK || sieve_bind(st, 2, &x->sieve) != SQLITE_OK)
		return db_fail(s, "refusers", err);
	x->count = 0;
	r = told_each(s, st, take_record, x, err);
	sqlite3_clear_bindings(st);
	x->count = each_once(x->rows, x->count, WIDTH, by_row);
	return r;
}

/* Their senders, among the pairs. */
static enum outcome
read_senders(struct store *s, struct refusers *x, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "refused_senders", err);
	struct given given = { x->rows, x->count, WIDTH };
	enum outcome r;

	if (st == NULL)
		return STOP;
	sqlite3_bind_int64(st, 2, x->domain);
	if (given_bind(st, 1, &given) != SQLITE_OK)
		return db_fail(s, "refusers", err);
	x->pairs = mem_grow(x->pairs, x->npairs + x->count + 1, 2 * sizeof(*x->pairs));
	r = told_each(s, st, take_sender, x, err);
	sqlite3_clear_bindings(st);
	x->npairs = each_once(x->pairs, x->npairs, 2, by_pair);
	return r;
}

static enum outcome
read_name(struct store *s, int64_t reporter, struct arena *arena, const char **name, struct err *err)
{
	sqlite3_stmt *st = alike_of(s, reporter, err);

	if (st == NULL)
		return STOP;
	*name = sqlite3_column_bytes(st, 1) > 0 ? arena_str(arena, db_column(st, 1)) : NULL;
	sqlite3_reset(st);
	return OK;
}

/* --- what is asked --- */

static int
has_pair(const struct refusers *x, int64_t sender, int64_t reporter)
{
	const int64_t pair[2] = { sender, reporter };

	return x->npairs > 0 && bsearch(pair, x->pairs, x->npairs, sizeof(pair), by_pair) != NULL;
}

/* Moves the newest ranges of receivers in question to the list *out, until `records` are reached; returns how many. */
static size_t
choose(struct refusers *x, int64_t sender, int64_t records, struct range *out)
{
	size_t i, n = 0, left = 0;

	for (i = 0; i < x->nranges; i++) {
		const struct range *range = &x->ranges[i];

		if (records <= 0 || has_pair(x, sender, range->reporter)) {
			x->ranges[left++] = *range;
			continue;
		}
		records -= range->last - range->first + 1;
		out[n++] = *range;
	}
	x->nranges = left;
	return n;
}

static enum outcome
look_for(struct store *s, struct refusers *x, int64_t sender, struct err *err)
{
	struct range *some = mem_alloc((x->nranges + 1) * sizeof(*some));
	int64_t records = RECORDS_FIRST;
	enum outcome r = OK;
	size_t n;

	for (; r == OK && (n = choose(x, sender, records, some)) > 0; records *= 2) {
		r = read_records(s, x, some, n, err);
		if (r == OK && x->count > 0)
			r = read_senders(s, x, err);
	}
	free(some);
	return r;
}

static void
forget(struct refusers *x)
{
	free(x->ranges);
	free(x->outcomes);
	free(x->rows);
	free(x->pairs);
	*x = (struct refusers){ .domain = 0 };
}

void
refusers_free(struct refusers *x)
{
	if (x == NULL)
		return;
	forget(x);
	free(x);
}

enum outcome
refusers_count(struct refusers **at, struct store *s, const struct refusal *q, struct arena *arena, size_t *count, const char **only, struct err *err)
{
	struct refusers *x = *at = *at != NULL ? *at : mem_alloc(sizeof(*x));
	int64_t last = 0;
	size_t i;

	if (x->domain != q->domain_id) {
		forget(x);
		x->domain = q->domain_id;
		if (load_outcomes(s, x, err) != OK || read_ranges(s, x, q->from, q->to, q->most, err) != OK) {
			forget(x);
			return STOP;
		}
	}
	if (look_for(s, x, q->sender_id, err) != OK) {
		forget(x);
		return STOP;
	}
	*count = 0;
	*only = NULL;
	for (i = 0; i < x->npairs; i++)
		if (x->pairs[i * 2] == q->sender_id) {
			last = x->pairs[i * 2 + 1];
			++*count;
		}
	return *count == 1 ? read_name(s, last, arena, only, err) : OK;
}
