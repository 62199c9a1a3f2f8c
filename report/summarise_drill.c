/* SPDX-License-Identifier: MIT */
/*
 * What an opened sender shows, and who reported: addresses from the totals of the whole database, results, receivers and report ids from the newest
 * SUMMARY_LOOKED_AT records of the period; what receivers of the domain did, and subdomains, from the newest SUMMARY_SUMMED. See summarise.h.
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

static enum outcome
heard_row(void *ctx, const struct overview_row *row, struct err *err)
{
	struct reading *r = ctx;
	struct sender_ids *s = reading_sender(r, row->number[0]);
	struct sum_report_id *ids, *id;

	if (s == NULL || !s->drill)
		return OK;
	add_heard(heard_as(r, &s->heard, row->text[0]), row->number + 1);
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

struct receiver { struct sum_receiver v; const char *saw; int64_t disputed; };	/* saw: the policy, NULL none */

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
	struct receiver *all = r->receivers.at, *x = r->receivers.n > 0 ? &all[r->receivers.n - 1] : NULL;
	size_t day = reading_day(r, row->text[1]);

	if (day == r->ndays)
		return OK;
	if (x == NULL || strcmp(x->v.name, row->text[0]) != 0) {
		x = list_push(&r->receivers);
		x->v.name = arena_str(r->arena, row->text[0]);
		x->v.first_day = arena_str(r->arena, row->text[1]);
	}
	x->v.last_day = arena_str(r->arena, row->text[1]);
	x->v.messages += row->number[0];
	x->saw = row->text[2] == NULL ? NULL : arena_str(r->arena, row->text[2]);
	grid_of(r, &x->v, day, row->number[1] != 0);
	return OK;
}

static int
name_of(const void *key, const void *receiver)
{
	return strcmp(key, ((const struct receiver *)receiver)->v.name);
}

/* Receivers were read by name. */
static enum outcome
received_row(void *ctx, const struct overview_row *row, struct err *err)
{
	struct reading *r = ctx;
	const int64_t *n = row->number;
	const char *from = row->text[1];
	struct sum_subdomain *s;
	struct receiver *x;

	if (row->text[0] != NULL) {
		r->domain->subdomains_of += n[0] + n[1] + n[2];
		r->summed += n[4];
		if (r->receivers.n == 0 || (x = bsearch(row->text[0], r->receivers.at, r->receivers.n, sizeof(*x), name_of)) == NULL)
			return OK;
		x->v.none = n[0];
		x->v.quarantine = n[1];
		x->v.reject = n[2];
		x->disputed = n[3];
	} else if (from != NULL && !text_same(from, r->domain->domain) && domain_within(from, r->domain->domain)) {
		s = list_push(&r->subdomains);
		s->name = arena_str(r->arena, from);
		s->messages = n[0] + n[1] + n[2];
	}
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
oddities_of(struct reading *r, const struct receiver *x)
{
	int64_t looked_at = x->v.none + x->v.quarantine + x->v.reject;
	int differs = x->saw != NULL && r->domain->p != NULL && !text_same(x->saw, r->domain->p);
	const char *text;
	char number[28];
	struct buf b;

	if (x->disputed == 0 && !differs)
		return NULL;
	buf_init(&b, 512);
	if (x->disputed > 0 && looked_at < x->v.messages)
		buf_fmt(&b, "of the newest %s messages ", text_count(looked_at, number));
	if (x->disputed > 0)
		buf_fmt(&b, "%s%s with results that contradict each other", text_count(x->disputed, number),
		    looked_at < x->v.messages ? "" : x->disputed == 1 ? " message" : " messages");
	if (differs)
		buf_fmt(&b, "%slast saw p=%s", b.len > 0 ? "; " : "", x->saw);
	text = arena_str(r->arena, b.at);
	buf_free(&b);
	return text;
}

static void
settle_receivers(struct reading *r)
{
	struct sum_receiver *to = arena_alloc(r->arena, (r->receivers.n + 1) * sizeof(*to));
	struct receiver *all = r->receivers.at;
	size_t i;

	for (i = 0; i < r->receivers.n; i++) {
		to[i] = all[i].v;
		to[i].oddities = oddities_of(r, &all[i]);
	}
	if (r->receivers.n > 1)
		qsort(to, r->receivers.n, sizeof(*to), receiver_order);
	r->domain->receivers = to;
	r->domain->nreceivers = r->receivers.n;
	free(all);
	sort(&r->subdomains, subdomain_order);
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
	enum outcome done = ask_opened(r, domains, err);

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
	int64_t most = SUMMARY_SUMMED - r->summed > SUMMARY_LOOKED_AT ? SUMMARY_SUMMED - r->summed : SUMMARY_LOOKED_AT;
	enum outcome done;

	r->receivers = (struct list){ NULL, 0, 0, sizeof(struct receiver) };
	r->subdomains = (struct list){ NULL, 0, 0, sizeof(struct sum_subdomain) };
	done = r->options->brief ? OK : ask_opened(r, r->found.n, err);
	if (done == OK)
		done = reading_ask(r, OVERVIEW_REPORTERS, 1, reporter_row, r, err);
	if (done == OK && !r->options->brief)
		done = reading_ask(r, OVERVIEW_RECEIVED, most, received_row, r, err);
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
