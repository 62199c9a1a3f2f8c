/* SPDX-License-Identifier: MIT */
/* See text_part.h: pieces of the terminal summary's lines; what strangers wrote is cleaned, measured in columns and cut or wrapped. */
#include "report/text_part.h"

#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "base/width.h"

const char *const tone_marks[] = { "[X]", "[!]", "[?]", "[ ]", "[>]", "[-]" };
static const char *const colours[] = { "\033[1;31m", "\033[1;33m", "\033[36m", "\033[32m", "\033[34m", "\033[90m" };

const char *
tone_colour(const struct writing *w, enum tone tone)
{
	return w->o->colour ? colours[tone] : "";
}

const char *
tone_end(const struct writing *w)
{
	return w->o->colour ? "\033[0m" : "";
}

size_t
line_text(FILE *out, const char *text, size_t most)
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

void
line_padded(FILE *out, const char *text, size_t width)
{
	size_t n = line_text(out, text, width);

	fprintf(out, "%*s", (int)(width - n), "");
}

void
line_named(FILE *out, const char *name, const char *phrase)
{
	size_t room = WIDTH - INDENT - 2 - strlen(phrase);

	if (*phrase == '\0')
		(void)line_text(out, name, WIDTH - INDENT);
	else
		line_padded(out, name, room < NAME ? room : NAME);
	fprintf(out, "%s%s\n", *phrase != '\0' ? "  " : "", phrase);
}

int
line_wrapped(FILE *out, const char *text, int whole)
{
	struct buf b;
	const char *p, *end;
	int lines = 0;

	buf_init(&b, 8192);
	text_clean(&b, text, strlen(text));
	for (p = b.at; lines == 0 || *p != '\0'; p = end + (*end == ' '), lines++) {
		end = text_line_end(p, WIDTH - INDENT, whole);
		if (out != NULL)
			fprintf(out, "%*s%.*s\n", INDENT, "", (int)(end - p), p);
	}
	buf_free(&b);
	return lines;
}

int
line_room(struct writing *w, int lines)
{
	if (w->left < 0)
		return 1;
	if (w->left < lines)
		return 0;
	w->left -= lines;
	return 1;
}

const char *
line_domain(const char *domain)
{
	return *domain != '\0' ? domain : "(no policy domain)";
}

void
line_mark(struct writing *w, enum tone tone, const char *word, int64_t count)
{
	char number[28];

	fprintf(w->out, "%s%s %-10s%s%8s  ", tone_colour(w, tone), tone_marks[tone], word, tone_end(w),
	    count > 0 ? text_count(count, number) : "");
}

static const char *
day_words(const char *day, int with_year, char out[16])
{
	if (*text_date(day, out) == '\0')
		snprintf(out, 16, "%s", day != NULL ? day : "?");
	else if (!with_year)
		out[strlen(out) - 5] = '\0';
	return out;
}

static int
is_of_this_year(const struct writing *w, const char *day)
{
	return day != NULL && strncmp(day, w->s->generated_at, 4) == 0;
}

const char *
line_day(const struct writing *w, const char *day, char out[16])
{
	return day_words(day, !is_of_this_year(w, day), out);
}

/* 1: from one to the other it is a year or more, so the first alone does not say of which year it is. */
static int
is_of_years(const char *from, const char *to)
{
	int64_t a, b;

	return from == NULL || to == NULL || !text_int64(from, 4, &a) || !text_int64(to, 4, &b) || b - a > 1 || (b - a == 1 && strcmp(from + 4, to + 4) <= 0);
}

void
line_period(const struct writing *w, const char *from, const char *to, char first[16], char last[16])
{
	int within = is_of_this_year(w, from) && is_of_this_year(w, to);

	(void)day_words(from, !within && is_of_years(from, to), first);
	(void)day_words(to, !within, last);
}
