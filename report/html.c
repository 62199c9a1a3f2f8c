/* SPDX-License-Identifier: MIT */
/*
 * The page's frame, its first screen and its last. What is shown first answers: is my mail being lost, who loses it, what
 * do I do? See html.h, and html_part.h for the other files.
 */
#include "report/html.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/embed.h"
#include "base/mem.h"
#include "base/text.h"
#include "report/chart.h"
#include "report/html_part.h"

enum {
	CARDS = 3,
	TROUBLES = 20,
	OTHERS = 40,
	CELL = 60,
	CODE = 16,
	DOMAIN_ROWS = 200,
	TREND_STEPS = 31,
	KB = 1024
};

/* From all there is to the least that makes sense; the first that fits the budget is taken. */
static const struct page_caps levels[] = {
	{ 20, 300, 100, 60, 60, 1 },
	{ 20, 300, 80, 60, 60, 1 },
	{ 20, 300, 60, 40, 40, 1 },
	{ 20, 300, 40, 40, 40, 1 },
	{ 20, 200, 40, 40, 40, 1 },
	{ 20, 150, 30, 40, 40, 1 },
	{ 20, 100, 20, 30, 30, 1 },
	{ 20, 70, 15, 25, 25, 1 },
	{ 20, 50, 10, 20, 20, 1 },
	{ 20, 40, 8, 15, 15, 0 },
	{ 20, 30, 8, 12, 12, 0 },
	{ 20, 25, 6, 10, 10, 0 },
	{ 20, 20, 5, 8, 8, 0 },
	{ 20, 12, 3, 6, 6, 0 },
	{ 12, 8, 2, 5, 5, 0 },
	{ 5, 5, 1, 3, 3, 0 },
};

/* 350 KB for one domain, 800 KB for twenty. */
static int64_t
budget(size_t domains)
{
	if (domains > 20)
		domains = 20;
	return (350 + (int64_t)(domains > 0 ? domains - 1 : 0) * 450 / 19) * KB;
}

/* --- head --- */

#define put_hash(o, path) put_hash_((o), "" path "")
static void
put_hash_(struct out *o, const char *path)
{
	const struct embed *e = embed_find(path);
	unsigned char digest[EVP_MAX_MD_SIZE], text[2 * EVP_MAX_MD_SIZE];
	unsigned int len = 0;

	if (e == NULL || EVP_Digest(e->bytes, e->len, digest, &len, EVP_sha256(), NULL) != 1)
		return;
	EVP_EncodeBlock(text, digest, (int)len);
	out_lit(o, "'sha256-");
	out_text(o, (const char *)text);
	out_lit(o, "'");
}

static void
title(struct out *o, const struct summary *s)
{
	if (s->ndomains == 1)
		out_short(o, s->domains[0].domain, CELL);
	else
		put_some(o, (int64_t)s->ndomains, "domain", "domains");
}

static void
head(struct out *o, const struct summary *s)
{
	out_lit(o, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src ");
	put_hash(o, "report/page.css");
	out_lit(o, "; script-src ");
	put_hash(o, "report/page.js");
	out_lit(o, "; img-src data:; base-uri 'none'; form-action 'none'\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	    "<meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"robots\" content=\"noindex, nofollow\">\n"
	    "<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"format-detection\" content=\"telephone=no\">\n"
	    "<meta name=\"generator\" content=\"dmarcsift ");
	out_text(o, s->version);
	out_lit(o, "\">\n<title>DMARC: ");
	title(o, s);
	out_lit(o, "</title>\n<link rel=\"icon\" href=\"data:,\">\n<style>");
	out_file(o, "report/page.css");
	out_lit(o, "</style>\n</head>\n");
}

static void
top_line(struct out *o, const struct summary *s)
{
	out_lit(o, "<header class=\"top\"><strong>");
	title(o, s);
	out_lit(o, "</strong><span class=\"no\">");
	put_period(o, s->begin, s->end);
	out_lit(o, "</span>");
	if (s->stale)
		out_lit(o, "<span class=\"stale\">newest report ");
	else
		out_lit(o, "<span>newest report ");
	put_day(o, s->newest_day);
	if (s->gap_days > 1) {
		out_lit(o, ", ");
		out_count(o, s->gap_days);
		out_lit(o, " days ago");
	}
	out_lit(o, "</span><span class=\"tools script-only\"><span class=\"switch\" role=\"group\" aria-label=\"Theme\">"
	    "<a href=\"#\" data-set-theme=\"auto\">auto</a><a href=\"#theme=light\" data-set-theme=\"light\">light</a>"
	    "<a href=\"#theme=dark\" data-set-theme=\"dark\">dark</a></span>"
	    "<button type=\"button\" data-print=\"now\">print</button><button type=\"button\" data-print=\"all\">print all</button></span></header>\n");
}

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
verdict_words(struct out *o, const struct summary *s)
{
	if (s->counts.messages == 0) {
		out_lit(o, "<h1>No reports for this period, so nothing can be said.</h1><p>Check that the mailbox named in the DMARC "
		    "record receives mail and is read.</p>");
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

static void
legend(struct out *o, const struct counts *c)
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
	}
	out_lit(o, "</dl>\n");
}

static void
verdict(struct out *o, const struct summary *s)
{
	int64_t count[SLICES];

	counts_of(&s->counts, count);
	out_lit(o, "<div class=\"verdict v-");
	out_text(o, slice_id(verdict_slice(s)));
	out_lit(o, "\">");
	verdict_words(o, s);
	chart_bar(o, count, "All reported messages of the period by what became of them; the counts follow as a list");
	legend(o, &s->counts);
	facts(o, s);
	out_lit(o, "</div>\n");
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

static const struct sum_sender *
sender_of(const struct summary *s, const struct sum_finding *f, const struct sum_domain **domain)
{
	size_t i, j;

	for (i = 0; f->domain != NULL && f->sender != NULL && i < s->ndomains; i++) {
		if (strcmp(s->domains[i].domain, f->domain) != 0)
			continue;
		*domain = &s->domains[i];
		for (j = 0; j < s->domains[i].nsenders; j++)
			if (strcmp(s->domains[i].senders[j].sender, f->sender) == 0)
				return &s->domains[i].senders[j];
	}
	return NULL;
}

static void
task_head(struct out *o, const struct summary *s, const struct sum_finding *f)
{
	enum slice slice = code_slice(f->code);

	out_lit(o, "<li class=\"task t-");
	out_text(o, slice_id(slice));
	out_lit(o, "\"><p class=\"code k-");
	out_text(o, slice_id(slice));
	out_lit(o, "\"><span>");
	slice_mark(o, slice);
	out_short(o, f->code, CODE);
	if (s->ndomains > 1 && f->domain != NULL) {
		out_lit(o, " \xc2\xb7 ");
		out_short(o, f->domain, CELL);
	}
	out_lit(o, "</span>");
	if (f->since != NULL) {
		out_lit(o, "<span class=\"soft\">since ");
		put_day(o, f->since);
		out_lit(o, "</span>");
	}
	out_lit(o, "</p><h3>");
	out_text(o, f->text);
	out_lit(o, "</h3>");
}

static void
task(const struct page *p, const struct sum_finding *f)
{
	const struct sum_domain *d = NULL;
	const struct sum_sender *sender = sender_of(p->s, f, &d);
	struct out *o = p->o;

	task_head(o, p->s, f);
	if (f->why != NULL) {
		out_lit(o, "<p>");
		out_text(o, f->why);
		out_lit(o, "</p>");
	}
	if (sender != NULL && sender->nfixes > 0) {
		out_lit(o, "<details><summary>Show the fix</summary>");
		page_fix(p, sender);
		out_lit(o, "</details>");
	} else if (f->fix != NULL) {
		out_lit(o, "<p>");
		out_text(o, f->fix);
		out_lit(o, "</p>");
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
	if (s->ndomains > 1 && f->domain != NULL) {
		out_short(o, f->domain, CELL);
		out_lit(o, ": ");
	}
	out_text(o, f->text);
	out_lit(o, "</span></li>\n");
}

static void
tasks(const struct page *p)
{
	const struct summary *s = p->s;
	const struct sum_finding *card[CARDS] = { NULL };
	size_t i, n = 0, more = 0;

	for (i = 0; i < s->nfindings && n < CARDS; i++)
		if (is_task(&s->findings[i]))
			card[n++] = &s->findings[i];
	if (n > 0)
		out_lit(p->o, "<section id=\"todo\"><h2>What to do</h2><ul class=\"todo\">\n");
	for (i = 0; i < n; i++)
		task(p, card[i]);
	if (n > 0)
		out_lit(p->o, "</ul></section>\n");
	for (i = 0; i < s->nfindings; i++) {
		const struct sum_finding *f = &s->findings[i];

		if ((n > 0 && f == card[0]) || (n > 1 && f == card[1]) || (n > 2 && f == card[2]) || more == OTHERS)
			continue;
		if (more++ == 0)
			out_lit(p->o, "<section id=\"more\"><h2>Also good to know</h2><div class=\"card snug\"><ul class=\"other\">\n");
		other(p->o, s, f);
	}
	if (more > 0)
		out_lit(p->o, "</ul></div></section>\n");
}

/* --- several domains --- */

/* Messages by day, and of them the lost and those at risk; domains that are not read in full have none. */
static void
domain_trend(struct out *o, const struct sum_domain *d)
{
	size_t bucket = chart_bucket(d->ndays, TREND_STEPS), n = d->ndays > 0 ? (d->ndays + bucket - 1) / bucket : 0, i;
	int64_t *all = mem_alloc((n + 1) * sizeof(*all)), *bad = mem_alloc((n + 1) * sizeof(*bad)), top = 1;
	char title[120], count[28];

	for (i = 0; i < d->ndays; i++) {
		const struct counts *c = &d->days[i].counts;

		all[i / bucket] += c->passing + c->lost + c->at_risk + c->forwarded + c->undecided + c->undetermined;
		bad[i / bucket] += c->lost + c->at_risk;
	}
	for (i = 0; i < n; i++)
		top = all[i] > top ? all[i] : top;
	snprintf(title, sizeof(title), "at most %s messages in %zu day%s", text_count(top, count), bucket, bucket == 1 ? "" : "s");
	if (n > 0)
		chart_spark(o, all, bad, n, top, title);
	free(all);
	free(bad);
}

static void
domain_row(const struct page *p, size_t n)
{
	const struct sum_domain *d = &p->s->domains[n];
	struct out *o = p->o;

	out_lit(o, "<tr><th scope=\"row\">");
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
	put_cell(o, d->counts.undetermined);
	out_lit(o, "<td>");
	domain_trend(o, d);
	out_lit(o, "</td><td class=\"no small\" data-v=\"");
	out_text(o, d->newest_day);
	out_lit(o, "\">");
	put_day(o, d->newest_day);
	out_lit(o, "</td></tr>\n");
}

static void
domain_table(const struct page *p)
{
	struct out *o = p->o;
	size_t i;

	out_lit(o, "<section id=\"domains\"><h2>Domains</h2><div class=\"card panel\"><div class=\"scroll\" tabindex=\"0\" role=\"group\" "
	    "aria-label=\"Domains\"><table class=\"lines\" id=\"domain-table\"><caption>Most lost first</caption><thead><tr>"
	    "<th scope=\"col\" data-sort=\"text\">Domain</th><th scope=\"col\" data-sort=\"text\">Policy</th>"
	    "<th scope=\"col\" class=\"num\" data-sort=\"num\">Messages</th>"
	    "<th scope=\"col\" class=\"num\" data-sort=\"num\" aria-sort=\"descending\">Lost</th>"
	    "<th scope=\"col\" class=\"num\" data-sort=\"num\">At risk</th><th scope=\"col\" class=\"num\" data-sort=\"num\">Passing</th>"
	    "<th scope=\"col\" class=\"num\" data-sort=\"num\">Forwarded</th><th scope=\"col\" class=\"num\" data-sort=\"num\">Undecided</th>"
	    "<th scope=\"col\" class=\"num\" data-sort=\"num\">Cannot tell</th><th scope=\"col\">Trend</th><th scope=\"col\" data-sort=\"text\">Newest report</th></tr></thead><tbody>\n");
	for (i = 0; i < p->s->ndomains && i < DOMAIN_ROWS; i++)
		domain_row(p, i);
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

/* --- everything else --- */

static void
subdomains(const struct page *p, const struct sum_domain *d)
{
	size_t i;

	if (d->nsubdomains == 0)
		return;
	out_lit(p->o, "<h3>Subdomains seen in From: ");
	out_short(p->o, d->domain, CELL);
	out_lit(p->o, "</h3><p class=\"small\">");
	for (i = 0; i < d->nsubdomains && i < p->caps->subdomains; i++) {
		if (i > 0)
			out_lit(p->o, ", ");
		out_short(p->o, d->subdomains[i].name, CELL);
		out_lit(p->o, " <span class=\"soft\">");
		out_count(p->o, d->subdomains[i].messages);
		out_lit(p->o, "</span>");
	}
	if (d->nsubdomains > i) {
		out_lit(p->o, " and ");
		out_count(p->o, (int64_t)(d->nsubdomains - i));
		out_lit(p->o, " more");
	}
	out_lit(p->o, "</p>\n");
}

static void
not_you(struct out *o, const struct sum_domain *d)
{
	if (d->not_you_messages == 0)
		return;
	out_lit(o, "<h3>Not you: ");
	out_short(o, d->domain, CELL);
	out_lit(o, "</h3><p class=\"small\">");
	put_some(o, d->not_you_messages, "message", "messages");
	out_lit(o, " from ");
	put_some(o, d->not_you_addresses, "unrelated address", "unrelated addresses");
	out_lit(o, " claimed to come from here; ");
	out_count(o, d->not_you_stopped);
	out_lit(o, " were stopped. That is the policy working.</p>\n");
}

static void
troubles(struct out *o, const struct summary *s)
{
	size_t i;

	if (s->nintake == 0)
		return;
	out_lit(o, "<h3>Could not be read</h3><div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Unreadable documents\">"
	    "<table class=\"lines small\"><caption>Documents that are not in these numbers; <code>dmarcsift retry</code> reads kept ones again</caption>"
	    "<thead><tr><th scope=\"col\">Document</th><th scope=\"col\">State</th><th scope=\"col\">Reason</th></tr></thead><tbody>\n");
	for (i = 0; i < s->nintake && i < TROUBLES; i++) {
		out_lit(o, "<tr><td>");
		out_short(o, s->intake[i].origin, 2 * CELL);
		out_lit(o, "</td><td>");
		out_text(o, s->intake[i].state);
		out_lit(o, "</td><td>");
		out_short(o, s->intake[i].reason, 4 * CELL);
		out_lit(o, "</td></tr>\n");
	}
	out_lit(o, "</tbody></table></div>\n");
	if (s->intake_more > 0) {
		out_lit(o, "<p class=\"small soft\">and ");
		out_count(o, s->intake_more);
		out_lit(o, " more: <code>dmarcsift status</code></p>");
	}
}

static void
foreign(struct out *o, const struct summary *s)
{
	size_t i;

	if (s->nforeign == 0)
		return;
	out_lit(o, "<h3>Reports about other domains</h3><p class=\"small\">Kept apart, in none of the numbers: ");
	for (i = 0; i < s->nforeign && i < OTHERS; i++) {
		if (i > 0)
			out_lit(o, ", ");
		out_short(o, s->foreign[i], CELL);
	}
	out_lit(o, "</p>\n");
}

static void
definitions(struct out *o)
{
	out_lit(o, "<h3 id=\"words\">What the words mean</h3><dl class=\"defs\">"
	    "<dt>reported</dt><dd>Receivers that send DMARC reports count the mail they saw. Others are silent, so all counts are a sample; "
	    "days are UTC, and reports for the last days are still to come.</dd>"
	    "<dt>lost</dt><dd>Your mail that a receiver refused or put into junk.</dd>"
	    "<dt>at risk</dt><dd>Your mail that fails DMARC and was let through all the same; a stricter policy would lose it.</dd>"
	    "<dt>passing</dt><dd>Mail that passes DMARC by DKIM or by SPF in the name of your domain. One of the two is enough; DKIM survives forwarding.</dd>"
	    "<dt>forwarded</dt><dd>Mail of yours that somebody passed on: it still passes by its signature, or was broken on the way.</dd>"
	    "<dt>undecided</dt><dd>Mail that fails both and shows no trace of you. Say whose it is with <code>dmarcsift label</code>.</dd>"
	    "<dt>cannot tell</dt><dd>The reports contradict themselves or do not say enough.</dd>"
	    "<dt>yours</dt><dd>A sender you labelled, one that passed on three days or more, or one that signs as a known sending service "
	    "or as your own domain.</dd>"
	    "<dt>percentages</dt><dd>Of passing, lost and at risk together; none below 20 messages.</dd></dl>\n");
}

static void
everything_else(const struct page *p)
{
	const struct summary *s = p->s;
	struct out *o = p->o;
	size_t i;

	out_lit(o, "<section id=\"else\"><h2>Everything else</h2><div class=\"card stack\">\n");
	for (i = 0; i < s->ndomains && i < p->caps->domains; i++) {
		subdomains(p, &s->domains[i]);
		not_you(o, &s->domains[i]);
	}
	troubles(o, s);
	foreign(o, s);
	definitions(o);
	if (p->caps != &levels[0])
		out_lit(o, "<p class=\"small soft\" id=\"capped\">Shortened to keep this page small: some lists end early. All rows are in the CSV files "
		    "(<code>dmarcsift report --csv DIR</code>).</p>");
	out_lit(o, "</div></section>\n<footer>Made ");
	out_text(o, s->generated_at);
	out_lit(o, " by dmarcsift ");
	out_text(o, s->version);
	if (s->catalogue_date != NULL) {
		out_lit(o, " \xc2\xb7 sender catalogue of ");
		out_text(o, s->catalogue_date);
	}
	out_lit(o, " \xc2\xb7 this page asks nobody for anything</footer>\n");
}

static void
domain_part(const struct page *p, size_t n)
{
	const struct sum_domain *d = &p->s->domains[n];

	if (p->s->ndomains > 1) {
		out_lit(p->o, "<div class=\"domain\" id=\"");
		put_id(p->o, n, "");
		out_lit(p->o, "\"><h2>");
		out_short(p->o, d->domain, CELL);
		out_lit(p->o, "</h2>");
		legend(p->o, &d->counts);
	}
	page_days(p, d, n);
	page_senders(p, d, n);
	page_policy(p, d, n);
	page_receivers(p, d, n);
	if (p->s->ndomains > 1)
		out_lit(p->o, "</div>\n");
}

static void
whole_page(const struct page *p)
{
	struct out *o = p->o;
	size_t i;

	head(o, p->s);
	out_lit(o, "<body>\n<a class=\"skip\" href=\"#main\">Skip to the verdict</a>\n");
	chart_symbols(o);
	out_lit(o, "<div class=\"frame\">\n");
	top_line(o, p->s);
	out_lit(o, "<main id=\"main\">\n");
	verdict(o, p->s);
	tasks(p);
	if (p->s->ndomains > 1)
		domain_table(p);
	for (i = 0; i < p->s->ndomains && i < p->caps->domains; i++)
		domain_part(p, i);
	everything_else(p);
	out_lit(o, "</main></div>\n<script>");
	out_file(o, "report/page.js");
	out_lit(o, "</script>\n</body>\n</html>\n");
}

void
html_write(struct out *o, const struct summary *s)
{
	struct page p = { NULL, s, NULL };
	size_t i, most = sizeof(levels) / sizeof(*levels) - 1;
	int64_t size;

	for (i = 0; i < most; i++) {
		p.o = out_open_null();
		p.caps = &levels[i];
		whole_page(&p);
		size = out_size(p.o);
		out_drop(p.o);
		if (size <= budget(s->ndomains))
			break;
	}
	p.o = o;
	p.caps = &levels[i];
	whole_page(&p);
}
