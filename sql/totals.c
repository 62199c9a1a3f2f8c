/* SPDX-License-Identifier: MIT */
/* See sums_parts.h: what the totals of addresses say of each sender of a domain: addresses, largest streams, and whose signed mail is its own. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sql/given.h"
#include "sql/sums_parts.h"
#include "sql/told.h"
#include "sql/writer.h"

enum { TOP_WIDTH = 5, STREAM_WIDTH = 6, WRITE = 1000 };	/* columns of standing_address, of standing_stream; rows written at once */

/* The results' own digest settles a tie, so that the order in which reports came does not. */
static enum outcome
set_before(struct store *s, int64_t one, int64_t other, int *before, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "auth_set_before", err);

	if (st == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, one);
	sqlite3_bind_int64(st, 2, other);
	if (db_step(s, st, err) != OK)
		return STOP;
	*before = sqlite3_column_int(st, 0);
	sqlite3_reset(st);
	return OK;
}

static enum outcome
take_largest(struct store *s, struct largest *l, const struct largest *x, struct err *err)
{
	int larger = x->messages > l->messages;

	if (x->messages == l->messages && x->set != l->set && l->set != 0 && set_before(s, x->set, l->set, &larger, err) != OK)
		return STOP;
	if (larger)
		*l = *x;
	return OK;
}

void
totals_top(struct one *o, int64_t source, int64_t messages)
{
	size_t i;

	if (o->ntops >= TOP && messages < o->tops[TOP - 1].messages)
		return;
	if (o->ntops == o->tops_room) {
		o->tops_room = o->tops_room > 0 ? o->tops_room * 2 : 4;
		o->tops = mem_grow(o->tops, o->tops_room, sizeof(*o->tops));
	}
	for (i = o->ntops++; i > 0 && o->tops[i - 1].messages < messages; i--)
		o->tops[i] = o->tops[i - 1];
	o->tops[i] = (struct top){ source, messages };
	while (o->ntops > TOP && o->tops[o->ntops - 1].messages < o->tops[TOP - 1].messages)
		o->ntops--;
}

/* A top with its address, while a tie is settled. */
struct tied { struct top top; char *address; };

/* Row: number of the top, address. */
static enum outcome
take_address(void *ctx, sqlite3_value **row)
{
	struct tied *list = ctx;

	list[sqlite3_value_int64(row[0])].address = mem_str((const char *)sqlite3_value_text(row[1]));
	return OK;
}

static int
by_address(const void *a, const void *b)
{
	const struct tied *x = a, *y = b;

	if (x->top.messages != y->top.messages)
		return x->top.messages > y->top.messages ? -1 : 1;
	return strcmp(x->address != NULL ? x->address : "", y->address != NULL ? y->address : "");
}

/* Those with most messages, of equal ones those whose address comes first in the order of text: TOP at most, in this order. */
static enum outcome
settle_tops(struct store *s, struct one *o, struct err *err)
{
	struct given given = { (const int64_t *)o->tops, o->ntops, 2 };
	struct tied list[TOPS_MAX];
	sqlite3_stmt *st;
	enum outcome r;
	size_t i;

	for (i = 1; i < o->ntops && o->tops[i].messages != o->tops[i - 1].messages; i++)
		;
	if (i >= o->ntops)
		return OK;
	if ((st = db_query(s, "addresses_of_sources", err)) == NULL)
		return STOP;
	if (given_bind(st, 1, &given) != SQLITE_OK)
		return db_fail(s, "addresses", err);
	for (i = 0; i < o->ntops; i++)
		list[i] = (struct tied){ o->tops[i], NULL };
	r = told_each(s, st, take_address, list, err);
	sqlite3_clear_bindings(st);
	if (r == OK)
		qsort(list, o->ntops, sizeof(list[0]), by_address);
	for (i = 0; i < o->ntops; i++) {
		o->tops[i] = list[i].top;
		free(list[i].address);
	}
	o->ntops = o->ntops < TOP ? o->ntops : TOP;
	return r;
}

enum outcome
totals_end(struct sums *s, struct one *o, struct err *err)
{
	if (o->source == 0)
		return OK;
	if (o->ntops == 0 && o->tops == NULL) {
		o->first_top = (struct top){ o->source, o->source_messages };
		o->ntops = 1;
	} else {
		if (o->tops == NULL) {
			o->ntops = 0;
			totals_top(o, o->first_top.source, o->first_top.messages);
		}
		totals_top(o, o->source, o->source_messages);
	}
	o->source = 0;
	return o->ntops == TOPS_MAX ? settle_tops(s->store, o, err) : OK;
}

enum outcome
totals_write(struct sums *s, struct err *err)
{
	enum outcome r = s->nout > 0 ? given_run(s->store, "standing_addresses_put", s->out, s->nout, TOP_WIDTH, err) : OK;

	if (r == OK && s->nstreams > 0)
		r = given_run(s->store, "standing_streams_put", s->streams, s->nstreams, STREAM_WIDTH, err);
	s->nout = s->nstreams = 0;
	return r;
}

static void
put_largest(struct sums *s, const struct one *o, int kind, const struct largest *l)
{
	if (l->set != 0)
		memcpy(s->streams + s->nstreams++ * STREAM_WIDTH, (int64_t[STREAM_WIDTH]){ s->domain, o->sender, kind, l->set, l->source, l->messages },
		    STREAM_WIDTH * sizeof(*s->streams));
}

enum outcome
totals_put(struct sums *s, struct one *o, const char *kind, struct err *err)
{
	const struct top *tops;
	size_t i;

	/* A sender that is an address needs no list. */
	if (o->ntops == 1 && strcmp(kind, "address") == 0)
		return OK;
	if (o->tops != NULL && settle_tops(s->store, o, err) != OK)
		return STOP;
	if (s->out == NULL) {
		s->out = mem_alloc((WRITE + TOP) * TOP_WIDTH * sizeof(*s->out));
		s->streams = mem_alloc((WRITE + TOP) * STREAM_WIDTH * sizeof(*s->streams));
	}
	tops = o->tops != NULL ? o->tops : &o->first_top;
	for (i = 0; i < o->ntops; i++)
		memcpy(s->out + s->nout++ * TOP_WIDTH, (int64_t[TOP_WIDTH]){ s->domain, o->sender, (int64_t)i + 1, tops[i].source, tops[i].messages },
		    TOP_WIDTH * sizeof(*s->out));
	if (o->addresses > TOP) {
		put_largest(s, o, 0, &o->of_all);
		put_largest(s, o, 1, &o->failing);
		put_largest(s, o, 2, &o->broken);
	}
	return s->nout >= WRITE || s->nstreams >= WRITE ? totals_write(s, err) : OK;
}

enum outcome
totals_add(struct sums *s, struct one *o, int64_t source, int64_t set, int64_t messages, const struct facts *f, int way, struct err *err)
{
	struct largest x = { messages, (int32_t)set, (int32_t)source };

	if (o->source != source) {
		if (totals_end(s, o, err) != OK)
			return STOP;
		o->source = source;
		o->source_messages = 0;
		o->addresses++;
	}
	o->source_messages += messages;
	if (take_largest(s->store, &o->of_all, &x, err) != OK)
		return STOP;
	if (f->pass || !(f->refused || f->at_risk) || way > OWN_WAY)
		return OK;
	return take_largest(s->store, way == 0 ? &o->failing : &o->broken, &x, err);
}

enum outcome
totals_failing(struct sums *s, const struct one *o, struct largest *out, struct err *err)
{
	*out = o->failing;
	return o->own_way == OWN_WAY && o->broken.set != 0 ? take_largest(s->store, out, &o->broken, err) : OK;
}

void
totals_note_owner(void *ctx, int64_t sender)
{
	struct sums *s = ctx;

	if ((s->nowners & (s->nowners - 1)) == 0)
		s->owners = mem_grow(s->owners, s->nowners > 0 ? s->nowners * 2 : 1, sizeof(*s->owners));
	s->owners[s->nowners++] = sender;
}

/* Senders whose mail is their own. The first pass finds them for all. */
static enum outcome
settle_owners(struct sums *s, const struct sender_walk *w, struct err *err)
{
	size_t i;

	if (s->low == 0 && signers_settle(s->signers, s->store, w->domain, w->may, w->ctx, totals_note_owner, s, err) != OK)
		return STOP;
	for (i = 0; i < s->nowners; i++) {
		struct one *o = sums_find(s, s->owners[i]);

		if (o != NULL)
			o->own_way = OWN_WAY;
	}
	return OK;
}

/* Row: source, sender, auth_set, outcome, way, messages. */
static enum outcome
take_total(void *ctx, sqlite3_value **row)
{
	struct sums_told *t = ctx;
	struct sums *s = t->sums;
	int64_t sender = sqlite3_value_int64(row[1]), set = sqlite3_value_int64(row[2]), messages = sqlite3_value_int64(row[5]);
	const struct facts *f = facts_of(&s->facts, (size_t)sqlite3_value_int64(row[3]));
	int way = sqlite3_value_int(row[4]);
	struct one *o = sums_sender(s, sender);

	if (s->low == 0 && f->pass && f->dkim && way <= 1)
		signers_add(s->signers, sender, set, messages, way == 0);
	return o != NULL ? totals_add(s, o, sqlite3_value_int64(row[0]), set, messages, f, way, t->err) : OK;
}

/* What each address of the domain sent, which lies address by address. */
enum outcome
totals_walk(struct sums *s, const struct sender_walk *w, struct err *err)
{
	sqlite3_stmt *st = db_query(s->store, s->low == 0 ? "flow_walk" : "flow_walk_from", err);

	if (st == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, s->domain);
	if (s->low > 0)
		sqlite3_bind_int64(st, 2, s->low);
	return told_each(s->store, st, take_total, &(struct sums_told){ s, err }, err) == OK ? settle_owners(s, w, err) : STOP;
}

/* Row: sender, addresses, auth_set, fail_set, own_way, stranger. */
static enum outcome
take_kept(void *ctx, sqlite3_value **row)
{
	struct sums *s = ctx;
	struct one *o = sums_sender(s, sqlite3_value_int64(row[0]));

	if (o == NULL)
		return OK;
	o->kept = o->was_known = 1;
	o->addresses = sqlite3_value_int64(row[1]);
	o->of_all.set = sqlite3_value_int(row[2]);
	o->failing.set = sqlite3_value_int(row[3]);
	o->own_way = (char)sqlite3_value_int(row[4]);
	o->was_stranger = (char)sqlite3_value_int(row[5]);
	o->stranger = (char)(o->was_stranger && s->crowd);
	return OK;
}

enum outcome
totals_kept(struct sums *s, struct err *err)
{
	sqlite3_stmt *st = db_query(s->store, "standing_walk", err);

	if (st == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, s->domain);
	sqlite3_bind_int64(st, 2, s->low);
	sqlite3_bind_int(st, 3, s->crowd);
	return told_each(s->store, st, take_kept, s, err);
}
