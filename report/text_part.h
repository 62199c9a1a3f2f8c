/* SPDX-License-Identifier: MIT */
/*
 * Private to the files of the terminal summary. text.c: the frame, and who sends. text_tasks.c: what is to be done. text_lines.c: pieces of lines.
 */
#ifndef REPORT_TEXT_PART_H
#define REPORT_TEXT_PART_H

#include <stdio.h>

#include "report/report.h"
#include "report/summary.h"

enum { WIDTH = 80, INDENT = 24, NAME = 34 };

/* The findings on one domain (NULL: those that concern none) that ask for something, in their order. */
struct matter { const char *domain; const struct sum_finding **at; size_t n; int written; };

struct writing {
	const struct summary *s;
	const struct text_options *o;
	FILE *out;
	int left;		/* lines that may still be written; -1: as many as wanted */
	const struct sum_finding **told;	/* by domain */
	struct matter *matters;	/* by domain */
	size_t nmatters;
	int brief;		/* findings told in a line, without what is to be done */
};

/* --- text_lines.c --- */

/* What each class of line looks like. */
enum tone { TONE_LOST, TONE_RISK, TONE_ASK, TONE_GOOD, TONE_WAY, TONE_GREY };
extern const char *const tone_marks[];
const char *tone_colour(const struct writing *w, enum tone tone);	/* where it begins; "" where no colours are wanted */
const char *tone_end(const struct writing *w);

/* Text of strangers, cleaned and cut to at most `most` columns; the columns written. */
size_t line_text(FILE *out, const char *text, size_t most);
void line_padded(FILE *out, const char *text, size_t width);
void line_named(FILE *out, const char *name, const char *phrase);	/* the rest of a line: a name, and a phrase ("" none) in full behind it */
/* Text in lines of 80 columns, broken at blanks, all with the indent; the lines used. `out` NULL only counts them. whole 1: no word is cut, it is to be copied. */
int line_wrapped(FILE *out, const char *text, int whole);
void line_mark(struct writing *w, enum tone tone, const char *word, int64_t count);	/* "[X] LOST       399  " */
/* "12 Nov" of a day of this year, "12 Nov 2025" of another; the day as it is where it is none. */
const char *line_day(const struct writing *w, const char *day, char out[16]);
/* The first and the last day of a period: "24 Oct", "22 Nov" of this year; else the last says its year, and the first where it may be of several. */
void line_period(const struct writing *w, const char *from, const char *to, char first[16], char last[16]);
const char *line_domain(const char *domain);	/* its name, or that it has none */
int line_room(struct writing *w, int lines);	/* 1: so many more may be written, and are counted */

/* --- text_tasks.c --- */

void matters_sort(struct writing *w);		/* fills told and matters; caller frees both */
struct matter *matter_of(const struct writing *w, const char *domain);	/* domain NULL: what concerns none. NULL: nothing is asked of it. */
int matter_presses(const struct matter *m);	/* 1: mail is lost or at risk; m NULL: 0 */
int matter_tells(const struct matter *m, const char *code, const char *sender);	/* 1: a finding of this code is on this sender; m NULL: 0 */
/*
 * The findings on a domain, worst first, below its name if `named`; `spare` lines are left for what comes after. How many did not fit. d NULL: no domain, or one
 * without mail in the period, of which nothing else is known here.
 */
int matter_put(struct writing *w, struct matter *m, const struct sum_domain *d, int named, int spare);
int matters_elsewhere(struct writing *w);	/* the findings on domains that were not shown: those without mail in the period. How many did not fit. */
void matters_more(struct writing *w, int more);	/* says so, and where it stands what is to be done about those told in a line */

#endif
