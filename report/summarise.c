/* SPDX-License-Identifier: MIT */
/*
 * The store's answers put together into the summary: totals, days and senders of each domain, findings, what could
 * not be read. What needs judgement of its own (conditions for a stricter policy, what changed, sentences on senders) is
 * in summarise_words.c; what an opened sender shows is in summarise_drill.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/text.h"
#include "report/analyse.h"
#include "report/report.h"
#include "report/sender.h"
#include "report/summarise.h"

enum { ROWS = 100000, TROUBLES_LOOKED_AT = 100000 };

void *
list_push(struct list *l)
{
	if (l->n == l->room) {
		l->room = l->room ? l->room * 2 : 16;
		l->at = mem_grow(l->at, l->room, l->size);
	}
	memset((char *)l->at + l->n * l->size, 0, l->size);
	return (char *)l->at + l->n++ * l->size;
}

void *
list_settle(struct list *l, struct arena *a, size_t *n)
{
	void *to = NULL;

	if (l->n > 0) {
		to = arena_alloc(a, l->n * l->size);
		memcpy(to, l->at, l->n * l->size);
	}
	*n = l->n;
	free(l->at);
	memset(l, 0, sizeof(*l));
	return to;
}

enum outcome
reading_ask(struct reading *r, enum overview question, int64_t most, overview_each *each, void *ctx, struct err *err)
{
	int64_t domain = r->domain != NULL ? r->domain_id : 0;

	return store_overview_of(r->store, question, domain, r->only, r->options->from, r->options->to, most, each, ctx, err);
}

size_t
reading_day(const struct reading *r, const char *day)
{
	int64_t a, b;

	if (day == NULL || !text_when(r->options->from, &a) || !text_when(day, &b) || b < a || (size_t)((b - a) / 86400) >= r->ndays)
		return r->ndays;
	return (size_t)((b - a) / 86400);
}

static void
read_counts(struct counts *c, const int64_t *n)
{
	*c = (struct counts){ n[0], n[1], n[2], n[3], n[4], n[5], n[6] };
}

static void
add_counts(struct counts *to, const struct counts *c)
{
	to->messages += c->messages;
	to->passing += c->passing;
	to->lost += c->lost;
	to->at_risk += c->at_risk;
	to->forwarded += c->forwarded;
	to->undecided += c->undecided;
	to->undetermined += c->undetermined;
}

/* --- domains --- */

struct domain_ids { struct sum_domain d; int64_t id; };

static int
is_asked_for(const struct report_options *o, const char *domain)
{
	size_t i;

	if (o->ndomains == 0)
		return 1;
	for (i = 0; domain != NULL && i < o->ndomains; i++)
		if (domain_within(domain, o->domains[i]))
			return 1;
	return 0;
}

static enum outcome
domain_row(void *ctx, const struct overview_row *row, struct err *err)
{
	struct reading *r = ctx;
	struct domain_ids *found;
	struct sum_domain *d;

	found = list_push(&r->found);
	d = &found->d;
	found->id = row->number[0];
	d->domain = arena_str(r->arena, row->text[0]);
	d->p = arena_str(r->arena, row->text[1]);
	d->sp = arena_str(r->arena, row->text[2]);
	d->np = arena_str(r->arena, row->text[3]);
	d->adkim = arena_str(r->arena, row->text[4]);
	d->aspf = arena_str(r->arena, row->text[5]);
	d->testing = arena_str(r->arena, row->text[6]);
	d->newest_day = arena_str(r->arena, row->text[7]);
	read_counts(&d->counts, row->number + 1);
	d->pct = row->number[8];
	d->reporters = row->number[9];
	d->stopped = row->number[10];
	return OK;
}

static enum outcome
named_domain(void *ctx, int64_t id, const char *name, struct err *err)
{
	struct reading *r = ctx;

	if (!is_asked_for(r->options, name))
		return OK;
	return store_overview(r->store, OVERVIEW_DOMAINS, id, r->options->from, r->options->to, 1, domain_row, r, err);
}

int
counts_order(const struct counts *c, const struct counts *e)
{
	if (c->lost != e->lost)
		return c->lost > e->lost ? -1 : 1;
	if (c->at_risk != e->at_risk)
		return c->at_risk > e->at_risk ? -1 : 1;
	return c->messages != e->messages ? (c->messages > e->messages ? -1 : 1) : 0;
}

/* As overview_domains.sql has them. */
static int
domain_order(const void *a, const void *b)
{
	const struct domain_ids *x = a, *y = b;
	int c = counts_order(&x->d.counts, &y->d.counts);

	return c != 0 ? c : strcmp(x->d.domain, y->d.domain);
}

/* All at once, or those asked for one by one. */
static enum outcome
find_domains(struct reading *r, struct err *err)
{
	enum outcome done;

	if (r->options->ndomains == 0)
		return reading_ask(r, OVERVIEW_DOMAINS, ROWS, domain_row, r, err);
	done = store_each_domain(r->store, named_domain, r, err);
	if (r->found.n > 1)
		qsort(r->found.at, r->found.n, r->found.size, domain_order);
	return done;
}

static enum outcome
day_row(void *ctx, const struct overview_row *row, struct err *err)
{
	struct reading *r = ctx;
	size_t day = reading_day(r, row->text[0]);
	struct counts *c;

	if (day == r->ndays)
		return OK;
	c = &r->days[day].counts;
	r->days[day].reported = 1;
	*c = (struct counts){ 0, row->number[1], row->number[2], row->number[3], row->number[4], row->number[5], row->number[6] };
	c->messages = c->passing + c->lost + c->at_risk + c->forwarded + c->undecided + c->undetermined;
	return OK;
}

/* The worst of what is shown. That strangers are strangers, and whose word a label is, was decided over the whole database. */
static const char *
class_in_period(const struct counts *c, const char *whole)
{
	if (strcmp(whole, "not_you") == 0)
		return "not_you";
	if (c->lost > 0)
		return "losing";
	if (c->at_risk > 0)
		return "at_risk";
	if (c->undecided > 0 || (strcmp(whole, "undecided") == 0 && c->forwarded < c->messages))
		return "undecided";
	return c->passing > 0 ? "passing" : c->forwarded > 0 ? "forwarded" : "undecided";
}

static enum outcome
sender_row(void *ctx, const struct overview_row *row, struct err *err)
{
	struct reading *r = ctx;
	struct sender_ids *found = list_push(&r->senders);
	struct sum_sender *s = &found->s;
	const int64_t *n = row->number;

	found->id = n[0];
	read_counts(&s->counts, n + 1);
	found->undecided = strcmp(row->text[2], "undecided") == 0;
	s->pass_dkim = n[8];
	s->pass_spf = n[9];
	s->would_lose = n[10];
	s->addresses = n[11];
	found->stopped = n[12];
	s->undecided_stopped = n[12] < s->counts.undecided ? n[12] : s->counts.undecided;
	found->permerror = n[13];
	r->all_senders = n[14];
	s->would_spare = n[15];
	s->broken = n[16];
	s->sender = arena_str(r->arena, row->text[0]);
	s->name = arena_str(r->arena, row->text[1]);
	s->class = class_in_period(&s->counts, row->text[2]);
	s->confidence = arena_str(r->arena, row->text[3]);
	s->evidence = arena_str(r->arena, row->text[4]);
	s->first_day = arena_str(r->arena, row->text[5]);
	s->last_day = arena_str(r->arena, row->text[6]);
	sender_words(r, found, row->text[7], row->text[8]);
	return OK;
}

/* Senders sorted by id, for the questions that come in that order. */
static int
by_id(const void *a, const void *b)
{
	const struct sender_ids *const *x = a, *const *y = b;

	return (*x)->id < (*y)->id ? -1 : (*x)->id > (*y)->id;
}

struct sender_ids *
reading_sender(const struct reading *r, int64_t id)
{
	size_t low = 0, high = r->senders.n, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (r->index[middle]->id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < r->senders.n && r->index[low]->id == id ? r->index[low] : NULL;
}

void
index_senders(struct reading *r)
{
	struct sender_ids *all = r->senders.at;
	size_t i;

	r->index = mem_alloc((r->senders.n + 1) * sizeof(struct sender_ids *));
	for (i = 0; i < r->senders.n; i++) {
		r->index[i] = &all[i];
		all[i].drill = i < SUMMARY_DRILL;
	}
	qsort(r->index, r->senders.n, sizeof(struct sender_ids *), by_id);
}

static enum outcome
series_row(void *ctx, const struct overview_row *row, struct err *err)
{
	struct reading *r = ctx;
	struct sender_ids *s = reading_sender(r, row->number[0]);
	size_t day = reading_day(r, row->text[0]);

	if (s == NULL || day == r->ndays)
		return OK;
	if (s->daily == NULL) {
		s->daily = arena_alloc(r->arena, r->ndays * sizeof(*s->daily));
		s->daily_bad = arena_alloc(r->arena, r->ndays * sizeof(*s->daily_bad));
		s->s.daily = s->daily;
		s->s.daily_bad = s->daily_bad;
	}
	s->daily[day] += row->number[1];
	s->daily_bad[day] += row->number[2];
	return OK;
}

enum outcome
read_senders(struct reading *r, int64_t most, struct err *err)
{
	return reading_ask(r, OVERVIEW_SENDERS, most, sender_row, r, err);
}

enum outcome
read_series(struct reading *r, const char *from, const char *to, struct err *err)
{
	return store_overview_of(r->store, OVERVIEW_SERIES, r->domain_id, r->only, from, to, 1, series_row, r, err);
}

void
settle_senders(struct reading *r)
{
	struct sender_ids *all = r->senders.at;
	struct sum_sender *to = arena_alloc(r->arena, (r->senders.n + 1) * sizeof(*to));
	struct sum_domain *d = r->domain;
	size_t i;

	d->more_messages = d->counts.messages;
	for (i = 0; i < r->senders.n; i++) {
		to[i] = all[i].s;
		d->more_messages -= all[i].s.counts.messages;
	}
	d->senders = to;
	d->nsenders = r->senders.n;
	d->more_senders = r->all_senders > (int64_t)r->senders.n ? r->all_senders - (int64_t)r->senders.n : 0;
	free(r->senders.at);
	free(r->index);
	r->senders = (struct list){ NULL, 0, 0, sizeof(struct sender_ids) };
	r->index = NULL;
	r->all_senders = 0;
}

/* Of the refused or junked messages of the domain those of senders it is asked about whose they are; of senders that are not read, at most. */
static int64_t
asked_of(const struct reading *r)
{
	const struct sum_domain *d = r->domain;
	const struct sum_finding *about;
	size_t i, n;
	const struct sum_finding *const *f = reading_findings(r, d->domain, NULL, &n);
	int64_t asked = 0;

	for (i = 0; i < n; i++)
		if (f[i]->sender != NULL && strcmp(f[i]->code, "DECIDE") == 0)
			asked += f[i]->messages;
	for (i = 0; i < d->nsenders; i++)
		if ((about = reading_finding(r, d->senders[i].sender, "DECIDE")) != NULL && strstr(about->text, ASKED_TOGETHER) == NULL)
			asked += d->senders[i].undecided_stopped - about->messages;
	return asked < d->stopped ? asked : d->stopped;
}

static enum outcome
domain_in_full(struct reading *r, struct err *err)
{
	enum outcome done;

	r->days = arena_alloc(r->arena, (r->ndays + 1) * sizeof(*r->days));
	r->domain->days = r->days;
	r->domain->ndays = r->ndays;
	done = reading_ask(r, OVERVIEW_DAYS, ROWS, day_row, r, err);
	if (done == OK)
		done = read_senders(r, r->options->brief ? SUMMARY_ALL : SUMMARY_SENDERS, err);
	index_senders(r);
	if (done == OK && !r->options->brief)
		done = read_series(r, r->options->from, r->options->to, err);
	if (done == OK)
		done = read_drill(r, err);
	if (done == OK)
		done = domain_words(r, err);
	settle_senders(r);
	r->summary->asked += asked_of(r);
	return done;
}

/* Of a domain that is not shown what is told of all together: which mail is not the user's, what is asked about. Its senders are not kept. */
static enum outcome
domain_in_short(struct reading *r, struct err *err)
{
	struct sum_domain *d = r->domain;
	struct arena *kept = r->arena;
	enum outcome done;

	r->arena = arena_new();
	done = read_senders(r, SUMMARY_ALL, err);
	read_strangers(r);
	settle_senders(r);
	r->summary->asked += asked_of(r);
	d->senders = NULL;
	d->nsenders = 0;
	d->more_senders = d->more_messages = 0;
	arena_free(r->arena);
	r->arena = kept;
	return done;
}

/* --- the rest --- */

static const char *
before_records(struct reading *r, const char *fix)
{
	const char *end = fix != NULL ? strstr(fix, FIX_RECORDS) : NULL;

	return end != NULL && end > fix ? arena_strn(r->arena, fix, (size_t)(end - fix) - (end[-1] == ' ')) : NULL;
}

static const char *
after_records(const char *fix)
{
	const char *from = fix != NULL ? strstr(fix, FIX_RECORDS) : NULL;

	return from != NULL ? strstr(from, FIX_STOPPED) : NULL;
}

static enum outcome
finding_row(void *ctx, const struct overview_row *row, struct err *err)
{
	struct reading *r = ctx;
	struct sum_finding *f;

	if (row->text[1] != NULL && !is_asked_for(r->options, row->text[1]))
		return OK;
	f = list_push(&r->rows);
	f->code = arena_str(r->arena, row->text[0]);
	f->domain = arena_str(r->arena, row->text[1]);
	f->sender = arena_str(r->arena, row->text[2]);
	f->since = arena_str(r->arena, row->text[3]);
	f->text = arena_str(r->arena, row->text[4]);
	f->why = arena_str(r->arena, row->text[5]);
	f->fix = arena_str(r->arena, row->text[6]);
	f->first = before_records(r, f->fix);
	f->last = after_records(f->fix);
	f->records = records_told(r->arena, f);
	f->confidence = arena_str(r->arena, row->text[7]);
	f->messages = row->number[0];
	return OK;
}

static enum outcome
trouble_row(void *ctx, const struct overview_row *row, struct err *err)
{
	struct reading *r = ctx;
	struct sum_intake *t;

	if (r->rows.n == SUMMARY_TROUBLES) {
		r->summary->intake_more++;
		return OK;
	}
	t = list_push(&r->rows);
	t->origin = arena_str(r->arena, row->text[0]);
	t->state = arena_str(r->arena, row->text[1]);
	t->reason = arena_str(r->arena, row->text[2]);
	return OK;
}

static enum outcome
name_row(void *ctx, const struct overview_row *row, struct err *err)
{
	struct reading *r = ctx;

	if (is_asked_for(r->options, row->text[0]))
		*(const char **)list_push(&r->rows) = arena_str(r->arena, row->text[0]);
	return OK;
}

/* --- findings by domain and sender --- */

struct about { const char *domain, *sender; };	/* sender "": the domain as such */

static int
about_order(const struct about *key, const struct sum_finding *f)
{
	int c = strcmp(key->domain, f->domain);

	return c != 0 || key->sender == NULL ? c : strcmp(key->sender, f->sender != NULL ? f->sender : "");
}

static int
by_sender(const void *a, const void *b)
{
	const struct sum_finding *const *x = a, *const *y = b;
	const struct about key = { (*x)->domain, (*x)->sender != NULL ? (*x)->sender : "" };
	int c = about_order(&key, *y);

	return c != 0 ? c : *x < *y ? -1 : *x > *y;
}

const struct sum_finding *const *
reading_findings(const struct reading *r, const char *domain, const char *sender, size_t *n)
{
	const struct about key = { domain, sender };
	size_t low = 0, high = r->nabout, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (about_order(&key, r->about[middle]) > 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (*n = 0; low + *n < r->nabout && about_order(&key, r->about[low + *n]) == 0; ++*n)
		;
	return r->about + low;
}

const struct sum_finding *
reading_finding(const struct reading *r, const char *sender, const char *code)
{
	size_t i, n;
	const struct sum_finding *const *f = reading_findings(r, r->domain->domain, sender, &n);

	for (i = 0; i < n; i++)
		if (strcmp(f[i]->code, code) == 0)
			return f[i];
	return NULL;
}

enum outcome
read_findings(struct reading *r, struct err *err)
{
	struct summary *s = r->summary;
	enum outcome done;
	size_t i;

	r->rows = (struct list){ NULL, 0, 0, sizeof(struct sum_finding) };
	done = reading_ask(r, OVERVIEW_FINDINGS, ROWS, finding_row, r, err);
	s->findings = list_settle(&r->rows, r->arena, &s->nfindings);
	r->about = arena_alloc(r->arena, (s->nfindings + 1) * sizeof(*r->about));
	for (i = 0; i < s->nfindings; i++)
		if (s->findings[i].domain != NULL)
			r->about[r->nabout++] = &s->findings[i];
	qsort(r->about, r->nabout, sizeof(*r->about), by_sender);
	return done;
}

static enum outcome
read_lists(struct reading *r, struct err *err)
{
	struct summary *s = r->summary;
	enum outcome done;

	r->domain = NULL;
	r->rows = (struct list){ NULL, 0, 0, sizeof(struct sum_intake) };
	done = reading_ask(r, OVERVIEW_TROUBLES, TROUBLES_LOOKED_AT, trouble_row, r, err);
	s->intake = list_settle(&r->rows, r->arena, &s->nintake);
	r->rows.size = sizeof(const char *);
	if (done == OK)
		done = reading_ask(r, OVERVIEW_FOREIGN, ROWS, name_row, r, err);
	s->foreign = list_settle(&r->rows, r->arena, &s->nforeign);
	r->rows.size = sizeof(const char *);
	if (done == OK)
		done = reading_ask(r, OVERVIEW_UNHEARD, ROWS, name_row, r, err);
	s->unheard = list_settle(&r->rows, r->arena, &s->nunheard);
	return done;
}

static enum outcome
read_domains(struct reading *r, struct err *err)
{
	struct domain_ids *found;
	struct sum_domain *to;
	enum outcome done;
	size_t i;

	r->found = (struct list){ NULL, 0, 0, sizeof(struct domain_ids) };
	done = find_domains(r, err);
	found = r->found.at;
	to = arena_alloc(r->arena, (r->found.n + 1) * sizeof(*to));
	for (i = 0; i < r->found.n; i++) {
		to[i] = found[i].d;
		add_counts(&r->summary->counts, &to[i].counts);
		r->domain = &to[i];
		r->domain_id = found[i].id;
		if (done == OK)
			done = i < SUMMARY_DOMAINS || r->options->brief ? domain_in_full(r, err) : domain_in_short(r, err);
	}
	r->summary->domains = to;
	r->summary->ndomains = r->found.n;
	free(r->found.at);
	return done;
}

/* Of the domains asked for. */
static enum outcome
newest_mail(void *ctx, int64_t id, const char *name, struct err *err)
{
	struct reading *r = ctx;
	struct summary *s = r->summary;
	char day[11];

	if (!is_asked_for(r->options, name))
		return OK;
	if (store_newest_day_of(r->store, id, day, err) != OK)
		return STOP;
	if (*day != '\0' && (s->mail_until == NULL || strcmp(day, s->mail_until) > 0))
		s->mail_until = arena_str(r->arena, day);
	return OK;
}

/* The findings are of the recent days of the whole database. */
static enum outcome
asked_period(struct summary *s, struct store *store, struct err *err)
{
	char from[11] = "", to[11];
	int64_t newest;

	if (store_newest_day(store, to, err) != OK)
		return STOP;
	if (text_when(to, &newest) && text_day(newest - (int64_t)(RECENT_DAYS - 1) * 86400, from) && (strcmp(from, s->begin) != 0 || strcmp(to, s->end) != 0)) {
		s->asked_begin = arena_str(s->arena, from);
		s->asked_end = arena_str(s->arena, to);
	}
	return OK;
}

static enum outcome
frame(struct summary *s, struct store *store, const struct report_options *o, struct err *err)
{
	struct freshness fresh;
	char text[21];
	int64_t newest;
	size_t i;

	(void)text_time(o->now_at, text);
	s->generated_at = arena_str(s->arena, text);
	s->version = DMARCSIFT_VERSION;
	s->database = arena_str(s->arena, store_path(store));
	s->begin = arena_str(s->arena, o->from);
	s->end = arena_str(s->arena, o->to);
	s->catalogue_date = SENDERS_DATE;
	s->links = o->links;
	for (i = 0; i < s->ndomains; i++) {
		const char *day = s->domains[i].newest_day;

		/* A day that cannot have been reported yet is a mistake of the report. */
		if (day != NULL && text_when(day, &newest) && newest <= o->now_at + 86400 && (s->newest_day == NULL || strcmp(day, s->newest_day) > 0))
			s->newest_day = day;
	}
	if (s->newest_day != NULL && text_when(s->newest_day, &newest))
		s->gap_days = o->now_at / 86400 - newest / 86400;
	if (asked_period(s, store, err) != OK || store_freshness(store, &fresh, err) != OK)
		return STOP;
	if (fresh.newest_end > 0) {
		(void)text_day(fresh.newest_end - 1, text);
		s->reports_until = arena_str(s->arena, text);
	}
	s->stale = is_stale(&fresh, o->thresholds, o->now_at);
	return OK;
}

/* Both included, at most SUMMARY_DAYS. */
static size_t
days_between(const char *from, const char *to)
{
	int64_t a, b;

	if (!text_when(from, &a) || !text_when(to, &b) || b < a)
		return 0;
	return (b - a) / 86400 + 1 > SUMMARY_DAYS ? SUMMARY_DAYS : (size_t)((b - a) / 86400 + 1);
}

enum outcome
summarise(struct store *store, const struct report_options *o, struct summary **out, struct err *err)
{
	struct arena *a = arena_new();
	struct summary *s = arena_alloc(a, sizeof(*s));
	struct reading r = { .store = store, .options = o, .arena = a, .summary = s, .ndays = days_between(o->from, o->to),
	    .senders = { NULL, 0, 0, sizeof(struct sender_ids) } };
	enum outcome done;

	s->arena = a;
	if (store_moment(store, err) != OK) {
		summary_free(s);
		return STOP;
	}
	done = read_findings(&r, err);
	if (done == OK)
		done = read_domains(&r, err);
	if (done == OK)
		done = read_lists(&r, err);
	if (done == OK && s->ndomains == 0 && o->ndomains > 0)
		done = store_each_domain(store, newest_mail, &r, err);
	if (done == OK)
		done = frame(s, store, o, err);
	store_moment_end(store);
	if (done != OK) {
		summary_free(s);
		return done;
	}
	settle_reporters(&r);
	*out = s;
	return OK;
}

static int
same_text(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

static int
same_sender(const struct sum_finding *x, const struct sum_finding *f)
{
	return same_text(x->domain, f->domain) && same_text(x->sender, f->sender);
}

int
summary_told_why(const struct sum_finding *x, const struct sum_finding *f)
{
	if (!same_sender(x, f) || x->why == NULL || f->why == NULL)
		return 0;
	return strstr(x->why, f->why) != NULL || strcmp(f->code, "RISK") == 0;	/* a risk differs from a loss by what was done to the mail */
}

/* How long a fix is without what it says of another matter. */
static size_t
fix_length(const struct sum_finding *f)
{
	const char *end = strstr(f->fix, FIX_STOPPED);

	return end == NULL || end == f->fix ? strlen(f->fix) : (size_t)(end - f->fix) - 1;
}

int
summary_told_fix(const struct sum_finding *x, const struct sum_finding *f)
{
	if (x->fix == NULL || f->fix == NULL || !same_text(x->domain, f->domain) || (!same_text(x->sender, f->sender) && f->why == NULL))
		return 0;
	return fix_length(x) == fix_length(f) && strncmp(x->fix, f->fix, fix_length(f)) == 0;
}

int
summary_asks_together(const struct sum_finding *f, const char *address)
{
	const char *more = strcmp(f->code, "DECIDE") == 0 ? strstr(f->text, ASKED_TOGETHER " of ") : NULL;
	char network[IP_NETWORK_TEXT];

	if (more == NULL)
		return 0;
	more += strlen(ASKED_TOGETHER " of ");
	(void)snprintf(network, sizeof(network), "%.*s", (int)strcspn(more, " "), more);
	return ip_within(address, network);
}

int
summary_is_older(const struct summary *s, const char *since)
{
	const char *counted = s->asked_begin != NULL ? s->asked_begin : s->begin;

	return since != NULL && counted != NULL && strcmp(since, counted) < 0;
}

size_t
summary_silent(const struct sum_finding *f)
{
	const char *at = strcmp(f->code, "BLIND") == 0 ? strstr(f->text, HEARD_NOTHING) : NULL;

	return at != NULL ? (size_t)(at - f->text) : 0;
}

enum summary_since
summary_since(const struct summary *s, const struct sum_finding *f)
{
	char number[28];

	if (f->since == NULL || strstr(f->text, "since ") != NULL || strstr(f->text, " on ") != NULL || strcmp(f->code, "GONE") == 0 || strcmp(f->code, "NEW") == 0)
		return SINCE_TOLD;
	return f->messages > 0 && strstr(f->text, text_count(f->messages, number)) != NULL && summary_is_older(s, f->since) ? SINCE_BEFORE : SINCE_DAY;
}

void
summary_free(struct summary *s)
{
	if (s != NULL)
		arena_free(s->arena);
}
