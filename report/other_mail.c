/* SPDX-License-Identifier: MIT */
/* See ruling.h: what the sender's other mail, that passes or passed, tells of the mail that fails. */
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "report/ruling.h"
#include "report/sender.h"

/* Streams of a sender that pass: their results, and how late. Those that fail as its largest failing one does: how early, how late. */
enum {
	PASSING_SETS = 64,
	CHANGEOVER = 1,		/* day on which there is mail of both kinds: receivers' days differ */
	BESIDE = 7,		/* days between mail that passes and mail that fails */
	OTHERS = 256		/* results of others that pass on a day: the largest */
};
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

enum outcome
other_mail_bare(struct analysis *a, const struct known *k, struct results *out, struct err *err)
{
	static const char *const pass[] = { "pass", NULL };
	struct passing p = { .first_fail = -1, .last_fail = -1 };
	struct own_result own;
	int64_t since;
	size_t i;

	if (!text_when(k->sum.first_bare != NULL ? k->sum.first_bare : k->sum.first_day, &since) || store_each_stream(a->store, &k->sum, take_passing, &p, err) != OK)
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

/* The name of the service's record by which mail with this signature passes; NULL: none that is known. */
static const char *
record_of(struct analysis *a, const struct sender *s, const struct own_result *key)
{
	const char *name = arena_fmt(a->arena, "%s._domainkey.%s", key->selector, key->domain);
	struct sender_record r;
	size_t n;

	for (n = 0; sender_fix(s, key->domain, NULL, n, &r); n++)
		if (strcmp(r.name, name) == 0)
			return name;
	return NULL;
}

/* The newest day on which some passed, no longer before the last that failed than a week, and after what fails began (broke; NULL: the first that failed). NULL: none. */
static const char *
last_passing(const struct series *days, const char *broke)
{
	const char *first = broke, *last = NULL, *passed = NULL;
	size_t i;

	for (i = 0; i < days->count; i++) {
		const struct day_row *d = &days->days[i];

		if (d->failed > 0) {
			first = first == NULL ? d->day : first;
			last = d->day;
		}
		passed = d->passed > 0 ? d->day : passed;
	}
	return passed != NULL && last != NULL && words_days(passed, last) <= BESIDE && words_days(first, passed) > CHANGEOVER ? passed : NULL;
}

/* Finds published, and passes_beside where mail of the sender passes by a key: in what passed on a day of the sender, or of others. */
static enum outcome
published_on(struct analysis *a, const struct known *k, const struct sender *s, const char *day, int of_sender, struct results *r, struct err *err)
{
	static const char *const pass[] = { "pass", NULL };
	const struct day_sets *sets = day_sets_of(a, k, day, 1, err);
	struct own_result key;
	struct results other;
	size_t i;

	for (i = 0; sets != NULL && i < sets->count && (of_sender || i < OTHERS) && r->published == NULL; i++) {
		if ((sets->rows[i].sender == k->sum.sender_id) != of_sender)
			continue;
		if (results_read(a, sets->rows[i].set, &other, err) != OK)
			return STOP;
		if (results_find_own(a, other.dkim, k->sum.org, pass, 0, &key) && key.selector != NULL) {
			r->passes_beside |= of_sender;
			r->published = strcmp(key.domain, r->from != NULL ? r->from : k->sum.domain) == 0 ? record_of(a, s, &key) : NULL;
		}
	}
	return sets != NULL ? OK : STOP;
}

/* 1: somebody else's key may lie under the name of one of its records: the selector is none that names the service alone. */
static int
may_be_taken(struct analysis *a, const struct sender *s, const char *domain)
{
	struct sender_record r;
	size_t n;

	for (n = 0; sender_fix(s, domain, NULL, n, &r); n++)
		if (strchr(r.name, '<') == NULL && sender_of_selector(arena_strn(a->arena, r.name, strcspn(r.name, "."))) != s)
			return 1;
	return 0;
}

enum outcome
other_mail_published(struct analysis *a, const struct known *k, const char *day, struct results *r, struct err *err)
{
	const struct sender *s = k->mine && strcmp(k->sum.kind, "catalogue") == 0 ? sender_find(k->sum.sender) : NULL;
	struct own_result key;

	if (day == NULL || r->published != NULL || !may_be_taken(a, s, k->sum.domain) || results_signature(a, r->dkim, k->sum.org, &key) != UNSIGNED)
		return OK;
	return published_on(a, k, s, day, 0, r, err);
}

enum outcome
other_mail_beside(struct analysis *a, const struct known *k, const struct series *days, const char *broke, struct results *r, struct err *err)
{
	const struct sender *service = k->mine && strcmp(k->sum.kind, "catalogue") == 0 ? sender_find(k->sum.sender) : NULL;
	const char *day = sender_is_service(service) && k->sum.recent_by_dkim > 0 ? last_passing(days, broke) : NULL;
	struct own_result key;
	size_t i;

	if (day != NULL && results_signature(a, r->dkim, k->sum.org, &key) == UNSIGNED && published_on(a, k, service, day, 1, r, err) != OK)
		return STOP;
	for (i = days->count; i > 0 && days->days[i - 1].failed == 0; i--)
		continue;
	return i > 0 ? other_mail_published(a, k, days->days[i - 1].day, r, err) : OK;
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
