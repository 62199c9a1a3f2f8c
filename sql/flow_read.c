/* SPDX-License-Identifier: MIT */
/*
 * What the database holds of an address under a domain, as much of it as is needed (flow.c). Of most addresses that is all, for it is little.
 * A busy one has hundreds of rows, and a night adds to a few of them: those are looked up one by one, and the others are read only where
 * something new came and no row at hand settles by itself how new ones are attributed and that the old ones stay as they are.
 */
#include <stdlib.h>

#include "sql/flow.h"

enum { FEW = 8 };	/* rows that are read of any address, those of the newest results first */

static void
take(struct flow_run *c, sqlite3_stmt *st)
{
	struct flow *f;

	c->rows = flow_room(c->rows, &c->rows_room, c->nrows + 1, sizeof(*c->rows));
	f = &c->rows[c->nrows++];
	f->auth_set = sqlite3_column_int64(st, 0);
	f->outcome = sqlite3_column_int64(st, 1);
	f->old_sender = f->sender = sqlite3_column_int64(st, 2);
	f->old_way = f->way = sqlite3_column_int64(st, 3);
	f->old_messages = f->messages = sqlite3_column_int64(st, 4);
	f->first_day = f->last_day = NO_DAY;
	if (sqlite3_column_type(st, 5) != SQLITE_NULL) {
		f->first_day = sqlite3_column_int(st, 5);
		f->last_day = f->first_day + sqlite3_column_int(st, 6);
	}
	f->old_first = f->first_day;
	f->old_last = f->last_day;
}

static sqlite3_stmt *
ask(struct flow_run *c, const char *name, const struct group *g, struct err *err)
{
	sqlite3_stmt *st = db_query(c->s, name, err);

	if (st != NULL) {
		sqlite3_bind_int64(st, 1, g->domain);
		sqlite3_bind_int64(st, 2, g->source);
	}
	return st;
}

/* The row of one tally: OK, END there is none. */
static enum outcome
look_up(struct flow_run *c, const struct group *g, const struct tally *t, struct err *err)
{
	sqlite3_stmt *st = ask(c, "flow_row", g, err);
	enum outcome r;

	if (st == NULL)
		return STOP;
	sqlite3_bind_int64(st, 3, t->auth_set);
	sqlite3_bind_int64(st, 4, t->outcome);
	r = db_step(c->s, st, err);
	if (r == OK)
		take(c, st);
	sqlite3_reset(st);
	return r;
}

/* The rows of all tallies of the group, beside the newest that were read: OK, END some has none. */
static enum outcome
look_up_all(struct flow_run *c, const struct group *g, struct err *err)
{
	size_t i, k, newest = c->nrows;
	enum outcome all = OK, r;

	for (i = g->from; i < g->to; i++) {
		const struct tally *t = &c->tallies[i];

		if (i > g->from && t->auth_set == t[-1].auth_set && t->outcome == t[-1].outcome)
			continue;
		for (k = g->rows; k < newest && flow_compare(&c->rows[k], t->auth_set, t->outcome) > 0; k++)
			;
		r = k == newest ? look_up(c, g, t, err) : flow_compare(&c->rows[k], t->auth_set, t->outcome) == 0 ? OK : END;
		if (r == STOP)
			return STOP;
		all = r == END ? END : all;
	}
	return all;
}

/* Reads on until a row decides, or all that are looked at together are there: OK; END all are read. */
static enum outcome
read_on(struct flow_run *c, const struct group *g, sqlite3_stmt *st, struct err *err)
{
	size_t i = g->rows, n;
	enum outcome r;

	for (n = FEW; n < ROWS_MAX; n++) {
		for (; i < c->nrows; i++)
			if (!c->s->writer->relabel && flow_decides(c, &c->rows[i]))
				return OK;
		if ((r = db_step(c->s, st, err)) != OK)
			return r;
		take(c, st);
	}
	return OK;
}

static int
by_key(const void *a, const void *b)
{
	const struct flow *y = b;

	return flow_compare(a, y->auth_set, y->outcome);
}

/* The rows read, in the order of their keys, each once. */
static void
put_in_order(struct flow_run *c, struct group *g)
{
	struct flow *rows = c->rows + g->rows;
	size_t count = c->nrows - g->rows, n = count > 0, i;

	if (count > 1)
		qsort(rows, count, sizeof(*rows), by_key);
	for (i = 1; i < count; i++)
		if (by_key(&rows[i], &rows[n - 1]) != 0)
			rows[n++] = rows[i];
	g->loaded = g->count = n;
	c->nrows = g->rows + n;
}

enum outcome
flow_read(struct flow_run *c, struct group *g, struct err *err)
{
	sqlite3_stmt *st;
	enum outcome r = OK, all;
	size_t n;

	g->rows = c->nrows;
	g->whole = g->source >= c->unsummed;
	if (g->whole)
		return OK;
	if ((st = ask(c, "flow_of_address", g, err)) == NULL)
		return STOP;
	for (n = 0; n < FEW && (r = db_step(c->s, st, err)) == OK; n++)
		take(c, st);
	if (r == OK) {
		all = look_up_all(c, g, err);
		if (all == STOP)
			r = STOP;
		else if (all == END || c->s->writer->relabel)
			r = read_on(c, g, st, err);
	}
	sqlite3_reset(st);
	g->whole = r == END;
	put_in_order(c, g);
	return r == STOP ? STOP : OK;
}

enum outcome
flow_had_sender(struct flow_run *c, const struct group *g, int64_t sender, char *had, struct err *err)
{
	sqlite3_stmt *st;
	enum outcome r;
	size_t i;

	*had = 1;
	for (i = 0; i < g->loaded; i++)
		if (c->rows[g->rows + i].old_sender == sender)
			return OK;
	*had = 0;
	if (g->whole)
		return OK;
	if ((st = ask(c, "flow_of_sender", g, err)) == NULL)
		return STOP;
	sqlite3_bind_int64(st, 3, sender);
	r = db_step(c->s, st, err);
	sqlite3_reset(st);
	*had = r == OK;
	return r == STOP ? STOP : OK;
}
