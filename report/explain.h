/* SPDX-License-Identifier: MIT */
/*
 * What `explain` says: a sender, an address or a domain in full, or a bounce with the stream it belongs to. Everything comes from
 * summaries over the whole period there is (summarise_called, summarise_streams); strangers' text is cleaned for a terminal.
 */
#ifndef REPORT_EXPLAIN_H
#define REPORT_EXPLAIN_H

#include <stdio.h>

#include "base/err.h"

struct bounce;
struct report_options;
struct store;
struct summary;

/* What a bounce mail tells beside its words; each NULL where it is not known; borrowed. */
struct returned_mail {
	const char *recipient;		/* who did not get it */
	const char *remote_mta;		/* host that refused it */
	const char *from;		/* domain of From of the mail that came back */
	const char *envelope_from;	/* domain of its Return-Path */
	const char *signed_by;		/* d= of its signatures, a blank between them */
};

/*
 * Every sender, address and domain of the database that `what` (lower case) means, worst first, with its findings. *found is how
 * many there were; 0: nothing was written. above: a line written in front of them; NULL none. sum: of summarise_called. STOP with err.
 */
enum outcome explain_name(struct store *s, const struct summary *sum, const char *what, const char *above, FILE *out, int *found, struct err *err);

/*
 * Where the words name no domain in a way that is known, and no mail came along: the one policy domain of the database, or name below one, that stands in them.
 * STOP with err.
 */
enum outcome explain_domain(struct store *s, struct bounce *b, const struct returned_mail *mail, struct err *err);

/*
 * Of what the bounce may be a part, for explain_bounce: *out is NULL where it is not about authentication; caller frees with summary_free. o: the
 * period is all there is. STOP with err.
 */
enum outcome explain_streams(struct store *s, const struct report_options *o, const struct bounce *b, const struct returned_mail *mail,
    struct summary **out, struct err *err);

/*
 * What the receiver's words mean and which domain they name; then, from explain_streams' summary (NULL: there is no database), the stream the
 * mail belongs to, since when, how many more, and the fix. mail may be NULL: the words alone are known.
 */
void explain_bounce(const struct summary *sum, const struct bounce *b, const struct returned_mail *mail, FILE *out);

#endif
