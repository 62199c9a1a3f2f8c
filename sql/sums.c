/* SPDX-License-Identifier: MIT */
/*
 * Sums of each sender over the whole database: of each domain one walk over its flows, for addresses, largest streams and whose
 * signed mail is its own, and one over the daily roll-up in its own order, added up here.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "sql/db.h"
#include "sql/signers.h"
#include "sql/writer.h"

enum { OWN_WAY = 2 };	/* ways up to here are guesses from what the address did: passes by its signature alone, or fails beside such mail */

/* What an outcome adds to, by id. */
struct facts { char known, pass, refused, at_risk, undetermined, dkim, spf, permerror; };

static const struct facts unknown = { 0, 0, 0, 0, 1, 0, 0, 0 };

enum { TOP = 10, TOP_WIDTH = 5, TOP_WRITE = 1000 };	/* addresses kept of a sender; columns; rows written at once */
struct top { int64_t source, messages; };

struct sums {
	struct store *store;
	const char *recent_from;
	enum outcome (*each)(void *ctx, const struct sender_sum *sum, struct err *err);
	store_may_sign *may;
	void *ctx;
	struct signers *signers;
	struct facts *facts;
	size_t nfacts;
	/* the domain being walked */
	int64_t domain;
	char day[11];
	int recent;
	int64_t week;			/* of the day, counted from the epoch */
	struct one {
		struct sender_sum x;
		char first[11], last[11], first_fail[11], first_refused[11];
		char pass_day[11], spf_day[11], fail_day[11];	/* the last day counted of each kind */
		char first_permerror[11];
		int64_t week, source;		/* the last week and the last address counted */
		struct largest { int64_t messages, set; } of_all, passing, failing;	/* largest streams */
		int64_t source_messages;	/* of the address being counted */
		struct top first_top, *tops;	/* addresses with most messages: the only one, or a list of room for TOP */
		size_t ntops;
		struct largest passed_on, broken;	/* the same of mail that was forwarded, unless it is the sender's own */
	} *list;
	size_t count, room;
	int64_t *slots;		/* sender id to index + 1 in list; open addressing */
	size_t mask;
	int64_t *out;		/* rows of standing_address to be written */
	size_t nout;
};

static enum outcome
load_facts(struct sums *s, struct err *err)
{
	sqlite3_stmt *st = db_query(s->store, "outcome_kinds", err);
	enum outcome r;

	if (st == NULL)
		return STOP;
	while ((r = db_step(s->store, st, err)) == OK) {
		size_t id = (size_t)sqlite3_column_int64(st, 0);
		struct facts *f;

		if (id >= s->nfacts) {
			s->facts = mem_grow(s->facts, id + 256, sizeof(*s->facts));
			memset(s->facts + s->nfacts, 0, (id + 256 - s->nfacts) * sizeof(*s->facts));
			s->nfacts = id + 256;
		}
		f = &s->facts[id];
		f->known = 1;
		f->pass = (char)sqlite3_column_int(st, 1);
		f->refused = (char)sqlite3_column_int(st, 2);
		f->at_risk = (char)sqlite3_column_int(st, 3);
		f->undetermined = (char)sqlite3_column_int(st, 4);
		f->dkim = (char)sqlite3_column_int(st, 5);
		f->spf = (char)sqlite3_column_int(st, 6);
		f->permerror = (char)sqlite3_column_int(st, 7);
	}
	return r == STOP ? STOP : OK;
}

static size_t
slot_of(const struct sums *s, int64_t sender)
{
	size_t i = (size_t)((uint64_t)sender * 0x9e3779b97f4a7c15u >> 20) & s->mask;

	while (s->slots[i] != 0 && s->list[s->slots[i] - 1].x.sender_id != sender)
		i = (i + 1) & s->mask;
	return i;
}

static void
grow_slots(struct sums *s)
{
	size_t i;

	free(s->slots);
	s->mask = s->mask == 0 ? 1023 : s->mask * 2 + 1;
	s->slots = mem_alloc((s->mask + 1) * sizeof(*s->slots));
	for (i = 0; i < s->count; i++)
		s->slots[slot_of(s, s->list[i].x.sender_id)] = (int64_t)i + 1;
}

static struct one *
sender_at_id(struct sums *s, int64_t sender)
{
	size_t slot;

	if (s->count * 2 >= s->mask)
		grow_slots(s);
	slot = slot_of(s, sender);
	if (s->slots[slot] == 0) {
		if (s->count == s->room) {
			s->room = s->room ? s->room * 2 : 256;
			s->list = mem_grow(s->list, s->room, sizeof(*s->list));
		}
		memset(&s->list[s->count], 0, sizeof(s->list[s->count]));
		s->list[s->count].x.sender_id = sender;
		s->slots[slot] = (int64_t)++s->count;
	}
	return &s->list[s->slots[slot] - 1];
}

/* Counts a day of a kind once; rows come day by day. */
static void
count_day(char last[11], const char *day, int64_t *days)
{
	if (strcmp(last, day) == 0)
		return;
	memcpy(last, day, 11);
	++*days;
}

static void
add_row(struct sums *s, int64_t sender, int way, const struct facts *f, int64_t n)
{
	struct one *o = sender_at_id(s, sender);
	struct sender_sum *x = &o->x;
	int64_t recent = s->recent ? n : 0;

	if (o->first[0] == '\0')
		memcpy(o->first, s->day, 11);
	memcpy(o->last, s->day, 11);
	x->weeks += o->week != s->week;
	o->week = s->week;
	x->messages += n;
	x->recent_messages += recent;
	x->permerror += f->permerror ? n : 0;
	if (f->permerror && o->first_permerror[0] == '\0')
		memcpy(o->first_permerror, s->day, 11);
	x->recent_permerror += f->permerror ? recent : 0;
	if (way > x->own_way) {
		x->forwarded += n;
		x->recent_forwarded += recent;
		x->broken += way >= 2 ? n : 0;
		x->recent_broken += way >= 2 ? recent : 0;
	} else if (f->pass) {
		x->passing += n;
		x->recent_passing += recent;
		x->recent_by_dkim += f->dkim ? recent : 0;
		x->recent_by_spf += f->spf ? recent : 0;
		x->by_dkim += f->dkim ? n : 0;
		x->by_spf += f->spf ? n : 0;
		count_day(o->pass_day, s->day, &x->pass_days);
		if (f->spf)
			count_day(o->spf_day, s->day, &x->spf_pass_days);
	} else if (f->refused || f->at_risk) {
		*(f->refused ? &x->refused : &x->failing) += n;
		*(f->refused ? &x->recent_refused : &x->recent_failing) += recent;
		count_day(o->fail_day, s->day, &x->fail_days);
		if (o->first_fail[0] == '\0')
			memcpy(o->first_fail, s->day, 11);
		if (f->refused && o->first_refused[0] == '\0')
			memcpy(o->first_refused, s->day, 11);
	} else {
		x->undetermined += n;
	}
}

static int
by_messages(const void *a, const void *b)
{
	const struct one *x = a, *y = b;

	if (x->x.messages != y->x.messages)
		return x->x.messages > y->x.messages ? -1 : 1;
	/* The order of what is handed over decides nothing: findings are sorted by their own. */
	return x->x.sender_id < y->x.sender_id ? -1 : x->x.sender_id > y->x.sender_id;
}

static const char *
day_or_null(const char *day)
{
	return day[0] != '\0' ? day : NULL;
}

/* The results' own digest settles a tie, so that the order in which reports came does not. */
static enum outcome
is_before(struct store *s, int64_t set, int64_t other, int *before, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "auth_set_before", err);

	if (st == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, set);
	sqlite3_bind_int64(st, 2, other);
	if (db_step(s, st, err) != OK)
		return STOP;
	*before = sqlite3_column_int(st, 0);
	sqlite3_reset(st);
	return OK;
}

static enum outcome
take_largest(struct store *s, struct largest *l, int64_t messages, int64_t set, struct err *err)
{
	int larger = messages > l->messages;

	if (messages == l->messages && set != l->set && l->set != 0 && is_before(s, set, l->set, &larger, err) != OK)
		return STOP;
	if (larger)
		*l = (struct largest){ messages, set };
	return OK;
}

/* The address that was counted takes its place among the sender's largest. */
static void
end_address(struct one *o)
{
	struct top x = { o->source, o->source_messages }, *tops;
	size_t i;

	if (o->ntops == 0) {
		o->first_top = x;
		o->ntops = 1;
		return;
	}
	if (o->tops == NULL) {
		o->tops = mem_grow(NULL, TOP, sizeof(*o->tops));
		o->tops[0] = o->first_top;
	}
	tops = o->tops;
	if (o->ntops == TOP && tops[TOP - 1].messages >= x.messages)
		return;
	/* Addresses come in the order of their ids, so of equals the earlier stays in front. */
	for (i = o->ntops < TOP ? o->ntops++ : TOP - 1; i > 0 && tops[i - 1].messages < x.messages; i--)
		tops[i] = tops[i - 1];
	tops[i] = x;
}

static enum outcome
write_tops(struct sums *s, struct err *err)
{
	enum outcome r = s->nout > 0 ? given_run(s->store, "standing_addresses_put", s->out, s->nout, TOP_WIDTH, err) : OK;

	s->nout = 0;
	return r;
}

/* A sender that is an address needs no list. */
static enum outcome
put_tops(struct sums *s, const struct one *o, const char *kind, struct err *err)
{
	const struct top *tops = o->tops != NULL ? o->tops : &o->first_top;
	size_t i;

	if (o->ntops == 1 && strcmp(kind, "address") == 0)
		return OK;
	for (i = 0; i < o->ntops; i++) {
		int64_t *x;

		if (s->nout == TOP_WRITE && write_tops(s, err) != OK)
			return STOP;
		x = s->out + s->nout++ * TOP_WIDTH;
		x[0] = s->domain;
		x[1] = o->x.sender_id;
		x[2] = (int64_t)i + 1;
		x[3] = tops[i].source;
		x[4] = tops[i].messages;
	}
	return OK;
}

/* One stream of one address. */
static enum outcome
add_stream(struct sums *s, int64_t source, int64_t sender, int64_t set, int64_t messages, const struct facts *f, int way, struct err *err)
{
	struct one *o = sender_at_id(s, sender);
	struct largest *kind = f->pass ? (way == 0 ? &o->passing : &o->passed_on) : f->refused || f->at_risk ? (way == 0 ? &o->failing : &o->broken) : NULL;

	if (o->source != source) {
		if (o->source != 0)
			end_address(o);
		o->source = source;
		o->source_messages = 0;
		o->x.addresses++;
	}
	o->source_messages += messages;
	if (f->pass && f->dkim && way <= 1)
		signers_add(s->signers, sender, set, messages, way == 0);
	if (take_largest(s->store, &o->of_all, messages, set, err) != OK)
		return STOP;
	return kind != NULL && way <= OWN_WAY ? take_largest(s->store, kind, messages, set, err) : OK;
}

static void
note_own(void *ctx, int64_t sender)
{
	struct sums *s = ctx;

	sender_at_id(s, sender)->x.own_way = OWN_WAY;
}

/* Largest streams of senders whose mail is their own. */
static enum outcome
settle_largest(struct sums *s, struct err *err)
{
	size_t i;

	for (i = 0; i < s->count; i++) {
		struct one *o = &s->list[i];

		if (o->x.own_way > 0 && (take_largest(s->store, &o->passing, o->passed_on.messages, o->passed_on.set, err) != OK ||
		    take_largest(s->store, &o->failing, o->broken.messages, o->broken.set, err) != OK))
			return STOP;
	}
	return OK;
}

/* What each address of the domain sent, which lies address by address. */
static enum outcome
walk_flow(struct sums *s, struct err *err)
{
	sqlite3_stmt *st = db_query(s->store, "flow_walk", err);
	char *domain;
	enum outcome r;

	if (st == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, s->domain);
	while ((r = db_step(s->store, st, err)) == OK) {
		size_t outcome = (size_t)sqlite3_column_int64(st, 4);

		if (add_stream(s, sqlite3_column_int64(st, 0), sqlite3_column_int64(st, 1), sqlite3_column_int64(st, 2), sqlite3_column_int64(st, 3),
		    outcome < s->nfacts ? &s->facts[outcome] : &unknown, sqlite3_column_int(st, 5), err) != OK)
			return STOP;
	}
	if (r == STOP || (st = db_query(s->store, "domain_name", err)) == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, s->domain);
	if (db_step(s->store, st, err) != OK)
		return STOP;
	domain = mem_str(db_column(st, 0));
	sqlite3_reset(st);
	r = signers_settle(s->signers, s->store, domain, s->may, s->ctx, note_own, s, err);
	free(domain);
	return r == OK ? settle_largest(s, err) : STOP;
}

static void
forget_tops(struct sums *s)
{
	size_t i;

	for (i = 0; i < s->count; i++)
		free(s->list[i].tops);
}

/* Hands over the senders of the domain that was walked. */
static enum outcome
end_domain(struct sums *s, struct err *err)
{
	sqlite3_stmt *names, *sender;
	enum outcome r = OK;
	size_t i;

	if (s->count == 0)
		return OK;
	qsort(s->list, s->count, sizeof(*s->list), by_messages);
	if ((names = db_query(s->store, "domain_facts", err)) == NULL)
		return STOP;
	sqlite3_bind_int64(names, 1, s->domain);
	if (db_step(s->store, names, err) != OK)
		return STOP;
	for (i = 0; r == OK && i < s->count; i++) {
		struct one *o = &s->list[i];

		if (o->source != 0)
			end_address(o);
		if ((sender = db_query(s->store, "sender_names", err)) == NULL)
			return STOP;
		sqlite3_bind_int64(sender, 1, o->x.sender_id);
		if (db_step(s->store, sender, err) != OK)
			return STOP;
		o->x.domain_id = s->domain;
		o->x.domain = db_column(names, 0);
		o->x.org = db_column(names, 1);
		o->x.p = db_column(names, 2);
		o->x.sp = db_column(names, 3);
		o->x.adkim = db_column(names, 4);
		o->x.aspf = db_column(names, 5);
		o->x.testing = db_column(names, 6);
		o->x.sender = db_column(sender, 0);
		o->x.name = db_column(sender, 1);
		o->x.kind = db_column(sender, 2);
		o->x.category = db_column(sender, 3);
		o->x.auth_set = o->of_all.set;
		o->x.pass_set = o->passing.set;
		o->x.fail_set = o->failing.set;
		o->x.first_permerror = day_or_null(o->first_permerror);
		o->x.first_day = day_or_null(o->first);
		o->x.last_day = day_or_null(o->last);
		o->x.first_fail = day_or_null(o->first_fail);
		o->x.first_refused = day_or_null(o->first_refused);
		r = s->each(s->ctx, &o->x, err);
		if (r == OK)
			r = put_tops(s, o, o->x.kind, err);
		sqlite3_reset(sender);
	}
	sqlite3_reset(names);
	if (r == OK)
		r = write_tops(s, err);
	forget_tops(s);
	s->count = 0;
	if (s->slots != NULL)
		memset(s->slots, 0, (s->mask + 1) * sizeof(*s->slots));
	return r;
}

static enum outcome
walk(struct sums *s, struct err *err)
{
	sqlite3_stmt *st = db_query(s->store, "daily_walk", err);
	enum outcome r, done = OK;
	int64_t at;

	if (st == NULL)
		return STOP;
	while (done == OK && (r = db_step(s->store, st, err)) == OK) {
		int64_t domain = sqlite3_column_int64(st, 0);
		size_t outcome = (size_t)sqlite3_column_int64(st, 4);
		const char *day = db_column(st, 1);

		if (domain != s->domain) {
			done = end_domain(s, err);
			s->domain = domain;
			s->day[0] = '\0';
			if (done == OK)
				done = walk_flow(s, err);
			if (done != OK)
				break;
		}
		if (strcmp(day, s->day) != 0) {
			(void)snprintf(s->day, sizeof(s->day), "%s", day);
			s->recent = strcmp(day, s->recent_from) >= 0;
			s->week = text_when(s->day, &at) ? at / (7 * 86400) : 0;
		}
		add_row(s, sqlite3_column_int64(st, 2), sqlite3_column_int(st, 3),
		    outcome < s->nfacts && s->facts[outcome].known ? &s->facts[outcome] : &unknown, sqlite3_column_int64(st, 5));
	}
	if (done == OK && r == STOP)
		return STOP;
	sqlite3_reset(st);
	return done == OK ? end_domain(s, err) : done;
}

enum outcome
store_each_sender(struct store *s, const char *recent_from,
    enum outcome (*each)(void *ctx, const struct sender_sum *sum, struct err *err), store_may_sign *may, void *ctx, struct err *err)
{
	struct sums sums = { .store = s, .recent_from = recent_from, .each = each, .may = may, .ctx = ctx, .signers = signers_new() };
	sqlite3_stmt *clear;
	enum outcome r = STOP;

	sums.out = mem_alloc(TOP_WRITE * TOP_WIDTH * sizeof(*sums.out));
	if (load_facts(&sums, err) == OK && db_write(s, err) == OK && (clear = db_query(s, "standing_addresses_clear", err)) != NULL &&
	    db_run(s, clear, err) == OK)
		r = walk(&sums, err);
	forget_tops(&sums);
	free(sums.out);
	signers_free(sums.signers);
	free(sums.facts);
	free(sums.list);
	free(sums.slots);
	return r == STOP ? STOP : OK;
}
