/* SPDX-License-Identifier: MIT */
/*
 * What happens to rows after they were written: kept documents are read again, old records removed, and the ledger
 * is summed up for `status`. (forget.c: what the user removes.)
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "sql/growth.h"
#include "sql/writer.h"

/* --- kept documents --- */

static enum outcome
unpack_kept(struct arena *a, struct kept *k, const void *packed, size_t packed_len, size_t size, struct err *err)
{
	uLongf len = (uLongf)size;

	k->bytes = arena_alloc(a, size + 1);
	if (uncompress(k->bytes, &len, packed, (uLong)packed_len) != Z_OK || len != size)
		return err_skip(err, "%s: the kept bytes are damaged", k->origin);
	k->len = size;
	return OK;
}

enum outcome
store_kept_next(struct store *s, int64_t after, struct arena *a, struct kept *out, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "kept_next", err);
	enum outcome r;

	if (st == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, after);
	if ((r = db_step(s, st, err)) != OK)
		return r;
	memset(out, 0, sizeof(*out));
	out->intake = sqlite3_column_int64(st, 0);
	memcpy(out->item, sqlite3_column_blob(st, 1), DIGEST);
	out->origin = arena_str(a, db_column(st, 2));
	r = unpack_kept(a, out, sqlite3_column_blob(st, 4), (size_t)sqlite3_column_bytes(st, 4), (size_t)sqlite3_column_int64(st, 3), err);
	sqlite3_reset(st);
	return r;
}

enum outcome
store_kept_last(struct store *s, int64_t *last, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "kept_last", err);

	if (st == NULL || db_step(s, st, err) != OK)
		return STOP;
	*last = sqlite3_column_int64(st, 0);
	sqlite3_reset(st);
	return OK;
}

enum outcome
store_count_unkept(struct store *s, int64_t *damaged, int64_t *again, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "kept_lacking", err);

	if (st == NULL || db_step(s, st, err) != OK)
		return STOP;
	*damaged = sqlite3_column_int64(st, 0);
	*again = sqlite3_column_int64(st, 1);
	sqlite3_reset(st);
	return OK;
}

/* Runs NAME with the blob as ?1. */
static enum outcome
run_blob(struct store *s, const char *name, const unsigned char item[DIGEST], struct err *err)
{
	sqlite3_stmt *st = db_query(s, name, err);

	if (st == NULL)
		return STOP;
	sqlite3_bind_blob(st, 1, item, DIGEST, SQLITE_STATIC);
	s->pending++;
	return db_run(s, st, err);
}

enum outcome
store_kept_forget(struct store *s, const unsigned char item[16], struct err *err)
{
	static const char *const steps[] = { "kept_forget_records", "kept_forget_reports", "kept_forget_raw", "kept_forget_rows" };
	struct writer *w = writer_get(s, err);
	size_t i;

	if (w == NULL || records_write(s, err) != OK)
		return STOP;
	w->reread = 1;
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (run_blob(s, steps[i], item, err) != OK)
			return STOP;
	return OK;
}

/* --- domains --- */

static enum outcome
mark_foreign(struct store *s, struct err *err)
{
	sqlite3_stmt *all = db_query(s, "domain_names", err), *set;
	enum outcome r;

	if (all == NULL)
		return STOP;
	while ((r = db_step(s, all, err)) == OK) {
		if ((set = db_query(s, "domain_foreign", err)) == NULL)
			return STOP;
		sqlite3_bind_int64(set, 1, sqlite3_column_int64(all, 0));
		sqlite3_bind_int(set, 2, !is_configured(s->writer, db_column(all, 1)));
		if (db_run(s, set, err) != OK)
			return STOP;
	}
	return r == STOP ? STOP : OK;
}

enum outcome
store_users_domains(struct store *s, char **list, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "domains", err);
	enum outcome r;

	if (st == NULL || (r = db_step(s, st, err)) == STOP)
		return STOP;
	*list = r == OK ? mem_str(db_column(st, 0)) : NULL;
	sqlite3_reset(st);
	return OK;
}

enum outcome
store_set_domains(struct store *s, char *const *domains, size_t count, int *changed, struct err *err)
{
	struct writer *w = writer_get(s, err);
	struct buf list;
	sqlite3_stmt *st;
	size_t i;
	enum outcome r = OK;

	if (w == NULL)
		return STOP;
	buf_init(&list, SIZE_MAX);
	for (i = 0; i < count; i++)
		buf_fmt(&list, "%s%s", i > 0 ? "\n" : "", domains[i]);
	if ((w->configured == NULL && count == 0) || (w->configured != NULL && count > 0 && strcmp(w->configured, list.at) == 0))
		goto out;
	*changed = 1;
	free(w->configured);
	w->configured = count > 0 ? mem_str(list.at) : NULL;
	r = STOP;
	if ((st = db_query(s, count > 0 ? "domains_put" : "domains_drop", err)) == NULL)
		goto out;
	if (count > 0)
		db_text(st, 1, list.at);
	s->pending++;
	r = db_run(s, st, err) == OK && analysed_touch_all(s, err) == OK ? mark_foreign(s, err) : STOP;
out:
	buf_free(&list);
	return r;
}

/* --- retention --- */

static enum outcome
drop_range(struct store *s, int64_t first, int64_t last, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "prune_records", err);

	if (st == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, first);
	sqlite3_bind_int64(st, 2, last);
	return db_run(s, st, err);
}

/* Ranges that lie side by side go as one: a list of row ids would be as large as what is removed. */
enum outcome
records_drop(struct store *s, sqlite3_stmt *ranges, struct err *err)
{
	int64_t first = 0, last = -1;
	enum outcome r, done = OK;

	while (done == OK && (r = db_step(s, ranges, err)) == OK) {
		int64_t from = sqlite3_column_int64(ranges, 0), to = sqlite3_column_int64(ranges, 1);

		if (last >= first && from == last + 1) {
			last = to;
			continue;
		}
		if (last >= first)
			done = drop_range(s, first, last, err);
		first = from;
		last = to;
	}
	sqlite3_reset(ranges);
	if (done != OK || r == STOP)
		return STOP;
	return last >= first ? drop_range(s, first, last, err) : OK;
}

static enum outcome
prune_records(struct store *s, const char *before_day, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "prune_ranges", err);

	if (st == NULL)
		return STOP;
	db_text(st, 1, before_day);
	return records_drop(s, st, err);
}

enum outcome
store_prune(struct store *s, const char *before_day, int64_t *reports, struct err *err)
{
	static const char *const steps[] = { "prune_raw", "prune_reports", "prune_mark", "prune_touch" };
	sqlite3_stmt *st;
	int64_t before, removed = 0;
	size_t i;

	*reports = 0;
	if (writer_get(s, err) == NULL || store_settle(s, err) != OK || db_write(s, err) != OK || prune_records(s, before_day, err) != OK)
		return STOP;
	if (text_when(before_day, &before) && before / 86400 > s->writer->pruned_day)
		s->writer->pruned_day = (int32_t)(before / 86400);
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if ((st = db_query(s, steps[i], err)) == NULL)
			return STOP;
		db_text(st, 1, before_day);
		if (db_run(s, st, err) != OK)
			return STOP;
		if (i < 2)
			removed += sqlite3_changes64(s->db);
		if (i == 1)
			*reports = sqlite3_changes64(s->db);
		s->pending++;
	}
	growth_forget(s);
	if (store_commit(s, err) != OK)
		return STOP;
	return removed > 0 ? store_give_back(s, err) : OK;
}

enum outcome
store_give_back(struct store *s, struct err *err)
{
	return db_script(s, "sql/vacuum.sql", err);
}

enum outcome
store_records_since(struct store *s, char day[11], struct err *err)
{
	sqlite3_stmt *st = db_query(s, "records_since", err);
	enum outcome r;

	if (st == NULL || (r = db_step(s, st, err)) == STOP)
		return STOP;
	(void)snprintf(day, 11, "%s", r == OK && sqlite3_column_type(st, 0) != SQLITE_NULL ? db_column(st, 0) : "");
	sqlite3_reset(st);
	return OK;
}

/* --- status --- */

enum outcome
store_status(struct store *s, const char *section, enum outcome (*each)(void *ctx, const struct status_line *line), void *ctx,
    struct err *err)
{
	static const char *const names[] = { "status_intake", "status_accounts", "status_trouble", "status_twice", "status_reporters", "status_missing", "status_gaps", "status_apart" };
	struct status_line line;
	char last[11];
	sqlite3_stmt *st;
	enum outcome r;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (section != NULL && strcmp(section, names[i] + 7) != 0)
			continue;
		if ((st = db_query(s, names[i], err)) == NULL)
			return STOP;
		if (sqlite3_bind_parameter_count(st) > 0) {
			sqlite3_bind_int64(st, 1, s->now_at);
			db_text(st, 2, db_last_day(s, last));
		}
		while ((r = db_step(s, st, err)) == OK) {
			line.section = names[i] + 7;
			line.what = db_column(st, 0);
			line.value = db_column(st, 1);
			if (each(ctx, &line) != OK) {
				sqlite3_reset(st);
				return OK;
			}
		}
		if (r == STOP)
			return STOP;
	}
	return OK;
}
