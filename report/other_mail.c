/* SPDX-License-Identifier: MIT */
/* See ruling.h: what the sender's other mail, that passes or passed, tells of the mail that fails. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/text.h"
#include "report/ruling.h"
#include "report/sender.h"

/* Streams of a sender that pass: their results, and how late. Those that fail as its largest failing one does: how early, how late. */
enum { PASSING_SETS = 64, CHANGEOVER = 1 /* day on which there is mail of both kinds: receivers' days differ */ };
struct passing { int64_t fail_set, first_fail, last_fail; struct { int64_t set, last; } sets[PASSING_SETS]; size_t count; };

static enum outcome
take_passing(void *ctx, const struct stream_row *row)
{
	struct passing *p = ctx;
	size_t i;

	if (!row->has_days)
		return OK;
	if (!row->passing) {
		if (row->auth_set != p->fail_set)
			return OK;
		p->first_fail = p->first_fail < 0 || row->first_day < p->first_fail ? row->first_day : p->first_fail;
		p->last_fail = row->last_day > p->last_fail ? row->last_day : p->last_fail;
		return OK;
	}
	for (i = 0; i < p->count && p->sets[i].set != row->auth_set; i++)
		continue;
	if (i == PASSING_SETS)
		return OK;
	p->count += i == p->count;
	p->sets[i].set = row->auth_set;
	p->sets[i].last = row->last_day > p->sets[i].last ? row->last_day : p->sets[i].last;
	return OK;
}

/* --- what fails --- */

enum { CAUSE_SETS = 64, CAUSE_DAYS = 5, VOUCHING_DAYS = 10, TOLD_ADDRESSES = 3 };

/* Why mail with these results fails, as far as it tells one cause from another; texts "" where they do not matter. */
struct cause { enum signature signature; enum envelope envelope; const char *key_domain, *selector, *spf_domain, *passed; };

/* What each set of results has of the failing mail of some days. */
struct failing { struct { int64_t set, messages; } sets[CAUSE_SETS]; size_t count; };

static void
add_failing(struct failing *f, int64_t set, int64_t messages)
{
	size_t i;

	for (i = 0; i < f->count && f->sets[i].set != set; i++)
		continue;
	if (i == CAUSE_SETS)
		return;
	if (i == f->count) {
		f->sets[i].set = set;
		f->sets[i].messages = 0;
		f->count++;
	}
	f->sets[i].messages += messages;
}

static enum outcome
take_failing(void *ctx, const struct failing_row *row)
{
	struct failed_day *d = ctx;

	if ((d->count & (d->count - 1)) == 0)
		d->rows = mem_grow(d->rows, d->count > 0 ? d->count * 2 : 1, sizeof(*d->rows));
	d->rows[d->count++] = *row;
	return OK;
}

/* What failed of all senders of the domain at hand on a day: mostly their days are the same. NULL with err. */
static const struct failed_day *
failed_day(struct analysis *a, const struct sender_sum *x, const char *day, struct err *err)
{
	struct failed_day *d;
	size_t i;

	for (i = 0; i < FAILED_DAYS; i++)
		if (a->failed[i].domain == x->domain_id && strcmp(a->failed[i].day, day) == 0)
			return &a->failed[i];
	d = &a->failed[a->nfailed++ % FAILED_DAYS];
	d->domain = 0;
	d->count = 0;
	if (store_each_failing_set(a->store, x->domain_id, day, take_failing, d, err) != OK)
		return NULL;
	d->domain = x->domain_id;
	(void)snprintf(d->day, sizeof(d->day), "%s", day);
	return d;
}

/* Of the newest `most` days on which it failed, from day `from` on (NULL: any). */
static enum outcome
read_failing(struct analysis *a, const struct sender_sum *x, const struct series *days, const char *from, int most, struct failing *f, struct err *err)
{
	const struct failed_day *d;
	size_t i, k;

	f->count = 0;
	for (i = days->count; i > 0 && most > 0 && (from == NULL || strcmp(days->days[i - 1].day, from) >= 0); i--) {
		if (days->days[i - 1].failed == 0)
			continue;
		most--;
		if ((d = failed_day(a, x, days->days[i - 1].day, err)) == NULL)
			return STOP;
		for (k = 0; k < d->count; k++)
			if (d->rows[k].sender == x->sender_id && d->rows[k].way <= x->own_way)
				add_failing(f, d->rows[k].set, d->rows[k].messages);
	}
	return OK;
}

static const char *
or_empty(const char *text)
{
	return text != NULL ? text : "";
}

static enum outcome
cause_of(struct analysis *a, const struct known *k, int64_t set, struct cause *out, struct err *err)
{
	struct own_result key, envelope;
	struct results r;

	if (results_read(a, set, &r, err) != OK)
		return STOP;
	out->signature = results_signature(a, r.dkim, k->sum.org, &key);
	out->envelope = results_envelope(a, r.spf, k->sum.org, &envelope);
	out->key_domain = out->signature != UNSIGNED ? or_empty(key.domain) : "";
	out->selector = out->signature != UNSIGNED ? or_empty(key.selector) : "";
	out->spf_domain = out->envelope != FOREIGN_ENVELOPE ? or_empty(envelope.domain) : "";
	out->passed = or_empty(results_passing_domain(a, r.dkim, k->sum.org, 1));
	if (*out->passed == '\0')
		out->passed = or_empty(results_passing_domain(a, r.spf, k->sum.org, 1));
	return OK;
}

static int
is_same_cause(const struct cause *x, const struct cause *y)
{
	return x->signature == y->signature && x->envelope == y->envelope && strcmp(x->key_domain, y->key_domain) == 0 && strcmp(x->selector, y->selector) == 0 &&
	    strcmp(x->spf_domain, y->spf_domain) == 0 && strcmp(x->passed, y->passed) == 0;
}

enum outcome
other_mail_failing(struct analysis *a, const struct known *k, const struct series *days, const char *from, int64_t *set, struct err *err)
{
	struct cause causes[CAUSE_SETS];
	struct failing f;
	int64_t sum, most = 0, largest;
	size_t i, j;

	*set = 0;
	if (read_failing(a, &k->sum, days, from, CAUSE_DAYS, &f, err) != OK)
		return STOP;
	for (i = 0; f.count > 1 && i < f.count; i++)
		if (cause_of(a, k, f.sets[i].set, &causes[i], err) != OK)
			return STOP;
	for (i = 0; i < f.count; i++) {
		size_t best = i;

		for (sum = largest = 0, j = i; j < f.count; j++) {
			if (j != i && !is_same_cause(&causes[i], &causes[j]))
				continue;
			sum += f.sets[j].messages;
			if (f.sets[j].messages > largest) {
				largest = f.sets[j].messages;
				best = j;
			}
		}
		if (sum > most) {
			most = sum;
			*set = f.sets[best].set;
		}
	}
	return OK;
}

int
other_mail_vouches(struct analysis *a, const struct known *k, double messages, int own, struct err *err)
{
	struct series days = { a->arena, NULL, 0 };
	struct failing f = { .count = 0 };
	struct results r;
	int64_t n = 0;
	int good;
	size_t i;

	good = series_read(&days, a->store, k, err) == OK && read_failing(a, &k->sum, &days, NULL, VOUCHING_DAYS, &f, err) == OK;
	for (i = 0; good && i < f.count && (double)n < messages; i++) {
		good = results_read(a, f.sets[i].set, &r, err) == OK;
		if (good && (own ? results_own_account(a, &k->sum, &r) != NULL : strstr(r.dkim, "=pass") != NULL || strstr(r.spf, "=pass") != NULL))
			n += f.sets[i].messages;
	}
	free(days.days);
	return !good ? -1 : (double)n >= messages;
}

/* Addresses of failing mail with the same results. */
struct addresses { struct analysis *a; const char *list[TOLD_ADDRESSES]; size_t count; int many; };

static enum outcome
take_address(void *ctx, const char *address)
{
	struct addresses *x = ctx;
	size_t i;

	for (i = 0; i < x->count && strcmp(x->list[i], address) != 0; i++)
		continue;
	/* What anybody may send from is nothing to publish. */
	x->many |= i == TOLD_ADDRESSES || *address == '\0' || sender_of_address(address) != NULL;
	if (x->many)
		return END;
	if (i == x->count)
		x->list[x->count++] = arena_str(x->a->arena, address);
	return OK;
}

enum outcome
other_mail_addresses(struct analysis *a, const struct known *k, const struct series *days, const char *from, struct results *r, struct err *err)
{
	struct addresses x = { .a = a };
	int most = CAUSE_DAYS;
	size_t i;

	for (i = days->count; i > 0 && most > 0 && strcmp(days->days[i - 1].day, from) >= 0; i--)
		if (days->days[i - 1].failed > 0) {
			most--;
			if (store_each_failing_address(a->store, &k->sum, days->days[i - 1].day, k->sum.fail_set, take_address, &x, err) != OK)
				return STOP;
		}
	r->addresses = x.many || x.count == 0 ? NULL : x.count == 1 ? x.list[0] : x.count == 2 ? arena_fmt(a->arena, "%s and %s", x.list[0], x.list[1]) :
	    arena_fmt(a->arena, "%s, %s and %s", x.list[0], x.list[1], x.list[2]);
	return OK;
}

/* --- what passes --- */

int
other_mail_signs_as(struct analysis *a, const struct known *k, const char *domain, const char *from, struct err *err)
{
	struct passing p = { .first_fail = -1, .last_fail = -1 };
	struct results r;
	size_t i;

	if (store_each_stream(a->store, &k->sum, take_passing, &p, err) != OK)
		return -1;
	for (i = 0; i < p.count; i++) {
		if (results_read(a, p.sets[i].set, &r, err) != OK)
			return -1;
		if (results_passed_as(r.dkim, domain) || results_passed_as(r.dkim, from))
			return 1;
	}
	return 0;
}

enum outcome
other_mail_bare(struct analysis *a, const struct known *k, struct results *out, struct err *err)
{
	static const char *const pass[] = { "pass", NULL };
	struct passing p = { .first_fail = -1, .last_fail = -1 };
	struct own_result own;
	int64_t since;
	size_t i;

	if (!text_when(k->sum.first_bare, &since) || store_each_stream(a->store, &k->sum, take_passing, &p, err) != OK)
		return STOP;
	for (i = 0; i < p.count; i++) {
		if (p.sets[i].last < since / 86400)
			continue;
		if (results_read(a, p.sets[i].set, out, err) != OK)
			return STOP;
		if (!results_find_own(a, out->dkim, k->sum.org, pass, 0, &own))
			return OK;
	}
	*out = (struct results){ .dkim = "", .spf = "" };
	return OK;
}

/* Who signed a sender's mail under the names of its customers there. */
struct tenants { struct analysis *a; const struct sender *sender; struct err *err; const char *name; int64_t sets[PASSING_SETS]; size_t count; int several; };

static enum outcome
take_tenant(void *ctx, const struct stream_row *row)
{
	struct tenants *t = ctx;
	struct results r;
	const char *at, *name;
	size_t i, n;

	for (i = 0; i < t->count && t->sets[i] != row->auth_set; i++)
		continue;
	if (i < t->count)
		return OK;
	if (i == PASSING_SETS) {
		t->several = 1;
		return END;
	}
	t->sets[t->count++] = row->auth_set;
	if (results_read(t->a, row->auth_set, &r, t->err) != OK)
		return STOP;
	for (at = r.dkim; (n = results_passing(&at, &name)) > 0;) {
		size_t domain = strcspn(name, "/="), len = sender_tenant(t->sender, arena_strn(t->a->arena, name, domain));

		if (len > 0 && t->name != NULL && (strlen(t->name) != len || memcmp(t->name, name, len) != 0))
			t->several = 1;
		else if (len > 0)
			t->name = arena_strn(t->a->arena, name, len);
	}
	return t->several ? END : OK;
}

enum outcome
other_mail_tenant(struct analysis *a, const struct known *k, struct results *r, struct err *err)
{
	struct tenants t = { .a = a, .sender = strcmp(k->sum.kind, "catalogue") == 0 ? sender_find(k->sum.sender) : NULL, .err = err };

	if (t.sender == NULL || strstr(t.sender->dkim_records, "<tenant>") == NULL)
		return OK;
	if (store_each_stream(a->store, &k->sum, take_tenant, &t, err) != OK)
		return STOP;
	r->tenant = t.several ? NULL : t.name;
	return OK;
}

/* Who signed failing mail over a host of mailboxes, where that is not the user's own name: each customer signs with one of its own there. NULL: not so. */
static const char *
customer_of(struct analysis *a, const struct known *k, const struct results *r)
{
	return strcmp(k->sum.kind, "catalogue") == 0 && strcmp(k->sum.category, "mailbox") == 0 && strcmp(k->basis, "label") != 0 &&
	    results_own_account(a, &k->sum, r) == NULL ? results_passing_domain(a, r->dkim, k->sum.org, 0) : NULL;
}

/* The domain whose SPF record mattered and did not let the mail pass; NULL: none, or SPF could not help. The domain's own servers are many: which of them is not told apart. */
static const char *
spf_missed(struct analysis *a, const struct known *k, const char *broke, const struct results *r)
{
	struct own_result which;
	enum envelope is = results_envelope(a, r->spf, k->sum.org, &which);
	const struct sender_sum *x = &k->sum;
	const char *first = broke != NULL ? broke : x->first_fail;

	/* It never passed by SPF, or did before what fails began and does to this day. */
	if (x->last_spf == NULL || first == NULL || (words_days(x->last_spf, x->last_day) <= CHANGEOVER && words_days(first, x->last_spf) > CHANGEOVER))
		return NULL;
	return (is == ADDRESS_NOT_IN_IT || is == NO_SPF_RECORD || is == SPF_ERROR) && strcmp(x->sender, x->org) != 0 &&
	    (!results_strict(x->aspf) || strcmp(which.domain, x->domain) == 0) ? which.domain : NULL;
}

enum outcome
other_mail_compare(struct analysis *a, const struct known *k, const char *broke, struct results *r, struct err *err)
{
	static const char *const pass[] = { "pass", NULL };
	struct passing p = { .fail_set = k->sum.fail_set, .first_fail = -1, .last_fail = -1 };
	const char *customer = customer_of(a, k, r), *missed = spf_missed(a, k, broke, r);
	int64_t last_spf = -1, last = -1, since;
	char day[11];
	struct own_result key, good;
	struct results other;
	enum signature is;
	int dead, known = 0;
	size_t i;

	is = results_signature(a, r->dkim, k->sum.org, &key);
	dead = key.selector != NULL && (is == NO_KEY || is == DOES_NOT_VERIFY);
	if (k->mine && other_mail_tenant(a, k, r, err) != OK)
		return STOP;
	if (k->sum.passing == 0 || (!dead && customer == NULL && missed == NULL))
		return OK;
	if (store_each_stream(a->store, &k->sum, take_passing, &p, err) != OK)
		return STOP;
	for (i = 0; i < p.count; i++) {
		if (results_read(a, p.sets[i].set, &other, err) != OK)
			return STOP;
		last = p.sets[i].last > last ? p.sets[i].last : last;
		known |= customer != NULL && results_passed_as(other.dkim, customer);
		if (missed != NULL && p.sets[i].last > last_spf && results_passed_as(other.spf, missed))
			last_spf = p.sets[i].last;
		if (!dead || p.last_fail < 0 || p.sets[i].last < p.last_fail || p.sets[i].last <= p.first_fail + CHANGEOVER)
			continue;	/* on the first days of a dead key there is mail of both kinds */
		if (!results_find_own(a, other.dkim, k->sum.org, pass, 0, &good) || good.selector == NULL || strcmp(good.domain, key.domain) != 0)
			continue;
		r->key_passes |= strcmp(good.selector, key.selector) == 0;
		r->selector = is == NO_KEY ? key.selector : NULL;
	}
	/* Where all of it passed before and none does since, it is the same mail, signed otherwise. */
	r->stranger = !known && p.count < PASSING_SETS && last > p.first_fail + CHANGEOVER ? customer : NULL;
	r->tenant = r->stranger == NULL ? r->tenant : NULL;
	since = broke != NULL && text_when(broke, &since) ? since / 86400 : p.first_fail;
	if (last_spf >= 0 && p.count < PASSING_SETS && last_spf <= since + CHANGEOVER && text_day(last_spf * 86400, day)) {
		r->spf_domain = missed;
		r->spf_until = arena_str(a->arena, day);
	}
	return OK;
}
