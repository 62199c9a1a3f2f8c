/* SPDX-License-Identifier: MIT */
/*
 * What reports leave behind that were taken out of the sums again (forgotten, or replaced by a better copy). Their messages are subtracted as others are
 * added (tally.c), but a sum does not tell whether records are left, nor from which day on. So totals whose first or last day went are given those of
 * the counted records that are left, those without any go, and where some went their address is attributed anew, as if it had never been met.
 *
 * No index leads from an address to its records: days are read inwards from the end that went, until all that is looked for was found. Mostly that is
 * the next day. What was removed by retention stays as it is.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/mem.h"
#include "sql/given.h"
#include "sql/growth.h"
#include "sql/tally.h"

struct taken { struct flow_key key; int32_t day; };	/* day of the report */

/* Totals some of whose records went: what the database has of them, and which days are to be found; NO_DAY: not yet. */
struct mending {
	struct flow_key key;
	int32_t first, last, new_first, new_last;
	char open_first, open_last, has_messages;
};

struct mends {
	struct store *s;
	struct mending *list;	/* of one domain, by key */
	size_t count, open;
	struct sieve sieve;	/* their sources */
};

static int
by_key_and_day(const void *a, const void *b)
{
	const struct taken *x = a, *y = b;
	int c = flow_key_compare(&x->key, &y->key);

	return c != 0 ? c : x->day < y->day ? -1 : x->day > y->day;
}

/* In order, each key and day once. */
static void
sort(struct writer *w)
{
	size_t i, n = w->ntaken > 0;

	if (w->ntaken > 1)
		qsort(w->taken, w->ntaken, sizeof(*w->taken), by_key_and_day);
	for (i = 1; i < w->ntaken; i++)
		if (by_key_and_day(&w->taken[i], &w->taken[n - 1]) != 0)
			w->taken[n++] = w->taken[i];
	w->ntaken = n;
}

void
taken_add(struct writer *w, const struct tally *t)
{
	if (w->ntaken == w->taken_room) {
		sort(w);
		if (w->ntaken * 2 >= w->taken_room) {
			w->taken_room = w->taken_room ? w->taken_room * 2 : 1024;
			w->taken = mem_grow(w->taken, w->taken_room, sizeof(*w->taken));
		}
	}
	w->taken[w->ntaken++] = (struct taken){ { t->domain, t->source, t->auth_set, t->outcome }, t->day };
}

void
taken_drop(struct writer *w)
{
	free(w->taken);
	w->taken = NULL;
	w->ntaken = w->taken_room = 0;
}

/* --- what is left of the totals --- */

/* Looks the totals of one key up, and which of their days went. */
static enum outcome
look_up(struct mends *m, const struct taken *first, const struct taken *last, struct err *err)
{
	sqlite3_stmt *st = db_query(m->s, "flow_row", err);
	struct mending *x = &m->list[m->count];
	enum outcome r;

	if (st == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, first->key.domain);
	sqlite3_bind_int64(st, 2, first->key.source);
	sqlite3_bind_int64(st, 3, first->key.auth_set);
	sqlite3_bind_int64(st, 4, first->key.outcome);
	if ((r = db_step(m->s, st, err)) == OK) {
		int64_t messages = sqlite3_column_int64(st, 4);
		int dated = sqlite3_column_type(st, 5) != SQLITE_NULL;

		*x = (struct mending){ .key = first->key, .new_first = NO_DAY, .new_last = NO_DAY };
		x->first = dated ? sqlite3_column_int(st, 5) : NO_DAY;
		x->last = dated ? x->first + sqlite3_column_int(st, 6) : NO_DAY;
		x->has_messages = messages != 0;
		/* What was before the days that have their records stays as it is. */
		x->open_first = messages == 0 || (dated && first->day <= x->first && x->first >= m->s->writer->pruned_day);
		x->open_last = messages == 0 || (dated && last->day >= x->last);
		if (x->open_first || x->open_last) {
			m->count++;
			sieve_add(&m->sieve, first->key.source);
		}
	}
	sqlite3_reset(st);
	return r == STOP ? STOP : OK;
}

/* Reads days, from the first or (rising 0) the last of what is open, until that end of all is found. */
static enum outcome
read_days(struct mends *m, int rising, struct err *err)
{
	sqlite3_stmt *st = db_query(m->s, rising ? "taken_days_rising" : "taken_days_falling", err);
	int64_t from = INT32_MAX, to = INT32_MIN, at;
	char text[2][11];
	size_t i, open = 0;
	enum outcome r = OK;

	for (i = 0; i < m->count; i++)
		if (rising ? m->list[i].open_first : m->list[i].open_last) {
			if (m->list[i].first == NO_DAY)
				continue;
			open++;
			from = m->list[i].first < from ? m->list[i].first : from;
			to = m->list[i].last > to ? m->list[i].last : to;
		}
	if (st == NULL || open == 0)
		return st == NULL ? STOP : OK;
	if (!text_day(from * 86400, text[0]) || !text_day(to * 86400, text[1]))
		return OK;
	sqlite3_bind_int64(st, 1, m->list->key.domain);
	db_text(st, 2, text[0]);
	db_text(st, 3, text[1]);
	if (sieve_bind(st, 4, &m->sieve) != SQLITE_OK)
		return db_fail(m->s, "records", err);
	while (open > 0 && (r = db_step(m->s, st, err)) == OK) {
		struct flow_key key = { .domain = m->list->key.domain, .source = sqlite3_column_int(st, 0), .auth_set = sqlite3_column_int(st, 1),
			.outcome = sqlite3_column_int(st, 2) };
		struct mending *x = flow_key_find(m->list, m->count, sizeof(*m->list), &key);
		int32_t *found = x == NULL ? NULL : rising ? &x->new_first : &x->new_last;

		if (found == NULL || *found != NO_DAY || !text_when(db_column(st, 3), &at))
			continue;
		*found = (int32_t)(at / 86400);
		open -= rising ? x->open_first != 0 : x->open_last != 0;
	}
	sqlite3_reset(st);
	sqlite3_clear_bindings(st);
	return r == STOP ? STOP : OK;
}

/* Writes what was found: OK, END where no record is left. Messages without any day are of reports whose day is unreadable. */
static enum outcome
put(struct store *s, const struct mending *x, struct err *err)
{
	int32_t pruned = s->writer->pruned_day, first = x->open_first ? x->new_first : x->first, last = x->open_last ? x->new_last : x->last;
	int dated = first != NO_DAY, gone = !dated && !x->has_messages;
	sqlite3_stmt *st;

	/* The last ones left are of days whose records retention has removed. */
	if (dated && last == NO_DAY)
		last = pruned != NO_DAY && pruned - 1 < x->last ? pruned - 1 : x->last;
	if ((st = db_query(s, gone ? "flow_drop" : "flow_span", err)) == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, x->key.domain);
	sqlite3_bind_int64(st, 2, x->key.source);
	sqlite3_bind_int64(st, 3, x->key.auth_set);
	sqlite3_bind_int64(st, 4, x->key.outcome);
	if (!gone) {
		if (dated)
			sqlite3_bind_int64(st, 5, first);
		sqlite3_bind_int64(st, 6, dated && last > first ? last - first : 0);
	}
	s->pending++;
	return db_run(s, st, err) != OK ? STOP : gone ? END : OK;
}

/* --- attribution --- */

/* Totals of the address went: what it still has is attributed anew, by a tally of nothing for one of its totals. */
static enum outcome
attribute_anew(struct store *s, int32_t domain, int32_t source, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "flow_of_address", err);
	struct tally t = { .domain = domain, .source = source, .day = NO_DAY };
	enum outcome r;

	if (st == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, domain);
	sqlite3_bind_int64(st, 2, source);
	if ((r = db_step(s, st, err)) == OK) {
		t.auth_set = sqlite3_column_int(st, 0);
		t.outcome = sqlite3_column_int(st, 1);
	}
	sqlite3_reset(st);
	if (r != OK)
		return r == STOP ? STOP : OK;
	if (s->writer->count == TALLIES && writer_flush(s, err) != OK)
		return STOP;
	s->writer->tallies[s->writer->count++] = t;
	return OK;
}

static enum outcome
settle_domain(struct store *s, const struct taken *taken, size_t count, struct err *err)
{
	struct mends m = { .s = s, .list = mem_alloc(count * sizeof(*m.list)) };
	int32_t *went = mem_alloc(count * sizeof(*went));	/* sources */
	size_t i, j, nwent = 0;
	enum outcome r = OK;

	for (i = 0; r != STOP && i < count; i = j) {
		for (j = i + 1; j < count && flow_key_compare(&taken[j].key, &taken[i].key) == 0; j++)
			;
		r = look_up(&m, &taken[i], &taken[j - 1], err);
	}
	if (r != STOP && m.count > 0)
		r = read_days(&m, 1, err) == OK ? read_days(&m, 0, err) : STOP;
	for (i = 0; r != STOP && i < m.count; i++)
		if ((r = put(s, &m.list[i], err)) == END)
			went[nwent++] = m.list[i].key.source;
	/* Totals are kept by the analysis with their days. */
	if (r != STOP) {
		r = growth_open(s, taken->key.domain, err);
		growth_drop(s, taken->key.domain);
	}
	for (i = 0; r != STOP && i < nwent; i++)
		r = attribute_anew(s, taken->key.domain, went[i], err);
	free(went);
	free(m.list);
	return r == STOP ? STOP : OK;
}

enum outcome
taken_settle(struct store *s, struct err *err)
{
	struct writer *w = s->writer;
	enum outcome r = OK;
	size_t i, j;

	if (w->ntaken == 0)
		return OK;
	sort(w);
	w->relabel = 1;
	for (i = 0; r == OK && i < w->ntaken; i = j) {
		for (j = i + 1; j < w->ntaken && w->taken[j].key.domain == w->taken[i].key.domain; j++)
			;
		r = settle_domain(s, &w->taken[i], j - i, err);
	}
	taken_drop(w);
	if (r == OK)
		r = writer_flush(s, err);
	w->relabel = 0;
	return r;
}
