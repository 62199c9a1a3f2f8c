/* SPDX-License-Identifier: MIT */
/*
 * The days and the streams of one sender of a domain. Tables lie by day and by address, and an index by sender would cost a fifth of the
 * database: days are those the sums were made of (sums.c). For streams the totals of the domain are walked: for the first few senders that are
 * asked about each time, which gives no row but theirs; then once for all, kept in memory as one chain for each sender. Where that would be too
 * much, each sender is asked for alone.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "sql/analysis.h"
#include "sql/given.h"
#include "sql/sums.h"
#include "sql/writer.h"

enum {
	ALONE = 3,		/* senders of a domain asked for alone before all are walked: a row that is given costs five times one that is not */
	ROWS_MAX = 1 << 19,	/* of a domain kept: 20 MiB; above, SQL is asked sender by sender */
	STREAMS_MAX = 5000	/* of one sender handed over; as in sender_streams.sql */
};

struct walk_row { int64_t messages; int32_t source, auth_set, outcome, way; uint32_t next; };	/* next: index + 1, 0 the last */

/* What a walk over one table found. */
struct walk {
	int64_t domain;		/* 0: none yet */
	int64_t asked;		/* the domain asked about last */
	int times;		/* that it was asked about */
	int too_large;
	struct walk_row *rows;
	size_t count, room;
	uint32_t *heads;	/* by sender id: index + 1 of its last row */
	size_t senders;
};

struct walks { struct sums *sums; struct walk streams; };

static void
walk_clear(struct walk *w)
{
	free(w->rows);
	free(w->heads);
	*w = (struct walk){ .asked = w->asked, .times = w->times };
}

void
walks_free(struct store *s)
{
	standings_free(s);
	if (s->walks == NULL)
		return;
	sums_free(s->walks->sums);
	walk_clear(&s->walks->streams);
	free(s->walks);
	s->walks = NULL;
}

static struct walk_row *
walk_add(struct walk *w, size_t sender)
{
	struct walk_row *x;

	if (sender >= w->senders) {
		size_t room = w->senders ? w->senders : 1024;

		while (room <= sender)
			room *= 2;
		w->heads = mem_grow(w->heads, room, sizeof(*w->heads));
		memset(w->heads + w->senders, 0, (room - w->senders) * sizeof(*w->heads));
		w->senders = room;
	}
	if (w->count == w->room) {
		w->room = w->room ? w->room * 2 : 1024;
		w->rows = mem_grow(w->rows, w->room, sizeof(*w->rows));
	}
	x = &w->rows[w->count++];
	x->next = w->heads[sender];
	w->heads[sender] = (uint32_t)w->count;
	return x;
}

/* Walks the domain by the statement NAME unless that was the last one walked; columns: sender, then what is kept. */
static enum outcome
walk_domain(struct store *s, struct walk *w, const char *name, int64_t domain, struct err *err)
{
	sqlite3_stmt *st;
	enum outcome r;

	if (w->domain == domain)
		return OK;
	walk_clear(w);
	if ((st = db_query(s, name, err)) == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, domain);
	while ((r = db_step(s, st, err)) == OK) {
		int64_t sender = sqlite3_column_int64(st, 0);
		struct walk_row *x;

		if (w->count == ROWS_MAX || sender > 8 * ROWS_MAX) {
			walk_clear(w);
			w->too_large = 1;
			break;
		}
		x = walk_add(w, (size_t)sender);
		x->messages = sqlite3_column_int64(st, 1);
		x->way = sqlite3_column_int(st, 2);
		x->source = sqlite3_column_int(st, 3);
		x->auth_set = sqlite3_column_int(st, 4);
		x->outcome = sqlite3_column_int(st, 5);
	}
	sqlite3_reset(st);
	if (r == STOP)
		return STOP;
	w->domain = domain;
	return OK;
}

static struct walks *
walks_of(struct store *s)
{
	if (s->walks == NULL)
		s->walks = mem_alloc(sizeof(*s->walks));
	return s->walks;
}

static uint32_t
head_of(const struct walk *w, int64_t sender)
{
	return sender >= 0 && (size_t)sender < w->senders ? w->heads[sender] : 0;
}

/* --- days --- */

enum outcome
store_each_sender(struct store *s, const struct sender_walk *w, struct err *err)
{
	return sums_each(&walks_of(s)->sums, s, w, err);
}

enum outcome
store_each_sender_day(struct store *s, const struct sender_sum *x, enum outcome (*each)(void *ctx, const struct day_row *row), void *ctx, struct err *err)
{
	sqlite3_stmt *st;
	enum outcome r;

	if (sums_days(walks_of(s)->sums, x->domain_id, x->sender_id, each, ctx) == OK)
		return OK;
	if ((st = db_query(s, "sender_days", err)) == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, x->domain_id);
	sqlite3_bind_int64(st, 2, x->sender_id);
	sqlite3_bind_int(st, 3, x->own_way);
	while ((r = db_step(s, st, err)) == OK)
		if (each(ctx, &(struct day_row){ db_column(st, 0), sqlite3_column_int64(st, 1), sqlite3_column_int64(st, 2), sqlite3_column_int64(st, 3) }) != OK)
			break;
	sqlite3_reset(st);
	return r == STOP ? STOP : OK;
}

/* --- streams --- */

static enum outcome
tell_streams(struct store *s, sqlite3_stmt *st, enum outcome (*each)(void *ctx, const struct stream_row *r), void *ctx, struct err *err)
{
	struct stream_row x;
	enum outcome r;

	while ((r = db_step(s, st, err)) == OK) {
		x.passing = sqlite3_column_int(st, 0);
		x.auth_set = sqlite3_column_int64(st, 1);
		x.address = db_column(st, 2);
		x.ptr = db_column(st, 3);
		x.has_days = sqlite3_column_type(st, 4) != SQLITE_NULL;
		x.first_day = sqlite3_column_int64(st, 4);
		x.last_day = sqlite3_column_int64(st, 5);
		x.messages = sqlite3_column_int64(st, 6);
		if (each(ctx, &x) != OK)
			break;
	}
	sqlite3_reset(st);
	return r == STOP ? STOP : OK;
}

struct pick { int64_t messages; uint32_t row; };

static int
by_messages(const void *a, const void *b)
{
	const struct pick *x = a, *y = b;

	return x->messages != y->messages ? (x->messages > y->messages ? -1 : 1) : x->row < y->row ? -1 : x->row > y->row;
}

/* The rows of a chain with most messages, all of equal number with the last one among them, as keys of flow. Caller frees. */
static int64_t *
largest(const struct walk *w, uint32_t at, int own_way, struct given *given)
{
	struct pick *picks = NULL;
	size_t count = 0, room = 0, i;
	int64_t *keys;

	for (; at != 0; at = w->rows[at - 1].next) {
		if (w->rows[at - 1].way > own_way)
			continue;
		if (count == room) {
			room = room ? room * 2 : 64;
			picks = mem_grow(picks, room, sizeof(*picks));
		}
		picks[count].messages = w->rows[at - 1].messages;
		picks[count++].row = at - 1;
	}
	if (count > STREAMS_MAX) {
		qsort(picks, count, sizeof(*picks), by_messages);
		for (i = STREAMS_MAX; i < count && picks[i].messages == picks[STREAMS_MAX - 1].messages; i++)
			;
		count = i;
	}
	keys = mem_alloc((count + 1) * 4 * sizeof(*keys));
	for (i = 0; i < count; i++) {
		const struct walk_row *x = &w->rows[picks[i].row];

		keys[i * 4] = w->domain;
		keys[i * 4 + 1] = x->source;
		keys[i * 4 + 2] = x->auth_set;
		keys[i * 4 + 3] = x->outcome;
	}
	free(picks);
	given->at = keys;
	given->count = count;
	given->width = 4;
	return keys;
}

enum outcome
store_each_stream(struct store *s, const struct sender_sum *x, enum outcome (*each)(void *ctx, const struct stream_row *r), void *ctx, struct err *err)
{
	struct walk *w = &walks_of(s)->streams;
	struct given given;
	sqlite3_stmt *st;
	int64_t *keys;
	enum outcome r;

	w->times = w->asked == x->domain_id ? w->times + 1 : 1;
	w->asked = x->domain_id;
	if (w->times > ALONE && walk_domain(s, w, "walk_streams", x->domain_id, err) != OK)
		return STOP;
	if (w->times <= ALONE || w->too_large) {
		if ((st = db_query(s, "sender_streams", err)) == NULL)
			return STOP;
		sqlite3_bind_int64(st, 1, x->domain_id);
		sqlite3_bind_int64(st, 2, x->sender_id);
		sqlite3_bind_int(st, 3, x->own_way);
		return tell_streams(s, st, each, ctx, err);
	}
	if ((st = db_query(s, "streams_of_keys", err)) == NULL)
		return STOP;
	keys = largest(w, head_of(w, x->sender_id), x->own_way, &given);
	r = given_bind(st, 1, &given) == SQLITE_OK ? tell_streams(s, st, each, ctx, err) : db_fail(s, "streams", err);
	sqlite3_clear_bindings(st);
	free(keys);
	return r;
}
