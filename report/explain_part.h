/* SPDX-License-Identifier: MIT */
/*
 * Private to the files of `explain`. explain.c: a name. explain_bounce.c: a bounce. explain_streams.c: the streams of the reported mail that it may be of.
 */
#ifndef REPORT_EXPLAIN_PART_H
#define REPORT_EXPLAIN_PART_H

#include <stdio.h>

#include "report/bounce.h"
#include "report/explain.h"
#include "report/summary.h"

/* --- explain.c --- */

/* "  label      text", the text cleaned; nothing where it is empty. */
void explain_put(FILE *out, const char *label, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
const char *explain_dash(const char *text);	/* "-" where it is NULL */
void explain_fixes(FILE *out, const struct sum_sender *s);

/* --- explain_streams.c --- */

/* The From domain of the mail, as the receiver's words or the mail itself have it; NULL unknown. */
const char *bounce_domain(const struct bounce *b, const struct returned_mail *mail);
int bounce_is_other(const struct bounce *b);	/* 1: it was not authentication, or nobody can tell */
int bounce_is_of_one(const struct bounce *b);	/* 1: the reply is about SPF or DKIM alone, which mail that passes DMARC may lack too */

/* Ids of the senders that the signatures or the envelope of the mail that came back (NULL: none did) name. To be freed. */
struct named { char **at; size_t count; };
void named_read(struct named *n, const struct returned_mail *m);
void named_free(struct named *n);

struct stream { const struct sum_domain *domain; const struct sum_sender *sender; };
int stream_is_of(const char *domain, const char *name);	/* 1: reports on the domain may speak of mail from `name` (its own From, or one below or above it) */
int64_t stream_failing(const struct sum_sender *s);	/* messages that fail, whoever's they are */
int stream_is_undecided(const struct sum_sender *s);	/* 1: it is not known whose it is */
int stream_is_set_aside(const struct sum_sender *s);	/* 1: nor is to be asked, by the user's label */
int stream_is_strangers(const struct sum_sender *s);	/* 1: strangers', by their number or by the user's word */

enum { STREAMS_SHOWN = 5 };
/* By what the streams that are told were found, the surest first. */
enum found_by { BY_MAIL, BY_THE_ADDRESS, BY_LOSS, BY_RESULTS, BY_FAILING, BY_NOTHING };
/*
 * The streams the mail may belong to, worst first: those its signature or envelope names; else those that sent from the address in
 * the reply; else those of the domain that are refused, then those that only fail; of a reply about one mechanism those that lack it. At last what fails
 * and is not known to be the user's, or was forwarded, but for trifles. How many.
 */
size_t streams_find(const struct summary *sum, const char *domain, const struct bounce *b, const struct named *named,
    struct stream streams[STREAMS_SHOWN], enum found_by *by);

#endif
