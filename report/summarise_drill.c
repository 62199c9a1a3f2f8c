/* SPDX-License-Identifier: MIT */
/*
 * What an opened sender shows, and who reported: addresses and results from the totals of the whole database, receivers and
 * report ids from the newest SUMMARY_LOOKED_AT records of the period. See summarise.h.
 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "report/report.h"
#include "report/summarise.h"

static enum outcome
address_row(void *ctx, const struct overview_row *row, struct err *err)
{
	struct reading *r = ctx;
	struct sender_ids *s = reading_sender(r, row->number[0]);
	struct sum_address *a;

	if (s == NULL || !s->drill)
		return OK;
	s->top.size = sizeof(*a);
	a = list_push(&s->top);
	a->address = arena_str(r->arena, row->text[0]);
	a->ptr = arena_str(r->arena, row->text[1]);
	a->messages = row->number[1];
	return OK;
}

static enum outcome
result_row(void *ctx, const struct overview_row *row, struct err *err)
{
	struct reading *r = ctx;
	struct sender_ids *s = reading_sender(r, row->number[0]);
	struct sum_combo *c;

	if (s == NULL || !s->drill)
		return OK;
	if (s->combos.n == SUMMARY_COMBOS)
		return OK;
	s->combos.size = sizeof(*c);
	c = list_push(&s->combos);
	c->dkim = arena_str(r->arena, row->text[0]);
	c->spf = arena_str(r->arena, row->text[1]);
	c->disposition = arena_str(r->arena, row->text[2]);
	c->header_from = arena_str(r->arena, row->text[3]);
	c->envelope_from = arena_str(r->arena, row->text[4]);
	c->reasons = arena_str(r->arena, row->text[5]);
	c->messages = row->number[1];
	return OK;
}

/* The entry of this name in a list of receivers, made where it is new. */
static struct sum_heard *
heard_as(struct reading *r, struct list *l, const char *name)
{
	struct sum_heard *all = l->at, *h;
	size_t i;

	for (i = 0; i < l->n; i++)
		if (text_same(all[i].name, name))
			return &all[i];
	l->size = sizeof(*h);
	h = list_push(l);
	h->name = arena_str(r->arena, name);
	return h;
}

static void
add_heard(struct sum_heard *h, const int64_t *n)
{
	h->none += n[0];
	h->quarantine += n[1];
	h->reject += n[2];
	h->messages += n[0] + n[1] + n[2];
}

static void
add_subdomain(struct reading *r, const char *from, int64_t messages)
{
	struct sum_subdomain *all = r->subdomains.at, *s;
	size_t i;

	if (from == NULL || text_same(from, r->domain->domain) || !domain_within(from, r->domain->domain))
		return;
	for (i = 0; i < r->subdomains.n; i++) {
		if (strcmp(all[i].name, from) == 0) {
			all[i].messages += messages;
			return;
		}
	}
	if (r->subdomains.n == 4 * SUMMARY_SUBDOMAINS)
		return;
	s = list_push(&r->subdomains);
	s->name = arena_str(r->arena, from);
	s->messages = messages;
}

static enum outcome
heard_row(void *ctx, const struct overview_row *row, struct err *err)
{
	struct reading *r = ctx;
	struct sender_ids *s = reading_sender(r, row->number[0]);
	const int64_t *n = row->number + 2;
	struct sum_report_id *ids, *id;
	struct sum_heard *h;

	h = heard_as(r, &r->names, row->text[0]);
	/* Newest reports come first: only what a receiver saw last is of interest. */
	if (h->messages == 0 && row->text[4] != NULL && r->domain->p != NULL && !text_same(row->text[4], r->domain->p))
		h->saw = arena_str(r->arena, row->text[4]);
	add_heard(h, n);
	h->disputed += n[3];
	r->looked_at += n[0] + n[1] + n[2];
	add_subdomain(r, row->text[3], n[0] + n[1] + n[2]);
	if (s == NULL || !s->drill)
		return OK;
	add_heard(heard_as(r, &s->heard, row->text[0]), n);
	ids = s->reports.at;
	if (s->reports.n == SUMMARY_REPORT_IDS || row->text[1] == NULL ||
	    (s->reports.n > 0 && ids[s->reports.n - 1].report_id != NULL && strcmp(ids[s->reports.n - 1].report_id, row->text[1]) == 0))
		return OK;
	s->reports.size = sizeof(*id);
	id = list_push(&s->reports);
	id->org_name = arena_str(r->arena, row->text[0]);
	id->report_id = arena_str(r->arena, row->text[1]);
	id->day = arena_str(r->arena, row->text[2]);
	return OK;
}

/* --- receivers of the domain --- */

static void
grid_of(struct reading *r, struct sum_receiver *v, size_t day, int is_first)
{
	char *grid;

	if (v->grid == NULL) {
		grid = arena_alloc(r->arena, r->ndays + 1);
		memset(grid, '0', r->ndays);
		if (is_first)
			memset(grid, '-', day);
		v->days_expected = (int64_t)(is_first ? r->ndays - day : r->ndays);
		v->grid = grid;
	}
	grid = (char *)(uintptr_t)v->grid;
	if (grid[day] != '1')
		v->days_reported++;
	grid[day] = '1';
}

static enum outcome
reporter_row(void *ctx, const struct overview_row *row, struct err *err)
{
	struct reading *r = ctx;
	struct sum_receiver *all = r->receivers.at, *v = r->receivers.n > 0 ? &all[r->receivers.n - 1] : NULL;
	size_t day = reading_day(r, row->text[1]);

	if (day == r->ndays)
		return OK;
	if (v == NULL || strcmp(v->name, row->text[0]) != 0) {
		v = list_push(&r->receivers);
		v->name = arena_str(r->arena, row->text[0]);
		v->first_day = arena_str(r->arena, row->text[1]);
	}
	v->last_day = arena_str(r->arena, row->text[1]);
	v->messages += row->number[0];
	grid_of(r, v, day, row->number[1] != 0);
	return OK;
}

static int
receiver_order(const void *a, const void *b)
{
	const struct sum_receiver *x = a, *y = b;

	if (x->messages != y->messages)
		return x->messages > y->messages ? -1 : 1;
	return strcmp(x->name, y->name);
}

static int
heard_order(const void *a, const void *b)
{
	const struct sum_heard *x = a, *y = b;

	if (x->messages != y->messages)
		return x->messages > y->messages ? -1 : 1;
	return strcmp(x->name, y->name);
}

static int
subdomain_order(const void *a, const void *b)
{
	const struct sum_subdomain *x = a, *y = b;

	if (x->messages != y->messages)
		return x->messages > y->messages ? -1 : 1;
	return strcmp(x->name, y->name);
}

static void
sort(struct list *l, int (*order)(const void *, const void *))
{
	if (l->n > 1)
		qsort(l->at, l->n, l->size, order);
}

/* What is odd in a receiver's reports: results that contradict each other, a policy that is not (or no longer) the one in force. */
static const char *
oddities_of(struct reading *r, const struct sum_heard *h)
{
	const char *text;
	char number[28];
	struct buf b;

	if (h->disputed == 0 && h->saw == NULL)
		return NULL;
	buf_init(&b, 512);
	if (h->disputed > 0)
		buf_fmt(&b, "%s message%s with results that contradict each other", text_count(h->disputed, number), h->disputed == 1 ? "" : "s");
	if (h->saw != NULL)
		buf_fmt(&b, "%slast saw p=%s", b.len > 0 ? "; " : "", h->saw);
	text = arena_str(r->arena, b.at);
	buf_free(&b);
	return text;
}

/* What receivers did is only said where all records of the period were looked at. */
static void
settle_receivers(struct reading *r)
{
	struct sum_receiver *all = r->receivers.at;
	size_t i;

	for (i = 0; i < r->receivers.n; i++) {
		const struct sum_heard *h = heard_as(r, &r->names, all[i].name);

		all[i].oddities = oddities_of(r, h);
		if (r->looked_at != r->domain->counts.messages)
			continue;
		all[i].none = h->none;
		all[i].quarantine = h->quarantine;
		all[i].reject = h->reject;
	}
	free(r->names.at);
	r->names = (struct list){ NULL, 0, 0, 0 };
	sort(&r->receivers, receiver_order);
	sort(&r->subdomains, subdomain_order);
	r->domain->receivers = list_settle(&r->receivers, r->arena, &r->domain->nreceivers);
	r->domain->subdomains = list_settle(&r->subdomains, r->arena, &r->domain->nsubdomains);
}

static void
settle_sender(struct reading *r, struct sender_ids *s)
{
	sort(&s->heard, heard_order);
	if (s->heard.n > SUMMARY_HEARD)
		s->heard.n = SUMMARY_HEARD;
	s->s.top = list_settle(&s->top, r->arena, &s->s.ntop);
	s->s.combos = list_settle(&s->combos, r->arena, &s->s.ncombos);
	s->s.receivers = list_settle(&s->heard, r->arena, &s->s.nreceivers);
	s->s.reports = list_settle(&s->reports, r->arena, &s->s.nreports);
}

/* How many records of one domain are looked at: a summary of many domains looks at fewer of each. */
static int64_t
records_looked_at(size_t domains)
{
	size_t shared = domains < SUMMARY_DOMAINS ? domains : SUMMARY_DOMAINS;
	int64_t share = SUMMARY_LOOKED_AT_ALL / (int64_t)(shared > 0 ? shared : 1);

	return share > SUMMARY_LOOKED_AT ? SUMMARY_LOOKED_AT : share < 1000 ? 1000 : share;
}

static void
begin_receivers(struct reading *r)
{
	r->looked_at = 0;
	r->receivers = (struct list){ NULL, 0, 0, sizeof(struct sum_receiver) };
	r->subdomains = (struct list){ NULL, 0, 0, sizeof(struct sum_subdomain) };
	r->names = (struct list){ NULL, 0, 0, sizeof(struct sum_heard) };
}

static enum outcome
ask_opened(struct reading *r, size_t domains, struct err *err)
{
	int64_t most = records_looked_at(domains);
	enum outcome done = reading_ask(r, OVERVIEW_ADDRESSES, SUMMARY_ADDRESSES, address_row, r, err);

	if (done == OK)
		done = reading_ask(r, OVERVIEW_RESULTS, most, result_row, r, err);
	return done != OK ? done : reading_ask(r, OVERVIEW_HEARD, most, heard_row, r, err);
}

static void
settle_opened(struct reading *r)
{
	size_t i;

	for (i = 0; i < r->senders.n; i++)
		settle_sender(r, r->index[i]);
}

enum outcome
read_opened(struct reading *r, size_t domains, struct err *err)
{
	enum outcome done;

	begin_receivers(r);
	done = ask_opened(r, domains, err);
	free(r->names.at);
	free(r->subdomains.at);
	begin_receivers(r);
	settle_opened(r);
	return done;
}

enum outcome
read_combos(struct reading *r, size_t domains, struct err *err)
{
	enum outcome done = reading_ask(r, OVERVIEW_RESULTS, records_looked_at(domains), result_row, r, err);

	settle_opened(r);
	return done;
}

enum outcome
read_drill(struct reading *r, struct err *err)
{
	enum outcome done;

	begin_receivers(r);
	done = r->options->brief ? OK : ask_opened(r, r->found.n, err);
	if (done == OK)
		done = reading_ask(r, OVERVIEW_REPORTERS, 1, reporter_row, r, err);
	settle_receivers(r);
	settle_opened(r);
	return done;
}

static int
name_order(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void
settle_reporters(struct reading *r)
{
	struct summary *s = r->summary;
	struct list names = { NULL, 0, 0, sizeof(char *) };
	int64_t different = 0;
	size_t i, j;
	char **all;

	for (i = 0; i < s->ndomains; i++) {
		s->reporters = s->domains[i].reporters > s->reporters ? s->domains[i].reporters : s->reporters;
		for (j = 0; j < s->domains[i].nreceivers; j++) {
			char *name = arena_str(r->arena, s->domains[i].receivers[j].name);

			text_lower(name);
			*(char **)list_push(&names) = name;
		}
	}
	sort(&names, name_order);
	for (all = names.at, i = 0; i < names.n; i++)
		different += i == 0 || strcmp(all[i], all[i - 1]) != 0;
	s->reporters = different > s->reporters ? different : s->reporters;
	free(names.at);
}
