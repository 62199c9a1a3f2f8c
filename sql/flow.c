/* SPDX-License-Identifier: MIT */
/*
 * Totals of addresses: what the records of each (domain, address, auth results, outcome) sum to, and who sent them. A chunk of sorted
 * tallies is merged with what the database has of these addresses (flow_read.c); an address that did something
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

#ifndef DAYS_MANY
#define DAYS_MANY 8192		/* sums of days that are written with the end of their domain; a test has fewer */
#endif

enum {
	ROWS = 8192,		/* rows after which a chunk is not read on before they are written */
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

/* --- merging --- */

static struct flow *
find_row(struct flow *rows, size_t count, const struct tally *t)
{
	size_t low = 0, high = count, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (flow_compare(&rows[mid], t->auth_set, t->outcome) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low < count && flow_compare(&rows[low], t->auth_set, t->outcome) == 0 ? &rows[low] : NULL;
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
merge(struct flow_run *c, struct group *g)
{
	size_t i, first = c->groups[0].from;

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

int
flow_decides(struct flow_run *c, const struct flow *f)
{
	const struct outcome_facts *facts = outcome_facts(c->s, f->outcome, NULL);
	const struct attributor *a = c->s->attributor;

	return facts != NULL && a->decides != NULL && a->decides(a->ctx, c->domain, facts->flags);
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
same_sender(const struct flow_row *rows, struct flow *const *flows, size_t i)
{
	size_t j;

	for (j = i; j-- > 0 && j + 4 >= i;)
		if (strcmp(rows[j].sender, rows[i].sender) == 0)
			return flows[j]->sender;
	return 0;
}

static enum outcome
attribute_rows(struct flow_run *c, struct flow *const *flows, size_t n, const char *address, const char *ptr, struct err *err)
{
	struct flow_row few[16], *rows = n > 16 ? mem_alloc(n * sizeof(*rows)) : few;
	enum outcome out = STOP;
	size_t i;

	sets_room(c->s, n);
	for (i = 0; i < n; i++)
		if (show_row(c->s, flows[i], &rows[i], err) != OK)
			goto out;
	c->s->attributor->attribute(c->s->attributor->ctx, c->domain, address, ptr, rows, n);
	for (i = 0; i < n; i++) {
		flows[i]->way = rows[i].way;
		flows[i]->sender = same_sender(rows, flows, i);
		if (flows[i]->sender == 0 && (flows[i]->sender = sender_id(c->s, &rows[i], err)) <= 0)
			goto out;
	}
	out = OK;
out:
	if (rows != few)
		free(rows);
	return out;
}

/* With a row that decides the new ones are attributed, and the others stay as they are; else the newest are looked at together. */
static enum outcome
attribute(struct flow_run *c, const struct group *g, const char *address, const char *ptr, struct err *err)
{
	struct flow *rows = c->rows + g->rows, *flows[ROWS_MAX + 1];
	size_t at = g->count > ROWS_MAX ? g->count - ROWS_MAX : 0, decided = 0, n, i;

	if (name_domain(c, g->domain, err) != OK)
		return STOP;
	at = at < g->loaded ? at : g->loaded;
	for (i = 0; i < g->loaded && decided == 0 && !c->s->writer->relabel; i++)
		if (flow_decides(c, &rows[i])) {
			flows[0] = &rows[i];
			decided = 1;
			at = g->loaded;
		}
	while (at < g->count) {
		for (n = decided; n < ROWS_MAX + decided && at < g->count; n++)
			flows[n] = &rows[at++];
		if (attribute_rows(c, flows, n, address, ptr, err) != OK)
			return STOP;
	}
	return OK;
}

/* What is known of an address changes only with a row of a new kind, or with a label. */
static enum outcome
attribute_new(struct flow_run *c, size_t from, size_t to, struct err *err)
{
	sqlite3_stmt *st = db_query(c->s, "names_of_addresses", err);
	int64_t *wanted = mem_alloc((to - from) * 3 * sizeof(*wanted));
	struct given given = { wanted, 0, 3 };
	enum outcome r = STOP, done = OK;
	size_t i;

	for (i = from; i < to; i++) {
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
	const struct move m = { { g->domain, g->source, (int32_t)f->auth_set, (int32_t)f->outcome }, f->old_first, f->old_last, f->old_messages,
		f->old_sender, f->sender, (int32_t)f->old_way, (int32_t)f->way };

	if (m.first_day == NO_DAY || m.last_day < c->s->writer->pruned_day)
		return OK;
	if (m.first_day != m.last_day || c->s->writer->undated)
		return moves_add(c->s->writer, &m) ? OK : mark_stale(c->s, g->domain, m.first_day, err);
	days_add(c->days, g->domain, m.first_day, m.old_sender, m.old_way, f->outcome, -m.messages);
	days_add(c->days, g->domain, m.first_day, m.sender, m.way, f->outcome, m.messages);
	return OK;
}

static int
is_changed(const struct flow *f)
{
	return flow_is_moved(f) || f->old_messages != f->messages || f->old_first != f->first_day || f->old_last != f->last_day;
}

static enum outcome
write_group(struct flow_run *c, const struct group *g, struct err *err)
{
	uint32_t mark = growth_mark(c->s, g->domain);
	struct flow *rows = c->rows + g->rows, *f;
	size_t i;

	/* What the database had is asked for before it changes. */
	for (i = 0; i < g->count && mark != 0; i++)
		if (is_changed(&rows[i]) && note_row(c, g, &rows[i], i < g->loaded, mark, err) != OK)
			return STOP;
	for (i = 0; i < g->count; i++) {
		f = &rows[i];
		if (!is_changed(f))
			continue;
		if (put_row(c, g, f, i < g->loaded, err) != OK)
			return STOP;
		if (flow_is_moved(f) && f->old_sender > 0 && f->old_messages > 0 && move_earlier(c, g, f, err) != OK)
			return STOP;
	}
	return OK;
}

/* Groups whose rows are there: attributed, written, and their tallies added to the days. */
static enum outcome
finish_groups(struct flow_run *c, size_t from, size_t to, struct err *err)
{
	size_t i, first = c->groups[0].from;

	if (attribute_new(c, from, to, err) != OK)
		return STOP;
	for (i = from; i < to; i++)
		if (write_group(c, &c->groups[i], err) != OK)
			return STOP;
	for (i = c->groups[from].from; i < c->groups[to - 1].to; i++) {
		const struct tally *t = &c->tallies[i];
		const struct flow *f = &c->rows[c->row_of[i - first]];

		if (t->day != NO_DAY && t->day >= c->s->writer->days_from)
			days_add(c->days, t->domain, t->day, f->sender, f->way, t->outcome, t->messages);
	}
	c->nrows = 0;
	return OK;
}

/* The last of these tallies is the last of its domain, so that nothing is added to its days any more, and days are many. */
static int
days_are_due(const struct flow_run *c, size_t to)
{
	return days_count(c->days) >= DAYS_MANY && (to == c->count || c->tallies[to].domain != c->tallies[to - 1].domain);
}

static enum outcome
flush_chunk(struct flow_run *c, size_t from, size_t to, struct err *err)
{
	size_t i, done = 0;

	find_groups(c, from, to);
	c->row_of = flow_room(c->row_of, &c->row_of_room, to - from, sizeof(*c->row_of));
	for (i = 0; i < c->ngroups; i++) {
		if (name_domain(c, c->groups[i].domain, err) != OK || flow_read(c, &c->groups[i], err) != OK)
			return STOP;
		merge(c, &c->groups[i]);
		if (c->nrows < ROWS && i + 1 < c->ngroups && !days_are_due(c, c->groups[i].to))
			continue;
		if (finish_groups(c, done, i + 1, err) != OK)
			return STOP;
		if (days_are_due(c, c->groups[i].to) && days_write(c->s, c->days, err) != OK)
			return STOP;
		done = i + 1;
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
	c->unsummed = s->writer->unsummed;
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
	free(c->row_of);
	free(c->domain);
	free(c);
}
