/* SPDX-License-Identifier: MIT */
/*
 * What receivers saw of a sender: the identifiers of its mail, and its results as a table. Names are shortened, results are not, and rows that
 * read the same then are one. See html_part.h.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "report/html_part.h"

enum {
	CELL = 60,	/* characters of a stranger's text in a cell, and of the name in each of its results */
	TAIL = 20,	/* of these from its end, where the selector is */
	WORD = 20,	/* of a result */
	RESULTS = 6,	/* in a cell */
	SOME = 3	/* identifiers in a line; all of them are in the table */
};

static size_t
characters(const char *s, size_t len)
{
	size_t i, n = 0;

	for (i = 0; i < len; i++)
		n += ((unsigned char)s[i] & 0xc0) != 0x80;
	return n;
}

/* Where the n-th character begins. */
static size_t
character(const char *s, size_t len, size_t n)
{
	size_t i = 0;

	for (; i < len && (n > 0 || ((unsigned char)s[i] & 0xc0) == 0x80); i++)
		n -= ((unsigned char)s[i] & 0xc0) != 0x80;
	return i;
}

/* At most so many characters, `tail` of them from the end. */
static void
add_short(struct buf *b, const char *s, size_t len, size_t most, size_t tail)
{
	size_t n = characters(s, len), from;

	if (n <= most) {
		buf_add(b, s, len);
		return;
	}
	buf_add(b, s, character(s, len, most - tail));
	buf_str(b, "\xe2\x80\xa6");
	from = tail > 0 ? character(s, len, n - tail) : len;
	buf_add(b, s + from, len - from);
}

/* "example.org/s1=pass, mandrillapp.com/mte1=fail". */
static void
add_results(struct buf *b, const char *text)
{
	size_t n = 0, more = 0, passed = 0;
	const char *p, *end, *is;

	for (p = text; *p != '\0'; p = *end == '\0' ? end : end + 2) {
		if ((end = strstr(p, ", ")) == NULL)
			end = p + strlen(p);
		if ((is = memrchr(p, '=', (size_t)(end - p))) == NULL)
			is = end;
		if (n == RESULTS) {
			more++;
			passed += end - is == 5 && memcmp(is, "=pass", 5) == 0;
			continue;
		}
		if (n++ > 0)
			buf_str(b, ", ");
		add_short(b, p, (size_t)(is - p), CELL, TAIL);
		add_short(b, is, (size_t)(end - is), WORD, 0);
	}
	if (more > 0)
		buf_fmt(b, ", and %zu more, %zu of them pass", more, passed);
}

/* --- the table --- */

struct row { struct buf cells; int64_t messages; };	/* cells: each with its NUL */

static void
add_cell(struct buf *b, const char *text, int results)
{
	if (text != NULL && results)
		add_results(b, text);
	else if (text != NULL)
		add_short(b, text, strlen(text), CELL, 0);
	buf_add(b, "", 1);
}

/* Rows that read the same are one. */
static struct row *
rows_of(const struct sum_sender *s, int identifiers, int reasons, size_t *n)
{
	struct row *rows = mem_alloc((s->ncombos + 1) * sizeof(*rows));
	size_t i, j;

	for (i = *n = 0; i < s->ncombos; i++) {
		const struct sum_combo *c = &s->combos[i];
		struct buf *b = &rows[*n].cells;

		buf_init(b, 1 << 14);
		if (identifiers) {
			add_cell(b, c->header_from, 0);
			add_cell(b, c->envelope_from, 0);
		}
		add_cell(b, c->dkim, 1);
		add_cell(b, c->spf, 1);
		add_cell(b, c->disposition, 0);
		if (reasons)
			add_cell(b, c->reasons, 0);
		for (j = 0; j < *n && (rows[j].cells.len != b->len || memcmp(rows[j].cells.at, b->at, b->len) != 0); j++)
			;
		if (j < *n)
			buf_free(b);
		else
			rows[(*n)++].messages = 0;
		rows[j].messages += c->messages;
	}
	return rows;
}

static void
put_row(struct out *o, const struct row *r)
{
	size_t at, len;

	out_lit(o, "<tr>");
	for (at = 0; at < r->cells.len; at += len + 1) {
		len = strlen(r->cells.at + at);
		out_lit(o, "<td>");
		if (len == 0)
			out_lit(o, "<span class=\"zero\">\xe2\x80\x93</span>");
		out_textn(o, r->cells.at + at, len);
		out_lit(o, "</td>");
	}
	put_cell(o, r->messages);
	out_lit(o, "</tr>");
}

void
page_seen(struct out *o, const struct sum_sender *s)
{
	int identifiers = 0, reasons = 0;
	struct row *rows;
	size_t i, n;

	if (s->ncombos == 0)
		return;
	for (i = 0; i < s->ncombos; i++) {	/* columns that are worth their room */
		identifiers |= s->combos[i].header_from != NULL || s->combos[i].envelope_from != NULL;
		reasons |= s->combos[i].reasons != NULL;
	}
	out_lit(o, "<h3 class=\"minor\">What the receivers saw</h3><div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Identifiers of ");
	out_short(o, s->name, CELL);
	out_lit(o, "\"><table class=\"lines seen");
	if (reasons)	/* one column more before the last: the style names them where there is no head, on a phone */
		out_lit(o, " why");
	out_lit(o, "\"><caption>Of the newest reports; reported messages</caption><thead><tr>");
	if (identifiers)
		out_lit(o, "<th scope=\"col\">From</th><th scope=\"col\">Envelope</th>");
	out_lit(o, "<th scope=\"col\">DKIM</th><th scope=\"col\">SPF</th><th scope=\"col\">Receiver did</th>");
	if (reasons)
		out_lit(o, "<th scope=\"col\">Reason</th>");
	out_lit(o, "<th scope=\"col\" class=\"num\">Messages</th></tr></thead><tbody>");
	rows = rows_of(s, identifiers, reasons, &n);
	for (i = 0; i < n; i++) {
		put_row(o, &rows[i]);
		buf_free(&rows[i].cells);
	}
	free(rows);
	out_lit(o, "</tbody></table></div>\n");
}

/* --- the line: whose name is in From, in the envelope and in the signature --- */

enum identifier { FROM, ENVELOPE, SIGNED };

static const char *
identifier_of(const struct sum_combo *c, enum identifier which)
{
	return which == FROM ? c->header_from : which == ENVELOPE ? c->envelope_from : c->dkim;
}

/* One more value, where none before reads the same; 0: there is room for no more, which is said. */
static int
put_identifier(struct out *o, enum identifier which, const char *value, size_t len, struct buf shown[], size_t *n)
{
	static const char *const words[] = { "From ", "envelope ", "DKIM " };
	struct buf b;
	size_t i;

	buf_init(&b, 1 << 14);
	buf_add(&b, value, len);
	add_cell(&shown[*n], b.at, which == SIGNED);
	buf_free(&b);
	for (i = 0; i < *n && strcmp(shown[i].at, shown[*n].at) != 0; i++)
		;
	if (i < *n) {
		buf_reset(&shown[*n]);
	} else if (*n == SOME) {
		out_lit(o, ", \xe2\x80\xa6");
		return 0;
	} else {
		out_text(o, *n == 0 ? words[which] : ", ");
		out_text(o, shown[(*n)++].at);
	}
	return 1;
}

/* The different values of one kind, of signatures each one: "From example.org, news.example.org". */
static void
put_identifiers(struct out *o, const struct sum_sender *s, enum identifier which)
{
	struct buf shown[SOME + 1];
	const char *p, *end;
	size_t i, n = 0;
	int room = 1;

	for (i = 0; i <= SOME; i++)
		buf_init(&shown[i], 1 << 14);
	for (i = 0; i < s->ncombos && room; i++) {
		for (p = identifier_of(&s->combos[i], which); p != NULL && *p != '\0' && room; p = *end == '\0' ? end : end + 2) {
			if (which != SIGNED || (end = strstr(p, ", ")) == NULL)
				end = p + strlen(p);
			room = put_identifier(o, which, p, (size_t)(end - p), shown, &n);
		}
	}
	for (i = 0; i <= SOME; i++)
		buf_free(&shown[i]);
}

void
page_identifiers(struct out *o, const struct sum_sender *s)
{
	static const enum identifier all[] = { FROM, ENVELOPE, SIGNED };
	size_t i;

	if (s->ncombos == 0)
		return;
	out_lit(o, "<p class=\"ids\">");
	for (i = 0; i < sizeof(all) / sizeof(*all); i++) {
		out_lit(o, "<span>");
		put_identifiers(o, s, all[i]);
		out_lit(o, "</span> ");
	}
	out_lit(o, "</p>");
}
