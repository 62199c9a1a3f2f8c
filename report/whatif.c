/* SPDX-License-Identifier: MIT */
/*
 * `report --policy`: what a policy would have lost of the user's own mail, by sender, and the conditions of the next
 * step with their figures. "Rejected" is what the domain asks for: receivers may do less.
 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "report/report.h"
#include "report/summary.h"

enum { OTHERS_TOLD = 5 };

struct stopped {
	FILE *out;
	const struct report_options *options;
	int64_t rejected, spared, quarantined;		/* of the user's own mail */
	int64_t others, ignored, strangers;		/* undecided messages, those set aside by a label, and those of strangers */
	int64_t open, let_through;			/* whosever, of which it is not known whether they pass; the user's own that are let through below */
	char names[OTHERS_TOLD][120];
	int rows, senders;
};

static void
put_clean(FILE *out, const char *text)
{
	struct buf b;

	buf_init(&b, 1 << 16);
	text_clean(&b, text, strlen(text));
	fputs(b.at, out);
	buf_free(&b);
}

static int
is_asked_for(const struct report_options *o, const char *domain)
{
	size_t i;

	for (i = 0; i < o->ndomains; i++)
		if (domain_within(domain, o->domains[i]))
			return 1;
	return o->ndomains == 0;
}

static void
own_row(struct stopped *s, const struct whatif_row *r)
{
	char number[28];

	s->let_through += r->let_through;
	if (r->rejected + r->quarantined == 0)
		return;
	s->rejected += r->rejected;
	s->spared += r->spared;
	s->quarantined += r->quarantined;
	s->rows++;
	fprintf(s->out, "%10s  ", text_count(r->rejected + r->quarantined, number));
	put_clean(s->out, r->name);
	fputs(" as ", s->out);
	put_clean(s->out, *r->domain != '\0' ? r->domain : "(no policy domain)");
	if (r->spared > 0)
		fprintf(s->out, " (%s of them receivers would probably let through)", text_count(r->spared, number));
	if (r->quarantined > 0 && r->rejected > 0)
		fprintf(s->out, " (%s of them junked)", text_count(r->quarantined, number));
	fputc('\n', s->out);
}

static enum outcome
row(void *ctx, const struct whatif_row *r)
{
	struct stopped *s = ctx;

	if (!is_asked_for(s->options, r->domain))
		return OK;
	s->open += r->open;
	if (r->mine) {
		own_row(s, r);
	} else if (strcmp(r->class, "not_you") == 0) {
		s->strangers += r->rejected + r->quarantined;
	} else if (r->labelled) {
		s->ignored += r->rejected + r->quarantined;
	} else if (r->rejected + r->quarantined > 0) {
		s->others += r->rejected + r->quarantined;
		if (s->senders < OTHERS_TOLD)
			(void)snprintf(s->names[s->senders], sizeof(s->names[0]), "%s", r->name);
		s->senders++;
	}
	return OK;
}

/* What the figure does not hold: what may be stopped or is let through all the same. */
static void
not_counted(const struct stopped *s)
{
	char number[28];

	if (s->let_through > 0)
		fprintf(s->out, "besides, %s message%s of From domains below the policy domain fail%s and stay%s let through (sp=none)\n", text_count(s->let_through, number),
		    s->let_through == 1 ? "" : "s", s->let_through == 1 ? "s" : "", s->let_through == 1 ? "s" : "");
	if (s->open > 0)
		fprintf(s->out, "besides, %s message%s of which the reports do not tell whether %s\n", text_count(s->open, number), s->open == 1 ? "" : "s",
		    s->open == 1 ? "it passes" : "they pass");
}

/* What would be stopped besides: to be decided about first, or what the policy is for. */
static void
besides(const struct stopped *s)
{
	char number[28], senders[28];
	int i;

	if (s->others > 0) {
		fprintf(s->out, "besides, to be decided about first: %s message%s of %s sender%s (", text_count(s->others, number), s->others == 1 ? "" : "s",
		    text_count(s->senders, senders), s->senders == 1 ? "" : "s");
		for (i = 0; i < s->senders && i < OTHERS_TOLD; i++) {
			fputs(i > 0 ? ", " : "", s->out);
			put_clean(s->out, s->names[i]);
		}
		fprintf(s->out, "%s)\n", s->senders > OTHERS_TOLD ? ", ..." : "");
	}
	if (s->ignored > 0)
		fprintf(s->out, "besides, set aside by your label: %s message%s\n", text_count(s->ignored, number), s->ignored == 1 ? "" : "s");
	if (s->strangers > 0)
		fprintf(s->out, "besides, of strangers: %s message%s; that is what the policy is for\n", text_count(s->strangers, number), s->strangers == 1 ? "" : "s");
}

static void
totals(const struct stopped *s)
{
	char number[28];

	if (s->rows == 0) {
		fputs("         0  nothing\n", s->out);
		return;
	}
	fprintf(s->out, "%10s  in all", text_count(s->rejected + s->quarantined, number));
	if (s->rejected > 0)
		fprintf(s->out, ": %s rejected", text_count(s->rejected, number));
	if (s->spared > 0)
		fprintf(s->out, " (receivers would probably spare %s of these)", text_count(s->spared, number));
	if (s->quarantined > 0)
		fprintf(s->out, "%s %s junked", s->rejected > 0 ? "," : ":", text_count(s->quarantined, number));
	fputc('\n', s->out);
}

static void
gates(FILE *out, const struct sum_domain *d)
{
	static const char *const marks[] = { "?", "+", "-" };
	size_t i;

	if (d->ngates == 0 || d->next_policy == NULL)
		return;
	fputs("\n", out);
	put_clean(out, d->domain);
	fprintf(out, ": conditions for p=%s\n", d->next_policy);
	for (i = 0; i < d->ngates; i++) {
		const struct sum_gate *g = &d->gates[i];

		fprintf(out, "  [%s] %s: %s (wanted: %s)", marks[g->state], g->name, g->value != NULL ? g->value : "unknown", g->wanted);
		if (g->blockers != NULL && *g->blockers != '\0') {
			fputs(": ", out);
			put_clean(out, g->blockers);
		}
		fputc('\n', out);
	}
}

/* Forwarded mail is nobody's sender's, and is the user's all the same. */
static void
forwarded(FILE *out, const struct summary *s)
{
	int64_t broken = 0;
	char number[28];
	size_t i;

	for (i = 0; i < s->ndomains; i++)
		broken += s->domains[i].broken;
	if (broken > 0)
		fprintf(out, "besides, forwarded and altered on the way: %s message%s, lost too where the receiver does not trust who passed %s on\n", text_count(broken, number),
		    broken == 1 ? "" : "s", broken == 1 ? "it" : "them");
}

enum outcome
whatif_write(struct store *s, const struct report_options *o, const struct whatif *w, FILE *out, struct err *err)
{
	static const char *const words[] = { "none", "quarantine", "reject" };
	struct stopped stopped = { .out = out, .options = o };
	struct report_options brief = *o;
	struct summary *summary;
	enum outcome r;
	size_t i;

	brief.brief = 1;
	fprintf(out, "Had p=%s", words[w->policy]);
	if (w->subpolicy >= 0 && w->subpolicy != w->policy)
		fprintf(out, " sp=%s", words[w->subpolicy]);
	fprintf(out, "%s been in force from %s to %s, of your own mail there had been lost or junked:\n", w->strict ? " with strict alignment" : "",
	    o->from, o->to);
	if ((r = store_each_whatif(s, w, o->from, o->to, row, &stopped, err)) != OK)
		return r;
	totals(&stopped);
	besides(&stopped);
	if ((r = summarise(s, &brief, &summary, err)) != OK)
		return r;
	if (summary->ndomains == 0)
		fputs("but nothing was reported in that time\n", out);
	if (w->policy > 0) {
		forwarded(out, summary);
	} else {
		stopped.let_through = 0;	/* all are */
	}
	if (w->policy > 0 || w->subpolicy > 0 || stopped.rows > 0) {
		not_counted(&stopped);
		fputs(WHATIF_LIMITS "\n", out);
	}
	for (i = 0; i < summary->ndomains; i++)
		gates(out, &summary->domains[i]);
	summary_free(summary);
	return OK;
}
