/* SPDX-License-Identifier: MIT */
/*
 * "Who sends as me?": the table of senders, worst first, each with its details to open: why, fix, addresses,
 * receivers, reports. A sender is a tbody of two rows, so that sorting and filtering keep them together.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "report/html_part.h"
#include "report/report.h"

enum {
	PRINTED = 20,		/* senders on paper, unless everything is asked for */
	FIRST_ROWS = 50,	/* shown before "show all" (script only) */
	CELL = 60		/* characters of a stranger's text in a cell */
};

static void
fix_records(struct out *o, const struct sum_sender *s)
{
	size_t i;

	out_lit(o, "<div class=\"fixes\"><ul class=\"records\">");
	for (i = 0; i < s->nfixes; i++) {
		out_lit(o, "<li><b>");
		out_text(o, s->fixes[i].type);
		out_lit(o, "</b><span><small>name</small><code class=\"copy\">");
		put_pattern(o, s->fixes[i].name);
		out_lit(o, "</code></span><span><small>value</small><code class=\"copy\">");
		put_pattern(o, s->fixes[i].value);
		out_lit(o, "</code></span></li>");
	}
	out_lit(o, "</ul></div>");
}

/* The command that shows whether a record is there; none for a name that still has a blank. */
static void
fix_check(struct out *o, const struct sum_sender *s)
{
	size_t i;

	for (i = 0; i < s->nfixes; i++) {
		if (strchr(s->fixes[i].name, '<') != NULL)
			continue;
		out_lit(o, "<li>Check it: <code class=\"copy\">dig +short ");
		out_text(o, s->fixes[i].type);
		out_lit(o, " ");
		out_text(o, s->fixes[i].name);
		out_lit(o, "</code> answers with the value above.</li>");
		return;
	}
}

/* Where the vendor tells it; a link only where links were asked for: the page itself never leads anywhere. */
static void
fix_site(const struct page *p, const struct sum_sender *s)
{
	struct out *o = p->o;

	if (s->fix_site == NULL)
		return;
	out_lit(o, "<li>The vendor's own words: ");
	if (p->s->links) {
		out_lit(o, "<a rel=\"noopener noreferrer\" href=\"https://");
		out_text(o, s->fix_site);
		out_lit(o, "/\">");
	}
	out_text(o, s->fix_site);
	if (p->s->links)
		out_lit(o, "</a>");
	out_lit(o, "</li>");
}

void
page_fix(const struct page *p, const struct sum_sender *s)
{
	struct out *o = p->o;

	if (s->nfixes == 0 && s->fix_where == NULL)
		return;
	out_lit(o, "<div class=\"fix\"><ol>");
	if (s->nfixes > 0) {
		out_lit(o, "<li>Publish in your DNS:");
		fix_records(o, s);
		if (summary_has_blanks(s))
			out_lit(o, "<p class=\"small soft\">The <span class=\"blank\">&lt;marked&gt;</span> parts are shown in your account there.</p>");
		else
			out_lit(o, "<p class=\"small soft\">" SHOWN_OTHERS "</p>");
		out_lit(o, "</li>");
	}
	if (s->fix_where != NULL) {
		out_lit(o, "<li>Then go to: ");
		out_text(o, s->fix_where);
		out_lit(o, "</li>");
	}
	fix_site(p, s);
	fix_check(o, s);
	out_lit(o, "<li>Expect to see it here about two days later: receivers report once a day.</li></ol>");
	if (s->fix_note != NULL) {
		out_lit(o, "<p class=\"small\">");
		out_text(o, s->fix_note);
		out_lit(o, "</p>");
	}
	if (s->fix_confidence != NULL) {
		out_lit(o, "<p class=\"small soft\">Facts about this service");
		if (p->s->catalogue_date != NULL) {
			out_lit(o, " of ");
			out_text(o, p->s->catalogue_date);
		}
		out_lit(o, ": ");
		out_text(o, s->fix_confidence);
		out_lit(o, " confidence.");
		if (s->fix_note == NULL)
			out_lit(o, " DKIM is enough: it passes DMARC alone and survives forwarding; SPF names the service's own envelope domain "
			    "unless the service offers one of yours.");
		out_lit(o, "</p>");
	}
	out_lit(o, "</div>\n");
}

static void
cell(struct out *o, const char *text)
{
	out_lit(o, "<td>");
	if (text == NULL || *text == '\0')
		out_lit(o, "<span class=\"zero\">\xe2\x80\x93</span>");
	else
		out_short(o, text, CELL);
	out_lit(o, "</td>");
}

static void
addresses(struct out *o, const struct sum_sender *s)
{
	size_t i;

	if (s->ntop == 0)
		return;
	out_lit(o, "<div><h3 class=\"minor\">Addresses");
	if (s->addresses > (int64_t)s->ntop) {
		out_lit(o, ", the ");
		out_int(o, (int64_t)s->ntop);
		out_lit(o, " largest of ");
		out_count(o, s->addresses);
	}
	out_lit(o, ", of all time</h3><div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Addresses of ");
	out_short(o, s->name, CELL);
	out_lit(o, "\"><table class=\"lines fit\"><caption>Most first; reported messages</caption><thead><tr><th scope=\"col\">Address</th><th scope=\"col\">Reverse name</th>"
	    "<th scope=\"col\" class=\"num\">Messages</th></tr></thead><tbody>");
	for (i = 0; i < s->ntop; i++) {
		out_lit(o, "<tr>");
		cell(o, s->top[i].address);
		cell(o, s->top[i].ptr);
		put_cell(o, s->top[i].messages);
		out_lit(o, "</tr>");
	}
	out_lit(o, "</tbody></table></div></div>");
}

static void
receivers(struct out *o, const struct sum_sender *s)
{
	int64_t told = 0;
	size_t i;

	if (s->nreceivers == 0)
		return;
	out_lit(o, "<div><h3 class=\"minor\">Receivers that reported it</h3><div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Receivers of ");
	out_short(o, s->name, CELL);
	out_lit(o, "\"><table class=\"lines fit\"><caption>What they did; reported messages</caption><thead><tr><th scope=\"col\">Receiver</th><th scope=\"col\" class=\"num\">Let through</th>"
	    "<th scope=\"col\" class=\"num\">Junked</th><th scope=\"col\" class=\"num\">Refused</th></tr></thead><tbody>");
	for (i = 0; i < s->nreceivers; told += s->receivers[i++].messages) {
		out_lit(o, "<tr>");
		cell(o, s->receivers[i].name);
		put_cell(o, s->receivers[i].none);
		put_cell(o, s->receivers[i].quarantine);
		put_cell(o, s->receivers[i].reject);
		out_lit(o, "</tr>");
	}
	if (told < s->counts.messages) {	/* the newest records of a domain are looked at, and the most frequent receivers shown */
		out_lit(o, "<tr class=\"soft\"><td>Older reports, further receivers</td><td class=\"num\" colspan=\"3\">");
		out_count(o, s->counts.messages - told);
		out_lit(o, "</td></tr>");
	}
	out_lit(o, "</tbody></table></div></div>");
}

static void
report_ids(struct out *o, const struct sum_sender *s)
{
	size_t i;

	if (s->nreports == 0)
		return;
	out_lit(o, "<h3 class=\"minor\">Latest reports that name it</h3><p class=\"small\">");
	for (i = 0; i < s->nreports; i++) {
		if (i > 0)
			out_lit(o, " \xc2\xb7 ");
		put_name(o, s->reports[i].org_name, CELL);
		out_lit(o, ", ");
		put_day(o, s->reports[i].day);
		out_lit(o, ": <code>");
		out_short(o, s->reports[i].report_id, CELL);
		out_lit(o, "</code>");
	}
	out_lit(o, "</p>");
}

/* The findings of a domain that have a fix. Whose a sender is, is asked for at the end of its details. */
struct asked { const struct sum_finding **at; size_t n; };

static struct asked
asked_of(const struct summary *s, const struct sum_domain *d)
{
	struct asked a = { mem_alloc((s->nfindings + 1) * sizeof(*a.at)), 0 };
	size_t i;

	for (i = 0; i < s->nfindings; i++) {
		const struct sum_finding *f = &s->findings[i];

		if (f->fix != NULL && f->sender != NULL && f->domain != NULL && strcmp(f->domain, d->domain) == 0 && strcmp(f->code, "DECIDE") != 0)
			a.at[a.n++] = f;
	}
	return a;
}

/* What they ask for of one sender: each fix once, the records in their box. */
static void
fixes(const struct page *p, const struct asked *a, const struct sum_sender *s)
{
	int boxed = 0;
	size_t i, j;

	for (i = 0; s->passes_now == NULL && i < a->n; i++) {
		const struct sum_finding *f = a->at[i];
		const struct sum_sender *records = summary_records(f, s);

		if (strcmp(f->sender, s->sender) != 0)
			continue;
		for (j = 0; j < i && (strcmp(a->at[j]->sender, s->sender) != 0 || !summary_told_fix(a->at[j], f)); j++)
			continue;
		if (j < i)
			continue;
		if (records == NULL) {
			page_advice(p->o, f->fix);
			continue;
		}
		if (f->first != NULL)
			page_advice(p->o, f->first);
		page_fix(p, records);
		boxed = 1;
		if (f->last != NULL)
			page_advice(p->o, f->last);
	}
	if (!boxed)
		page_fix(p, s);
}

static void
details(const struct page *p, const struct asked *a, const struct sum_sender *s)
{
	struct out *o = p->o;

	out_lit(o, "<details><summary>");
	if (s->why != NULL)
		out_text(o, s->why);
	else
		out_lit(o, "Details");
	out_lit(o, "</summary><div class=\"inner\">");
	if (s->passes_now != NULL) {
		out_lit(o, "<p>Nothing to publish: ");
		out_text(o, s->passes_now->text);
		out_lit(o, "</p>");
	}
	fixes(p, a, s);
	page_seen(o, s);
	out_lit(o, "<div class=\"two\">");
	addresses(o, s);
	receivers(o, s);
	out_lit(o, "</div>");
	report_ids(o, s);
	if (s->label != NULL) {
		out_lit(o, "<h3 class=\"minor\">Is this right? Tell it</h3><p><code class=\"copy\">");
		out_text(o, s->label);
		out_lit(o, "</code></p>");
	}
	out_lit(o, "</div></details>");
}

/* The largest value of any sender's series: one scale for all sparklines of a table. */
static int64_t
top_of(const struct sum_domain *d, size_t most, size_t bucket)
{
	int64_t top = 1, sum;
	size_t i, j;

	for (i = 0; i < d->nsenders && i < most; i++) {
		for (j = 0, sum = 0; d->senders[i].daily != NULL && j < d->ndays; j++) {
			sum = j % bucket == 0 ? d->senders[i].daily[j] : sum + d->senders[i].daily[j];
			top = sum > top ? sum : top;
		}
	}
	return top;
}

static void
gather(const int64_t *series, size_t ndays, size_t bucket, int64_t *to)
{
	size_t i;

	for (i = 0; series != NULL && i < ndays; i++)
		to[i / bucket] += series[i];
}

static void
trend(const struct page *p, const struct sum_domain *d, const struct sum_sender *s, int64_t top)
{
	size_t bucket = chart_bucket(d->ndays, 31), n = d->ndays > 0 ? (d->ndays + bucket - 1) / bucket : 0;
	int64_t *all = mem_alloc((n + 1) * sizeof(*all)), *bad = mem_alloc((n + 1) * sizeof(*bad)), most = 0;
	char title[120], count[28];
	size_t i;

	gather(s->daily, d->ndays, bucket, all);
	gather(s->daily_bad, d->ndays, bucket, bad);
	for (i = 0; i < n; i++)
		most = all[i] > most ? all[i] : most;
	snprintf(title, sizeof(title), "at most %s message%s in %zu day%s", text_count(most, count), most == 1 ? "" : "s", bucket, bucket == 1 ? "" : "s");
	chart_spark(p->o, all, bad, n, top, title);
	free(all);
	free(bad);
}

/* By what it passed; below it what was forwarded, for which that says nothing. */
static void
passing(struct out *o, const struct sum_sender *s)
{
	int only = s->counts.passing == 0 && s->counts.forwarded > 0;

	if (only)
		out_lit(o, "<td class=\"num only\" data-v=\"");
	else
		out_lit(o, "<td class=\"num\" data-v=\"");
	out_int(o, s->pass_dkim);
	out_lit(o, "\">");
	if (!only) {
		out_count(o, s->pass_dkim);
		out_lit(o, " <span class=\"soft\">/</span> ");
		out_count(o, s->pass_spf);
	}
	if (s->counts.forwarded > 0) {
		out_lit(o, "<span class=\"evidence\">");
		out_count(o, s->counts.forwarded);
		out_lit(o, " forwarded");
		if (s->broken > 0 && s->broken == s->counts.forwarded) {
			out_lit(o, ", all failed");
		} else if (s->broken > 0) {
			out_lit(o, ", ");
			out_count(o, s->broken);
			out_lit(o, " failed");
		}
		out_lit(o, "</span>");
	}
	out_lit(o, "</td>");
}

static void
numbers(struct out *o, const struct sum_sender *s)
{
	put_cell(o, s->counts.messages);
	put_cell(o, s->counts.lost);
	put_cell(o, s->counts.at_risk);
	passing(o, s);
	put_cell(o, s->addresses);
	out_lit(o, "<td class=\"no small\" data-v=\"");
	out_text(o, s->last_day);
	out_lit(o, "\">");
	put_period(o, s->first_day, s->last_day);
	out_lit(o, "</td>");
}

static void
sender(const struct page *p, const struct sum_domain *d, const struct asked *a, size_t n, size_t i, int64_t top)
{
	const struct sum_sender *s = &d->senders[i];
	struct out *o = p->o;

	out_lit(o, "<tbody id=\"");
	put_id(o, n, "s");
	out_int(o, (int64_t)i + 1);
	out_lit(o, "\" data-class=\"");
	out_text(o, slice_id(class_slice(s->class)));
	if (i >= PRINTED)
		out_lit(o, "\" class=\"paper-cut");
	out_lit(o, "\"><tr class=\"main\"><th scope=\"row\">");
	out_short(o, s->name, CELL);
	if (s->evidence != NULL) {
		out_lit(o, "<span class=\"evidence\">");
		out_short(o, s->evidence, 2 * CELL);
		out_lit(o, "</span>");
	}
	out_lit(o, "</th><td data-v=\"");
	out_int(o, class_rank(s->class));
	out_lit(o, "\">");
	put_class(o, s->class);
	out_lit(o, "</td>");
	numbers(o, s);
	out_lit(o, "<td>");
	trend(p, d, s, top);
	out_lit(o, "</td></tr>\n<tr class=\"more\"><td colspan=\"9\">");
	if (i < p->caps->drill) {
		out_lit(o, "<div class=\"drill\">");
		page_identifiers(o, s);
		details(p, a, s);
		out_lit(o, "</div>");
	} else if (s->why != NULL) {
		out_lit(o, "<div class=\"drill small soft\">");
		out_short(o, s->why, 4 * CELL);
		out_lit(o, "</div>");
	}
	out_lit(o, "</td></tr></tbody>\n");
}

static void
filter_bar(struct out *o, const struct sum_domain *d, size_t n, size_t shown)
{
	static const enum slice classes[] = { SLICE_LOST, SLICE_AT_RISK, SLICE_PASSING, SLICE_FORWARDED, SLICE_UNDECIDED };
	size_t i, j;

	out_lit(o, "<div class=\"filter script-only\" role=\"group\" aria-label=\"Filter senders\" data-table=\"");
	put_id(o, n, "senders");
	out_lit(o, "\"><input type=\"search\" placeholder=\"Name, domain, address\xe2\x80\xa6\" aria-label=\"Filter senders\">");
	for (i = 0; i < sizeof(classes) / sizeof(*classes); i++) {
		for (j = 0; j < shown && class_slice(d->senders[j].class) != classes[i]; j++)
			;
		if (j == shown)
			continue;
		out_lit(o, "<button type=\"button\" class=\"chip\" aria-pressed=\"true\" data-class=\"");
		out_text(o, slice_id(classes[i]));
		out_lit(o, "\">");
		slice_mark(o, classes[i]);
		slice_word(o, classes[i]);
		out_lit(o, "</button>");
	}
	if (shown > FIRST_ROWS) {
		out_lit(o, "<button type=\"button\" data-more=\"50\">show all ");
		out_count(o, (int64_t)shown);
		out_lit(o, "</button>");
	}
	out_lit(o, "<output aria-live=\"polite\"></output></div>\n");
}

static int64_t
messages_of(const struct sum_domain *d, size_t from, size_t to)
{
	int64_t messages = 0;

	for (; from < to; from++)
		messages += d->senders[from].counts.messages;
	return messages;
}

static void
put_rest(struct out *o, int64_t senders, int64_t messages)
{
	out_lit(o, "<tr><td colspan=\"9\">and ");
	put_some(o, senders, "further sender", "further senders");
	out_lit(o, ", ");
	put_some(o, messages, "message", "messages");
}

/* What paper leaves out, unless all is asked for, and what the caps did: a row each. */
static void
rest(struct out *o, const struct sum_domain *d, size_t shown)
{
	int64_t senders = d->more_senders + (int64_t)(d->nsenders - shown);

	if (shown > PRINTED) {
		out_lit(o, "<tbody class=\"rest paper-rest\">");
		put_rest(o, (int64_t)(shown - PRINTED), messages_of(d, PRINTED, shown));
		out_lit(o, ": on the page, or by its \xe2\x80\x9cprint all\xe2\x80\x9d</td></tr></tbody>\n");
	}
	if (senders == 0)
		return;
	out_lit(o, "<tbody class=\"rest\">");
	put_rest(o, senders, d->more_messages + messages_of(d, shown, d->nsenders));
	out_lit(o, ": see sources.csv (<code>dmarcsift report --csv DIR</code>)</td></tr></tbody>\n");
}

void
page_senders(const struct page *p, const struct sum_domain *d, size_t n)
{
	size_t shown = d->nsenders < p->caps->senders ? d->nsenders : p->caps->senders, i;
	int64_t top = top_of(d, shown, chart_bucket(d->ndays, 31));
	struct asked a = asked_of(p->s, d);
	struct out *o = p->o;

	out_lit(o, "<section id=\"");
	put_id(o, n, "who");
	out_lit(o, "\"><h2>Who sends as ");
	out_short(o, d->domain, CELL);
	out_lit(o, "?</h2><p class=\"soft\">Worst first. Every name shows how it is known; open a line for the reason, the fix and the "
	    "evidence.</p>\n<div class=\"card panel\">");
	if (shown > 1)
		filter_bar(o, d, n, shown);
	out_lit(o, "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Senders\"><table class=\"sources blocks\" id=\"");
	put_id(o, n, "senders");
	out_lit(o, "\"><caption>Counts are reported messages</caption><thead><tr>"
	    "<th scope=\"col\" data-sort=\"text\">Sender</th><th scope=\"col\" data-sort=\"rank\" aria-sort=\"descending\">Class</th>"
	    "<th scope=\"col\" class=\"num\" data-sort=\"num\">Messages</th><th scope=\"col\" class=\"num\" data-sort=\"num\">Lost</th>"
	    "<th scope=\"col\" class=\"num\" data-sort=\"num\">At risk</th>"
	    "<th scope=\"col\" class=\"num\" data-sort=\"num\">Passing <span class=\"no\">DKIM / SPF</span></th>"
	    "<th scope=\"col\" class=\"num\" data-sort=\"num\">Addresses</th><th scope=\"col\" data-sort=\"text\">Seen</th>"
	    "<th scope=\"col\">Trend</th></tr></thead>\n");
	for (i = 0; i < shown; i++)
		sender(p, d, &a, n, i, top);
	free(a.at);
	rest(o, d, shown);
	if (shown == 0)
		out_lit(o, "<tbody><tr><td colspan=\"9\" class=\"soft\">No sender was reported in this period.</td></tr></tbody>");
	out_lit(o, "</table></div></div></section>\n");
}
