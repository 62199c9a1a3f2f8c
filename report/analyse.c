/* SPDX-License-Identifier: MIT */
/*
 * See analyse.h. Two passes over the senders: the first decides whose mail each is and puts its standing, the second
 * says what follows, as findings in the order of their weight.
 */
#include "report/analyse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "report/label.h"
#include "report/sender.h"

enum { RECENT_DAYS = 30, TURN_DAYS = 7, RECORDS_LOOKED_AT = 50000 };

/* The findings in the order they are told; --fail-on knows the same words. */
enum code { LOST, BROKE, RISK, STALE, SPFERR, DECIDE, FIXED, FWDBROKEN, SPFONLY, GONE, NEW, FWD, NOTYOU, DKIMONLY, OKAY, LOWDATA, CODES };
static const char *const code_names[CODES] = { "LOST", "BROKE", "RISK", "STALE", "SPFERR", "DECIDE", "FIXED", "FWDBROKEN", "SPFONLY", "GONE",
	"NEW", "FWD", "NOTYOU", "DKIMONLY", "OK", "LOWDATA" };

/* One sender with what was decided of it. */
struct known {
	struct sender_sum sum;		/* text in the arena */
	const char *label;		/* class of the user's label; NULL */
	int mine, ignored;
	const char *basis, *confidence, *class, *evidence, *name;
};

struct note {			/* a finding before it is put */
	enum code code;
	struct finding f;
};

/* What is looked up for a whole domain at once, when the first of its findings asks. */
struct stream { int64_t sender; int passing; const char *dkim, *spf; };
struct refuser { int64_t sender; const char *name; };

struct analysis {
	struct store *store;
	struct arena *arena;
	const struct thresholds *thresholds;
	int64_t now_at;
	char newest[11], recent[11];	/* newest reported day, first of the recent ones */
	struct labels labels;
	struct known *senders;
	size_t count;
	struct note *notes;
	size_t nnotes;
	int64_t looked_at;		/* domain of the streams and refusers; 0 none */
	struct stream *streams;
	size_t nstreams;
	struct refuser *refusers;
	size_t nrefusers;
};

/* --- reading --- */

static enum outcome
take_sender(void *ctx, const struct sender_sum *sum, struct err *err)
{
	struct analysis *a = ctx;
	struct known *k;
	const char **texts[11];
	size_t i;

	(void)err;
	if ((a->count & (a->count - 1)) == 0)
		a->senders = mem_grow(a->senders, a->count > 0 ? a->count * 2 : 1, sizeof(*a->senders));
	k = &a->senders[a->count++];
	memset(k, 0, sizeof(*k));
	k->sum = *sum;
	texts[0] = &k->sum.domain;
	texts[1] = &k->sum.org;
	texts[2] = &k->sum.p;
	texts[3] = &k->sum.sender;
	texts[4] = &k->sum.name;
	texts[5] = &k->sum.kind;
	texts[6] = &k->sum.category;
	texts[7] = &k->sum.first_day;
	texts[8] = &k->sum.last_day;
	texts[9] = &k->sum.first_fail;
	texts[10] = &k->sum.first_refused;
	for (i = 0; i < 11; i++)
		*texts[i] = arena_str(a->arena, *texts[i]);
	return OK;
}

/* --- whose it is --- */

/* Mail that only passes through: its DKIM passes are somebody's who wrote to a list or forwards. */
static int
passes_on(const struct sender_sum *x)
{
	static const char *const kinds[] = { "forwarder", "alias-relay", "mailing-list", "mailbox", "security-gateway" };
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(x->category, kinds[i]) == 0)
			return 1;
	return 0;
}

static int
is_service(const struct sender_sum *x)
{
	return strcmp(x->kind, "catalogue") == 0 && sender_is_service(sender_find(x->sender));
}

static int
days_between(const char *from, const char *to)
{
	int64_t a, b;

	if (from == NULL || to == NULL || !text_when(from, &a) || !text_when(to, &b))
		return 0;
	return (int)((b - a) / 86400);
}

static const char *
sureness(const struct thresholds *t, const struct sender_sum *x)
{
	int64_t days = x->pass_days + x->fail_days;

	if (x->messages >= t->sure_messages && days >= t->sure_days)
		return "high";
	return x->messages >= t->judge_messages && days >= t->history_days ? "medium" : "low";
}

static void
decide_mine(const struct analysis *a, struct known *k)
{
	const struct sender_sum *x = &k->sum;
	const struct thresholds *t = a->thresholds;
	const struct label *l = label_of_sender(&a->labels, x->sender);
	int64_t history = passes_on(x) ? x->spf_pass_days : x->pass_days;

	k->name = l != NULL && l->name != NULL ? l->name : x->name;
	k->confidence = sureness(a->thresholds, x);
	k->basis = "";
	k->evidence = "";
	k->label = l != NULL ? l->class : NULL;
	if (l != NULL) {
		k->mine = strcmp(l->class, "mine") == 0;
		k->ignored = !k->mine;
		k->basis = "label";
		k->confidence = "high";
		k->evidence = "your label";
	} else if (history >= t->history_days) {
		k->mine = 1;
		k->basis = "history";
	} else if ((is_service(x) || strcmp(x->sender, x->org) == 0) && x->failing + x->refused >= t->vouched_messages && x->fail_days >= t->vouched_days) {
		k->mine = 1;
		k->basis = "vouched";
	}
}

static void
decide_class(struct known *k)
{
	const struct sender_sum *x = &k->sum;

	if (k->label != NULL && strcmp(k->label, "not_mine") == 0)
		k->class = "not_you";
	else if (k->label != NULL && strcmp(k->label, "forwarder") == 0)
		k->class = "forwarded";
	else if (k->mine)
		k->class = x->refused > 0 ? "losing" : x->failing > 0 ? "at_risk" : x->passing > 0 ? "passing" : x->forwarded > 0 ? "forwarded" : "undecided";
	else
		k->class = x->failing + x->refused > 0 ? "undecided" : x->passing > 0 ? "passing" : x->forwarded > 0 ? "forwarded" : "undecided";
}

static int
is_stranger(const struct thresholds *t, const struct known *k)
{
	const struct sender_sum *x = &k->sum;
	int days = days_between(x->first_day, x->last_day) + 1;
	int weeks = days > 7 ? (days + 6) / 7 : 1;

	return !k->mine && strcmp(k->class, "undecided") == 0 && strcmp(x->kind, "address") == 0 && (double)x->messages < t->crowd_weekly * weeks;
}

/* Strangers of one domain, if they are a crowd, are not you. from and to: its senders. */
static void
decide_crowd(const struct thresholds *t, struct known *from, struct known *to)
{
	struct known *k;
	int n = 0;

	for (k = from; k < to; k++)
		n += is_stranger(t, k);
	for (k = from; k < to; k++)
		if (n >= t->crowd_addresses && is_stranger(t, k))
			k->class = "not_you";
}

static size_t
end_of_domain(const struct analysis *a, size_t from)
{
	size_t to = from;

	while (to < a->count && a->senders[to].sum.domain_id == a->senders[from].sum.domain_id)
		to++;
	return to;
}

static enum outcome
put_standings(struct analysis *a, struct err *err)
{
	size_t i, to;

	for (i = 0; i < a->count; i++) {
		decide_mine(a, &a->senders[i]);
		decide_class(&a->senders[i]);
	}
	for (i = 0; i < a->count; i = to) {
		to = end_of_domain(a, i);
		decide_crowd(a->thresholds, &a->senders[i], &a->senders[to]);
	}
	for (i = 0; i < a->count; i++) {
		const struct known *k = &a->senders[i];
		struct standing st = { k->sum.domain_id, k->sum.sender_id, k->mine, k->basis, k->confidence, k->class, k->evidence,
			k->sum.addresses, k->sum.auth_set, k->sum.first_day, k->sum.last_day };

		if (store_put_standing(a->store, &st, err) != OK)
			return STOP;
	}
	return OK;
}

/* --- what follows --- */

static const char *
text_of(struct analysis *a, struct buf *b)
{
	const char *text = b->len > 0 ? arena_strn(a->arena, b->at, b->len) : NULL;

	buf_free(b);
	return text;
}

static struct finding *
add(struct analysis *a, enum code code, const struct known *k, int64_t messages, const char *since)
{
	struct note *n;

	a->notes = mem_grow(a->notes, a->nnotes + 1, sizeof(*a->notes));
	n = &a->notes[a->nnotes++];
	memset(n, 0, sizeof(*n));
	n->code = code;
	n->f.code = code_names[code];
	if (k != NULL) {
		n->f.domain = k->sum.domain;
		n->f.sender = k->sum.sender;
		n->f.confidence = k->confidence;
	}
	n->f.messages = messages;
	n->f.since = since;
	return &n->f;
}

/* "12 Nov 2026" of a day. */
static const char *
spoken(const char *day, char out[16])
{
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	int64_t year, month, d;

	out[0] = '\0';
	if (day != NULL && text_int64(day, 4, &year) && text_int64(day + 5, 2, &month) && text_int64(day + 8, 2, &d) && month >= 1 && month <= 12)
		(void)snprintf(out, 16, "%d %s %d", (int)d, months[month - 1], (int)year);
	return out;
}

static const char *
plural(int64_t n)
{
	return n == 1 ? "" : "s";
}

/* The name before the slash or `=` of the first passing result of a summary; length 0: none. */
static size_t
passing_name(const char *results, const char **name)
{
	const char *pass = strstr(results, "=pass"), *start = pass;

	if (pass == NULL)
		return 0;
	while (start > results && start[-1] != ' ')
		start--;
	*name = start;
	return strcspn(start, "/=");
}

static enum outcome
take_stream(void *ctx, int64_t sender, int passing, const char *dkim, const char *spf)
{
	struct analysis *a = ctx;
	struct stream *s;

	a->streams = mem_grow(a->streams, a->nstreams + 1, sizeof(*a->streams));
	s = &a->streams[a->nstreams++];
	s->sender = sender;
	s->passing = passing;
	s->dkim = arena_str(a->arena, dkim != NULL ? dkim : "");
	s->spf = arena_str(a->arena, spf != NULL ? spf : "");
	return OK;
}

/* Receivers that refused or junked mail lately, among the newest records. */
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

static enum outcome
look_at(struct analysis *a, int64_t domain, struct err *err)
{
	if (a->looked_at == domain)
		return OK;
	a->looked_at = domain;
	a->nstreams = a->nrefusers = 0;
	if (store_each_stream(a->store, domain, take_stream, a, err) != OK)
		return STOP;
	return store_overview(a->store, OVERVIEW_HEARD, domain, a->recent, a->newest, RECORDS_LOOKED_AT, take_refuser, a, err);
}

/* Results of a sender's largest stream, passing or failing; "" where there is none. */
static void
stream_of(struct analysis *a, const struct known *k, int passing, const char **dkim, const char **spf)
{
	size_t i;

	*dkim = *spf = "";
	for (i = 0; i < a->nstreams; i++)
		if (a->streams[i].sender == k->sum.sender_id && a->streams[i].passing == passing) {
			*dkim = a->streams[i].dkim;
			*spf = a->streams[i].spf;
		}
}

/* Why its mail fails, from the results of the largest failing stream. */
static const char *
why_failing(struct analysis *a, const struct known *k, struct err *err)
{
	const char *dkim, *spf, *name = "";
	struct buf b;
	size_t n;

	if (look_at(a, k->sum.domain_id, err) != OK)
		return NULL;
	stream_of(a, k, 0, &dkim, &spf);
	buf_init(&b, 1024);
	if ((n = passing_name(dkim, &name)) > 0 && !domain_within(arena_strn(a->arena, name, n), k->sum.domain))
		buf_fmt(&b, "They are signed by %.*s, not by %s.", (int)n, name, k->sum.domain);
	else if ((n = passing_name(spf, &name)) > 0 && !domain_within(arena_strn(a->arena, name, n), k->sum.domain))
		buf_fmt(&b, "They are not signed for %s; the envelope is %.*s's.", k->sum.domain, (int)n, name);
	else if (dkim[0] == '\0')
		buf_fmt(&b, "They carry no signature, and the address is not in the SPF record of %s.", k->sum.domain);
	else
		buf_fmt(&b, "The signature for %s does not verify, and the address is not in its SPF record.", k->sum.domain);
	return text_of(a, &b);
}

/* "Publish in DNS: NAME TYPE VALUE; ...". */
static const char *
fix_for(struct analysis *a, const struct known *k)
{
	const struct sender *s = sender_find(k->sum.sender);
	struct sender_record r;
	struct buf b;
	size_t n;

	buf_init(&b, 4096);
	for (n = 0; sender_fix(s, k->sum.domain, n, &r); n++)
		buf_fmt(&b, "%s%s %s %s", n > 0 ? "; " : "Publish in DNS: ", r.name, r.type, r.value);
	if (n == 0)
		buf_fmt(&b, "Let the sender sign as %s (DKIM).", k->sum.domain);
	return text_of(a, &b);
}

/* The days of a sender: where it broke, where it was mended. */
struct series {
	struct arena *arena;
	struct { const char *day; int64_t passed, failed; } *days;
	size_t count;
};

static enum outcome
take_day(void *ctx, const char *day, int64_t passed, int64_t failed)
{
	struct series *s = ctx;

	if (passed + failed == 0)
		return OK;
	s->days = mem_grow(s->days, s->count + 1, sizeof(*s->days));
	s->days[s->count].day = arena_str(s->arena, day);
	s->days[s->count].passed = passed;
	s->days[s->count++].failed = failed;
	return OK;
}

/*
 * The turn of a series: the first day from which on all days are (mostly) failing after days that were (mostly) passing (broke 1), or
 * the other way round (broke 0). Of the TURN_DAYS days before it three quarters, and two at least, must be of the other kind; after it
 * there must be two days and three messages. The index, or count where there is none.
 */
static size_t
turn(const struct series *s, int broke)
{
	size_t at = s->count, from, i, before = 0;
	int64_t after = 0;

	while (at > 0 && (s->days[at - 1].failed > s->days[at - 1].passed) == broke) {
		at--;
		after += s->days[at].passed + s->days[at].failed;
	}
	from = at > TURN_DAYS ? at - TURN_DAYS : 0;
	for (i = from; i < at; i++)
		before += (s->days[i].failed > s->days[i].passed) != broke;
	if (at == 0 || before < 2 || before * 4 < (at - from) * 3 || s->count - at < 2 || after < 3)
		return s->count;
	return at;
}

static size_t
refusers_of(struct analysis *a, const struct known *k, struct err *err)
{
	size_t i, n = 0;

	if (look_at(a, k->sum.domain_id, err) != OK)
		return 0;
	for (i = 0; i < a->nrefusers; i++)
		n += a->refusers[i].sender == k->sum.sender_id;
	return n;
}

/* What changed where it broke: the results before and since. */
static const char *
what_changed(struct analysis *a, const struct known *k, struct err *err)
{
	const char *dkim[2], *spf[2];
	struct buf b;

	if (look_at(a, k->sum.domain_id, err) != OK)
		return NULL;
	stream_of(a, k, 1, &dkim[0], &spf[0]);
	stream_of(a, k, 0, &dkim[1], &spf[1]);
	buf_init(&b, 4096);
	buf_fmt(&b, "Before: %s. Since: %s.", dkim[0][0] != '\0' ? dkim[0] : "no signature", dkim[1][0] != '\0' ? dkim[1] : "no signature");
	if (strcmp(spf[0], spf[1]) != 0)
		buf_fmt(&b, " Envelope before: %s; since: %s.", spf[0][0] != '\0' ? spf[0] : "none", spf[1][0] != '\0' ? spf[1] : "none");
	return text_of(a, &b);
}

static void
tell_lost(struct analysis *a, const struct known *k, int64_t messages, const char *since, struct err *err)
{
	struct finding *f = add(a, LOST, k, messages, since);
	size_t refusers = refusers_of(a, k, err);
	char number[28], day[16];
	struct buf b;

	buf_init(&b, 1024);
	buf_fmt(&b, "%s message%s sent through %s %s refused or junked", text_count(messages, number), plural(messages), k->name,
	    messages == 1 ? "was" : "were");
	if (refusers > 0)
		buf_fmt(&b, " (%zu receiver%s)", refusers, plural((int64_t)refusers));
	buf_fmt(&b, " since %s.%s", spoken(since, day),
	    strcmp(k->basis, "vouched") == 0 && strcmp(k->confidence, "high") != 0 ? " Likely yours: a stranger with an account there would look the same." : "");
	f->text = text_of(a, &b);
	f->why = why_failing(a, k, err);
	f->fix = fix_for(a, k);
}

static void
tell_risk(struct analysis *a, const struct known *k, struct err *err)
{
	const struct sender_sum *x = &k->sum;
	struct finding *f = add(a, RISK, k, x->recent_failing, x->first_fail);
	char number[28];
	struct buf b;

	buf_init(&b, 1024);
	buf_fmt(&b, "%s message%s through %s pass%s nothing that matches %s. They were delivered all the same; %s.",
	    text_count(x->recent_failing, number), plural(x->recent_failing), k->name, x->recent_failing == 1 ? "es" : "", x->domain,
	    x->p == NULL || strcmp(x->p, "none") == 0 ? "raising your policy from none would lose them" : "other receivers may refuse them");
	f->text = text_of(a, &b);
	f->why = why_failing(a, k, err);
	f->fix = fix_for(a, k);
}

static void
tell_broke(struct analysis *a, const struct known *k, const struct series *s, size_t at, struct err *err)
{
	struct finding *f;
	int64_t failing = 0;
	char day[16];
	struct buf b;
	size_t i;

	for (i = at; i < s->count; i++)
		failing += s->days[i].failed;
	f = add(a, BROKE, k, failing, s->days[at].day);
	buf_init(&b, 1024);
	buf_fmt(&b, "%s mail stopped passing on %s.", k->name, spoken(s->days[at].day, day));
	f->text = text_of(a, &b);
	f->why = what_changed(a, k, err);
	f->fix = fix_for(a, k);
}

static void
tell_fixed(struct analysis *a, const struct known *k, const struct series *s, size_t at)
{
	struct finding *f;
	int64_t passing = 0;
	char day[16];
	struct buf b;
	size_t i;

	for (i = at; i < s->count; i++)
		passing += s->days[i].passed;
	f = add(a, FIXED, k, passing, s->days[at].day);
	buf_init(&b, 1024);
	buf_fmt(&b, "%s mail passes again since %s.", k->name, spoken(s->days[at].day, day));
	f->text = text_of(a, &b);
}

/* Mail that is refused although the stream passes again: what failed since the turn, as far as it was refused lately. */
static void
tell_still_lost(struct analysis *a, const struct known *k, const struct series *s, size_t fixed, struct err *err)
{
	int64_t failed = 0, refused = k->sum.recent_refused;
	const char *since = NULL;
	size_t i;

	for (i = fixed; i < s->count; i++) {
		if (since == NULL && s->days[i].failed > 0)
			since = s->days[i].day;
		failed += s->days[i].failed;
	}
	if (since != NULL && refused > 0)
		tell_lost(a, k, failed < refused ? failed : refused, since, err);
}

/* What a sender of the user's own shows. */
static enum outcome
tell_mine(struct analysis *a, const struct known *k, struct err *err)
{
	struct series s = { a->arena, NULL, 0 };
	const struct sender_sum *x = &k->sum;
	size_t broke, fixed;

	if (x->passing > 0 && x->failing + x->refused > 0 &&
	    store_each_sender_day(a->store, x->domain_id, x->sender_id, take_day, &s, err) != OK)
		return STOP;
	broke = turn(&s, 1);
	fixed = turn(&s, 0);
	if (fixed < s.count) {
		if (days_between(s.days[fixed].day, a->newest) < RECENT_DAYS)
			tell_fixed(a, k, &s, fixed);
		tell_still_lost(a, k, &s, fixed, err);
	} else {
		if (x->recent_refused > 0)
			tell_lost(a, k, x->recent_refused, x->first_refused, err);
		if (broke < s.count)
			tell_broke(a, k, &s, broke, err);
		if (x->recent_failing > 0)
			tell_risk(a, k, err);
	}
	free(s.days);
	return OK;
}

/* A line about a sender without trouble; printf-like with the name, a count and the domain. */
static void
tell_quiet(struct analysis *a, const struct known *k)
{
	const struct sender_sum *x = &k->sum;
	char number[28];
	struct finding *f;
	struct buf b;

	buf_init(&b, 1024);
	if (x->by_spf > 0 && x->by_dkim == 0) {
		f = add(a, SPFONLY, k, x->recent_messages, x->first_day);
		buf_fmt(&b, "%s mail passes by address only. Forwarded copies will be lost. Turn on its DKIM.", k->name);
	} else if (x->by_dkim > 0 && x->by_spf == 0) {
		f = add(a, DKIMONLY, k, x->recent_messages, x->first_day);
		buf_fmt(&b, "%s: fine. It never matches by address, and need not.", k->name);
	} else {
		f = add(a, OKAY, k, x->recent_messages, x->first_day);
		buf_fmt(&b, "%s: %s message%s, all fine.", k->name, text_count(x->recent_messages, number), plural(x->recent_messages));
	}
	f->text = text_of(a, &b);
}

static void
tell_new_or_gone(struct analysis *a, const struct known *k, const char *beginning)
{
	const struct sender_sum *x = &k->sum;
	int age = days_between(x->first_day, a->newest), silent = days_between(x->last_day, a->newest);
	char number[28];
	struct finding *f;
	struct buf b;

	buf_init(&b, 1024);
	/* Where everything is new, nothing is. */
	if (age < a->thresholds->new_days && x->passing > 0 && days_between(beginning, x->first_day) >= a->thresholds->new_days) {
		f = add(a, NEW, k, x->messages, x->first_day);
		buf_fmt(&b, "First seen this week: %s, %s message%s.", k->name, text_count(x->messages, number), plural(x->messages));
		f->text = text_of(a, &b);
	} else if (silent > a->thresholds->gone_days && x->messages >= a->thresholds->judge_messages && x->pass_days >= a->thresholds->sure_days) {
		f = add(a, GONE, k, x->messages, x->last_day);
		buf_fmt(&b, "Nothing reported from %s for %d days. It may now send under another From domain.", k->name, silent);
		f->text = text_of(a, &b);
	} else {
		buf_free(&b);
	}
}

static void
tell_undecided(struct analysis *a, const struct known *k, struct err *err)
{
	const struct sender_sum *x = &k->sum;
	int64_t n = x->recent_messages;
	char number[28];
	struct finding *f;
	struct buf b;

	if (n < a->thresholds->judge_messages)
		return;
	f = add(a, DECIDE, k, n, x->first_fail);
	buf_init(&b, 1024);
	buf_fmt(&b, "%s message%s from %s failed. Yours?", text_count(n, number), plural(n), k->name);
	f->text = text_of(a, &b);
	f->why = why_failing(a, k, err);
	buf_init(&b, 1024);
	buf_fmt(&b, "If it is yours: dmarcsift label %s mine", x->sender);
	f->fix = text_of(a, &b);
}

/* Sums of one domain that are told as one line each. */
struct domain_sums {
	int64_t forwarded, broken, strangers, addresses, stopped, permerror, messages;
	const char *beginning;	/* its first reported day */
};

static void
tell_domain(struct analysis *a, const struct known *any, const struct domain_sums *d)
{
	struct known whole = *any;
	char n1[28], n2[28], n3[28];
	struct finding *f;
	struct buf b;

	whole.sum.sender = NULL;
	whole.confidence = "high";
	if (d->permerror > 0) {
		f = add(a, SPFERR, &whole, d->permerror, NULL);
		buf_init(&b, 512);
		buf_fmt(&b, "Receivers could not evaluate your SPF (permerror) for %s message%s.", text_count(d->permerror, n1), plural(d->permerror));
		f->text = text_of(a, &b);
		f->fix = "Check the SPF record: one record only, no unknown word, at most 10 look-ups.";
	}
	if (d->broken > 0) {
		f = add(a, FWDBROKEN, &whole, d->broken, NULL);
		buf_init(&b, 512);
		buf_fmt(&b, "%s forwarded message%s failed on the way (a list's footer?). Usually you cannot change that.", text_count(d->broken, n1), plural(d->broken));
		f->text = text_of(a, &b);
	}
	if (d->forwarded > 0) {
		f = add(a, FWD, &whole, d->forwarded, NULL);
		buf_init(&b, 512);
		buf_fmt(&b, "%s message%s forwarded by recipients and still passed. Nothing to do.", text_count(d->forwarded, n1), d->forwarded == 1 ? " was" : "s were");
		f->text = text_of(a, &b);
	}
	if (d->strangers > 0) {
		f = add(a, NOTYOU, &whole, d->strangers, NULL);
		buf_init(&b, 512);
		buf_fmt(&b, "%s message%s from %s unrelated address%s claimed to be you. %s %s stopped. That is the policy working.",
		    text_count(d->strangers, n1), plural(d->strangers), text_count(d->addresses, n2), d->addresses == 1 ? "" : "es",
		    text_count(d->stopped, n3), d->stopped == 1 ? "was" : "were");
		f->text = text_of(a, &b);
	}
	if (d->messages < a->thresholds->judge_messages) {
		f = add(a, LOWDATA, &whole, d->messages, NULL);
		buf_init(&b, 512);
		buf_fmt(&b, "%s message%s only: no judgement.", text_count(d->messages, n1), plural(d->messages));
		f->text = text_of(a, &b);
	}
}

static enum outcome
tell_sender(struct analysis *a, const struct known *k, struct domain_sums *d, struct err *err)
{
	const struct sender_sum *x = &k->sum;

	d->forwarded += x->recent_forwarded - x->recent_broken;
	d->broken += x->recent_broken;
	d->permerror += x->recent_permerror;
	d->messages += x->recent_messages;
	if (strcmp(k->class, "not_you") == 0) {
		d->strangers += x->recent_messages - x->recent_forwarded;
		d->stopped += x->recent_refused;
		d->addresses += x->recent_messages > 0;
		return OK;
	}
	if (k->ignored || x->messages == x->forwarded)
		return OK;
	if (!k->mine) {
		if (strcmp(k->class, "undecided") == 0)
			tell_undecided(a, k, err);
		return OK;
	}
	if (tell_mine(a, k, err) != OK)
		return STOP;
	tell_new_or_gone(a, k, d->beginning);
	if (x->failing + x->refused == 0 && x->recent_messages >= a->thresholds->judge_messages)
		tell_quiet(a, k);
	return OK;
}

static enum outcome
tell_stale(struct analysis *a, struct err *err)
{
	struct freshness fresh;
	struct finding *f;
	char since[11];
	struct buf b;

	if (store_freshness(a->store, &fresh, err) != OK)
		return STOP;
	if (!is_stale(&fresh, a->thresholds, a->now_at))
		return OK;
	(void)text_day(fresh.newest_end, since);
	f = add(a, STALE, NULL, 0, NULL);
	f->since = arena_str(a->arena, since);
	f->confidence = "high";
	buf_init(&b, 512);
	buf_fmt(&b, "The last report ends %d days ago (usual gap: %d day%s). Check the mailbox before trusting this.",
	    (int)((a->now_at - fresh.newest_end) / 86400), fresh.usual_gap, plural(fresh.usual_gap));
	f->text = text_of(a, &b);
	return OK;
}

static int
by_weight(const void *x, const void *y)
{
	const struct note *a = x, *b = y;
	int c;

	if (a->code != b->code)
		return a->code < b->code ? -1 : 1;
	if (a->f.messages != b->f.messages)
		return a->f.messages > b->f.messages ? -1 : 1;
	c = strcmp(a->f.domain != NULL ? a->f.domain : "", b->f.domain != NULL ? b->f.domain : "");
	return c != 0 ? c : strcmp(a->f.sender != NULL ? a->f.sender : "", b->f.sender != NULL ? b->f.sender : "");
}

static enum outcome
put_findings(struct analysis *a, struct err *err)
{
	size_t i, to;

	for (i = 0; i < a->count; i = to) {
		struct domain_sums d = { .beginning = NULL };
		size_t k;

		to = end_of_domain(a, i);
		for (k = i; k < to; k++)
			if (a->senders[k].sum.first_day != NULL && (d.beginning == NULL || strcmp(a->senders[k].sum.first_day, d.beginning) < 0))
				d.beginning = a->senders[k].sum.first_day;
		for (k = i; k < to; k++)
			if (tell_sender(a, &a->senders[k], &d, err) != OK)
				return STOP;
		tell_domain(a, &a->senders[i], &d);
	}
	if (tell_stale(a, err) != OK)
		return STOP;
	if (a->nnotes > 0)
		qsort(a->notes, a->nnotes, sizeof(*a->notes), by_weight);
	for (i = 0; i < a->nnotes; i++)
		if (store_put_finding(a->store, &a->notes[i].f, err) != OK)
			return STOP;
	return OK;
}

enum outcome
analyse(struct store *s, const struct thresholds *t, int64_t now_at, struct err *err)
{
	struct analysis a = { .store = s, .arena = arena_new(), .thresholds = t, .now_at = now_at };
	int64_t newest;
	enum outcome r = STOP;

	if (store_newest_day(s, a.newest, err) != OK || labels_read(&a.labels, s, err) != OK)
		goto out;
	if (text_when(a.newest, &newest))
		(void)text_day(newest - (int64_t)(RECENT_DAYS - 1) * 86400, a.recent);
	if (store_each_sender(s, a.recent, take_sender, &a, err) != OK || store_clear_analysis(s, err) != OK ||
	    put_standings(&a, err) != OK || put_findings(&a, err) != OK)
		goto out;
	r = OK;
out:
	labels_free(&a.labels);
	free(a.senders);
	free(a.notes);
	free(a.streams);
	free(a.refusers);
	arena_free(a.arena);
	return r;
}

int
is_stale(const struct freshness *f, const struct thresholds *t, int64_t now_at)
{
	return f->newest_end > 0 && (double)(now_at - f->newest_end) > t->stale_gaps * f->usual_gap * 86400;
}

int
finding_weight(const char *code)
{
	static const enum code order[] = { LOST, BROKE, RISK, STALE, SPFERR, DECIDE, FWDBROKEN, SPFONLY, GONE, NEW };
	size_t i;

	for (i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (text_same(code, code_names[order[i]]))
			return (int)i + 1;
	return 0;
}
