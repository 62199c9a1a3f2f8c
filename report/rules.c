/* SPDX-License-Identifier: MIT */
/*
 * The rules: one small function for each finding, with its words and its advice. A rule that does not apply adds nothing. Rules of
 * a sender see its sums and its days; rules of a domain what its senders add up to. Counts and texts are about the last
 * RECENT_DAYS reported days, `since` looks at the whole database.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "report/ruling.h"
#include "report/sender.h"

enum { RECORDS_LOOKED_AT = 50000, NAMES_TOLD = 3 };

const char *const code_names[CODES] = { "LOST", "BROKE", "RISK", "STALE", "SPFERR", "DECIDE", "BLIND", "FIXED", "FWDBROKEN", "SPFONLY", "GONE",
	"NEW", "FWD", "NOTYOU", "DKIMONLY", "OK", "LOWDATA" };

static struct finding *
add(struct analysis *a, enum code code, const struct known *k, int64_t messages, const char *since)
{
	struct note *n;

	a->notes = mem_grow(a->notes, a->nnotes + 1, sizeof(*a->notes));
	n = &a->notes[a->nnotes++];
	memset(n, 0, sizeof(*n));
	n->code = code;
	n->f.code = code_names[code];
	n->f.domain = k != NULL ? k->sum.domain : NULL;
	n->f.sender = k != NULL ? k->sum.sender : NULL;
	n->f.confidence = k != NULL ? k->confidence : "high";
	n->f.messages = messages;
	n->f.since = since;
	return &n->f;
}

/* A finding about a domain as a whole. */
static struct finding *
add_whole(struct analysis *a, enum code code, const struct domain_sums *d, int64_t messages, const char *since)
{
	struct finding *f = add(a, code, d->from, messages, since);

	f->sender = NULL;
	f->confidence = "high";
	return f;
}

/* The first day the counts of a domain are about. */
static const char *
counted_from(const struct analysis *a, const struct domain_sums *d)
{
	return d->beginning != NULL && strcmp(d->beginning, a->recent) > 0 ? d->beginning : a->recent;
}

/* --- a sender of the user's own --- */

/* What the rules of one sender look at. broke and fixed: indices of the turns, days.count where there is none. */
struct ruling {
	struct analysis *a;
	const struct known *k;
	const struct domain_sums *d;
	struct series days;
	size_t broke, fixed;
	struct results failing;
};

static enum outcome
take_refuser(void *ctx, const struct overview_row *row, struct err *err)
{
	const char *name = row->text[0] != NULL ? row->text[0] : "";
	struct analysis *a = ctx;
	size_t i;

	(void)err;
	if (row->number[3] + row->number[4] == 0)
		return OK;
	for (i = 0; i < a->nrefusers; i++)
		if (a->refusers[i].sender == row->number[0] && strcmp(a->refusers[i].name, name) == 0)
			return OK;
	a->refusers = mem_grow(a->refusers, a->nrefusers + 1, sizeof(*a->refusers));
	a->refusers[a->nrefusers].sender = row->number[0];
	a->refusers[a->nrefusers++].name = arena_str(a->arena, name);
	return OK;
}

/* How many receivers refused or junked a sender's mail lately, among the newest records. */
static enum outcome
count_refusers(struct analysis *a, const struct known *k, size_t *count, struct err *err)
{
	size_t i;

	if (a->looked_at != k->sum.domain_id) {
		a->looked_at = k->sum.domain_id;
		a->nrefusers = 0;
		if (store_overview(a->store, OVERVIEW_HEARD, k->sum.domain_id, a->recent, a->newest, RECORDS_LOOKED_AT, take_refuser, a, err) != OK)
			return STOP;
	}
	*count = 0;
	for (i = 0; i < a->nrefusers; i++)
		*count += a->refusers[i].sender == k->sum.sender_id;
	return OK;
}

/* " since 12 Nov 2026"; where that was before the counted days both are told. */
static void
add_since(struct buf *b, const struct analysis *a, const char *since)
{
	char day[16];

	if (strcmp(since, a->recent) >= 0)
		buf_fmt(b, " since %s.", words_day(since, day));
	else
		buf_fmt(b, " in the last %d days. It began on %s.", RECENT_DAYS, words_day(since, day));
}

/* LOST: refused or junked. Where the stream passes again, what failed since then only. */
static enum outcome
rule_lost(struct ruling *r, struct err *err)
{
	const struct known *k = r->k;
	int64_t messages = k->sum.recent_refused, failed = 0;
	const char *since = r->fixed < r->days.count ? NULL : k->sum.first_refused;
	size_t refusers, i;
	struct finding *f;
	char number[28];
	struct buf b;

	for (i = r->fixed; i < r->days.count; i++) {
		since = since == NULL && r->days.days[i].failed > 0 ? r->days.days[i].day : since;
		failed += r->days.days[i].failed;
	}
	if (r->fixed < r->days.count && failed < messages)
		messages = failed;
	if (messages == 0 || since == NULL)
		return OK;
	if (count_refusers(r->a, k, &refusers, err) != OK)
		return STOP;
	f = add(r->a, LOST, k, messages, since);
	buf_init(&b, 4096);
	buf_fmt(&b, "%s message%s sent through %s %s refused or junked", text_count(messages, number), words_plural(messages), k->name,
	    messages == 1 ? "was" : "were");
	if (refusers > 0)
		buf_fmt(&b, " (%zu receiver%s)", refusers, words_plural((int64_t)refusers));
	add_since(&b, r->a, since);
	f->text = words_of(r->a, &b);
	f->why = words_why(r->a, k, &r->failing, messages);
	f->fix = words_fix(r->a, k);
	return OK;
}

/* BROKE: mail that passed stopped passing. */
static enum outcome
rule_broke(struct ruling *r, struct err *err)
{
	const char *day = r->broke < r->days.count ? r->days.days[r->broke].day : NULL;
	int64_t failing = 0;
	struct finding *f;
	char text[16];
	struct buf b;
	size_t i;

	if (day == NULL)
		return OK;
	for (i = r->broke; i < r->days.count; i++)
		failing += r->days.days[i].failed;
	f = add(r->a, BROKE, r->k, failing, day);
	buf_init(&b, 4096);
	buf_fmt(&b, "%s mail stopped passing on %s.", r->k->name, words_day(day, text));
	f->text = words_of(r->a, &b);
	f->why = changed_since(r->a, r->k, day, err);
	f->fix = words_fix(r->a, r->k);
	return f->why != NULL ? OK : STOP;
}

/* RISK: fails, but was let through. */
static enum outcome
rule_risk(struct ruling *r, struct err *err)
{
	const struct sender_sum *x = &r->k->sum;
	int64_t n = x->recent_failing;
	const char *them = n == 1 ? "it" : "them";
	struct finding *f;
	char number[28];
	struct buf b;

	(void)err;
	if (n == 0 || r->fixed < r->days.count)
		return OK;
	f = add(r->a, RISK, r->k, n, x->first_fail);
	buf_init(&b, 4096);
	buf_fmt(&b, "%s message%s through %s pass%s nothing that matches %s. ", text_count(n, number), words_plural(n), r->k->name, n == 1 ? "es" : "", x->domain);
	if (x->p == NULL || *x->p == '\0' || strcmp(x->p, "none") == 0)
		buf_fmt(&b, "Delivered only because your policy is none. Raising it would lose %s.", them);
	else
		buf_fmt(&b, "These receivers let %s through all the same; others may refuse %s.", them, them);
	f->text = words_of(r->a, &b);
	f->why = words_why(r->a, r->k, &r->failing, n);
	f->fix = words_fix(r->a, r->k);
	return OK;
}

/* FIXED: the first day on which the stream passes after it was lost, at risk or broken. Told as long as the failing days are recent. */
static enum outcome
rule_fixed(struct ruling *r, struct err *err)
{
	const char *day = r->fixed < r->days.count ? r->days.days[r->fixed].day : NULL;
	int64_t passing = 0;
	struct finding *f;
	char text[16];
	struct buf b;
	size_t i;

	(void)err;
	if (day == NULL || words_days(day, r->a->newest) >= RECENT_DAYS)
		return OK;
	for (i = r->fixed; i < r->days.count; i++)
		passing += r->days.days[i].passed;
	f = add(r->a, FIXED, r->k, passing, day);
	buf_init(&b, 4096);
	buf_fmt(&b, "%s mail passes again since %s.", r->k->name, words_day(day, text));
	f->text = words_of(r->a, &b);
	return OK;
}

/* GONE: was steady, nothing for a while. It may go on under a From domain of the service's own. */
static enum outcome
rule_gone(struct ruling *r, struct err *err)
{
	const struct sender_sum *x = &r->k->sum;
	const struct sender *s = strcmp(x->kind, "catalogue") == 0 ? sender_find(x->sender) : NULL;
	int silent = words_days(x->last_day, r->a->newest), span = words_days(x->first_day, x->last_day) + 1;
	const struct thresholds *t = r->a->thresholds;
	struct finding *f;
	char number[28];
	struct buf b;

	(void)err;
	if (silent < t->gone_days || (double)x->messages < t->judge_messages || (double)x->pass_days < t->sure_days)
		return OK;
	f = add(r->a, GONE, r->k, x->messages, x->last_day);
	buf_init(&b, 4096);
	buf_fmt(&b, "Nothing reported from %s for %d days (was %s a week). It may now send as ", r->k->name, silent,
	    text_count(x->messages * 7 / span > 0 ? x->messages * 7 / span : 1, number));
	if (s != NULL && *s->fallback != '\0')
		buf_fmt(&b, "%.*s instead of you.", (int)strcspn(s->fallback, " "), s->fallback);
	else
		buf_str(&b, "another domain instead of you.");
	f->text = words_of(r->a, &b);
	f->fix = "Look at the From address of a message it sent lately, or ask whoever used it.";
	return OK;
}

/* OK, DKIMONLY, SPFONLY: nothing of its mail failed lately. */
static enum outcome
rule_quiet(struct ruling *r, struct err *err)
{
	const struct sender_sum *x = &r->k->sum;
	enum code code = x->recent_by_dkim == 0 && x->recent_by_spf > 0 ? SPFONLY : x->recent_by_spf == 0 && x->recent_by_dkim > 0 ? DKIMONLY : OKAY;
	struct finding *f;
	char number[28];
	struct buf b;

	(void)err;
	if (x->recent_failing + x->recent_refused > 0 || (double)x->recent_passing < r->a->thresholds->judge_messages)
		return OK;
	f = add(r->a, code, r->k, x->recent_passing, x->first_day);
	buf_init(&b, 4096);
	if (code == SPFONLY)
		buf_fmt(&b, "%s mail passes by address only. Forwarded copies will be lost. Turn on its DKIM.", r->k->name);
	else if (code == DKIMONLY)
		buf_fmt(&b, "%s: fine. It never matches by address, and need not.", r->k->name);
	else
		buf_fmt(&b, "%s: %s messages, all fine.", r->k->name, text_count(x->recent_passing, number));
	f->text = words_of(r->a, &b);
	f->fix = code == SPFONLY ? words_fix(r->a, r->k) : NULL;
	return OK;
}

/* --- any sender --- */

/* NEW: first seen this week. Where everything is new, nothing is. */
static enum outcome
rule_new(struct ruling *r, struct err *err)
{
	const struct sender_sum *x = &r->k->sum;
	const struct thresholds *t = r->a->thresholds;
	int64_t n = x->messages - x->forwarded;
	struct finding *f;
	char number[28];
	struct buf b;

	(void)err;
	if (words_days(x->first_day, r->a->newest) >= t->new_days || x->passing == 0 || words_days(r->d->beginning, x->first_day) < t->new_days)
		return OK;
	f = add(r->a, NEW, r->k, n, x->first_day);
	buf_init(&b, 4096);
	buf_fmt(&b, "First time seen this week: %s, %s message%s, %s.", r->k->name, text_count(n, number), words_plural(n),
	    x->passing == n ? "passing" : "not all passing");
	f->text = words_of(r->a, &b);
	return OK;
}

struct reverse { struct analysis *a; const char *name; };

static enum outcome
take_reverse(void *ctx, const struct stream_row *row)
{
	struct reverse *r = ctx;

	if (r->name == NULL && row->ptr != NULL && *row->ptr != '\0')
		r->name = arena_str(r->a->arena, row->ptr);
	return r->name != NULL ? END : OK;
}

/* DECIDE: fails both, no trace of the user: is it theirs? */
static enum outcome
rule_decide(struct ruling *r, struct err *err)
{
	const struct sender_sum *x = &r->k->sum;
	struct reverse reverse = { r->a, NULL };
	int64_t n = x->recent_failing + x->recent_refused;
	struct finding *f;
	char number[28];
	struct buf b;

	if (strcmp(r->k->class, "undecided") != 0 || (double)n < r->a->thresholds->judge_messages)
		return OK;
	if (store_each_stream(r->a->store, x->domain_id, x->sender_id, take_reverse, &reverse, err) != OK)
		return STOP;
	f = add(r->a, DECIDE, r->k, n, x->first_fail);
	buf_init(&b, 4096);
	buf_fmt(&b, "%s message%s from %s", text_count(n, number), words_plural(n), r->k->name);
	if (reverse.name != NULL)
		buf_fmt(&b, " (%s)", reverse.name);
	buf_fmt(&b, "%s failed. Yours?", series_cadence(&r->days));
	f->text = words_of(r->a, &b);
	f->why = words_why(r->a, r->k, &r->failing, n);
	buf_init(&b, 1024);
	buf_fmt(&b, "If it is yours: dmarcsift label %s mine. If not: dmarcsift label %s not_mine", x->sender, x->sender);
	f->fix = words_of(r->a, &b);
	return OK;
}

/* --- a domain --- */

static enum outcome
rule_spferr(struct analysis *a, const struct domain_sums *d, struct err *err)
{
	struct finding *f;
	char number[28];
	struct buf b;

	(void)err;
	if (d->permerror == 0)
		return OK;
	f = add_whole(a, SPFERR, d, d->permerror, d->first_permerror);
	buf_init(&b, 512);
	buf_fmt(&b, "Receivers could not evaluate your SPF (permerror: a mistake in it, or too many look-ups) for %s message%s.",
	    text_count(d->permerror, number), words_plural(d->permerror));
	f->text = words_of(a, &b);
	f->fix = "Check the SPF record: one record only, no unknown word, at most 10 look-ups.";
	return OK;
}

static enum outcome
rule_fwdbroken(struct analysis *a, const struct domain_sums *d, struct err *err)
{
	struct finding *f;
	char number[28];
	struct buf b;

	(void)err;
	if (d->broken == 0)
		return OK;
	f = add_whole(a, FWDBROKEN, d, d->broken, counted_from(a, d));
	buf_init(&b, 512);
	buf_fmt(&b, "%s forwarded message%s altered on the way (mailing list footer?) and failed. Usually cannot be fixed by you.",
	    text_count(d->broken, number), d->broken == 1 ? " was" : "s were");
	f->text = words_of(a, &b);
	return OK;
}

static enum outcome
rule_fwd(struct analysis *a, const struct domain_sums *d, struct err *err)
{
	struct finding *f;
	char number[28];
	struct buf b;

	(void)err;
	if (d->forwarded == 0)
		return OK;
	f = add_whole(a, FWD, d, d->forwarded, counted_from(a, d));
	buf_init(&b, 512);
	buf_fmt(&b, "%s message%s forwarded by recipients and still passed. Nothing to do.", text_count(d->forwarded, number), d->forwarded == 1 ? " was" : "s were");
	f->text = words_of(a, &b);
	return OK;
}

static enum outcome
rule_notyou(struct analysis *a, const struct domain_sums *d, struct err *err)
{
	struct finding *f;
	char n1[28], n2[28], n3[28];
	struct buf b;

	(void)err;
	if (d->strangers == 0)
		return OK;
	f = add_whole(a, NOTYOU, d, d->strangers, counted_from(a, d));
	buf_init(&b, 512);
	buf_fmt(&b, "%s message%s from %s unrelated address%s claimed to be you. ", text_count(d->strangers, n1), words_plural(d->strangers),
	    text_count(d->addresses, n2), d->addresses == 1 ? "" : "es");
	if (d->stopped > 0)
		buf_fmt(&b, "%s %s stopped. That is the policy working.", text_count(d->stopped, n3), d->stopped == 1 ? "was" : "were");
	else
		buf_str(&b, "None was stopped: your policy does not ask for it, or nobody followed it.");
	f->text = words_of(a, &b);
	return OK;
}

static enum outcome
rule_lowdata(struct analysis *a, const struct domain_sums *d, struct err *err)
{
	struct finding *f;
	char number[28];
	struct buf b;

	(void)err;
	if ((double)d->messages >= a->thresholds->judge_messages)
		return OK;
	f = add_whole(a, LOWDATA, d, d->messages, counted_from(a, d));
	buf_init(&b, 512);
	if (d->messages == 0)
		buf_fmt(&b, "No message in the last %d days: no judgement.", RECENT_DAYS);
	else
		buf_fmt(&b, "%s message%s only: no judgement.", text_count(d->messages, number), words_plural(d->messages));
	f->text = words_of(a, &b);
	return OK;
}

/* A reporter while BLIND looks at it; rows come reporter by reporter, by day. */
struct reporter { const char *name, *last; int64_t days, messages; };
struct hearing {
	struct analysis *a;
	struct reporter now;
	struct reporter silent[NAMES_TOLD];	/* those that fell silent, most messages first */
	int count;
	int64_t messages;		/* of all of them */
};

/* It reported on most days of a month or longer, and has been silent for longer than is usual. */
static void
end_reporter(struct hearing *h)
{
	const struct reporter *r = &h->now;
	int silent = words_days(r->last, h->a->newest), i;

	if (r->name == NULL || (double)r->days < h->a->thresholds->blind_days || silent < h->a->thresholds->blind_silence)
		return;
	h->count++;
	h->messages += r->messages;
	for (i = NAMES_TOLD - 1; i > 0 && (h->silent[i - 1].name == NULL || h->silent[i - 1].messages < r->messages); i--)
		h->silent[i] = h->silent[i - 1];
	if (h->silent[i].name == NULL || h->silent[i].messages < r->messages)
		h->silent[i] = *r;
}

static enum outcome
take_heard(void *ctx, const struct overview_row *row, struct err *err)
{
	const char *name = row->text[0] != NULL ? row->text[0] : "";
	struct hearing *h = ctx;

	(void)err;
	if (h->now.name == NULL || strcmp(h->now.name, name) != 0) {
		end_reporter(h);
		h->now = (struct reporter){ arena_str(h->a->arena, name), NULL, 0, 0 };
	}
	h->now.last = arena_str(h->a->arena, row->text[1]);
	h->now.days++;
	h->now.messages += row->number[0];
	return OK;
}

/* BLIND, as far as reports alone show it: receivers that reported regularly and fell silent while others go on. */
static enum outcome
rule_blind(struct analysis *a, const struct domain_sums *d, struct err *err)
{
	struct hearing h = { .a = a };
	struct finding *f;
	char from[11], day[16];
	int64_t newest;
	struct buf b;
	int i;

	if (!text_when(a->newest, &newest))
		return OK;
	(void)text_day(newest - 90 * (int64_t)86400, from);
	if (store_overview(a->store, OVERVIEW_REPORTERS, d->from->sum.domain_id, from, a->newest, 1, take_heard, &h, err) != OK)
		return STOP;
	end_reporter(&h);
	if (h.count == 0)
		return OK;
	f = add_whole(a, BLIND, d, h.messages, h.silent[0].last);
	buf_init(&b, 8192);
	for (i = 0; i < NAMES_TOLD && h.silent[i].name != NULL; i++)
		buf_fmt(&b, "%s%s", i > 0 ? ", " : "", h.silent[i].name);
	if (h.count > NAMES_TOLD)
		buf_fmt(&b, " and %d more", h.count - NAMES_TOLD);
	buf_fmt(&b, " told us nothing since %s. Whether mail to %s passes is unknown.", words_day(h.silent[0].last, day), h.count == 1 ? "it" : "them");
	f->text = words_of(a, &b);
	f->fix = "Send yourself a message there and look at its Authentication-Results.";
	return OK;
}

/* --- everything --- */

static enum outcome
rule_stale(struct analysis *a, struct err *err)
{
	struct freshness fresh;
	struct finding *f;
	char since[11];
	struct buf b;
	int age;

	if (store_freshness(a->store, &fresh, err) != OK)
		return STOP;
	if (!is_stale(&fresh, a->thresholds, a->now_at))
		return OK;
	(void)text_day(fresh.newest_end, since);
	age = (int)((a->now_at - fresh.newest_end) / 86400);
	f = add(a, STALE, NULL, 0, arena_str(a->arena, since));
	buf_init(&b, 512);
	buf_fmt(&b, "The last report ended %d day%s ago (usual gap: %d day%s). Check the mailbox before trusting this page.", age, words_plural(age),
	    fresh.usual_gap, words_plural(fresh.usual_gap));
	f->text = words_of(a, &b);
	f->fix = "Look at `dmarcsift status`, and whether the rua address of your DMARC record still receives mail.";
	return OK;
}

/* --- the tables --- */

typedef enum outcome sender_rule(struct ruling *r, struct err *err);
typedef enum outcome domain_rule(struct analysis *a, const struct domain_sums *d, struct err *err);

static sender_rule *const of_mine[] = { rule_lost, rule_broke, rule_risk, rule_fixed, rule_new, rule_gone, rule_quiet };
static sender_rule *const of_others[] = { rule_decide, rule_new };
static domain_rule *const of_domains[] = { rule_spferr, rule_blind, rule_fwdbroken, rule_fwd, rule_notyou, rule_lowdata };

static enum outcome
look_closer(struct ruling *r, struct err *err)
{
	const struct sender_sum *x = &r->k->sum;

	if (x->failing + x->refused == 0)
		return OK;
	if (series_read(&r->days, r->a->store, r->k, err) != OK || words_results(r->a, x->fail_set, &r->failing, err) != OK)
		return STOP;
	if (!r->k->mine || x->passing == 0)
		return OK;
	r->broke = series_turn(&r->days, 1);
	r->fixed = series_turn(&r->days, 0);
	return OK;
}

enum outcome
rules_of_sender(struct analysis *a, const struct known *k, struct domain_sums *d, struct err *err)
{
	struct ruling r = { .a = a, .k = k, .d = d, .days = { a->arena, NULL, 0 }, .broke = SIZE_MAX, .fixed = SIZE_MAX, .failing = { "", "" } };
	sender_rule *const *rules = k->mine ? of_mine : of_others;
	size_t n = k->mine ? sizeof(of_mine) / sizeof(of_mine[0]) : sizeof(of_others) / sizeof(of_others[0]), i;
	int other_label = k->label != NULL && !k->mine;
	enum outcome done = OK;

	/* A stranger of a crowd is told with it; who has a label was decided on; what was only forwarded is told with the domain. */
	if (strcmp(k->class, "not_you") == 0 || other_label || k->sum.messages == k->sum.forwarded)
		return OK;
	if (k->mine || (double)(k->sum.recent_failing + k->sum.recent_refused) >= a->thresholds->judge_messages)
		done = look_closer(&r, err);
	for (i = 0; done == OK && i < n; i++)
		done = rules[i](&r, err);
	free(r.days.days);
	return done;
}

enum outcome
rules_of_domain(struct analysis *a, const struct domain_sums *d, struct err *err)
{
	size_t i;

	for (i = 0; i < sizeof(of_domains) / sizeof(of_domains[0]); i++)
		if (of_domains[i](a, d, err) != OK)
			return STOP;
	return OK;
}

enum outcome
rules_of_all(struct analysis *a, struct err *err)
{
	return rule_stale(a, err);
}
