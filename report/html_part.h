/* SPDX-License-Identifier: MIT */
/*
 * Private to the page's files: the parts of the page, and how much of each is shown.
 * html.c: frame and size. html_first.c: verdict and sums. html_tasks.c: what to do. html_table.c: domains. html_domain.c: days, policy, receivers. html_senders.c:
 * who sends. html_seen.c: what receivers saw of a sender. html_else.c: the rest.
 */
#ifndef REPORT_HTML_PART_H
#define REPORT_HTML_PART_H

#include "report/chart.h"
#include "report/html.h"
#include "report/out.h"
#include "report/summary.h"

/* How much is shown; html.c holds the table of levels, each smaller than the one before. */
struct page_caps {
	size_t domains;		/* in full; the others are rows of the table */
	size_t senders;		/* rows, each domain */
	size_t drill;		/* of them with details */
	size_t receivers;
	size_t subdomains;
	int numbers;		/* 1: the table of numbers below the columns */
};

struct page {
	struct out *o;
	const struct summary *s;
	const struct page_caps *caps;
};

/* --- words (html_words.c) --- */
void put_day(struct out *o, const char *day);		/* <time>14 Nov 2026</time>; NULL: a dash */
void put_period(struct out *o, const char *begin, const char *end);
/* "1 message", "1,204 messages": the count and its word; words are literals. */
#define put_some(o, n, one, many) put_some_((o), (n), "" one "", "" many "")
void put_some_(struct out *o, int64_t n, const char *one, const char *many);
/* Share in whole per cent; nothing below 20 of the whole, where a percentage says more than there is. */
int has_share(int64_t whole);
void put_share(struct out *o, int64_t part, int64_t whole);
void put_cell(struct out *o, int64_t n);		/* <td class=num>: zero is a quiet dash */
void put_class(struct out *o, const char *class_name);	/* mark and word of a sender's class */
enum slice class_slice(const char *class_name);
int class_rank(const char *class_name);			/* the worse the more */
/* Record names and values: <angle> parts are what the reader's account shows. */
void put_pattern(struct out *o, const char *value);
/* A name among other words, cut to so many characters: where it is written from right to left, the words and figures behind it stay behind it. */
void put_name(struct out *o, const char *name, size_t most);
void counts_of(const struct counts *c, int64_t out[SLICES]);
void put_id(struct out *o, size_t domain, const char *part);	/* "d1-part", "d1" where part is "" */

/* --- parts --- */
void page_verdict(const struct page *p);	/* the sentence */
int page_has_tasks(const struct summary *s);		/* 1: there is something to do */
void page_tasks(const struct page *p);		/* up to three cards */
void page_sums(const struct page *p);		/* the bar and four facts */
void page_others(const struct page *p);		/* findings that are no cards */
void page_domains(const struct page *p);	/* a row for each */
void page_legend(struct out *o, const struct counts *c, int64_t not_you);	/* marks with counts and words; not_you: of the undecided */
void page_else(const struct page *p, int capped);	/* 1: lists were shortened to keep the page small */
void page_days(const struct page *p, const struct sum_domain *d, size_t n);
void page_senders(const struct page *p, const struct sum_domain *d, size_t n);
void page_policy(const struct page *p, const struct sum_domain *d, size_t n);
void page_receivers(const struct page *p, const struct sum_domain *d, size_t n);
void page_advice(struct out *o, const char *fix);		/* what to do, as a line of its own, in which commands can be copied */
void page_fix(const struct page *p, const struct sum_sender *s);	/* the box; nothing where no fix is known */
void page_identifiers(struct out *o, const struct sum_sender *s);	/* a line; it and the table: nothing where no results were looked at */
void page_seen(struct out *o, const struct sum_sender *s);	/* the table of results */

#endif
