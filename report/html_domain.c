/* SPDX-License-Identifier: MIT */
/* One domain's other questions: what changed, can the policy be raised, who reports. See html_part.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "report/html_part.h"

enum {
	LATE_DAYS = 3,		/* before today: reports for these are still arriving */
	CHANGES = 12,
	CELL = 60
};

/* --- what changed? --- */

static size_t
day_number(const struct sum_domain *d, const char *first, const char *day)
{
	int64_t a, b;

	if (first == NULL || day == NULL || !text_when(first, &a) || !text_when(day, &b) || b < a)
		return d->ndays;
	return (size_t)((b - a) / 86400);
}

static void
numbers_table(struct out *o, const struct page *p, const struct sum_domain *d)
{
	int64_t at, count[SLICES];
	char day[11];
	size_t i, s;

	if (!p->caps->numbers || d->ndays == 0 || p->s->begin == NULL || !text_when(p->s->begin, &at))
		return;
	out_lit(o, "<details class=\"small\"><summary>The same as numbers</summary><div class=\"scroll\" tabindex=\"0\" role=\"group\" "
	    "aria-label=\"Messages by day\"><table class=\"lines\"><caption>Reported messages by day (UTC)</caption><thead><tr>"
	    "<th scope=\"col\">Day</th>");
	for (s = 0; s < SLICES; s++) {
		out_lit(o, "<th scope=\"col\" class=\"num\">");
		slice_word(o, (enum slice)s);
		out_lit(o, "</th>");
	}
	out_lit(o, "</tr></thead><tbody>\n");
	for (i = 0; i < d->ndays; i++, at += 86400) {
		(void)text_day(at, day);
		out_lit(o, "<tr><th scope=\"row\">");
		out_text(o, day);
		out_lit(o, "</th>");
		counts_of(&d->days[i].counts, count);
		if (!d->days[i].reported)
			out_lit(o, "<td colspan=\"6\" class=\"soft\">no report</td>");
		for (s = 0; s < SLICES && d->days[i].reported; s++)
			put_cell(o, count[s]);
		out_lit(o, "</tr>\n");
	}
	out_lit(o, "</tbody></table></div></details>\n");
}

/* How many of the last days of the period reports are still arriving for. */
static size_t
late_days(const struct summary *s, const struct sum_domain *d)
{
	int64_t end, made, late;

	if (s->end == NULL || s->generated_at == NULL || !text_when(s->end, &end) || !text_when(s->generated_at, &made))
		return 0;
	late = end / 86400 - (made / 86400 - LATE_DAYS) + 1;
	return late <= 0 ? 0 : (uint64_t)late < d->ndays ? (size_t)late : d->ndays;
}

static void
legend(struct out *o, const struct sum_domain *d, size_t late)
{
	const struct counts *c = &d->counts;
	size_t silent = 0;
	int64_t count[SLICES];
	size_t s;

	counts_of(c, count);
	out_lit(o, "<ul class=\"legend\">");
	for (s = 0; s < SLICES; s++) {
		if (count[s] == 0)
			continue;
		out_lit(o, "<li>");
		slice_mark(o, (enum slice)s);
		slice_word(o, (enum slice)s);
		out_lit(o, "</li>");
	}
	for (s = 0; s < d->ndays; s++)
		silent += !d->days[s].reported;
	if (silent > 0)
		out_lit(o, "<li><svg class=\"mark\" aria-hidden=\"true\"><rect class=\"hatch\" width=\"16\" height=\"16\"/></svg>no report</li>");
	if (late > 0)
		out_lit(o, "<li><svg class=\"mark\" aria-hidden=\"true\"><rect class=\"late-key\" width=\"16\" height=\"16\"/></svg>still arriving</li>");
	out_lit(o, "</ul>\n");
}

static void
change_list(struct out *o, const struct sum_domain *d)
{
	size_t i;

	if (d->nchanges == 0) {
		out_lit(o, "<p class=\"soft\">No change of policy, no break and no new sender of many messages in this period.</p>");
		return;
	}
	out_lit(o, "<ol class=\"changes\">");
	for (i = 0; i < d->nchanges && i < CHANGES; i++) {
		out_lit(o, "<li>");
		put_day(o, d->changes[i].day);
		out_lit(o, ": ");
		out_text(o, d->changes[i].text);
		out_lit(o, "</li>");
	}
	out_lit(o, "</ol>\n");
}

static void
draw_days(const struct page *p, const struct sum_domain *d, size_t n, size_t late)
{
	struct chart_day *days = mem_alloc((d->ndays + 1) * sizeof(*days));
	struct chart_mark marks[CHANGES];
	char id[32];
	struct chart_columns c = { id, "Messages by day", "Stacked columns, one for each day: lost mail at the bottom, then mail at risk, "
	    "undecided, forwarded and passing mail. Days without any report are hatched.", p->s->begin, days, d->ndays,
	    late, marks, 0 };
	size_t i;

	snprintf(id, sizeof(id), "d%zu-chart", n + 1);
	for (i = 0; i < d->ndays; i++) {
		days[i].reported = d->days[i].reported;
		counts_of(&d->days[i].counts, days[i].count);
	}
	for (i = 0; i < d->nchanges && i < CHANGES; i++) {
		marks[c.nmarks].day = day_number(d, p->s->begin, d->changes[i].day);
		marks[c.nmarks].number = (int)i + 1;
		c.nmarks += marks[c.nmarks].day < d->ndays;
	}
	chart_columns(p->o, &c);
	free(days);
}

void
page_days(const struct page *p, const struct sum_domain *d, size_t n)
{
	size_t late = late_days(p->s, d);
	struct out *o = p->o;

	out_lit(o, "<section id=\"");
	put_id(o, n, "days");
	out_lit(o, "\"><h2>What changed?</h2><p class=\"soft\">Reported messages by day");
	if (late == 1) {
		out_lit(o, "; the last day is still arriving");
	} else if (late > 1) {
		out_lit(o, "; the last ");
		out_count(o, (int64_t)late);
		out_lit(o, " days are still arriving");
	}
	out_lit(o, ".</p>\n<div class=\"card\"><div class=\"plot\">");
	draw_days(p, d, n, late);
	out_lit(o, "</div>");
	legend(o, d, late);
	change_list(o, d);
	numbers_table(o, p, d);
	out_lit(o, "</div></section>\n");
}

/* --- can I raise my policy? --- */

static void
ladder(struct out *o, const struct sum_domain *d)
{
	static const struct { const char *policy, *words; } steps[] = {
		{ "none", "Receivers only report." }, { "quarantine", "Failing mail goes to junk." }, { "reject", "Failing mail is refused." },
	};
	size_t i;

	out_lit(o, "<ol class=\"ladder\">");
	for (i = 0; i < 3; i++) {
		if (d->p != NULL && strcmp(d->p, steps[i].policy) == 0)
			out_lit(o, "<li aria-current=\"step\"><b>p=");
		else
			out_lit(o, "<li><b>p=");
		out_text(o, steps[i].policy);
		out_lit(o, "</b>");
		out_text(o, steps[i].words);
		out_lit(o, "</li>");
	}
	out_lit(o, "</ol>\n");
}

static void
gate_state(struct out *o, enum gate_state state)
{
	switch (state) {
	case GATE_YES:
		out_lit(o, "<td class=\"yes\">\xe2\x9c\x93 yes</td>");
		return;
	case GATE_NO:
		out_lit(o, "<td class=\"not\">\xe2\x9c\x95 not yet</td>");
		return;
	default:
		out_lit(o, "<td class=\"open\">? unknown</td>");
	}
}

static void
gates(struct out *o, const struct sum_domain *d)
{
	size_t i;

	if (d->ngates == 0)
		return;
	out_lit(o, "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Conditions\"><table class=\"lines gates\"><caption>Before going to p=");
	out_text(o, d->next_policy);
	out_lit(o, "</caption><thead><tr><th scope=\"col\">Met</th><th scope=\"col\">Condition</th><th scope=\"col\">Is</th>"
	    "<th scope=\"col\">Wanted</th><th scope=\"col\">What stands in the way</th></tr></thead><tbody>\n");
	for (i = 0; i < d->ngates; i++) {
		out_lit(o, "<tr>");
		gate_state(o, d->gates[i].state);
		out_lit(o, "<th scope=\"row\">");
		out_text(o, d->gates[i].name);
		out_lit(o, "</th><td class=\"no\">");
		out_text(o, d->gates[i].value);
		out_lit(o, "</td><td class=\"soft\">");
		out_text(o, d->gates[i].wanted);
		out_lit(o, "</td><td>");
		out_text(o, d->gates[i].blockers);
		out_lit(o, "</td></tr>\n");
	}
	out_lit(o, "</tbody></table></div>\n");
}

/* What it does where it is in force: nothing is left to suppose. */
static void
in_force(struct out *o, const struct counts *c)
{
	out_lit(o, "<p class=\"preview\"><b>p=reject</b> is in force. Of your own mail ");
	if (c->lost == 0) {
		out_lit(o, "none was lost in this period");
		if (c->undetermined > 0)
			out_lit(o, ", as far as the reports tell");
	} else {
		out_lit(o, "<b>");
		put_some(o, c->lost, "message was lost", "messages were lost");
		out_lit(o, "</b> in this period");
	}
	if (c->at_risk > 0) {
		out_lit(o, "; ");
		put_some(o, c->at_risk, "that fails was let through", "that fail were let through");
	}
	out_lit(o, ".</p>\n");
}

/* What the figure does not hold. Forwarded mail is none of a sender's, and is the user's all the same. */
static void
preview_besides(struct out *o, const struct sum_domain *d)
{
	if (d->broken > 0) {
		out_lit(o, " Besides, ");
		put_some(o, d->broken, "forwarded message that was altered on the way would have been, where the receiver does not trust who passed it on.",
		    "forwarded messages that were altered on the way would have been, where the receiver does not trust who passed them on.");
	}
	if (d->whatif_let_through > 0) {
		out_lit(o, " Besides, ");
		put_some(o, d->whatif_let_through, "message of From domains below it fails and stays let through (sp=none).",
		    "messages of From domains below it fail and stay let through (sp=none).");
	}
	if (d->whatif_open > 0) {
		out_lit(o, " Besides, ");
		put_some(o, d->whatif_open, "message of which the reports do not tell whether it passes.", "messages of which the reports do not tell whether they pass.");
	}
	out_lit(o, "</p>\n<p class=\"small soft\">" WHATIF_LIMITS "</p>\n");
}

static void
preview(struct out *o, const struct sum_domain *d)
{
	size_t i;

	if (d->next_policy == NULL) {
		in_force(o, &d->counts);
		return;
	}
	out_lit(o, "<p class=\"preview\">Had <b>p=reject");
	if (d->whatif_below)
		out_lit(o, " sp=reject");
	out_lit(o, "</b> been in force in this period: ");
	if (d->whatif_lost == 0) {
		out_lit(o, "none of your mail would have been lost");
		if (d->whatif_open > 0)
			out_lit(o, ", as far as the reports tell");
		out_lit(o, ".");
		preview_besides(o, d);
		return;
	}
	out_lit(o, "<b>");
	put_some(o, d->whatif_lost, "message", "messages");
	out_lit(o, " lost</b>");
	for (i = 0; i < d->nwhatif; i++) {
		if (i == 0)
			out_lit(o, ": ");
		else
			out_lit(o, ", ");
		put_name(o, d->whatif[i].name, CELL);
		out_lit(o, " ");
		out_count(o, d->whatif[i].messages);
	}
	out_lit(o, ".");
	if (d->whatif_spared > 0) {
		out_lit(o, " Receivers would probably spare ");
		out_count(o, d->whatif_spared);
		out_lit(o, " of these.");
	}
	preview_besides(o, d);
}

void
page_policy(const struct page *p, const struct sum_domain *d, size_t n)
{
	struct out *o = p->o;

	out_lit(o, "<section id=\"");
	put_id(o, n, "policy");
	out_lit(o, "\"><h2>Can I raise my policy?</h2><p class=\"soft\">Counted on your own mail only; a spoofed domain is not held back by "
	    "its spoofers.</p>\n<div class=\"card\">");
	ladder(o, d);
	preview(o, d);
	gates(o, d);
	out_lit(o, "</div></section>\n");
}

/* --- who tells me? --- */

/* Of all messages of the receiver, or of those whose records are there and were looked at. */
static void
put_done(struct out *o, const struct sum_receiver *r)
{
	int64_t looked_at = r->none + r->quarantine + r->reject;
	struct buf title;
	char number[28];

	if (looked_at == 0 && r->messages > 0) {
		out_lit(o, "<span class=\"soft\" title=\"their records are not kept, or were too many\">\xe2\x80\x93</span>");
		return;
	}
	buf_init(&title, 400);
	buf_fmt(&title, "let through %s, ", text_count(r->none, number));
	buf_fmt(&title, "junked %s, ", text_count(r->quarantine, number));
	buf_fmt(&title, "refused %s", text_count(r->reject, number));
	chart_mix(o, r->none, r->quarantine, r->reject, title.at);
	buf_free(&title);
	out_count(o, r->none);
	out_lit(o, " / ");
	out_count(o, r->quarantine);
	out_lit(o, " / ");
	out_count(o, r->reject);
	if (looked_at < r->messages) {
		out_lit(o, " <span class=\"soft\">of the newest ");
		out_count(o, looked_at);
		out_lit(o, "</span>");
	}
}

static void
receiver(struct out *o, const struct sum_domain *d, const struct sum_receiver *r)
{
	char days[28], number[28];
	struct buf title;

	buf_init(&title, 400);
	out_lit(o, "<tr class=\"row\"><th scope=\"row\">");
	out_short(o, r->name, CELL);
	if (r->oddities != NULL) {
		out_lit(o, "<span class=\"evidence\">");
		out_short(o, r->oddities, 4 * CELL);
		out_lit(o, "</span>");
	}
	out_lit(o, "</th>");
	put_cell(o, r->messages);
	out_lit(o, "<td class=\"num\">");
	put_share(o, r->messages, d->counts.messages);
	out_lit(o, "</td><td class=\"no small\" data-v=\"");
	out_text(o, r->last_day);
	out_lit(o, "\">");
	put_period(o, r->first_day, r->last_day);
	out_lit(o, "</td><td class=\"num\">");
	out_count(o, r->days_reported);
	out_lit(o, " <span class=\"soft\">of</span> ");
	out_count(o, r->days_expected);
	out_lit(o, "</td><td>");
	if (r->grid != NULL) {
		buf_fmt(&title, "reported on %s of %s day%s", text_count(r->days_reported, days), text_count(r->days_expected, number), r->days_expected == 1 ? "" : "s");
		chart_strip(o, r->grid, strlen(r->grid), title.at);
	}
	out_lit(o, "</td><td class=\"small\">");
	put_done(o, r);
	out_lit(o, "</td></tr>\n");
	buf_free(&title);
}

void
page_receivers(const struct page *p, const struct sum_domain *d, size_t n)
{
	size_t shown = d->nreceivers < p->caps->receivers ? d->nreceivers : p->caps->receivers, i;
	struct out *o = p->o;

	out_lit(o, "<section id=\"");
	put_id(o, n, "receivers");
	out_lit(o, "\"><h2>Who tells me?</h2><p class=\"soft\">Only receivers that report can be counted; what the others do with your mail "
	    "is not known.</p>\n<div class=\"card panel\"><div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Receivers\">"
	    "<table class=\"lines dense blocks heard\" id=\"");
	put_id(o, n, "heard");
	out_lit(o, "\"><caption>Hatched: no report for these days</caption><thead><tr>"
	    "<th scope=\"col\" data-sort=\"text\">Receiver</th><th scope=\"col\" class=\"num\" data-sort=\"num\" aria-sort=\"descending\">Messages</th>"
	    "<th scope=\"col\" class=\"num\">Share</th><th scope=\"col\" data-sort=\"text\">First, last</th><th scope=\"col\" class=\"num\" data-sort=\"num\">Days</th>"
	    "<th scope=\"col\">Day by day</th><th scope=\"col\">Let through / junked / refused</th></tr></thead><tbody>\n");
	for (i = 0; i < shown; i++)
		receiver(o, d, &d->receivers[i]);
	if (shown == 0)
		out_lit(o, "<tr><td colspan=\"7\" class=\"soft\">Nobody reported in this period.</td></tr>");
	out_lit(o, "</tbody></table></div>");
	out_lit(o, "</div>");
	if (d->nreceivers > shown) {
		out_lit(o, "<p class=\"small soft\">and ");
		put_some(o, (int64_t)(d->nreceivers - shown), "further receiver", "further receivers");
		out_lit(o, ": reports.csv</p>");
	}
	out_lit(o, "</section>\n");
}
