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
#include "sql/told.h"
#include "sql/writer.h"

enum {
	ALONE = 3,		/* senders of a domain asked for alone before all are walked: a row that is given costs five times one that is not */
	ROWS_MAX = 1 << 19,	/* of a domain kept: 20 MiB; above, SQL is asked sender by sender */
	STREAMS_MAX = 5000,	/* of one sender handed over; as in sender_streams.sql */
	PICKS_MAX = 4 * STREAMS_MAX	/* held while they are looked for */
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

struct walks {
	struct sums *sums;
	struct walk streams;
	char *told;		/* by outcome id: 1 where it passes, or fails and is at risk or lost */
	size_t outcomes;
};

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
	free(s->walks->told);
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

static int
is_told(const struct walks *x, int64_t outcome)
{
	return outcome >= 0 && (size_t)outcome < x->outcomes && x->told[outcome];
}

static enum outcome
load_told(struct store *s, struct walks *x, struct err *err)
{
	sqlite3_stmt *st;
	enum outcome r;

	if (x->told != NULL)
		return OK;
	if ((st = db_query(s, "outcomes_direct", err)) == NULL)
		return STOP;
	while ((r = db_step(s, st, err)) == OK) {
		size_t id = (size_t)sqlite3_column_int64(st, 0);

		if (id >= x->outcomes) {
			x->told = mem_grow(x->told, id + 256, 1);
			memset(x->told + x->outcomes, 0, id + 256 - x->outcomes);
			x->outcomes = id + 256;
		}
		x->told[id] = 1;
	}
	return r == STOP ? STOP : OK;
}

/* Row: sender, messages, way, source, auth_set, outcome. END: the domain is too large. */
static enum outcome
take_row_of_domain(void *ctx, sqlite3_value **row)
{
	struct walks *x = ctx;
	struct walk *w = &x->streams;
	int64_t sender = sqlite3_value_int64(row[0]), outcome = sqlite3_value_int64(row[5]);
	struct walk_row *at;

	if (!is_told(x, outcome))
		return OK;
	if (w->count == ROWS_MAX || sender > 8 * ROWS_MAX)
		return END;
	at = walk_add(w, (size_t)sender);
	at->messages = sqlite3_value_int64(row[1]);
	at->way = sqlite3_value_int(row[2]);
	at->source = sqlite3_value_int(row[3]);
	at->auth_set = sqlite3_value_int(row[4]);
	at->outcome = (int32_t)outcome;
	return OK;
}

/* Walks the domain unless that was the last one walked. */
static enum outcome
walk_domain(struct store *s, struct walks *x, int64_t domain, struct err *err)
{
	struct walk *w = &x->streams;
	sqlite3_stmt *st;
	enum outcome r;

	if (w->domain == domain)
		return OK;
	walk_clear(w);
	if ((st = db_query(s, "walk_streams", err)) == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, domain);
	if ((r = told_each(s, st, take_row_of_domain, x, err)) == STOP)
		return STOP;
	if (r == END) {
		walk_clear(w);
		w->too_large = 1;
	}
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

/* Totals of one sender with most messages. */
struct pick { int64_t messages; int32_t source, auth_set, outcome; };
struct picks {
	const struct walks *walks;
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

/* Leaves STREAMS_MAX of them, and all that have as many messages as the last of these. */
static void
picks_cut(struct picks *p)
{
	if (p->count <= STREAMS_MAX)
		return;
	qsort(p->at, p->count, sizeof(*p->at), by_messages);
	p->least = p->at[STREAMS_MAX - 1].messages;
	while (p->at[p->count - 1].messages < p->least)
		p->count--;
}

/* END: too many with equally many messages. */
static enum outcome
picks_add(struct picks *p, struct pick x)
{
	if (x.messages < p->least)
		return OK;
	if (p->count == p->room) {
		picks_cut(p);
		if (p->count == PICKS_MAX)
			return END;
		if (p->count * 2 >= p->room) {
			p->room = p->room ? p->room * 2 : 64;
			p->room = p->room < PICKS_MAX ? p->room : PICKS_MAX;
			p->at = mem_grow(p->at, p->room, sizeof(*p->at));
		}
	}
	p->at[p->count++] = x;
	return OK;
}

/* Row: messages, source, auth_set, outcome. */
static enum outcome
take_pick(void *ctx, sqlite3_value **row)
{
	struct picks *p = ctx;

	if (!is_told(p->walks, sqlite3_value_int64(row[3])))
		return OK;
	return picks_add(p, (struct pick){ sqlite3_value_int64(row[0]), sqlite3_value_int(row[1]), sqlite3_value_int(row[2]), sqlite3_value_int(row[3]) });
}

/* From what was walked of the domain, or from it. OK; END as picks_add. */
static enum outcome
pick_streams(struct store *s, struct picks *p, const struct sender_sum *x, struct err *err)
{
	const struct walk *w = &p->walks->streams;
	sqlite3_stmt *st;
	enum outcome r = OK;
	uint32_t at;

	if (w->domain != x->domain_id || w->too_large) {
		if ((st = db_query(s, "streams_of_sender", err)) == NULL)
			return STOP;
		sqlite3_bind_int64(st, 1, x->domain_id);
		sqlite3_bind_int64(st, 2, x->sender_id);
		sqlite3_bind_int(st, 3, x->own_way);
		r = told_each(s, st, take_pick, p, err);
	} else {
		for (at = head_of(w, x->sender_id); r == OK && at != 0; at = w->rows[at - 1].next) {
			const struct walk_row *k = &w->rows[at - 1];

			if (k->way <= x->own_way)
				r = picks_add(p, (struct pick){ k->messages, k->source, k->auth_set, k->outcome });
		}
	}
	picks_cut(p);
	return r;
}

/* The picks in full, in their order. */
static enum outcome
tell_picks(struct store *s, const struct picks *p, int64_t domain, enum outcome (*each)(void *ctx, const struct stream_row *r), void *ctx, struct err *err)
{
	int64_t *keys = mem_alloc((p->count + 1) * 4 * sizeof(*keys));
	sqlite3_stmt *st = db_query(s, "streams_of_keys", err);
	struct given given = { keys, p->count, 4 };
	enum outcome r = STOP;
	size_t i;

	for (i = 0; i < p->count; i++) {
		keys[i * 4] = domain;
		keys[i * 4 + 1] = p->at[i].source;
		keys[i * 4 + 2] = p->at[i].auth_set;
		keys[i * 4 + 3] = p->at[i].outcome;
	}
	if (st != NULL) {
		r = given_bind(st, 1, &given) == SQLITE_OK ? tell_streams(s, st, each, ctx, err) : db_fail(s, "streams", err);
		sqlite3_clear_bindings(st);
	}
	free(keys);
	return r;
}

/* All in one statement, for a sender of which too many are equal. */
static enum outcome
tell_all(struct store *s, const struct sender_sum *x, enum outcome (*each)(void *ctx, const struct stream_row *r), void *ctx, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "sender_streams", err);

	if (st == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, x->domain_id);
	sqlite3_bind_int64(st, 2, x->sender_id);
	sqlite3_bind_int(st, 3, x->own_way);
	return tell_streams(s, st, each, ctx, err);
}

enum outcome
store_each_stream(struct store *s, const struct sender_sum *x, enum outcome (*each)(void *ctx, const struct stream_row *r), void *ctx, struct err *err)
{
	struct walks *all = walks_of(s);
	struct walk *w = &all->streams;
	struct picks p = { all, NULL, 0, 0, 0 };
	enum outcome r;

	w->times = w->asked == x->domain_id ? w->times + 1 : 1;
	w->asked = x->domain_id;
	if (load_told(s, all, err) != OK || (w->times > ALONE && walk_domain(s, all, x->domain_id, err) != OK))
		return STOP;
	r = pick_streams(s, &p, x, err);
	if (r == OK)
		r = tell_picks(s, &p, x->domain_id, each, ctx, err);
	else if (r == END)
		r = tell_all(s, x, each, ctx, err);
	free(p.at);
	return r;
}
