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

enum outcome
days_write(struct store *s, struct days *d, struct err *err)
{
	enum { WIDTH = 6, WRITE = 4096 };	/* rows written by one statement: all at once would be as much memory again */
	int64_t *rows = mem_alloc(WRITE * WIDTH * sizeof(*rows)), *x;
	enum outcome r = OK;
	size_t i, n = 0;

	if (d->count > 0)
		qsort(d->at, d->count, sizeof(*d->at), by_day);
	for (i = 0; r == OK && i < d->count; i++) {
		if (d->at[i].messages != 0) {
			x = rows + n++ * WIDTH;
			x[0] = d->at[i].domain;
			x[1] = d->at[i].day;
			x[2] = d->at[i].sender;
			x[3] = d->at[i].way;
			x[4] = d->at[i].outcome;
			x[5] = d->at[i].messages;
		}
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
