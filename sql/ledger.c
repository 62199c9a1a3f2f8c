/* SPDX-License-Identifier: MIT */
/*
 * The intake ledger, written and asked: one row for each document that came in, known again by its place and bytes; and
 * the bytes that are kept of what could not be read, or was in conflict.
 */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/mem.h"
#include "sql/given.h"
#include "sql/writer.h"

enum { RAW_MAX = 16 << 20 };			/* raw bytes kept of one document */
static const int64_t RAW_TOTAL = 256LL << 20, RAW_ROOM = 16LL << 20;	/* and of all together, compressed; room that is made where there is no more */

/* --- known bytes at a known place --- */

void
ledger_item(const char *place, const unsigned char digest[32], unsigned char out[DIGEST])
{
	struct buf b;

	buf_init(&b, 1 << 16);
	buf_str(&b, place);
	buf_add(&b, "", 1);
	buf_add(&b, digest, 32);
	digest_of(b.at, b.len, out);
	buf_free(&b);
}

/* Mostly that of the item store_seen was last asked about. */
static void
row_item(const struct writer *w, const struct intake_row *row, unsigned char out[DIGEST])
{
	if (row->item != NULL)
		memcpy(out, row->item, DIGEST);
	else if (row->place == w->seen_place && memcmp(row->digest, w->seen_digest, sizeof(w->seen_digest)) == 0)
		memcpy(out, w->seen_item, DIGEST);
	else
		ledger_item(row->place, row->digest, out);
}

/* Runs NAME with ?1 the item and ?2 now. */
static enum outcome
for_item(struct store *s, const char *name, const unsigned char item[DIGEST], struct err *err)
{
	sqlite3_stmt *st = db_query(s, name, err);

	if (st == NULL)
		return STOP;
	sqlite3_bind_blob(st, 1, item, DIGEST, SQLITE_STATIC);
	if (sqlite3_bind_parameter_count(st) > 1)
		sqlite3_bind_int64(st, 2, s->now_at);
	s->pending++;
	return db_run(s, st, err);
}

enum outcome
store_knows_place(struct store *s, const char *place, int *known, struct err *err)
{
	sqlite3_stmt *st = records_write(s, err) == OK ? db_query(s, "intake_has_place", err) : NULL;

	if (st == NULL)
		return STOP;
	db_text(st, 1, place);
	if (db_step(s, st, err) != OK)
		return STOP;
	*known = sqlite3_column_int(st, 0);
	sqlite3_reset(st);
	return OK;
}

enum outcome
store_seen(struct store *s, const char *place, const unsigned char digest[32], int fresh, int *known, struct err *err)
{
	struct writer *w = writer_get(s, err);
	unsigned char item[DIGEST];
	sqlite3_stmt *st;
	int64_t rows = 0, retries = 0;

	*known = 0;
	if (w == NULL)
		return STOP;
	w->reread = 0;
	ledger_item(place, digest, item);
	w->seen_place = place;
	memcpy(w->seen_digest, digest, sizeof(w->seen_digest));
	memcpy(w->seen_item, item, DIGEST);
	if (!digests_has(&w->waiting.items, item)) {
		if (w->waiting.items.whole || (fresh && w->waiting.items.ours))
			return OK;
	} else if (records_write(s, err) != OK) {
		return STOP;
	}
	if ((st = db_query(s, "intake_known", err)) == NULL)
		return STOP;
	sqlite3_bind_blob(st, 1, item, DIGEST, SQLITE_STATIC);
	if (db_step(s, st, err) != OK)
		return STOP;
	rows = sqlite3_column_int64(st, 0);
	retries = sqlite3_column_int64(st, 1);
	sqlite3_reset(st);
	if (rows == 0)
		return OK;
	if (retries > 0) {
		w->reread = 1;
		return for_item(s, "intake_drop_retry", item, err);
	}
	*known = 1;
	return for_item(s, "intake_seen", item, err);
}

enum outcome
store_came_after_all(struct store *s, const char *place, struct err *err)
{
	static const unsigned char none[32];
	unsigned char item[DIGEST];

	ledger_item(place, none, item);
	return db_write(s, err) == OK && records_write(s, err) == OK ? for_item(s, "intake_drop_without_bytes", item, err) : STOP;
}

static int
is_there(struct store *s, const char *query)
{
	sqlite3_stmt *st = db_query(s, query, NULL);
	int any = st != NULL && db_step(s, st, NULL) == OK && sqlite3_column_int(st, 0);

	if (st != NULL)
		sqlite3_reset(st);
	return any;
}

int
store_knows_any(struct store *s)
{
	return is_there(s, "intake_any");
}

int
store_knows_retries(struct store *s)
{
	return is_there(s, "intake_any_retry");
}

enum acquaintance
store_knows(struct store *s, const char *place, const unsigned char digest[32])
{
	sqlite3_stmt *st = db_query(s, "intake_known", NULL);
	enum acquaintance known = UNSURE;
	unsigned char item[DIGEST];

	if (st == NULL)
		return UNSURE;
	ledger_item(place, digest, item);
	sqlite3_bind_blob(st, 1, item, DIGEST, SQLITE_STATIC);
	if (db_step(s, st, NULL) == OK)
		known = sqlite3_column_int64(st, 0) == 0 ? FRESH : sqlite3_column_int64(st, 1) == 0 ? KNOWN : UNSURE;
	sqlite3_reset(st);
	return known;
}

/* --- rows --- */

/* A row of the same item and origin from an earlier reading is refreshed; 1 in *done where there was one. */
static enum outcome
refresh_row(struct store *s, const unsigned char item[DIGEST], const char *origin, int *done, struct err *err)
{
	sqlite3_stmt *st = records_write(s, err) == OK ? db_query(s, "intake_refresh", err) : NULL;

	if (st == NULL)
		return STOP;
	sqlite3_bind_blob(st, 1, item, DIGEST, SQLITE_STATIC);
	sqlite3_bind_int64(st, 2, s->now_at);
	db_text(st, 3, origin);
	if (db_run(s, st, err) != OK)
		return STOP;
	*done = sqlite3_changes(s->db) > 0;
	return OK;
}

/* What is kept is counted as it comes: to sum it up each time would take longer with each document. */
static enum outcome
raw_held(struct store *s, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "raw_held", err);

	if (st == NULL || db_step(s, st, err) != OK)
		return STOP;
	s->writer->raw_held = sqlite3_column_int64(st, 0);
	sqlite3_reset(st);
	return OK;
}

static enum outcome
keep_raw(struct store *s, int64_t intake, const void *raw, size_t len, struct err *err)
{
	sqlite3_stmt *st = records_write(s, err) == OK ? db_query(s, "raw_add", err) : NULL;
	uLongf size = compressBound((uLong)len);
	unsigned char *packed;
	enum outcome out;

	if (st == NULL || (s->writer->raw_held < 0 && raw_held(s, err) != OK))
		return STOP;
	packed = mem_alloc(size);
	if (compress2(packed, &size, raw, (uLong)len, 6) != Z_OK) {
		free(packed);
		return OK;
	}
	sqlite3_bind_int64(st, 1, intake);
	sqlite3_bind_int64(st, 2, (int64_t)len);
	sqlite3_bind_blob64(st, 3, packed, size, SQLITE_STATIC);
	out = db_run(s, st, err);
	free(packed);
	s->pending += 16;
	s->writer->raw_held += (int64_t)size;
	if (out != OK || s->writer->raw_held <= RAW_TOTAL)
		return out;
	/* What went meanwhile, to be read again, is counted still. */
	if (raw_held(s, err) != OK)
		return STOP;
	if (s->writer->raw_held <= RAW_TOTAL)
		return OK;
	if ((st = db_query(s, "raw_trim", err)) == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, RAW_TOTAL - RAW_ROOM);
	return db_run(s, st, err) == OK ? raw_held(s, err) : STOP;
}

enum outcome
ledger_add(struct store *s, const struct intake_row *row, enum intake_state state, const char *reason, int64_t report,
    const void *raw, size_t rawlen, struct err *err)
{
	struct writer *w = s->writer;
	unsigned char item[DIGEST];
	int64_t *x;
	int done = 0;

	row_item(w, row, item);
	if (w->reread && state == INTAKE_DUPLICATE) {
		if (refresh_row(s, item, row->origin, &done, err) != OK)
			return STOP;
		if (done)
			return OK;
	}
	if ((x = wait_row(s, WAIT_INTAKE, err)) == NULL)
		return STOP;
	w->intake = w->next_intake++;
	x[0] = w->intake;
	x[1] = wait_bytes(&w->waiting, item, DIGEST);
	x[2] = wait_text(&w->waiting, row->origin);
	x[3] = given_pointer(intake_state_str(state));
	x[4] = wait_text(&w->waiting, reason != NULL && *reason != '\0' ? reason : NULL);
	x[5] = report > 0 ? report : GIVEN_NULL;
	x[6] = s->now_at;
	digests_add(&w->waiting.items, item);
	return raw != NULL && rawlen > 0 && rawlen <= RAW_MAX ? keep_raw(s, w->intake, raw, rawlen, err) : OK;
}

enum outcome
store_intake_add(struct store *s, const struct intake_row *row, enum intake_state state, const char *reason,
    const void *raw, size_t rawlen, struct err *err)
{
	if (writer_get(s, err) == NULL)
		return STOP;
	return ledger_add(s, row, state, reason, 0, raw, rawlen, err);
}

const char *
intake_state_str(enum intake_state v)
{
	static const char *const names[] = { "", "stored", "duplicate", "conflict", "not_a_report", "damaged", "retry" };

	return names[v];
}
