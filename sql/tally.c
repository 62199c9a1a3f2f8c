/* SPDX-License-Identifier: MIT */
/*
 * Totals in the making: each record is tallied in memory; a flush sorts the tallies, adds them to the totals of their
 * addresses (flow.c) and to the daily roll-up, in the same transaction as the records.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "sql/given.h"
#include "sql/tally.h"

/* --- sorting --- */

enum { DIGIT = 11, DIGITS = 1 << DIGIT };

/* One stable pass over DIGIT bits of the 32-bit field at this offset; returns where the tallies are now. */
static struct tally *
sort_pass(struct tally *from, struct tally *to, size_t count, size_t field, int shift)
{
	uint32_t at[DIGITS], sum = 0, n, key;
	size_t i;

	memset(at, 0, sizeof(at));
	for (i = 0; i < count; i++) {
		memcpy(&key, (const char *)&from[i] + field, sizeof(key));
		at[key >> shift & (DIGITS - 1)]++;
	}
	for (i = 0; i < DIGITS; i++) {
		if (at[i] == count)
			return from;	/* all alike */
		n = at[i];
		at[i] = sum;
		sum += n;
	}
	for (i = 0; i < count; i++) {
		memcpy(&key, (const char *)&from[i] + field, sizeof(key));
		to[at[key >> shift & (DIGITS - 1)]++] = from[i];
	}
	return to;
}

/* By domain, source, auth_set, outcome: a radix sort, the last field first. Returns the sorted tallies, in a or in b. */
static struct tally *
sort_tallies(struct tally *a, struct tally *b, size_t count)
{
	static const size_t fields[] = { offsetof(struct tally, outcome), offsetof(struct tally, auth_set), offsetof(struct tally, source),
		offsetof(struct tally, domain) };
	size_t i;
	int shift;

	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		for (shift = 0; shift < 32; shift += DIGIT)
			if (sort_pass(a, b, count, fields[i], shift) == b) {
				struct tally *swap = a;

				a = b;
				b = swap;
			}
	return a;
}

/* --- days --- */

struct day_sum { int64_t sender, messages; int32_t domain, day, outcome, way; };

struct days {
	struct day_sum *at;
	size_t count, room;
	uint32_t *slots;	/* index + 1 in at; open addressing */
	size_t mask;
};

static size_t
day_slot(const struct days *d, const struct day_sum *x)
{
	uint64_t h = ((uint64_t)(uint32_t)x->domain << 32 | (uint32_t)x->day) * 0x9e3779b97f4a7c15u;
	size_t i;

	h = (h ^ h >> 29 ^ (uint64_t)x->sender ^ (uint64_t)x->outcome << 32 ^ (uint64_t)x->way << 56) * 0x9fb21c651e98df25u;
	for (i = (size_t)(h >> 24) & d->mask; d->slots[i] != 0; i = (i + 1) & d->mask) {
		const struct day_sum *y = &d->at[d->slots[i] - 1];

		if (y->domain == x->domain && y->day == x->day && y->sender == x->sender && y->way == x->way && y->outcome == x->outcome)
			break;
	}
	return i;
}

static void
days_grow(struct days *d)
{
	size_t i;

	d->room = d->room ? d->room * 2 : 1024;
	d->at = mem_grow(d->at, d->room, sizeof(*d->at));
	free(d->slots);
	d->mask = d->room * 2 - 1;
	d->slots = mem_alloc((d->mask + 1) * sizeof(*d->slots));
	for (i = 0; i < d->count; i++)
		d->slots[day_slot(d, &d->at[i])] = (uint32_t)i + 1;
}

void
days_add(struct days *d, int32_t domain, int32_t day, int64_t sender, int64_t way, int64_t outcome, int64_t messages)
{
	struct day_sum x = { sender, messages, domain, day, (int32_t)outcome, (int32_t)way };
	size_t slot;

	if (d->count == d->room)
		days_grow(d);
	slot = day_slot(d, &x);
	if (d->slots[slot] != 0) {
		d->at[d->slots[slot] - 1].messages += messages;
		return;
	}
	d->at[d->count] = x;
	d->slots[slot] = (uint32_t)++d->count;
}

static int
by_day(const void *a, const void *b)
{
	const struct day_sum *x = a, *y = b;

	if (x->domain != y->domain)
		return x->domain < y->domain ? -1 : 1;
	if (x->day != y->day)
		return x->day < y->day ? -1 : 1;
	if (x->sender != y->sender)
		return x->sender < y->sender ? -1 : 1;
	if (x->way != y->way)
		return x->way < y->way ? -1 : 1;
	return x->outcome < y->outcome ? -1 : x->outcome > y->outcome;
}

static enum outcome
drop_empty_day(struct store *s, const struct day_sum *x, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "daily_drop_empty", err);
	char day[11];

	if (st == NULL || !text_day((int64_t)x->day * 86400, day))
		return st == NULL ? STOP : OK;
	sqlite3_bind_int64(st, 1, x->domain);
	db_text(st, 2, day);
	sqlite3_bind_int64(st, 3, x->sender);
	sqlite3_bind_int64(st, 4, x->way);
	sqlite3_bind_int64(st, 5, x->outcome);
	return db_run(s, st, err);
}

static enum outcome
days_write(struct store *s, struct days *d, struct err *err)
{
	enum { WIDTH = 6 };
	int64_t *rows = mem_alloc((d->count + 1) * WIDTH * sizeof(*rows)), *x = rows;
	enum outcome r = OK;
	size_t i, n = 0;

	if (d->count > 0)
		qsort(d->at, d->count, sizeof(*d->at), by_day);
	for (i = 0; i < d->count; i++) {
		if (d->at[i].messages == 0)
			continue;
		x = rows + n++ * WIDTH;
		x[0] = d->at[i].domain;
		x[1] = d->at[i].day;
		x[2] = d->at[i].sender;
		x[3] = d->at[i].way;
		x[4] = d->at[i].outcome;
		x[5] = d->at[i].messages;
	}
	if (n > 0)
		r = given_run(s, "days_put", rows, n, WIDTH, err);
	free(rows);
	for (i = 0; r == OK && i < d->count; i++)
		if (d->at[i].messages < 0)
			r = drop_empty_day(s, &d->at[i], err);
	return r;
}

/* --- the flush --- */

static enum outcome
touch_domains(struct store *s, const struct tally *sorted, size_t count, struct err *err)
{
	size_t i;

	for (i = 0; i < count; i++)
		if ((i == 0 || sorted[i].domain != sorted[i - 1].domain) && analysed_touch(s, sorted[i].domain, err) != OK)
			return STOP;
	return OK;
}

/* A flush under way: while the next tallies are gathered, these are added chunk by chunk. */
struct flush {
	struct tally *tallies;		/* sorted */
	struct days days;
	struct flow_run *run;
};

void
flush_drop(struct writer *w)
{
	struct flush *f = w->flush;

	if (f == NULL)
		return;
	flow_end(f->run);
	free(f->tallies);
	free(f->days.at);
	free(f->days.slots);
	free(f);
	w->flush = NULL;
}

enum outcome
flush_some(struct store *s, struct err *err)
{
	struct writer *w = s->writer;
	enum outcome r;

	if (w->flush == NULL)
		return END;
	walks_free(s);
	r = flow_some(w->flush->run, err);
	if (r == OK)
		return OK;
	if (r == END && days_write(s, &w->flush->days, err) != OK)
		r = STOP;
	flush_drop(w);
	return r;
}

static enum outcome
flush_rest(struct store *s, struct err *err)
{
	enum outcome r;

	do
		r = flush_some(s, err);
	while (r == OK);
	return r == STOP ? STOP : OK;
}

enum outcome
flush_begin(struct store *s, struct err *err)
{
	struct writer *w = s->writer;
	struct tally *spare;
	struct flush *f;
	enum outcome r;

	if (flush_rest(s, err) != OK)
		return STOP;
	if (w->count == 0)
		return OK;
	spare = mem_alloc(TALLIES * sizeof(*spare));
	f = w->flush = mem_alloc(sizeof(*f));
	f->tallies = sort_tallies(w->tallies, spare, w->count);
	if (f->tallies == w->tallies)
		w->tallies = spare;
	f->run = flow_begin(s, f->tallies, w->count, &f->days);
	r = touch_domains(s, f->tallies, w->count, err);
	w->count = w->saved_count = 0;
	return r;
}

enum outcome
writer_flush(struct store *s, struct err *err)
{
	if (s->writer == NULL)
		return OK;
	if (records_write(s, err) != OK || flush_begin(s, err) != OK)
		return STOP;
	return flush_rest(s, err);
}

/* One slice of a report's records into the tallies: OK there are more, END. */
static enum outcome
tally_slice(struct store *s, int64_t report, int sign, int64_t *from, struct err *err)
{
	struct writer *w = s->writer;
	sqlite3_stmt *st = db_query(s, "report_tallies", err);
	int64_t day;
	size_t room = TALLIES - w->count, n = 0;
	enum outcome r;

	if (st == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, report);
	sqlite3_bind_int64(st, 2, *from);
	sqlite3_bind_int64(st, 3, (int64_t)room);
	while ((r = db_step(s, st, err)) == OK) {
		struct tally *t = &w->tallies[w->count];

		*from = sqlite3_column_int64(st, 0);
		t->domain = sqlite3_column_int(st, 1);
		t->source = sqlite3_column_int(st, 2);
		t->auth_set = sqlite3_column_int(st, 3);
		t->outcome = sqlite3_column_int(st, 4);
		t->messages = sign * sqlite3_column_int64(st, 5);
		t->day = db_column(st, 6) != NULL && text_when(db_column(st, 6), &day) ? (int32_t)(day / 86400) : NO_DAY;
		w->undated |= t->day == NO_DAY;
		w->count++;
		n++;
	}
	return r == STOP ? STOP : n == room ? OK : END;
}

enum outcome
tally_more(struct store *s, int64_t report, int sign, struct err *err)
{
	int64_t from = 0;
	enum outcome r = OK;

	/* A flush may come between two slices, so the records are read by their id. */
	while (r == OK) {
		if (s->writer->count == TALLIES && writer_flush(s, err) != OK)
			return STOP;
		r = tally_slice(s, report, sign, &from, err);
	}
	return r == STOP ? STOP : OK;
}

enum outcome
tally_report(struct store *s, int64_t report, int sign, struct err *err)
{
	/* What waits is written first, so that taking out meets the rows that were put in. */
	if (writer_flush(s, err) != OK || tally_more(s, report, sign, err) != OK)
		return STOP;
	return writer_flush(s, err);
}

enum outcome
store_settle(struct store *s, struct err *err)
{
	static const char *const steps[] = { "daily_forget", "daily_rebuild", "domain_settled" };
	sqlite3_stmt *st;
	int64_t domain;
	enum outcome r;
	size_t i;

	walks_free(s);
	if (writer_get(s, err) == NULL || writer_flush(s, err) != OK)
		return STOP;
	for (;;) {
		if ((st = db_query(s, "domain_next_stale", err)) == NULL || (r = db_step(s, st, err)) == STOP)
			return STOP;
		if (r == END)
			return OK;
		domain = sqlite3_column_int64(st, 0);
		sqlite3_reset(st);
		for (i = 0; i < 3; i++) {
			if ((st = db_query(s, steps[i], err)) == NULL)
				return STOP;
			sqlite3_bind_int64(st, 1, domain);
			if (db_run(s, st, err) != OK)
				return STOP;
		}
		s->pending++;
	}
}
