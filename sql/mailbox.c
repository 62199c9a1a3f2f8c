/* SPDX-License-Identifier: MIT */
/* State of fetching: how far each folder is read, what is to be read again or still to be moved, how each account's last run went. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sql/db.h"
#include "sql/store.h"
#include "sql/waiting.h"

static void
push(int64_t **list, size_t *count, int64_t uid)
{
	if ((*count & (*count - 1)) == 0)
		*list = mem_grow(*list, *count > 0 ? *count * 2 : 1, sizeof(**list));
	(*list)[(*count)++] = uid;
}

void
mailbox_free(struct mailbox *m)
{
	free(m->retry);
	free(m->settled);
	memset(m, 0, sizeof(*m));
}

enum outcome
store_mailbox(struct store *s, const char *account, const char *folder, struct mailbox *out, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "mailbox", err);
	enum outcome r;

	memset(out, 0, sizeof(*out));
	if (st == NULL)
		return STOP;
	db_text(st, 1, account);
	db_text(st, 2, folder);
	r = db_step(s, st, err);
	if (r == OK) {
		out->uidvalidity = sqlite3_column_int64(st, 0);
		out->last_uid = sqlite3_column_int64(st, 1);
		out->last_at = sqlite3_column_int64(st, 2);
	}
	sqlite3_reset(st);
	if (r == STOP || (st = db_query(s, "mailbox_uids", err)) == NULL)
		return STOP;
	db_text(st, 1, account);
	db_text(st, 2, folder);
	while ((r = db_step(s, st, err)) == OK) {
		int retry = strcmp(db_column(st, 1), "retry") == 0;

		push(retry ? &out->retry : &out->settled, retry ? &out->nretry : &out->nsettled, sqlite3_column_int64(st, 0));
	}
	sqlite3_reset(st);
	return r == STOP ? STOP : OK;
}

enum outcome
store_mailbox_moved(struct store *s, const char *account, const char *folder, const char *whose, int *moved, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "mailbox_whose", err);
	enum outcome r;

	if (st == NULL)
		return STOP;
	db_text(st, 1, account);
	db_text(st, 2, folder);
	r = db_step(s, st, err);
	*moved = r != OK ? -1 : strcmp(db_column(st, 0), whose) != 0;
	sqlite3_reset(st);
	return r == STOP ? STOP : OK;
}

static enum outcome
run_for(struct store *s, const char *query, const char *account, const char *folder, int64_t a, int64_t b, struct err *err)
{
	sqlite3_stmt *st;

	if (db_write(s, err) != OK || (st = db_query(s, query, err)) == NULL)
		return STOP;
	db_text(st, 1, account);
	db_text(st, 2, folder);
	sqlite3_bind_int64(st, 3, a);
	if (sqlite3_bind_parameter_count(st) > 3)
		sqlite3_bind_int64(st, 4, b);
	s->pending++;
	return db_run(s, st, err);
}

/* Runs NAME with ?1 account, ?2 folder, ?3 text. */
static enum outcome
run_text(struct store *s, const char *query, const char *account, const char *folder, const char *text, struct err *err)
{
	sqlite3_stmt *st;

	if (db_write(s, err) != OK || (st = db_query(s, query, err)) == NULL)
		return STOP;
	db_text(st, 1, account);
	db_text(st, 2, folder);
	db_text(st, 3, text);
	s->pending++;
	return db_run(s, st, err);
}

enum outcome
store_mailbox_put(struct store *s, const char *account, const char *folder, int64_t uidvalidity, int64_t last_uid, struct err *err)
{
	/* UIDs of another UIDVALIDITY mean nothing any more; what they could not bring is read under a new one. */
	if (run_for(s, "intake_renew", account, folder, uidvalidity, 0, err) != OK ||
	    run_for(s, "mailbox_renew", account, folder, uidvalidity, 0, err) != OK)
		return STOP;
	return run_for(s, "mailbox_put", account, folder, uidvalidity, last_uid, err);
}

enum outcome
store_mailbox_whose(struct store *s, const char *account, const char *folder, const char *whose, int moved, struct err *err)
{
	/* No folder has UIDVALIDITY 0, so nothing of the other mailbox is kept. */
	if (moved > 0 && store_mailbox_put(s, account, folder, 0, 0, err) != OK)
		return STOP;
	return run_text(s, "mailbox_whose_put", account, folder, whose, err);
}

enum outcome
store_mailbox_uid(struct store *s, const char *account, const char *folder, int64_t uid, enum mailbox_uid_state state, struct err *err)
{
	static const char *const queries[] = { "mailbox_uid_drop", "mailbox_uid_retry", "mailbox_uid_settled" };

	return run_for(s, queries[state], account, folder, uid, 0, err);
}

enum outcome
store_mailbox_last_at(struct store *s, const char *account, const char *folder, int64_t uidvalidity, int64_t uid, int64_t at, struct err *err)
{
	char text[64];

	(void)snprintf(text, sizeof(text), "%lld %lld %lld", (long long)uidvalidity, (long long)uid, (long long)at);
	return run_text(s, "mailbox_last_put", account, folder, text, err);
}

enum outcome
store_mailbox_after(struct store *s, const char *account, const char *folder, const char *after, int64_t *left, struct err *err)
{
	if (run_text(s, "mailbox_uid_leave", account, folder, after, err) != OK)
		return STOP;
	*left = sqlite3_changes64(s->db);
	return run_text(s, "mailbox_after_put", account, folder, after, err);
}

enum outcome
store_mailbox_begins(struct store *s, const char *account, const char *folder, const char *after, int64_t uidvalidity, int64_t last_uid, struct err *err)
{
	sqlite3_stmt *st;

	if (db_write(s, err) != OK || (st = db_query(s, "mailbox_began_put", err)) == NULL)
		return STOP;
	db_text(st, 1, account);
	db_text(st, 2, folder);
	db_text(st, 3, after);
	sqlite3_bind_int64(st, 4, uidvalidity);
	sqlite3_bind_int64(st, 5, last_uid);
	s->pending++;
	return db_run(s, st, err);
}

enum outcome
store_mailbox_began(struct store *s, const char *account, const char *folder, const char *after, int64_t uidvalidity, int64_t uid, int *began, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "mailbox_began", err);

	if (st == NULL)
		return STOP;
	db_text(st, 1, account);
	db_text(st, 2, folder);
	db_text(st, 3, after);
	sqlite3_bind_int64(st, 4, uidvalidity);
	sqlite3_bind_int64(st, 5, uid);
	if (db_step(s, st, err) != OK)
		return STOP;
	*began = sqlite3_column_int(st, 0);
	sqlite3_reset(st);
	return OK;
}

enum outcome
store_mailbox_settles(struct store *s, const char *account, const char *folder, int64_t uidvalidity, int64_t uid,
    const unsigned char item[16], struct err *err)
{
	sqlite3_stmt *st;

	if (db_write(s, err) != OK || records_write(s, err) != OK || (st = db_query(s, "mailbox_uid_settles", err)) == NULL)
		return STOP;
	db_text(st, 1, account);
	db_text(st, 2, folder);
	sqlite3_bind_int64(st, 3, uidvalidity);
	sqlite3_bind_int64(st, 4, uid);
	sqlite3_bind_blob(st, 5, item, 16, SQLITE_STATIC);
	s->pending++;
	return db_run(s, st, err);
}

enum outcome
store_mail_gone(struct store *s, const char *place, struct err *err)
{
	sqlite3_stmt *st;

	if (db_write(s, err) != OK || records_write(s, err) != OK || (st = db_query(s, "intake_gone", err)) == NULL)
		return STOP;
	db_text(st, 1, place);
	s->pending++;
	return db_run(s, st, err);
}

enum outcome
store_account_run(struct store *s, const struct account_run *run, struct err *err)
{
	sqlite3_stmt *st;

	if (db_write(s, err) != OK || (st = db_query(s, "account_run_put", err)) == NULL)
		return STOP;
	db_text(st, 1, run->account);
	sqlite3_bind_int64(st, 2, run->started_at);
	sqlite3_bind_int64(st, 3, run->ended_at);
	sqlite3_bind_int64(st, 4, run->mails);
	db_text(st, 5, run->error);
	s->pending++;
	return db_run(s, st, err);
}
