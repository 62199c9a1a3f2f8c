/* SPDX-License-Identifier: MIT */
/* See received.h. */
#include "sql/received.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sql/told.h"

struct received { int64_t *at; size_t count, room; };	/* open addressing by the first three columns; reporter 0: free */

static int64_t *
find(int64_t *at, size_t room, const int64_t *key)
{
	uint64_t mixed = (uint64_t)key[RECEIVED_IDENT] << 24 ^ (uint64_t)key[RECEIVED_REPORTER] << 8 ^ (uint64_t)key[RECEIVED_OUTCOME];
	size_t i = (size_t)(mixed * 0x9e3779b97f4a7c15u >> 40) & (room - 1);
	int64_t *row;

	while ((row = at + i * RECEIVED_WIDTH)[RECEIVED_REPORTER] != 0 && memcmp(row, key, RECEIVED_MESSAGES * sizeof(*key)) != 0)
		i = (i + 1) & (room - 1);
	return row;
}

static void
grow(struct received *x)
{
	size_t room = x->room ? x->room * 2 : 256, i;
	int64_t *at = mem_alloc(room * RECEIVED_WIDTH * sizeof(*at)), *row;

	for (i = 0; i < x->room; i++) {
		row = x->at + i * RECEIVED_WIDTH;
		if (row[RECEIVED_REPORTER] != 0)
			memcpy(find(at, room, row), row, RECEIVED_WIDTH * sizeof(*row));
	}
	free(x->at);
	x->at = at;
	x->room = room;
}

/* Row: reporter, ident, outcome, messages. */
static enum outcome
take_record(void *ctx, sqlite3_value **row)
{
	const int64_t key[] = { sqlite3_value_int64(row[0]), sqlite3_value_int64(row[1]), sqlite3_value_int64(row[2]) };
	struct received *x = ctx;
	int64_t *to;

	if (x->count * 2 >= x->room)
		grow(x);
	to = find(x->at, x->room, key);
	if (to[RECEIVED_REPORTER] == 0) {
		if (x->count == RECEIVED_MAX)
			return END;
		x->count++;
		memcpy(to, key, sizeof(key));
	}
	to[RECEIVED_MESSAGES] += sqlite3_value_int64(row[3]);
	to[RECEIVED_RECORDS]++;
	return OK;
}

enum outcome
received_sum(struct store *s, struct given *rows, int64_t **own, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "records_of_reports", err);
	struct received x = { NULL, 0, 0 };
	enum outcome r;

	if (st == NULL)
		return STOP;
	r = given_bind(st, 1, rows) == SQLITE_OK ? told_each(s, st, take_record, &x, err) : db_fail(s, "summary", err);
	sqlite3_clear_bindings(st);
	free(*own);
	*own = x.at;
	*rows = (struct given){ x.at, x.room, RECEIVED_WIDTH };
	return r == STOP ? STOP : OK;
}
