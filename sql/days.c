/* SPDX-License-Identifier: MIT */
/* Sums of days, gathered in memory and added to the daily roll-up by one statement. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "sql/given.h"
#include "sql/tally.h"

struct day_sum { int64_t sender, messages; int32_t domain, day, outcome, way; };

struct days {
	struct day_sum *at;
	size_t count, room;
	uint32_t *slots;	/* index + 1 in at; open addressing */
	size_t mask;
};

struct days *
days_new(void)
{
	return mem_alloc(sizeof(struct days));
}

void
days_free(struct days *d)
{
	if (d == NULL)
		return;
	free(d->at);
	free(d->slots);
	free(d);
}

size_t
days_count(const struct days *d)
{
	return d->count;
}

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

enum { WIDTH = 6 };	/* of what days_put is given */

static void
put_row(int64_t *row, const struct day_sum *x)
{
	row[0] = x->domain;
	row[1] = x->day;
	row[2] = x->sender;
	row[3] = x->way;
	row[4] = x->outcome;
	row[5] = x->messages;
}

/* NAME of the row x; day is borrowed until it was run. */
static sqlite3_stmt *
query_of_day(struct store *s, const char *name, const struct day_sum *x, char day[11], struct err *err)
{
	sqlite3_stmt *st = db_query(s, name, err);

	if (st == NULL)
		return NULL;
	sqlite3_bind_int64(st, 1, x->domain);
	db_text(st, 2, text_day((int64_t)x->day * 86400, day) ? day : NULL);
	sqlite3_bind_int64(st, 3, x->sender);
	sqlite3_bind_int64(st, 4, x->way);
	sqlite3_bind_int64(st, 5, x->outcome);
	return st;
}

/*
 * Days whose records retention removes stay with the sender they had when what an address sent becomes another's. So what a late report had brought there
 * may not be with its sender of now: what that lacks is taken from those that have it.
 */
static enum outcome
take_lacking(struct store *s, const struct day_sum *x, struct err *err)
{
	char day[11];

	for (;;) {
		sqlite3_stmt *st = query_of_day(s, "daily_lacking", x, day, err);
		int64_t rows[2 * WIDTH], lacking, other;
		struct day_sum to = *x, from = *x;
		enum outcome r;

		if (st == NULL || (r = db_step(s, st, err)) == STOP)
			return STOP;
		if (r == END)
			return OK;
		lacking = sqlite3_column_int64(st, 0);
		from.sender = sqlite3_column_int64(st, 1);
		from.way = sqlite3_column_int(st, 2);
		other = sqlite3_column_int64(st, 3);
		sqlite3_reset(st);
		to.messages = lacking < other ? lacking : other;
		from.messages = -to.messages;
		put_row(rows, &to);
		put_row(rows + WIDTH, &from);
		if (given_run(s, "days_put", rows, 2, WIDTH, err) != OK || (st = query_of_day(s, "daily_drop_empty", &from, day, err)) == NULL ||
		    db_run(s, st, err) != OK)
			return STOP;
	}
}

static enum outcome
drop_empty_day(struct store *s, const struct day_sum *x, struct err *err)
{
	sqlite3_stmt *st;
	char day[11];

	if (x->day < s->writer->pruned_day && take_lacking(s, x, err) != OK)
		return STOP;
	return (st = query_of_day(s, "daily_drop_empty", x, day, err)) == NULL ? STOP : db_run(s, st, err);
}

enum outcome
days_write(struct store *s, struct days *d, struct err *err)
{
	enum { WRITE = 4096 };	/* rows written by one statement: all at once would be as much memory again */
	int64_t *rows = mem_alloc(WRITE * WIDTH * sizeof(*rows));
	enum outcome r = OK;
	size_t i, n = 0;

	if (d->count > 0)
		qsort(d->at, d->count, sizeof(*d->at), by_day);
	for (i = 0; r == OK && i < d->count; i++) {
		if (d->at[i].messages != 0)
			put_row(rows + n++ * WIDTH, &d->at[i]);
		if (n > 0 && (n == WRITE || i + 1 == d->count)) {
			r = given_run(s, "days_put", rows, n, WIDTH, err);
			n = 0;
		}
	}
	free(rows);
	for (i = 0; r == OK && i < d->count; i++)
		if (d->at[i].messages < 0)
			r = drop_empty_day(s, &d->at[i], err);
	d->count = 0;
	if (d->slots != NULL)
		memset(d->slots, 0, (d->mask + 1) * sizeof(*d->slots));
	return r;
}
