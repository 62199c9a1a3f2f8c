/* SPDX-License-Identifier: MIT */
/*
 * Totals of addresses: what the records of each (domain, address, auth results, outcome) sum to, and who sent them. A chunk of sorted
 * tallies is merged with the rows the database has of these addresses; an address that did something
 * new is attributed anew, by the caller's attributor; then all new rows are written by one statement, and all that changed by another.
 *
 * Where the attribution of mail that was counted before changes, its days are corrected (moves.c), or the daily
 * roll-up of its domain is marked stale from its first day on, and store_settle builds it anew. Which senders' totals changed is noted for
 * the analysis (noted.c).
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "sql/flow.h"
#include "sql/given.h"
#include "sql/growth.h"

enum {
	ROWS_MAX = 2048,	/* rows of one address looked at together; what is older is attributed no more */
	WIDTH = 9,		/* columns of flow */
	WRITE = 4096		/* rows written by one statement */
};

void *
flow_room(void *at, size_t *room, size_t need, size_t size)
{
	if (need <= *room)
		return at;
	while (*room < need)
		*room = *room ? *room * 2 : 1024;
	return mem_grow(at, *room, size);
}

/* --- reading what is there --- */

static void
find_groups(struct flow_run *c, size_t from, size_t to)
{
	size_t i, j;

	c->ngroups = 0;
	for (i = from; i < to; i = j) {
		struct group *g;

		for (j = i + 1; j < to && c->tallies[j].domain == c->tallies[i].domain && c->tallies[j].source == c->tallies[i].source; j++)
			;
		c->groups = flow_room(c->groups, &c->groups_room, c->ngroups + 1, sizeof(*c->groups));
		g = &c->groups[c->ngroups++];
		memset(g, 0, sizeof(*g));
		g->domain = c->tallies[i].domain;
		g->source = c->tallies[i].source;
		g->from = i;
		g->to = j;
	}
}

static int64_t *
pairs_of(const struct flow_run *c, struct given *given)
{
	int64_t *pairs = mem_alloc((c->ngroups + 1) * 2 * sizeof(*pairs));
	size_t i;

	for (i = 0; i < c->ngroups; i++) {
		pairs[i * 2] = c->groups[i].domain;
		pairs[i * 2 + 1] = c->groups[i].source;
	}
	given->at = pairs;
	given->count = c->ngroups;
	given->width = 2;
	return pairs;
}

static void
hold(struct flow_run *c, sqlite3_stmt *st)
{
	struct flow *f;
	size_t had = c->held_room;

	c->held = flow_room(c->held, &c->held_room, c->nheld + 1, sizeof(*c->held));
	if (c->held_room != had)
		c->held_group = mem_grow(c->held_group, c->held_room, sizeof(*c->held_group));
	c->held_group[c->nheld] = (size_t)sqlite3_column_int64(st, 0);
	f = &c->held[c->nheld++];
	f->auth_set = sqlite3_column_int64(st, 1);
	f->outcome = sqlite3_column_int64(st, 2);
	f->old_sender = f->sender = sqlite3_column_int64(st, 3);
	f->old_way = f->way = sqlite3_column_int64(st, 4);
	f->old_messages = f->messages = sqlite3_column_int64(st, 5);
	f->first_day = f->last_day = NO_DAY;
	if (sqlite3_column_type(st, 6) != SQLITE_NULL) {
		f->first_day = sqlite3_column_int(st, 6);
		f->last_day = f->first_day + sqlite3_column_int(st, 7);
	}
	f->old_first = f->first_day;
	f->old_last = f->last_day;
}

/* The rows of all groups, in the order of the groups: the statement walks the pairs as they are given. */
static enum outcome
load(struct flow_run *c, struct err *err)
{
	sqlite3_stmt *st = db_query(c->s, "flow_of_addresses", err);
	struct given given;
	int64_t *pairs;
	enum outcome r = STOP;

	if (st == NULL)
		return STOP;
	pairs = pairs_of(c, &given);
	c->nheld = 0;
	if (given_bind(st, 1, &given) == SQLITE_OK)
		while ((r = db_step(c->s, st, err)) == OK)
			hold(c, st);
	sqlite3_reset(st);
	free(pairs);
	return r == STOP ? STOP : OK;
}

/* --- merging --- */

static struct flow *
find_row(struct flow *rows, size_t count, const struct tally *t)
{
	size_t low = 0, high = count, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (rows[mid].auth_set < t->auth_set || (rows[mid].auth_set == t->auth_set && rows[mid].outcome < t->outcome))
			low = mid + 1;
		else
			high = mid;
	}
	return low < count && rows[low].auth_set == t->auth_set && rows[low].outcome == t->outcome ? &rows[low] : NULL;
}

/* The row of this key; a new one is appended (tallies come in the order of their key, so the last new one is the only candidate). */
static struct flow *
row_for(struct flow_run *c, struct group *g, const struct tally *t)
{
	struct flow *f = find_row(c->rows + g->rows, g->loaded, t);

	if (f == NULL && g->count > g->loaded)
		f = find_row(c->rows + g->rows + g->count - 1, 1, t);
	if (f != NULL)
		return f;
	c->rows = flow_room(c->rows, &c->rows_room, c->nrows + 1, sizeof(*c->rows));
	f = &c->rows[c->nrows++];
	g->count++;
	memset(f, 0, sizeof(*f));
	f->auth_set = t->auth_set;
	f->outcome = t->outcome;
	f->first_day = f->last_day = f->old_first = f->old_last = NO_DAY;
	return f;
}

static void
merge(struct flow_run *c, struct group *g, size_t *held)
{
	size_t i, first = c->groups[0].from, n = (size_t)(g - c->groups);

	g->rows = c->nrows;
	for (; *held < c->nheld && c->held_group[*held] == n; ++*held) {
		c->rows = flow_room(c->rows, &c->rows_room, c->nrows + 1, sizeof(*c->rows));
		c->rows[c->nrows++] = c->held[*held];
	}
	g->loaded = g->count = c->nrows - g->rows;
	for (i = g->from; i < g->to; i++) {
		const struct tally *t = &c->tallies[i];
		struct flow *f = row_for(c, g, t);

		c->row_of[i - first] = (uint32_t)(f - c->rows);
		f->messages += t->messages;
		if (t->day == NO_DAY)
			continue;
		if (f->first_day == NO_DAY || t->day < f->first_day)
			f->first_day = t->day;
		if (f->last_day == NO_DAY || t->day > f->last_day)
			f->last_day = t->day;
	}
}

/* --- attribution --- */

static const char *
day_or_null(int32_t day, char out[11])
{
	return day != NO_DAY && text_day((int64_t)day * 86400, out) ? out : NULL;
}

/* Fills what the attributor sees of one row. */
static enum outcome
show_row(struct store *s, const struct flow *f, struct flow_row *row, struct err *err)
{
	const struct outcome_facts *facts = outcome_facts(s, f->outcome, err);

	memset(row, 0, sizeof(*row));
	if (facts == NULL)
		return STOP;
	row->verdict = facts->verdict;
	row->flags = facts->flags;
	row->messages = f->messages;
	row->set = f->auth_set;
	return set_auths(s, f->auth_set, &row->auths, &row->nauths, err);
}

static enum outcome
name_domain(struct flow_run *c, int32_t domain, struct err *err)
{
	sqlite3_stmt *st;

	if (c->domain != NULL && c->named == domain)
		return OK;
	if ((st = db_query(c->s, "domain_name", err)) == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, domain);
	if (db_step(c->s, st, err) != OK)
		return STOP;
	free(c->domain);
	c->domain = mem_str(db_column(st, 0));
	c->named = domain;
	sqlite3_reset(st);
	return OK;
}

/* Rows of one address mostly have the sender of the row before, or of one shortly before; 0: none of those. */
static int64_t
same_sender(const struct flow_row *rows, const struct flow *flows, size_t i)
{
	size_t j;

	for (j = i; j-- > 0 && j + 4 >= i;)
		if (strcmp(rows[j].sender, rows[i].sender) == 0)
			return flows[j].sender;
	return 0;
}

static enum outcome
attribute(struct flow_run *c, const struct group *g, const char *address, const char *ptr, struct err *err)
{
	size_t n = g->count < ROWS_MAX ? g->count : ROWS_MAX, i;
	struct flow *flows = c->rows + g->rows + g->count - n;
	struct flow_row few[16], *rows = n > 16 ? mem_alloc(n * sizeof(*rows)) : few;
	enum outcome out = STOP;

	sets_room(c->s, n);
	if (name_domain(c, g->domain, err) != OK)
		goto out;
	for (i = 0; i < n; i++)
		if (show_row(c->s, &flows[i], &rows[i], err) != OK)
			goto out;
	c->s->attributor->attribute(c->s->attributor->ctx, c->domain, address, ptr, rows, n);
	for (i = 0; i < n; i++) {
		flows[i].way = rows[i].way;
		flows[i].sender = same_sender(rows, flows, i);
		if (flows[i].sender == 0 && (flows[i].sender = sender_id(c->s, &rows[i], err)) <= 0)
			goto out;
	}
	out = OK;
out:
	if (rows != few)
		free(rows);
	return out;
}

/* What is known of an address changes only with a row of a new kind, or with a label. */
static enum outcome
attribute_new(struct flow_run *c, struct err *err)
{
	sqlite3_stmt *st = db_query(c->s, "names_of_addresses", err);
	int64_t *wanted = mem_alloc((c->ngroups + 1) * 3 * sizeof(*wanted));
	struct given given = { wanted, 0, 3 };
	enum outcome r = STOP, done = OK;
	size_t i;

	for (i = 0; i < c->ngroups; i++) {
		const struct group *g = &c->groups[i];

		if (g->count == g->loaded && !c->s->writer->relabel)
			continue;
		wanted[given.count * 3 + 1] = g->source;
		wanted[given.count++ * 3 + 2] = (int64_t)i;
	}
	if (st != NULL && given_bind(st, 1, &given) == SQLITE_OK)
		while (done == OK && (r = db_step(c->s, st, err)) == OK)
			done = attribute(c, &c->groups[wanted[sqlite3_column_int64(st, 0) * 3 + 2]], db_column(st, 1), db_column(st, 2), err);
	if (st != NULL)
		sqlite3_reset(st);
	free(wanted);
	return r == STOP || done != OK ? STOP : OK;
}

/* --- writing --- */

static enum outcome
write_rows(struct flow_run *c, struct rows *rows, const char *name, struct err *err)
{
	enum outcome r = rows->count > 0 ? given_run(c->s, name, rows->at, rows->count, WIDTH, err) : OK;

	rows->count = 0;
	return r;
}

static enum outcome
write_out(struct flow_run *c, struct err *err)
{
	return write_rows(c, &c->added, "flows_add", err) == OK ? write_rows(c, &c->changed, "flows_put", err) : STOP;
}

static enum outcome
drop_row(struct flow_run *c, const struct group *g, const struct flow *f, struct err *err)
{
	sqlite3_stmt *st = db_query(c->s, "flow_drop", err);

	if (st == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, g->domain);
	sqlite3_bind_int64(st, 2, g->source);
	sqlite3_bind_int64(st, 3, f->auth_set);
	sqlite3_bind_int64(st, 4, f->outcome);
	c->s->pending++;
	return db_run(c->s, st, err);
}

/* loaded: the database has it. */
static enum outcome
put_row(struct flow_run *c, const struct group *g, const struct flow *f, int loaded, struct err *err)
{
	struct rows *rows = loaded ? &c->changed : &c->added;
	int64_t *x;

	if (rows->count == WRITE && write_out(c, err) != OK)
		return STOP;
	x = rows->at + rows->count++ * WIDTH;
	x[0] = g->domain;
	x[1] = g->source;
	x[2] = f->auth_set;
	x[3] = f->outcome;
	x[4] = f->sender;
	x[5] = f->way;
	x[6] = f->messages;
	x[7] = f->first_day != NO_DAY ? f->first_day : GIVEN_NULL;
	x[8] = f->first_day != NO_DAY ? f->last_day - f->first_day : 0;
	return OK;
}

enum outcome
mark_stale(struct store *s, int32_t domain, int32_t day, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "domain_stale", err);
	char text[11];

	if (st == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, domain);
	db_text(st, 2, day_or_null(day, text));
	return db_run(s, st, err);
}

/*
 * A row that is somebody else's now: its earlier messages move. Where all of them lie on one day they are moved at once; else when the
 * records of those days are looked at, before the transaction ends; else the days from the first on are built anew when the run settles.
 */
static enum outcome
move_earlier(struct flow_run *c, const struct group *g, const struct flow *f, struct err *err)
{
	const struct move m = { g->domain, g->source, (int32_t)f->auth_set, (int32_t)f->outcome, f->first_day, f->last_day, f->old_sender, f->sender,
		(int32_t)f->old_way, (int32_t)f->way };

	if (f->first_day == NO_DAY || f->last_day < c->s->writer->pruned_day)
		return OK;
	if (f->first_day != f->last_day || c->s->writer->undated)
		return moves_add(c->s->writer, &m) ? OK : mark_stale(c->s, g->domain, f->first_day, err);
	days_add(c->days, g->domain, f->first_day, f->old_sender, f->old_way, f->outcome, -f->old_messages);
	days_add(c->days, g->domain, f->first_day, f->sender, f->way, f->outcome, f->old_messages);
	return OK;
}

static enum outcome
write_group(struct flow_run *c, const struct group *g, struct err *err)
{
	uint32_t mark = growth_mark(c->s, g->domain);
	size_t i;

	c->nhad = 0;
	for (i = 0; i < g->count; i++) {
		const struct flow *f = &c->rows[g->rows + i];
		int moved = f->old_sender != f->sender || f->old_way != f->way;

		if (!moved && f->old_messages == f->messages && f->old_first == f->first_day && f->old_last == f->last_day)
			continue;
		if ((flow_is_gone(f) ? drop_row(c, g, f, err) : put_row(c, g, f, i < g->loaded, err)) != OK)
			return STOP;
		if (moved && f->old_sender > 0 && f->old_messages > 0 && move_earlier(c, g, f, err) != OK)
			return STOP;
		if (mark != 0 && note_row(c, g, f, i < g->loaded, mark, err) != OK)
			return STOP;
	}
	return OK;
}

static enum outcome
flush_chunk(struct flow_run *c, size_t from, size_t to, struct err *err)
{
	size_t i, held = 0;

	find_groups(c, from, to);
	if (load(c, err) != OK)
		return STOP;
	c->row_of = flow_room(c->row_of, &c->row_of_room, to - from, sizeof(*c->row_of));
	c->nrows = 0;
	for (i = 0; i < c->ngroups; i++)
		merge(c, &c->groups[i], &held);
	if (attribute_new(c, err) != OK)
		return STOP;
	for (i = 0; i < c->ngroups; i++)
		if (write_group(c, &c->groups[i], err) != OK)
			return STOP;
	for (i = from; i < to; i++) {
		const struct tally *t = &c->tallies[i];
		const struct flow *f = &c->rows[c->row_of[i - from]];

		if (t->day != NO_DAY)
			days_add(c->days, t->domain, t->day, f->sender, f->way, t->outcome, t->messages);
	}
	return write_out(c, err);
}

struct flow_run *
flow_begin(struct store *s, const struct tally *tallies, size_t count, struct days *days)
{
	struct flow_run *c = mem_alloc(sizeof(*c));

	c->s = s;
	c->tallies = tallies;
	c->count = count;
	c->days = days;
	c->added.at = mem_alloc(WRITE * WIDTH * sizeof(*c->added.at));
	c->changed.at = mem_alloc(WRITE * WIDTH * sizeof(*c->changed.at));
	return c;
}

enum outcome
flow_some(struct flow_run *c, struct err *err)
{
	size_t from = c->at, to = from + FLOW_CHUNK < c->count ? from + FLOW_CHUNK : c->count;

	/* A chunk ends with an address. */
	for (; to > from && to < c->count && c->tallies[to].domain == c->tallies[to - 1].domain &&
	    c->tallies[to].source == c->tallies[to - 1].source; to++)
		;
	c->at = to;
	if (from == to)
		return END;
	return flush_chunk(c, from, to, err);
}

void
flow_end(struct flow_run *c)
{
	if (c == NULL)
		return;
	free(c->added.at);
	free(c->changed.at);
	free(c->groups);
	free(c->rows);
	free(c->held);
	free(c->held_group);
	free(c->row_of);
	free(c->had);
	free(c->domain);
	free(c);
}
