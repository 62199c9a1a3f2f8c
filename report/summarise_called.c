/* SPDX-License-Identifier: MIT */
/*
 * Summaries for `explain`: of the domains and senders only that a word means, or that mail which came back may belong to. Who these are is asked
 * first, so that nothing is summed but their own mail: an answer does not wait for ten million records of others. Domains come in the order
 * of the whole summary, worst first, and senders of a domain likewise.
 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "report/report.h"
#include "report/summarise.h"

enum {
	FEW = 16,		/* senders asked for one by one; a word that means more is answered from the list a page would have */
	OWN_MOST = 20,		/* likewise of a domain's own */
	WEIGHTS = 3,		/* what domains are ordered by */
	STREAMS = 5		/* domains whose own senders are told, worst first: as many as streams that may be named */
};

/* A domain, and whom of it is asked for. */
struct pick {
	int64_t id;
	const char *name;
	int whole, chosen;		/* whole: the worst of its senders, whoever they are */
	int open;			/* 1: another one has the same weights so far */
	int64_t weight[WEIGHTS];	/* messages lost, at risk, in all */
	struct list senders;		/* int64_t */
};

struct calling {
	struct reading r;
	const char *word;	/* NULL: not about a word */
	const char *from;	/* of a reply that is asked about; NULL */
	int everybody;		/* 1: any sender of any domain may be called so */
	struct list picks, ids;	/* struct pick by domain id; int64_t */
	size_t with_mail;	/* domains, as far as it matters for how much is looked at */
};

int
summary_is_called(const struct sum_sender *s, const char *word)
{
	return strcmp(s->sender, word) == 0 || (strchr(word, '.') == NULL && text_find(s->name, word) != NULL);
}

/* --- which domains and senders --- */

static enum outcome
take_domain(void *ctx, int64_t id, const char *name, struct err *err)
{
	struct calling *c = ctx;
	struct pick *p = list_push(&c->picks);

	(void)err;
	*p = (struct pick){ .id = id, .name = arena_str(c->r.arena, name), .senders = { NULL, 0, 0, sizeof(int64_t) } };
	return OK;
}

static enum outcome
take_id(void *ctx, int64_t domain, int64_t sender, struct err *err)
{
	struct calling *c = ctx;

	(void)domain, (void)err;
	*(int64_t *)list_push(&c->ids) = sender;
	return OK;
}

static struct pick *
pick_of(struct calling *c, int64_t domain)
{
	struct pick *all = c->picks.at;
	size_t low = 0, high = c->picks.n, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (all[middle].id < domain)
			low = middle + 1;
		else
			high = middle;
	}
	return low < c->picks.n && all[low].id == domain ? &all[low] : NULL;
}

static void
add_sender(struct pick *p, int64_t sender)
{
	const int64_t *known = p->senders.at;
	size_t i;

	for (i = 0; i < p->senders.n; i++)
		if (known[i] == sender)
			return;
	*(int64_t *)list_push(&p->senders) = sender;
}

static enum outcome
take_pair(void *ctx, int64_t domain, int64_t sender, struct err *err)
{
	struct calling *c = ctx;
	struct pick *p = pick_of(c, domain);

	(void)err;
	if (p != NULL && (c->word != NULL || p->chosen)) {
		p->chosen = 1;
		add_sender(p, sender);
	}
	return OK;
}

/* A crowd of strangers is called by its size and what it is. */
static int
may_be_crowd(const char *word)
{
	return text_find("unrelated addresses", word) != NULL || word[strspn(word, "0123456789,")] == '\0';
}

/* What a word means: domains it names, whole; senders it names, under whatever domain. */
static enum outcome
choose_called(struct calling *c, int address, struct err *err)
{
	struct pick *all = c->picks.at;
	int names = !address && strchr(c->word, '.') == NULL;
	size_t i;

	if (store_each_sender_called(c->r.store, c->word, names, FEW + 1, take_id, c, err) != OK)
		return STOP;
	c->everybody = c->ids.n > FEW || (names && may_be_crowd(c->word));
	if (!c->everybody && store_each_pair(c->r.store, c->ids.at, c->ids.n, take_pair, c, err) != OK)
		return STOP;
	for (i = 0; i < c->picks.n; i++) {
		all[i].whole = !address && domain_within(all[i].name, c->word);
		all[i].chosen |= all[i].whole || c->everybody;
	}
	return OK;
}

/* Those chosen, or where an address is asked for what lies below them too, share the records that are looked at. */
static enum outcome
count_sharing(struct calling *c, int address, struct err *err)
{
	const struct report_options *o = c->r.options;
	const struct pick *all = c->picks.at;
	struct list chosen = { NULL, 0, 0, sizeof(const char *) };
	const char *const *above;
	size_t i, k, n;
	int has;

	for (i = 0; address && i < c->picks.n; i++)
		if (all[i].chosen)
			*(const char **)list_push(&chosen) = all[i].name;
	above = list_settle(&chosen, c->r.arena, &n);
	for (i = 0; i < c->picks.n && c->with_mail < SUMMARY_DOMAINS; i++) {
		for (k = 0; k < n; k++)
			if (domain_within(all[i].name, above[k]))
				break;
		if (address && k == n)
			continue;
		if (store_domain_has_mail(c->r.store, all[i].id, o->from, o->to, &has, err) != OK)
			return STOP;
		c->with_mail += has != 0;
	}
	return OK;
}

/* --- in which order --- */

/* As overview_domains.sql has them. */
static int
pick_order(const void *a, const void *b)
{
	const struct pick *x = a, *y = b;
	int i;

	for (i = 0; i < WEIGHTS; i++)
		if (x->weight[i] != y->weight[i])
			return x->weight[i] > y->weight[i] ? -1 : 1;
	return strcmp(x->name, y->name);
}

static int
is_level(const struct pick *x, const struct pick *y)
{
	return memcmp(x->weight, y->weight, sizeof(x->weight)) == 0;
}

/* Keeps the chosen domains, worst first. Sums are asked for only where those before them leave the order open. */
static enum outcome
order_picks(struct calling *c, struct err *err)
{
	static const char *const buckets[WEIGHTS] = { "lost", "at_risk", NULL };
	const struct report_options *o = c->r.options;
	struct pick *all = c->picks.at;
	size_t i, n = 0;
	int64_t sum;
	int k;

	for (i = 0; i < c->picks.n; i++)
		if (all[i].chosen)
			all[n++] = all[i];
	c->picks.n = n;
	for (k = 0; n > 1 && k < WEIGHTS; k++) {
		for (i = 0; i < n; i++)
			all[i].open = (i > 0 && is_level(&all[i - 1], &all[i])) || (i + 1 < n && is_level(&all[i], &all[i + 1]));
		for (i = 0; i < n; i++) {
			if (!all[i].open)
				continue;
			if (store_domain_messages(c->r.store, all[i].id, o->from, o->to, buckets[k], &sum, err) != OK)
				return STOP;
			all[i].weight[k] = sum;
		}
		qsort(all, n, sizeof(*all), pick_order);
	}
	return OK;
}

static int
tier(const struct sender_ids *x)
{
	const struct counts *c = &x->s.counts;

	return c->lost > 0 ? 0 : c->at_risk > 0 ? 1 : c->undecided >= 20 && x->stopped > 0 && x->undecided ? 2 : 3;
}

/* As overview_senders.sql has them. */
static int
sender_order(const void *a, const void *b)
{
	const struct sender_ids *x = a, *y = b;
	int c = tier(x) != tier(y) ? tier(x) - tier(y) : counts_order(&x->s.counts, &y->s.counts);

	return c != 0 ? c : strcmp(x->s.sender, y->s.sender);
}

/* --- what is said of them --- */

static enum outcome
take_done(void *ctx, const struct overview_row *row, struct err *err)
{
	struct sender_ids *x = reading_sender(ctx, row->number[0]);

	(void)err;
	if (x == NULL)
		return OK;
	x->s.passed = row->number[1];
	x->s.stopped = row->number[2];
	x->s.let_through = row->number[3];
	return OK;
}

/* The senders as read_senders has them, with what receivers did with their mail. */
static enum outcome
read_done(struct reading *r, int64_t most, struct err *err)
{
	enum outcome done = read_senders(r, most, err);

	if (done != OK)
		return done;
	index_senders(r);
	done = reading_ask(r, OVERVIEW_DONE, most, take_done, r, err);
	free(r->index);
	r->index = NULL;
	return done;
}

/* The senders that were asked for by id, unless they are in the list. One of a crowd of strangers has no row of its own. */
static enum outcome
read_picked(struct reading *r, const struct pick *p, struct err *err)
{
	const int64_t *ids = p->senders.at;
	enum outcome done = OK;
	size_t i, k, before = r->senders.n;

	for (i = 0; done == OK && i < p->senders.n; i++) {
		const struct sender_ids *all = r->senders.at;

		for (k = 0; k < before && all[k].id != ids[i]; k++)
			;
		if (k < before)
			continue;
		r->only = ids[i];
		done = read_done(r, 1, err);
		all = r->senders.at;
		if (done == OK && r->senders.n > 0 && all[r->senders.n - 1].id == 0)
			r->senders.n--;
	}
	r->only = 0;
	if (r->senders.n > before + 1)
		qsort((struct sender_ids *)r->senders.at + before, r->senders.n - before, r->senders.size, sender_order);
	return done;
}

/* Of the list of a page: the first ones of a domain that is asked for, and who is called so. */
static void
keep_called(struct calling *c, const struct pick *p)
{
	struct sender_ids *all = c->r.senders.at;
	size_t i, n = 0;

	for (i = 0; i < c->r.senders.n; i++)
		if ((p->whole && i < SUMMARY_OF_DOMAIN) || summary_is_called(&all[i].s, c->word))
			all[n++] = all[i];
	c->r.senders.n = n;
}

/* 1: all days that are told of a sender are there. */
static int
has_days(const struct reading *r, const struct sender_ids *x)
{
	size_t i, n = 0;

	for (i = 0; x->daily != NULL && i < r->ndays; i++)
		n += x->daily[i] > 0;
	return n >= SUMMARY_LATEST_DAYS;
}

/* The days from..to of the senders that want more: where a crowd does, which has no id to ask by, of all. */
static enum outcome
read_more_days(struct reading *r, const char *from, const char *to, struct err *err)
{
	enum outcome done = OK;
	size_t i;

	for (i = 0; i < r->senders.n; i++)
		if (r->index[i]->id == 0 && !has_days(r, r->index[i]))
			return read_series(r, from, to, err);
	for (i = 0; done == OK && i < r->senders.n; i++) {
		if (has_days(r, r->index[i]))
			continue;
		r->only = r->index[i]->id;
		done = read_series(r, from, to, err);
	}
	r->only = 0;
	return done;
}

/* The latest days of each sender, in steps: most have them near the end. */
static enum outcome
read_latest_days(struct reading *r, struct err *err)
{
	static const int steps[] = { 14, 90, 0 };	/* days; 0: all that are left */
	char from[11], to[11];
	int64_t begin, end;
	size_t i;

	if (!text_when(r->options->from, &begin) || !text_when(r->options->to, &end))
		return OK;
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]) && end >= begin; i++) {
		int64_t first = steps[i] > 0 ? end - (steps[i] - 1) * (int64_t)86400 : begin;

		first = first < begin ? begin : first;
		if (!text_day(first, from) || !text_day(end, to))
			return OK;
		if (read_more_days(r, from, to, err) != OK)
			return STOP;
		end = first - 86400;
	}
	return OK;
}

static enum outcome
read_pick(struct calling *c, const struct pick *p, struct sum_domain *d, struct err *err)
{
	struct reading *r = &c->r;
	enum outcome done = OK;

	d->domain = p->name;
	d->ndays = r->ndays;
	r->domain = d;
	r->domain_id = p->id;
	if (p->whole || c->everybody)
		done = read_done(r, SUMMARY_SENDERS, err);
	if (done == OK && c->word != NULL && r->senders.n > 0)
		keep_called(c, p);
	if (done == OK)
		done = read_picked(r, p, err);
	index_senders(r);
	if (done == OK && c->word != NULL && r->senders.n > 0) {
		done = read_latest_days(r, err);
		if (r->senders.n == 1)
			r->only = r->index[0]->id;
		if (done == OK)
			done = read_opened(r, c->with_mail, err);
		r->only = 0;
	}
	/* Who sends as a domain below tells which stream a reply that names it may be of. */
	if (done == OK && c->from != NULL && strcmp(c->from, p->name) != 0 && domain_within(c->from, p->name) && r->senders.n > 0)
		done = read_combos(r, c->picks.n, err);
	settle_senders(r);
	return done;
}

/* Domain by domain, until `most` senders are there. */
static enum outcome
read_picks(struct calling *c, size_t most, struct err *err)
{
	struct summary *s = c->r.summary;
	struct sum_domain *to = arena_alloc(c->r.arena, (c->picks.n + 1) * sizeof(*to));
	const struct pick *all = c->picks.at;
	size_t i, shown = 0;

	for (i = 0; i < c->picks.n && shown < most; i++) {
		if (read_pick(c, &all[i], &to[i], err) != OK)
			return STOP;
		shown += to[i].nsenders;
	}
	s->domains = to;
	s->ndomains = i;
	return OK;
}

/* However many days there are: a broken clock may have put one decades before the others. */
static size_t
all_days(const char *from, const char *to)
{
	int64_t a, b;

	return text_when(from, &a) && text_when(to, &b) && b >= a ? (size_t)((b - a) / 86400) + 1 : 0;
}

static void
begin(struct calling *c, struct store *store, const struct report_options *o, const char *word)
{
	struct arena *a = arena_new();
	struct summary *s = arena_alloc(a, sizeof(*s));

	*c = (struct calling){ .r = { .store = store, .options = o, .arena = a, .summary = s, .ndays = all_days(o->from, o->to),
	    .senders = { NULL, 0, 0, sizeof(struct sender_ids) } }, .word = word, .picks = { NULL, 0, 0, sizeof(struct pick) },
	    .ids = { NULL, 0, 0, sizeof(int64_t) } };
	s->arena = a;
	s->begin = arena_str(a, o->from);
	s->end = arena_str(a, o->to);
}

static enum outcome
finish(struct calling *c, enum outcome done, struct summary **out)
{
	struct pick *all = c->picks.at;
	size_t i;

	store_moment_end(c->r.store);
	for (i = 0; i < c->picks.n; i++)
		free(all[i].senders.at);
	free(c->picks.at);
	free(c->ids.at);
	*out = done == OK ? c->r.summary : NULL;
	if (done != OK)
		summary_free(c->r.summary);
	return done;
}

enum outcome
summarise_called(struct store *store, const struct report_options *o, const char *word, int address, struct summary **out, struct err *err)
{
	struct calling c;
	enum outcome done;

	if (store_moment(store, err) != OK)
		return STOP;
	begin(&c, store, o, word);
	done = store_each_domain(store, take_domain, &c, err);
	if (done == OK)
		done = choose_called(&c, address, err);
	if (done == OK)
		done = count_sharing(&c, address, err);
	if (done == OK)
		done = order_picks(&c, err);
	if (done == OK)
		done = read_findings(&c.r, err);
	if (done == OK)
		done = read_picks(&c, SUMMARY_CALLED, err);
	return finish(&c, done, out);
}

/* --- mail that came back --- */

static enum outcome
take_own(void *ctx, int64_t domain, int64_t sender, struct err *err)
{
	struct pick *p = ctx;

	(void)domain, (void)err;
	if (p->senders.n > OWN_MOST) {
		p->whole = 1;
		return END;
	}
	add_sender(p, sender);
	return OK;
}

/* The domains the mail may be of, and in them whoever its signature or envelope names; in the worst ones the user's own as well. */
static enum outcome
choose_streams(struct calling *c, const char *domain, const char *const *senders, size_t count, struct err *err)
{
	struct pick *all = c->picks.at;
	size_t i;

	for (i = 0; i < c->picks.n; i++)
		all[i].chosen = domain == NULL || domain_within(domain, all[i].name) || domain_within(all[i].name, domain);
	for (i = 0; i < count; i++)
		if (store_each_sender_called(c->r.store, senders[i], 0, 1, take_id, c, err) != OK)
			return STOP;
	if (store_each_pair(c->r.store, c->ids.at, c->ids.n, take_pair, c, err) != OK || order_picks(c, err) != OK)
		return STOP;
	for (i = 0; i < c->picks.n && i < STREAMS; i++)
		if (store_each_own_sender(c->r.store, all[i].id, take_own, &all[i], err) != OK)
			return STOP;
	return OK;
}

/* Everybody of the domains that stand worst, and of those where it is asked whose mail fails most. */
static void
choose_everybody(struct calling *c)
{
	const struct summary *s = c->r.summary;
	struct pick *all = c->picks.at;
	size_t i, k, asked = 0;

	for (i = 0; i < c->picks.n && i < SUMMARY_DOMAINS; i++)
		all[i].whole = 1;
	for (i = 0; i < s->nfindings && asked < SUMMARY_DOMAINS; i++) {
		if (strcmp(s->findings[i].code, "DECIDE") != 0 || s->findings[i].domain == NULL)
			continue;
		for (k = 0; k < c->picks.n && strcmp(all[k].name, s->findings[i].domain) != 0; k++)
			;
		if (k < c->picks.n && !all[k].whole) {
			all[k].whole = 1;
			asked++;
		}
	}
}

enum outcome
summarise_streams(struct store *store, const struct report_options *o, const char *domain, const char *const *senders, size_t count,
    int everybody, struct summary **out, struct err *err)
{
	struct calling c;
	enum outcome done;

	if (store_moment(store, err) != OK)
		return STOP;
	begin(&c, store, o, NULL);
	c.from = domain;
	done = store_each_domain(store, take_domain, &c, err);
	if (done == OK)
		done = choose_streams(&c, domain, senders, count, err);
	if (done == OK)
		done = read_findings(&c.r, err);
	if (done == OK && everybody)
		choose_everybody(&c);
	if (done == OK)
		done = read_picks(&c, SIZE_MAX, err);
	return finish(&c, done, out);
}
