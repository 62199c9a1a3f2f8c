/* SPDX-License-Identifier: MIT */
/*
 * Sums of each sender of a domain over the whole database: one walk over its totals of addresses (totals.c; or,
 * where these have not changed or but grown, what the analysis kept of them), and one over its days. Senders are
 * handed over one by one while their days are at hand, and memory is bounded: a domain of more than SENDERS_MAX senders or ROWS_MAX rows of
 * days is done in several passes, each over one range of sender ids.
 */
#include "sql/sums_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/text.h"
#include "sql/given.h"
#include "sql/told.h"
#include "sql/writer.h"

#ifndef SUMS_SENDERS_MAX
#define SUMS_SENDERS_MAX (1 << 17)	/* senders held at a time: 24 MiB */
#define SUMS_ROWS_MAX (1 << 19)		/* rows of days: 12 MiB */
#endif

enum { FIRST_DAY = 14610 };	/* 2010-01-01: DMARC is younger */

/* --- senders by id --- */

static size_t
slot_of(const struct sums *s, int64_t sender)
{
	size_t i = (size_t)((uint64_t)sender * 0x9e3779b97f4a7c15u >> 20) & s->mask;

	while (s->slots[i] != 0 && s->list[s->slots[i] - 1].sender != sender)
		i = (i + 1) & s->mask;
	return i;
}

static void
place(struct sums *s, size_t i)
{
	size_t slot = slot_of(s, s->list[i].sender);

	s->slots[slot] = (uint32_t)i + 1;
	s->list[i].slot = (uint32_t)slot;
}

static void
grow_slots(struct sums *s)
{
	size_t i;

	free(s->slots);
	s->mask = s->mask == 0 ? 1023 : s->mask * 2 + 1;
	s->slots = mem_alloc((s->mask + 1) * sizeof(*s->slots));
	for (i = 0; i < s->count; i++)
		place(s, i);
}

/* Forgets the senders from index `from` on. Slots are cleared one by one: most domains have few, and one may have many. */
static void
drop_senders(struct sums *s, size_t from)
{
	size_t i;

	for (i = 0; i < s->count; i++)
		s->slots[s->list[i].slot] = 0;
	for (i = from; i < s->count; i++)
		free(s->list[i].tops);
	s->count = from;
	for (i = 0; i < s->count; i++)
		place(s, i);
}

/* Too much for one pass: the upper half of the senders is left to a later one. */
static void
narrow(struct sums *s)
{
	int64_t *ids = mem_alloc((s->count + 1) * sizeof(*ids));
	size_t i, n = 0;

	for (i = 0; i < s->count; i++)
		ids[i] = s->list[i].sender;
	qsort(ids, s->count, sizeof(*ids), by_number);
	s->high = ids[s->count / 2];
	free(ids);
	/* Those that stay move to the front, in their order. */
	for (i = 0; i < s->count; i++) {
		if (s->list[i].sender < s->high) {
			struct one keep = s->list[i];

			s->list[i] = s->list[n];
			s->list[n++] = keep;
		}
	}
	drop_senders(s, n);
	for (i = n = 0; i < s->nparts; i++)
		if (s->parts[i].sender < s->high)
			s->parts[n++] = s->parts[i];
	s->nparts = n;
}

struct one *
sums_find(const struct sums *s, int64_t sender)
{
	size_t slot;

	if (s->count == 0)
		return NULL;
	slot = slot_of(s, sender);
	return s->slots[slot] != 0 ? &s->list[s->slots[slot] - 1] : NULL;
}

struct one *
sums_sender(struct sums *s, int64_t sender)
{
	struct one *o = sums_find(s, sender);

	if (o != NULL)
		return o;
	while (sender < s->high && s->count >= SUMS_SENDERS_MAX)
		narrow(s);
	if (sender < s->low || sender >= s->high)
		return NULL;
	if (s->slots == NULL || s->count * 2 >= s->mask)
		grow_slots(s);
	if (s->count == s->room) {
		s->room = s->room ? s->room * 2 : 256;
		s->list = mem_grow(s->list, s->room, sizeof(*s->list));
	}
	o = &s->list[s->count];
	memset(o, 0, sizeof(*o));
	o->sender = sender;
	place(s, s->count++);
	return o;
}

/* --- days --- */

/* Rows of one sender become one chain, in the order of their days. */
static void
chain_parts(struct sums *s)
{
	size_t i;

	for (i = s->nparts; i > 0; i--) {
		struct one *o = sums_find(s, s->parts[i - 1].sender);

		if (o == NULL)
			continue;
		s->parts[i - 1].next = o->parts;
		o->parts = (uint32_t)i;
	}
}

/* How many addresses the strangers have whose recent days were found. */
static enum outcome
count_strangers(struct sums *s, struct err *err)
{
	int64_t *senders = mem_alloc((s->count + 1) * 2 * sizeof(*senders));
	struct given given = { senders, 0, 2 };
	sqlite3_stmt *st = db_query(s->store, "standing_counts", err);
	enum outcome r = STOP;
	size_t i;

	for (i = 0; i < s->count; i++)
		if (s->list[i].stranger) {
			senders[given.count * 2] = s->domain;
			senders[given.count++ * 2 + 1] = s->list[i].sender;
		}
	if (st != NULL && given_bind(st, 1, &given) == SQLITE_OK) {
		while ((r = db_step(s->store, st, err)) == OK)
			sums_find(s, sqlite3_column_int64(st, 0))->addresses = sqlite3_column_int64(st, 1);
		sqlite3_clear_bindings(st);
	}
	free(senders);
	return r == STOP ? STOP : OK;
}

/* A day of a sender that is not held: of a stranger of a crowd, of which only the recent ones count, and the first permerror and what was forwarded. NULL: it is passed over. */
static struct one *
stranger_on(struct sums *s, int64_t sender, int64_t day, int way, const struct facts *f)
{
	struct one *o = day >= s->recent_from || way > 0 || f->permerror ? sums_sender(s, sender) : NULL;

	if (o != NULL)
		o->kept = o->stranger = o->was_known = o->was_stranger = 1;
	return o;
}

/* While days are told: the day of the last row, which mostly is that of the next. */
struct telling_days { struct sums *sums; char day[11]; int32_t at; };

/* Row: day, sender, way, outcome, messages. */
static enum outcome
take_part(void *ctx, sqlite3_value **row)
{
	struct telling_days *t = ctx;
	struct sums *s = t->sums;
	const char *day = (const char *)sqlite3_value_text(row[0]);
	int64_t sender = sqlite3_value_int64(row[1]), at;
	int way = sqlite3_value_int(row[2]);
	uint32_t outcome = (uint32_t)sqlite3_value_int(row[3]);
	struct part *p;

	if (strcmp(day, t->day) != 0) {
		(void)snprintf(t->day, sizeof(t->day), "%s", day);
		t->at = text_when(t->day, &at) ? (int32_t)(at / 86400) : 0;
	}
	/* Dates that no report can have say nothing of how steady a sender is. */
	if (t->at > s->newest || t->at < FIRST_DAY)
		return OK;
	if (sums_find(s, sender) == NULL && (s->crowd ? stranger_on(s, sender, t->at, way, facts_of(&s->facts, outcome)) : sums_sender(s, sender)) == NULL)
		return OK;
	/* A single sender is not divided: its days are few beside what a domain can have of senders. */
	while (s->nparts >= SUMS_ROWS_MAX && s->count > 1)
		narrow(s);
	if (sender >= s->high)
		return OK;
	if (s->nparts == s->parts_room) {
		s->parts_room = s->parts_room ? s->parts_room * 2 : 1024;
		s->parts = mem_grow(s->parts, s->parts_room, sizeof(*s->parts));
	}
	p = &s->parts[s->nparts++];
	p->sender = (uint32_t)sender;
	p->next = 0;
	p->kind = outcome << 2 | (uint32_t)way;
	p->day = t->at;
	p->messages = sqlite3_value_int64(row[4]);
	return OK;
}

static enum outcome
walk_days(struct sums *s, struct err *err)
{
	sqlite3_stmt *st = db_query(s->store, "daily_walk", err);

	if (st == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, s->domain);
	sqlite3_bind_int64(st, 2, s->low);
	if (told_each(s->store, st, take_part, &(struct telling_days){ .sums = s }, err) != OK)
		return STOP;
	chain_parts(s);
	return s->crowd ? count_strangers(s, err) : OK;
}

/* --- the walk --- */

static struct sums *
sums_new(struct store *s)
{
	struct sums *x = mem_alloc(sizeof(*x));

	x->store = s;
	x->signers = signers_new();
	return x;
}

void
sums_free(struct sums *s)
{
	if (s == NULL)
		return;
	drop_senders(s, 0);
	free(s->out);
	free(s->streams);
	signers_free(s->signers);
	facts_free(&s->facts);
	free(s->list);
	free(s->slots);
	free(s->parts);
	free(s->names);
	arena_free(s->text);
	free(s->owners);
	free(s);
}

enum outcome
sums_each(struct sums **at, struct store *store, const struct sender_walk *w, struct err *err)
{
	struct sums *s = *at = *at != NULL ? *at : sums_new(store);
	enum outcome r;
	int64_t at_day;

	s->domain = w->domain->id;
	s->crowd = w->domain->settled;
	s->recent_from = text_when(w->recent_from, &at_day) ? (int32_t)(at_day / 86400) : INT32_MAX;
	s->newest = text_when(w->newest, &at_day) ? (int32_t)(at_day / 86400) : INT32_MAX;
	s->nowners = 0;
	s->nout = s->nstreams = 0;
	r = facts_load(&s->facts, store, err);
	for (s->low = 0; r == OK; s->low = s->high) {
		drop_senders(s, 0);
		s->nparts = 0;
		s->high = INT64_MAX;
		if (w->domain->settled)
			r = totals_kept(s, err);
		else
			r = w->domain->grown ? grown_load(s, w, err) : totals_walk(s, w, err);
		if (r == OK)
			r = walk_days(s, err);
		if (r == OK)
			r = sums_tell(s, w, err);
		if (s->high == INT64_MAX)
			break;
	}
	return r;
}
