/* SPDX-License-Identifier: MIT */
/*
 * Private to the room sql: rows handed to a statement as a table, so that one statement writes or looks up
 * thousands of them. `given(?1)` has the columns c0 to c22 and `day`: the number in c1, taken as days since 1970-01-01, as text.
 */
#ifndef SQL_GIVEN_H
#define SQL_GIVEN_H

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

#define GIVEN_NULL INT64_MIN	/* reads as NULL */
enum { GIVEN_MAX = 23 };	/* columns */

struct given {
	const int64_t *at;	/* count rows of width numbers; borrowed until the statement is reset */
	size_t count;
	int width;		/* columns further right are NULL */
};

/* The same with text and bytes, by given_pointer: a letter for each column, i number, t text, d 16 bytes, h 32 bytes. */
struct given_typed {
	struct given rows;
	const char *types;
};

/* Text or bytes as a number of a row; borrowed as the rows are. */
static inline int64_t
given_pointer(const void *p)
{
	return (int64_t)(intptr_t)p;
}

/*
 * A sieve, so that a statement that reads many rows gives few of them: sieve(?n, number) is 0 for most numbers that were not added, and 1 for
 * all that were.
 */
struct sieve { unsigned char bits[1 << 13]; };	/* all 0: empty */
void sieve_add(struct sieve *s, int64_t number);
/* Binds it to parameter n; *s must live until the statement is reset. */
int sieve_bind(sqlite3_stmt *st, int n, struct sieve *s);

/* Makes `given` and `sieve` known to a connection: SQLITE_OK or an error. */
int given_register(sqlite3 *db);
/* Binds the rows to parameter n; *g must live until the statement is reset. */
int given_bind(sqlite3_stmt *st, int n, struct given *g);
int given_bind_typed(sqlite3_stmt *st, int n, struct given_typed *g);

#endif
