/* SPDX-License-Identifier: MIT */
/*
 * Drawings of the page, as inline SVG made by this program: stacked columns by day, sparklines, one
 * 100 % bar, a strip of days. No script and no style attribute; colours come from the page's style by class names
 * (c-lost, c-at_risk, ...). Every drawing has a title or a description; the page holds the same numbers as text nearby.
 *
 * Shapes lie in an inner SVG that stretches with the page, text in the outer one at per cent positions, so letters
 * keep their shape and size on a phone as on a wide screen.
 */
#ifndef REPORT_CHART_H
#define REPORT_CHART_H

#include <stddef.h>
#include <stdint.h>

struct out;

/* The six buckets every message falls in, in the order of concern. Adding one: words in chart.c, colours in page.css. */
enum slice { SLICE_LOST, SLICE_AT_RISK, SLICE_PASSING, SLICE_FORWARDED, SLICE_UNDECIDED, SLICE_UNDETERMINED, SLICES };

const char *slice_id(enum slice s);	/* "lost": class name and word of CSV and JSON */
void slice_word(struct out *o, enum slice s);	/* "lost", "at risk", "passing", ... */
/* The mark of a slice, a shape of its own beside its colour: a reference to the symbol `#m-lost`. Hidden from screen readers. */
void slice_mark(struct out *o, enum slice s);
/* The symbols and patterns the drawings refer to; once, early in the page. */
void chart_symbols(struct out *o);

struct chart_day {
	int64_t count[SLICES];
	int reported;		/* 0: no report for this day: hatched, not zero */
};
struct chart_mark { size_t day; int number; };	/* a line at a day, with the number it has in the list below */

struct chart_columns {
	const char *id;			/* unique in the page; letters, digits and - only */
	const char *title, *about;	/* for screen readers */
	const char *first_day;		/* "YYYY-MM-DD" */
	const struct chart_day *days;
	size_t ndays;
	size_t late;			/* the last so many days are still arriving */
	const struct chart_mark *marks;	/* in the order of their days */
	size_t nmarks;
};
void chart_columns(struct out *o, const struct chart_columns *c);

/* How many days one column or one step of a sparkline holds, so that at most `most` are drawn. */
size_t chart_bucket(size_t ndays, size_t most);

/* Messages over time in small: `bad` (lost and at risk) in front of `all`; one scale for all rows: `top`. Either may be NULL. */
void chart_spark(struct out *o, const int64_t *all, const int64_t *bad, size_t n, int64_t top, const char *title);

/* One bar of 100 %; counts are written into parts that are wide enough. Nothing where the sum is 0. */
void chart_bar(struct out *o, const int64_t count[SLICES], const char *title);

/* What receivers did, as one small bar: let through, put into junk, refused. */
void chart_mix(struct out *o, int64_t none, int64_t quarantine, int64_t reject, const char *title);

/* A strip of days: '1' filled, '0' hatched (nothing came), '-' outside. */
void chart_strip(struct out *o, const char *days, size_t n, const char *title);

#endif
