/* SPDX-License-Identifier: MIT */
/*
 * The summary for a terminal, 80 columns: for each policy domain its sums, what is to be done with the records that do it, and
 * who sends as it. Nothing longer than LINES lines unless all is asked for: what does not fit is counted. Every word of
 * a stranger is cleaned. Layout and marks: a square is lost mail, a triangle a risk, as on the page.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/width.h"
#include "report/report.h"
#include "report/sender.h"
#include "report/summary.h"

enum { WIDTH = 80, LINES = 24, ROWS = 8, INDENT = 24, NAME = 34, BAR = 20, IN_FULL = 2, FOREIGN = 5, RECORD_MOST = 320, NAME_LEAST = 16 };

/* The findings on one domain that ask for something, in their order; what concerns no domain is told with the first. */
struct matter { const char *domain; const struct sum_finding **at; size_t n; int written; };

struct writing {
	const struct summary *s;
	const struct text_options *o;
	FILE *out;
	int left;		/* lines that may still be written; -1: as many as wanted */
	const struct sum_finding **told;	/* by domain */
	struct matter *matters;	/* by domain */
	size_t nmatters;
};

/* What each class of line looks like. */
enum tone { TONE_LOST, TONE_RISK, TONE_ASK, TONE_GOOD, TONE_WAY, TONE_GREY };
static const char *const marks[] = { "[X]", "[!]", "[?]", "[ ]", "[>]", "[-]" };
static const char *const colours[] = { "\033[1;31m", "\033[1;33m", "\033[36m", "\033[32m", "\033[34m", "\033[90m" };

/* --- pieces of lines --- */

/* Text of strangers, cleaned and cut to at most `most` columns; the columns written. */
static size_t
put_text(FILE *out, const char *text, size_t most)
{
	struct buf b;
	size_t n, width, fits = 0, at = 0;

	buf_init(&b, 8192);
	text_clean(&b, text, strlen(text));
	for (n = width = 0; n < b.len && width + text_columns(b.at + n) <= most; n += text_bytes(b.at + n)) {
		width += text_columns(b.at + n);
		if (width < most) {	/* and one for the mark that something was cut */
			fits = n + text_bytes(b.at + n);
			at = width;
		}
	}
	if (n < b.len && most > 0) {
		fprintf(out, "%.*s~", (int)fits, b.at);
		width = at + 1;
	} else {
		fputs(b.at, out);
	}
	buf_free(&b);
	return width;
}

static void
put_padded(FILE *out, const char *text, size_t width)
{
	size_t n = put_text(out, text, width);

	fprintf(out, "%*s", (int)(width - n), "");
}

/* Where the line that begins at p ends: at the last blank that fits, or where the room ends; whole 1: where the first word does, which does not fit. */
static const char *
line_end(const char *p, size_t room, int whole)
{
	const char *blank = NULL, *at = p;
	size_t width = 0;

	for (; *at != '\0' && width + text_columns(at) <= room; at += text_bytes(at)) {
		if (*at == ' ')
			blank = at;
		width += text_columns(at);
	}
	if (blank == NULL && whole)
		return at + strcspn(at, " ");
	return *at == '\0' || *at == ' ' || blank == NULL ? at : blank;
}

/* Text in lines of 80 columns, broken at blanks, all with the indent; the lines used. `out` NULL only counts them. whole 1: no word is cut, it is to be copied. */
static int
put_wrapped(FILE *out, const char *text, int whole)
{
	struct buf b;
	const char *p, *end;
	int lines = 0;

	buf_init(&b, 8192);
	text_clean(&b, text, strlen(text));
	for (p = b.at; lines == 0 || *p != '\0'; p = end + (*end == ' '), lines++) {
		end = line_end(p, WIDTH - INDENT, whole);
		if (out != NULL)
			fprintf(out, "%*s%.*s\n", INDENT, "", (int)(end - p), p);
	}
	buf_free(&b);
	return lines;
}

static int
may_write(struct writing *w, int lines)
{
	if (w->left < 0)
		return 1;
	if (w->left < lines)
		return 0;
	w->left -= lines;
	return 1;
}

static const char *
domain_name(const char *domain)
{
	return *domain != '\0' ? domain : "(no policy domain)";
}

/* "[X] LOST       399  " */
static void
put_mark(struct writing *w, enum tone tone, const char *word, int64_t count)
{
	char number[28];

	fprintf(w->out, "%s%s %-10s%s%8s  ", w->o->colour ? colours[tone] : "", marks[tone], word, w->o->colour ? "\033[0m" : "",
	    count > 0 ? text_count(count, number) : "");
}

/* "12 Nov" of a day of this year, "12 Nov 2025" of another; the day as it is where it is none. */
static const char *
short_day(const struct writing *w, const char *day, char out[16])
{
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	int64_t m, d;

	if (day == NULL || strlen(day) != 10 || !text_int64(day + 5, 2, &m) || !text_int64(day + 8, 2, &d) || m < 1 || m > 12) {
		snprintf(out, 16, "%s", day != NULL ? day : "?");
		return out;
	}
	if (strncmp(day, w->s->generated_at, 4) == 0)
		snprintf(out, 16, "%d %s", (int)d, months[m - 1]);
	else
		snprintf(out, 16, "%d %s %.4s", (int)d, months[m - 1], day);
	return out;
}

/* --- what is to be done --- */

/* %s: since. older: where that was before the days that are counted; NULL: the same. quiet 1: only told where all is asked for, as nothing is to be done. */
static const struct told { const char *code; enum tone tone; const char *phrase; int quiet; const char *older; } told[] = {
	{ "LOST", TONE_LOST, "lost since %s", 0, "loss began %s" }, { "BROKE", TONE_LOST, "broken since %s", 0, NULL },
	{ "RISK", TONE_RISK, "at risk since %s", 0, "risk began %s" },
	{ "STALE", TONE_RISK, "no report since %s", 0, NULL }, { "SPFERR", TONE_RISK, "your SPF record cannot be evaluated", 0, NULL },
	{ "DECIDE", TONE_ASK, "since %s; yours?", 0, "began %s; yours?" }, { "FIXED", TONE_GOOD, "passes again since %s", 0, NULL },
	{ "SPFONLY", TONE_GOOD, "passes by SPF only", 0, NULL }, { "GONE", TONE_ASK, "nothing since %s", 0, NULL },
	{ "BLIND", TONE_ASK, "a receiver is silent since %s", 0, NULL }, { "NEW", TONE_ASK, "first seen %s", 0, NULL },
	{ "FWDBROKEN", TONE_WAY, "forwarded, and failed; usually not yours to repair", 1, NULL },
	{ "DKIMONLY", TONE_ASK, "some is stopped all the same", 0, NULL }, { "OK", TONE_ASK, "some is stopped all the same", 0, NULL },
};

static const struct told *
told_as(const char *code)
{
	size_t i;

	for (i = 0; i < sizeof(told) / sizeof(told[0]); i++)
		if (strcmp(told[i].code, code) == 0)
			return &told[i];
	return NULL;
}

/* Findings on mail that passes tell something only where receivers stop it all the same: there is something to do about these alone. */
static int
is_fine(const struct sum_finding *f)
{
	return (strcmp(f->code, "OK") == 0 || strcmp(f->code, "DKIMONLY") == 0) && f->fix == NULL;
}

static const struct sum_sender *
sender_named(const struct sum_domain *d, const char *id)
{
	size_t i;

	for (i = 0; id != NULL && i < d->nsenders; i++)
		if (strcmp(d->senders[i].sender, id) == 0)
			return &d->senders[i];
	return NULL;
}

static void
phrase_of(const struct writing *w, const struct told *t, const char *since, char out[80])
{
	const char *phrase = t->older != NULL && summary_is_older(w->s, since) ? t->older : t->phrase, *at = strstr(phrase, "%s");
	char day[16];

	if (at == NULL)
		snprintf(out, 80, "%s", phrase);
	else
		snprintf(out, 80, "%.*s%s%s", (int)(at - phrase), phrase, short_day(w, since, day), at + 2);
}

/* --- findings by domain --- */

static const char *
domain_told(const struct summary *s, const struct sum_finding *f)
{
	return f->domain != NULL ? f->domain : s->ndomains > 0 ? s->domains[0].domain : "";
}

static int
by_domain(const void *a, const void *b, void *summary)
{
	const struct sum_finding *const *x = a, *const *y = b;
	int c = strcmp(domain_told(summary, *x), domain_told(summary, *y));

	return c != 0 ? c : *x < *y ? -1 : 1;
}

static void
sort_matters(struct writing *w)
{
	const struct summary *s = w->s;
	size_t i, n = 0;

	w->told = mem_alloc((s->nfindings + 1) * sizeof(const struct sum_finding *));
	w->matters = mem_alloc((s->nfindings + 1) * sizeof(*w->matters));
	for (i = 0; i < s->nfindings; i++)
		if (told_as(s->findings[i].code) != NULL && !is_fine(&s->findings[i]) && (w->o->all || !told_as(s->findings[i].code)->quiet))
			w->told[n++] = &s->findings[i];
	qsort_r(w->told, n, sizeof(const struct sum_finding *), by_domain, (void *)(uintptr_t)s);
	for (i = 0; i < n; i++) {
		const char *domain = domain_told(s, w->told[i]);

		if (w->nmatters == 0 || strcmp(w->matters[w->nmatters - 1].domain, domain) != 0)
			w->matters[w->nmatters++] = (struct matter){ domain, &w->told[i], 0, 0 };
		w->matters[w->nmatters - 1].n++;
	}
}

static int
matter_order(const void *key, const void *matter)
{
	return strcmp(key, ((const struct matter *)matter)->domain);
}

/* NULL: nothing is asked of this domain. */
static struct matter *
matter_of(const struct writing *w, const char *domain)
{
	return bsearch(domain, w->matters, w->nmatters, sizeof(*w->matters), matter_order);
}

/* Whether a finding above this one has told this: summary_told_sender, summary_told_fix. */
static int
told_above(const struct matter *m, const struct sum_finding *f, int (*told_it)(const struct sum_finding *x, const struct sum_finding *f))
{
	size_t i;

	for (i = 0; m->at[i] < f; i++)
		if (told_it(m->at[i], f))
			return 1;
	return 0;
}

/* The lines below a finding: why, and the records to publish, or what else to do. Counted only where `out` is NULL. */
static int
detail_lines(FILE *out, const struct matter *m, const struct sum_finding *f, const struct sum_sender *s)
{
	size_t i;
	int n = 0;

	if (strcmp(f->code, "FIXED") == 0)
		return 0;
	if (f->why != NULL && (!told_above(m, f, summary_told_sender) || strcmp(f->code, "BROKE") == 0))
		n += put_wrapped(out, f->why, 0);
	if (strcmp(f->code, "BLIND") == 0 || strcmp(f->code, "OK") == 0 || strcmp(f->code, "DKIMONLY") == 0)	/* which receiver; how many */
		n += put_wrapped(out, f->text, 0);
	if (told_above(m, f, summary_told_fix))
		return n + put_wrapped(out, "The same fix stops it.", 0);
	if ((s == NULL || s->nfixes == 0) && f->fix != NULL)
		n += put_wrapped(out, f->fix, 1);
	else if (f->first != NULL)
		n += put_wrapped(out, f->first, 1);
	for (i = 0; s != NULL && i < s->nfixes; i++, n++) {
		if (out == NULL)
			continue;
		fprintf(out, "%*s", INDENT, "");	/* not cut to the line: it is to be copied */
		put_text(out, s->fixes[i].name, RECORD_MOST);
		fprintf(out, " %s ", s->fixes[i].type);
		put_text(out, s->fixes[i].value, RECORD_MOST);
		fputc('\n', out);
	}
	return n;
}

/* A sender's name for people: also of one that sent nothing in the period. */
static const char *
name_of(const struct sum_sender *s, const char *id)
{
	const struct sender *known = s == NULL ? sender_find(id) : NULL;

	return s != NULL ? s->name : known != NULL ? known->name : id;
}

static void
put_finding(struct writing *w, const struct matter *m, const struct sum_finding *f, const struct sum_sender *s, int in_full)
{
	const struct told *t = told_as(f->code);
	char phrase[80];

	phrase_of(w, t, f->since, phrase);
	put_mark(w, t->tone, f->code, f->messages);
	if (f->sender != NULL) {
		size_t room = WIDTH - INDENT - 2 - strlen(phrase);

		put_padded(w->out, name_of(s, f->sender), room < NAME ? room : NAME);
		fputs("  ", w->out);
	}
	fprintf(w->out, "%s\n", phrase);
	if (in_full)
		(void)detail_lines(w->out, m, f, s);
}

/*
 * The findings on a domain, worst first, below its name if `named`; `spare` lines are left for what comes after. How many did not fit. d NULL: a domain
 * without mail in the period, of which nothing else is known here.
 */
static int
put_findings(struct writing *w, struct matter *m, const struct sum_domain *d, int named, int spare)
{
	int n = 0, more = 0;
	size_t i;

	for (i = 0; m != NULL && i < m->n; i++) {
		const struct sum_finding *f = m->at[i];
		const struct sum_sender *s = d != NULL ? sender_named(d, f->sender) : NULL;
		int in_full = n < IN_FULL || w->left < 0, head = named && n == 0, lines;

		lines = 1 + head + (in_full ? detail_lines(NULL, m, f, s) : 0);
		if (w->left >= 0 && w->left - spare < lines && w->left - spare >= 1 + head) {
			in_full = 0;
			lines = 1 + head;
		}
		if (w->left >= 0 && w->left - spare < lines) {
			more++;
			continue;
		}
		(void)may_write(w, lines);
		if (head) {
			put_text(w->out, domain_name(m->domain), WIDTH);
			fputc('\n', w->out);
		}
		put_finding(w, m, f, s, in_full);
		n++;
	}
	if (m != NULL)
		m->written = 1;
	return more;
}

/* The findings on domains that were not shown above: those without mail in the period. How many did not fit. */
static int
put_elsewhere(struct writing *w)
{
	int more = 0;
	size_t i;

	for (i = 0; i < w->s->nfindings; i++) {	/* the worst domain first */
		const struct sum_finding *f = &w->s->findings[i];
		struct matter *m = told_as(f->code) != NULL ? matter_of(w, domain_told(w->s, f)) : NULL;

		if (m == NULL || m->written)
			continue;
		if (w->left < 0)
			fputc('\n', w->out);
		more += put_findings(w, m, NULL, f->domain != NULL, 1);
	}
	return more;
}

static void
put_more(struct writing *w, int more)
{
	char number[28];

	if (more > 0 && may_write(w, 1))
		fprintf(w->out, "    and %s more: dmarcsift -v report\n", text_count(more, number));
}

/* --- who sends --- */

static void
put_bar(const struct writing *w, int64_t n, int64_t most)
{
	int i, len = most > 0 ? (int)((double)n / (double)most * BAR + 0.5) : 0;

	for (i = 0; i < (len > 0 ? len : 1) && !w->o->plain; i++)
		fputc('#', w->out);
}

static void
put_passing(struct writing *w, const struct sum_domain *d, int spare)
{
	int64_t most = 0, rest = 0;
	size_t i, n = 0;

	for (i = 0; i < d->nsenders; i++)
		if (d->senders[i].counts.passing > most)
			most = d->senders[i].counts.passing;
	for (i = 0; i < d->nsenders; i++) {
		const struct sum_sender *s = &d->senders[i];

		if (s->counts.passing == 0)
			continue;
		if (w->left >= 0 && w->left - spare < 2 && s->counts.passing < most) {
			rest += s->counts.passing;
			n++;
			continue;
		}
		(void)may_write(w, 1);
		put_mark(w, TONE_GOOD, "ok", s->counts.passing);
		put_padded(w->out, s->name, NAME);
		fputs("  ", w->out);
		put_bar(w, s->counts.passing, most);
		fputc('\n', w->out);
	}
	if (n > 0 && may_write(w, 1)) {
		put_mark(w, TONE_GOOD, "ok", rest);
		fprintf(w->out, "%zu further sender%s\n", n, n == 1 ? "" : "s");
	}
}

/* Of a domain's forwarded mail, how much failed: as the finding counts it, where it counts the days shown. */
static int64_t
broken_of(const struct writing *w, const struct sum_domain *d)
{
	const struct matter *m = w->o->all ? matter_of(w, d->domain) : NULL;
	size_t i, n = w->s->asked_begin != NULL ? 0 : w->o->all ? (m != NULL ? m->n : 0) : w->s->nfindings;

	for (i = 0; i < n; i++) {	/* where not all is asked for, one domain is told of, and this is in none of the matters */
		const struct sum_finding *f = m != NULL ? m->at[i] : &w->s->findings[i];

		if (strcmp(f->code, "FWDBROKEN") == 0 && f->domain != NULL && strcmp(f->domain, d->domain) == 0)
			return f->messages < d->counts.forwarded ? f->messages : d->counts.forwarded;
	}
	return 0;
}

static void
put_forwarded(struct writing *w, const struct sum_domain *d)
{
	int64_t broken = broken_of(w, d);
	char a[28], b[28];

	put_mark(w, TONE_WAY, "forwarded", d->counts.forwarded);
	if (broken == 0)
		fputs("by recipients\n", w->out);
	else if (broken == d->counts.forwarded)
		fprintf(w->out, "%s altered on the way and failed\n", broken == 1 ? "was" : "all");
	else
		fprintf(w->out, "%s passed, %s failed, altered on the way\n", text_count(d->counts.forwarded - broken, a), text_count(broken, b));
}

static void
put_others(struct writing *w, const struct sum_domain *d)
{
	int64_t asked = d->counts.undecided - d->not_you_messages;
	char a[28];

	if (d->counts.forwarded > 0 && may_write(w, 1))
		put_forwarded(w, d);
	if (asked > 0 && may_write(w, 1)) {
		put_mark(w, TONE_ASK, "undecided", asked);
		fputs("fail, and are not known as yours\n", w->out);
	}
	if (d->not_you_messages > 0 && may_write(w, 1)) {
		put_mark(w, TONE_GREY, "not you", d->not_you_messages);
		fprintf(w->out, "from %s address%s; ", text_count(d->not_you_addresses, a), d->not_you_addresses == 1 ? "" : "es");
		fprintf(w->out, "%s stopped\n", text_count(d->not_you_stopped, a));
	}
	if (d->counts.undetermined > 0 && may_write(w, 1)) {
		put_mark(w, TONE_GREY, "unclear", d->counts.undetermined);
		fputs("the reports do not say whether they passed\n", w->out);
	}
}

/* --- the frame --- */

static void
put_sum(const struct writing *w, int64_t n, const char *word, enum tone tone, int *any)
{
	char number[28];

	if (n == 0)
		return;
	fprintf(w->out, "%s%s%s %s%s", *any ? ", " : "", w->o->colour ? colours[tone] : "", text_count(n, number), word,
	    w->o->colour ? "\033[0m" : "");
	*any = 1;
}

static void
put_sums(const struct writing *w, const struct counts *c)
{
	int any = 0;

	put_sum(w, c->lost, "lost", TONE_LOST, &any);
	put_sum(w, c->at_risk, "at risk", TONE_RISK, &any);
	put_sum(w, c->passing, "passing", TONE_GOOD, &any);
	put_sum(w, c->forwarded, "forwarded", TONE_WAY, &any);
	put_sum(w, c->undecided, "undecided", TONE_GREY, &any);
	put_sum(w, c->undetermined, "unclear", TONE_GREY, &any);
	fputc('\n', w->out);
}

/* "p=none sp=reject t=y": what differs from what it would be anyway. */
static void
add_policy(struct buf *b, const struct sum_domain *d)
{
	const char *p = d->p != NULL ? d->p : "none", *sp = d->sp != NULL ? d->sp : p, *np = d->np != NULL ? d->np : sp;

	buf_fmt(b, "p=%.20s", d->p != NULL ? d->p : "none (not given)");
	if (strcmp(sp, p) != 0)
		buf_fmt(b, " sp=%.12s", sp);
	if (strcmp(np, sp) != 0)
		buf_fmt(b, " np=%.12s", np);
	if (d->pct >= 0 && d->pct < 100)
		buf_fmt(b, " pct=%d", (int)d->pct);
	if (d->testing != NULL && strcmp(d->testing, "y") == 0)
		buf_str(b, " t=y");
}

/* One more fact of the head, where the line has room for it beside a name of so many columns. */
static void __attribute__((format(printf, 3, 4)))
add_fact(struct buf *b, size_t name, const char *fmt, ...)
{
	char text[80];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (b->len + strlen(text) + 3 + name <= WIDTH)
		buf_fmt(b, "   %s", text);
}

/* Where a period was chosen that is not the one the findings count. */
static void
put_asked(struct writing *w)
{
	char from[16], to[16];

	if (w->s->asked_begin != NULL && w->nmatters > 0 && may_write(w, 1))
		fprintf(w->out, "    what is to be done counts %s - %s\n", short_day(w, w->s->asked_begin, from), short_day(w, w->s->asked_end, to));
}

/* Period, messages, receivers (-1: not told) and age of the newest report, as far as there is room beside a name of so many columns. */
static void
add_facts(struct buf *b, size_t name, const struct writing *w, int64_t messages, int64_t reporters, const char *newest_day)
{
	char from[16], to[16], number[28];
	int64_t newest, age;

	add_fact(b, name, "%s - %s", short_day(w, w->s->begin, from), short_day(w, w->s->end, to));
	add_fact(b, name, "%s reported", text_count(messages, number));
	if (reporters >= 0)
		add_fact(b, name, "%lld receiver%s", (long long)reporters, reporters == 1 ? "" : "s");
	if (newest_day == NULL || !text_when(newest_day, &newest))
		return;
	age = w->o->now_at / 86400 - newest / 86400;
	if (age <= 0)
		add_fact(b, name, "newest today");
	else
		add_fact(b, name, "newest %lld day%s", (long long)age, age == 1 ? "" : "s");
}

static void
put_head(const struct writing *w, const struct sum_domain *d)
{
	const char *at = domain_name(d->domain);
	size_t name = 0;
	struct buf facts;

	for (; *at != '\0' && name < NAME_LEAST; at += text_bytes(at))
		name += text_columns(at);
	buf_init(&facts, 512);
	add_facts(&facts, name, w, d->counts.messages, d->reporters, d->newest_day);
	if (w->o->colour)
		fputs("\033[1m", w->out);
	put_text(w->out, domain_name(d->domain), WIDTH - facts.len);
	if (w->o->colour)
		fputs("\033[0m", w->out);
	fprintf(w->out, "%s\n    ", facts.at);
	put_sums(w, &d->counts);
	buf_free(&facts);
}

/* The policy in force and the way to the next one. */
static void
put_next(const struct writing *w, const struct sum_domain *d)
{
	static const char how[] = " (report --policy)";
	size_t i, open = 0;
	struct buf b;

	buf_init(&b, 512);
	buf_str(&b, "    policy ");
	add_policy(&b, d);
	for (i = 0; i < d->ngates; i++)
		open += d->gates[i].state != GATE_YES;
	if (d->ngates > 0 && d->next_policy != NULL)
		buf_fmt(&b, "  |  %zu of %zu%s open for p=%s", open, d->ngates, b.len + strlen(d->next_policy) <= WIDTH - 34 ? " conditions" : "", d->next_policy);
	if (d->ngates > 0 && d->next_policy != NULL && b.len + sizeof(how) <= WIDTH + 1)
		buf_str(&b, how);
	put_text(w->out, b.at, WIDTH);
	fputc('\n', w->out);
	buf_free(&b);
}

/* `below` lines are left for what comes after. How many findings did not fit. */
static int
put_domain(struct writing *w, const struct sum_domain *d, int below)
{
	int more;
	int after = 1 + (d->counts.forwarded > 0) + (d->counts.undecided > d->not_you_messages) + (d->not_you_messages > 0) +
	    (d->counts.undetermined > 0);

	after += below;
	if (!may_write(w, 2))
		return 0;
	put_head(w, d);
	if (d == w->s->domains)
		put_asked(w);
	more = put_findings(w, matter_of(w, d->domain), d, 0, after + 2);
	if (below == 0)
		put_more(w, more);
	put_passing(w, d, after);
	put_others(w, d);
	if (may_write(w, 1))
		put_next(w, d);
	return below > 0 ? more : 0;
}

static void
put_row(struct writing *w, const struct sum_domain *d)
{
	enum tone tone = d->counts.lost > 0 ? TONE_LOST : d->counts.at_risk > 0 ? TONE_RISK : TONE_GOOD;
	const int64_t columns[] = { d->counts.lost, d->counts.at_risk, d->counts.passing, d->counts.forwarded, d->counts.undecided + d->counts.undetermined };
	char number[28];
	size_t i;

	fprintf(w->out, "%s%s%s ", w->o->colour ? colours[tone] : "", marks[tone], w->o->colour ? "\033[0m" : "");
	put_padded(w->out, domain_name(d->domain), 24);
	for (i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		fprintf(w->out, "%10s", text_count(columns[i], number));
	fputc('\n', w->out);
}

/* Domains after this one in which mail is lost or at risk: each gets its name and a line. */
static size_t
pressing_after(const struct writing *w, size_t n, size_t rows)
{
	size_t i, found = 0;

	for (i = n + 1; i < rows; i++) {
		const struct matter *m = matter_of(w, w->s->domains[i].domain);
		size_t j = 0;

		while (m != NULL && j < m->n && told_as(m->at[j]->code)->tone > TONE_RISK)
			j++;
		found += m != NULL && j < m->n;
	}
	return found;
}

/* A line for each domain, worst first, then what is to be done in the worst. */
static void
put_table(struct writing *w)
{
	size_t i, rows = w->s->ndomains > ROWS ? ROWS : w->s->ndomains;
	struct buf head;
	int more = 0;

	buf_init(&head, 512);
	buf_fmt(&head, "%zu domains", w->s->ndomains);
	add_facts(&head, 0, w, w->s->counts.messages, -1, w->s->newest_day);
	fprintf(w->out, "%s\n    ", head.at);
	buf_free(&head);
	put_sums(w, &w->s->counts);
	fprintf(w->out, "%-28s%10s%10s%10s%10s%10s\n", "", "lost", "at risk", "passing", "forwarded", "undecided");
	for (i = 0; i < rows; i++)
		put_row(w, &w->s->domains[i]);
	if (rows < w->s->ndomains)
		fprintf(w->out, "    and %zu more: dmarcsift -v report\n", w->s->ndomains - rows);
	w->left -= (int)rows + 3 + (rows < w->s->ndomains);
	put_asked(w);
	for (i = 0; i < rows; i++) {	/* a later domain's line never costs a worse one its own */
		int spare = 1 + 2 * (int)pressing_after(w, i, rows);

		spare = spare > w->left - 2 ? w->left - 2 : spare;
		more += put_findings(w, matter_of(w, w->s->domains[i].domain), &w->s->domains[i], 1, spare > 1 ? spare : 1);
	}
	put_more(w, more + put_elsewhere(w));
}

/* How many lines it took. */
static int
put_nothing(const struct writing *w)
{
	const struct summary *s = w->s;
	char from[16], to[16];
	int lines = 2;
	size_t i;

	fprintf(w->out, "Nothing was reported%s between %s and %s.\n", s->nforeign > 0 ? " of your domains" : "", short_day(w, s->begin, from),
	    short_day(w, s->end, to));
	if (s->mail_until != NULL)
		fprintf(w->out, "The newest mail that was reported of this is of %s%s.\n", short_day(w, s->mail_until, to),
		    strcmp(s->mail_until, s->begin) < 0 ? ": --until shows the time before" : "");
	else if (s->reports_until != NULL)
		fprintf(w->out, "Reports came, the newest for %s, but they count no message of this.\n", short_day(w, s->reports_until, to));
	else if (s->nforeign == 0)
		fputs("Check that the mailbox named in the DMARC record (rua) receives mail.\n", w->out);
	else
		lines--;
	if (s->nforeign == 0)
		return lines;
	fprintf(w->out, "%zu domain%s reported that the configuration does not name:\n", s->nforeign, s->nforeign == 1 ? " was" : "s were");
	for (i = 0; i < s->nforeign && i < FOREIGN; i++, lines++) {
		fputs("    ", w->out);
		put_text(w->out, s->foreign[i], WIDTH - 5);
		fputc('\n', w->out);
	}
	if (s->nforeign > FOREIGN) {
		fprintf(w->out, "    and %zu more\n", s->nforeign - FOREIGN);
		lines++;
	}
	fputs("If one is yours, add it to domains in the configuration.\n", w->out);
	return lines + 2;
}

/* The one domain with mail; lines are kept for two others that something is asked of. */
static void
put_only(struct writing *w)
{
	const struct sum_domain *d = &w->s->domains[0];
	size_t others = w->nmatters - (matter_of(w, d->domain) != NULL);
	int more = put_domain(w, d, others == 0 ? 0 : 1 + 2 * (others < 2 ? (int)others : 2));

	put_more(w, more + put_elsewhere(w));
}

enum outcome
text_write(const struct summary *s, const struct text_options *o, FILE *out, struct err *err)
{
	struct writing w = { s, o, out, o->all ? -1 : LINES, NULL, NULL, 0 };
	size_t i;

	sort_matters(&w);
	if (s->ndomains == 0) {
		w.left -= put_nothing(&w);
		put_asked(&w);
		put_more(&w, put_elsewhere(&w));
	} else if (o->all) {
		for (i = 0; i < s->ndomains; i++) {
			if (i > 0)
				fputc('\n', out);
			(void)put_domain(&w, &s->domains[i], 0);
		}
		(void)put_elsewhere(&w);
	} else if (s->ndomains > 1) {
		put_table(&w);
	} else {
		put_only(&w);
	}
	free(w.matters);
	free(w.told);
	return ferror(out) ? err_stop(err, "standard output cannot be written") : OK;
}
