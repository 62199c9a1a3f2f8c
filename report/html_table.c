/* SPDX-License-Identifier: MIT */
/* Several domains: a row for each, with sums, policy and trend. See html_part.h. */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "report/html_part.h"

enum { CELL = 60, DOMAIN_ROWS = 200, TREND_STEPS = 31 };

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

	snprintf(title, sizeof(title), "at most %s message%s in %zu day%s", text_count(most, count), most == 1 ? "" : "s", bucket, bucket == 1 ? "" : "s");
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
		out_lit(o, " with no more lost mail: daily.csv</td></tr>");
	}
	out_lit(o, "</tbody></table></div></div>");
	if (p->s->ndomains > p->caps->domains) {
		out_lit(o, "<p class=\"small soft\">The first ");
		out_int(o, (int64_t)p->caps->domains);
		out_lit(o, " follow in full; for another one: <code>dmarcsift report --domain NAME --html FILE</code></p>");
	}
	out_lit(o, "</section>\n");
}
