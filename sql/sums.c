/* SPDX-License-Identifier: MIT */
/*
 * Sums of each sender of a domain over the whole database: one walk over its totals of addresses, for addresses, largest streams and whose
 * signed mail is its own (or, where these have not changed, what the analysis kept of them), and one over its days. Senders are
 * handed over one by one while their days are at hand, and memory is bounded: a domain of more than SENDERS_MAX senders or ROWS_MAX rows of
 * days is done in several passes, each over one range of sender ids.
 */
#include "sql/sums.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "sql/signers.h"
#include "sql/writer.h"

#ifndef SUMS_SENDERS_MAX
#define SUMS_SENDERS_MAX (1 << 17)	/* senders held at a time: 24 MiB */
#define SUMS_ROWS_MAX (1 << 19)		/* rows of days: 12 MiB */
#endif

enum { OWN_WAY = 2 };	/* ways up to here are guesses from what the address did: passes by its signature alone, or fails beside such mail */

/* What an outcome adds to, by id. */
struct facts { char known, pass, refused, at_risk, undetermined, dkim, spf, permerror; };

static const struct facts unknown = { 0, 0, 0, 0, 1, 0, 0, 0 };

enum { TOP = 10, TOP_WIDTH = 5, TOP_WRITE = 1000 };	/* addresses kept of a sender; columns; rows written at once */
struct top { int64_t source, messages; };

struct largest { int64_t messages, set; };

/* One sender: what the totals of its addresses say. */
struct one {
	int64_t sender, addresses;
	int64_t source, source_messages;	/* the address being counted */
	struct largest of_all, failing, broken;	/* largest streams; broken: of mail that was forwarded, unless it is the sender's own */
	struct top first_top, *tops;	/* addresses with most messages: the only one, or a list of room for TOP */
	uint32_t ntops, slot;		/* slot: where slots has it */
	uint32_t parts;			/* index + 1 of its first row of days */
	char own_way, stranger;		/* stranger: as in struct sender_sum */
};

/* A row of the daily roll-up; next: index + 1 of the sender's next one. */
struct part { int64_t messages; uint32_t sender, next, kind; int32_t day; };	/* kind: outcome * 4 + way */

struct sums {
	struct store *store;
	struct signers *signers;
	struct facts *facts;
	size_t nfacts;
	/* the pass: senders from low up to high */
	int64_t domain, low, high;	/* domain 0: none */
	struct one *list;
	size_t count, room;
	uint32_t *slots;		/* sender id to index + 1 in list; open addressing */
	size_t mask;
	struct part *parts;
	size_t nparts, parts_room;
	int64_t *owners;		/* senders that own a selector */
	size_t nowners;
	int64_t *out;			/* rows of standing_address to be written */
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

static int
by_number(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
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
	for (i = 0; i < s->count; i++)
		s->slots[s->list[i].slot] = 0;
	for (i = n; i < s->count; i++)
		free(s->list[i].tops);
	s->count = n;
	for (i = 0; i < n; i++)
		place(s, i);
	for (i = n = 0; i < s->nparts; i++)
		if (s->parts[i].sender < s->high)
			s->parts[n++] = s->parts[i];
	s->nparts = n;
}

static struct one *
find_sender(const struct sums *s, int64_t sender)
{
	size_t slot;

	if (s->count == 0)
		return NULL;
	slot = slot_of(s, sender);
	return s->slots[slot] != 0 ? &s->list[s->slots[slot] - 1] : NULL;
}

/* The sender's entry, made where it is new; NULL: it is not of this pass. Entries move with the next call. */
static struct one *
sender_at_id(struct sums *s, int64_t sender)
{
	struct one *o = find_sender(s, sender);

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

/* --- totals of addresses --- */

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
take_largest(struct store *s, struct largest *l, int64_t messages, int64_t set, struct err *err)
{
	int larger = messages > l->messages;

	if (messages == l->messages && set != l->set && l->set != 0 && is_before(s, "auth_set_before", set, l->set, &larger, err) != OK)
		return STOP;
	if (larger)
		*l = (struct largest){ messages, set };
	return OK;
}

/* The address that was counted takes its place among the sender's largest. */
static enum outcome
end_address(struct store *s, struct one *o, struct err *err)
{
	struct top x = { o->source, o->source_messages }, *tops;
	size_t i;
	int before;

	if (o->ntops == 0) {
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
		if (x.messages == tops[i - 1].messages && is_before(s, "source_before", x.source, tops[i - 1].source, &before, err) != OK)
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
		x[1] = o->sender;
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

	if (s->low == 0 && f->pass && f->dkim && way <= 1)
		signers_add(s->signers, sender, set, messages, way == 0);
	if (o == NULL)
		return OK;
	if (o->source != source) {
		if (o->source != 0 && end_address(s->store, o, err) != OK)
			return STOP;
		o->source = source;
		o->source_messages = 0;
		o->addresses++;
	}
	o->source_messages += messages;
	if (take_largest(s->store, &o->of_all, messages, set, err) != OK)
		return STOP;
	if (f->pass || !(f->refused || f->at_risk) || way > OWN_WAY)
		return OK;
	return take_largest(s->store, way == 0 ? &o->failing : &o->broken, messages, set, err);
}

static void
note_own(void *ctx, int64_t sender)
{
	struct sums *s = ctx;

	s->owners = mem_grow(s->owners, s->nowners + 1, sizeof(*s->owners));
	s->owners[s->nowners++] = sender;
}

/* Senders whose mail is their own, and the largest streams of them. The first pass finds them for all. */
static enum outcome
settle_owners(struct sums *s, const struct sender_walk *w, struct err *err)
{
	size_t i;

	if (s->low == 0 && signers_settle(s->signers, s->store, w->domain, w->may, w->ctx, note_own, s, err) != OK)
		return STOP;
	for (i = 0; i < s->nowners; i++) {
		struct one *o = find_sender(s, s->owners[i]);

		if (o == NULL || o->own_way == OWN_WAY)
			continue;
		o->own_way = OWN_WAY;
		if (take_largest(s->store, &o->failing, o->broken.messages, o->broken.set, err) != OK)
			return STOP;
	}
	return OK;
}

/* What each address of the domain sent, which lies address by address. */
static enum outcome
walk_flow(struct sums *s, const struct sender_walk *w, struct err *err)
{
	sqlite3_stmt *st = db_query(s->store, s->low == 0 ? "flow_walk" : "flow_walk_from", err);
	enum outcome r;

	if (st == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, s->domain);
	if (s->low > 0)
		sqlite3_bind_int64(st, 2, s->low);
	while ((r = db_step(s->store, st, err)) == OK) {
		size_t outcome = (size_t)sqlite3_column_int64(st, 4);

		if (add_stream(s, sqlite3_column_int64(st, 0), sqlite3_column_int64(st, 1), sqlite3_column_int64(st, 2), sqlite3_column_int64(st, 3),
		    outcome < s->nfacts ? &s->facts[outcome] : &unknown, sqlite3_column_int(st, 5), err) != OK)
			return STOP;
	}
	return r == STOP ? STOP : settle_owners(s, w, err);
}

/* The same as far as it is asked for again, as the last analysis kept it. */
static enum outcome
walk_standings(struct sums *s, struct err *err)
{
	sqlite3_stmt *st = db_query(s->store, "standing_walk", err);
	enum outcome r;

	if (st == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, s->domain);
	sqlite3_bind_int64(st, 2, s->low);
	while ((r = db_step(s->store, st, err)) == OK) {
		struct one *o = sender_at_id(s, sqlite3_column_int64(st, 0));

		if (o == NULL)
			continue;
		o->addresses = sqlite3_column_int64(st, 1);
		o->of_all.set = sqlite3_column_int64(st, 2);
		o->failing.set = sqlite3_column_int64(st, 3);
		o->own_way = (char)sqlite3_column_int(st, 4);
		o->stranger = (char)sqlite3_column_int(st, 5);
	}
	return r == STOP ? STOP : OK;
}

/* --- days --- */

static const struct facts *
facts_of(const struct sums *s, uint32_t kind)
{
	return kind >> 2 < s->nfacts && s->facts[kind >> 2].known ? &s->facts[kind >> 2] : &unknown;
}

/* Rows of one sender become one chain, in the order of their days. */
static void
chain_parts(struct sums *s)
{
	size_t i;

	for (i = s->nparts; i > 0; i--) {
		struct one *o = find_sender(s, s->parts[i - 1].sender);

		if (o == NULL)
			continue;
		s->parts[i - 1].next = o->parts;
		o->parts = (uint32_t)i;
	}
}

static enum outcome
walk_days(struct sums *s, struct err *err)
{
	sqlite3_stmt *st = db_query(s->store, "daily_walk", err);
	char day[11] = "";
	int64_t at = 0;
	enum outcome r;

	if (st == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, s->domain);
	sqlite3_bind_int64(st, 2, s->low);
	while ((r = db_step(s->store, st, err)) == OK) {
		int64_t sender = sqlite3_column_int64(st, 1);
		const char *text;
		struct part *p;

		if (sender_at_id(s, sender) == NULL)
			continue;
		/* A single sender is not divided: its days are few beside what a domain can have of senders. */
		while (s->nparts >= SUMS_ROWS_MAX && s->count > 1)
			narrow(s);
		if (sender >= s->high)
			continue;
		text = db_column(st, 0);
		if (strcmp(text, day) != 0) {
			(void)snprintf(day, sizeof(day), "%s", text);
			at = text_when(day, &at) ? at / 86400 : 0;
		}
		if (s->nparts == s->parts_room) {
			s->parts_room = s->parts_room ? s->parts_room * 2 : 1024;
			s->parts = mem_grow(s->parts, s->parts_room, sizeof(*s->parts));
		}
		p = &s->parts[s->nparts++];
		p->sender = (uint32_t)sender;
		p->next = 0;
		p->kind = (uint32_t)sqlite3_column_int(st, 3) << 2 | (uint32_t)sqlite3_column_int(st, 2);
		p->day = (int32_t)at;
		p->messages = sqlite3_column_int64(st, 4);
	}
	if (r == STOP)
		return STOP;
	chain_parts(s);
	return OK;
}

/* --- the sum of one sender --- */

/* A sender while its days are added up: days are numbers, NO_DAY none. */
struct adding { int32_t first, last, first_fail, first_refused, first_permerror, pass, spf, fail; int64_t week; };

static void
set_first(int32_t *first, int32_t day)
{
	if (*first == NO_DAY)
		*first = day;
}

/* Counts a day of a kind once; rows come day by day. */
static void
count_day(int32_t *last, int32_t day, int64_t *days)
{
	*days += *last != day;
	*last = day;
}

static void
add_part(struct sender_sum *x, struct adding *d, const struct part *p, const struct facts *f, int32_t recent_from)
{
	int64_t n = p->messages, recent = p->day >= recent_from ? n : 0, week = (int64_t)p->day * 86400 / (7 * 86400);
	int way = (int)(p->kind & 3);

	set_first(&d->first, p->day);
	d->last = p->day;
	x->weeks += d->week != week;
	d->week = week;
	x->messages += n;
	x->recent_messages += recent;
	x->permerror += f->permerror ? n : 0;
	if (f->permerror)
		set_first(&d->first_permerror, p->day);
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
		count_day(&d->pass, p->day, &x->pass_days);
		if (f->spf)
			count_day(&d->spf, p->day, &x->spf_pass_days);
	} else if (f->refused || f->at_risk) {
		*(f->refused ? &x->refused : &x->failing) += n;
		*(f->refused ? &x->recent_refused : &x->recent_failing) += recent;
		count_day(&d->fail, p->day, &x->fail_days);
		set_first(&d->first_fail, p->day);
		if (f->refused)
			set_first(&d->first_refused, p->day);
	} else {
		x->undetermined += n;
	}
}

static const char *
day_text(int32_t day, char out[11])
{
	return day != NO_DAY && text_day((int64_t)day * 86400, out) ? out : NULL;
}

/* Adds the sender up and hands it over; its names are those of the statement. */
static enum outcome
tell_sender(struct sums *s, struct one *o, const struct sender_walk *w, int32_t recent_from, struct err *err)
{
	struct adding d = { NO_DAY, NO_DAY, NO_DAY, NO_DAY, NO_DAY, NO_DAY, NO_DAY, NO_DAY, 0 };
	struct sender_sum x;
	char days[5][11];
	sqlite3_stmt *st;
	enum outcome r;
	uint32_t i;

	memset(&x, 0, sizeof(x));
	x.domain_id = s->domain;
	x.sender_id = o->sender;
	x.own_way = o->own_way;
	for (i = o->parts; i != 0; i = s->parts[i - 1].next)
		add_part(&x, &d, &s->parts[i - 1], facts_of(s, s->parts[i - 1].kind), recent_from);
	x.domain = w->domain->name;
	x.org = w->domain->org;
	x.p = w->domain->p;
	x.sp = w->domain->sp;
	x.adkim = w->domain->adkim;
	x.aspf = w->domain->aspf;
	x.testing = w->domain->testing;
	x.stranger = o->stranger;
	x.addresses = o->addresses;
	x.auth_set = o->of_all.set;
	x.fail_set = o->failing.set;
	x.first_permerror = day_text(d.first_permerror, days[0]);
	x.first_day = day_text(d.first, days[1]);
	x.last_day = day_text(d.last, days[2]);
	x.first_fail = day_text(d.first_fail, days[3]);
	x.first_refused = day_text(d.first_refused, days[4]);
	if (o->source != 0 && end_address(s->store, o, err) != OK)
		return STOP;
	if (o->stranger)
		return w->each(w->ctx, &x, err);
	if ((st = db_query(s->store, "sender_names", err)) == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, o->sender);
	if (db_step(s->store, st, err) != OK)
		return STOP;
	x.sender = db_column(st, 0);
	x.name = db_column(st, 1);
	x.kind = db_column(st, 2);
	x.category = db_column(st, 3);
	r = put_tops(s, o, x.kind, err);
	if (r == OK)
		r = w->each(w->ctx, &x, err);
	sqlite3_reset(st);
	return r;
}

enum outcome
sums_days(struct sums *s, int64_t domain, int64_t sender, enum outcome (*each)(void *ctx, const struct day_row *row), void *ctx)
{
	const struct one *o = s != NULL && s->domain == domain ? find_sender(s, sender) : NULL;
	struct day_row row = { NULL, 0, 0, 0 };
	char text[11];
	uint32_t i, next;

	if (o == NULL)
		return SKIP;
	for (i = o->parts; i != 0; i = next) {
		const struct part *p = &s->parts[i - 1];
		const struct facts *f = facts_of(s, p->kind);

		if ((int)(p->kind & 3) <= o->own_way && f->known) {
			row.passed += f->pass ? p->messages : 0;
			row.failed += f->refused || f->at_risk ? p->messages : 0;
			row.refused += f->refused ? p->messages : 0;
			row.day = text;
		}
		next = p->next;
		if (row.day == NULL || (next != 0 && s->parts[next - 1].day == p->day))
			continue;
		if (text_day((int64_t)p->day * 86400, text) && each(ctx, &row) != OK)
			break;
		row = (struct day_row){ NULL, 0, 0, 0 };
	}
	return OK;
}

/* --- the walk --- */

static enum outcome
tell_pass(struct sums *s, const struct sender_walk *w, struct err *err)
{
	int32_t recent_from = INT32_MAX;
	enum outcome r = OK;
	int64_t at;
	size_t i;

	if (text_when(w->recent_from, &at))
		recent_from = (int32_t)(at / 86400);
	for (i = 0; r == OK && i < s->count; i++)
		r = tell_sender(s, &s->list[i], w, recent_from, err);
	return r == OK ? write_tops(s, err) : r;
}

static struct sums *
sums_new(struct store *s)
{
	struct sums *x = mem_alloc(sizeof(*x));

	x->store = s;
	x->signers = signers_new();
	x->out = mem_alloc(TOP_WRITE * TOP_WIDTH * sizeof(*x->out));
	return x;
}

void
sums_free(struct sums *s)
{
	if (s == NULL)
		return;
	drop_senders(s, 0);
	free(s->out);
	signers_free(s->signers);
	free(s->facts);
	free(s->list);
	free(s->slots);
	free(s->parts);
	free(s->owners);
	free(s);
}

enum outcome
sums_each(struct sums **at, struct store *store, const struct sender_walk *w, struct err *err)
{
	struct sums *s = *at = *at != NULL ? *at : sums_new(store);
	enum outcome r = OK;

	s->domain = w->domain->id;
	s->nowners = 0;
	s->nout = 0;
	if (s->facts == NULL)
		r = load_facts(s, err);
	for (s->low = 0; r == OK; s->low = s->high) {
		drop_senders(s, 0);
		s->nparts = 0;
		s->high = INT64_MAX;
		r = w->domain->settled ? walk_standings(s, err) : walk_flow(s, w, err);
		if (r == OK)
			r = walk_days(s, err);
		if (r == OK)
			r = tell_pass(s, w, err);
		if (s->high == INT64_MAX)
			break;
	}
	return r;
}
