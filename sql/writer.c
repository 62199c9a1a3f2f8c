/* SPDX-License-Identifier: MIT */
/*
 * The writing side itself: its caches and counters, made at the first write and given back when nothing is written for a
 * while; and the statements that take many rows at once. What is written lives in write.c, ledger.c, dictionary.c, tally.c and flow.c.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "sql/copying.h"
#include "sql/given.h"
#include "sql/tally.h"

enum {
	CACHE_SMALL = 4096, CACHE_LARGE = 32768,	/* most entries of the dictionary caches */
	CACHE_SOURCES = 131072,
	KEY_MAX = 1 << 20			/* bytes of one cache key: 100 results of 4 KiB fields fit */
};

static enum outcome
next_ids(struct store *s, struct writer *w, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "next_ids", err);
	int64_t pruned;
	int fresh;

	if (st == NULL || db_step(s, st, err) != OK)
		return STOP;
	w->next_record = sqlite3_column_int64(st, 0);
	w->tallied_to = w->flushed_to = w->next_record - 1;
	w->next_report = sqlite3_column_int64(st, 1);
	w->next_intake = sqlite3_column_int64(st, 2);
	free(w->configured);
	w->configured = mem_str(db_column(st, 3));
	w->undated = sqlite3_column_int(st, 4);
	w->days_from = NO_DAY;
	w->pruned_day = db_column(st, 5) != NULL && text_when(db_column(st, 5), &pruned) ? (int32_t)(pruned / 86400) : NO_DAY;
	fresh = sqlite3_column_int(st, 6);
	w->next_source = w->unsummed = sqlite3_column_int64(st, 7);
	w->next_set = sqlite3_column_int64(st, 8);
	sqlite3_reset(st);
	if (fresh) {
		intern_whole(w->names);
		intern_whole(w->sources);
		intern_whole(w->auth_sets);
	}
	if (w->next_report == 1 && w->next_intake == 1)
		waiting_whole(&w->waiting);
	return OK;
}

struct writer *
writer_get(struct store *s, struct err *err)
{
	struct writer *w = s->writer;

	if (w == NULL) {
		w = s->writer = mem_alloc(sizeof(*w));
		w->names = intern_new(CACHE_LARGE / 2);
		w->sources = intern_new(CACHE_SOURCES);
		w->idents = intern_new(CACHE_SMALL);
		w->auth_sets = intern_new(CACHE_LARGE);
		w->reason_sets = intern_new(CACHE_SMALL);
		w->outcomes = intern_new(CACHE_SMALL);
		w->reporters = intern_new(CACHE_SMALL);
		w->mails = intern_new(CACHE_SMALL);
		w->policies = intern_new(CACHE_SMALL);
		w->domains = intern_new(CACHE_SMALL);
		w->senders = intern_new(CACHE_LARGE / 2);
		w->set_slots = intern_new(CACHE_LARGE / 4);
		w->set_names = intern_new(CACHE_SMALL);
		w->set_text = arena_new();
		w->head = arena_new();
		w->tallies = mem_alloc(TALLIES * sizeof(*w->tallies));
		waiting_init(&w->waiting);
		sets_room(s, 0);
		sets_forget(s);
		buf_init(&w->key, KEY_MAX);
		w->raw_held = -1;
	}
	if (db_write(s, err) != OK)
		return NULL;
	if (w->next_record == 0 && next_ids(s, w, err) != OK)
		return NULL;
	return w;
}

void
writer_clear_caches(struct store *s)
{
	struct writer *w = s->writer;
	struct intern *all[] = { w->names, w->sources, w->idents, w->auth_sets, w->reason_sets, w->outcomes, w->reporters,
		w->mails, w->policies, w->domains, w->senders };
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		intern_clear(all[i]);
	if (w->nfacts > 0)
		memset(w->facts, 0, w->nfacts * sizeof(*w->facts));
	sets_forget(s);
}

void
writer_forget(struct store *s)
{
	struct writer *w = s->writer;

	if (w == NULL)
		return;
	writer_clear_caches(s);
	flush_drop(w);
	moves_drop(w, 0);
	taken_drop(w);
	waiting_drop(&w->waiting);
	w->count = 0;
	w->next_record = 0;
	w->open = 0;
}

void
writer_free(struct writer *w)
{
	if (w == NULL)
		return;
	flush_drop(w);
	moves_drop(w, 0);
	taken_drop(w);
	free(w->moves);
	intern_free(w->names);
	intern_free(w->sources);
	intern_free(w->idents);
	intern_free(w->auth_sets);
	intern_free(w->reason_sets);
	intern_free(w->outcomes);
	intern_free(w->reporters);
	intern_free(w->mails);
	intern_free(w->policies);
	intern_free(w->domains);
	intern_free(w->senders);
	intern_free(w->set_slots);
	intern_free(w->set_names);
	arena_free(w->set_text);
	arena_free(w->head);
	free(w->sets);
	free(w->facts);
	free(w->tallies);
	waiting_free(&w->waiting);
	free(w->configured);
	buf_free(&w->key);
	free(w);
}

void
store_rest(struct store *s)
{
	if (s->in_transaction)
		return;
	writer_free(s->writer);
	s->writer = NULL;
	walks_free(s);
	/* Page cache and statements' memory, too. */
	(void)sqlite3_db_release_memory(s->db);
	copying_end(s->copying);
	s->copying = copying_begin(s->path);
}

void
store_attributor(struct store *s, const struct attributor *a)
{
	s->attributor = a;
	if (a != NULL && a->forget != NULL)
		a->forget(a->ctx);
}

void
store_bucketer(struct store *s, store_bucket *fn)
{
	s->bucket = fn;
}

static enum outcome
run_bound(struct store *s, sqlite3_stmt *st, size_t count, struct err *err)
{
	enum outcome r = db_run(s, st, err);

	s->pending += (int64_t)count;
	sqlite3_clear_bindings(st);
	return r;
}

enum outcome
given_run(struct store *s, const char *name, const int64_t *rows, size_t count, int width, struct err *err)
{
	struct given given = { rows, count, width };
	sqlite3_stmt *st = db_query(s, name, err);

	if (st == NULL)
		return STOP;
	return given_bind(st, 1, &given) == SQLITE_OK ? run_bound(s, st, count, err) : db_fail(s, name, err);
}

enum outcome
given_run_typed(struct store *s, const char *name, const int64_t *rows, size_t count, const char *types, struct err *err)
{
	struct given_typed given = { { rows, count, (int)strlen(types) }, types };
	sqlite3_stmt *st = db_query(s, name, err);

	if (st == NULL)
		return STOP;
	return given_bind_typed(st, 1, &given) == SQLITE_OK ? run_bound(s, st, count, err) : db_fail(s, name, err);
}
