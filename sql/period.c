/* SPDX-License-Identifier: MIT */
/*
 * See period.h. Of a domain the standings of its senders are read first: a stranger is a bit, so that a million of them take room for a few thousand, any other
 * sender an entry. Then its days pass by once, and are summed up by day and by sender; once more where the series are asked for.
 */
#include "sql/period.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "sql/facts.h"
#include "sql/told.h"

#ifndef PERIOD_BITS_MAX
#define PERIOD_BITS_MAX (1 << 28)	/* senders with ids from here on are no bit: 32 MiB; a test has fewer */
#endif

/* A sender that is no bit; all else 0: it has no standing. slot: where slots has it. row, today: number + 1 of its summed row, of all days and of one. */
struct whose { int64_t sender; uint32_t slot, row, today; char mine, own_way, stranger, labelled; };

struct rows { int64_t *at; size_t count, room; };

struct period_sums {
	struct facts_list facts;
	/* what is kept: this domain (0: none), these senders and days */
	int64_t domain, sender, from, to;
	unsigned char *strangers;
	size_t nstrangers, low, high;	/* bytes; those before low and from high on are 0 */
	struct whose *list;
	size_t count, room;
	uint32_t *slots;	/* sender to index + 1 in list; open addressing */
	size_t mask;
	int64_t addresses, first, last;	/* of strangers that were there in the period; GIVEN_NULL none */
	struct rows domains, days, senders;
	uint32_t crowd;		/* number + 1 of the row of strangers */
	/* while days pass by */
	char day[11];		/* of the last row, which mostly is that of the next */
	int64_t at;
};

/* --- whose mail it is --- */

static size_t
slot_of(const struct period_sums *x, int64_t sender)
{
	size_t i = (size_t)((uint64_t)sender * 0x9e3779b97f4a7c15u >> 20) & x->mask;

	while (x->slots[i] != 0 && x->list[x->slots[i] - 1].sender != sender)
		i = (i + 1) & x->mask;
	return i;
}

static void
place(struct period_sums *x, size_t i)
{
	size_t slot = slot_of(x, x->list[i].sender);

	x->slots[slot] = (uint32_t)i + 1;
	x->list[i].slot = (uint32_t)slot;
}

static void
grow(struct period_sums *x)
{
	size_t i;

	x->room = x->room ? x->room * 2 : 256;
	x->list = mem_grow(x->list, x->room, sizeof(*x->list));
	free(x->slots);
	x->mask = x->room * 2 - 1;
	x->slots = mem_alloc((x->mask + 1) * sizeof(*x->slots));
	for (i = 0; i < x->count; i++)
		place(x, i);
}

/* Entries move when one is made. */
static struct whose *
whose(struct period_sums *x, int64_t sender)
{
	size_t slot;

	if (x->count == x->room)
		grow(x);
	slot = slot_of(x, sender);
	if (x->slots[slot] != 0)
		return &x->list[x->slots[slot] - 1];
	x->list[x->count] = (struct whose){ .sender = sender };
	place(x, x->count);
	return &x->list[x->count++];
}

static int
is_bit(const struct period_sums *x, int64_t sender)
{
	size_t byte = (size_t)sender / 8;

	return sender >= 0 && byte < x->nstrangers && x->strangers[byte] & 1 << (sender & 7);
}

static void
set_bit(struct period_sums *x, int64_t sender)
{
	size_t byte = (size_t)sender / 8, want = x->nstrangers;

	while (byte >= want)
		want = want ? want * 2 : 512;
	if (want > x->nstrangers) {
		x->strangers = mem_grow(x->strangers, want, 1);
		memset(x->strangers + x->nstrangers, 0, want - x->nstrangers);
		x->nstrangers = want;
	}
	x->strangers[byte] |= (unsigned char)(1 << (sender & 7));
	x->low = byte < x->low ? byte : x->low;
	x->high = byte >= x->high ? byte + 1 : x->high;
}

static void
add_crowd(struct period_sums *x, int64_t addresses, sqlite3_value *first, sqlite3_value *last)
{
	int64_t a = sqlite3_value_int64(first), z = sqlite3_value_int64(last);

	if (sqlite3_value_type(first) == SQLITE_NULL || sqlite3_value_type(last) == SQLITE_NULL || a > x->to || z < x->from)
		return;
	x->addresses = (x->addresses == GIVEN_NULL ? 0 : x->addresses) + addresses;
	x->first = x->first == GIVEN_NULL || a < x->first ? a : x->first;
	x->last = x->last == GIVEN_NULL || z > x->last ? z : x->last;
}

/* Row: sender, mine, own_way, stranger, labelled, addresses, first, last. */
static enum outcome
take_standing(void *ctx, sqlite3_value **row)
{
	struct period_sums *x = ctx;
	int64_t sender = sqlite3_value_int64(row[0]);
	int own_way = sqlite3_value_int(row[2]), stranger = sqlite3_value_int(row[3]);
	struct whose *w;

	if (stranger && x->sender == 0)
		add_crowd(x, sqlite3_value_int64(row[5]), row[6], row[7]);
	if (stranger && own_way == 0 && sqlite3_value_int(row[1]) == 0 && sender >= 0 && sender < PERIOD_BITS_MAX) {
		set_bit(x, sender);
		return OK;
	}
	w = whose(x, sender);
	w->mine = (char)sqlite3_value_int(row[1]);
	w->own_way = (char)own_way;
	w->stranger = (char)stranger;
	w->labelled = (char)sqlite3_value_int(row[4]);
	return OK;
}

/* --- sums --- */

static int64_t *
new_row(struct rows *r, int64_t domain, int64_t day, int64_t who)
{
	int64_t *row;

	if (r->count == r->room) {
		r->room = r->room ? r->room * 2 : 32;
		r->at = mem_grow(r->at, r->room * PERIOD_WIDTH, sizeof(*r->at));
	}
	row = r->at + r->count++ * PERIOD_WIDTH;
	memset(row, 0, PERIOD_WIDTH * sizeof(*row));
	row[PERIOD_DOMAIN] = domain;
	row[PERIOD_DAY] = day;
	row[PERIOD_WHO] = who;
	row[PERIOD_ADDRESSES] = row[PERIOD_FIRST] = row[PERIOD_LAST] = GIVEN_NULL;
	return row;
}

/* The row with the number kept of it in *number. */
static int64_t *
row_of(struct rows *r, uint32_t *number, int64_t domain, int64_t who)
{
	if (*number == 0) {
		(void)new_row(r, domain, 0, who);
		*number = (uint32_t)r->count;
	}
	return r->at + (*number - 1) * PERIOD_WIDTH;
}

static void
add_mail(int64_t *row, const struct facts *f, const struct whose *w, int way, int64_t messages)
{
	row[PERIOD_MESSAGES] += messages;
	row[PERIOD_STOPPED] += f->stopped ? messages : 0;
	row[PERIOD_PERMERROR] += f->permerror ? messages : 0;
	if (f->pass || f->stopped || !f->unsure)
		row[f->pass ? PERIOD_DID_PASS : f->stopped ? PERIOD_DID_STOP : PERIOD_DID_FAIL] += messages;
	if (way > w->own_way) {
		row[PERIOD_FORWARDED] += messages;
		return;
	}
	if (w->mine) {
		row[PERIOD_WOULD_LOSE] += f->would_lose ? messages : 0;
		row[PERIOD_WOULD_SPARE] += f->would_spare ? messages : 0;
	}
	if (f->pass) {
		row[PERIOD_PASSING] += messages;
		row[PERIOD_BY_DKIM] += f->dkim ? messages : 0;
		row[PERIOD_BY_SPF] += f->spf ? messages : 0;
	} else if (w->mine) {
		row[f->refused ? PERIOD_LOST : f->at_risk ? PERIOD_AT_RISK : PERIOD_UNDETERMINED] += messages;
	} else if (f->unsure) {
		row[PERIOD_UNDETERMINED] += messages;
	} else {
		row[PERIOD_UNDECIDED] += messages;
		row[PERIOD_STOPPED_UNDECIDED] += f->stopped && !w->stranger && !w->labelled ? messages : 0;
	}
}

static const struct whose stranger = { .stranger = 1 };

/* Row: day, sender, way, outcome, messages. */
static enum outcome
take_day(void *ctx, sqlite3_value **row)
{
	struct period_sums *x = ctx;
	const char *day = (const char *)sqlite3_value_text(row[0]);
	int64_t sender = sqlite3_value_int64(row[1]), messages = sqlite3_value_int64(row[4]), at, *to;
	const struct facts *f = facts_of(&x->facts, (size_t)sqlite3_value_int64(row[3]));
	struct whose *w = is_bit(x, sender) ? NULL : whose(x, sender);
	int way = sqlite3_value_int(row[2]);

	if (strcmp(day, x->day) != 0) {
		(void)snprintf(x->day, sizeof(x->day), "%s", day);
		(void)new_row(&x->days, x->domain, text_when(x->day, &at) ? at / 86400 : 0, 0);
	}
	to = w == NULL || w->stranger ? row_of(&x->senders, &x->crowd, x->domain, 0) : row_of(&x->senders, &w->row, x->domain, sender);
	add_mail(to, f, w != NULL ? w : &stranger, way, messages);
	add_mail(x->days.at + (x->days.count - 1) * PERIOD_WIDTH, f, w != NULL ? w : &stranger, way, messages);
	return OK;
}

/* What one domain took is cleared, not all there is room for: there may be many domains, and one large one. */
static void
forget(struct period_sums *x)
{
	size_t i;

	for (i = 0; i < x->count; i++)
		x->slots[x->list[i].slot] = 0;
	if (x->high > x->low)
		memset(x->strangers + x->low, 0, x->high - x->low);
	x->low = x->nstrangers;
	x->high = 0;
	x->domain = 0;
	x->count = x->days.count = x->senders.count = 0;
	x->crowd = 0;
	x->addresses = x->first = x->last = GIVEN_NULL;
}

static enum outcome
walk_days(struct period_sums *x, struct store *s, const struct period *p, take_row *take, void *ctx, struct err *err)
{
	sqlite3_stmt *st = p->sender > 0 ? db_query(s, "period_days_of", err) : db_query(s, "period_days", err);

	if (st == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, x->domain);
	db_text(st, 2, p->from);
	db_text(st, 3, p->to);
	if (p->sender > 0)
		sqlite3_bind_int64(st, 4, p->sender);
	x->day[0] = '\0';
	return told_each(s, st, take, ctx, err);
}

static enum outcome
walk_domain(struct period_sums *x, struct store *s, const struct period *p, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "period_standings", err);

	if (st == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, x->domain);
	sqlite3_bind_int64(st, 2, p->sender);
	sqlite3_bind_int64(st, 3, p->sender > 0 ? p->sender : INT64_MAX);
	if (told_each(s, st, take_standing, x, err) != OK || walk_days(x, s, p, take_day, x, err) != OK)
		return STOP;
	if (x->crowd > 0) {
		int64_t *row = row_of(&x->senders, &x->crowd, x->domain, 0);

		row[PERIOD_ADDRESSES] = x->addresses;
		row[PERIOD_FIRST] = x->first;
		row[PERIOD_LAST] = x->last;
	}
	return OK;
}

/* Sums up the domain, unless it is what is kept. */
static enum outcome
look_at(struct period_sums *x, struct store *s, const struct period *p, int64_t domain, struct err *err)
{
	int64_t from, to;

	from = text_when(p->from, &from) ? from / 86400 : INT64_MAX;
	to = text_when(p->to, &to) ? to / 86400 : INT64_MIN;
	if (x->domain == domain && x->sender == p->sender && x->from == from && x->to == to)
		return OK;
	forget(x);
	x->domain = domain;
	x->sender = p->sender;
	x->from = from;
	x->to = to;
	if (walk_domain(x, s, p, err) == OK)
		return OK;
	forget(x);
	return STOP;
}

static struct period_sums *
sums_of(struct period_sums **kept, struct store *s, struct err *err)
{
	if (*kept == NULL)
		*kept = mem_alloc(sizeof(**kept));
	return facts_load(&(*kept)->facts, s, err) == OK ? *kept : NULL;
}

/* The days of a domain become its one row. */
static void
add_domain(struct period_sums *x)
{
	int64_t *to = x->days.count > 0 ? new_row(&x->domains, x->domain, 0, 0) : NULL;
	size_t i;
	int k;

	for (i = 0; i < x->days.count; i++)
		for (k = PERIOD_MESSAGES; k <= PERIOD_STOPPED_UNDECIDED; k++)
			to[k] += x->days.at[i * PERIOD_WIDTH + (size_t)k];
}

/* All domains that are not kept apart; their list is read first, for a walk uses the connection. */
struct domain_list { int64_t *at; size_t count; };

static enum outcome
take_domain(void *ctx, int64_t id, const char *name, struct err *err)
{
	struct domain_list *l = ctx;

	(void)name, (void)err;
	if ((l->count & (l->count - 1)) == 0)
		l->at = mem_grow(l->at, l->count > 0 ? l->count * 2 : 1, sizeof(*l->at));
	l->at[l->count++] = id;
	return OK;
}

static enum outcome
look_at_domains(struct period_sums *x, struct store *s, const struct period *p, struct err *err)
{
	struct domain_list domains = { NULL, 0 };
	enum outcome r = p->domain == 0 ? store_each_domain(s, take_domain, &domains, err) : take_domain(&domains, p->domain, NULL, err);
	size_t i;

	x->domains.count = 0;
	for (i = 0; r == OK && i < domains.count; i++) {
		r = look_at(x, s, p, domains.at[i], err);
		if (r == OK)
			add_domain(x);
	}
	free(domains.at);
	return r;
}

enum outcome
period_rows(struct period_sums **kept, struct store *s, const struct period *p, enum period_by by, struct given *rows, struct err *err)
{
	struct period_sums *x = sums_of(kept, s, err);
	const struct rows *from;

	if (x == NULL || (by == PERIOD_BY_DOMAIN ? look_at_domains(x, s, p, err) : look_at(x, s, p, p->domain, err)) != OK)
		return STOP;
	from = by == PERIOD_BY_DOMAIN ? &x->domains : by == PERIOD_BY_DAY ? &x->days : &x->senders;
	*rows = (struct given){ from->at, from->count, PERIOD_WIDTH };
	return OK;
}

void
period_free(struct period_sums *x)
{
	if (x == NULL)
		return;
	facts_free(&x->facts);
	free(x->strangers);
	free(x->list);
	free(x->slots);
	free(x->domains.at);
	free(x->days.at);
	free(x->senders.at);
	free(x);
}

/* --- series: senders of a day come one after the other, but for the strangers', who are added up until the day is over --- */

struct series { struct period_sums *sums; struct rows rows; uint32_t crowd; overview_each *each; void *ctx; struct err *err; };

static enum outcome
tell_rows(struct series *t)
{
	struct overview_row row = { { t->sums->day }, { 0 } };
	enum outcome r = OK;
	size_t i;

	for (i = 0; r == OK && i < t->rows.count; i++) {
		const int64_t *n = t->rows.at + i * PERIOD_WIDTH;

		row.number[0] = n[PERIOD_WHO];
		row.number[1] = n[PERIOD_MESSAGES];
		row.number[2] = n[PERIOD_LOST] + n[PERIOD_AT_RISK];
		if (n[PERIOD_WHO] != 0)
			whose(t->sums, n[PERIOD_WHO])->today = 0;
		r = t->each(t->ctx, &row, t->err);
	}
	t->crowd = 0;
	t->rows.count = 0;
	return r;
}

/* Row: as take_day's. */
static enum outcome
take_series(void *ctx, sqlite3_value **row)
{
	struct series *t = ctx;
	struct period_sums *x = t->sums;
	const char *day = (const char *)sqlite3_value_text(row[0]);
	int64_t sender = sqlite3_value_int64(row[1]);
	struct whose *w = is_bit(x, sender) ? NULL : whose(x, sender);
	enum outcome r = strcmp(day, x->day) != 0 ? tell_rows(t) : OK;

	(void)snprintf(x->day, sizeof(x->day), "%s", day);
	add_mail(w == NULL || w->stranger ? row_of(&t->rows, &t->crowd, x->domain, 0) : row_of(&t->rows, &w->today, x->domain, sender),
	    facts_of(&x->facts, (size_t)sqlite3_value_int64(row[3])), w != NULL ? w : &stranger, sqlite3_value_int(row[2]), sqlite3_value_int64(row[4]));
	return r;
}

enum outcome
period_series(struct period_sums **kept, struct store *s, const struct period *p, overview_each *each, void *ctx, struct err *err)
{
	struct series t = { .sums = sums_of(kept, s, err), .each = each, .ctx = ctx, .err = err };
	enum outcome r;

	if (t.sums == NULL || look_at(t.sums, s, p, p->domain, err) != OK)
		return STOP;
	r = walk_days(t.sums, s, p, take_series, &t, err);
	if (r == OK)
		r = tell_rows(&t);
	else
		forget(t.sums);
	free(t.rows.at);
	return r;
}
