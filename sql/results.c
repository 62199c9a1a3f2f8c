/* SPDX-License-Identifier: MIT */
/* What ids mean, kept in memory: the results of auth sets, and what an outcome is. Attribution and the second judging ask it. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "sql/writer.h"

enum { SETS_MAX = 8192, SET_BYTES = 2 << 20 };

static void
put_set(struct writer *w, int64_t id, struct auth *auths, size_t count)
{
	int64_t slot = (int64_t)w->nsets++;

	w->sets[slot].auths = auths;
	w->sets[slot].count = count;
	intern_put(w->set_slots, &id, sizeof(id), slot);
}

/* The same few names stand in all sets. */
static const char *
kept(struct writer *w, const char *text)
{
	const char *copy;
	int64_t at;
	size_t len;

	if (text == NULL)
		return NULL;
	len = strlen(text);
	if (intern_get(w->set_names, text, len, &at))
		return (const char *)(intptr_t)at;
	copy = arena_strn(w->set_text, text, len);
	intern_put(w->set_names, text, len, (intptr_t)copy);
	return copy;
}

/* A result as it is kept: without the words for people. */
static struct auth
kept_auth(struct writer *w, const struct auth *from)
{
	struct auth a = *from;

	a.domain = kept(w, from->domain);
	a.selector = kept(w, from->selector);
	a.scope.text = kept(w, from->scope.text);
	a.result.text = kept(w, from->result.text);
	a.human_result = NULL;
	return a;
}

void
prime_set(struct writer *w, int64_t id, const struct auth *auths, size_t count)
{
	struct auth *copy;
	size_t i;

	if (w->sets == NULL || w->nsets == SETS_MAX || arena_bytes(w->set_text) > SET_BYTES)
		return;
	copy = arena_alloc(w->set_text, count * sizeof(*copy));
	for (i = 0; i < count; i++)
		copy[i] = kept_auth(w, &auths[i]);
	put_set(w, id, copy, count);
}

static enum outcome
load_set(struct store *s, int64_t id, struct err *err)
{
	struct writer *w = s->writer;
	sqlite3_stmt *st = db_query(s, "auth_results", err);
	struct auth auths[256], *copy;
	size_t n = 0;
	enum outcome r = OK;

	if (st == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, id);
	while (n < 256 && (r = db_step(s, st, err)) == OK) {
		struct auth a = { .kind = sqlite3_column_int(st, 0) ? KIND_SPF : KIND_DKIM, .domain = db_column(st, 1), .selector = db_column(st, 2) };

		a.scope.text = db_column(st, 3);
		a.scope.code = (int)spf_scope_of(a.scope.text);
		a.result.text = db_column(st, 4);
		a.result.code = (int)auth_result_of(a.result.text);
		auths[n++] = kept_auth(w, &a);
	}
	sqlite3_reset(st);
	if (r == STOP)
		return STOP;
	copy = arena_alloc(w->set_text, n * sizeof(*copy));
	memcpy(copy, auths, n * sizeof(*copy));
	put_set(w, id, copy, n);
	return OK;
}

enum outcome
set_auths(struct store *s, int64_t id, const struct auth **auths, size_t *count, struct err *err)
{
	struct writer *w = s->writer;
	int64_t slot;

	if (!intern_get(w->set_slots, &id, sizeof(id), &slot)) {
		slot = (int64_t)w->nsets;
		if (load_set(s, id, err) != OK)
			return STOP;
	}
	*auths = w->sets[slot].auths;
	*count = w->sets[slot].count;
	return OK;
}

void
sets_forget(struct store *s)
{
	struct writer *w = s->writer;

	if (s->attributor != NULL && s->attributor->forget != NULL)
		s->attributor->forget(s->attributor->ctx);
	w->nsets = 0;
	intern_clear(w->set_slots);
	intern_clear(w->set_names);
	arena_reset(w->set_text);
}

void
sets_room(struct store *s, size_t need)
{
	struct writer *w = s->writer;

	if (w->sets == NULL)
		w->sets = mem_alloc(SETS_MAX * sizeof(*w->sets));
	if (w->nsets + need <= SETS_MAX && arena_bytes(w->set_text) < SET_BYTES)
		return;
	sets_forget(s);
}

static enum outcome
load_facts(struct store *s, int64_t outcome, struct outcome_facts *out, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "outcome_facts", err);
	enum verdict v;

	if (st == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, outcome);
	if (db_step(s, st, err) != OK)
		return STOP;
	for (v = VERDICT_PASS; v < VERDICT_UNKNOWN && strcmp(verdict_str(v), db_column(st, 0)) != 0; v++)
		;
	out->verdict = v;
	out->flags = sqlite3_column_int(st, 1);
	sqlite3_reset(st);
	return OK;
}

const struct outcome_facts *
outcome_facts(struct store *s, int64_t outcome, struct err *err)
{
	static const struct outcome_facts large = { VERDICT_UNKNOWN, 0 };
	struct writer *w = s->writer;
	size_t i = (size_t)outcome, room = w->nfacts;

	if (i >= 1 << 20)
		return &large;
	while (room <= i)
		room = room * 2 + 256;
	if (room > w->nfacts) {
		w->facts = mem_grow(w->facts, room, sizeof(*w->facts));
		memset(w->facts + w->nfacts, 0, (room - w->nfacts) * sizeof(*w->facts));
		w->nfacts = room;
	}
	if (w->facts[i].verdict == 0 && load_facts(s, outcome, &w->facts[i], err) != OK)
		return NULL;
	return &w->facts[i];
}
