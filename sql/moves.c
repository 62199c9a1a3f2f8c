/* SPDX-License-Identifier: MIT */
/*
 * Rows of flow that became another sender's, corrected in the daily roll-up without building days anew: the records of their days are read
 * once, and what each of them had brought before the row moved goes from the old sender to the new one. Records are added to the totals in
 * the order of their numbers, so that a move concerns those up to the last one added before it; a row may move more than once.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "sql/given.h"
#include "sql/tally.h"

enum { MOVES_MAX = 32768 };	/* more are not worth looking for: the days are built anew */

struct moves { struct move move; int64_t upto; uint32_t number; };

int
moves_add(struct writer *w, const struct move *m)
{
	size_t n = w->nmoves;

	if (n == MOVES_MAX || w->out_of_order)
		return 0;
	if ((n & (n - 1)) == 0)
		w->moves = mem_grow(w->moves, n > 0 ? n * 2 : 1, sizeof(*w->moves));
	w->moves[n] = (struct moves){ *m, w->relabel ? INT64_MAX : w->earlier, (uint32_t)n };
	w->nmoves++;
	return 1;
}

void
moves_drop(struct writer *w, size_t count)
{
	if (w->nmoves > count)
		w->nmoves = count;
}

enum outcome
moves_give_up(struct store *s, struct err *err)
{
	struct writer *w = s->writer;
	size_t i;

	for (i = 0; i < w->nmoves; i++)
		if (mark_stale(s, w->moves[i].move.domain, w->moves[i].move.first_day, err) != OK)
			return STOP;
	w->nmoves = w->saved_moves = 0;
	return OK;
}

static int
compare_keys(const struct move *a, const struct move *b)
{
	if (a->domain != b->domain)
		return a->domain < b->domain ? -1 : 1;
	if (a->source != b->source)
		return a->source < b->source ? -1 : 1;
	if (a->auth_set != b->auth_set)
		return a->auth_set < b->auth_set ? -1 : 1;
	return a->outcome < b->outcome ? -1 : a->outcome > b->outcome;
}

/* By key, then in the order they happened. */
static int
by_key(const void *a, const void *b)
{
	const struct moves *x = a, *y = b;
	int c = compare_keys(&x->move, &y->move);

	return c != 0 ? c : x->number < y->number ? -1 : x->number > y->number;
}

/* The first of this key among count in their order; NULL. */
static const struct moves *
find(const struct moves *list, size_t count, const struct move *key)
{
	size_t low = 0, high = count, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (compare_keys(&list[mid].move, key) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low < count && compare_keys(&list[low].move, key) == 0 ? &list[low] : NULL;
}

static void
move_record(struct days *days, const struct moves *m, const struct moves *end, int64_t record, int32_t day, int64_t messages)
{
	const struct move *key = &m->move;

	for (; m < end && compare_keys(&m->move, key) == 0; m++) {
		if (record > m->upto)
			continue;
		days_add(days, key->domain, day, m->move.old_sender, m->move.old_way, key->outcome, -messages);
		days_add(days, key->domain, day, m->move.sender, m->move.way, key->outcome, messages);
	}
}

static enum outcome
settle_domain(struct store *s, const struct moves *list, size_t count, struct days *days, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "records_of_days", err);
	int32_t first = list->move.first_day, last = list->move.last_day;
	struct sieve sieve = { { 0 } };
	char from[11], to[11];
	int64_t at;
	enum outcome r;
	size_t i;

	for (i = 0; i < count; i++) {
		const struct move *m = &list[i].move;

		first = m->first_day < first ? m->first_day : first;
		last = m->last_day > last ? m->last_day : last;
		sieve_add(&sieve, m->source);
	}
	if (st == NULL)
		return STOP;
	if (!text_day((int64_t)first * 86400, from) || !text_day((int64_t)last * 86400, to))
		return mark_stale(s, list->move.domain, first, err);
	sqlite3_bind_int64(st, 1, list->move.domain);
	db_text(st, 2, from);
	db_text(st, 3, to);
	if (sieve_bind(st, 4, &sieve) != SQLITE_OK)
		return STOP;
	while ((r = db_step(s, st, err)) == OK) {
		struct move key = { .domain = list->move.domain, .source = sqlite3_column_int(st, 1) };
		const struct moves *m;

		key.auth_set = sqlite3_column_int(st, 2);
		key.outcome = sqlite3_column_int(st, 3);
		m = find(list, count, &key);
		if (m != NULL && text_when(db_column(st, 5), &at))
			move_record(days, m, list + count, sqlite3_column_int64(st, 0), (int32_t)(at / 86400), sqlite3_column_int64(st, 4));
	}
	sqlite3_clear_bindings(st);
	return r == STOP ? STOP : OK;
}

enum outcome
moves_settle(struct store *s, struct err *err)
{
	struct writer *w = s->writer;
	struct days *days;
	enum outcome r = OK;
	size_t i, j;

	if (w->nmoves == 0)
		return OK;
	days = days_new();
	qsort(w->moves, w->nmoves, sizeof(*w->moves), by_key);
	for (i = 0; r == OK && i < w->nmoves; i = j) {
		for (j = i + 1; j < w->nmoves && w->moves[j].move.domain == w->moves[i].move.domain; j++)
			;
		r = settle_domain(s, w->moves + i, j - i, days, err);
	}
	if (r == OK)
		r = days_write(s, days, err);
	days_free(days);
	w->nmoves = w->saved_moves = 0;
	return r;
}
