/* SPDX-License-Identifier: MIT */
/* See growth.h. */
#include "sql/growth.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#ifndef GROWTH_NOTES_MAX
#define GROWTH_NOTES_MAX (1 << 17)	/* addresses noted, and streams: 4 and 5 MiB; more is analysed whole */
#endif

struct growth {
	uint32_t *marks;		/* by domain id; 0 none */
	size_t domains;
	uint32_t last;			/* the mark given last */
	size_t open;			/* domains that have a mark */
	int too_much;			/* 1: until all is forgotten nothing more is noted */
	struct touched *touched;
	size_t count, room;
	uint32_t *slots;		/* index + 1 in touched; open addressing; NULL while touched is sorted */
	size_t mask;
	struct restream *streams;
	size_t nstreams, streams_room;
	int sorted;
};

static struct growth *
growth_of(struct store *s)
{
	if (s->growth == NULL)
		s->growth = mem_alloc(sizeof(*s->growth));
	return s->growth;
}

void
growth_forget(struct store *s)
{
	struct growth *g = s->growth;

	if (g == NULL)
		return;
	if (g->open > 0)
		memset(g->marks, 0, g->domains * sizeof(*g->marks));
	g->open = g->count = g->nstreams = 0;
	g->too_much = g->sorted = 0;
	free(g->slots);
	g->slots = NULL;
	g->mask = 0;
}

void
growth_free(struct store *s)
{
	if (s->growth == NULL)
		return;
	free(s->growth->marks);
	free(s->growth->touched);
	free(s->growth->slots);
	free(s->growth->streams);
	free(s->growth);
	s->growth = NULL;
}

void
growth_drop(struct store *s, int64_t domain)
{
	struct growth *g = s->growth;

	if (growth_mark(s, domain) == 0)
		return;
	g->marks[domain] = 0;
	if (--g->open == 0)
		growth_forget(s);
}

uint32_t
growth_mark(const struct store *s, int64_t domain)
{
	const struct growth *g = s->growth;

	return g != NULL && domain >= 0 && (size_t)domain < g->domains ? g->marks[domain] : 0;
}

static void
set_mark(struct growth *g, size_t domain)
{
	size_t room = g->domains ? g->domains : 64;

	while (room <= domain)
		room *= 2;
	if (room > g->domains) {
		g->marks = mem_grow(g->marks, room, sizeof(*g->marks));
		memset(g->marks + g->domains, 0, (room - g->domains) * sizeof(*g->marks));
		g->domains = room;
	}
	g->marks[domain] = ++g->last;
	g->open++;
}

enum outcome
growth_open(struct store *s, int64_t domain, struct err *err)
{
	sqlite3_stmt *st;

	if (growth_mark(s, domain) != 0)
		return OK;
	if (db_write(s, err) != OK || (st = db_query(s, "analysed_touch", err)) == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, domain);
	if (db_run(s, st, err) != OK)
		return STOP;
	if (sqlite3_changes(s->db) > 0 && !growth_of(s)->too_much)
		set_mark(s->growth, (size_t)domain);
	return OK;
}

static size_t
slot_of(const struct growth *g, uint32_t mark, int64_t sender, int32_t source)
{
	uint64_t h = ((uint64_t)(uint32_t)source << 32 | mark) * 0x9e3779b97f4a7c15u;
	size_t i;

	h = (h ^ h >> 29 ^ (uint64_t)sender) * 0x9fb21c651e98df25u;
	for (i = (size_t)(h >> 24) & g->mask; g->slots[i] != 0; i = (i + 1) & g->mask) {
		const struct touched *t = &g->touched[g->slots[i] - 1];

		if (t->mark == mark && t->sender == sender && t->source == source)
			break;
	}
	return i;
}

static void
grow(struct growth *g)
{
	size_t i;

	if (g->count == g->room) {
		g->room = g->room ? g->room * 2 : 1024;
		g->touched = mem_grow(g->touched, g->room, sizeof(*g->touched));
	}
	free(g->slots);
	g->mask = g->room * 2 - 1;
	g->slots = mem_alloc((g->mask + 1) * sizeof(*g->slots));
	for (i = 0; i < g->count; i++)
		g->slots[slot_of(g, g->touched[i].mark, g->touched[i].sender, g->touched[i].source)] = (uint32_t)i + 1;
	g->sorted = 0;
}

static void
give_up(struct store *s)
{
	growth_forget(s);
	s->growth->too_much = 1;
}

struct touched *
growth_touch(struct store *s, uint32_t mark, int64_t sender, int32_t source, int *fresh)
{
	struct growth *g = s->growth;
	size_t slot;

	if (g->slots == NULL || g->count == g->room)
		grow(g);
	slot = slot_of(g, mark, sender, source);
	*fresh = g->slots[slot] == 0;
	if (!*fresh)
		return &g->touched[g->slots[slot] - 1];
	if (g->count == GROWTH_NOTES_MAX) {
		give_up(s);
		return NULL;
	}
	g->touched[g->count] = (struct touched){ mark, source, sender, 0, 0 };
	g->slots[slot] = (uint32_t)++g->count;
	return &g->touched[g->count - 1];
}

void
growth_restream(struct store *s, const struct restream *r)
{
	struct growth *g = s->growth;

	if (g->nstreams == GROWTH_NOTES_MAX) {
		give_up(s);
		return;
	}
	if (g->nstreams == g->streams_room) {
		g->streams_room = g->streams_room ? g->streams_room * 2 : 256;
		g->streams = mem_grow(g->streams, g->streams_room, sizeof(*g->streams));
	}
	g->streams[g->nstreams++] = *r;
	g->sorted = 0;
}

/* --- told --- */

static int
by_sender(const void *a, const void *b)
{
	const struct touched *x = a, *y = b;

	if (x->mark != y->mark)
		return x->mark < y->mark ? -1 : 1;
	if (x->sender != y->sender)
		return x->sender < y->sender ? -1 : 1;
	return x->source < y->source ? -1 : x->source > y->source;
}

static int
by_mark(const void *a, const void *b)
{
	const struct restream *x = a, *y = b;

	if (x->mark != y->mark)
		return x->mark < y->mark ? -1 : 1;
	return x->auth_set < y->auth_set ? -1 : x->auth_set > y->auth_set;
}

static void
sort_notes(struct growth *g)
{
	if (g->sorted)
		return;
	if (g->count > 0)
		qsort(g->touched, g->count, sizeof(*g->touched), by_sender);
	if (g->nstreams > 0)
		qsort(g->streams, g->nstreams, sizeof(*g->streams), by_mark);
	/* Places have changed: the next note sees to that. */
	free(g->slots);
	g->slots = NULL;
	g->sorted = 1;
}

/* Both lists begin with the mark. The first entry of this mark or a later one. */
static size_t
first_of(const void *list, size_t count, size_t size, uint32_t mark)
{
	size_t low = 0, high = count, mid;
	uint32_t at;

	while (low < high) {
		mid = low + (high - low) / 2;
		memcpy(&at, (const char *)list + mid * size, sizeof(at));
		if (at < mark)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Where the entries of this mark begin, and how many they are. */
static size_t
find_mark(const void *list, size_t count, size_t size, uint32_t mark, size_t *n)
{
	size_t from = first_of(list, count, size, mark);

	*n = first_of(list, count, size, mark + 1) - from;
	return from;
}

const struct touched *
growth_touched(struct store *s, uint32_t mark, size_t *count)
{
	struct growth *g = s->growth;

	sort_notes(g);
	return g->touched + find_mark(g->touched, g->count, sizeof(*g->touched), mark, count);
}

const struct restream *
growth_restreams(struct store *s, uint32_t mark, size_t *count)
{
	struct growth *g = s->growth;

	sort_notes(g);
	return g->streams + find_mark(g->streams, g->nstreams, sizeof(*g->streams), mark, count);
}
