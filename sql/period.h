/* SPDX-License-Identifier: MIT */
/*
 * Private to the room sql: what was sent in a period, summed up from the daily roll-up for the questions of overview.h. It is done in C, row by row as
 * they lie: in SQL a row cost several times as much for each question, and a crowd of a million senders took seconds.
 */
#ifndef SQL_PERIOD_H
#define SQL_PERIOD_H

#include "sql/given.h"
#include "sql/overview.h"

/*
 * Columns of a summed row. who: the sender; 0 strangers of a crowd, of which there is one row. STOPPED_UNDECIDED: stopped, of undecided senders (not of
 * those known to be strangers'). ADDRESSES, FIRST and LAST are of the crowd over the whole database, days as numbers, else NULL. The last three, of all mail, whoever's and
 * however it came: that passed; did not, and was stopped; failed, and was let through. The rest cannot be told.
 */
enum period_column {
	PERIOD_DOMAIN, PERIOD_DAY, PERIOD_WHO, PERIOD_MESSAGES, PERIOD_PASSING, PERIOD_LOST, PERIOD_AT_RISK, PERIOD_FORWARDED, PERIOD_UNDECIDED, PERIOD_UNDETERMINED,
	PERIOD_BY_DKIM, PERIOD_BY_SPF, PERIOD_WOULD_LOSE, PERIOD_WOULD_SPARE, PERIOD_STOPPED, PERIOD_PERMERROR, PERIOD_STOPPED_UNDECIDED,
	PERIOD_ADDRESSES, PERIOD_FIRST, PERIOD_LAST, PERIOD_DID_PASS, PERIOD_DID_STOP, PERIOD_DID_FAIL, PERIOD_WIDTH
};

enum period_by { PERIOD_BY_DOMAIN, PERIOD_BY_DAY, PERIOD_BY_SENDER };

/* What is asked for. domain 0: all but those kept apart; sender 0: all. from, to: YYYY-MM-DD, both included. */
struct period { int64_t domain, sender; const char *from, *to; };

/* The domain that was summed up last, which is asked about several times: part of what was walked (walks.c). */
struct period_sums;
void period_free(struct period_sums *x);	/* NULL is fine */

/*
 * The rows, by domain; by day of one domain, in their order; or by sender of one domain: width PERIOD_WIDTH, columns that tell nothing are 0. They are
 * borrowed until the next call. *kept is made at the first use. STOP with err.
 */
enum outcome period_rows(struct period_sums **kept, struct store *s, const struct period *p, enum period_by by, struct given *rows, struct err *err);
/* OVERVIEW_SERIES of one domain. What `each` says when it is not OK; STOP with err. */
enum outcome period_series(struct period_sums **kept, struct store *s, const struct period *p, overview_each *each, void *ctx, struct err *err);

#endif
