/* SPDX-License-Identifier: MIT */
/*
 * Private to the room sql: the connection, its prepared statements, and the helpers every file of
 * the room uses. SQL text lives in query/NAME.sql; a statement is asked for by that NAME.
 */
#ifndef SQL_DB_H
#define SQL_DB_H

#include <sqlite3.h>
#include <stdint.h>

#include "sql/store.h"

struct writer;		/* writer.h: caches and counters of the writing side */

enum { MAX_QUERIES = 512 };	/* more than there are */

/* told.h: who takes the rows of the statement that runs. */
struct telling { enum outcome (*take)(void *ctx, sqlite3_value **row); void *ctx; enum outcome said; };

struct store {
	sqlite3 *db;
	int busy;			/* ms to wait for a lock */
	char *path;
	enum store_mode mode;
	int64_t now_at;
	int in_transaction;
	enum { NO_MOMENT, MOMENT, MOMENT_OF_WRITING } moment;	/* store_moment: by a transaction of its own, or by the one that writes */
	int is_new;		/* nothing was committed yet: not even its tables */
	int64_t pending;	/* rows written since the last commit */
	struct { const char *name; sqlite3_stmt *st; } queries[MAX_QUERIES];	/* open hash by name */
	struct { const char *name; sqlite3_stmt *st; } recent[MAX_QUERIES];	/* the same, found by the address of the name */
	struct telling telling;
	struct copying *copying;	/* copying.c; NULL none */
	struct growth *growth;	/* growth.c; NULL none */
	struct standings *standings;	/* standings.c: waiting to be written; NULL none */
	struct walks *walks;	/* walks.c: rows of the domain asked about last; NULL none */
	struct writer *writer;	/* NULL until the first write of a report */
	const struct attributor *attributor;
	store_bucket *bucket;
};

/*
 * Statement of sql/query/NAME.sql (name: a string literal), reset and with its bindings cleared; prepared once and
 * kept. NULL with err set on failure.
 */
sqlite3_stmt *db_query(struct store *s, const char *name, struct err *err);
/* One step: OK a row is there, END done (and reset), STOP with err set. */
enum outcome db_step(struct store *s, sqlite3_stmt *st, struct err *err);
/* Runs a statement that gives no rows: OK or STOP. */
enum outcome db_run(struct store *s, sqlite3_stmt *st, struct err *err);
/* Runs all statements of an embedded script such as "sql/schema.sql". */
enum outcome db_script(struct store *s, const char *path, struct err *err);
/* Begins the write transaction if none is open. */
enum outcome db_write(struct store *s, struct err *err);
/* Sets err from the connection's last error, with the path and what to do; returns STOP. */
enum outcome db_fail(struct store *s, const char *doing, struct err *err);
/* Binds text; NULL binds NULL. The text must live until the step. */
void db_text(sqlite3_stmt *st, int n, const char *text);
/* Column text as C string, NULL for NULL; borrowed until the next step or reset. */
const char *db_column(sqlite3_stmt *st, int n);

/* read.c: the last day that can have been reported, tomorrow; returns out. A report that says it is of a later one tells nothing of what came when. */
const char *db_last_day(const struct store *s, char out[11]);

/* For qsort and bsearch: int64_t, rising. */
int by_number(const void *a, const void *b);

/* analysis.c: the totals of all domains are not those of the last analysis any more (of one: growth_open). Opens the transaction. */
enum outcome analysed_touch_all(struct store *s, struct err *err);
/* walks.c: forgets what was walked; called before totals change. */
void walks_free(struct store *s);
/* walks.c: where the sums of a period are kept: until the end of the moment, outside of one until the next question. */
struct period_sums **walks_period(struct store *s);
/* writer.c: frees and forgets the writing side. */
void writer_free(struct writer *w);
/* writer.c: the writing side, made at the first use; NULL with err set on failure. */
struct writer *writer_get(struct store *s, struct err *err);
/* tally.c: writes what waits: records, and the totals gathered since the last flush (flows and daily roll-up). */
enum outcome writer_flush(struct store *s, struct err *err);
/* writer.c: after a rollback the caches know rows that are gone. */
void writer_forget(struct store *s);

#endif
