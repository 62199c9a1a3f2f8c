/* SPDX-License-Identifier: MIT */
/*
 * See sums_parts.h: a domain that was analysed before, and of which it is known what came since (growth.c). Senders that got nothing are as
 * the last analysis kept them. One that did is summed up anew where all its addresses are known, which is where they are few
 * (standing_address); else what came is added to what is kept of it: totals only grow, but for mail that turned out to be another's.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sql/given.h"
#include "sql/growth.h"
#include "sql/sums_parts.h"
#include "sql/told.h"

/* What came to a domain, by sender and source, and what is to be read for it. */
struct grown {
	struct sums *s;
	const struct touched *at;
	size_t count;
	int64_t *pairs;		/* (domain, source) */
	size_t npairs, room;
	struct sieve wanted;	/* of what lies at these sources: (source, sender) */
	struct err *err;
};

static size_t
first_from(const struct grown *g, int64_t sender, int64_t source)
{
	size_t low = 0, high = g->count, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (g->at[mid].sender < sender || (g->at[mid].sender == sender && g->at[mid].source < source))
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static int
is_touched(const struct grown *g, int64_t sender, int64_t source)
{
	size_t i = first_from(g, sender, source);

	return i < g->count && g->at[i].sender == sender && g->at[i].source == source;
}

/* The sender's totals at a source are to be read. */
static void
read_source(struct grown *g, int64_t sender, int64_t source)
{
	sieve_add(&g->wanted, source * 1000003 + sender);	/* as in flow_of_senders.sql */
	if (g->npairs == g->room) {
		g->room = g->room ? g->room * 2 : 256;
		g->pairs = mem_grow(g->pairs, g->room * 2, sizeof(*g->pairs));
	}
	g->pairs[g->npairs * 2] = g->s->domain;
	g->pairs[g->npairs++ * 2 + 1] = source;
}

/* --- what is kept of the touched senders --- */

/* Makes their entries, and tells them as (domain, sender); caller frees. */
static int64_t *
touch_senders(struct grown *g, struct given *given)
{
	int64_t *senders = mem_alloc((g->count + 1) * 2 * sizeof(*senders));
	size_t i, n = 0;

	for (i = first_from(g, g->s->low, INT64_MIN); i < g->count && g->at[i].sender < g->s->high; i++) {
		struct one *o;

		if (n > 0 && senders[n * 2 - 1] == g->at[i].sender)
			continue;
		if ((o = sums_sender(g->s, g->at[i].sender)) == NULL)
			break;
		o->kept = o->stranger = 0;
		o->of_all.set = o->failing.set = 0;
		senders[n * 2] = g->s->domain;
		senders[n++ * 2 + 1] = o->sender;
	}
	*given = (struct given){ senders, n, 2 };
	return senders;
}

/* Strangers were left out of what was loaded. */
static void
take_stranger(struct one *o, sqlite3_stmt *st)
{
	o->was_known = 1;
	o->addresses = sqlite3_column_int64(st, 1);
	o->was_stranger = (char)sqlite3_column_int(st, 2);
}

static void
take_top(struct one *o, sqlite3_stmt *st)
{
	totals_top(o, sqlite3_column_int64(st, 1), sqlite3_column_int64(st, 2));
	o->listed = (char)o->ntops;
}

static void
take_stream(struct one *o, sqlite3_stmt *st)
{
	struct largest *const kinds[] = { &o->of_all, &o->failing, &o->broken };

	*kinds[sqlite3_column_int(st, 1)] = (struct largest){ sqlite3_column_int64(st, 4), sqlite3_column_int(st, 2), sqlite3_column_int(st, 3) };
}

/* Rows of the statement NAME for these senders; those of a later pass are passed over. */
static enum outcome
load(struct sums *s, const char *name, struct given *given, void (*take)(struct one *o, sqlite3_stmt *st), struct err *err)
{
	sqlite3_stmt *st = db_query(s->store, name, err);
	enum outcome r;

	if (st == NULL || given_bind(st, 1, given) != SQLITE_OK)
		return STOP;
	while ((r = db_step(s->store, st, err)) == OK) {
		struct one *o = sums_find(s, sqlite3_column_int64(st, 0));

		if (o != NULL)
			take(o, st);
	}
	sqlite3_clear_bindings(st);
	return r == STOP ? STOP : OK;
}

/* --- anew, or added to --- */

static int
is_top(const struct one *o, int64_t source)
{
	size_t i;

	for (i = 0; i < o->ntops && o->tops[i].source != source; i++)
		;
	return i < o->ntops;
}

static void
drop_top(struct one *o, int64_t source)
{
	size_t i, n = 0;

	for (i = 0; i < o->ntops; i++)
		if (o->tops[i].source != source)
			o->tops[n++] = o->tops[i];
	o->ntops = (unsigned char)n;
}

/* What is kept is without the address from now on: it comes again with its present totals. SKIP: it had a part in what is kept, and became less. */
static enum outcome
take_out(struct one *o, const struct touched *t)
{
	int largest = o->of_all.source == t->source || o->failing.source == t->source || o->broken.source == t->source;

	if (t->lost && (largest || is_top(o, t->source)))
		return SKIP;
	drop_top(o, t->source);
	o->addresses -= t->had;
	return OK;
}

/* How a sender is summed up, whose touched addresses are from i on: sets *next behind them. */
static enum outcome
plan(struct grown *g, size_t i, size_t *next)
{
	struct one *o = sums_find(g->s, g->at[i].sender);
	size_t k, had = 0;

	for (k = i; k < g->count && g->at[k].sender == g->at[i].sender; k++)
		had += (size_t)g->at[k].had;
	*next = k;
	if (o == NULL)
		return OK;
	if (o->ntops == o->addresses || (o->ntops == 0 && (int64_t)had == o->addresses)) {
		for (k = 0; k < o->ntops; k++)
			read_source(g, o->sender, o->tops[k].source);
		o->addresses = o->ntops = 0;
		o->of_all = o->failing = o->broken = (struct largest){ 0, 0, 0 };
	} else if (o->of_all.set == 0) {
		return SKIP;
	} else {
		o->merged = 1;
	}
	for (k = i; k < *next; k++) {
		read_source(g, o->sender, g->at[k].source);
		if (o->merged && take_out(o, &g->at[k]) != OK)
			return SKIP;
	}
	return OK;
}

static enum outcome
plan_all(struct grown *g)
{
	size_t i = first_from(g, g->s->low, INT64_MIN);

	while (i < g->count && g->at[i].sender < g->s->high)
		if (plan(g, i, &i) != OK)
			return SKIP;
	return OK;
}

static int
by_pair(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return x[1] < y[1] ? -1 : x[1] > y[1];
}

/* Row: number of the pair, sender, auth_set, outcome, way, messages. */
static enum outcome
take_pair(void *ctx, sqlite3_value **row)
{
	struct grown *g = ctx;
	int64_t source = g->pairs[sqlite3_value_int64(row[0]) * 2 + 1], sender = sqlite3_value_int64(row[1]);
	struct one *o = sums_find(g->s, sender);

	if (o == NULL || o->kept || (o->merged && !is_touched(g, sender, source)))
		return OK;
	return totals_add(g->s, o, source, sqlite3_value_int64(row[2]), sqlite3_value_int64(row[5]), facts_of(&g->s->facts, (size_t)sqlite3_value_int64(row[3])),
	    sqlite3_value_int(row[4]), g->err);
}

/* The totals of all these addresses, each once. */
static enum outcome
read_pairs(struct grown *g, struct err *err)
{
	struct sums *s = g->s;
	sqlite3_stmt *st = db_query(s->store, "flow_of_senders", err);
	struct given given = { g->pairs, 0, 2 };
	enum outcome r = STOP;
	size_t i;

	if (g->npairs > 0)
		qsort(g->pairs, g->npairs, 2 * sizeof(*g->pairs), by_pair);
	for (i = 0; i < g->npairs; i++)
		if (given.count == 0 || g->pairs[given.count * 2 - 1] != g->pairs[i * 2 + 1])
			memmove(g->pairs + given.count++ * 2, g->pairs + i * 2, 2 * sizeof(*g->pairs));
	if (st == NULL || given_bind(st, 1, &given) != SQLITE_OK || sieve_bind(st, 2, &g->wanted) != SQLITE_OK)
		return STOP;
	r = told_each(s->store, st, take_pair, g, err);
	sqlite3_clear_bindings(st);
	return r;
}

/* --- whose mail is its own --- */

static enum outcome
find_owners(struct sums *s, const struct sender_walk *w, struct err *err)
{
	size_t count, i, n = 0;
	const struct restream *came = growth_restreams(s->store, growth_mark(s->store, s->domain), &count);
	struct stream *streams = mem_alloc((count + 1) * sizeof(*streams));
	enum outcome r;

	for (i = 0; i < count; i++) {
		const struct facts *f = facts_of(&s->facts, (size_t)came[i].outcome);

		if (f->pass && f->dkim)
			streams[n++] = (struct stream){ came[i].sender, came[i].auth_set, came[i].messages, came[i].streams, came[i].way == 0 };
	}
	r = signers_grow(s->signers, s->store, w->domain, streams, n, w->may, w->ctx, totals_note_owner, s, err);
	free(streams);
	if (s->nowners > 0)
		qsort(s->owners, s->nowners, sizeof(*s->owners), by_number);
	return r;
}

/* A sender that got nothing is not summed up, so it must own what it owned. */
static enum outcome
settle_ways(struct sums *s)
{
	size_t i;

	for (i = 0; i < s->nowners; i++)
		if (s->owners[i] >= s->low && s->owners[i] < s->high && sums_find(s, s->owners[i]) == NULL)
			return SKIP;
	for (i = 0; i < s->count; i++) {
		struct one *o = &s->list[i];
		int own = s->nowners > 0 && bsearch(&o->sender, s->owners, s->nowners, sizeof(*s->owners), by_number) != NULL;

		if (o->kept && own != (o->own_way == OWN_WAY))
			return SKIP;
		o->own_way = own ? OWN_WAY : 0;
	}
	return OK;
}

/* Strangers that got nothing are counted until they are a crowd by themselves. */
struct counting { const struct grown *g; double crowd; int64_t addresses; };

/* Row: sender, addresses. */
static enum outcome
take_crowd(void *ctx, sqlite3_value **row)
{
	struct counting *c = ctx;
	int64_t sender = sqlite3_value_int64(row[0]);
	size_t i = first_from(c->g, sender, INT64_MIN);

	if (i < c->g->count && c->g->at[i].sender == sender)
		return OK;
	c->addresses += sqlite3_value_int64(row[1]);
	return (double)c->addresses >= c->crowd ? END : OK;
}

static enum outcome
look_for_crowd(struct grown *g, const struct sender_walk *w, struct err *err)
{
	sqlite3_stmt *st = db_query(g->s->store, "standing_strangers", err);
	struct counting c = { g, w->crowd, 0 };

	if (st == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, g->s->domain);
	if (told_each(g->s->store, st, take_crowd, &c, err) == STOP)
		return STOP;
	g->s->crowd = (double)c.addresses >= w->crowd;
	*w->strangers = g->s->crowd ? c.addresses : 0;
	return OK;
}

enum outcome
grown_load(struct sums *s, const struct sender_walk *w, struct err *err)
{
	struct grown g = { .s = s, .err = err };
	struct given given;
	int64_t *senders;
	enum outcome r;

	g.at = growth_touched(s->store, growth_mark(s->store, s->domain), &g.count);
	if (s->low == 0 && ((r = look_for_crowd(&g, w, err)) != OK || (r = find_owners(s, w, err)) != OK))
		return r;
	if (totals_kept(s, err) != OK)
		return STOP;
	senders = touch_senders(&g, &given);
	r = load(s, "standing_counts", &given, take_stranger, err);
	if (r == OK)
		r = load(s, "standing_addresses_of", &given, take_top, err);
	if (r == OK)
		r = load(s, "standing_streams_of", &given, take_stream, err);
	free(senders);
	if (r == OK)
		r = plan_all(&g);
	if (r == OK)
		r = read_pairs(&g, err);
	free(g.pairs);
	return r == OK ? settle_ways(s) : r;
}

static enum outcome
drop(struct sums *s, const char *name, int64_t sender, struct err *err)
{
	sqlite3_stmt *st = db_query(s->store, name, err);

	if (st == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, s->domain);
	sqlite3_bind_int64(st, 2, sender);
	return db_run(s->store, st, err);
}

enum outcome
grown_drop(struct sums *s, const struct one *o, struct err *err)
{
	if (o->listed > 0 && drop(s, "standing_addresses_drop", o->sender, err) != OK)
		return STOP;
	if (o->merged && drop(s, "standing_streams_drop", o->sender, err) != OK)
		return STOP;
	return o->addresses == 0 && o->parts == 0 ? drop(s, "standing_drop", o->sender, err) : OK;
}
