/* SPDX-License-Identifier: MIT */
/* See sums_parts.h: what the totals of addresses say of each sender of a domain: addresses, largest streams, and whose signed mail is its own. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sql/sums_parts.h"
#include "sql/told.h"
#include "sql/writer.h"

enum { TOP_WIDTH = 5, TOP_WRITE = 1000 };	/* columns of standing_address; rows written at once */

/* The results' own digest, or the address, settles a tie, so that the order in which reports came does not. question: auth_set_before, source_before. */
static enum outcome
is_before(struct store *s, const char *question, int64_t one, int64_t other, int *before, struct err *err)
{
	sqlite3_stmt *st = db_query(s, question, err);

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

	if (x->messages == l->messages && x->set != l->set && l->set != 0 && is_before(s, "auth_set_before", x->set, l->set, &larger, err) != OK)
		return STOP;
	if (larger)
		*l = *x;
	return OK;
}

enum outcome
totals_end(struct sums *s, struct one *o, struct err *err)
{
	struct top x = { o->source, o->source_messages }, *tops;
	size_t i;
	int before;

	if (o->source == 0)
		return OK;
	o->source = 0;
	if (o->ntops == 0 && o->tops == NULL) {
		o->first_top = x;
		o->ntops = 1;
		return OK;
	}
	if (o->tops == NULL) {
		o->tops = mem_grow(NULL, TOP, sizeof(*o->tops));
		o->tops[0] = o->first_top;
	}
	tops = o->tops;
	for (i = o->ntops; i > 0; i--) {
		before = x.messages > tops[i - 1].messages;
		if (x.messages == tops[i - 1].messages && is_before(s->store, "source_before", x.source, tops[i - 1].source, &before, err) != OK)
			return STOP;
		if (!before)
			break;
		if (i < TOP)
			tops[i] = tops[i - 1];
	}
	if (i < TOP)
		tops[i] = x;
	if (o->ntops < TOP)
		o->ntops++;
	return OK;
}

enum outcome
totals_write(struct sums *s, struct err *err)
{
	enum outcome r = s->nout > 0 ? given_run(s->store, "standing_addresses_put", s->out, s->nout, TOP_WIDTH, err) : OK;

	s->nout = 0;
	return r;
}

static enum outcome
put_largest(struct sums *s, const struct one *o, int kind, const struct largest *l, struct err *err)
{
	sqlite3_stmt *st;

	if (l->set == 0)
		return OK;
	if ((st = db_query(s->store, "standing_stream_put", err)) == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, s->domain);
	sqlite3_bind_int64(st, 2, o->sender);
	sqlite3_bind_int(st, 3, kind);
	sqlite3_bind_int64(st, 4, l->set);
	sqlite3_bind_int64(st, 5, l->source);
	sqlite3_bind_int64(st, 6, l->messages);
	return db_run(s->store, st, err);
}

enum outcome
totals_put(struct sums *s, const struct one *o, const char *kind, struct err *err)
{
	const struct top *tops = o->tops != NULL ? o->tops : &o->first_top;
	size_t i;

	/* A sender that is an address needs no list. */
	if (o->ntops == 1 && strcmp(kind, "address") == 0)
		return OK;
	if (s->out == NULL)
		s->out = mem_alloc(TOP_WRITE * TOP_WIDTH * sizeof(*s->out));
	for (i = 0; i < o->ntops; i++) {
		int64_t *x;

		if (s->nout == TOP_WRITE && totals_write(s, err) != OK)
			return STOP;
		x = s->out + s->nout++ * TOP_WIDTH;
		x[0] = s->domain;
		x[1] = o->sender;
		x[2] = (int64_t)i + 1;
		x[3] = tops[i].source;
		x[4] = tops[i].messages;
	}
	if (o->addresses <= TOP)
		return OK;
	return put_largest(s, o, 0, &o->of_all, err) == OK && put_largest(s, o, 1, &o->failing, err) == OK ? put_largest(s, o, 2, &o->broken, err) : STOP;
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
	const struct facts *f = sums_facts(s, (size_t)sqlite3_value_int64(row[3]));
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
