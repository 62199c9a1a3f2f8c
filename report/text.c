/* SPDX-License-Identifier: MIT */
/*
 * The summary for a terminal, 80 columns: for each policy domain its sums, what is to be done with the records that do it, and
 * who sends as it. Nothing longer than LINES lines unless all is asked for: what does not fit is counted. Every word of
 * a stranger is cleaned. Layout and marks: a square is lost mail, a triangle a risk, as on the page.
 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "report/report.h"
#include "report/summary.h"

enum { WIDTH = 80, LINES = 24, INDENT = 24, NAME = 34, BAR = 20, IN_FULL = 2 };

struct writing {
	const struct summary *s;
	const struct text_options *o;
	FILE *out;
	int left;		/* lines that may still be written; -1: as many as wanted */
};

/* What each class of line looks like. */
enum tone { TONE_LOST, TONE_RISK, TONE_ASK, TONE_GOOD, TONE_WAY, TONE_GREY };
static const char *const marks[] = { "[X]", "[!]", "[?]", "[ ]", "[>]", "[-]" };
static const char *const colours[] = { "\033[1;31m", "\033[1;33m", "\033[36m", "\033[32m", "\033[34m", "\033[90m" };

/* --- pieces of lines --- */

/* Text of strangers, cleaned and cut to at most `most` characters; the characters written. */
static size_t
put_text(FILE *out, const char *text, size_t most)
{
	struct buf b;
	size_t n, width;

	buf_init(&b, 8192);
	text_clean(&b, text, strlen(text));
	/* Continuation bytes of UTF-8 take no room. */
	for (n = width = 0; n < b.len && (((unsigned char)b.at[n] & 0xc0) == 0x80 || width < most); n++)
		width += ((unsigned char)b.at[n] & 0xc0) != 0x80;
	if (n < b.len) {
		for (n--; n > 0 && ((unsigned char)b.at[n] & 0xc0) == 0x80; n--)
			;
		fprintf(out, "%.*s~", (int)n, b.at);
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

/* Text in lines of 80 columns, broken at blanks, all with the indent; the lines used. */
static int
put_wrapped(FILE *out, const char *text)
{
	struct buf b;
	const char *p, *end;
	size_t room = WIDTH - INDENT;
	int lines = 1;

	buf_init(&b, 8192);
	text_clean(&b, text, strlen(text));
	for (p = b.at; strlen(p) > room; p = end + (*end == ' '), lines++) {
		for (end = p + room; end > p && *end != ' '; end--)
			;
		if (end == p)
			for (end = p + room; end > p && ((unsigned char)*end & 0xc0) == 0x80; end--)
				;
		fprintf(out, "%*s%.*s\n", INDENT, "", (int)(end - p), p);
	}
	fprintf(out, "%*s%s\n", INDENT, "", p);
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

static const struct told { const char *code; enum tone tone; const char *phrase; } told[] = {	/* %s: since */
	{ "LOST", TONE_LOST, "refused or junked since %s" }, { "BROKE", TONE_LOST, "stopped passing on %s" },
	{ "RISK", TONE_RISK, "matches nothing, since %s" }, { "STALE", TONE_RISK, "no report since %s" },
	{ "SPFERR", TONE_RISK, "your SPF record cannot be evaluated" }, { "DECIDE", TONE_ASK, "all fails since %s; yours?" },
	{ "FIXED", TONE_GOOD, "passes again since %s" }, { "SPFONLY", TONE_GOOD, "passes by address only; turn DKIM on" },
	{ "GONE", TONE_ASK, "nothing since %s" }, { "BLIND", TONE_ASK, "a receiver is silent since %s" }, { "NEW", TONE_ASK, "first seen %s" },
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
put_phrase(const struct writing *w, const struct told *t, const char *since)
{
	const char *at = strstr(t->phrase, "%s");
	char day[16];

	if (at == NULL)
		fputs(t->phrase, w->out);
	else
		fprintf(w->out, "%.*s%s%s", (int)(at - t->phrase), t->phrase, short_day(w, since, day), at + 2);
}

/* The lines below a finding: why, and the records to publish. */
static int
detail_lines(const struct writing *w, const struct sum_finding *f, const struct sum_sender *s, int write)
{
	size_t i;
	int n = 0;

	if (f->why != NULL)
		n += write ? put_wrapped(w->out, f->why) : 1 + (int)(strlen(f->why) / (WIDTH - INDENT));
	if (s == NULL || s->nfixes == 0 || strcmp(f->code, "FIXED") == 0)
		return n;
	for (i = 0; i < s->nfixes; i++, n++) {
		if (!write)
			continue;
		fprintf(w->out, "%*s", INDENT, "");
		put_text(w->out, s->fixes[i].name, WIDTH);
		fprintf(w->out, " %s ", s->fixes[i].type);
		put_text(w->out, s->fixes[i].value, WIDTH);
		fputc('\n', w->out);
	}
	return n;
}

static void
put_finding(struct writing *w, const struct sum_domain *d, const struct sum_finding *f, int in_full)
{
	const struct told *t = told_as(f->code);
	const struct sum_sender *s = sender_named(d, f->sender);

	put_mark(w, t->tone, f->code, f->messages);
	if (f->sender != NULL) {
		put_padded(w->out, s != NULL ? s->name : f->sender, NAME - 10);
		fputs("  ", w->out);
	}
	put_phrase(w, t, f->since);
	fputc('\n', w->out);
	if (in_full)
		(void)detail_lines(w, f, s, 1);
}

/* The findings of a domain that ask for something, worst first; `spare` lines are left for what comes after. */
static void
put_findings(struct writing *w, const struct sum_domain *d, int spare)
{
	int n = 0, more = 0;
	size_t i;

	for (i = 0; i < w->s->nfindings; i++) {
		const struct sum_finding *f = &w->s->findings[i];
		int in_full = n < IN_FULL || w->left < 0, lines;

		if (told_as(f->code) == NULL || (f->domain != NULL ? strcmp(f->domain, d->domain) != 0 : d != w->s->domains))
			continue;
		lines = 1 + (in_full ? detail_lines(w, f, sender_named(d, f->sender), 0) : 0);
		if (w->left >= 0 && w->left - spare < lines) {
			more++;
			continue;
		}
		(void)may_write(w, lines);
		put_finding(w, d, f, in_full);
		n++;
	}
	if (more > 0 && may_write(w, 1))
		fprintf(w->out, "    and %d more: dmarcsift -v report\n", more);
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

static void
put_others(struct writing *w, const struct sum_domain *d)
{
	int64_t asked = d->counts.undecided - d->not_you_messages;
	char a[28];

	if (d->counts.forwarded > 0 && may_write(w, 1)) {
		put_mark(w, TONE_WAY, "forwarded", d->counts.forwarded);
		fputs("by recipients\n", w->out);
	}
	if (asked > 0 && may_write(w, 1)) {
		put_mark(w, TONE_ASK, "undecided", asked);
		fputs("fail, with no trace of you\n", w->out);
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

static const char *
domain_name(const struct sum_domain *d)
{
	return *d->domain != '\0' ? d->domain : "(no policy domain)";
}

static void
put_policy(const struct writing *w, const struct sum_domain *d)
{
	fputs("p=", w->out);
	put_text(w->out, d->p != NULL ? d->p : "none (not given)", 20);
	if (d->sp != NULL && (d->p == NULL || strcmp(d->sp, d->p) != 0)) {
		fputs(" sp=", w->out);
		put_text(w->out, d->sp, 12);
	}
}

static void
put_head(const struct writing *w, const struct sum_domain *d)
{
	char from[16], to[16], number[28];
	int64_t newest;

	if (w->o->colour)
		fputs("\033[1m", w->out);
	put_text(w->out, domain_name(d), 30);
	if (w->o->colour)
		fputs("\033[0m", w->out);
	fprintf(w->out, "   %s - %s   %s reported   %lld receiver%s", short_day(w, w->s->begin, from), short_day(w, w->s->end, to),
	    text_count(d->counts.messages, number), (long long)d->reporters, d->reporters == 1 ? "" : "s");
	if (d->newest_day != NULL && text_when(d->newest_day, &newest))
		fprintf(w->out, "   newest %lld days", (long long)(w->o->now_at / 86400 - newest / 86400));
	fputs("\n    ", w->out);
	put_sums(w, &d->counts);
}

/* The policy in force and the way to the next one. */
static void
put_next(const struct writing *w, const struct sum_domain *d)
{
	size_t i, open = 0;

	fputs("    policy ", w->out);
	put_policy(w, d);
	for (i = 0; i < d->ngates; i++)
		open += d->gates[i].state != GATE_YES;
	if (d->ngates > 0 && d->next_policy != NULL)
		fprintf(w->out, "  |  %zu of %zu conditions open for p=%s (report --policy)", open, d->ngates, d->next_policy);
	fputc('\n', w->out);
}

static void
put_domain(struct writing *w, const struct sum_domain *d)
{
	int after = 1 + (d->counts.forwarded > 0) + (d->counts.undecided > d->not_you_messages) + (d->not_you_messages > 0) +
	    (d->counts.undetermined > 0);

	if (!may_write(w, 2))
		return;
	put_head(w, d);
	put_findings(w, d, after + 2);
	put_passing(w, d, after);
	put_others(w, d);
	if (may_write(w, 1))
		put_next(w, d);
}

static void
put_row(struct writing *w, const struct sum_domain *d)
{
	enum tone tone = d->counts.lost > 0 ? TONE_LOST : d->counts.at_risk > 0 ? TONE_RISK : TONE_GOOD;
	const int64_t columns[] = { d->counts.lost, d->counts.at_risk, d->counts.passing, d->counts.forwarded, d->counts.undecided + d->counts.undetermined };
	char number[28];
	size_t i;

	fprintf(w->out, "%s%s%s ", w->o->colour ? colours[tone] : "", marks[tone], w->o->colour ? "\033[0m" : "");
	put_padded(w->out, domain_name(d), 24);
	for (i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		fprintf(w->out, "%10s", text_count(columns[i], number));
	fputc('\n', w->out);
}

/* A line for each domain, worst first, then what is to be done in the worst. */
static void
put_table(struct writing *w)
{
	char number[28];
	size_t i, rows = w->s->ndomains > LINES / 2 ? LINES / 2 : w->s->ndomains;

	fprintf(w->out, "%zu domains   %s reported\n    ", w->s->ndomains, text_count(w->s->counts.messages, number));
	put_sums(w, &w->s->counts);
	fprintf(w->out, "%-28s%10s%10s%10s%10s%10s\n", "", "lost", "at risk", "passing", "forwarded", "undecided");
	for (i = 0; i < rows; i++)
		put_row(w, &w->s->domains[i]);
	if (rows < w->s->ndomains)
		fprintf(w->out, "    and %zu more: dmarcsift -v report\n", w->s->ndomains - rows);
	w->left -= (int)rows + 3 + (rows < w->s->ndomains);
	for (i = 0; i < rows; i++)
		put_findings(w, &w->s->domains[i], 1);
}

enum outcome
text_write(const struct summary *s, const struct text_options *o, FILE *out, struct err *err)
{
	struct writing w = { s, o, out, o->all ? -1 : LINES };
	size_t i;

	if (s->ndomains == 0)
		fprintf(out, "Nothing was reported between %s and %s.\n", s->begin, s->end);
	else if (s->ndomains > 1 && !o->all)
		put_table(&w);
	else
		for (i = 0; i < s->ndomains; i++) {
			if (i > 0)
				fputc('\n', out);
			put_domain(&w, &s->domains[i]);
		}
	return ferror(out) ? err_stop(err, "standard output cannot be written") : OK;
}
