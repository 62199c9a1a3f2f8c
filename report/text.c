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
#include "base/text.h"
#include "base/width.h"
#include "report/text_part.h"

enum { LINES = 24, ROWS = 8, BAR = 20, FOREIGN = 5, NAME_LEAST = 16 };

/* --- who sends --- */

static void
put_bar(const struct writing *w, int64_t n, int64_t most)
{
	int i, len = most > 0 ? (int)((double)n / (double)most * BAR + 0.5) : 0;

	for (i = 0; i < (len > 0 ? len : 1) && !w->o->plain; i++)
		fputc('#', w->out);
}

/* Rows of senders by one of their counts; `told`: the code of the findings that tell of it, and whose senders need no row. */
struct rows { enum tone tone; const char *word, *told; };
static const struct rows lost = { TONE_LOST, "lost", "LOST" }, at_risk = { TONE_RISK, "at risk", "RISK" }, passing = { TONE_GOOD, "ok", NULL };

static int64_t
count_of(const struct writing *w, const struct rows *rows, const struct sum_domain *d, const struct sum_sender *s)
{
	int64_t count = rows == &lost ? s->counts.lost : rows == &at_risk ? s->counts.at_risk : s->counts.passing;

	return count > 0 && rows->told != NULL && matter_tells(matter_of(w, d->domain), rows->told, s->sender) ? 0 : count;
}

/* The largest of these counts; *lines: the fewest that tell of all, the row of the largest and one of the others. */
static int64_t
most_of(const struct writing *w, const struct rows *rows, const struct sum_domain *d, int *lines)
{
	int64_t most = 0, count;
	size_t i;

	for (i = 0, *lines = 0; i < d->nsenders; i++) {
		count = count_of(w, rows, d, &d->senders[i]);
		most = count > most ? count : most;
		*lines += count > 0 && *lines < 2;
	}
	return most;
}

/* Failing mail that no finding tells of may be of a sender that passes by now. */
static void
put_sender(const struct writing *w, const struct sum_sender *s)
{
	const struct sum_finding *now = s->passes_now;
	char phrase[40] = "", day[16];

	if (now != NULL && strcmp(now->code, "FIXED") == 0)
		snprintf(phrase, sizeof(phrase), "passes since %s", line_day(w, now->since, day));
	else if (now != NULL)
		snprintf(phrase, sizeof(phrase), "passes by now");
	line_named(w->out, s->name, phrase);
}

/* The senders with this count, one of the largest at least; those that find no room are one row. */
static void
put_rows(struct writing *w, const struct rows *rows, const struct sum_domain *d, int spare)
{
	int few, largest = 0;
	char number[28];
	int64_t most = most_of(w, rows, d, &few), rest = 0;
	size_t i, n = 0;

	for (i = 0; i < d->nsenders; i++) {
		const struct sum_sender *s = &d->senders[i];
		int64_t count = count_of(w, rows, d, s);

		if (count == 0)
			continue;
		if (w->left >= 0 && w->left - spare < 2 + !largest && (count < most || largest)) {
			rest += count;
			n++;
			continue;
		}
		largest |= count == most;
		(void)line_room(w, 1);
		line_mark(w, rows->tone, rows->word, count);
		if (rows == &passing) {
			line_padded(w->out, s->name, NAME);
			fputs("  ", w->out);
			put_bar(w, count, most);
			fputc('\n', w->out);
		} else {
			put_sender(w, s);
		}
	}
	if (n > 0 && line_room(w, 1)) {
		line_mark(w, rows->tone, rows->word, rest);
		fprintf(w->out, "%s further sender%s\n", text_count((int64_t)n, number), n == 1 ? "" : "s");
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

	line_mark(w, TONE_WAY, "forwarded", d->counts.forwarded);
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

	if (d->counts.forwarded > 0 && line_room(w, 1))
		put_forwarded(w, d);
	if (asked > 0 && line_room(w, 1)) {
		line_mark(w, TONE_ASK, "undecided", asked);
		fputs("fail, and are not known as yours\n", w->out);
	}
	if (d->not_you_messages > 0 && line_room(w, 1)) {
		line_mark(w, TONE_GREY, "not you", d->not_you_messages);
		fprintf(w->out, "from %s address%s; ", text_count(d->not_you_addresses, a), d->not_you_addresses == 1 ? "" : "es");
		fprintf(w->out, "%s stopped\n", text_count(d->not_you_stopped, a));
	}
	if (d->counts.undetermined > 0 && line_room(w, 1)) {
		line_mark(w, TONE_GREY, "unclear", d->counts.undetermined);
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
	fprintf(w->out, "%s%s%s %s%s", *any ? ", " : "", tone_colour(w, tone), text_count(n, number), word, tone_end(w));
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

	if (w->s->asked_begin == NULL || w->nmatters == 0 || !line_room(w, 1))
		return;
	line_period(w, w->s->asked_begin, w->s->asked_end, from, to);
	fprintf(w->out, "    what is to be done counts %s - %s\n", from, to);
}

/* Period and messages, as far as there is room beside so much of the name; receivers (-1: not told) and age of the newest report beside all its columns. */
static void
add_facts(struct buf *b, size_t least, size_t name, const struct writing *w, int64_t messages, int64_t reporters, const char *newest_day)
{
	char from[16], to[16], number[28];
	int64_t newest, age;

	line_period(w, w->s->begin, w->s->end, from, to);
	add_fact(b, least, "%s - %s", from, to);
	add_fact(b, least, "%s reported", text_count(messages, number));
	if (reporters >= 0)
		add_fact(b, name, "%s receiver%s", text_count(reporters, number), reporters == 1 ? "" : "s");
	if (newest_day == NULL || !text_when(newest_day, &newest))
		return;
	age = w->o->now_at / 86400 - newest / 86400;
	if (age <= 0)
		add_fact(b, name, "newest today");
	else
		add_fact(b, name, "newest %s day%s", text_count(age, number), age == 1 ? "" : "s");
}

static void
put_head(const struct writing *w, const struct sum_domain *d)
{
	const char *at = line_domain(d->domain);
	size_t name = 0;
	struct buf facts;

	for (; *at != '\0'; at += text_bytes(at))
		name += text_columns(at);
	buf_init(&facts, 512);
	add_facts(&facts, name < NAME_LEAST ? name : NAME_LEAST, name, w, d->counts.messages, d->reporters, d->newest_day);
	if (w->o->colour)
		fputs("\033[1m", w->out);
	line_text(w->out, line_domain(d->domain), WIDTH - facts.len);
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
	struct buf b, next;

	buf_init(&b, 512);
	buf_init(&next, 512);
	buf_str(&b, "    policy ");
	add_policy(&b, d);
	for (i = 0; i < d->ngates; i++)
		open += d->gates[i].state != GATE_YES;
	if (d->ngates > 0 && d->next_policy != NULL) {
		buf_fmt(&next, "p=%s", d->next_policy);
		if (b.len + next.len > WIDTH - 22)
			buf_reset(&next);
		buf_fmt(&b, "  |  %zu of %zu%s open for %s", open, d->ngates, next.len > 0 && b.len + next.len <= WIDTH - 32 ? " conditions" : "",
		    next.len > 0 ? next.at : "the next step");
		if (b.len + sizeof(how) <= WIDTH + 1)
			buf_str(&b, how);
	}
	line_text(w->out, b.at, WIDTH);
	fputc('\n', w->out);
	buf_free(&b);
	buf_free(&next);
}

/* `below` lines are left for what comes after. How many findings did not fit. */
static int
put_domain(struct writing *w, const struct sum_domain *d, int below)
{
	int after = 1 + (d->counts.forwarded > 0) + (d->counts.undecided > d->not_you_messages) + (d->not_you_messages > 0) +
	    (d->counts.undetermined > 0) + below;
	int losing, risky, fine, more;

	if (!line_room(w, 2))
		return 0;
	put_head(w, d);
	if (d == w->s->domains)
		put_asked(w);
	(void)most_of(w, &lost, d, &losing), (void)most_of(w, &at_risk, d, &risky), (void)most_of(w, &passing, d, &fine);
	more = matter_put(w, matter_of(w, d->domain), d, 0, after + 1 + losing + risky + fine);
	if (below == 0)
		matters_more(w, more);
	put_rows(w, &lost, d, after + risky + fine);
	put_rows(w, &at_risk, d, after + fine);
	put_rows(w, &passing, d, after);
	put_others(w, d);
	if (line_room(w, 1))
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

	fprintf(w->out, "%s%s%s ", tone_colour(w, tone), tone_marks[tone], tone_end(w));
	line_padded(w->out, line_domain(d->domain), 24);
	for (i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		fprintf(w->out, " %9s", text_count(columns[i], number));
	fputc('\n', w->out);
}

/* Lines left for the domains from this one on in which mail is lost or at risk, each its name and a line: what comes before never costs them these. */
static int
spare_from(const struct writing *w, size_t n, size_t rows)
{
	int spare = 1;
	size_t i;

	for (i = n; i < rows; i++)
		spare += 2 * matter_presses(matter_of(w, w->s->domains[i].domain));
	spare = spare > w->left - 2 ? w->left - 2 : spare;
	return spare > 1 ? spare : 1;
}

/* A line for each domain, worst first, then what is to be done in the worst. */
static void
put_table(struct writing *w)
{
	size_t i, rows = w->s->ndomains > ROWS ? ROWS : w->s->ndomains;
	struct buf head;
	char number[28];
	int more = 0;

	buf_init(&head, 512);
	buf_fmt(&head, "%s domains", text_count((int64_t)w->s->ndomains, number));
	add_facts(&head, 0, 0, w, w->s->counts.messages, -1, w->s->newest_day);
	fprintf(w->out, "%s\n    ", head.at);
	buf_free(&head);
	put_sums(w, &w->s->counts);
	fprintf(w->out, "%-28s%10s%10s%10s%10s%10s\n", "", "lost", "at risk", "passing", "forwarded", w->s->counts.undetermined > 0 ? "the rest" : "undecided");
	for (i = 0; i < rows; i++)
		put_row(w, &w->s->domains[i]);
	if (rows < w->s->ndomains)
		fprintf(w->out, "    and %s more: dmarcsift -v report\n", text_count((int64_t)(w->s->ndomains - rows), number));
	w->left -= (int)rows + 3 + (rows < w->s->ndomains);
	put_asked(w);
	more += matter_put(w, matter_of(w, NULL), NULL, 0, spare_from(w, 0, rows));
	for (i = 0; i < rows; i++)
		more += matter_put(w, matter_of(w, w->s->domains[i].domain), &w->s->domains[i], 1, spare_from(w, i + 1, rows));
	matters_more(w, more + matters_elsewhere(w));
}

/* How many lines it took. */
static int
put_nothing(const struct writing *w)
{
	const struct summary *s = w->s;
	char from[16], to[16], number[28];
	int lines = 2;
	size_t i;

	line_period(w, s->begin, s->end, from, to);
	fprintf(w->out, "Nothing was reported%s between %s and %s.\n", s->nforeign > 0 ? " of your domains" : "", from, to);
	if (s->mail_until != NULL)
		fprintf(w->out, "The newest mail that was reported of this is of %s%s.\n", line_day(w, s->mail_until, to),
		    strcmp(s->mail_until, s->begin) < 0 ? ": --until shows the time before" : "");
	else if (s->reports_until != NULL)
		fprintf(w->out, "Reports came, the newest for %s, but they count no message of this.\n", line_day(w, s->reports_until, to));
	else if (s->nforeign > 0)
		lines = 1;
	else {
		lines = 3;
		fputs("Check that the mailbox named in the DMARC record (rua) receives mail, and by\n`dmarcsift status` that it could be read.\n", w->out);
	}
	if (s->nforeign == 0)
		return lines;
	fprintf(w->out, "%s domain%s reported that the configuration does not name:\n", text_count((int64_t)s->nforeign, number), s->nforeign == 1 ? " was" : "s were");
	for (i = 0; i < s->nforeign && i < FOREIGN; i++, lines++) {
		fputs("    ", w->out);
		line_text(w->out, s->foreign[i], WIDTH - 5);
		fputc('\n', w->out);
	}
	if (s->nforeign > FOREIGN) {
		fprintf(w->out, "    and %s more\n", text_count((int64_t)(s->nforeign - FOREIGN), number));
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

	if (others > 0)
		matters_more(w, more + matters_elsewhere(w));
}

/* The first of some domains on a line; `status` has all. */
static void
put_domains(const struct writing *w, const char *what, const char *const *domains, size_t n)
{
	char number[28];

	if (n == 0)
		return;
	fputs(what, w->out);
	line_text(w->out, domains[0], WIDTH - 48);
	if (n > 1)
		fprintf(w->out, " and %s more (dmarcsift status)", text_count((int64_t)(n - 1), number));
	fputc('\n', w->out);
}

enum outcome
text_write(const struct summary *s, const struct text_options *o, FILE *out, struct err *err)
{
	size_t nforeign = s->ndomains > 0 ? s->nforeign : 0, i;	/* else told already */
	struct writing w = { s, o, out, o->all ? -1 : LINES - (s->nunheard > 0) - (nforeign > 0), NULL, NULL, 0, 0 };

	matters_sort(&w);
	if (s->ndomains == 0) {
		w.left -= put_nothing(&w);
		put_asked(&w);
		matters_more(&w, matters_elsewhere(&w));
	} else if (o->all) {
		if (matter_of(&w, NULL) != NULL) {
			(void)matter_put(&w, matter_of(&w, NULL), NULL, 0, 0);
			fputc('\n', out);
		}
		for (i = 0; i < s->ndomains; i++) {
			if (i > 0)
				fputc('\n', out);
			(void)put_domain(&w, &s->domains[i], 0);
		}
		(void)matters_elsewhere(&w);
	} else if (s->ndomains > 1) {
		put_table(&w);
	} else {
		put_only(&w);
	}
	put_domains(&w, "no report yet: ", s->unheard, s->nunheard);
	put_domains(&w, "not in domains: ", s->foreign, nforeign);
	free(w.matters);
	free(w.told);
	return ferror(out) ? err_stop(err, "standard output cannot be written") : OK;
}
