/* SPDX-License-Identifier: MIT */
/* The last screen: subdomains, strangers, what could not be read, other people's domains, and what the words mean. See html_part.h. */
#include "report/html_part.h"

enum { TROUBLES = 20, OTHERS = 40, CELL = 60 };

static void
subdomains(const struct page *p, const struct sum_domain *d)
{
	size_t i;

	if (d->nsubdomains == 0)
		return;
	out_lit(p->o, "<h3>Subdomains seen in From: ");
	out_short(p->o, d->domain, CELL);
	out_lit(p->o, "</h3><p class=\"small\">");
	if (d->subdomains_of < d->counts.messages) {
		out_lit(p->o, "Of the newest ");
		out_count(p->o, d->subdomains_of);
		out_lit(p->o, " messages: ");
	}
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
	if (d->not_you_stopped == 0) {
		out_lit(o, "none was stopped.</p>\n");
		return;
	}
	out_count(o, d->not_you_stopped);
	if (d->not_you_stopped == 1)
		out_lit(o, " was stopped. That is the policy working.</p>\n");
	else
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

/* "a, b"; where `status` tells the rest (told 1) also "and 6 more: dmarcsift status". Ends the paragraph. */
static void
put_names(struct out *o, const char *const *names, size_t count, int told)
{
	size_t i;

	for (i = 0; i < count && i < OTHERS; i++) {
		if (i > 0)
			out_lit(o, ", ");
		out_short(o, names[i], CELL);
	}
	if (told && i < count) {
		out_lit(o, " and ");
		out_count(o, (int64_t)(count - i));
		out_lit(o, " more: <code>dmarcsift status</code>");
	}
	out_lit(o, "</p>\n");
}

static void
foreign(struct out *o, const struct summary *s)
{
	if (s->nforeign == 0)
		return;
	out_lit(o, "<h3>Reports about other domains</h3><p class=\"small\">Kept apart, in none of the numbers: ");
	put_names(o, s->foreign, s->nforeign, 0);
}

static void
unheard(struct out *o, const struct summary *s)
{
	if (s->nunheard == 0)
		return;
	out_lit(o, "<h3>No report yet</h3><p class=\"small\">Of these domains of the configuration nothing is known. Look whether the <code>rua</code> of their DMARC record is your address: ");
	put_names(o, s->unheard, s->nunheard, 1);
}

static void
definitions(struct out *o)
{
	out_lit(o, "<h3 id=\"words\">What the words mean</h3><dl class=\"defs\">"
	    "<dt>reported</dt><dd>Receivers that send DMARC reports count the mail they saw. Others are silent, so all counts are a sample; "
	    "days are UTC, and reports for the last days are still to come.</dd>"
	    "<dt>lost</dt><dd>Your mail that a receiver refused or put into junk.</dd>"
	    "<dt>at risk</dt><dd>Your mail that fails DMARC and was let through all the same; a stricter policy or receiver would refuse it.</dd>"
	    "<dt>passing</dt><dd>Mail that passes DMARC by DKIM or by SPF in the name of your domain. One of the two is enough; DKIM survives forwarding.</dd>"
	    "<dt>forwarded</dt><dd>Mail of yours that somebody passed on: it still passes by its signature, or was broken on the way.</dd>"
	    "<dt>undecided</dt><dd>Mail that fails both and shows no trace of you. Say whose it is with <code>dmarcsift label</code>.</dd>"
	    "<dt>not you</dt><dd>Undecided mail of a crowd: many addresses with few messages each that only claim to be you.</dd>"
	    "<dt>cannot tell</dt><dd>A temporary error, or no results: the reports do not say whether it passed.</dd>"
	    "<dt>yours</dt><dd>A sender you labelled, one that passed on three days or more, or one that signs as a known sending service "
	    "or as your own domain.</dd>"
	    "<dt>percentages</dt><dd>Of passing, lost and at risk together; none below 20 messages.</dd></dl>\n");
}

void
page_else(const struct page *p, int capped)
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
	unheard(o, s);
	definitions(o);
	if (capped)
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
