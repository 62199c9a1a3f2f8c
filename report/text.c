/* SPDX-License-Identifier: MIT */
/*
 * The summary for a terminal: first what is to be done, then for each policy domain what was reported, what passed, failed and was refused, and the senders
 * behind it by messages. 80 columns; every word of a stranger is cleaned.
 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "report/report.h"

enum { WIDTH = 80, FINDINGS = 1000 };

struct writing {
	struct store *store;
	const struct report_options *options;
	FILE *out;
	struct err *err;
	int domains, rows, findings;
	int64_t shown;
};

/* Text of strangers, cleaned and cut to at most `most` characters. */
static void
put_text(FILE *out, const char *text, size_t most)
{
	struct buf b;
	size_t n, width;

	buf_init(&b, 8192);
	text_clean(&b, text, strlen(text));
	/* Continuation bytes of UTF-8 take no room. */
	for (n = width = 0; n < b.len && width < most; n++) {
		if (((unsigned char)b.at[n] & 0xc0) != 0x80)
			width++;
	}
	while (n < b.len && ((unsigned char)b.at[n] & 0xc0) == 0x80)
		n++;
	fprintf(out, "%.*s%s", (int)n, b.at, n < b.len ? "~" : "");
	buf_free(&b);
}

/* Text in lines of 80 columns, broken at blanks, with an indent from the second line on. */
static void
put_wrapped(FILE *out, const char *text, int indent)
{
	struct buf b;
	const char *p, *end;
	size_t room = WIDTH - (size_t)indent;

	buf_init(&b, 8192);
	text_clean(&b, text, strlen(text));
	for (p = b.at; strlen(p) > room; p = end + (*end == ' ')) {
		for (end = p + room; end > p && *end != ' '; end--)
			;
		if (end == p)
			for (end = p + room; end > p && ((unsigned char)*end & 0xc0) == 0x80; end--)
				;
		fprintf(out, "%.*s\n%*s", (int)(end - p), p, indent, "");
	}
	fprintf(out, "%s\n", p);
	buf_free(&b);
}

static void
put_count(FILE *out, int64_t n, const char *word)
{
	char number[28];

	fprintf(out, "   %s %s", text_count(n, number), word);
}

static void
put_stream(FILE *out, const char *kind, const char *results)
{
	fprintf(out, "%41s%s ", "", kind);
	put_text(out, results != NULL ? results : "none", WIDTH - 41 - 6);
	fputc('\n', out);
}

static enum outcome
source(void *ctx, const struct source_total *t)
{
	struct writing *w = ctx;
	char a[28], b[28], c[28], d[28];

	if (w->rows++ == w->options->most_sources)
		return END;
	w->shown += t->messages;
	fprintf(w->out, "%10s %9s %9s %8s  ", text_count(t->messages, a), text_count(t->passed, b), text_count(t->failed, c),
	    text_count(t->rejected + t->quarantined, d));
	put_text(w->out, t->name, WIDTH - 41 - 1);
	fputc('\n', w->out);
	put_stream(w->out, "DKIM", t->dkim);
	put_stream(w->out, "SPF ", t->spf);
	if (t->forwarded > 0)
		fprintf(w->out, "%41sforwarded %s\n", "", text_count(t->forwarded, a));
	return OK;
}

static void
put_period(const struct writing *w, const struct domain_total *d)
{
	int64_t newest, days;
	char number[28];

	fprintf(w->out, "%s to %s   %s reported by %lld", w->options->from, w->options->to, text_count(d->messages, number),
	    (long long)d->reporters);
	if (d->newest_day != NULL && text_when(d->newest_day, &newest)) {
		days = w->options->now_at / 86400 - newest / 86400;
		if (days > 3)
			fprintf(w->out, "   newest %lld days old", (long long)days);
	}
	fputc('\n', w->out);
}

/* One finding that asks for something to be done, with what stops it. */
static enum outcome
finding(void *ctx, const struct overview_row *row, struct err *err)
{
	static const char *const told[] = { "LOST", "BROKE", "RISK", "STALE", "SPFERR", "DECIDE", "FIXED" };
	struct writing *w = ctx;
	size_t i;

	(void)err;
	for (i = 0; i < sizeof(told) / sizeof(told[0]) && strcmp(told[i], row->text[0]) != 0; i++)
		;
	if (i == sizeof(told) / sizeof(told[0]))
		return OK;
	w->findings++;
	fprintf(w->out, "%-6s ", row->text[0]);
	put_wrapped(w->out, row->text[4], 7);
	for (i = 5; i <= 6; i++) {
		if (row->text[i] == NULL)
			continue;
		fprintf(w->out, "%7s", "");
		put_wrapped(w->out, row->text[i], 7);
	}
	return OK;
}

static enum outcome
domain(void *ctx, const struct domain_total *d)
{
	struct writing *w = ctx;
	char number[28];
	enum outcome r;

	if (w->domains++ > 0)
		fputc('\n', w->out);
	put_text(w->out, *d->domain != '\0' ? d->domain : "(no policy domain)", WIDTH - 30);
	fputs("   policy p=", w->out);
	put_text(w->out, d->p != NULL ? d->p : "none (not given)", 20);
	if (d->sp != NULL && (d->p == NULL || strcmp(d->sp, d->p) != 0)) {
		fputs(" sp=", w->out);
		put_text(w->out, d->sp, 12);
	}
	fputs("\n  ", w->out);
	put_period(w, d);
	fputc(' ', w->out);
	put_count(w->out, d->passed, "passed");
	put_count(w->out, d->failed, "failed");
	put_count(w->out, d->rejected, "refused");
	if (d->quarantined > 0)
		put_count(w->out, d->quarantined, "junked");
	if (d->undetermined > 0)
		put_count(w->out, d->undetermined, "undecidable");
	fputs("\n\n  messages    passed    failed  refused  sender (results of its largest stream)\n", w->out);
	w->rows = 0;
	w->shown = 0;
	r = store_each_source(w->store, d->domain, w->options->from, w->options->to, w->options->most_sources + 1, source, w, w->err);
	if (r == OK && w->shown < d->messages)
		fprintf(w->out, "%10s  from further senders\n", text_count(d->messages - w->shown, number));
	return r;
}

enum outcome
text_write(struct store *s, const struct report_options *o, FILE *out, struct err *err)
{
	struct writing w = { s, o, out, err, 0, 0, 0, 0 };
	enum outcome r = OK;
	size_t i;

	if (o->ndomains == 0)
		r = store_overview(s, OVERVIEW_FINDINGS, 0, o->from, o->to, FINDINGS, finding, &w, err);
	if (w.findings > 0)
		fputc('\n', out);
	for (i = 0; r == OK && i < (o->ndomains > 0 ? o->ndomains : 1); i++)
		r = store_each_domain(s, o->from, o->to, o->ndomains > 0 ? o->domains[i] : NULL, domain, &w, err);
	if (r == OK && w.domains == 0)
		fprintf(out, "Nothing was reported between %s and %s.\n", o->from, o->to);
	return r;
}
