/* SPDX-License-Identifier: MIT */
/* What to do: up to three cards, worst first, and the findings that are no cards, those that need nothing folded away. See html_part.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "report/advice.h"
#include "report/html_part.h"

enum { CARDS = 3, OTHERS = 40, CELL = 60, CODE = 16, TREND_STEPS = 31 };

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
	static const char *const codes[] = { "LOST", "BROKE", "RISK", "STALE", "SPFERR", "DECIDE", "SPFONLY" };
	size_t i;

	for (i = 0; i < sizeof(codes) / sizeof(*codes); i++)
		if (strcmp(f->code, codes[i]) == 0)
			return 1;
	return strcmp(f->code, "FWD") == 0 && f->fix != NULL;
}

int
page_has_tasks(const struct summary *s)
{
	size_t i;

	for (i = 0; i < s->nfindings; i++)
		if (is_task(&s->findings[i]))
			return 1;
	return 0;
}

/* Findings that only say that all is as it should be: folded away. Where mail that passes is stopped all the same, there is something to do. */
static int
is_quiet(const struct sum_finding *f)
{
	static const char *const codes[] = { "OK", "DKIMONLY", "FWD", "NOTYOU" };
	size_t i;

	for (i = 0; i < sizeof(codes) / sizeof(*codes); i++)
		if (strcmp(f->code, codes[i]) == 0)
			return f->fix == NULL;
	return 0;
}

/*
 * The next command of ours in a text: one that is advised, or `dmarcsift status`; other words between backquotes may be a stranger's. *text becomes what
 * follows. NULL: none.
 */
static const char *
next_command(const char **text, const char **before, size_t *len)
{
	static const char status[] = "`dmarcsift status`";
	const char *command = advice_find(*text, len), *quoted = strstr(*text, status);

	*before = command;
	if (quoted != NULL && (command == NULL || quoted < command)) {
		*before = quoted;
		command = quoted + 1;
		*len = sizeof(status) - 3;
		*text = quoted + sizeof(status) - 1;
	} else if (command != NULL) {
		*text = command + *len;
	}
	return command;
}

/* Words in which commands of ours may be, each of which can be copied. */
static void
put_words(struct out *o, const char *text)
{
	const char *command, *from, *before;
	size_t len;

	for (from = text; (command = next_command(&text, &before, &len)) != NULL; from = text) {
		out_textn(o, from, (size_t)(before - from));
		out_lit(o, "<code class=\"copy\">");
		out_textn(o, command, len);
		out_lit(o, "</code>");
	}
	out_text(o, text);
}

void
page_advice(struct out *o, const char *fix)
{
	out_lit(o, "<span class=\"advice\">");
	put_words(o, fix);
	out_lit(o, "</span>");
}

/* Whether a finding has to name its domain: it is not the only one shown. */
static int
names_domain(const struct summary *s, const struct sum_finding *f)
{
	return f->domain != NULL && (s->ndomains != 1 || strcmp(s->domains[0].domain, f->domain) != 0);
}

/* Whether a card before this one has told this: summary_told_why, summary_told_fix. */
static int
told_above(const struct summary *s, const struct sum_finding *f, int (*told_it)(const struct sum_finding *x, const struct sum_finding *f))
{
	const struct sum_finding *x;

	for (x = s->findings; x < f; x++)
		if (is_task(x) && told_it(x, f))
			return 1;
	return 0;
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
	snprintf(title, sizeof(title), "by day over the period, at most %s message%s in %zu day%s", text_count(top, count), top == 1 ? "" : "s", bucket, bucket == 1 ? "" : "s");
	chart_spark(o, all, bad, n, top, title);
	free(all);
	free(bad);
}

/* The first sentence of a finding's text is its heading, what follows is said below. Where something is left out (...) none ends. */
static size_t
first_sentence(const char *text)
{
	const char *end = strstr(text, ". ");

	while (end != NULL && end > text && end[-1] == '.')
		end = strstr(end + 1, ". ");
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
	if (names_domain(p->s, f)) {
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

/* A link to the line of the sender it speaks of, where that is on the page. */
static void
way_to_evidence(const struct page *p, const struct sum_finding *f)
{
	size_t n, row;

	if (sender_of(p->s, f, &n, &row) == NULL || n >= p->caps->domains || row >= p->caps->senders)
		return;
	out_lit(p->o, " <a class=\"no\" href=\"#");
	put_id(p->o, n, "s");
	out_int(p->o, (int64_t)row + 1);
	out_lit(p->o, "\">The evidence</a>");
}

/* Since when it is so, where the text does not say it. */
static void
put_since(const struct page *p, const struct sum_finding *f)
{
	enum summary_since since = summary_since(p->s, f);
	struct out *o = p->o;

	if (since == SINCE_TOLD)
		return;
	if (since == SINCE_BEFORE) {
		out_lit(o, "Counted are ");
		put_period(o, p->s->asked_begin != NULL ? p->s->asked_begin : p->s->begin, p->s->asked_begin != NULL ? p->s->asked_end : p->s->end);
		out_lit(o, "; it began on ");
	} else {
		out_lit(o, "Since ");
	}
	put_day(o, f->since);
	out_lit(o, ". ");
}

/* What comes below the heading: the rest of the text, since when, why, and the way to the evidence. */
static void
task_words(const struct page *p, const struct sum_finding *f)
{
	const char *rest = f->text + first_sentence(f->text);
	struct out *o = p->o;

	out_lit(o, "<p>");
	if (*rest == ' ') {
		out_text(o, rest + 1);
		out_lit(o, " ");
	}
	put_since(p, f);
	if (f->why != NULL && !told_above(p->s, f, summary_told_why))
		put_words(o, f->why);
	if (told_above(p->s, f, summary_told_fix))
		out_lit(o, " The same fix stops it.");
	way_to_evidence(p, f);
	out_lit(o, "</p>");
}

static void
task(const struct page *p, const struct sum_finding *f)
{
	size_t n = 0, row = 0;
	const struct sum_sender *sender = sender_of(p->s, f, &n, &row), *records = summary_records(f, sender);
	struct out *o = p->o;

	task_head(p, f, sender != NULL ? &p->s->domains[n] : NULL, sender);
	task_words(p, f);
	if (told_above(p->s, f, summary_told_fix)) {	/* in the card above */
		if (f->last != NULL)
			page_advice(o, f->last);
	} else if (records != NULL) {
		if (f->first != NULL)
			page_advice(o, f->first);
		out_lit(o, "<details><summary>Show the fix</summary>");
		page_fix(p, records);
		out_lit(o, "</details>");
		if (f->last != NULL)
			page_advice(o, f->last);
	} else if (f->fix != NULL) {
		page_advice(o, f->fix);
	}
	out_lit(o, "</li>\n");
}

static void
other(const struct page *p, const struct sum_finding *f)
{
	enum slice slice = code_slice(f->code);
	int again = is_task(f) && told_above(p->s, f, summary_told_fix);
	struct out *o = p->o;

	out_lit(o, "<li><span class=\"class k-");
	out_text(o, slice_id(slice));
	out_lit(o, "\">");
	slice_mark(o, slice);
	out_short(o, f->code, CODE);
	out_lit(o, "</span><span>");
	if (names_domain(p->s, f) && (f->sender == NULL || strcmp(f->domain, f->sender) != 0)) {
		out_short(o, f->domain, CELL);
		out_lit(o, ": ");
	}
	out_text(o, f->text);
	out_lit(o, " ");
	if (is_task(f))
		put_since(p, f);
	if (is_task(f) && f->why != NULL && !told_above(p->s, f, summary_told_why)) {
		out_lit(o, "<span class=\"soft\">");
		put_words(o, f->why);
		out_lit(o, "</span>");
	}
	if (again)
		out_lit(o, " The same fix stops it.");
	if (is_task(f))
		way_to_evidence(p, f);
	if (f->fix != NULL && (!again || f->last != NULL))
		page_advice(o, again ? f->last : f->fix);
	out_lit(o, "</span></li>\n");
}

static void
begin_tasks(struct out *o, const struct summary *s)
{
	out_lit(o, "<section id=\"todo\"><h2>What to do</h2>");
	if (s->asked_begin != NULL) {
		out_lit(o, "<p class=\"small soft\">Counted over ");
		put_period(o, s->asked_begin, s->asked_end);
		out_lit(o, ", whatever period this page shows.</p>");
	}
	out_lit(o, "<ul class=\"todo\">\n");
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
			begin_tasks(p->o, s);
		task(p, &s->findings[i]);
	}
	if (n > 0)
		out_lit(p->o, "</ul></section>\n");
}

/* The findings that are no cards: those of one kind, at most OTHERS of them, and how many more there are. */
static void
others(const struct page *p, int quiet)
{
	const struct summary *s = p->s;
	size_t i, cards = 0, n = 0;

	for (i = 0; i < s->nfindings; i++) {
		if (is_task(&s->findings[i]) && cards++ < CARDS)
			continue;
		if (is_quiet(&s->findings[i]) != quiet || n++ >= OTHERS)
			continue;
		if (n == 1)
			out_lit(p->o, "<ul class=\"other\">\n");
		other(p, &s->findings[i]);
	}
	if (n > OTHERS) {
		out_lit(p->o, "<li class=\"soft\"><span>and ");
		out_count(p->o, (int64_t)(n - OTHERS));
		out_lit(p->o, " more: <code>dmarcsift report --csv DIR</code> writes all of them to findings.csv</span></li>\n");
	}
	if (n > 0)
		out_lit(p->o, "</ul>");
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
	out_lit(p->o, "<section id=\"more\"><h2>");
	if (tasks > CARDS)
		out_lit(p->o, "What else to do");
	else
		out_lit(p->o, "Also good to know");
	out_lit(p->o, "</h2><div class=\"card snug\">");
	others(p, 0);
	if (quiet > 0) {
		out_lit(p->o, "<details class=\"quiet\"><summary>");
		put_some(p->o, (int64_t)quiet, "thing that needs nothing done", "things that need nothing done");
		out_lit(p->o, "</summary>");
		others(p, 1);
		out_lit(p->o, "</details>");
	}
	out_lit(p->o, "</div></section>\n");
}
