/* SPDX-License-Identifier: MIT */
/*
 * Rows of flow that became another sender's, corrected in the daily roll-up without building days anew: the records of their days are read
 * once, and what each of them had brought before the row moved goes from the old sender to the new one. Records are added to the totals in
 * the order of their numbers, so that a move concerns those up to the last one added before it; a row may move more than once.
 *
 * No index tells which records a row sums up. But most rows that move are small: all they have came on their first day and their last. So these
 * days are read first; what lies between only where messages are not found yet, and of that only days on which the roll-up has such mail of the
 * old sender; and nothing once all are found.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "sql/given.h"
#include "sql/tally.h"

enum {
	MOVES_MAX = 32768,	/* more are not worth looking for: the days are built anew */
	SPARSE_MOST = 32	/* old senders that are looked for day by day; of more, all days are read */
};

struct moves { struct move move; int64_t upto, found; uint32_t number; };	/* found: messages */

/* The moves of one domain. */
struct settling {
	struct store *s;
	struct moves *list;
	size_t count, open;		/* open: messages of so many are not all found */
	struct days *days;
	struct sieve sieve;		/* their sources */
	struct span { int64_t first, last; } *read, *spans;	/* days read and days to be read, rising and apart; room for two a move */
	size_t nread, nspans;
	struct given olds;	/* old sender, way and outcome of the moves that are still open */
	int sparse;		/* 1: only days on which the roll-up has mail of olds are read */
};

int
moves_add(struct writer *w, const struct move *m)
{
	size_t n = w->nmoves;

	if (n == MOVES_MAX || w->out_of_order)
		return 0;
	if ((n & (n - 1)) == 0)
		w->moves = mem_grow(w->moves, n > 0 ? n * 2 : 1, sizeof(*w->moves));
	w->moves[n] = (struct moves){ *m, w->relabel ? INT64_MAX : w->earlier, 0, (uint32_t)n };
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
		if (mark_stale(s, w->moves[i].move.key.domain, w->moves[i].move.first_day, err) != OK)
			return STOP;
	w->nmoves = w->saved_moves = 0;
	return OK;
}

/* By key, then in the order they happened. */
static int
by_key(const void *a, const void *b)
{
	const struct moves *x = a, *y = b;
	int c = flow_key_compare(&x->move.key, &y->move.key);

	return c != 0 ? c : x->number < y->number ? -1 : x->number > y->number;
}

static void
move_record(struct settling *x, struct moves *m, int64_t record, int32_t day, int64_t messages)
{
	const struct flow_key key = m->move.key;

	for (; m < x->list + x->count && flow_key_compare(&m->move.key, &key) == 0; m++) {
		if (record > m->upto || messages == 0)
			continue;
		days_add(x->days, key.domain, day, m->move.old_sender, m->move.old_way, key.outcome, -messages);
		days_add(x->days, key.domain, day, m->move.sender, m->move.way, key.outcome, messages);
		m->found += messages;
		x->open -= m->found == m->move.messages;
	}
}

/* --- which days --- */

static int
by_first(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	return x->first < y->first ? -1 : x->first > y->first;
}

/* Sorts spans, and makes one of those that meet; returns how many are left. */
static size_t
join(struct span *spans, size_t count)
{
	size_t i, n = count > 0;

	if (count > 1)
		qsort(spans, count, sizeof(*spans), by_first);
	for (i = 1; i < count; i++) {
		if (spans[i].first > spans[n - 1].last + 1)
			spans[n++] = spans[i];
		else if (spans[i].last > spans[n - 1].last)
			spans[n - 1].last = spans[i].last;
	}
	return n;
}

static int64_t
days_of(const struct span *spans, size_t count)
{
	int64_t days = 0;
	size_t i;

	for (i = 0; i < count; i++)
		days += spans[i].last - spans[i].first + 1;
	return days;
}

static int
was_read(const struct settling *x, int64_t day)
{
	size_t low = 0, high = x->nread, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (x->read[mid].last < day)
			low = mid + 1;
		else
			high = mid;
	}
	return low < x->nread && x->read[low].first <= day;
}

/*
 * What is to be read for the moves that are still open: their first and their last days alone, or what of their days can matter. Until moves are
 * settled, what a row had brought is in the roll-up under the old sender of one of its moves: of the latest, or of an earlier one, open as well.
 */
static void
choose(struct settling *x, int64_t *olds, int ends)
{
	size_t i, n = 0;

	x->olds = (struct given){ olds, 0, 3 };
	for (i = 0; i < x->count; i++) {
		const struct move *m = &x->list[i].move;
		int64_t *old = olds + x->olds.count * 3;

		if (x->list[i].found >= m->messages)
			continue;
		old[0] = m->old_sender;
		old[1] = m->old_way;
		old[2] = m->key.outcome;
		x->olds.count++;
		x->spans[n++] = (struct span){ m->first_day, ends ? m->first_day : m->last_day };
		if (ends)
			x->spans[n++] = (struct span){ m->last_day, m->last_day };
	}
	x->nspans = join(x->spans, n);
	x->sparse = !ends && x->olds.count <= SPARSE_MOST;
}

/* --- reading --- */

/* Moves what the records of one span had brought, on days that were not read before. */
static enum outcome
read_span(struct settling *x, const struct span *span, struct err *err)
{
	struct flow_key key = { .domain = x->list->move.key.domain };
	sqlite3_stmt *st = db_query(x->s, "records_of_days", err);
	char from[11], to[11];
	enum outcome r = OK;
	int64_t at;

	if (st == NULL)
		return STOP;
	if (!text_day(span->first * 86400, from) || !text_day(span->last * 86400, to))
		return mark_stale(x->s, key.domain, (int32_t)span->first, err);
	sqlite3_bind_int64(st, 1, key.domain);
	db_text(st, 2, from);
	db_text(st, 3, to);
	if (sieve_bind(st, 4, &x->sieve) != SQLITE_OK || given_bind(st, 5, &x->olds) != SQLITE_OK)
		return STOP;
	sqlite3_bind_int(st, 6, x->sparse);
	while (x->open > 0 && (r = db_step(x->s, st, err)) == OK) {
		struct moves *m;

		key.source = sqlite3_column_int(st, 1);
		key.auth_set = sqlite3_column_int(st, 2);
		key.outcome = sqlite3_column_int(st, 3);
		m = flow_key_find(x->list, x->count, sizeof(*x->list), &key);
		if (m != NULL && text_when(db_column(st, 5), &at) && !was_read(x, at / 86400))
			move_record(x, m, sqlite3_column_int64(st, 0), (int32_t)(at / 86400), sqlite3_column_int64(st, 4));
	}
	sqlite3_reset(st);
	sqlite3_clear_bindings(st);
	return r == STOP ? STOP : OK;
}

static enum outcome
read_chosen(struct settling *x, struct err *err)
{
	enum outcome r = OK;
	size_t i;

	for (i = 0; r == OK && x->open > 0 && i < x->nspans; i++)
		r = read_span(x, &x->spans[i], err);
	return r;
}

static enum outcome
settle_domain(struct settling *x, struct err *err)
{
	int64_t *olds = mem_alloc(x->count * 3 * sizeof(*olds)), all, ends;
	enum outcome r = OK;
	size_t i;

	x->open = x->count;
	x->nread = 0;
	memset(&x->sieve, 0, sizeof(x->sieve));
	for (i = 0; i < x->count; i++)
		sieve_add(&x->sieve, x->list[i].move.key.source);
	choose(x, olds, 0);
	all = days_of(x->spans, x->nspans);
	choose(x, olds, 1);
	ends = days_of(x->spans, x->nspans);
	if (ends * 2 <= all) {
		r = read_chosen(x, err);
		memcpy(x->read, x->spans, x->nspans * sizeof(*x->read));
		x->nread = x->nspans;
	}
	choose(x, olds, 0);
	if (r == OK)
		r = read_chosen(x, err);
	free(olds);
	return r;
}

enum outcome
moves_settle(struct store *s, struct err *err)
{
	struct writer *w = s->writer;
	struct settling x = { .s = s };
	enum outcome r = OK;
	size_t i;

	if (w->nmoves == 0)
		return OK;
	x.days = days_new();
	x.read = mem_alloc(w->nmoves * 2 * sizeof(*x.read));
	x.spans = mem_alloc(w->nmoves * 2 * sizeof(*x.spans));
	qsort(w->moves, w->nmoves, sizeof(*w->moves), by_key);
	for (i = 0; r == OK && i < w->nmoves; i += x.count) {
		x.list = w->moves + i;
		for (x.count = 1; i + x.count < w->nmoves && x.list[x.count].move.key.domain == x.list->move.key.domain; x.count++)
			;
		r = settle_domain(&x, err);
	}
	if (r == OK)
		r = days_write(s, x.days, err);
	free(x.read);
	free(x.spans);
	days_free(x.days);
	w->nmoves = w->saved_moves = 0;
	return r;
}
