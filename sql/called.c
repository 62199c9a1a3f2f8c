/* SPDX-License-Identifier: MIT */
/* Which senders and domains a word or a question is about: overview.h, last part. Nothing here walks the days of a domain, or all totals. */
#include "sql/db.h"
#include "sql/given.h"

/* Every row of a statement of one or two columns: domain and sender, or only the sender. */
static enum outcome
each_row(struct store *s, sqlite3_stmt *st, id_each *each, void *ctx, struct err *err)
{
	int pair = sqlite3_column_count(st) == 2;
	enum outcome r, done = OK;

	while (done == OK && (r = db_step(s, st, err)) == OK)
		done = each(ctx, pair ? sqlite3_column_int64(st, 0) : 0, sqlite3_column_int64(st, pair), err);
	sqlite3_reset(st);
	sqlite3_clear_bindings(st);
	return done == END ? OK : done != OK ? done : r == STOP ? STOP : OK;
}

enum outcome
store_each_sender_called(struct store *s, const char *word, int names, int64_t most, id_each *each, void *ctx, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "senders_called", err);

	if (st == NULL)
		return STOP;
	db_text(st, 1, word);
	sqlite3_bind_int(st, 2, names);
	sqlite3_bind_int64(st, 3, most);
	return each_row(s, st, each, ctx, err);
}

enum outcome
store_each_own_sender(struct store *s, int64_t domain, id_each *each, void *ctx, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "senders_own", err);

	if (st == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, domain);
	return each_row(s, st, each, ctx, err);
}

enum outcome
store_each_pair(struct store *s, const int64_t *senders, size_t count, id_each *each, void *ctx, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "senders_under", err);
	struct given g = { senders, count, 1 };

	if (st == NULL)
		return STOP;
	if (given_bind(st, 1, &g) != SQLITE_OK)
		return db_fail(s, "senders", err);
	return each_row(s, st, each, ctx, err);
}

/* The number in the one row a statement on domain and period gives; 0 where it gives none. */
static enum outcome
ask_number(struct store *s, sqlite3_stmt *st, int64_t domain, const char *from, const char *to, int64_t *number, struct err *err)
{
	enum outcome r;

	sqlite3_bind_int64(st, 1, domain);
	db_text(st, 2, from);
	db_text(st, 3, to);
	r = db_step(s, st, err);
	*number = r == OK ? sqlite3_column_int64(st, 0) : 0;
	sqlite3_reset(st);
	return r == STOP ? STOP : OK;
}

enum outcome
store_domain_messages(struct store *s, int64_t domain, const char *from, const char *to, const char *bucket, int64_t *messages, struct err *err)
{
	sqlite3_stmt *st = bucket != NULL ? db_query(s, "domain_weight", err) : db_query(s, "domain_messages", err);

	if (st == NULL)
		return STOP;
	if (bucket != NULL)
		db_text(st, 4, bucket);
	return ask_number(s, st, domain, from, to, messages, err);
}

enum outcome
store_domain_has_mail(struct store *s, int64_t domain, const char *from, const char *to, int *has, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "domain_has_mail", err);
	int64_t found = 0;

	if (st == NULL || ask_number(s, st, domain, from, to, &found, err) != OK)
		return STOP;
	*has = found != 0;
	return OK;
}
