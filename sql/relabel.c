/* SPDX-License-Identifier: MIT */
/*
 * After a change of labels: only the addresses a label concerns are attributed anew, from their totals, and only their domains are analysed anew. A few
 * addresses are looked up, else one walk over the totals finds them; no record is read but of days whose mail moves to another sender.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sql/db.h"
#include "sql/given.h"
#include "sql/growth.h"
#include "sql/tally.h"

enum { FEW = 16 };	/* addresses looked up in each domain; more are found by a walk, for domains may be many and small */

/* Marks by id. */
struct marks { unsigned char *at; size_t room; };

/* few: the marked sources, where they are all that counts and FEW at most; nfew 0: they are not. */
struct concerned { struct marks sources, sets, senders; int64_t few[FEW], addresses; size_t nfew; };

static void
mark(struct marks *m, int64_t id)
{
	size_t i = (size_t)id, room = m->room;

	while (room <= i)
		room = room * 2 + 1024;
	if (room > m->room) {
		m->at = mem_grow(m->at, room, 1);
		memset(m->at + m->room, 0, room - m->room);
		m->room = room;
	}
	m->at[i] = 1;
}

static int
is_marked(const struct marks *m, int64_t id)
{
	return id >= 0 && (size_t)id < m->room && m->at[id];
}

/* Sets *found to how many there are; the first ones are in t->few. */
static enum outcome
mark_sources(struct store *s, const char *what, struct concerned *t, size_t *found, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "sources_all", err);
	enum outcome r;

	*found = 0;
	if (st == NULL)
		return STOP;
	while ((r = db_step(s, st, err)) == OK)
		if (ip_within(db_column(st, 1), what)) {
			mark(&t->sources, sqlite3_column_int64(st, 0));
			if (*found < FEW)
				t->few[*found] = sqlite3_column_int64(st, 0);
			++*found;
		}
	return r == STOP ? STOP : OK;
}

static enum outcome
mark_ids(struct store *s, const char *query, const char *text, struct marks *m, struct err *err)
{
	sqlite3_stmt *st = text != NULL ? db_query(s, query, err) : NULL;
	enum outcome r;

	if (st == NULL)
		return text != NULL ? STOP : OK;
	db_text(st, 1, text);
	while ((r = db_step(s, st, err)) == OK)
		mark(m, sqlite3_column_int64(st, 0));
	return r == STOP ? STOP : OK;
}

/* One tally of nothing for each address of the domain that is touched: it is loaded and attributed. */
static enum outcome
touch_domain(struct store *s, int64_t domain, struct concerned *t, struct err *err)
{
	sqlite3_stmt *st = t->nfew > 0 ? db_query(s, "flow_keys_of", err) : db_query(s, "flow_keys", err);
	struct given few = { t->few, t->nfew, 1 };
	struct tally *list = NULL;
	size_t count = 0, room = 0, i;
	enum outcome r;

	if (st == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, domain);
	if (t->nfew > 0 && given_bind(st, 2, &few) != SQLITE_OK)
		return db_fail(s, "totals", err);
	while ((r = db_step(s, st, err)) == OK) {
		int64_t source = sqlite3_column_int64(st, 0), set = sqlite3_column_int64(st, 1);

		if ((count > 0 && list[count - 1].source == source) || (!is_marked(&t->sources, source) && !is_marked(&t->sets, set) &&
		    !is_marked(&t->senders, sqlite3_column_int64(st, 3))))
			continue;
		if (count == room) {
			room = room ? room * 2 : 1024;
			list = mem_grow(list, room, sizeof(*list));
		}
		list[count++] = (struct tally){ .domain = (int32_t)domain, .source = (int32_t)source, .auth_set = (int32_t)set,
			.outcome = (int32_t)sqlite3_column_int64(st, 2), .day = NO_DAY };
	}
	if (t->nfew > 0)
		sqlite3_clear_bindings(st);
	t->addresses += (int64_t)count;
	/* It is analysed whole: of senders that stay what they were the class may change. */
	if (r != STOP && count > 0) {
		r = growth_open(s, domain, err);
		growth_drop(s, domain);
	}
	for (i = 0; r != STOP && i < count; i++) {
		if (s->writer->count == TALLIES && writer_flush(s, err) != OK)
			r = STOP;
		else
			s->writer->tallies[s->writer->count++] = list[i];
	}
	if (r != STOP)
		r = writer_flush(s, err);
	free(list);
	return r == STOP ? STOP : OK;
}

static enum outcome
touch_all(struct store *s, struct concerned *t, struct err *err)
{
	int64_t domain = 0;
	sqlite3_stmt *st;
	enum outcome r;

	for (;;) {
		if ((st = db_query(s, "domain_after", err)) == NULL)
			return STOP;
		sqlite3_bind_int64(st, 1, domain);
		if ((r = db_step(s, st, err)) != OK)
			return r == STOP ? STOP : OK;
		domain = sqlite3_column_int64(st, 0);
		sqlite3_reset(st);
		if (touch_domain(s, domain, t, err) != OK)
			return STOP;
	}
}

enum outcome
store_relabel(struct store *s, const char *what, const char *also, int64_t *addresses, struct err *err)
{
	struct concerned t = { .addresses = 0 };
	enum outcome r = STOP;
	size_t found;

	if (db_write(s, err) != OK || writer_get(s, err) == NULL || writer_flush(s, err) != OK || taken_settle(s, err) != OK || moves_settle(s, err) != OK)
		return STOP;
	if (mark_sources(s, what, &t, &found, err) == OK && mark_ids(s, "sets_signed_by", what, &t.sets, err) == OK &&
	    mark_ids(s, "sender_of_name", what, &t.senders, err) == OK && mark_ids(s, "sender_of_name", also, &t.senders, err) == OK) {
		/* A sender named by its address or network sends from there only. */
		t.nfew = found <= FEW && t.sets.at == NULL && also == NULL ? found : 0;
		writer_forget(s);
		s->writer->relabel = 1;
		r = found > 0 || t.sets.at != NULL || t.senders.at != NULL ? touch_all(s, &t, err) : OK;
		s->writer->relabel = 0;
	}
	*addresses += t.addresses;
	free(t.sources.at);
	free(t.sets.at);
	free(t.senders.at);
	return r == OK ? store_settle(s, err) : STOP;
}
