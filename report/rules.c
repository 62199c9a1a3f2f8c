/* SPDX-License-Identifier: MIT */
/*
 * The rules about a sender: one small function for each finding, with its words and its advice. A rule that does not apply adds nothing.
 * They see its sums and its days. Counts and texts are about the last RECENT_DAYS reported days, `since` looks at the whole database. The rules
 * about a domain are in rules_domain.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "report/advice.h"
#include "report/report.h"
#include "report/ruling.h"
#include "report/sender.h"

enum { RECORDS_LOOKED_AT = 20000, DAYS_LOOKED_AT = 5, DAYS_BESIDE = 2, NEARLY_ALL = 95 /* per cent */, GOOD_PART = 4 /* one in so many */, FEW = 10 /* likewise */, FROMS = 64, FROMS_TOLD = 3,
	QUIET_DAYS = 3, QUIET_MESSAGES = 5 };

#define PAUSE 1.25	/* of its usual pauses a sender may be silent before it is called gone */

const char *const code_names[CODES] = { "LOST", "BROKE", "RISK", "STALE", "SPFERR", "DECIDE", "BLIND", "FIXED", "FWDBROKEN", "SPFONLY", "GONE",
	"NEW", "FWD", "NOTYOU", "DKIMONLY", "OK", "LOWDATA" };

struct finding *
rules_add(struct analysis *a, enum code code, const struct known *k, int64_t messages, const char *since)
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

/* --- a sender of the user's own --- */

/* What the rules of one sender look at. broke and fixed: indices of the turns, days.count where there is none; fixed also where its last days fail again. */
struct ruling {
	struct analysis *a;
	struct known known;		/* k, of the failing results at hand */
	const struct known *k;
	const struct domain_sums *d;
	struct series days;
	size_t broke, fixed;
	int gone;			/* 1: it was steady, and has been silent for longer than is usual for it */
	struct results failing;
};

/* How many receivers refused or junked a sender's mail lately, among the newest records; and which, where it is one. */
static enum outcome
count_refusers(struct analysis *a, const struct known *k, size_t *count, const char **only, struct err *err)
{
	const struct refusal q = { k->sum.domain_id, k->sum.sender_id, a->recent, a->newest, RECORDS_LOOKED_AT };

	return store_count_refusers(a->store, &q, a->arena, count, only, err);
}

/* " since 12 Nov 2026"; where that was before the counted days both are told. */
static void
add_since(struct buf *b, const struct analysis *a, const char *since)
{
	char day[16];

	if (strcmp(since, a->recent) >= 0)
		buf_fmt(b, " since %s.", text_date(since, day));
	else
		buf_fmt(b, " in the last %d days. It began on %s.", RECENT_DAYS, text_date(since, day));
}

static size_t
failing_from(const struct ruling *r)
{
	return series_failing(&r->days, r->broke, r->fixed);
}

/*
 * The first of the last days on none of which more than so many failed, where mail came and passed on some of them, and longer than it is at times between days on
 * which more did: what fails each Monday has not ended on Friday. The index, or count.
 */
static size_t
quiet_from(const struct series *s, int64_t most)
{
	size_t i, after = s->count, last = SIZE_MAX;
	int64_t passed = 0;
	int pause = 0, gap;

	while (after > 0 && s->days[after - 1].failed <= most)
		passed += s->days[--after].passed;
	if (after == 0 || s->count - after < QUIET_DAYS || passed < QUIET_MESSAGES)
		return s->count;
	for (i = 0; i < after; i++)
		if (s->days[i].failed > most) {
			gap = last != SIZE_MAX ? words_days(s->days[last].day, s->days[i].day) : 0;
			pause = gap > pause ? gap : pause;
			last = i;
		}
	return words_days(s->days[last].day, s->days[s->count - 1].day) > pause ? after : s->count;
}

/* Most that failed on one of these days, as far as it is counted. */
static int64_t
most_failing(const struct analysis *a, const struct series *s, size_t from, size_t to)
{
	int64_t most = 0;

	for (; from < to; from++)
		if (strcmp(s->days[from].day, a->recent) >= 0 && s->days[from].failed > most)
			most = s->days[from].failed;
	return most;
}

/* Why it fails; and since when none has, or far fewer. */
static const char *
why_and_until(struct ruling *r, int64_t messages)
{
	const struct series *days = &r->days;
	const char *why = words_why(r->a, r->k, &r->failing, messages), *between = why != NULL ? " " : "";
	int64_t peak = most_failing(r->a, days, failing_from(r), days->count);
	size_t at = quiet_from(days, 0);
	char day[16], n1[28], n2[28];

	why = why != NULL ? why : "";
	if (at < days->count)
		return arena_fmt(r->a->arena, "%s%sNone has failed since %s: where that was mended, nothing is left to do.", why, between, text_date(days->days[at].day, day));
	if ((at = quiet_from(days, peak / FEW)) < days->count)
		return arena_fmt(r->a->arena, "%s%sSince %s at most %s a day have failed, before up to %s.", why, between, text_date(days->days[at].day, day),
		    text_count(most_failing(r->a, days, at, days->count), n1), text_count(peak, n2));
	return *why != '\0' ? why : NULL;
}

/* LOST: refused or junked. Where the stream passes again, what failed since then only. */
static enum outcome
rule_lost(struct ruling *r, struct err *err)
{
	const struct known *k = r->k;
	const char *since;
	int64_t messages = series_since(&r->days, failing_from(r), r->a->recent, 1, &since);
	const char *only;
	size_t refusers;
	struct finding *f;
	char number[28];
	struct buf b;

	if (messages == 0 || since == NULL)
		return OK;
	if (count_refusers(r->a, k, &refusers, &only, err) != OK)
		return STOP;
	f = rules_add(r->a, LOST, k, messages, since);
	buf_init(&b, 8192);
	buf_fmt(&b, "%s message%s sent through %s %s refused or junked", text_count(messages, number), words_plural(messages), k->name,
	    messages == 1 ? "was" : "were");
	if (refusers > 0)
		buf_fmt(&b, " (%zu receiver%s%s%s)", refusers, words_plural((int64_t)refusers), only != NULL ? ": " : "", only != NULL ? words_short(r->a, only) : "");
	add_since(&b, r->a, since);
	f->text = words_of(r->a, &b);
	f->why = why_and_until(r, messages);
	f->fix = words_fix(r->a, k, &r->failing);
	return OK;
}

/* Whether what was said on breaks holds: new reports may show another policy around the day. */
static enum outcome
breaks_hold(struct analysis *a, const struct known *k, int *hold, struct err *err)
{
	int differ;

	*hold = k->sum.kept && a->nbreaks > 0;
	if (!*hold || a->due->settled)
		return OK;
	if (changed_policies(a, &differ, err) != OK)
		return STOP;
	*hold = !differ;
	return OK;
}

static const char *
why_broke(struct analysis *a, const struct known *k, const char *passed, const char *day, struct err *err)
{
	size_t i;
	int hold;

	if (breaks_hold(a, k, &hold, err) != OK)
		return NULL;
	for (i = 0; hold && i < a->nbreaks; i++)
		if (strcmp(a->breaks[i].sender, k->sum.sender) == 0 && strcmp(a->breaks[i].since, day) == 0)
			return a->breaks[i].why;
	return changed_since(a, k, passed, day, err);
}

static const char *
day_of_break(const struct ruling *r)
{
	return r->broke < r->days.count ? r->days.days[r->broke].day : NULL;
}

/* BROKE: mail that passed stopped passing. Of a sender that is gone that is told with GONE. */
static enum outcome
rule_broke(struct ruling *r, struct err *err)
{
	const char *day = day_of_break(r);
	int64_t failing = 0;
	struct finding *f;
	char text[16];
	struct buf b;
	size_t i;

	if (day == NULL || r->gone)
		return OK;
	for (i = r->broke; i < r->days.count; i++)
		failing += r->days.days[i].failed;
	f = rules_add(r->a, BROKE, r->k, failing, day);
	buf_init(&b, 4096);
	buf_fmt(&b, "%s mail stopped passing on %s.", r->k->name, text_date(day, text));
	f->text = words_of(r->a, &b);
	f->why = why_broke(r->a, r->k, r->days.days[r->broke - 1].day, day, err);	/* a break has days before it */
	f->fix = words_fix(r->a, r->k, &r->failing);
	return f->why != NULL ? OK : STOP;
}

static int
is_word(const char *s, const char *word)
{
	return s != NULL && strcmp(s, word) == 0;
}

/* Why mail that fails was let through, by the policy of now: sp where it has one and From lies below its domain. */
static void
add_mercy(struct buf *b, const struct sender_sum *x, const char *them, int differ)
{
	int has_sp = x->sp != NULL && *x->sp != '\0', all_below = has_sp && x->recent_below > 0 && x->recent_below == x->recent_failing;
	const char *policy = all_below ? x->sp : x->p;

	if (policy == NULL || *policy == '\0' || is_word(policy, "none"))
		buf_fmt(b, "Delivered only because your policy%s is none%s. Raising it would lose %s.", all_below ? " for subdomains" : "", all_below ? " (sp=none)" : "", them);
	else if (is_word(policy, "quarantine") && is_word(x->testing, "y"))
		buf_fmt(b, "Delivered only because your policy is in test (t=y). Ending the test would lose %s.", them);
	else if (is_word(policy, "quarantine") && x->pct >= 0 && x->pct < 100)	/* of p=reject the rest is to be junked */
		buf_fmt(b, "Delivered only because your policy is for %d %% of the mail (pct=%d). Raising that would lose %s.", (int)x->pct, (int)x->pct, them);
	else if (x->recent_below > 0 && !all_below && is_word(x->sp, "none"))
		buf_fmt(b, "Receivers let %s through: your policy for subdomains is none (sp=none), or they did not follow yours.", them);
	else if (differ)
		buf_fmt(b, "These receivers let %s through all the same, or saw another policy than today's; others may refuse %s.", them, them);
	else
		buf_fmt(b, "These receivers let %s through all the same; others may refuse %s.", them, them);
}

/* RISK: fails, but was let through. Where the stream passes again, since then only. */
static enum outcome
rule_risk(struct ruling *r, struct err *err)
{
	const struct sender_sum *x = &r->k->sum;
	const char *since;
	int64_t n = series_since(&r->days, failing_from(r), r->a->recent, 0, &since);
	const char *them = n == 1 ? "it" : "them";
	struct finding *f;
	char number[28];
	struct buf b;
	int differ;

	if (n == 0)
		return OK;
	if (changed_policies(r->a, &differ, err) != OK)
		return STOP;
	f = rules_add(r->a, RISK, r->k, n, since);
	buf_init(&b, 4096);
	buf_fmt(&b, "%s message%s through %s pass%s nothing that matches %s. ", text_count(n, number), words_plural(n), r->k->name, n == 1 ? "es" : "", x->domain);
	add_mercy(&b, x, them, differ);
	f->text = words_of(r->a, &b);
	f->why = why_and_until(r, n);
	f->fix = words_fix(r->a, r->k, &r->failing);
	return OK;
}

/* Whether it fails anew after its mend: wholly on its last day, or a good part from some day on. A few that fail beside are told for themselves. */
static int
fails_anew(const struct ruling *r)
{
	const struct day_row *last = &r->days.days[r->days.count - 1];
	int64_t failed = 0, all = 0;
	size_t i;

	for (i = r->fixed + 1; i < r->days.count; i++) {
		failed += r->days.days[i].failed;
		all += failed > 0 ? r->days.days[i].failed + r->days.days[i].passed : 0;
	}
	return last->failed > last->passed || failed * GOOD_PART > all;
}

/* FIXED: the first day on which the stream passes after it was lost, at risk or broken. Told as long as the failing days are recent. */
static enum outcome
rule_fixed(struct ruling *r, struct err *err)
{
	const char *day = r->fixed < r->days.count ? r->days.days[r->fixed].day : NULL;
	int64_t passing = 0;
	struct finding *f;
	int before = 0;
	char text[16];
	struct buf b;
	size_t i;

	(void)err;
	if (day == NULL || fails_anew(r) || words_days(day, r->a->newest) >= RECENT_DAYS)
		return OK;
	for (i = r->fixed; i < r->days.count; i++)
		passing += r->days.days[i].passed;
	for (i = 0; i < r->fixed; i++)
		before |= r->days.days[i].passed >= r->days.days[i].failed;
	f = rules_add(r->a, FIXED, r->k, passing, day);
	buf_init(&b, 4096);
	buf_fmt(&b, "%s mail passes%s since %s.", r->k->name, before ? " again" : "", text_date(day, text));
	f->text = words_of(r->a, &b);
	return OK;
}

/* Whether it was steady, and nothing came for a while. */
static enum outcome
find_gone(struct ruling *r, struct err *err)
{
	const struct sender_sum *x = &r->k->sum;
	int silent = words_days(x->last_day, r->a->newest);
	const struct thresholds *t = r->a->thresholds;

	if (silent < t->gone_days || (double)x->messages < t->judge_messages || (double)(x->pass_days + x->fail_days) < t->sure_days)
		return OK;
	/* Who sends once a month is silent for a month. */
	if (r->days.days == NULL && series_read(&r->days, r->a->store, r->k, err) != OK)
		return STOP;
	if (silent <= series_pause(&r->days) * PAUSE)
		return OK;
	/* Where nobody reports on the domain any more, its senders may be sending as ever: that is told of the domain. */
	if (words_days(r->a->due->ending, r->a->newest) >= t->gone_days) {
		r->a->domain.stopped_reports = 1;
		return OK;
	}
	r->gone = (double)x->pass_days >= t->sure_days;	/* what only failed is no sender to be missed */
	return OK;
}

/* GONE: it may go on under a From domain of the service's own. */
static enum outcome
rule_gone(struct ruling *r, struct err *err)
{
	const struct sender_sum *x = &r->k->sum;
	const struct sender *s = strcmp(x->kind, "catalogue") == 0 ? sender_find(x->sender) : NULL;
	int silent = words_days(x->last_day, r->a->newest), span = words_days(x->first_day, x->last_day) + 1;
	const char *broke = day_of_break(r);
	struct finding *f;
	int64_t weekly;
	char number[28], day[16];
	struct buf b;

	(void)err;
	if (!r->gone)
		return OK;
	weekly = x->messages / span * 7 + x->messages % span * 7 / span;
	f = rules_add(r->a, GONE, r->k, x->messages, x->last_day);
	buf_init(&b, 4096);
	buf_fmt(&b, "Nothing reported from %s for %d days (was %s a week)%s%s. It may now send as ", r->k->name, silent, text_count(weekly > 0 ? weekly : 1, number),
	    broke != NULL ? "; its mail had stopped passing on " : "", broke != NULL ? text_date(broke, day) : "");
	if (s != NULL && *s->fallback != '\0')
		buf_fmt(&b, "%.*s instead of you.", (int)strcspn(s->fallback, " "), s->fallback);
	else
		buf_str(&b, "another domain instead of you.");
	f->text = words_of(r->a, &b);
	f->fix = "Look at the From address of a message it sent lately, or ask whoever used it.";
	return OK;
}

/* All of its mail passes by SPF only, or nearly: a few signed messages are what some other program of the same sender sends. */
static int
only_by_spf(const struct sender_sum *x)
{
	int64_t bare = x->recent_passing - x->recent_by_dkim;	/* of a signature */

	return x->recent_by_spf > 0 && bare <= x->recent_by_spf && (double)bare * 100 >= (double)x->recent_passing * NEARLY_ALL;
}

/* Nearly all of its mail passed by DKIM, and from a day on none does, while it passes by SPF: its key is dead, or it is not signed any more. */
static int
lost_signature(const struct ruling *r)
{
	const struct sender_sum *x = &r->k->sum;

	return r->broke >= r->days.count && (double)x->by_dkim * 100 >= (double)(x->passing - x->bare) * NEARLY_ALL && words_days(x->first_bare, x->last_day) > 0 &&
	    (double)x->recent_bare >= r->a->thresholds->judge_messages;
}

/* " 12 messages that passed were refused or junked all the same.": not for DMARC, so no record helps. */
static void
add_stopped(struct buf *b, const struct sender_sum *x)
{
	char number[28];

	if (x->recent_stopped > 0)
		buf_fmt(b, " %s message%s that passed %s refused or junked all the same: not for DMARC.", text_count(x->recent_stopped, number),
		    words_plural(x->recent_stopped), x->recent_stopped == 1 ? "was" : "were");
}

/* What to do about these, beside or instead of anything else, where they are more than strays. */
static const char *
fix_stopped(struct analysis *a, const struct sender_sum *x, const char *fix)
{
	struct buf b;

	if (x->recent_stopped == 0 || ((double)x->recent_stopped < a->thresholds->judge_messages && (double)x->recent_stopped * 100 < (double)x->recent_passing))
		return fix;
	buf_init(&b, 8192);
	buf_fmt(&b, "%s%s" FIX_STOPPED, fix != NULL ? fix : "", fix != NULL ? " " : "");
	advice_explain(&b, x->sender);
	return words_of(a, &b);
}

/* SPFONLY since a day, whatever fails beside it. */
static enum outcome
rule_unsigned(struct ruling *r, struct err *err)
{
	const struct sender_sum *x = &r->k->sum;
	struct domain_sums *whole = &r->a->domain;
	struct results bare;
	struct finding *f;
	char day[16];
	struct buf b;

	if (!lost_signature(r))
		return OK;
	if (other_mail_bare(r->a, r->k, &bare, err) != OK || other_mail_tenant(r->a, r->k, &bare, err) != OK ||
	    other_mail_published(r->a, r->k, x->last_day, &bare, err) != OK)
		return STOP;
	if (whole->first_unsigned == NULL || strcmp(x->first_bare, whole->first_unsigned) < 0) {
		whole->first_unsigned = arena_str(r->a->kept, x->first_bare);
		whole->unsigned_sender = arena_str(r->a->kept, r->k->name);
	}
	f = rules_add(r->a, SPFONLY, r->k, x->recent_bare, x->first_bare);
	buf_init(&b, 4096);
	buf_fmt(&b, "%s mail passes by address only since %s; before it was signed. Forwarded copies will be lost.", r->k->name, text_date(x->first_bare, day));
	add_stopped(&b, x);
	f->text = words_of(r->a, &b);
	f->why = words_unsigned(r->a, r->k, &bare);
	f->fix = fix_stopped(r->a, x, words_sign(r->a, r->k, &bare));
	return OK;
}

/* OK, DKIMONLY, SPFONLY: nothing of its mail failed lately. */
static enum outcome
rule_quiet(struct ruling *r, struct err *err)
{
	struct results bare_results = { .dkim = "", .spf = "" };
	const struct sender_sum *x = &r->k->sum;
	enum code code = only_by_spf(x) ? SPFONLY : x->recent_by_spf == 0 && x->recent_by_dkim > 0 ? DKIMONLY : OKAY;
	int64_t bare = x->recent_passing - x->recent_by_dkim;
	int some = (double)bare >= r->a->thresholds->judge_messages && (double)bare * 100 >= (double)x->recent_passing * (100 - NEARLY_ALL);
	struct own_result own;
	struct finding *f;
	char number[28];
	struct buf b;
	int is_signed;

	if (x->recent_failing + x->recent_refused > 0 || lost_signature(r) || (double)x->recent_passing < r->a->thresholds->judge_messages)
		return OK;
	if (code == SPFONLY && (other_mail_bare(r->a, r->k, &bare_results, err) != OK || other_mail_tenant(r->a, r->k, &bare_results, err) != OK ||
	    other_mail_published(r->a, r->k, x->last_day, &bare_results, err) != OK))
		return STOP;
	is_signed = code == SPFONLY && results_signature(r->a, bare_results.dkim, x->org, &own) != UNSIGNED;
	f = rules_add(r->a, code, r->k, x->recent_passing, x->first_day);
	buf_init(&b, 4096);
	if (code == SPFONLY) {
		buf_fmt(&b, "%s mail passes by address only", r->k->name);
		if (x->recent_by_dkim > 0)
			buf_fmt(&b, ", all but %s message%s", text_count(x->recent_by_dkim, number), words_plural(x->recent_by_dkim));
		buf_fmt(&b, ". Forwarded copies will be lost.%s", is_signed ? "" : " Turn on its DKIM.");
	}
	else if (code == DKIMONLY)
		buf_fmt(&b, "%s: %s. It never matches by address, and need not.", r->k->name, x->recent_stopped > 0 ? "passes" : "fine");
	else
		buf_fmt(&b, "%s: %s messages, all %s", r->k->name, text_count(x->recent_passing, number), x->recent_stopped > 0 || some ? "pass" : "fine");
	if (code == OKAY && some)
		buf_fmt(&b, ", %s of them by SPF only: forwarded copies of these will be lost", text_count(bare, number));
	if (code == OKAY)
		buf_str(&b, ".");
	add_stopped(&b, x);
	f->text = words_of(r->a, &b);
	f->why = is_signed ? words_unsigned(r->a, r->k, &bare_results) : NULL;
	f->fix = fix_stopped(r->a, x, code == SPFONLY ? words_sign(r->a, r->k, &bare_results) : NULL);
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
	f = rules_add(r->a, NEW, r->k, n, x->first_day);
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

/* Froms of a sender's failing mail, each once. */
struct froms { struct analysis *a; const char *list[FROMS]; size_t count, more; };

static enum outcome
take_from(void *ctx, const char *from)
{
	struct froms *f = ctx;
	size_t i;

	for (i = 0; i < f->count && strcmp(f->list[i], from) != 0; i++)
		continue;
	if (i == FROMS)
		f->more++;
	else if (i == f->count)
		f->list[f->count++] = arena_str(f->a->arena, from);
	return OK;
}

/* The Froms of a sender's failing mail, as the newest `most` days on which it failed tell them; the first has most of the newest day. */
static enum outcome
read_froms(struct ruling *r, int most, struct froms *f, struct err *err)
{
	size_t i = r->days.count;

	*f = (struct froms){ .a = r->a };
	for (; i > 0 && most > 0; i--) {
		if (r->days.days[i - 1].failed == 0)
			continue;
		most--;
		f->more = 0;
		if (store_each_from(r->a->store, &r->k->sum, r->days.days[i - 1].day, take_from, f, err) != OK)
			return STOP;
	}
	return OK;
}

/* 1: all of the failing mail has a From below the policy domain. */
static int
all_below(const struct sender_sum *x)
{
	return x->recent_failing + x->recent_refused > 0 && x->recent_below + x->recent_refused_below >= x->recent_failing + x->recent_refused;
}

static int
is_below(const struct froms *f, const char *domain)
{
	return f->count > 0 && domain_within(f->list[0], domain) && strcmp(f->list[0], domain) != 0;
}

/* "a, b, c and 6 more" of all but the first; NULL: there is no other. */
static const char *
other_froms(const struct froms *f)
{
	size_t i, all = f->count + f->more;
	struct buf b;

	buf_init(&b, 2048);
	for (i = 1; i < f->count && i <= FROMS_TOLD; i++)
		buf_fmt(&b, "%s%s", i == 1 ? "" : i + 1 == all ? " and " : ", ", f->list[i]);
	if (all > FROMS_TOLD + 1)
		buf_fmt(&b, " and %zu more", all - FROMS_TOLD - 1);
	return words_of(f->a, &b);
}

/* DECIDE: fails both, no trace of the user: is it theirs? */
static enum outcome
rule_decide(struct ruling *r, struct err *err)
{
	const struct sender_sum *x = &r->k->sum;
	struct reverse reverse = { r->a, NULL };
	int64_t n = x->recent_failing + x->recent_refused;
	struct froms froms;
	struct finding *f;
	char number[28];
	struct buf b;
	int below = 0, one_of_many;

	if (strcmp(r->k->class, "undecided") != 0)
		return OK;
	if ((double)n < r->a->thresholds->judge_messages) {
		campaign_small(r->a, r->k);
		return OK;
	}
	one_of_many = campaign_takes(r->a, r->k, &r->days);
	if (one_of_many && campaign_is_sure(r->a))
		return OK;
	if (store_knows_reverse(r->a->store) && store_each_stream(r->a->store, x, take_reverse, &reverse, err) != OK)
		return STOP;
	/* Its name is looked up where the mail is steady: a look-up reads a day of the domain, and of those who only claim to be the user there may be thousands. */
	if (strcmp(r->k->confidence, "high") == 0 && all_below(x)) {
		if (read_froms(r, 1, &froms, err) != OK)
			return STOP;
		below = is_below(&froms, x->domain);
	}
	f = rules_add(r->a, DECIDE, r->k, n, x->first_fail);
	buf_init(&b, 4096);
	buf_fmt(&b, "%s message%s from %s", text_count(n, number), words_plural(n), r->k->name);
	if (reverse.name != NULL)
		buf_fmt(&b, " (%s)", reverse.name);
	if (below)
		buf_fmt(&b, " as %s", froms.list[0]);
	else if (x->recent_below + x->recent_refused_below >= n)
		buf_fmt(&b, " with a From below %s", x->domain);
	buf_fmt(&b, "%s failed", series_cadence(&r->days));
	if (x->recent_refused == n)
		buf_fmt(&b, " and %s refused or junked", n == 1 ? "was" : "were");
	else if (x->recent_refused > 0)
		buf_fmt(&b, ", %s of them refused or junked", text_count(x->recent_refused, number));
	buf_str(&b, ". Yours?");
	f->text = words_of(r->a, &b);
	f->why = words_why(r->a, r->k, &r->failing, n);
	buf_init(&b, 8192);
	buf_str(&b, "If it is yours: ");
	advice_label(&b, x->sender, "mine");
	if (results_passed_on(r->a, r->k, &r->failing)) {
		buf_str(&b, ". If it passes your mail on (a mailing list, a forwarding): ");
		advice_label(&b, x->sender, "forwarder");
	}
	buf_str(&b, ". If not: ");
	advice_label(&b, x->sender, "not_mine");
	f->fix = words_of(r->a, &b);
	if (one_of_many)
		campaign_hold(r->a);
	return OK;
}

/* --- the table --- */

typedef enum outcome sender_rule(struct ruling *r, struct err *err);

static sender_rule *const of_mine[] = { rule_lost, rule_broke, rule_risk, rule_fixed, rule_new, rule_gone, rule_unsigned, rule_quiet };
static sender_rule *const of_others[] = { rule_decide, rule_new };

/* Moves a From to the front; 0: it is not among them. */
static int
put_first(struct froms *f, const char *from)
{
	const char *first = f->count > 0 ? f->list[0] : NULL;
	size_t i;

	for (i = 0; i < f->count && strcmp(f->list[i], from) != 0; i++)
		continue;
	if (i == f->count)
		return 0;
	f->list[0] = f->list[i];
	f->list[i] = first;
	return 1;
}

/*
 * Mail that fails with a From below the policy domain: where that asks for strict alignment, or a service sends it, what the reader has to publish is for
 * that From, for most services sign as the domain in From or not at all. The user's own servers may sign as the policy domain. The reports of the last days
 * it failed on tell it.
 */
static enum outcome
find_from(struct ruling *r, struct err *err)
{
	const struct sender_sum *x = &r->k->sum;
	int strict = is_word(x->adkim, "s") || is_word(x->aspf, "s"), all = all_below(x);
	struct froms froms;

	if (x->recent_below + x->recent_refused_below == 0 || (!strict && (words_own_mail(x) || (!r->k->mine && x->passing == 0))))
		return OK;
	if (read_froms(r, all ? DAYS_LOOKED_AT : DAYS_BESIDE, &froms, err) != OK)
		return STOP;
	if (all ? !is_below(&froms, x->domain) : !put_first(&froms, x->domain))
		return OK;
	r->failing.from = all ? froms.list[0] : NULL;
	r->failing.other_froms = other_froms(&froms);
	return OK;
}

/* What the findings are about: the cause of most of what fails in the counted days, since what was mended is mended. An address alone has mostly one. */
static enum outcome
find_cause(struct ruling *r, struct err *err)
{
	size_t at = failing_from(r);
	const char *from = at < r->days.count && strcmp(r->days.days[at].day, r->a->recent) > 0 ? r->days.days[at].day : r->a->recent;
	int is_address = strcmp(r->k->sum.kind, "address") == 0;
	int64_t set = 0;

	if ((r->k->mine || !is_address) && failing_mail_cause(r->a, r->k, &r->days, from, &set, err) != OK)
		return STOP;
	if (set != 0)
		r->known.sum.fail_set = set;
	if (results_read(r->a, r->k->sum.fail_set, &r->failing, err) != OK)
		return STOP;
	/* Of other senders no address is ever to be published. */
	return r->k->mine && strcmp(r->k->sum.sender, r->k->sum.org) == 0 ? failing_mail_addresses(r->a, r->k, &r->days, from, &r->failing, err) : OK;
}

static enum outcome
look_closer(struct ruling *r, struct err *err)
{
	const struct sender_sum *x = &r->k->sum;
	const char *broke = NULL;
	size_t i;

	if (x->failing + x->refused == 0)
		return OK;
	if (series_read(&r->days, r->a->store, r->k, err) != OK)
		return STOP;
	if (r->k->mine && x->passing > 0) {
		r->broke = series_turn(&r->days, 1);
		r->fixed = series_mend(&r->days);
	}
	if (r->broke < r->days.count)
		broke = r->days.days[series_run(&r->days, r->broke)].day;
	else	/* what passed between a mend and what fails anew is no mail beside it */
		for (i = failing_from(r); broke == NULL && r->fixed < r->days.count && i < r->days.count; i++)
			broke = r->days.days[i].failed > 0 ? r->days.days[i].day : NULL;
	if (find_cause(r, err) != OK || other_mail_compare(r->a, r->k, broke, &r->failing, err) != OK || find_from(r, err) != OK)
		return STOP;
	return other_mail_beside(r->a, r->k, &r->days, broke, &r->failing, err);
}

enum outcome
rules_of_sender(struct analysis *a, const struct known *k, const struct domain_sums *d, struct err *err)
{
	struct ruling r = { .a = a, .known = *k, .d = d, .days = { a->arena, NULL, 0 }, .broke = SIZE_MAX, .fixed = SIZE_MAX, .failing = { .dkim = "", .spf = "" } };
	sender_rule *const *rules = k->mine ? of_mine : of_others;
	size_t n = k->mine ? sizeof(of_mine) / sizeof(of_mine[0]) : sizeof(of_others) / sizeof(of_others[0]), i;
	int other_label = k->label != NULL && !k->mine;
	enum outcome done = OK;

	r.k = &r.known;
	/* A stranger of a crowd is told with it; who has a label was decided on; what was only forwarded is told with the domain. */
	if (strcmp(k->class, "not_you") == 0 || other_label || k->sum.messages == k->sum.forwarded)
		return OK;
	if (k->mine || (double)(k->sum.recent_failing + k->sum.recent_refused) >= a->thresholds->judge_messages)
		done = look_closer(&r, err);
	if (done == OK && k->mine)
		done = find_gone(&r, err);
	for (i = 0; done == OK && i < n; i++)
		done = rules[i](&r, err);
	free(r.days.days);
	return done;
}
