/* SPDX-License-Identifier: MIT */
/*
 * The first screen's sentence, bar and facts: is my mail being lost, and who loses it? The cards between them are in
 * html_tasks.c, the row of each of several domains in html_table.c. See html_part.h.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "report/html_part.h"
#include "report/report.h"
#include "report/sender.h"

enum {
	CELL = 60,
	MUCH = 20	/* mail that failed where it was forwarded, or is not known to pass, is much from one in so many */
};

static int64_t
own(const struct counts *c)
{
	return c->passing + c->lost + c->at_risk;
}

/* What a sender loses in one domain. A service that sends for several of them is one sender. */
struct loss { const char *sender, *name, *mended; int64_t lost; };	/* mended: the day since which it passes again; NULL */
struct losses {
	const char *name;		/* of the sender that loses most; NULL none */
	const char *mended;		/* the last of the days since which its mail passes again, everywhere; NULL: it does not */
	int64_t lost;			/* by it */
	int64_t senders;		/* that lose any */
	int64_t told;			/* by all of these: of a domain that is not read in full there may be more */
};

static int
loss_order(const void *a, const void *b)
{
	const struct loss *x = a, *y = b;

	return strcmp(x->sender, y->sender);
}

static const char *
mended(const struct sum_sender *s)
{
	return s->passes_now != NULL && strcmp(s->passes_now->code, "FIXED") == 0 ? s->passes_now->since : NULL;
}

/* Whether the senders of a domain were read. */
static int
is_in_full(const struct summary *s, const char *domain)
{
	size_t i;

	for (i = 0; i < s->ndomains && i < SUMMARY_DOMAINS; i++)
		if (strcmp(s->domains[i].domain, domain) == 0)
			return 1;
	return 0;
}

/* Of domains that are not read in full the findings tell who loses, where they count the same days. */
static size_t
all_losses(const struct summary *s, struct loss *to)
{
	size_t i, j, n = 0;

	for (i = 0; i < s->ndomains && i < SUMMARY_DOMAINS; i++)
		for (j = 0; j < s->domains[i].nsenders; j++) {
			const struct sum_sender *x = &s->domains[i].senders[j];

			if (x->counts.lost > 0)
				to[n++] = (struct loss){ x->sender, x->name, mended(x), x->counts.lost };
		}
	for (i = 0; s->asked_begin == NULL && s->ndomains > SUMMARY_DOMAINS && i < s->nfindings; i++) {
		const struct sum_finding *f = &s->findings[i];

		if (strcmp(f->code, "LOST") == 0 && f->domain != NULL && f->sender != NULL && !is_in_full(s, f->domain))
			to[n++] = (struct loss){ f->sender, NULL, NULL, f->messages };
	}
	return n;
}

static struct losses
worst(const struct summary *s)
{
	struct losses w = { NULL, NULL, 0, 0, 0 };
	size_t i, j, n, room = s->nfindings + 1;
	struct loss *all;

	for (i = 0; i < s->ndomains && i < SUMMARY_DOMAINS; i++)
		room += s->domains[i].nsenders;
	all = mem_alloc(room * sizeof(*all));
	n = all_losses(s, all);
	if (n > 0)
		qsort(all, n, sizeof(*all), loss_order);
	for (i = 0; i < n; i = j, w.senders++) {
		const char *name = NULL, *day = "";
		int64_t lost = 0;

		for (j = i; j < n && strcmp(all[j].sender, all[i].sender) == 0; j++) {
			lost += all[j].lost;
			name = name != NULL ? name : all[j].name;
			day = day == NULL || all[j].mended == NULL ? NULL : strcmp(all[j].mended, day) > 0 ? all[j].mended : day;
		}
		w.told += lost;
		if (lost > w.lost) {
			const struct sender *known = sender_find(all[i].sender);

			w.lost = lost;
			w.mended = day;
			w.name = name != NULL ? name : known != NULL ? known->name : all[i].sender;
		}
	}
	free(all);
	return w;
}

static void
put_strong(struct out *o, const char *name)
{
	out_lit(o, "<b>");
	put_name(o, name, CELL);
	out_lit(o, "</b>");
}

/* Who loses it: one that stands out, or how many there are. */
static void
put_losers(struct out *o, const struct summary *s)
{
	const struct losses w = worst(s);
	int all = w.lost == s->counts.lost, many = !all && w.lost * 2 <= s->counts.lost, more = w.told < s->counts.lost;

	if (w.name == NULL || (!all && !has_share(s->counts.lost)))
		return;
	if (many && !more) {
		out_count(o, w.senders);
		out_lit(o, " senders cause it, ");
	}
	if (many) {
		put_strong(o, w.name);
		out_text(o, more ? " alone causes " : " ");
	} else {
		out_lit(o, "One sender causes ");
	}
	if (more)
		out_lit(o, "at least ");
	if (all)
		out_lit(o, "all");
	else
		put_share(o, w.lost, s->counts.lost);
	out_lit(o, " of it");
	if (!many) {
		out_lit(o, ": ");
		put_strong(o, w.name);
	}
	out_lit(o, ". ");
	if (w.mended != NULL) {
		out_lit(o, "Its mail passes since ");
		put_day(o, w.mended);
		out_lit(o, ". ");
	}
}

static void
verdict_lost(struct out *o, const struct summary *s)
{
	out_lit(o, "<h1><em>");
	out_count(o, s->counts.lost);
	out_lit(o, " of your ");
	put_some(o, own(&s->counts), "reported message", "reported messages");
	if (s->counts.lost == 1)
		out_lit(o, "</em> was refused or junked.</h1><p>");
	else
		out_lit(o, "</em> were refused or junked.</h1><p>");
	put_losers(o, s);
	if (s->counts.at_risk > 0) {
		put_some(o, s->counts.at_risk, "further message was", "further messages were");
		out_lit(o, " let through without passing; a stricter policy or receiver would refuse ");
		if (s->counts.at_risk == 1)
			out_lit(o, "it.");
		else
			out_lit(o, "them.");
	}
	out_lit(o, "</p>");
}

/* Forwarded mail that failed. The findings count it, perhaps of other days than are shown: then it is about as much, if there is any. */
static int64_t
broken(const struct summary *s)
{
	int64_t n = 0;
	size_t i;

	for (i = 0; i < s->nfindings; i++)
		if (strcmp(s->findings[i].code, "FWDBROKEN") == 0)
			n += s->findings[i].messages;
	return n < s->counts.forwarded ? n : s->counts.forwarded;
}

/* So much of what was sent failed after it was forwarded, or is not known to pass, that a clean bill would be wrong. */
static int
is_much(const struct summary *s, int64_t messages)
{
	return messages > 0 && messages > (own(&s->counts) + messages - 1) / MUCH;
}

/* More than strays of the mail that passes was refused or junked all the same. */
static int
is_stopped(const struct summary *s)
{
	size_t i;

	for (i = 0; i < s->nfindings; i++)
		if (s->findings[i].fix != NULL && strstr(s->findings[i].fix, FIX_STOPPED) != NULL)
			return 1;
	return 0;
}

static void
put_broken(struct out *o, const struct summary *s, int64_t failed)
{
	if (s->asked_begin != NULL)
		out_lit(o, "Forwarded messages were");
	else
		put_some(o, failed, "forwarded message was", "forwarded messages were");
	out_lit(o, " altered on the way and failed");
}

/* Refused mail of senders it is asked about whose they are: that is no clean bill. */
static void
verdict_open(struct out *o, const struct summary *s)
{
	out_lit(o, "<h1><em>");
	put_some(o, s->asked, "refused or junked message", "refused or junked messages");
	if (s->asked == 1)
		out_lit(o, "</em>: is it yours?</h1>");
	else
		out_lit(o, "</em>: are they yours?</h1>");
	out_lit(o, "<p>None of the mail known to be yours was lost, but nothing shows whose these are. Look at their senders below, then "
	    "say it: <code>dmarcsift label SENDER mine NAME</code>.</p>");
	if (is_much(s, broken(s))) {
		out_lit(o, "<p>");
		put_broken(o, s, broken(s));
		out_lit(o, ".</p>");
	}
}

/* What is said below a headline that has no loss to tell of. */
static void
fine_words(struct out *o, const struct summary *s)
{
	int64_t failed = broken(s);

	if (own(&s->counts) > 0) {
		out_lit(o, "<p>");
		put_some(o, own(&s->counts), "reported message of yours passes", "reported messages of yours pass");
		out_lit(o, ".</p>");
	} else if (s->counts.forwarded > 0) {
		out_lit(o, "<p>No reported message is known to have come from you directly: what was forwarded may be all of your mail.</p>");
	}
	if (failed > 0 && !is_much(s, failed)) {
		out_lit(o, "<p>");
		put_broken(o, s, failed);
		out_lit(o, ", which can usually not be repaired by you.</p>");
	}
	if (s->counts.undetermined > 0) {
		out_lit(o, "<p>Of ");
		put_some(o, s->counts.undetermined, "message the reports do not say whether it passed", "messages the reports do not say whether they passed");
		out_lit(o, ".</p>");
	}
	if (s->counts.undecided > 0 && !page_has_tasks(s)) {
		out_lit(o, "<p class=\"small\">");
		put_some(o, s->counts.undecided, "undecided message fails and shows no trace of you", "undecided messages fail and show no trace of you");
		out_lit(o, "; no sender of them asks for a decision.</p>");
	}
}

static void
verdict_fine(struct out *o, const struct summary *s)
{
	int strange = s->counts.undecided > 0 && own(&s->counts) == 0 && s->counts.forwarded == 0;

	out_lit(o, "<h1>");
	if (s->stale) {
		out_lit(o, "Nothing was lost as far as reports go, but they have stopped.");
	} else if (is_much(s, broken(s))) {
		put_broken(o, s, broken(s));
		out_lit(o, ".");
	} else if (is_stopped(s)) {
		out_lit(o, "None of your mail was lost for DMARC, but some that passes was refused or junked all the same.");
	} else if (strange && (page_has_tasks(s) || !has_share(s->counts.messages))) {
		out_lit(o, "None of the reported mail could be recognised as yours.");
	} else if (page_has_tasks(s)) {
		out_lit(o, "None of your mail was lost, but something is to be done.");
	} else if (strange) {
		out_lit(o, "Nothing to do. None of the reported mail could be recognised as yours.");
	} else if (is_much(s, s->counts.undetermined)) {
		out_lit(o, "None of your mail was lost, as far as the reports tell.");
	} else {
		out_lit(o, "Nothing to do. None of your mail was lost.");
	}
	out_lit(o, "</h1>");
	fine_words(o, s);
}

static void
verdict_empty(struct out *o, const struct summary *s)
{
	if (s->nforeign > 0)
		out_lit(o, "<h1>No message of your domains was reported for this period, so nothing can be said.</h1><p>");
	else
		out_lit(o, "<h1>No message was reported for this period, so nothing can be said.</h1><p>");
	if (s->nforeign > 0) {
		put_some(o, (int64_t)s->nforeign, "domain was reported that is", "domains were reported that are");
		out_lit(o, " not among those of the configuration: ");
		out_short(o, s->foreign[0], CELL);
		if (s->nforeign > 1)
			out_lit(o, " and others, named below");
		out_lit(o, ". If it is yours, add it to <code>domains</code>.</p>");
		return;
	}
	if (s->reports_until != NULL) {
		out_lit(o, "Reports came, the newest for ");
		put_day(o, s->reports_until);
		out_lit(o, ", but they count no message of this.</p>");
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
		out_lit(o, "</em> can be at any time.</h1><p>What passes nothing that matches the domain in From is let through by some receivers "
		    "and refused by a stricter policy or receiver.</p>");
	} else if (s->asked > 0) {
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
	if (s->asked > 0 || is_much(s, broken(s)) || is_much(s, s->counts.undetermined) || is_stopped(s))
		return SLICE_UNDECIDED;
	return has_share(own(&s->counts)) ? SLICE_PASSING : SLICE_UNDECIDED;
}

void
page_legend(struct out *o, const struct counts *c, int64_t not_you)
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
		if (i == SLICE_UNDECIDED && not_you > 0) {
			out_lit(o, " <span class=\"soft\">(");
			if (not_you < count[i])
				out_count(o, not_you);
			else
				out_lit(o, "all");
			out_lit(o, " not you)</span>");
		}
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
	if (d->np != NULL) {
		out_lit(o, "np=");
		out_text(o, d->np);
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
		out_count(o, (int64_t)n);
		out_lit(o, "\xc2\xa0\xc3\x97 p=");
		out_text(o, policies[i]);
		out_lit(o, "</span>");
		told += n;
	}
	if (some == 0)
		out_lit(o, "none given");
	out_lit(o, "<small>as receivers saw them");
	if (told < s->ndomains) {
		out_lit(o, "; ");
		out_count(o, (int64_t)(s->ndomains - told));
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
	if (s->ndomains > SUMMARY_DOMAINS)
		out_lit(o, " may move up<small>of the domains shown in full</small></dd></div>");
	else
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
	int64_t count[SLICES], not_you = 0;
	size_t i;

	if (p->s->counts.messages == 0)
		return;
	counts_of(&p->s->counts, count);
	out_lit(p->o, "<section id=\"sums\" class=\"card\" aria-label=\"All reported messages\">");
	chart_bar(p->o, count, "All reported messages of the period by what became of them; the counts follow as a list");
	for (i = 0; i < p->s->ndomains; i++)
		not_you += p->s->domains[i].not_you_messages;
	page_legend(p->o, &p->s->counts, not_you);
	facts(p->o, p->s);
	out_lit(p->o, "</section>\n");
}
