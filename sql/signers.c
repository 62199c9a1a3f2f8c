/* SPDX-License-Identifier: MIT */
/* See signers.h. Work is done only where some sender's mail passes by its signature alone; and it ends with the last selector found direct. */
#include "sql/signers.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "sql/given.h"

struct stream { int64_t sender, set, messages; };
/* One selector in the mail of one sender. */
struct signature { const char *name; int64_t sender, messages; int direct; };	/* name: "domain/selector", in the arena */

struct signers {
	struct { struct stream *at; size_t n, room; } passed_on, direct;
	struct signature *list;
	size_t count, room;
	struct arena *text;
};

struct signers *
signers_new(void)
{
	struct signers *g = mem_alloc(sizeof(*g));

	g->text = arena_new();
	return g;
}

void
signers_free(struct signers *g)
{
	if (g == NULL)
		return;
	free(g->passed_on.at);
	free(g->direct.at);
	free(g->list);
	arena_free(g->text);
	free(g);
}

void
signers_add(struct signers *g, int64_t sender, int64_t auth_set, int64_t messages, int direct)
{
	struct stream **at = direct ? &g->direct.at : &g->passed_on.at;
	size_t *n = direct ? &g->direct.n : &g->passed_on.n, *room = direct ? &g->direct.room : &g->passed_on.room;

	/* Addresses lie one after the other: many streams of a domain repeat the set before. */
	if (*n > 0 && (*at)[*n - 1].set == auth_set && (*at)[*n - 1].sender == sender) {
		(*at)[*n - 1].messages += messages;
		return;
	}
	if (*n == *room) {
		*room = *room ? *room * 2 : 64;
		*at = mem_grow(*at, *room, sizeof(**at));
	}
	(*at)[(*n)++] = (struct stream){ sender, auth_set, messages };
}

/* --- selectors of streams --- */

typedef void take_name(struct signers *g, const struct stream *x, const char *name);

static void
note_signature(struct signers *g, const struct stream *x, const char *name)
{
	if (g->count == g->room) {
		g->room = g->room ? g->room * 2 : 64;
		g->list = mem_grow(g->list, g->room, sizeof(*g->list));
	}
	g->list[g->count++] = (struct signature){ name, x->sender, x->messages, 0 };
}

static int
by_set(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* The sets of these streams, each once, rising; caller frees. */
static int64_t *
sets_of(const struct stream *streams, size_t n, size_t *count)
{
	int64_t *sets = mem_alloc((n + 1) * sizeof(*sets));
	size_t i, k = 0;

	for (i = 0; i < n; i++)
		sets[i] = streams[i].set;
	qsort(sets, n, sizeof(*sets), by_set);
	for (i = 0; i < n; i++)
		if (k == 0 || sets[k - 1] != sets[i])
			sets[k++] = sets[i];
	*count = k;
	return sets;
}

/* What a set signs: "domain/selector". */
struct signs { int64_t set; const char *name; };
struct signs_list { struct signs *at; size_t n, room; };

/* The aligned signatures that pass and name their selector (RFC 7489 section 3.1.1, relaxed) of these streams, by set. */
static enum outcome
read_signs(struct signers *g, struct store *s, const struct due_domain *d, const struct stream *streams, size_t n, struct signs_list *out, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "sets_signatures", err);
	struct given given = { NULL, 0, 1 };
	struct buf name;
	enum outcome r = STOP;
	int64_t *sets;

	if (st == NULL)
		return STOP;
	given.at = sets = sets_of(streams, n, &given.count);
	buf_init(&name, 1 << 10);
	if (given_bind(st, 1, &given) == SQLITE_OK) {
		db_text(st, 2, d->org);
		db_text(st, 3, d->name);
		while ((r = db_step(s, st, err)) == OK) {
			if (!domain_aligned(db_column(st, 1), d->name, 0))
				continue;
			if (out->n == out->room) {
				out->room = out->room ? out->room * 2 : 64;
				out->at = mem_grow(out->at, out->room, sizeof(*out->at));
			}
			buf_reset(&name);
			buf_fmt(&name, "%s/%s", db_column(st, 1), db_column(st, 2));
			out->at[out->n++] = (struct signs){ sqlite3_column_int64(st, 0), arena_str(g->text, name.at) };
		}
		sqlite3_clear_bindings(st);
	}
	buf_free(&name);
	free(sets);
	return r == STOP ? STOP : OK;
}

/* Calls take for each of these signatures in each of the streams. */
static enum outcome
each_signature(struct signers *g, struct store *s, const struct due_domain *d, const struct stream *streams, size_t n, take_name *take, struct err *err)
{
	struct signs_list signs = { NULL, 0, 0 };
	enum outcome r = read_signs(g, s, d, streams, n, &signs, err);
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
			take(g, &streams[i], signs.at[low].name);
	}
	free(signs.at);
	return r;
}

static int
by_name(const void *a, const void *b)
{
	const struct signature *x = a, *y = b;
	int c = strcmp(x->name, y->name);

	return c != 0 ? c : x->sender < y->sender ? -1 : x->sender > y->sender;
}

/* One entry for each (name, sender), in this order. */
static void
sort_signatures(struct signers *g)
{
	size_t i, n = 0;

	if (g->count > 0)
		qsort(g->list, g->count, sizeof(*g->list), by_name);
	for (i = 0; i < g->count; i++) {
		if (n > 0 && by_name(&g->list[n - 1], &g->list[i]) == 0)
			g->list[n - 1].messages += g->list[i].messages;
		else
			g->list[n++] = g->list[i];
	}
	g->count = n;
}

/* The first entry of this name and those after it carry direct mail. */
static void
note_direct(struct signers *g, const struct stream *x, const char *name)
{
	size_t low = 0, high = g->count, mid;

	(void)x;
	while (low < high) {
		mid = low + (high - low) / 2;
		if (strcmp(g->list[mid].name, name) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < g->count && strcmp(g->list[low].name, name) == 0; low++)
		g->list[low].direct = 1;
}

/* What no direct mail carries stays. */
static void
drop_direct(struct signers *g)
{
	size_t i, n = 0;

	for (i = 0; i < g->count; i++)
		if (!g->list[i].direct)
			g->list[n++] = g->list[i];
	g->count = n;
}

/* --- owners --- */

struct name { char *sender; int may; };

static enum outcome
look_up(struct store *s, int64_t sender, store_may_sign *may, void *ctx, struct name *out, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "sender_names", err);

	if (st == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, sender);
	if (db_step(s, st, err) != OK)
		return STOP;
	out->sender = mem_str(db_column(st, 0));
	out->may = may(ctx, out->sender, db_column(st, 2), db_column(st, 3));
	sqlite3_reset(st);
	return OK;
}

/* Of the entries from i on that share a name, the one with most messages; names of senders settle a tie. */
static enum outcome
settle_name(struct signers *g, size_t i, size_t *next, struct store *s, store_may_sign *may, void *may_ctx, int64_t *owner, struct err *err)
{
	struct name best = { NULL, 0 }, x;
	int64_t most = 0;
	size_t k;

	*owner = 0;
	for (k = i; k < g->count && strcmp(g->list[k].name, g->list[i].name) == 0; k++) {
		if (g->list[k].messages < most)
			continue;
		if (look_up(s, g->list[k].sender, may, may_ctx, &x, err) != OK) {
			free(best.sender);
			return STOP;
		}
		if (g->list[k].messages > most || strcmp(x.sender, best.sender) < 0) {
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

enum outcome
signers_settle(struct signers *g, struct store *s, const struct due_domain *d, store_may_sign *may, void *may_ctx, void (*own)(void *ctx, int64_t sender),
    void *ctx, struct err *err)
{
	enum outcome r = OK;
	int64_t owner;
	size_t i, n;

	if (g->passed_on.n > 0)
		r = each_signature(g, s, d, g->passed_on.at, g->passed_on.n, note_signature, err);
	sort_signatures(g);
	/* Most selectors show in the first direct streams; it ends with the last one found. */
	for (i = 0; r == OK && g->count > 0 && i < g->direct.n; i += n) {
		n = i + 64 < g->direct.n - i ? i + 64 : g->direct.n - i;
		r = each_signature(g, s, d, g->direct.at + i, n, note_direct, err);
		drop_direct(g);
	}
	for (i = 0; r == OK && i < g->count;) {
		r = settle_name(g, i, &i, s, may, may_ctx, &owner, err);
		if (r == OK && owner > 0)
			own(ctx, owner);
	}
	g->passed_on.n = g->direct.n = g->count = 0;
	arena_reset(g->text);
	return r;
}
