/* SPDX-License-Identifier: MIT */
/* Door of the room report: what is decided (verdict.h, attribute.h, sender.h) and what is written. */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include <stdio.h>

#include "base/err.h"
#include "report/attribute.h"
#include "report/sender.h"
#include "report/thresholds.h"
#include "report/verdict.h"
#include "sql/store.h"

/* Where a finding's fix is a record to publish, its text holds this. */
#define FIX_RECORDS "Publish in DNS: "
#define SHOWN_BLANKS "The <...> parts are shown in your account there."
#define SHOWN_OTHERS "Where the account shows other records, those are right."
/* Where a finding that asks about a sender counts others of its network as well, its text holds this, and behind " of " the network. */
#define ASKED_TOGETHER " more addresses"
/* What a finding BLIND says behind the names of the receivers. */
#define HEARD_NOTHING " told us nothing since "
/* What a fix ends with where mail that passes is stopped all the same, whatever else it asks for. */
#define FIX_STOPPED "See which receivers stop mail that passes, and ask them: "

struct report_options {
	char from[11], to[11];		/* period, days inclusive */
	const char *const *domains;	/* only these, with what lies below; empty: all */
	size_t ndomains;
	const struct thresholds *thresholds;
	int64_t now_at;
	int links;			/* 1: the page links to vendors */
	int brief;			/* 1: every domain and sender, without what only the page shows (days, addresses, results, receivers) */
};

/* The summary for a terminal: sums, what is to be done, who sends; 80 columns, at most 24 lines unless all is asked for. */
struct summary;
struct text_options {
	int colour, plain;	/* plain: no bars, no colours */
	int all;		/* 1: however long it gets */
	int64_t now_at;
};
enum outcome text_write(const struct summary *s, const struct text_options *o, FILE *out, struct err *err);

/* What a policy would have lost of the user's own mail in the period, by sender, and the conditions for the next step. */
enum outcome whatif_write(struct store *s, const struct report_options *o, const struct whatif *w, FILE *out, struct err *err);

#endif
