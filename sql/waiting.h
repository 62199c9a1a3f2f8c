/* SPDX-License-Identifier: MIT */
/* Private to the writing side of the room sql: rows that wait to be written, many by one statement (waiting.c). */
#ifndef SQL_WAITING_H
#define SQL_WAITING_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

struct store;

enum {
	DIGEST = 16,			/* bytes of a shortened SHA-256 used as key */
	WAIT_ITEMS = 2048		/* rows of the ledger, and of reports, that wait */
};

/* Digests of rows that wait. Two that begin alike may be taken for each other: that only costs a look into the database. */
struct digests {
	uint64_t *slots;
	size_t mask, used;
	int whole;			/* 1: of all rows there are: what is not here is not in the database */
	int ours;			/* 1: of all rows that were added since the writer began, at least */
};

enum wait_table { WAIT_SOURCE, WAIT_SET, WAIT_RESULT, WAIT_RECORD, WAIT_INTAKE, WAIT_REPORT, WAITS };

struct waiting {
	int64_t *rows[WAITS];
	size_t count[WAITS];
	struct arena *text;		/* of those rows */
	struct digests items, keys;	/* of the ledger's rows and of the reports among them */
};

void waiting_init(struct waiting *w);
void waiting_free(struct waiting *w);
void waiting_drop(struct waiting *w);	/* forgets all (their transaction is rolled back) */

/* Room for one more row, whose columns the caller sets, all of them; what waits is written first where the table is full. NULL: STOP. */
int64_t *wait_row(struct store *s, enum wait_table t, struct err *err);
/* A copy of the text, of the bytes, as the value of a column. text NULL: absent. To be called after wait_row. */
int64_t wait_text(struct waiting *w, const char *text);
int64_t wait_bytes(struct waiting *w, const void *bytes, size_t len);

/* Writes all that waits. */
enum outcome records_write(struct store *s, struct err *err);

/* The tables are empty: up to some tens of thousands of rows nobody need look into them. */
void waiting_whole(struct waiting *w);
void digests_add(struct digests *d, const unsigned char digest[DIGEST]);
int digests_has(const struct digests *d, const unsigned char digest[DIGEST]);	/* 1: it may be there */

#endif
