/* SPDX-License-Identifier: MIT */
/* See signers.h. Work is done only where some sender's mail passes by its signature alone; and it ends with the last selector found direct. */
#include "sql/signers.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sql/given.h"
#include "sql/writer.h"

/* A signature is its domain and selector, ids of name: domain << 32 | selector. */
enum state { ALONE, DIRECT, OPEN };	/* no direct mail carries it; some does; to be found out */
struct signature { int64_t id; enum state state; char was_direct; };
/* What one sender passed on with a signature. */
struct passed { int64_t id, sender, messages, streams; };

struct signers {
	struct { struct stream *at; size_t n, room; } passed_on, direct;	/* of a domain that is walked */
	struct passed *list;
	size_t count, room;
	struct signature *names;	/* of what was passed on, sorted */
	size_t nnames, names_room, open;
};

struct signers *
signers_new(void)
{
	return mem_alloc(sizeof(struct signers));
}

void
signers_free(struct signers *g)
{
	if (g == NULL)
		return;
	free(g->passed_on.at);
	free(g->direct.at);
	free(g->list);
	free(g->names);
	free(g);
}

static void *
room_for_one(void *at, size_t count, size_t *room, size_t size)
{
	if (count < *room)
		return at;
	*room = *room ? *room * 2 : 64;
	return mem_grow(at, *room, size);
}

void
signers_add(struct signers *g, int64_t sender, int64_t auth_set, int64_t messages, int direct)
{
	struct stream **at = direct ? &g->direct.at : &g->passed_on.at;
	size_t *n = direct ? &g->direct.n : &g->passed_on.n, *room = direct ? &g->direct.room : &g->passed_on.room;

	/* Addresses lie one after the other: many streams of a domain repeat the set before. */
	if (*n > 0 && (*at)[*n - 1].set == auth_set && (*at)[*n - 1].sender == sender) {
		(*at)[*n - 1].messages += messages;
		(*at)[*n - 1].streams++;
		return;
	}
	*at = room_for_one(*at, *n, room, sizeof(**at));
	(*at)[(*n)++] = (struct stream){ sender, auth_set, messages, 1, direct };
}

/* --- signatures of streams --- */

typedef void take_signature(struct signers *g, const struct stream *x, int64_t id);

/* The sets of these streams, each once, rising; caller frees. */
static int64_t *
sets_of(const struct stream *streams, size_t n, size_t *count)
{
	int64_t *sets = mem_alloc((n + 1) * sizeof(*sets));
	size_t i, k = 0;

	for (i = 0; i < n; i++)
		sets[i] = streams[i].set;
	qsort(sets, n, sizeof(*sets), by_number);
	for (i = 0; i < n; i++)
		if (k == 0 || sets[k - 1] != sets[i])
			sets[k++] = sets[i];
	*count = k;
	return sets;
}

/* What a set signs. */
struct signs { int64_t set, id; };
struct signs_list { struct signs *at; size_t n, room; };

/* The aligned signatures that pass and name their selector (RFC 7489 section 3.1.1, relaxed) of these streams, by set. */
static enum outcome
read_signs(struct store *s, const struct due_domain *d, const struct stream *streams, size_t n, struct signs_list *out, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "sets_signatures", err);
	struct given given = { NULL, 0, 1 };
	enum outcome r = STOP;
	int64_t *sets;

	if (st == NULL)
		return STOP;
	given.at = sets = sets_of(streams, n, &given.count);
	if (given_bind(st, 1, &given) == SQLITE_OK) {
		db_text(st, 2, d->org);
		db_text(st, 3, d->name);
		while ((r = db_step(s, st, err)) == OK) {
			if (!domain_aligned(db_column(st, 1), d->name, 0))
				continue;
			out->at = room_for_one(out->at, out->n, &out->room, sizeof(*out->at));
			out->at[out->n++] = (struct signs){ sqlite3_column_int64(st, 0), sqlite3_column_int64(st, 2) << 32 | sqlite3_column_int64(st, 3) };
		}
		sqlite3_clear_bindings(st);
	}
	free(sets);
	return r == STOP ? STOP : OK;
}

/* Calls take for each of these signatures in each of the streams. */
static enum outcome
each_signature(struct signers *g, struct store *s, const struct due_domain *d, const struct stream *streams, size_t n, take_signature *take, struct err *err)
{
	struct signs_list signs = { NULL, 0, 0 };
	enum outcome r = n > 0 ? read_signs(s, d, streams, n, &signs, err) : OK;
	size_t i;

	for (i = 0; r == OK && i < n && signs.n > 0; i++) {
		size_t low = 0, high = signs.n, mid;

		while (low < high) {
			mid = low + (high - low) / 2;
			if (signs.at[mid].set < streams[i].set)
				low = mid + 1;
			else
				high = mid;
		}
		for (; low < signs.n && signs.at[low].set == streams[i].set; low++)
			take(g, &streams[i], signs.at[low].id);
	}
	free(signs.at);
	return r;
}

static void
take_passed(struct signers *g, const struct stream *x, int64_t id)
{
	g->list = room_for_one(g->list, g->count, &g->room, sizeof(*g->list));
	g->list[g->count++] = (struct passed){ id, x->sender, x->messages, x->streams };
}

static int
by_signature(const void *a, const void *b)
{
	const struct passed *x = a, *y = b;

	return x->id != y->id ? (x->id < y->id ? -1 : 1) : x->sender < y->sender ? -1 : x->sender > y->sender;
}

/* One entry for each (signature, sender), in this order. */
static void
sort_passed(struct signers *g)
{
	size_t i, n = 0;

	if (g->count > 0)
		qsort(g->list, g->count, sizeof(*g->list), by_signature);
	for (i = 0; i < g->count; i++) {
		if (n > 0 && by_signature(&g->list[n - 1], &g->list[i]) == 0) {
			g->list[n - 1].messages += g->list[i].messages;
			g->list[n - 1].streams += g->list[i].streams;
		} else {
			g->list[n++] = g->list[i];
		}
	}
	g->count = n;
}

static struct signature *
find_name(const struct signers *g, int64_t id)
{
	size_t low = 0, high = g->nnames, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (g->names[mid].id < id)
			low = mid + 1;
		else
			high = mid;
	}
	return low < g->nnames && g->names[low].id == id ? &g->names[low] : NULL;
}

static void
add_name(struct signers *g, int64_t id, enum state state)
{
	g->names = room_for_one(g->names, g->nnames, &g->names_room, sizeof(*g->names));
	g->names[g->nnames++] = (struct signature){ id, state, state == DIRECT };
	g->open += state == OPEN;
}

static void
set_state(struct signers *g, struct signature *x, enum state state)
{
	g->open += state == OPEN;
	g->open -= x->state == OPEN;
	x->state = state;
}

static void
take_direct(struct signers *g, const struct stream *x, int64_t id)
{
	struct signature *n = find_name(g, id);

	(void)x;
	if (n != NULL)
		set_state(g, n, DIRECT);
}

/* --- what is kept --- */

static enum outcome
keep(struct signers *g, struct store *s, const struct due_domain *d, struct err *err)
{
	enum { WIDTH = 6 };
	int64_t *rows = mem_alloc((g->nnames + g->count + 1) * WIDTH * sizeof(*rows)), *x = rows;
	enum outcome r = OK;
	size_t i;

	for (i = 0; i < g->nnames; i++) {
		if (g->names[i].state != DIRECT)
			continue;
		memcpy(x, (int64_t[WIDTH]){ d->id, g->names[i].id >> 32, g->names[i].id & UINT32_MAX, 0, 0, 0 }, WIDTH * sizeof(*x));
		x += WIDTH;
	}
	for (i = 0; i < g->count; i++) {
		const struct passed *p = &g->list[i];

		if (find_name(g, p->id)->state == DIRECT || p->streams == 0)
			continue;
		memcpy(x, (int64_t[WIDTH]){ d->id, p->id >> 32, p->id & UINT32_MAX, p->sender, p->messages, p->streams }, WIDTH * sizeof(*x));
		x += WIDTH;
	}
	if (x > rows)
		r = given_run(s, "passed_on_put", rows, (size_t)(x - rows) / WIDTH, WIDTH, err);
	free(rows);
	return r;
}

static enum outcome
load_kept(struct signers *g, struct store *s, const struct due_domain *d, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "passed_on_of", err);
	enum outcome r;

	if (st == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, d->id);
	while ((r = db_step(s, st, err)) == OK) {
		const struct stream x = { sqlite3_column_int64(st, 2), 0, sqlite3_column_int64(st, 3), sqlite3_column_int(st, 4), 0 };
		int64_t id = sqlite3_column_int64(st, 0) << 32 | sqlite3_column_int64(st, 1);

		if (x.sender == 0)
			add_name(g, id, DIRECT);
		else if (g->nnames == 0 || g->names[g->nnames - 1].id != id)
			add_name(g, id, ALONE);
		if (x.sender != 0)
			take_passed(g, &x, id);
	}
	return r == STOP ? STOP : OK;
}

/* --- owners --- */

struct name { char *sender; int may; };

static enum outcome
look_up(struct store *s, const struct passed *p, store_may_sign *may, void *ctx, struct name *out, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "sender_names", err);

	if (st == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, p->sender);
	sqlite3_bind_int64(st, 2, p->id & UINT32_MAX);
	if (db_step(s, st, err) != OK)
		return STOP;
	out->sender = mem_str(db_column(st, 0));
	out->may = may(ctx, out->sender, db_column(st, 1), db_column(st, 2), db_column(st, 3));
	sqlite3_reset(st);
	return OK;
}

/* Of the entries from i on that share a signature, the one with most messages; names of senders settle a tie. */
static enum outcome
settle_name(struct signers *g, size_t i, size_t *next, struct store *s, store_may_sign *may, void *may_ctx, int64_t *owner, struct err *err)
{
	int alone = find_name(g, g->list[i].id)->state == ALONE;
	struct name best = { NULL, 0 }, x;
	int64_t most = 0;
	size_t k;

	*owner = 0;
	for (k = i; k < g->count && g->list[k].id == g->list[i].id; k++) {
		if (!alone || g->list[k].streams == 0 || g->list[k].messages < most)
			continue;
		if (look_up(s, &g->list[k], may, may_ctx, &x, err) != OK) {
			free(best.sender);
			return STOP;
		}
		if (best.sender == NULL || g->list[k].messages > most || strcmp(x.sender, best.sender) < 0) {
			free(best.sender);
			best = x;
			most = g->list[k].messages;
			*owner = x.may ? g->list[k].sender : 0;
		} else {
			free(x.sender);
		}
	}
	free(best.sender);
	*next = k;
	return OK;
}

static enum outcome
tell_owners(struct signers *g, struct store *s, store_may_sign *may, void *may_ctx, void (*own)(void *ctx, int64_t sender), void *ctx, struct err *err)
{
	enum outcome r = OK;
	int64_t owner;
	size_t i;

	for (i = 0; r == OK && i < g->count;) {
		r = settle_name(g, i, &i, s, may, may_ctx, &owner, err);
		if (r == OK && owner > 0)
			own(ctx, owner);
	}
	g->passed_on.n = g->direct.n = g->count = g->nnames = g->open = 0;
	return r;
}

/* What no stream was found to carry directly. */
static void
close_names(struct signers *g)
{
	size_t i;

	for (i = 0; i < g->nnames; i++)
		if (g->names[i].state == OPEN)
			set_state(g, &g->names[i], ALONE);
}

enum outcome
signers_settle(struct signers *g, struct store *s, const struct due_domain *d, store_may_sign *may, void *may_ctx, void (*own)(void *ctx, int64_t sender),
    void *ctx, struct err *err)
{
	enum outcome r = each_signature(g, s, d, g->passed_on.at, g->passed_on.n, take_passed, err);
	size_t i, n;

	sort_passed(g);
	for (i = 0; i < g->count; i++)
		if (i == 0 || g->list[i].id != g->list[i - 1].id)
			add_name(g, g->list[i].id, OPEN);
	/* Most selectors show in the first direct streams; it ends with the last one found. */
	for (i = 0; r == OK && g->open > 0 && i < g->direct.n; i += n) {
		n = i + 64 < g->direct.n - i ? i + 64 : g->direct.n - i;
		r = each_signature(g, s, d, g->direct.at + i, n, take_direct, err);
	}
	close_names(g);
	if (r == OK)
		r = keep(g, s, d, err);
	return r == OK ? tell_owners(g, s, may, may_ctx, own, ctx, err) : r;
}

/* --- what came since --- */

/* Looks whether direct mail carries the signatures that are open, among the streams of the domain, until all are found. */
static enum outcome
look_for_direct(struct signers *g, struct store *s, const struct due_domain *d, struct err *err)
{
	enum { MOST = 4096 };
	struct stream *some = mem_alloc(MOST * sizeof(*some));
	sqlite3_stmt *st = g->open > 0 ? db_query(s, "direct_streams", err) : NULL;
	size_t n = 0, room = 64;
	enum outcome r = g->open == 0 ? END : st == NULL ? STOP : OK;

	if (st != NULL)
		sqlite3_bind_int64(st, 1, d->id);
	while (r == OK && g->open > 0) {
		for (n = 0; n < room && (r = db_step(s, st, err)) == OK; n++)
			some[n].set = sqlite3_column_int64(st, 0);
		if (r != STOP && each_signature(g, s, d, some, n, take_direct, err) != OK)
			r = STOP;
		room = room < MOST ? room * 2 : MOST;
	}
	if (st != NULL)
		sqlite3_reset(st);
	free(some);
	return r == STOP ? STOP : OK;
}

static int
by_id(const void *a, const void *b)
{
	const struct signature *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

/* Signatures passed on for the first time. */
static void
add_new_names(struct signers *g)
{
	size_t known = g->nnames, i;

	for (i = 0; i < g->count; i++) {
		int64_t id = g->list[i].id;

		if (i > 0 && id == g->list[i - 1].id)
			continue;
		if (known == 0 || bsearch(&(struct signature){ .id = id }, g->names, known, sizeof(*g->names), by_id) == NULL)
			add_name(g, id, OPEN);
	}
	if (g->nnames > known)
		qsort(g->names, g->nnames, sizeof(*g->names), by_id);
}

static void
take_lost(struct signers *g, const struct stream *x, int64_t id)
{
	struct signature *n = find_name(g, id);

	(void)x;
	if (n != NULL && n->state == DIRECT)
		set_state(g, n, OPEN);
}

/* Calls take for the signatures of those of the streams that are direct or not, and came or (sign -1) went. */
static enum outcome
each_came(struct signers *g, struct store *s, const struct due_domain *d, const struct stream *came, size_t count, int direct, int sign, take_signature *take,
    struct err *err)
{
	struct stream *some = mem_alloc((count + 1) * sizeof(*some));
	enum outcome r;
	size_t i, n = 0;

	for (i = 0; i < count; i++)
		if (came[i].direct == direct && (!direct || came[i].streams * sign > 0))
			some[n++] = came[i];
	r = each_signature(g, s, d, some, n, take, err);
	free(some);
	return r;
}

/* What is kept of the domain is written anew. */
static enum outcome
keep_anew(struct signers *g, struct store *s, const struct due_domain *d, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "passed_on_forget", err);

	if (st == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, d->id);
	return db_run(s, st, err) == OK ? keep(g, s, d, err) : STOP;
}

enum outcome
signers_grow(struct signers *g, struct store *s, const struct due_domain *d, const struct stream *came, size_t count, store_may_sign *may, void *may_ctx,
    void (*own)(void *ctx, int64_t sender), void *ctx, struct err *err)
{
	enum outcome r = load_kept(g, s, d, err);
	size_t i;

	if (r == OK)
		r = each_came(g, s, d, came, count, 0, 1, take_passed, err);
	sort_passed(g);
	add_new_names(g);
	/* What came is direct mail; what went may have been all there was of it. */
	if (r == OK && g->nnames > 0)
		r = each_came(g, s, d, came, count, 1, 1, take_direct, err);
	if (r == OK && g->nnames > 0)
		r = each_came(g, s, d, came, count, 1, -1, take_lost, err);
	if (r == OK)
		r = look_for_direct(g, s, d, err);
	close_names(g);
	/* What was passed on with a signature that direct mail carried as well is not kept by sender. */
	for (i = 0; r == OK && i < g->nnames; i++)
		if (g->names[i].was_direct && g->names[i].state == ALONE)
			r = SKIP;
	if (r == OK && count > 0)
		r = keep_anew(g, s, d, err);
	if (r == OK)
		return tell_owners(g, s, may, may_ctx, own, ctx, err);
	g->count = g->nnames = g->open = 0;
	return r;
}
