/* SPDX-License-Identifier: MIT */
/*
 * What the summary says beyond sums: how a sender is known, a sentence on it, the records that repair it, what changed, and
 * whether the policy may be raised (counted on the user's own mail only). See summarise.h.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "report/advice.h"
#include "report/report.h"
#include "report/summarise.h"

static const char *
text_in(struct arena *a, const struct buf *b)
{
	return arena_strn(a, b->at, b->len);
}

/* --- senders --- */

/* The first passing result's domain of a summary such as "a.example/s1=fail, b.example/k1=pass". */
static size_t
passing_name(const char *results, const char **name)
{
	const char *pass = results != NULL ? strstr(results, "=pass") : NULL, *start = pass;

	if (pass == NULL)
		return 0;
	while (start > results && start[-1] != ' ')
		start--;
	*name = start;
	return (size_t)(pass - start);
}

static const char *
evidence_of(struct reading *r, const char *dkim, const char *spf)
{
	const char *name = NULL;
	struct buf b;
	size_t len;

	buf_init(&b, 512);
	if ((len = passing_name(dkim, &name)) > 0)
		buf_fmt(&b, "DKIM %.*s", (int)len, name);
	else if ((len = passing_name(spf, &name)) > 0)
		buf_fmt(&b, "envelope %.*s", (int)len, name);
	else
		buf_str(&b, "by its address only");
	name = text_in(r->arena, &b);
	buf_free(&b);
	return name;
}

/* spf_only: the finding that says that its mail passes by SPF only, by now or nearly all of it; NULL. few: messages not worth a word. */
static void
why_passing(struct buf *b, const struct sum_sender *s, const struct sum_finding *spf_only, double few)
{
	int64_t bare = s->counts.passing - s->pass_dkim;
	char number[28];

	if (spf_only != NULL && spf_only->since != NULL && s->pass_dkim > 0 && s->first_day != NULL)
		buf_fmt(b, "Passes by SPF only%s: forwarded copies will be lost.", strcmp(spf_only->since, s->first_day) > 0 ? " now, by DKIM as well before" : ", nearly all of it");
	else if (s->pass_dkim > 0 && (double)bare >= few && (double)bare * 20 >= (double)s->counts.passing)
		buf_fmt(b, "Passes by DKIM, %s messages by SPF only: forwarded copies of these will be lost.", text_count(bare, number));
	else if (s->pass_dkim > 0 && s->pass_spf > 0)
		buf_str(b, "Passes by DKIM and by SPF.");
	else if (s->pass_dkim > 0)
		buf_str(b, "Passes by DKIM only, which is enough.");
	else if (s->pass_spf > 0)
		buf_str(b, "Passes by SPF only: forwarded copies will be lost.");
	else
		buf_str(b, "Passes.");
}

/* Whether a result's name, "news.example.org/s1", is the domain's or below it. */
static int
is_of(const char *name, size_t len, const char *domain)
{
	char text[512];

	snprintf(text, sizeof(text), "%.*s", (int)(len < sizeof(text) ? len : sizeof(text) - 1), name);
	text[strcspn(text, "/")] = '\0';
	return domain_within(text, domain);
}

/* The user has said whose it is, or to set it aside: nothing is asked of it any more. */
static void
why_forwarded(struct buf *b, const struct sum_sender *s)
{
	char one[28], two[28];

	buf_str(b, "Passed on by others");
	if (s->broken > 0 && s->broken == s->counts.forwarded)
		buf_str(b, ", altered on the way: none of it passed");
	else if (s->broken > 0)
		buf_fmt(b, "; %s of %s messages were altered on the way and did not pass", text_count(s->broken, one), text_count(s->counts.forwarded, two));
	buf_str(b, ".");
}

int
summary_is_labelled(const struct sum_sender *s)
{
	return s->evidence != NULL && strcmp(s->evidence, "your label") == 0;
}

static const char *
why_of(struct reading *r, const struct sender_ids *ids, const char *dkim, const char *spf)
{
	const struct sum_sender *s = &ids->s;
	const char *domain = r->domain->domain, *name = NULL, *text;
	size_t len = passing_name(dkim, &name) > 0 ? passing_name(dkim, &name) : passing_name(spf, &name);
	int aligned = len > 0 && is_of(name, len, domain);
	char one[28], two[28];
	struct buf b;

	buf_init(&b, 1024);
	if (strcmp(s->class, "passing") == 0)
		why_passing(&b, s, reading_finding(r, s->sender, "SPFONLY"), r->options->thresholds->judge_messages);
	else if (strcmp(s->class, "forwarded") == 0)
		why_forwarded(&b, s);
	else if (strcmp(s->class, "not_you") == 0)
		buf_fmt(&b, "Claimed to be %s; %s of %s %s stopped.", domain, text_count(ids->stopped, one), text_count(s->counts.messages, two),
		    ids->stopped == 1 || s->counts.messages == 1 ? "was" : "were");
	else if (strcmp(s->class, "undecided") == 0 && summary_is_labelled(s))
		buf_str(&b, "Set aside by your label.");
	else if (strcmp(s->class, "undecided") == 0 && aligned)
		buf_fmt(&b, "Some of it is signed by %.*s, the rest fails both. Is it yours?", (int)len, name);
	else if (strcmp(s->class, "undecided") == 0 && len > 0)
		buf_fmt(&b, "Authenticated as %.*s, not as %s. Is it yours?", (int)len, name, domain);
	else if (strcmp(s->class, "undecided") == 0)
		buf_fmt(&b, "Fails both and shows no trace of you. Is it yours?");
	else if (s->counts.passing > 0 || aligned)
		buf_fmt(&b, "%s of its %s messages did not pass for %s%s.", text_count(s->counts.lost + s->counts.at_risk, one),
		    text_count(s->counts.messages, two), domain, s->counts.passing > 0 ? "; the others did" : "");
	else if (len > 0)
		buf_fmt(&b, "Authenticated as %.*s, not as %s.", (int)len, name, domain);
	else
		buf_fmt(&b, "Neither its signature nor its envelope passes for %s.", domain);
	text = text_in(r->arena, &b);
	buf_free(&b);
	return text;
}

/* The records that a finding on a sender's mail tells; NULL: none does. */
static const struct sum_sender *
records_asked(struct reading *r, const struct sum_sender *s)
{
	size_t i, n;
	const struct sum_finding *const *f = reading_findings(r, r->domain->domain, s->sender, &n);

	for (i = 0; i < n; i++)
		if (f[i]->records != NULL)
			return f[i]->records;
	return NULL;
}

/* The records of a service are no answer where the finding on its mail found another one: strict alignment, a contradiction. */
static int
is_vain(const struct reading *r, const struct sum_sender *s)
{
	static const char *const codes[] = { "LOST", "BROKE", "RISK", "DECIDE" };
	const struct sum_finding *f;
	size_t i;

	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if ((f = reading_finding(r, s->sender, codes[i])) != NULL && f->fix != NULL && strstr(f->fix, FIX_RECORDS) == NULL)
			return 1;
	return 0;
}

/* The finding that says that the mail of a sender passes by now, whatever failed before: its records are there. NULL: none, or some of it fails still. */
static const struct sum_finding *
passes_now(const struct reading *r, const struct sum_sender *s)
{
	static const char *const open[] = { "LOST", "BROKE", "RISK", "DECIDE", "SPFONLY" }, *const passes[] = { "FIXED", "OK", "DKIMONLY" };
	const struct sum_finding *found = NULL;
	size_t i;

	for (i = 0; i < sizeof(open) / sizeof(open[0]); i++)
		if (reading_finding(r, s->sender, open[i]) != NULL)
			return NULL;
	for (i = 0; found == NULL && i < sizeof(passes) / sizeof(passes[0]); i++)
		found = reading_finding(r, s->sender, passes[i]);
	return found;
}

/* The DKIM records that make the service sign as the user's domain, where to look in the account, and a note. */
static void
fixes_of(struct reading *r, struct sum_sender *s)
{
	const struct sender *c = sender_find(s->sender);
	const struct sum_sender *asked = records_asked(r, s);
	struct sender_record record;
	struct sum_fix *fixes;

	if (c == NULL || strcmp(c->confidence, "low") == 0 || is_vain(r, s))
		return;
	if (asked != NULL) {
		s->fixes = asked->fixes;
		s->nfixes = asked->nfixes;
	} else {
		fixes = arena_alloc(r->arena, SENDER_RECORDS * sizeof(*fixes));
		for (; sender_fix(c, r->domain->domain, NULL, s->nfixes, &record); s->nfixes++)
			fixes[s->nfixes] = (struct sum_fix){ .type = record.type, .name = arena_str(r->arena, record.name), .value = arena_str(r->arena, record.value) };
		s->fixes = s->nfixes > 0 ? fixes : NULL;
	}
	sender_facts(r->arena, s, c, r->domain->domain);
}

/* A crowd of strangers' addresses is one entry without an id. */
static void
crowd_words(struct reading *r, struct sum_sender *s)
{
	char count[28];
	struct buf b;

	buf_init(&b, 200);
	buf_fmt(&b, "%s unrelated addresses", text_count(s->addresses, count));
	s->name = text_in(r->arena, &b);
	s->evidence = "many networks, few messages each";
	buf_free(&b);
}

void
sender_words(struct reading *r, struct sender_ids *ids, const char *dkim, const char *spf)
{
	struct sum_sender *s = &ids->s;
	const struct sum_finding *only;
	struct buf b;

	if (*s->sender == '\0')
		crowd_words(r, s);
	if (s->evidence == NULL || *s->evidence == '\0')
		s->evidence = evidence_of(r, dkim, spf);
	s->why = why_of(r, ids, dkim, spf);
	if (strcmp(s->class, "losing") == 0 || strcmp(s->class, "at_risk") == 0 || strcmp(s->class, "undecided") == 0) {
		s->passes_now = passes_now(r, s);
		if (s->passes_now == NULL)
			fixes_of(r, s);
	} else if ((only = reading_finding(r, s->sender, "SPFONLY")) != NULL && only->fix != NULL && strstr(only->fix, FIX_RECORDS) != NULL) {
		fixes_of(r, s);
	}
	if (*s->sender == '\0')
		return;
	buf_init(&b, 8192);
	advice_label(&b, s->sender, strcmp(s->class, "undecided") == 0 || strcmp(s->class, "not_you") == 0 ? "mine" : "not_mine");
	s->label = text_in(r->arena, &b);
	buf_free(&b);
}

/* --- may the policy be raised? --- */

static int64_t
own(const struct counts *c)
{
	return c->passing + c->lost + c->at_risk;
}

static int64_t
permille(int64_t part, int64_t whole)
{
	return whole <= 0 ? 0 : whole > INT64_MAX / 1000 ? part / (whole / 1000) : part * 1000 / whole;
}

static double
percent(int64_t part, int64_t whole)
{
	return whole > 0 ? 100.0 * (double)part / (double)whole : 0;
}

/* Words with figures in them. */
static const char *__attribute__((format(printf, 2, 3)))
worded(struct reading *r, const char *fmt, ...)
{
	char text[120];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return arena_str(r->arena, text);
}

static struct sum_gate *
gate(struct list *l, const char *name, const char *wanted, int met)
{
	struct sum_gate *g = list_push(l);

	g->name = name;
	g->wanted = wanted;
	g->state = met ? GATE_YES : GATE_NO;
	return g;
}

static void
gate_number(struct reading *r, struct sum_gate *g, int64_t n)
{
	char text[28];

	g->value = arena_str(r->arena, text_count(n, text));
}

static void
gate_share(struct reading *r, struct sum_gate *g, int64_t part, int64_t whole)
{
	char text[40];

	if (whole < r->options->thresholds->judge_messages) {
		g->state = GATE_UNKNOWN;
		g->value = "too few messages";
		return;
	}
	snprintf(text, sizeof(text), "%lld.%lld %%", (long long)(permille(part, whole) / 10), (long long)(permille(part, whole) % 10));
	g->value = arena_str(r->arena, text);
}

static void
add_blocker(struct buf *b, int64_t *n, const char *name)
{
	if ((*n)++ < 5)
		buf_fmt(b, "%s%s", *n > 1 ? ", " : "", name);
}

/* Senders for which `blocks` holds, and others of these names, as a condition that wants none. */
static void
gate_senders(struct reading *r, struct list *l, const char *name, int (*blocks)(const struct reading *, const struct sender_ids *), const struct list *others)
{
	const struct sender_ids *all = r->senders.at;
	struct sum_gate *g;
	struct buf b;
	int64_t n = 0;
	size_t i;

	buf_init(&b, 600);
	for (i = 0; i < r->senders.n; i++)
		if (blocks(r, &all[i]))
			add_blocker(&b, &n, all[i].s.name);
	for (i = 0; others != NULL && i < others->n; i++)
		add_blocker(&b, &n, ((const char *const *)others->at)[i]);
	if (n > 5)
		buf_fmt(&b, " and %lld more", (long long)n - 5);
	g = gate(l, name, "none", n == 0);
	gate_number(r, g, n);
	g->blockers = n > 0 ? text_in(r->arena, &b) : NULL;
	buf_free(&b);
}

static int
is_failing(const struct reading *r, const struct sender_ids *ids)
{
	const struct thresholds *t = r->options->thresholds;
	const struct counts *c = &ids->s.counts;

	return own(c) >= t->judge_messages && percent(c->lost + c->at_risk, own(c)) > t->gate_failing;
}

/* 1: many addresses of the domain are asked about as one, and are strangers' as it looks; else its confidence is low. */
static int
has_campaign(const struct reading *r)
{
	const struct sum_finding *f = reading_finding(r, "", "DECIDE");

	return f != NULL && strcmp(f->confidence, "low") != 0;
}

/* It is asked about, by itself or in the name of its network; of a campaign nobody is. */
static int
is_undecided(const struct reading *r, const struct sender_ids *ids)
{
	int asked = reading_finding(r, ids->s.sender, "DECIDE") != NULL;

	return strcmp(ids->s.class, "undecided") == 0 && !summary_is_labelled(&ids->s) && (asked || (!r->campaign && ids->s.counts.undecided >= r->options->thresholds->judge_messages));
}

static int
is_new_and_failing(const struct reading *r, const struct sender_ids *ids)
{
	size_t day = reading_day(r, ids->s.first_day);

	return day < r->ndays && (double)(r->ndays - day) <= r->options->thresholds->gate_new_days && ids->s.counts.lost + ids->s.counts.at_risk > 0;
}

/* Is this day of the period the last of its month? That is when invoices and newsletters go out. */
static int
ends_month(const struct reading *r, size_t day)
{
	int64_t from;
	char next[11];

	return text_when(r->options->from, &from) && text_day(from + ((int64_t)day + 1) * 86400, next) && strcmp(next + 8, "01") == 0;
}

/* The step to reject wants days under the policy before it; a change of policy within the period begins the count anew. */
static void
gate_days(struct reading *r, struct list *l, int to_reject)
{
	double wanted = r->options->thresholds->gate_days;
	int64_t n = 0;
	int month_end = 0;
	struct sum_gate *g;
	size_t i;

	for (i = to_reject ? r->policy_since : 0; i < r->ndays; i++) {
		n += r->days[i].reported;
		month_end |= r->days[i].reported && ends_month(r, i);
	}
	g = gate(l, to_reject ? "Days with reports under the policy of now" : "Days with reports", worded(r, "%.10g or more, the end of a month among them", wanted),
	    (double)n >= wanted && month_end);
	gate_number(r, g, n);
	if (!month_end)
		g->blockers = "no report for the last day of a month";
}

static void
gate_reporters(struct reading *r, struct list *l)
{
	const struct thresholds *t = r->options->thresholds;
	const struct sum_domain *d = r->domain;
	int64_t newest;
	int fresh = d->newest_day != NULL && text_when(d->newest_day, &newest) &&
	    (double)(r->options->now_at / 86400 - newest / 86400) <= t->gate_fresh_days;
	struct sum_gate *g = gate(l, worded(r, "Reporters heard, the newest report at most %.10g days old", t->gate_fresh_days),
	    worded(r, "%.10g or more", t->gate_reporters), fresh && d->reporters >= t->gate_reporters);

	gate_number(r, g, d->reporters);
	if (!fresh)
		g->blockers = "the newest report is older";
}

static void
gate_spf_only(struct reading *r, struct list *l, int to_reject)
{
	const struct thresholds *t = r->options->thresholds;
	const struct sender_ids *all = r->senders.at;
	int64_t only = 0;
	struct sum_gate *g;
	size_t i;

	for (i = 0; i < r->senders.n; i++)
		only += all[i].s.counts.passing - all[i].s.pass_dkim;
	g = gate(l, "Your mail that passes by SPF only (lost when forwarded)", to_reject ? worded(r, "under %.10g %%", t->gate_spf_only) : "a warning only",
	    !to_reject || percent(only, own(&r->domain->counts)) < t->gate_spf_only);
	gate_share(r, g, only, own(&r->domain->counts));
}

static void
gate_errors(struct reading *r, struct list *l, int to_reject)
{
	const struct thresholds *t = r->options->thresholds;
	const struct sender_ids *all = r->senders.at;
	int64_t errors = 0;
	struct sum_gate *g;
	size_t i;

	for (i = 0; i < r->senders.n; i++)
		errors += all[i].permerror;
	g = gate(l, "Messages whose SPF could not be evaluated", to_reject ? "none" : worded(r, "under %.10g %%", t->gate_spf_errors),
	    to_reject ? errors == 0 : percent(errors, r->domain->counts.messages) < t->gate_spf_errors);
	gate_number(r, g, errors);
}

#define STEP_SP "reject sp=reject"

/* The next step; a policy in test or for a part of the mail is brought into force before a stricter one. NULL: p=reject is in force, for all failing mail, also from domains below. */
static const char *
next_policy(const struct sum_domain *d)
{
	int reject = d->p != NULL && strcmp(d->p, "reject") == 0;

	if (!reject && (d->p == NULL || strcmp(d->p, "quarantine") != 0))
		return "quarantine";
	if (d->testing != NULL && strcmp(d->testing, "y") == 0)
		return reject ? "reject without t=y" : "quarantine without t=y";
	if (d->pct >= 0 && d->pct < 100)
		return reject ? "reject with pct=100" : "quarantine with pct=100";
	if (!reject)
		return "reject";
	return d->sp != NULL && (strcmp(d->sp, "none") == 0 || strcmp(d->sp, "quarantine") == 0) ? STEP_SP : NULL;
}

static enum outcome
conditions(struct reading *r, struct err *err)
{
	struct list l = { NULL, 0, 0, sizeof(struct sum_gate) }, silent = { NULL, 0, 0, sizeof(const char *) };
	const struct thresholds *t = r->options->thresholds;
	struct sum_domain *d = r->domain;
	const struct counts *c = &d->counts;
	int to_reject;
	double wanted;

	if ((d->next_policy = next_policy(d)) == NULL)
		return OK;
	if (read_silent(r, &silent, err) != OK)
		return STOP;
	to_reject = strncmp(d->next_policy, "reject", strlen("reject")) == 0;
	wanted = to_reject ? t->gate_reject : t->gate_quarantine;
	gate_days(r, &l, to_reject);
	gate_number(r, gate(&l, "Messages of yours", worded(r, "%.10g or more", t->gate_messages), own(c) >= t->gate_messages), own(c));
	gate_share(r, gate(&l, "Your mail that passes", worded(r, "%.10g %% or more", wanted), percent(c->passing, own(c)) >= wanted),
	    c->passing, own(c));
	gate_senders(r, &l, worded(r, "Senders of yours that fail more than %.10g %%", t->gate_failing), is_failing, &silent);
	r->campaign = has_campaign(r);
	gate_senders(r, &l, worded(r, "Undecided senders with %.10g messages or more", t->judge_messages), is_undecided, NULL);
	gate_senders(r, &l, worded(r, "Senders new in the last %.10g days that do not pass", t->gate_new_days), is_new_and_failing, NULL);
	gate_spf_only(r, &l, to_reject);
	gate_reporters(r, &l);
	gate_errors(r, &l, to_reject);
	d->gates = list_settle(&l, r->arena, &d->ngates);
	free(silent.at);
	return OK;
}

static int
whatif_order(const void *a, const void *b)
{
	const struct sum_whatif *x = a, *y = b;

	if (x->messages != y->messages)
		return x->messages > y->messages ? -1 : 1;
	return strcmp(x->name, y->name);
}

struct step { struct reading *r; struct list l; };

static void
add_whatif(struct step *x, const char *name, int64_t messages, int64_t spared)
{
	struct sum_whatif *w;

	if (messages == 0)
		return;
	w = list_push(&x->l);
	w->name = name;
	w->messages = messages;
	x->r->domain->whatif_lost += messages;
	x->r->domain->whatif_spared += spared;
}

static enum outcome
step_row(void *ctx, const struct whatif_row *w)
{
	struct step *x = ctx;

	x->r->domain->whatif_open += w->open;
	if (!w->mine)
		return OK;
	x->r->domain->whatif_let_through += w->let_through;
	add_whatif(x, arena_str(x->r->arena, w->name), w->rejected + w->quarantined, w->spared);
	return OK;
}

/* Under p=reject, for which an sp that is published stays, unless it is the step that is next. */
static enum outcome
under_reject(struct reading *r, struct err *err)
{
	struct sum_domain *d = r->domain;
	struct whatif w = { 2, -1, 0, r->domain_id };
	struct step x = { r, { NULL, 0, 0, sizeof(struct sum_whatif) } };
	enum outcome done;

	if (r->options->brief || d->next_policy == NULL)	/* nobody tells it */
		return OK;
	d->whatif_below = strcmp(d->next_policy, STEP_SP) == 0;
	if (d->whatif_below)
		w.subpolicy = 2;
	done = store_each_whatif(r->store, &w, r->options->from, r->options->to, step_row, &x, err);
	if (x.l.n > 1)
		qsort(x.l.at, x.l.n, x.l.size, whatif_order);
	if (x.l.n > 10)
		x.l.n = 10;
	d->whatif = list_settle(&x.l, r->arena, &d->nwhatif);
	return done;
}

void
read_strangers(struct reading *r)
{
	const struct sender_ids *all = r->senders.at;
	size_t i;

	for (i = 0; i < r->senders.n; i++) {
		r->domain->broken += all[i].s.broken;
		if (strcmp(all[i].s.class, "not_you") != 0)
			continue;
		r->domain->not_you_messages += all[i].s.counts.undecided;
		r->domain->not_you_addresses += all[i].s.addresses;
		r->domain->not_you_stopped += all[i].stopped;
	}
}

enum outcome
domain_words(struct reading *r, struct err *err)
{
	if (read_changes(r, err) != OK || conditions(r, err) != OK)
		return STOP;
	read_strangers(r);
	return under_reject(r, err);
}
