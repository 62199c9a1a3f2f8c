/* SPDX-License-Identifier: MIT */
/*
 * Private to the room sql: what receivers did with mail, summed up from records for OVERVIEW_RECEIVED. As with the days (period.h) it is done in C: sorted by
 * SQLite, a record cost three times as much.
 */
#ifndef SQL_RECEIVED_H
#define SQL_RECEIVED_H

#include "sql/given.h"
#include "sql/store.h"

enum { RECEIVED_MAX = 1 << 17 };	/* rows; with a record that would need one more it ends */

enum received_column { RECEIVED_REPORTER, RECEIVED_IDENT, RECEIVED_OUTCOME, RECEIVED_MESSAGES, RECEIVED_RECORDS, RECEIVED_WIDTH };

/*
 * Takes rows of (report, records), of each report the first so many, and gives in their place rows of width RECEIVED_WIDTH in any order, between them
 * some that are all 0. *own holds either, and is the caller's to free in any case. STOP with err.
 */
enum outcome received_sum(struct store *s, struct given *rows, int64_t **own, struct err *err);

#endif
