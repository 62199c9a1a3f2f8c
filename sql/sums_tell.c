/* SPDX-License-Identifier: MIT */
/* See sums_parts.h: the senders of a pass, each added up from its days and handed over, with its names; and the days of one. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/text.h"
#include "sql/given.h"
#include "sql/sums_parts.h"
#include "sql/told.h"
#include "sql/writer.h"

enum { NAMES = 256 /* senders whose names are looked up at once */, MONTH = 30 };

/* A sender while its days are added up: days are numbers, NO_DAY none. */
struct adding { int32_t first, last, first_fail, first_refused, first_permerror, first_bare, first_forwarded, first_broken, pass, spf, fail, dkim; int64_t week; };

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

/* Mail that passes by SPF only is bare where no later mail passes by DKIM. A day is one: mail of both kinds was signed. */
static void
add_bare(struct sender_sum *x, struct adding *d, int32_t day, int dkim, int64_t n, int64_t recent)
{
	if (dkim) {
		d->dkim = day;
		d->first_bare = NO_DAY;
		x->bare = x->recent_bare = 0;
	} else if (d->dkim != NO_DAY && d->dkim != day) {
		set_first(&d->first_bare, day);
		x->bare += n;
		x->recent_bare += recent;
	}
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
		x->broken += f->pass ? 0 : n;
		x->recent_broken += f->pass ? 0 : recent;
		set_first(f->pass ? &d->first_forwarded : &d->first_broken, p->day);
	} else if (f->pass) {
		x->passing += n;
		x->recent_passing += recent;
		x->recent_stopped += f->stopped ? recent : 0;
		x->recent_by_dkim += f->dkim ? recent : 0;
		x->recent_by_spf += f->spf ? recent : 0;
		x->by_dkim += f->dkim ? n : 0;
		x->by_spf += f->spf ? n : 0;
		count_day(&d->pass, p->day, &x->pass_days);
		add_bare(x, d, p->day, f->dkim, n, recent);
		if (f->spf)
			count_day(&d->spf, p->day, &x->spf_pass_days);
	} else if (f->refused || f->at_risk) {
		*(f->refused ? &x->refused : &x->failing) += n;
		*(f->refused ? &x->recent_refused : &x->recent_failing) += recent;
		*(f->refused ? &x->recent_refused_below : &x->recent_below) += f->below ? recent : 0;
		count_day(&d->fail, p->day, &x->fail_days);
		set_first(&d->first_fail, p->day);
		if (f->refused)
			set_first(&d->first_refused, p->day);
	} else {
		x->undetermined += n;
	}
}

static int
is_failing(const struct sums *s, const struct one *o, const struct part *p)
{
	const struct facts *f = facts_of(&s->facts, p->kind >> 2);

	return (int)(p->kind & 3) <= o->own_way && (f->refused || f->at_risk);
}

/* The most of any 30 days in a row. */
static void
add_most(const struct sums *s, const struct one *o, struct sender_sum *x)
{
	int64_t all = 0, failing = 0;
	uint32_t i, first = o->parts;

	for (i = o->parts; i != 0; i = s->parts[i - 1].next) {
		const struct part *p = &s->parts[i - 1];

		for (; s->parts[first - 1].day <= p->day - MONTH; first = s->parts[first - 1].next) {
			all -= s->parts[first - 1].messages;
			failing -= is_failing(s, o, &s->parts[first - 1]) ? s->parts[first - 1].messages : 0;
		}
		all += p->messages;
		failing += is_failing(s, o, p) ? p->messages : 0;
		x->most = all > x->most ? all : x->most;
		x->most_failing = failing > x->most_failing ? failing : x->most_failing;
	}
}

static const char *
day_text(int32_t day, char out[11])
{
	return day != NO_DAY && text_day((int64_t)day * 86400, out) ? out : NULL;
}

/* Adds the sender up and hands it over. */
static enum outcome
tell_sender(struct sums *s, struct one *o, const struct names *names, const struct sender_walk *w, struct err *err)
{
	struct adding d = { NO_DAY, NO_DAY, NO_DAY, NO_DAY, NO_DAY, NO_DAY, NO_DAY, NO_DAY, NO_DAY, NO_DAY, NO_DAY, NO_DAY, 0 };
	struct sender_sum x;
	char days[9][11];
	struct largest failing;
	uint32_t i;

	if (totals_end(s, o, err) != OK || totals_failing(s, o, &failing, err) != OK)
		return STOP;
	if (o->was_known && !o->kept && grown_drop(s, o, err) != OK)
		return STOP;
	/* What it got was another's in the end. */
	if (!o->kept && o->addresses == 0 && o->parts == 0)
		return OK;
	memset(&x, 0, sizeof(x));
	x.domain_id = s->domain;
	x.sender_id = o->sender;
	x.own_way = o->own_way;
	for (i = o->parts; i != 0; i = s->parts[i - 1].next)
		add_part(&x, &d, &s->parts[i - 1], facts_of(&s->facts, s->parts[i - 1].kind >> 2), s->recent_from);
	add_most(s, o, &x);
	x.domain = w->domain->name;
	x.org = w->domain->org;
	x.p = w->domain->p;
	x.sp = w->domain->sp;
	x.adkim = w->domain->adkim;
	x.aspf = w->domain->aspf;
	x.testing = w->domain->testing;
	x.pct = w->domain->pct;
	x.kept = o->kept;
	x.was_stranger = o->was_stranger;
	x.stranger = o->stranger;
	x.addresses = o->addresses;
	x.auth_set = o->of_all.set;
	x.fail_set = failing.set;
	x.first_permerror = day_text(d.first_permerror, days[0]);
	x.first_day = day_text(d.first, days[1]);
	x.last_day = day_text(d.last, days[2]);
	x.first_fail = day_text(d.first_fail, days[3]);
	x.first_refused = day_text(d.first_refused, days[4]);
	x.first_bare = day_text(d.first_bare, days[5]);
	x.first_forwarded = day_text(d.first_forwarded, days[6]);
	x.first_broken = day_text(d.first_broken, days[7]);
	x.last_spf = day_text(d.spf, days[8]);
	if (o->stranger)
		return w->each(w->ctx, &x, err);
	if (names->texts[0] == NULL)
		return err_stop(err, "%s: damaged: sender %lld has no name", s->store->path, (long long)o->sender);
	x.sender = names->texts[0];
	x.name = names->texts[1];
	x.kind = names->texts[2];
	x.category = names->texts[3];
	if (!o->kept && totals_put(s, o, x.kind, err) != OK)
		return STOP;
	return w->each(w->ctx, &x, err);
}

/* Row: number among those asked for, sender, name, kind, category. */
static enum outcome
take_names(void *ctx, sqlite3_value **row)
{
	struct sums *s = ctx;
	struct names *x = &s->names[sqlite3_value_int64(row[0])];
	int i;

	for (i = 0; i < 4; i++)
		x->texts[i] = arena_str(s->text, (const char *)sqlite3_value_text(row[i + 1]));
	return OK;
}

/* Names of the senders from index `from` on, NAMES at most. */
static enum outcome
load_names(struct sums *s, size_t from, struct err *err)
{
	size_t n = s->count - from < NAMES ? s->count - from : NAMES, i;
	sqlite3_stmt *st = db_query(s->store, "names_of_senders", err);
	int64_t ids[NAMES];
	struct given given = { ids, n, 1 };
	enum outcome r;

	if (st == NULL)
		return STOP;
	if (s->names == NULL) {
		s->names = mem_alloc(NAMES * sizeof(*s->names));
		s->text = arena_new();
	}
	arena_reset(s->text);
	for (i = 0; i < n; i++) {
		s->names[i] = (struct names){ { NULL, NULL, NULL, NULL } };
		ids[i] = s->list[from + i].stranger ? 0 : s->list[from + i].sender;
	}
	if (given_bind(st, 1, &given) != SQLITE_OK)
		return db_fail(s->store, "names", err);
	r = told_each(s->store, st, take_names, s, err);
	sqlite3_clear_bindings(st);
	return r;
}

enum outcome
sums_tell(struct sums *s, const struct sender_walk *w, struct err *err)
{
	enum outcome r = OK;
	size_t i;

	for (i = 0; r == OK && i < s->count; i++) {
		if (i % NAMES == 0)
			r = load_names(s, i, err);
		if (r == OK)
			r = tell_sender(s, &s->list[i], &s->names[i % NAMES], w, err);
	}
	return r == OK ? totals_write(s, err) : r;
}

const char *
sums_newest(const struct sums *s, char out[11])
{
	return s != NULL && s->newest != INT32_MAX && text_day((int64_t)s->newest * 86400, out) ? out : "9999-12-31";
}

enum outcome
sums_days(struct sums *s, int64_t domain, int64_t sender, enum outcome (*each)(void *ctx, const struct day_row *row), void *ctx)
{
	const struct one *o = s != NULL && s->domain == domain ? sums_find(s, sender) : NULL;
	struct day_row row = { NULL, 0, 0, 0 };
	char text[11];
	uint32_t i, next;

	if (o == NULL)
		return SKIP;
	for (i = o->parts; i != 0; i = next) {
		const struct part *p = &s->parts[i - 1];
		const struct facts *f = facts_of(&s->facts, p->kind >> 2);

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
