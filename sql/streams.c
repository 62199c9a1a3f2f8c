/* SPDX-License-Identifier: MIT */
/*
 * See streams.h. Totals lie by address, and an index by sender would cost a fifth of the database, so they are walked: for the first few senders of
 * a domain each time, which takes no row but theirs; then once for all, kept in memory as one chain for each sender, where that is not
 * too much. Of a sender the totals with most messages are picked by their numbers, and what they read like is looked up from the largest on.
 */
#include "sql/streams.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "sql/given.h"
#include "sql/told.h"
#include "sql/writer.h"

enum {
	ALONE = 3,		/* senders of a domain asked for alone before all are walked: a row that is taken costs twice as much as one that is not */
	ROWS_MAX = 1 << 19,	/* of a domain kept: 22 MiB; above, each sender is asked for alone */
	STREAMS_MAX = 5000,	/* of one sender handed over; as in sender_streams.sql */
	PICKS_MAX = 4 * STREAMS_MAX,	/* held while they are looked for */
	CHUNK = 128		/* looked up at once */
};

/* A total; days: first, and how many more; NO_DAY unreadable. */
struct pick { int64_t messages; int32_t source, auth_set, outcome, first_day, span; };
struct walk_row { struct pick pick; int32_t way; uint32_t next; };	/* next: index + 1, 0 the last */

/* Of an outcome: 1 where it passes, or fails and is at risk or lost; place: in the order of verdict and disposition. */
struct kind { char told, passing; int place; };

struct streams {
	int64_t domain;		/* that was walked; 0: none yet */
	int64_t asked;		/* the domain asked about last */
	int times;		/* that it was asked about */
	int too_large;
	struct walk_row *rows;
	size_t count, room;
	uint32_t *heads;	/* by sender id: index + 1 of its last row */
	size_t senders;
	struct kind *kinds;	/* by outcome id */
	size_t nkinds;
};

static void
clear(struct streams *w)
{
	free(w->rows);
	free(w->heads);
	w->rows = NULL;
	w->heads = NULL;
	w->domain = 0;
	w->too_large = 0;
	w->count = w->room = w->senders = 0;
}

void
streams_free(struct streams *w)
{
	if (w == NULL)
		return;
	clear(w);
	free(w->kinds);
	free(w);
}

static enum outcome
load_kinds(struct store *s, struct streams *w, struct err *err)
{
	sqlite3_stmt *st;
	enum outcome r;
	int place = 0;

	if (w->kinds != NULL)
		return OK;
	if ((st = db_query(s, "outcomes_direct", err)) == NULL)
		return STOP;
	while ((r = db_step(s, st, err)) == OK) {
		size_t id = (size_t)sqlite3_column_int64(st, 0);

		if (id >= w->nkinds) {
			w->kinds = mem_grow(w->kinds, id + 256, sizeof(*w->kinds));
			memset(w->kinds + w->nkinds, 0, (id + 256 - w->nkinds) * sizeof(*w->kinds));
			w->nkinds = id + 256;
		}
		w->kinds[id] = (struct kind){ 1, (char)sqlite3_column_int(st, 1), place++ };
	}
	return r == STOP ? STOP : OK;
}

static int
is_told(const struct streams *w, const struct pick *x)
{
	return x->outcome >= 0 && (size_t)x->outcome < w->nkinds && w->kinds[x->outcome].told;
}

/* Values: messages, source, auth_set, outcome, first_day, span. */
static struct pick
read_pick(sqlite3_value **row)
{
	struct pick x = { sqlite3_value_int64(row[0]), sqlite3_value_int(row[1]), sqlite3_value_int(row[2]), sqlite3_value_int(row[3]), NO_DAY,
		sqlite3_value_int(row[5]) };

	if (sqlite3_value_type(row[4]) != SQLITE_NULL)
		x.first_day = sqlite3_value_int(row[4]);
	return x;
}

/* --- the domain, walked --- */

static struct walk_row *
add_row(struct streams *w, size_t sender)
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

/* Row: a pick, sender, way. END: the domain is too large. */
static enum outcome
take_walked(void *ctx, sqlite3_value **row)
{
	struct pick pick = read_pick(row);
	struct streams *w = ctx;
	int64_t sender = sqlite3_value_int64(row[6]);
	struct walk_row *x;

	if (!is_told(w, &pick))
		return OK;
	if (w->count == ROWS_MAX || sender > 8 * ROWS_MAX)
		return END;
	x = add_row(w, (size_t)sender);
	x->pick = pick;
	x->way = sqlite3_value_int(row[7]);
	return OK;
}

/* Walks the domain unless that was the last one walked. */
static enum outcome
walk_domain(struct store *s, struct streams *w, int64_t domain, struct err *err)
{
	sqlite3_stmt *st;
	enum outcome r;

	if (w->domain == domain)
		return OK;
	clear(w);
	if ((st = db_query(s, "walk_streams", err)) == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, domain);
	if ((r = told_each(s, st, take_walked, w, err)) == STOP)
		return STOP;
	if (r == END) {
		clear(w);
		w->too_large = 1;
	}
	w->domain = domain;
	return OK;
}

/* --- the largest of a sender --- */

struct picks {
	const struct streams *walk;
	struct pick *at;
	size_t count, room;
	int64_t least;		/* fewer messages are not among the largest */
};

static int
by_messages(const void *a, const void *b)
{
	const struct pick *x = a, *y = b;

	return x->messages > y->messages ? -1 : x->messages < y->messages;
}

/* Sorts them and leaves STREAMS_MAX, and all that have as many messages as the last of these. */
static void
cut(struct picks *p)
{
	if (p->count > 0)
		qsort(p->at, p->count, sizeof(*p->at), by_messages);
	if (p->count <= STREAMS_MAX)
		return;
	p->least = p->at[STREAMS_MAX - 1].messages;
	while (p->at[p->count - 1].messages < p->least)
		p->count--;
}

/* END: too many have equally many messages. */
static enum outcome
add_pick(struct picks *p, const struct pick *x)
{
	if (x->messages < p->least || !is_told(p->walk, x))
		return OK;
	if (p->count == PICKS_MAX)
		cut(p);
	if (p->count == PICKS_MAX)
		return END;
	if (p->count == p->room) {
		p->room = p->room == 0 ? 64 : p->room * 2 < PICKS_MAX ? p->room * 2 : PICKS_MAX;
		p->at = mem_grow(p->at, p->room, sizeof(*p->at));
	}
	p->at[p->count++] = *x;
	return OK;
}

static enum outcome
take_pick(void *ctx, sqlite3_value **row)
{
	struct pick x = read_pick(row);

	return add_pick(ctx, &x);
}

/* From the chain of the sender where the domain was walked, else from the domain. OK; END as add_pick. */
static enum outcome
find_picks(struct store *s, struct picks *p, const struct sender_sum *x, struct err *err)
{
	const struct streams *w = p->walk;
	enum outcome r = OK;
	sqlite3_stmt *st;
	uint32_t at;

	if (w->domain != x->domain_id || w->too_large) {
		if ((st = db_query(s, "streams_of_sender", err)) == NULL)
			return STOP;
		sqlite3_bind_int64(st, 1, x->domain_id);
		sqlite3_bind_int64(st, 2, x->sender_id);
		sqlite3_bind_int(st, 3, x->own_way);
		r = told_each(s, st, take_pick, p, err);
	} else {
		at = x->sender_id >= 0 && (size_t)x->sender_id < w->senders ? w->heads[x->sender_id] : 0;
		for (; r == OK && at != 0; at = w->rows[at - 1].next)
			if (w->rows[at - 1].way <= x->own_way)
				r = add_pick(p, &w->rows[at - 1].pick);
	}
	cut(p);
	return r;
}

/* --- what they read like --- */

/* A pick in full. */
struct full { struct pick pick; int place; unsigned char digest[16]; const char *address, *ptr; };
struct fulls { struct full *at; struct arena *text; };

/* Row: number of the pick, address, ptr, digest of its results. */
static enum outcome
take_full(void *ctx, sqlite3_value **row)
{
	struct fulls *f = ctx;
	struct full *x = &f->at[sqlite3_value_int64(row[0])];

	x->address = arena_str(f->text, (const char *)sqlite3_value_text(row[1]));
	x->ptr = arena_str(f->text, (const char *)sqlite3_value_text(row[2]));
	if (sqlite3_value_bytes(row[3]) == sizeof(x->digest))
		memcpy(x->digest, sqlite3_value_blob(row[3]), sizeof(x->digest));
	return OK;
}

/* The order of sender_streams.sql: of equally many messages by digest, address, verdict and disposition. */
static int
by_all(const void *a, const void *b)
{
	const struct full *x = a, *y = b;
	int c = by_messages(&x->pick, &y->pick);

	c = c != 0 ? c : memcmp(x->digest, y->digest, sizeof(x->digest));
	c = c != 0 ? c : strcmp(x->address, y->address);
	return c != 0 ? c : x->place - y->place;
}

/* Looks up these picks and puts them in order. */
static enum outcome
load_fulls(struct store *s, struct fulls *f, const struct picks *p, size_t from, size_t count, struct err *err)
{
	int64_t *keys = mem_alloc((count + 1) * 2 * sizeof(*keys));
	sqlite3_stmt *st = db_query(s, "streams_in_full", err);
	struct given given = { keys, count, 2 };
	enum outcome r = STOP;
	size_t i;

	f->at = mem_grow(f->at, count, sizeof(*f->at));
	arena_reset(f->text);
	for (i = 0; i < count; i++) {
		f->at[i] = (struct full){ .pick = p->at[from + i], .place = p->walk->kinds[p->at[from + i].outcome].place, .address = "" };
		keys[i * 2] = f->at[i].pick.source;
		keys[i * 2 + 1] = f->at[i].pick.auth_set;
	}
	if (st != NULL && given_bind(st, 1, &given) == SQLITE_OK) {
		r = told_each(s, st, take_full, f, err);
		sqlite3_clear_bindings(st);
	}
	if (r == OK)
		qsort(f->at, count, sizeof(*f->at), by_all);
	free(keys);
	return r;
}

static enum outcome
tell_full(const struct streams *w, const struct full *x, enum outcome (*each)(void *ctx, const struct stream_row *r), void *ctx)
{
	struct stream_row row = { .passing = w->kinds[x->pick.outcome].passing, .has_days = x->pick.first_day != NO_DAY, .address = x->address, .ptr = x->ptr,
		.auth_set = x->pick.auth_set, .messages = x->pick.messages };

	if (row.has_days) {
		row.first_day = x->pick.first_day;
		row.last_day = row.first_day + x->pick.span;
	}
	return each(ctx, &row);
}

/* Chunk by chunk; what has equally many messages is put in order together. */
static enum outcome
tell_picks(struct store *s, const struct picks *p, enum outcome (*each)(void *ctx, const struct stream_row *r), void *ctx, struct err *err)
{
	struct fulls f = { NULL, arena_new() };
	enum outcome r = OK;
	size_t from, to, i;

	for (from = 0; r == OK && from < p->count && from < STREAMS_MAX; from = to) {
		to = p->count - from > CHUNK ? from + CHUNK : p->count;
		while (to < p->count && p->at[to].messages == p->at[to - 1].messages)
			to++;
		r = load_fulls(s, &f, p, from, to - from, err);
		for (i = from; r == OK && i < to && i < STREAMS_MAX; i++)
			if (tell_full(p->walk, &f.at[i - from], each, ctx) != OK)
				r = END;
	}
	free(f.at);
	arena_free(f.text);
	return r == STOP ? STOP : OK;
}

/* All by one statement, for a sender of which too many are equal. */
static enum outcome
tell_all(struct store *s, const struct sender_sum *x, enum outcome (*each)(void *ctx, const struct stream_row *r), void *ctx, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "sender_streams", err);
	struct stream_row row;
	enum outcome r;

	if (st == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, x->domain_id);
	sqlite3_bind_int64(st, 2, x->sender_id);
	sqlite3_bind_int(st, 3, x->own_way);
	while ((r = db_step(s, st, err)) == OK) {
		row.passing = sqlite3_column_int(st, 0);
		row.auth_set = sqlite3_column_int64(st, 1);
		row.address = db_column(st, 2);
		row.ptr = db_column(st, 3);
		row.has_days = sqlite3_column_type(st, 4) != SQLITE_NULL;
		row.first_day = sqlite3_column_int64(st, 4);
		row.last_day = sqlite3_column_int64(st, 5);
		row.messages = sqlite3_column_int64(st, 6);
		if (each(ctx, &row) != OK)
			break;
	}
	sqlite3_reset(st);
	return r == STOP ? STOP : OK;
}

enum outcome
streams_each(struct streams **at, struct store *s, const struct sender_sum *x, enum outcome (*each)(void *ctx, const struct stream_row *r), void *ctx,
    struct err *err)
{
	struct streams *w = *at = *at != NULL ? *at : mem_alloc(sizeof(*w));
	struct picks p = { w, NULL, 0, 0, 0 };
	enum outcome r;

	w->times = w->asked == x->domain_id ? w->times + 1 : 1;
	w->asked = x->domain_id;
	if (load_kinds(s, w, err) != OK || (w->times > ALONE && walk_domain(s, w, x->domain_id, err) != OK))
		return STOP;
	r = find_picks(s, &p, x, err);
	if (r == OK)
		r = tell_picks(s, &p, each, ctx, err);
	else if (r == END)
		r = tell_all(s, x, each, ctx, err);
	free(p.at);
	return r;
}
