/* SPDX-License-Identifier: MIT */
/* See given.h: a table-valued function of SQLite over an array. */
#include "sql/given.h"

#include <stdlib.h>

#include "base/text.h"

enum { COLUMN_DAY = GIVEN_MAX, COLUMN_ROWS };

struct cursor { sqlite3_vtab_cursor base; const struct given *g; const char *types; size_t row; };	/* types NULL: all are numbers */

static int
on_connect(sqlite3 *db, void *aux, int argc, const char *const *argv, sqlite3_vtab **out, char **error)
{
	int r = sqlite3_declare_vtab(db, "CREATE TABLE given (c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15, c16, c17, c18, c19, c20, c21, c22, day, "
	    "given HIDDEN)");

	(void)aux, (void)argc, (void)argv, (void)error;
	if (r != SQLITE_OK)
		return r;
	*out = calloc(1, sizeof(**out));
	return *out != NULL ? SQLITE_OK : SQLITE_NOMEM;
}

static int
on_disconnect(sqlite3_vtab *table)
{
	free(table);
	return SQLITE_OK;
}

/* Read in order, from the array that is given; never looked up. */
static int
on_best_index(sqlite3_vtab *table, sqlite3_index_info *info)
{
	int i;

	(void)table;
	for (i = 0; i < info->nConstraint; i++)
		if (info->aConstraint[i].iColumn == COLUMN_ROWS && info->aConstraint[i].usable && info->aConstraint[i].op == SQLITE_INDEX_CONSTRAINT_EQ) {
			info->aConstraintUsage[i].argvIndex = 1;
			info->aConstraintUsage[i].omit = 1;
			info->estimatedCost = 1000;
			info->estimatedRows = 1000;
			return SQLITE_OK;
		}
	return SQLITE_CONSTRAINT;
}

static int
on_open(sqlite3_vtab *table, sqlite3_vtab_cursor **out)
{
	struct cursor *c = calloc(1, sizeof(*c));

	(void)table;
	if (c == NULL)
		return SQLITE_NOMEM;
	*out = &c->base;
	return SQLITE_OK;
}

static int
on_close(sqlite3_vtab_cursor *cursor)
{
	free(cursor);
	return SQLITE_OK;
}

static int
on_filter(sqlite3_vtab_cursor *cursor, int number, const char *name, int argc, sqlite3_value **argv)
{
	struct cursor *c = (struct cursor *)cursor;
	const struct given_typed *typed;

	(void)number, (void)name;
	c->g = argc == 1 ? sqlite3_value_pointer(argv[0], "given") : NULL;
	typed = argc == 1 ? sqlite3_value_pointer(argv[0], "given_typed") : NULL;
	c->types = typed != NULL ? typed->types : NULL;
	if (typed != NULL)
		c->g = &typed->rows;
	c->row = 0;
	return SQLITE_OK;
}

static int
on_next(sqlite3_vtab_cursor *cursor)
{
	((struct cursor *)cursor)->row++;
	return SQLITE_OK;
}

static int
on_eof(sqlite3_vtab_cursor *cursor)
{
	const struct cursor *c = (const struct cursor *)cursor;

	return c->g == NULL || c->row >= c->g->count;
}

static int
on_column(sqlite3_vtab_cursor *cursor, sqlite3_context *ctx, int n)
{
	const struct cursor *c = (const struct cursor *)cursor;
	const int64_t *row = c->g->at + c->row * (size_t)c->g->width;
	char day[11];

	if (n < c->g->width && c->types != NULL && c->types[n] != 'i' && row[n] != GIVEN_NULL) {
		const void *p = (const void *)(intptr_t)row[n];

		if (c->types[n] == 't')
			sqlite3_result_text(ctx, p, -1, SQLITE_STATIC);
		else
			sqlite3_result_blob(ctx, p, c->types[n] == 'd' ? 16 : 32, SQLITE_STATIC);
	} else if (n == COLUMN_DAY) {
		if (c->g->width > 1 && row[1] != GIVEN_NULL && text_day(row[1] * 86400, day))
			sqlite3_result_text(ctx, day, -1, SQLITE_TRANSIENT);
	} else if (n < c->g->width && row[n] != GIVEN_NULL) {
		sqlite3_result_int64(ctx, row[n]);
	}
	return SQLITE_OK;
}

static int
on_rowid(sqlite3_vtab_cursor *cursor, sqlite3_int64 *out)
{
	*out = (sqlite3_int64)((struct cursor *)cursor)->row;
	return SQLITE_OK;
}

static const sqlite3_module module = { .xConnect = on_connect, .xDisconnect = on_disconnect, .xBestIndex = on_best_index, .xOpen = on_open,
	.xClose = on_close, .xFilter = on_filter, .xNext = on_next, .xEof = on_eof, .xColumn = on_column, .xRowid = on_rowid };

/* --- a sieve --- */

static uint32_t
sieve_bit(int64_t number)
{
	return (uint32_t)number * 2654435761u >> 16;
}

void
sieve_add(struct sieve *s, int64_t number)
{
	s->bits[sieve_bit(number) / 8] |= (unsigned char)(1 << sieve_bit(number) % 8);
}

/* sieve(?n, number): 0 where the number was not added. */
static void
on_sieve(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	const struct sieve *s = sqlite3_value_pointer(argv[0], "sieve");
	uint32_t bit = sieve_bit(sqlite3_value_int64(argv[1]));

	(void)argc;
	sqlite3_result_int(ctx, s == NULL || s->bits[bit / 8] >> bit % 8 & 1);
}

int
sieve_bind(sqlite3_stmt *st, int n, struct sieve *s)
{
	return sqlite3_bind_pointer(st, n, s, "sieve", NULL);
}

int
given_register(sqlite3 *db)
{
	int r = sqlite3_create_function(db, "sieve", 2, SQLITE_UTF8 | SQLITE_DIRECTONLY, NULL, on_sieve, NULL, NULL);

	return r == SQLITE_OK ? sqlite3_create_module(db, "given", &module, NULL) : r;
}

int
given_bind(sqlite3_stmt *st, int n, struct given *g)
{
	return sqlite3_bind_pointer(st, n, g, "given", NULL);
}

int
given_bind_typed(sqlite3_stmt *st, int n, struct given_typed *g)
{
	return sqlite3_bind_pointer(st, n, g, "given_typed", NULL);
}
