/* SPDX-License-Identifier: MIT */
/*
 * The first screen: is my mail being lost, who loses it, what do I do? A sentence, up to three cards, the bar, facts, and
 * a row for each of several domains. See html_part.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "report/html_part.h"

enum { CARDS = 3, OTHERS = 40, CELL = 60, CODE = 16, DOMAIN_ROWS = 200, TREND_STEPS = 31 };

/* --- verdict --- */

static int64_t
own(const struct counts *c)
{
	return c->passing + c->lost + c->at_risk;
}

/* The sender that loses most, over all domains. */
static const struct sum_sender *
worst(const struct summary *s)
{
	const struct sum_sender *found = NULL;
	size_t i, j;

	for (i = 0; i < s->ndomains; i++)
		for (j = 0; j < s->domains[i].nsenders; j++)
			if (s->domains[i].senders[j].counts.lost > (found != NULL ? found->counts.lost : 0))
				found = &s->domains[i].senders[j];
	return found;
}

static void
verdict_lost(struct out *o, const struct summary *s)
{
	const struct sum_sender *w = worst(s);

	out_lit(o, "<h1><em>");
	out_count(o, s->counts.lost);
	out_lit(o, " of your ");
	put_some(o, own(&s->counts), "reported message", "reported messages");
	if (s->counts.lost == 1)
		out_lit(o, "</em> was refused or junked.</h1><p>");
	else
		out_lit(o, "</em> were refused or junked.</h1><p>");
	if (w != NULL && w->counts.lost == s->counts.lost) {
		out_lit(o, "One sender causes all of it: <b>");
		out_short(o, w->name, CELL);
		out_lit(o, "</b>. ");
	} else if (w != NULL && has_share(s->counts.lost)) {
		out_lit(o, "One sender causes ");
		put_share(o, w->counts.lost, s->counts.lost);
		out_lit(o, " of it: <b>");
		out_short(o, w->name, CELL);
		out_lit(o, "</b>. ");
	}
	if (s->counts.at_risk > 0) {
		put_some(o, s->counts.at_risk, "further message", "further messages");
		out_lit(o, " would be lost under a stricter policy.");
	}
	out_lit(o, "</p>");
}

/* Refused mail nobody said whose it is: that is no clean bill. */
static void
verdict_open(struct out *o, const struct summary *s)
{
	out_lit(o, "<h1><em>");
	put_some(o, s->stopped, "refused or junked message", "refused or junked messages");
	if (s->stopped == 1)
		out_lit(o, "</em>: is it yours?</h1>");
	else
		out_lit(o, "</em>: are they yours?</h1>");
	out_lit(o, "<p>None of the mail known to be yours was lost, but nothing shows whose these are. Look at their senders below, then "
	    "say it: <code>dmarcsift label SENDER mine NAME</code>.</p>");
}

static void
verdict_fine(struct out *o, const struct summary *s)
{
	if (s->stale)
		out_lit(o, "<h1>Nothing was lost as far as reports go, but they have stopped.</h1><p>");
	else if (s->counts.undecided > 0 && own(&s->counts) == 0)
		out_lit(o, "<h1>None of the reported mail could be recognised as yours.</h1><p>");
	else
		out_lit(o, "<h1>Nothing to do. None of your mail was lost.</h1><p>");
	put_some(o, own(&s->counts), "reported message of yours passes", "reported messages of yours pass");
	out_lit(o, ".</p>");
}

static void
verdict_empty(struct out *o, const struct summary *s)
{
	out_lit(o, "<h1>No reports for this period, so nothing can be said.</h1><p>");
	if (s->nforeign > 0) {
		put_some(o, (int64_t)s->nforeign, "domain was reported that is", "domains were reported that are");
		out_lit(o, " not among those of the configuration: ");
		out_short(o, s->foreign[0], CELL);
		if (s->nforeign > 1)
			out_lit(o, " and others, named below");
		out_lit(o, ". If it is yours, add it to <code>domains</code>.</p>");
		return;
	}
	out_lit(o, "Check that the mailbox named in the DMARC record receives mail and is read.</p>");
}

static void
verdict_words(struct out *o, const struct summary *s)
{
	if (s->counts.messages == 0) {
		verdict_empty(o, s);
	} else if (s->counts.lost > 0) {
		verdict_lost(o, s);
	} else if (s->counts.at_risk > 0) {
		out_lit(o, "<h1>Nothing was lost yet, but <em>");
		put_some(o, s->counts.at_risk, "message of yours", "messages of yours");
		out_lit(o, "</em> would be under a stricter policy.</h1><p>They pass nothing that matches the domain in From, and were delivered "
		    "only because the receiver was not asked to stop them.</p>");
	} else if (s->stopped > 0) {
		verdict_open(o, s);
	} else {
		verdict_fine(o, s);
	}
	if (s->counts.messages > 0 && !has_share(s->counts.messages))
		out_lit(o, "<p>So few messages allow no judgement.</p>");
}

static enum slice
verdict_slice(const struct summary *s)
{
	if (s->counts.lost > 0)
		return SLICE_LOST;
	if (s->counts.at_risk > 0 || (s->stale && s->counts.messages > 0))
		return SLICE_AT_RISK;
	if (s->stopped > 0)
		return SLICE_UNDECIDED;
	return has_share(own(&s->counts)) ? SLICE_PASSING : SLICE_UNDECIDED;
}

void
page_legend(struct out *o, const struct counts *c)
{
	int64_t count[SLICES];
	size_t i;

	counts_of(c, count);
	out_lit(o, "<ul class=\"legend\">");
	for (i = 0; i < SLICES; i++) {
		if (count[i] == 0)
			continue;
		out_lit(o, "<li data-count=\"");
		out_text(o, slice_id((enum slice)i));
		out_lit(o, "\">");
		slice_mark(o, (enum slice)i);
		out_lit(o, "<b>");
		out_count(o, count[i]);
		out_lit(o, "</b> ");
		slice_word(o, (enum slice)i);
		out_lit(o, "</li>");
	}
	out_lit(o, "</ul>\n");
}

static void
fact_policy(struct out *o, const struct sum_domain *d)
{
	out_lit(o, "<div><dt>Policy in force</dt><dd>p=");
	out_text(o, d->p != NULL ? d->p : "?");
	out_lit(o, "<small>");
	if (d->sp != NULL) {
		out_lit(o, "sp=");
		out_text(o, d->sp);
		out_lit(o, ", ");
	}
	if (d->pct >= 0 && d->pct < 100) {
		out_lit(o, "pct=");
		out_int(o, d->pct);
		out_lit(o, ", ");
	}
	if (d->testing != NULL && strcmp(d->testing, "y") == 0)
		out_lit(o, "t=y (test), ");
	out_lit(o, "as receivers saw it</small></dd></div>");
}

static void
fact_next(struct out *o, const struct sum_domain *d, size_t n)
{
	size_t i, no = 0, unknown = 0;

	for (i = 0; i < d->ngates; i++) {
		no += d->gates[i].state == GATE_NO;
		unknown += d->gates[i].state == GATE_UNKNOWN;
	}
	out_lit(o, "<div><dt>Next step</dt><dd>");
	if (d->next_policy == NULL) {
		out_lit(o, "none: p=reject<small>the strictest policy is in force</small></dd></div>");
		return;
	}
	out_lit(o, "<a href=\"#");
	put_id(o, n, "policy");
	out_lit(o, "\">to p=");
	out_text(o, d->next_policy);
	out_lit(o, "</a><small>");
	if (no > 0)
		put_some(o, (int64_t)no, "condition is not met", "conditions are not met");
	else if (unknown > 0)
		put_some(o, (int64_t)unknown, "condition is not known", "conditions are not known");
	else
		out_lit(o, "all conditions are met");
	out_lit(o, "</small></dd></div>");
}

/* How many domains have which policy: "2 p=reject, 1 p=none". */
static void
fact_policies(struct out *o, const struct summary *s)
{
	static const char *const policies[] = { "reject", "quarantine", "none" };
	size_t i, j, n, told = 0, some = 0;

	out_lit(o, "<div><dt>Policies in force</dt><dd>");
	for (i = 0; i < sizeof(policies) / sizeof(*policies); i++) {
		for (j = n = 0; j < s->ndomains; j++)
			n += s->domains[j].p != NULL && strcmp(s->domains[j].p, policies[i]) == 0;
		if (n == 0)
			continue;
		if (some++ > 0)
			out_lit(o, ", ");
		out_lit(o, "<span class=\"no\">");
		out_int(o, (int64_t)n);
		out_lit(o, "\xc2\xa0\xc3\x97\xc2\xa0p=");
		out_text(o, policies[i]);
		out_lit(o, "</span>");
		told += n;
	}
	if (some == 0)
		out_lit(o, "none given");
	out_lit(o, "<small>as receivers saw them");
	if (told < s->ndomains) {
		out_lit(o, "; ");
		out_int(o, (int64_t)(s->ndomains - told));
		out_lit(o, " without");
	}
	out_lit(o, "</small></dd></div>");
}

/* How many of the domains that are not yet at p=reject meet every condition of their next step. */
static void
fact_steps(struct out *o, const struct summary *s)
{
	size_t i, j, open = 0, ready = 0, met;

	for (i = 0; i < s->ndomains; i++) {
		const struct sum_domain *d = &s->domains[i];

		if (d->next_policy == NULL || d->ngates == 0)
			continue;
		open++;
		for (j = met = 0; j < d->ngates; j++)
			met += d->gates[j].state == GATE_YES;
		ready += met == d->ngates;
	}
	out_lit(o, "<div><dt>Next step</dt><dd>");
	if (open == 0) {
		out_lit(o, "none<small>the strictest policy is in force</small></dd></div>");
		return;
	}
	out_int(o, (int64_t)ready);
	out_lit(o, " of ");
	out_int(o, (int64_t)open);
	out_lit(o, " may move up<small>see each domain's policy part</small></dd></div>");
}

static void
facts(struct out *o, const struct summary *s)
{
	out_lit(o, "<dl class=\"facts\"><div><dt>Known as yours, and passing</dt><dd>");
	if (has_share(own(&s->counts))) {
		put_share(o, s->counts.passing, own(&s->counts));
		out_lit(o, "<small>");
		out_count(o, s->counts.passing);
		out_lit(o, " of ");
		out_count(o, own(&s->counts));
		out_lit(o, " reported</small>");
	} else {
		out_count(o, s->counts.passing);
		out_lit(o, " of ");
		out_count(o, own(&s->counts));
		out_lit(o, "<small>too few for a percentage</small>");
	}
	out_lit(o, "</dd></div><div><dt>Reporters heard</dt><dd>");
	out_count(o, s->reporters);
	out_lit(o, "<small>newest ");
	put_day(o, s->newest_day);
	out_lit(o, "</small></dd></div>");
	if (s->ndomains == 1) {
		fact_policy(o, &s->domains[0]);
		fact_next(o, &s->domains[0], 0);
	} else if (s->ndomains > 1) {
		fact_policies(o, s);
		fact_steps(o, s);
	}
	out_lit(o, "</dl>\n");
}

void
page_verdict(const struct page *p)
{
	out_lit(p->o, "<div class=\"verdict v-");
	out_text(p->o, slice_id(verdict_slice(p->s)));
	out_lit(p->o, "\">");
	verdict_words(p->o, p->s);
	out_lit(p->o, "</div>\n");
}

void
page_sums(const struct page *p)
{
	int64_t count[SLICES];

	if (p->s->counts.messages == 0)
		return;
	counts_of(&p->s->counts, count);
	out_lit(p->o, "<section id=\"sums\" class=\"card\" aria-label=\"All reported messages\">");
	chart_bar(p->o, count, "All reported messages of the period by what became of them; the counts follow as a list");
	page_legend(p->o, &p->s->counts);
	facts(p->o, p->s);
	out_lit(p->o, "</section>\n");
}

/* --- what to do --- */

static enum slice
code_slice(const char *code)
{
	static const struct { const char *code; enum slice slice; } table[] = {
		{ "LOST", SLICE_LOST }, { "BROKE", SLICE_LOST }, { "RISK", SLICE_AT_RISK }, { "STALE", SLICE_AT_RISK },
		{ "SPFERR", SLICE_AT_RISK }, { "SPFONLY", SLICE_AT_RISK }, { "FWDBROKEN", SLICE_FORWARDED }, { "FWD", SLICE_FORWARDED },
		{ "FIXED", SLICE_PASSING }, { "OK", SLICE_PASSING }, { "DKIMONLY", SLICE_PASSING },
	};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (strcmp(code, table[i].code) == 0)
			return table[i].slice;
	return SLICE_UNDECIDED;
}

/* Findings that ask for something to be done; the others are told below. */
static int
is_task(const struct sum_finding *f)
{
	static const char *const codes[] = { "LOST", "BROKE", "RISK", "STALE", "SPFERR", "DECIDE" };
	size_t i;

	for (i = 0; i < sizeof(codes) / sizeof(*codes); i++)
		if (strcmp(f->code, codes[i]) == 0)
			return 1;
	return 0;
}

/* Findings that only say that all is as it should be: folded away. */
static int
is_quiet(const struct sum_finding *f)
{
	static const char *const codes[] = { "OK", "DKIMONLY", "FWD", "NOTYOU" };
	size_t i;

	for (i = 0; i < sizeof(codes) / sizeof(*codes); i++)
		if (strcmp(f->code, codes[i]) == 0)
			return 1;
	return 0;
}

/* What to do, as a line; a command of ours in it can be copied. */
static void
put_advice(struct out *o, const char *fix)
{
	const char *command = strstr(fix, "dmarcsift ");

	out_lit(o, "<span class=\"advice\">");
	if (command == NULL) {
		out_text(o, fix);
	} else {
		out_textn(o, fix, (size_t)(command - fix));
		out_lit(o, "<code class=\"copy\">");
		out_text(o, command);
		out_lit(o, "</code>");
	}
	out_lit(o, "</span>");
}

/* The sender a finding speaks of, and where it stands on the page; NULL where it is not there. */
static const struct sum_sender *
sender_of(const struct summary *s, const struct sum_finding *f, size_t *domain, size_t *row)
{
	size_t i, j;

	for (i = 0; f->domain != NULL && f->sender != NULL && i < s->ndomains; i++) {
		if (strcmp(s->domains[i].domain, f->domain) != 0)
			continue;
		for (j = 0; j < s->domains[i].nsenders; j++) {
			if (strcmp(s->domains[i].senders[j].sender, f->sender) == 0) {
				*domain = i;
				*row = j;
				return &s->domains[i].senders[j];
			}
		}
	}
	return NULL;
}

/* Messages by day of the sender a card speaks of, lost and at risk in colour. */
static void
task_trend(struct out *o, const struct sum_domain *d, const struct sum_sender *s)
{
	size_t bucket = chart_bucket(d->ndays, TREND_STEPS), n = d->ndays > 0 ? (d->ndays + bucket - 1) / bucket : 0, i;
	int64_t *all = mem_alloc((n + 1) * sizeof(*all)), *bad = mem_alloc((n + 1) * sizeof(*bad)), top = 1;
	char title[120], count[28];

	for (i = 0; s->daily != NULL && i < d->ndays; i++)
		all[i / bucket] += s->daily[i];
	for (i = 0; s->daily_bad != NULL && i < d->ndays; i++)
		bad[i / bucket] += s->daily_bad[i];
	for (i = 0; i < n; i++)
		top = all[i] > top ? all[i] : top;
	snprintf(title, sizeof(title), "by day over the period, at most %s messages in %zu day%s", text_count(top, count), bucket, bucket == 1 ? "" : "s");
	chart_spark(o, all, bad, n, top, title);
	free(all);
	free(bad);
}

/* The first sentence of a finding's text is its heading, what follows is said below. */
static size_t
first_sentence(const char *text)
{
	const char *end = strstr(text, ". ");

	return end != NULL ? (size_t)(end + 1 - text) : strlen(text);
}

static void
task_head(const struct page *p, const struct sum_finding *f, const struct sum_domain *d, const struct sum_sender *sender)
{
	enum slice slice = code_slice(f->code);
	struct out *o = p->o;

	out_lit(o, "<li class=\"task t-");
	out_text(o, slice_id(slice));
	out_lit(o, "\"><p class=\"code k-");
	out_text(o, slice_id(slice));
	out_lit(o, "\"><span>");
	slice_mark(o, slice);
	out_short(o, f->code, CODE);
	if (p->s->ndomains > 1 && f->domain != NULL) {
		out_lit(o, " \xc2\xb7 ");
		out_short(o, f->domain, CELL);
	}
	out_lit(o, "</span>");
	if (sender != NULL && sender->daily != NULL)
		task_trend(o, d, sender);
	out_lit(o, "</p><h3>");
	out_textn(o, f->text, first_sentence(f->text));
	out_lit(o, "</h3>");
}

/* What comes below the heading: the rest of the text, since when, why, and the way to the evidence. */
static void
task_words(const struct page *p, const struct sum_finding *f, int shown, size_t n, size_t row)
{
	const char *rest = f->text + first_sentence(f->text);
	struct out *o = p->o;

	out_lit(o, "<p>");
	if (*rest == ' ') {
		out_text(o, rest + 1);
		out_lit(o, " ");
	}
	if (f->since != NULL && strstr(f->text, "since ") == NULL && strstr(f->text, " on ") == NULL) {
		out_lit(o, "Since ");
		put_day(o, f->since);
		out_lit(o, ". ");
	}
	if (f->why != NULL) {
		out_text(o, f->why);
		out_lit(o, " ");
	}
	if (shown) {
		out_lit(o, "<a class=\"no\" href=\"#");
		put_id(o, n, "s");
		out_int(o, (int64_t)row + 1);
		out_lit(o, "\">The evidence</a>");
	}
	out_lit(o, "</p>");
}

static void
task(const struct page *p, const struct sum_finding *f)
{
	size_t n = 0, row = 0;
	const struct sum_sender *sender = sender_of(p->s, f, &n, &row);
	struct out *o = p->o;

	task_head(p, f, sender != NULL ? &p->s->domains[n] : NULL, sender);
	task_words(p, f, sender != NULL && n < p->caps->domains && row < p->caps->senders, n, row);
	if (sender != NULL && sender->nfixes > 0) {
		out_lit(o, "<details><summary>Show the fix</summary>");
		page_fix(p, sender);
		out_lit(o, "</details>");
	} else if (f->fix != NULL) {
		put_advice(o, f->fix);
	}
	out_lit(o, "</li>\n");
}

static void
other(struct out *o, const struct summary *s, const struct sum_finding *f)
{
	enum slice slice = code_slice(f->code);

	out_lit(o, "<li><span class=\"class k-");
	out_text(o, slice_id(slice));
	out_lit(o, "\">");
	slice_mark(o, slice);
	out_short(o, f->code, CODE);
	out_lit(o, "</span><span>");
	if (s->ndomains > 1 && f->domain != NULL && (f->sender == NULL || strcmp(f->domain, f->sender) != 0)) {
		out_short(o, f->domain, CELL);
		out_lit(o, ": ");
	}
	out_text(o, f->text);
	if (f->fix != NULL && !is_quiet(f))
		put_advice(o, f->fix);
	out_lit(o, "</span></li>\n");
}

void
page_tasks(const struct page *p)
{
	const struct summary *s = p->s;
	size_t i, n = 0;

	for (i = 0; i < s->nfindings && n < CARDS; i++) {
		if (!is_task(&s->findings[i]))
			continue;
		if (n++ == 0)
			out_lit(p->o, "<section id=\"todo\"><h2>What to do</h2><ul class=\"todo\">\n");
		task(p, &s->findings[i]);
	}
	if (n > 0)
		out_lit(p->o, "</ul></section>\n");
}

/* The findings that are no cards: those of one kind, at most OTHERS of them; the number. */
static size_t
others(const struct page *p, int quiet)
{
	const struct summary *s = p->s;
	size_t i, cards = 0, n = 0;

	for (i = 0; i < s->nfindings && n < OTHERS; i++) {
		if (is_task(&s->findings[i]) && cards++ < CARDS)
			continue;
		if (is_quiet(&s->findings[i]) != quiet)
			continue;
		if (n++ == 0)
			out_lit(p->o, "<ul class=\"other\">\n");
		other(p->o, s, &s->findings[i]);
	}
	if (n > 0)
		out_lit(p->o, "</ul>");
	return n;
}

void
page_others(const struct page *p)
{
	const struct summary *s = p->s;
	size_t i, tasks = 0, loud = 0, quiet = 0;

	for (i = 0; i < s->nfindings; i++) {
		if (is_task(&s->findings[i]) && tasks++ < CARDS)
			continue;
		quiet += is_quiet(&s->findings[i]) != 0;
		loud += is_quiet(&s->findings[i]) == 0;
	}
	if (loud + quiet == 0)
		return;
	out_lit(p->o, "<section id=\"more\"><h2>Also good to know</h2><div class=\"card snug\">");
	(void)others(p, 0);
	if (quiet > 0) {
		out_lit(p->o, "<details class=\"quiet\"><summary>");
		put_some(p->o, (int64_t)quiet, "thing that needs nothing done", "things that need nothing done");
		out_lit(p->o, "</summary>");
		(void)others(p, 1);
		out_lit(p->o, "</details>");
	}
	out_lit(p->o, "</div></section>\n");
}

/* --- several domains --- */

/* Messages by day, and of them the lost and those at risk, in steps; the largest step. Domains that are not read in full have none. */
static int64_t
domain_steps(const struct sum_domain *d, size_t bucket, int64_t *all, int64_t *bad)
{
	int64_t top = 0;
	size_t i;

	for (i = 0; i < d->ndays; i++) {
		const struct counts *c = &d->days[i].counts;

		all[i / bucket] += c->passing + c->lost + c->at_risk + c->forwarded + c->undecided + c->undetermined;
		bad[i / bucket] += c->lost + c->at_risk;
		top = all[i / bucket] > top ? all[i / bucket] : top;
	}
	return top;
}

/* Draws it on the scale `top`, which all rows share; or only raises *raise to the domain's largest step. */
static void
domain_trend(struct out *o, const struct sum_domain *d, int64_t *raise, int64_t top)
{
	size_t bucket = chart_bucket(d->ndays, TREND_STEPS), n = d->ndays > 0 ? (d->ndays + bucket - 1) / bucket : 0;
	int64_t *all = mem_alloc((n + 1) * sizeof(*all)), *bad = mem_alloc((n + 1) * sizeof(*bad)), most = domain_steps(d, bucket, all, bad);
	char title[120], count[28];

	snprintf(title, sizeof(title), "at most %s messages in %zu day%s", text_count(most, count), bucket, bucket == 1 ? "" : "s");
	if (raise != NULL)
		*raise = most > *raise ? most : *raise;
	else if (n > 0)
		chart_spark(o, all, bad, n, top, title);
	free(all);
	free(bad);
}

static void
domain_row(const struct page *p, size_t n, int unclear, int64_t top)
{
	const struct sum_domain *d = &p->s->domains[n];
	struct out *o = p->o;

	out_lit(o, "<tr class=\"main\"><th scope=\"row\">");
	if (n < p->caps->domains) {
		out_lit(o, "<a href=\"#");
		put_id(o, n, "");
		out_lit(o, "\">");
	}
	out_short(o, d->domain, CELL);
	if (n < p->caps->domains)
		out_lit(o, "</a>");
	out_lit(o, "</th><td class=\"no\">p=");
	out_text(o, d->p != NULL ? d->p : "?");
	out_lit(o, "</td>");
	put_cell(o, d->counts.messages);
	put_cell(o, d->counts.lost);
	put_cell(o, d->counts.at_risk);
	put_cell(o, d->counts.passing);
	put_cell(o, d->counts.forwarded);
	put_cell(o, d->counts.undecided);
	if (unclear) {
		out_lit(o, "<td class=\"num unclear\">");
		out_count(o, d->counts.undetermined);
		out_lit(o, "</td>");
	}
	out_lit(o, "<td>");
	domain_trend(o, d, NULL, top);
	out_lit(o, "</td><td class=\"no small\" data-v=\"");
	out_text(o, d->newest_day);
	out_lit(o, "\">");
	put_day(o, d->newest_day);
	out_lit(o, "</td></tr>\n");
}

static void
domain_head(struct out *o, int unclear)
{
	out_lit(o, "<section id=\"domains\"><h2>Domains</h2><div class=\"card panel\"><div class=\"scroll\" tabindex=\"0\" role=\"group\" "
	    "aria-label=\"Domains\"><table class=\"lines dense blocks\" id=\"domain-table\"><caption>Most lost first, then most at risk; reported messages</caption><thead><tr>"
	    "<th scope=\"col\" data-sort=\"text\">Domain</th><th scope=\"col\" data-sort=\"text\">Policy</th>"
	    "<th scope=\"col\" class=\"num\" data-sort=\"num\">Messages</th>"
	    "<th scope=\"col\" class=\"num\" data-sort=\"num\" aria-sort=\"descending\">Lost</th>"
	    "<th scope=\"col\" class=\"num\" data-sort=\"num\">At risk</th><th scope=\"col\" class=\"num\" data-sort=\"num\">Passing</th>"
	    "<th scope=\"col\" class=\"num\" data-sort=\"num\">Forwarded</th><th scope=\"col\" class=\"num\" data-sort=\"num\">Undecided or not you</th>");
	if (unclear)
		out_lit(o, "<th scope=\"col\" class=\"num\" data-sort=\"num\">Cannot tell</th>");
	out_lit(o, "<th scope=\"col\">Trend</th><th scope=\"col\" data-sort=\"text\">Newest report</th></tr></thead><tbody>\n");
}

void
page_domains(const struct page *p)
{
	int unclear = p->s->counts.undetermined > 0;
	struct out *o = p->o;
	int64_t top = 1;
	size_t i;

	for (i = 0; i < p->s->ndomains && i < DOMAIN_ROWS; i++)
		domain_trend(o, &p->s->domains[i], &top, 0);
	domain_head(o, unclear);
	for (i = 0; i < p->s->ndomains && i < DOMAIN_ROWS; i++)
		domain_row(p, i, unclear, top);
	if (i < p->s->ndomains) {
		out_lit(o, "<tr class=\"rest\"><td colspan=\"11\">and ");
		put_some(o, (int64_t)(p->s->ndomains - i), "further domain", "further domains");
		out_lit(o, " with less lost mail: daily.csv</td></tr>");
	}
	out_lit(o, "</tbody></table></div></div>");
	if (p->s->ndomains > p->caps->domains) {
		out_lit(o, "<p class=\"small soft\">The first ");
		out_int(o, (int64_t)p->caps->domains);
		out_lit(o, " follow in full; for another one: <code>dmarcsift report --domain NAME --html FILE</code></p>");
	}
	out_lit(o, "</section>\n");
}
