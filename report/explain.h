/* SPDX-License-Identifier: MIT */
/*
 * What `explain` says: a sender, an address or a domain in full, or a bounce with the stream it belongs to. Everything comes from
 * a summary over the whole database; strangers' text is cleaned for a terminal.
 */
#ifndef REPORT_EXPLAIN_H
#define REPORT_EXPLAIN_H

#include <stdio.h>

#include "base/err.h"

struct bounce;
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
 * many there were; 0: nothing was written. sum NULL: `what` is an address that is no sender of its own. STOP with err.
 */
enum outcome explain_name(struct store *s, const struct summary *sum, const char *what, FILE *out, int *found, struct err *err);

/*
 * What the receiver's words mean and which domain they name; then, from sum (NULL: there is no database), the stream the
 * mail belongs to, since when, how many more, and the fix. mail may be NULL: the words alone are known.
 */
void explain_bounce(const struct summary *sum, const struct bounce *b, const struct returned_mail *mail, FILE *out);

#endif
