/* SPDX-License-Identifier: MIT */
/*
 * The rules about a domain as a whole, from what its senders add up to, and about everything; see rules.c. Each is one small function
 * with its words and its advice.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "report/report.h"
#include "report/ruling.h"

enum { NAMES_TOLD = 3, REPLAYED = 1000, REPLAYED_TIMES = 5 };

/* A finding about a domain as a whole. */
static struct finding *
add_whole(struct analysis *a, enum code code, const struct domain_sums *d, int64_t messages, const char *since)
{
	struct finding *f = rules_add(a, code, NULL, messages, since);

	f->domain = d->name;
	return f;
}

/* The first day the counts of a domain are about. */
static const char *
counted_from(const struct analysis *a, const struct domain_sums *d)
{
	return d->beginning != NULL && strcmp(d->beginning, a->recent) > 0 ? d->beginning : a->recent;
}

/* Names of the domain, or below it, as far as they are told. */
struct broken { const struct domain_sums *d; struct buf *b; size_t n; };

static enum outcome
take_broken(void *ctx, const char *name)
{
	struct broken *x = ctx;

	if (!domain_aligned(name, x->d->name, 0))
		return OK;
	if (x->n == NAMES_TOLD) {
		buf_str(x->b, ", ...");
		return END;
	}
	buf_fmt(x->b, "%s%s", x->n++ > 0 ? ", " : "", name);
	return OK;
}

static enum outcome
rule_spferr(struct analysis *a, const struct domain_sums *d, struct err *err)
{
	struct broken broken = { d, NULL, 0 };
	struct finding *f;
	char number[28];
	struct buf b, names;
	int several;

	if (d->permerror == 0)
		return OK;
	buf_init(&names, 1024);
	broken.b = &names;
	if (store_each_spf_broken(a->store, d->id, a->recent, take_broken, &broken, err) != OK) {
		buf_free(&names);
		return STOP;
	}
	if (broken.n == 0)
		buf_str(&names, d->name);
	several = broken.n > 1;
	f = add_whole(a, SPFERR, d, d->permerror, d->first_permerror);
	buf_init(&b, 2048);
	buf_fmt(&b, "Receivers could not evaluate the SPF record%s of %s (permerror: a mistake in it, or too many look-ups) for %s message%s.",
	    several ? "s" : "", names.at, text_count(d->permerror, number), words_plural(d->permerror));
	f->text = words_of(a, &b);
	buf_init(&b, 2048);
	buf_fmt(&b, "Check the SPF record%s of %s: one record only for a name, no unknown word, an SPF record at every name it includes, at most 10 look-ups.", several ? "s" : "", names.at);
	f->fix = words_of(a, &b);
	buf_free(&names);
	return OK;
}

static enum outcome
rule_fwdbroken(struct analysis *a, const struct domain_sums *d, struct err *err)
{
	/* Copies of mail that lost its signature before fail unaltered. */
	int unsigned_before = d->first_unsigned != NULL && d->first_broken != NULL && strcmp(d->first_unsigned, d->first_broken) <= 0;
	struct finding *f;
	char number[28], day[16];
	struct buf b;

	(void)err;
	if (d->broken == 0)
		return OK;
	buf_init(&b, 1024);
	if (!unsigned_before)
		buf_fmt(&b, "%s forwarded message%s altered on the way (mailing list footer?) and failed. Usually cannot be fixed by you.",
		    text_count(d->broken, number), d->broken == 1 ? " was" : "s were");
	else
		buf_fmt(&b, "%s forwarded message%s failed, which need not have been altered: since %s mail of %s passes by address only. Mend that first.",
		    text_count(d->broken, number), words_plural(d->broken), text_date(d->first_unsigned, day), d->unsigned_sender);
	f = add_whole(a, FWDBROKEN, d, d->broken, d->first_broken);
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
	f = add_whole(a, FWD, d, d->forwarded, d->first_forwarded);
	buf_init(&b, 512);
	buf_fmt(&b, "%s message%s forwarded by recipients and still passed", text_count(d->forwarded, number), d->forwarded == 1 ? " was" : "s were");
	/* A signature holds for every copy of a mail, also of one that a stranger got and sends to others. */
	if (d->forwarded >= REPLAYED && d->forwarded / REPLAYED_TIMES > d->passing && (double)d->passing >= a->thresholds->judge_messages && d->forwarders >= CAMPAIGN) {
		buf_fmt(&b, ", from many addresses: far more than the %s that came from you. Or somebody sends out copies of a mail of yours (DKIM replay).", text_count(d->passing, number));
		f->fix = "Look at its days: lists and forwarders are steady. Where it is a peak, sign with a new selector, and take the key of the old one out of DNS a few days later.";
	} else
		buf_str(&b, ". Nothing to do.");
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

/* STALE of one domain: nobody reports on it any more, while reports on others go on. Of senders that were steady only; they are not called gone. */
static enum outcome
rule_stopped(struct analysis *a, const struct domain_sums *d, struct err *err)
{
	struct finding *f;
	char day[16];
	struct buf b;

	(void)err;
	if (!d->stopped_reports)
		return OK;
	f = add_whole(a, STALE, d, 0, a->due->ending);
	buf_init(&b, 512);
	buf_fmt(&b, "No receiver has reported on %s since %s, while reports on other domains go on.", d->name, text_date(a->due->ending, day));
	f->text = words_of(a, &b);
	f->fix = "Look whether the domain still has a DMARC record, and its rua your address. Where it is not used any more nothing is to be done.";
	return OK;
}

struct heard { const char *name, *email, *first, *last; int64_t messages; int regular; };

struct hearing {
	struct analysis *a;
	struct heard *all;
	size_t n;
	const char *newest;		/* day of all receivers; the domain may have gone quiet while others did not */
	struct heard silent[NAMES_TOLD];	/* those that fell silent, most messages first */
	int count;
	int64_t messages;		/* of all of them */
	const char *since;		/* the last day that any of them told of */
};

static enum outcome
take_heard(void *ctx, const struct hearing_row *r)
{
	struct hearing *h = ctx;
	struct arena *arena = h->a->arena;
	const char *last = arena_str(arena, r->last_day);

	if (h->newest == NULL || strcmp(last, h->newest) > 0)
		h->newest = last;
	if ((h->n & (h->n - 1)) == 0)
		h->all = mem_grow(h->all, h->n > 0 ? h->n * 2 : 1, sizeof(*h->all));
	h->all[h->n++] = (struct heard){ arena_str(arena, r->name), arena_str(arena, r->email), arena_str(arena, r->first_day), last, r->messages,
		(double)r->days >= h->a->thresholds->blind_days };
	return OK;
}

/* It has another name by now: about when it fell silent another one with its address began to report, and went on. */
static int
is_renamed(const struct hearing *h, const struct heard *r)
{
	const double about = h->a->thresholds->blind_silence;
	size_t i;

	for (i = 0; *r->email != '\0' && i < h->n; i++) {
		const struct heard *x = &h->all[i];

		if (strcmp(x->email, r->email) == 0 && strcmp(x->last, r->last) > 0 && words_days(x->first, r->last) < about && words_days(r->last, x->first) < about)
			return 1;
	}
	return 0;
}

/* It reported on most days of a month or longer, and has been silent for longer than is usual. */
static void
take_silent(struct hearing *h, const struct heard *r)
{
	int i;

	if (!r->regular || words_days(r->last, h->newest) < h->a->thresholds->blind_silence || is_renamed(h, r))
		return;
	h->count++;
	h->messages += r->messages;
	if (h->since == NULL || strcmp(r->last, h->since) > 0)
		h->since = r->last;
	for (i = NAMES_TOLD - 1; i > 0 && (h->silent[i - 1].name == NULL || h->silent[i - 1].messages < r->messages); i--)
		h->silent[i] = h->silent[i - 1];
	if (h->silent[i].name == NULL || h->silent[i].messages < r->messages)
		h->silent[i] = *r;
}

/* BLIND, as far as reports alone show it: receivers that reported regularly and fell silent while others go on. */
static enum outcome
rule_blind(struct analysis *a, const struct domain_sums *d, struct err *err)
{
	struct hearing h = { .a = a };
	struct finding *f;
	char day[16];
	enum outcome r;
	int64_t newest;
	struct buf b;
	size_t k;
	int i;

	if (!text_when(a->newest, &newest))
		return OK;
	r = store_each_hearing(a->store, d->id, newest / 86400, take_heard, &h, err);
	for (k = 0; k < h.n; k++)
		take_silent(&h, &h.all[k]);
	free(h.all);
	if (r != OK)
		return STOP;
	if (h.count == 0)
		return OK;
	f = add_whole(a, BLIND, d, h.messages, h.since);
	buf_init(&b, 8192);
	for (i = 0; i < NAMES_TOLD && h.silent[i].name != NULL; i++)
		buf_fmt(&b, "%s%s", i > 0 ? ", " : "", words_short(a, h.silent[i].name));
	if (h.count > NAMES_TOLD)
		buf_fmt(&b, " and %d more", h.count - NAMES_TOLD);
	buf_fmt(&b, HEARD_NOTHING "%s. Whether mail to %s passes is unknown.", text_date(h.since, day), h.count == 1 ? "it" : "them");
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
	char since[11], day[16];
	struct buf b;
	int age;

	if (store_freshness(a->store, &fresh, err) != OK)
		return STOP;
	if (!is_stale(&fresh, a->thresholds, a->now_at))
		return OK;
	(void)text_day(fresh.newest_end - 1, since);	/* some end at midnight, which is of the day after */
	age = (int)(a->now_at / 86400 - (fresh.newest_end - 1) / 86400);
	f = rules_add(a, STALE, NULL, 0, arena_str(a->arena, since));
	buf_init(&b, 512);
	buf_fmt(&b, "No receiver has reported on any domain since %s, %d day%s ago; usually a report comes every ", text_date(since, day), age, words_plural(age));
	if (fresh.usual_gap > 1)
		buf_fmt(&b, "%d days", fresh.usual_gap);
	else
		buf_str(&b, "day");
	buf_str(&b, ". Check the mailbox before trusting these counts.");
	f->text = words_of(a, &b);
	f->fix = "Look at `dmarcsift status`, and whether the rua address of your DMARC record still receives mail.";
	return OK;
}

/* --- the table --- */

typedef enum outcome domain_rule(struct analysis *a, const struct domain_sums *d, struct err *err);

static domain_rule *const of_domains[] = { campaign_settle, rule_stopped, rule_spferr, rule_blind, rule_fwdbroken, rule_fwd, rule_notyou, rule_lowdata };

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
