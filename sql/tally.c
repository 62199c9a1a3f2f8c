/* SPDX-License-Identifier: MIT */
/*
 * Totals in the making: each record is tallied in memory; a flush sorts the tallies, adds them to the totals of their
 * addresses (flow.c) and to the daily roll-up (days.c), in the same transaction as the records.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "sql/growth.h"
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

/* --- keys --- */

int
flow_key_compare(const struct flow_key *a, const struct flow_key *b)
{
	if (a->domain != b->domain)
		return a->domain < b->domain ? -1 : 1;
	if (a->source != b->source)
		return a->source < b->source ? -1 : 1;
	if (a->auth_set != b->auth_set)
		return a->auth_set < b->auth_set ? -1 : 1;
	return a->outcome < b->outcome ? -1 : a->outcome > b->outcome;
}

void *
flow_key_find(void *list, size_t count, size_t size, const struct flow_key *key)
{
	size_t low = 0, high = count, mid;
	char *items = list;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (flow_key_compare((const void *)(items + mid * size), key) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low < count && flow_key_compare((const void *)(items + low * size), key) == 0 ? items + low * size : NULL;
}

/* --- the flush --- */

static enum outcome
touch_domains(struct store *s, const struct tally *sorted, size_t count, struct err *err)
{
	size_t i;

	for (i = 0; i < count; i++)
		if ((i == 0 || sorted[i].domain != sorted[i - 1].domain) && growth_open(s, sorted[i].domain, err) != OK)
			return STOP;
	return OK;
}

/* A flush under way: while the next tallies are gathered, these are added chunk by chunk. */
struct flush {
	struct tally *tallies;		/* sorted */
	struct days *days;
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
	days_free(f->days);
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
	if (r == END && days_write(s, w->flush->days, err) != OK)
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
	f->days = days_new();
	f->run = flow_begin(s, f->tallies, w->count, f->days);
	w->unsummed = w->next_source;
	w->earlier = w->flushed_to;
	w->flushed_to = w->tallied_to;
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
		if (sign < 0)
			taken_add(w, t);
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

	/* Which records were added before is not told by their numbers any more. */
	if (moves_give_up(s, err) != OK)
		return STOP;
	s->writer->out_of_order = 1;

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
	if (writer_flush(s, err) != OK || tally_more(s, report, sign, err) != OK || writer_flush(s, err) != OK)
		return STOP;
	s->writer->out_of_order = 0;
	return OK;
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
	if (db_write(s, err) != OK)
		return STOP;
	if (s->writer != NULL) {
		if (writer_flush(s, err) != OK || taken_settle(s, err) != OK || moves_settle(s, err) != OK)
			return STOP;
		s->writer->out_of_order = 0;
	}
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
