/* SPDX-License-Identifier: MIT */
/* See told.h: an aggregate function of SQLite that calls back. */
#include "sql/told.h"

static void
on_row(sqlite3_context *sql, int argc, sqlite3_value **row)
{
	struct telling *t = sqlite3_user_data(sql);

	(void)argc;
	if ((t->said = t->take(t->ctx, row)) != OK)
		sqlite3_result_error(sql, "no more rows are wanted", -1);
}

static void
on_end(sqlite3_context *sql)
{
	sqlite3_result_null(sql);
}

int
told_register(struct store *s)
{
	return sqlite3_create_function(s->db, "told", -1, SQLITE_UTF8 | SQLITE_DIRECTONLY, &s->telling, NULL, on_row, on_end);
}

enum outcome
told_each(struct store *s, sqlite3_stmt *st, take_row *take, void *ctx, struct err *err)
{
	struct telling outer = s->telling;
	enum outcome said;
	int row;

	s->telling = (struct telling){ take, ctx, OK };
	row = sqlite3_step(st) == SQLITE_ROW;
	said = s->telling.said;
	s->telling = outer;
	if (said == OK && !row)
		said = db_fail(s, "database", err);
	sqlite3_reset(st);
	return said;
}
