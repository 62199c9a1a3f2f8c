/* SPDX-License-Identifier: MIT */
/* What the digest has said, so that it says nothing twice. */
#include <string.h>

#include "sql/db.h"
#include "sql/store.h"

enum { POLICY_DAYS = 14 };	/* what no report showed for so long is news again */

enum outcome
store_each_said(struct store *s, enum outcome (*each)(void *ctx, const char *code, const char *domain, const char *sender, int64_t messages, int64_t said_at),
    void *ctx, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "said", err);
	enum outcome r;

	if (st == NULL)
		return STOP;
	while ((r = db_step(s, st, err)) == OK)
		if (each(ctx, db_column(st, 0), db_column(st, 1), db_column(st, 2), sqlite3_column_int64(st, 3), sqlite3_column_int64(st, 4)) != OK)
			break;
	sqlite3_reset(st);
	return r == STOP ? STOP : OK;
}

enum outcome
store_put_said(struct store *s, const char *code, const char *domain, const char *sender, int64_t messages, struct err *err)
{
	sqlite3_stmt *st;

	if (db_write(s, err) != OK)
		return STOP;
	if (strcmp(code, "POLICY") == 0) {
		if ((st = db_query(s, "said_policy", err)) == NULL)
			return STOP;
		db_text(st, 1, domain);
		sqlite3_bind_int64(st, 2, s->now_at - POLICY_DAYS * 86400);
		if (db_run(s, st, err) != OK)
			return STOP;
	}
	if ((st = db_query(s, "said_put", err)) == NULL)
		return STOP;
	db_text(st, 1, code);
	db_text(st, 2, domain);
	db_text(st, 3, sender);
	sqlite3_bind_int64(st, 4, messages);
	sqlite3_bind_int64(st, 5, s->now_at);
	s->pending++;
	return db_run(s, st, err);
}

enum outcome
store_forget_said(struct store *s, int64_t before, struct err *err)
{
	sqlite3_stmt *st;

	if (db_write(s, err) != OK || (st = db_query(s, "said_forget", err)) == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, before);
	s->pending++;
	return db_run(s, st, err);
}
