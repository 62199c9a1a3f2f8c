/* SPDX-License-Identifier: MIT */
/* See ruling.h: what the records of the days on which a sender's mail failed lately say of it: the cause of most of it, who vouches, where it comes from. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "report/ruling.h"
#include "report/sender.h"

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
take_set(void *ctx, const struct set_row *row)
{
	struct day_sets *d = ctx;

	if ((d->count & (d->count - 1)) == 0)
		d->rows = mem_grow(d->rows, d->count > 0 ? d->count * 2 : 1, sizeof(*d->rows));
	d->rows[d->count++] = *row;
	return OK;
}

const struct day_sets *
day_sets_of(struct analysis *a, const struct known *k, const char *day, int passing, struct err *err)
{
	const struct sender_sum *x = &k->sum;
	struct day_sets *d;
	size_t i;

	for (i = 0; i < DAYS_KEPT; i++)
		if (a->days[i].domain == x->domain_id && a->days[i].passing == passing && strcmp(a->days[i].day, day) == 0)
			return &a->days[i];
	d = &a->days[a->ndays++ % DAYS_KEPT];
	d->domain = 0;
	d->count = 0;
	if (store_each_set_of_day(a->store, x->domain_id, day, passing, take_set, d, err) != OK)
		return NULL;
	d->domain = x->domain_id;
	d->passing = passing;
	(void)snprintf(d->day, sizeof(d->day), "%s", day);
	return d;
}

/* Of the newest `most` days on which it failed, from day `from` on (NULL: any). */
static enum outcome
read_failing(struct analysis *a, const struct known *k, const struct series *days, const char *from, int most, struct failing *f, struct err *err)
{
	const struct sender_sum *x = &k->sum;
	const struct day_sets *d;
	size_t i, n;

	f->count = 0;
	for (i = days->count; i > 0 && most > 0 && (from == NULL || strcmp(days->days[i - 1].day, from) >= 0); i--) {
		if (days->days[i - 1].failed == 0)
			continue;
		most--;
		if ((d = day_sets_of(a, k, days->days[i - 1].day, 0, err)) == NULL)
			return STOP;
		for (n = 0; n < d->count; n++)
			if (d->rows[n].sender == x->sender_id && d->rows[n].way <= x->own_way)
				add_failing(f, d->rows[n].set, d->rows[n].messages);
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
failing_mail_cause(struct analysis *a, const struct known *k, const struct series *days, const char *from, int64_t *set, struct err *err)
{
	struct cause causes[CAUSE_SETS];
	struct failing f;
	int64_t sum, most = 0, largest;
	size_t i, j;

	*set = 0;
	if (read_failing(a, k, days, from, CAUSE_DAYS, &f, err) != OK)
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
failing_mail_vouches(struct analysis *a, const struct known *k, double messages, int own, struct err *err)
{
	struct series days = { a->arena, NULL, 0 };
	struct failing f = { .count = 0 };
	struct results r;
	int64_t n = 0;
	int good;
	size_t i;

	good = series_read(&days, a->store, k, err) == OK && read_failing(a, k, &days, NULL, VOUCHING_DAYS, &f, err) == OK;
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
failing_mail_addresses(struct analysis *a, const struct known *k, const struct series *days, const char *from, struct results *r, struct err *err)
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
	for (i = 0; !x.many && i < x.count; i++)
		r->addresses = i == 0 ? words_mechanism(a, x.list[i]) : arena_fmt(a->arena, "%s %s", r->addresses, words_mechanism(a, x.list[i]));
	return OK;
}
