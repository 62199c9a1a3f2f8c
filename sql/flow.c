/* SPDX-License-Identifier: MIT */
/*
 * Totals: what the records of each (domain, address, auth results) sum to, who sent them, and the daily roll-up. Records
 * are tallied in memory and flushed in key order: each touched address is attributed anew once,
 * by the caller's attributor, and the sums go into tables flow and daily in the same transaction as the records.
 *
 * Where the attribution of mail that was counted before changes, the daily roll-up of its
 * domain is marked stale from its first day on, and store_settle builds it anew.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "sql/writer.h"

/* One row of flow while its address is worked on. */
struct flow {
	int64_t auth_set, outcome, sender, way, messages, first_report, last_report;
	char first_day[11], last_day[11];	/* "" unknown */
	int64_t old_sender, old_way;		/* 0: a new row */
	int64_t old_messages;
};

struct day_tally { int64_t sender, messages; int32_t domain, day, outcome, way; };

static int
by_address(const void *a, const void *b)
{
	const struct tally *x = a, *y = b;

	if (x->domain != y->domain)
		return x->domain < y->domain ? -1 : 1;
	if (x->source != y->source)
		return x->source < y->source ? -1 : 1;
	if (x->auth_set != y->auth_set)
		return x->auth_set < y->auth_set ? -1 : 1;
	if (x->outcome != y->outcome)
		return x->outcome < y->outcome ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static int
by_day(const void *a, const void *b)
{
	const struct day_tally *x = a, *y = b;

	if (x->domain != y->domain)
		return x->domain < y->domain ? -1 : 1;
	if (x->day != y->day)
		return x->day < y->day ? -1 : 1;
	if (x->sender != y->sender)
		return x->sender < y->sender ? -1 : 1;
	if (x->way != y->way)
		return x->way < y->way ? -1 : 1;
	return x->outcome < y->outcome ? -1 : x->outcome > y->outcome;
}

static void
day_text(int32_t day, char out[11])
{
	out[0] = '\0';
	if (day != NO_DAY)
		(void)text_day((int64_t)day * 86400, out);
}

static void
copy_day(char out[11], const char *day)
{
	size_t len = day != NULL ? strlen(day) : 0;

	len = len > 10 ? 10 : len;
	memcpy(out, day != NULL ? day : "", len);
	out[len] = '\0';
}

/* --- auth results by set id --- */

enum { SETS_MAX = 16384, SET_BYTES = 4 << 20 };

static void
put_set(struct writer *w, int64_t id, struct auth *auths, size_t count)
{
	int64_t slot = (int64_t)w->nsets++;

	w->sets[slot].auths = auths;
	w->sets[slot].count = count;
	intern_put(w->set_slots, &id, sizeof(id), slot);
}

void
prime_set(struct writer *w, int64_t id, const struct auth *auths, size_t count)
{
	struct arena *a = w->set_text;
	struct auth *copy;
	size_t i;

	if (w->sets == NULL || w->nsets == SETS_MAX || arena_bytes(a) > SET_BYTES)
		return;
	copy = arena_alloc(a, (count + 1) * sizeof(*copy));
	for (i = 0; i < count; i++) {
		copy[i] = auths[i];
		copy[i].domain = arena_str(a, auths[i].domain);
		copy[i].selector = arena_str(a, auths[i].selector);
		copy[i].human_result = NULL;
		copy[i].scope.text = arena_str(a, auths[i].scope.text);
		copy[i].result.text = arena_str(a, auths[i].result.text);
	}
	put_set(w, id, copy, count);
}

static enum outcome
load_set(struct store *s, int64_t id, struct err *err)
{
	struct arena *text = s->writer->set_text;
	sqlite3_stmt *st = db_query(s, "auth_results", err);
	struct auth auths[256], *copy;
	size_t n = 0;
	enum outcome r = OK;

	if (st == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, id);
	while (n < 256 && (r = db_step(s, st, err)) == OK) {
		struct auth *a = &auths[n++];

		memset(a, 0, sizeof(*a));
		a->kind = strcmp(db_column(st, 0), "dkim") == 0 ? KIND_DKIM : KIND_SPF;
		a->domain = arena_str(text, db_column(st, 1));
		a->selector = arena_str(text, db_column(st, 2));
		a->scope.text = arena_str(text, db_column(st, 3));
		a->scope.code = (int)spf_scope_of(a->scope.text);
		a->result.text = arena_str(text, db_column(st, 4));
		a->result.code = (int)auth_result_of(a->result.text);
	}
	sqlite3_reset(st);
	if (r == STOP)
		return STOP;
	copy = arena_alloc(text, (n + 1) * sizeof(*copy));
	memcpy(copy, auths, n * sizeof(*copy));
	put_set(s->writer, id, copy, n);
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
sets_room(struct writer *w, size_t need)
{
	if (w->sets == NULL)
		w->sets = mem_alloc(SETS_MAX * sizeof(*w->sets));
	if (w->nsets + need <= SETS_MAX && arena_bytes(w->set_text) < SET_BYTES)
		return;
	w->nsets = 0;
	intern_clear(w->set_slots);
	arena_reset(w->set_text);
}

/* --- one address --- */

enum { ROWS_MAX = 2048 };	/* flow rows of one address looked at together; the rest is attributed with the first ones */

struct group {
	int32_t domain;
	int64_t source;
	struct flow *rows;	/* first those of the database, then new ones; both in the order of their key */
	size_t loaded, count, room;
};

static struct flow *
new_flow(struct group *g)
{
	if (g->count == g->room) {
		g->room = g->room ? g->room * 2 : 64;
		g->rows = mem_grow(g->rows, g->room, sizeof(*g->rows));
	}
	memset(&g->rows[g->count], 0, sizeof(*g->rows));
	return &g->rows[g->count++];
}

static enum outcome
load_rows(struct store *s, struct group *g, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "flow_of_address", err);
	struct flow *f;
	enum outcome r;

	g->count = 0;
	if (st == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, g->domain);
	sqlite3_bind_int64(st, 2, g->source);
	while ((r = db_step(s, st, err)) == OK) {
		f = new_flow(g);
		f->auth_set = sqlite3_column_int64(st, 0);
		f->outcome = sqlite3_column_int64(st, 1);
		f->old_sender = f->sender = sqlite3_column_int64(st, 2);
		f->old_way = f->way = sqlite3_column_int64(st, 3);
		f->old_messages = f->messages = sqlite3_column_int64(st, 4);
		copy_day(f->first_day, db_column(st, 5));
		copy_day(f->last_day, db_column(st, 6));
		f->first_report = sqlite3_column_int64(st, 7);
		f->last_report = sqlite3_column_int64(st, 8);
	}
	g->loaded = g->count;
	return r == STOP ? STOP : OK;
}

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

/* The row of this key; a new one is appended (tallies come in the order of their key). */
static struct flow *
row_for(struct group *g, const struct tally *t)
{
	struct flow *f = find_row(g->rows, g->loaded, t);

	if (f == NULL)
		f = find_row(g->rows + g->loaded, g->count - g->loaded, t);
	if (f != NULL)
		return f;
	f = new_flow(g);
	f->auth_set = t->auth_set;
	f->outcome = t->outcome;
	f->first_report = f->last_report = t->report;
	return f;
}

static void
merge(struct group *g, const struct tally *tallies, size_t count)
{
	char day[11];
	size_t i;

	for (i = 0; i < count; i++) {
		const struct tally *t = &tallies[i];
		struct flow *f = row_for(g, t);

		f->messages += t->messages;
		day_text(t->day, day);
		if (day[0] != '\0' && (f->first_day[0] == '\0' || strcmp(day, f->first_day) < 0))
			copy_day(f->first_day, day);
		if (day[0] != '\0' && strcmp(day, f->last_day) > 0)
			copy_day(f->last_day, day);
		if (t->report < f->first_report)
			f->first_report = t->report;
		if (t->report > f->last_report)
			f->last_report = t->report;
	}
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
	for (v = VERDICT_PASS; v < VERDICT_UNKNOWN && strcmp(verdict_str(v), db_column(st, 1)) != 0; v++)
		;
	out->verdict = v;
	out->flags = sqlite3_column_int(st, 2);
	(void)snprintf(out->disposition, sizeof(out->disposition), "%s", db_column(st, 0));
	sqlite3_reset(st);
	return OK;
}

/* What an outcome means; there are a few hundred, each is looked up once. */
static const struct outcome_facts *
facts_of(struct store *s, int64_t outcome, struct err *err)
{
	static const struct outcome_facts large = { VERDICT_UNKNOWN, 0, "" };
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

/* Fills what the attributor sees of one row. */
static enum outcome
show_row(struct store *s, const struct flow *f, struct flow_row *row, struct err *err)
{
	const struct outcome_facts *facts = facts_of(s, f->outcome, err);

	memset(row, 0, sizeof(*row));
	if (facts == NULL)
		return STOP;
	row->verdict = facts->verdict;
	row->flags = facts->flags;
	row->disposition = arena_str(s->writer->set_text, facts->disposition);
	row->messages = f->messages;
	row->first_day = f->first_day[0] != '\0' ? f->first_day : NULL;
	row->last_day = f->last_day[0] != '\0' ? f->last_day : NULL;
	return set_auths(s, f->auth_set, &row->auths, &row->nauths, err);
}

/* Names the address and its domain. */
static enum outcome
names_of(struct store *s, const struct group *g, char **domain, char **address, char **ptr, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "address_names", err);

	*domain = *address = *ptr = NULL;
	if (st == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, g->domain);
	sqlite3_bind_int64(st, 2, g->source);
	if (db_step(s, st, err) != OK)
		return STOP;
	*domain = mem_str(db_column(st, 0));
	*address = mem_str(db_column(st, 1));
	*ptr = mem_str(db_column(st, 2));
	sqlite3_reset(st);
	return OK;
}

static enum outcome
attribute(struct store *s, struct group *g, struct err *err)
{
	size_t n = g->count < ROWS_MAX ? g->count : ROWS_MAX, i;
	char *domain = NULL, *address = NULL, *ptr = NULL;
	struct flow_row *rows = mem_alloc((n + 1) * sizeof(*rows));
	enum outcome out = STOP;

	sets_room(s->writer, n);
	for (i = 0; i < n; i++)
		if (show_row(s, &g->rows[g->count - n + i], &rows[i], err) != OK)
			goto out;
	if (names_of(s, g, &domain, &address, &ptr, err) != OK)
		goto out;
	s->attributor->attribute(s->attributor->ctx, domain, address, ptr, rows, n);
	for (i = 0; i < n; i++) {
		struct flow *f = &g->rows[g->count - n + i];

		f->way = rows[i].way;
		if ((f->sender = sender_id(s, &rows[i], err)) <= 0)
			goto out;
	}
	out = OK;
out:
	free(domain);
	free(address);
	free(ptr);
	free(rows);
	return out;
}

static enum outcome
mark_stale(struct store *s, int32_t domain, const char *day, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "domain_stale", err);

	if (st == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, domain);
	db_text(st, 2, day);
	return db_run(s, st, err);
}

/* Growing list of what the flush adds to days. */
struct days { struct day_tally *at; size_t count, room; };

static struct day_tally *
new_day(struct days *d)
{
	if (d->count == d->room) {
		d->room = d->room ? d->room * 2 : 4096;
		d->at = mem_grow(d->at, d->room, sizeof(*d->at));
	}
	return &d->at[d->count++];
}

static void
add_day(struct days *d, int32_t domain, int32_t day, int64_t sender, int64_t way, int64_t outcome, int64_t messages)
{
	struct day_tally *t = new_day(d);

	t->domain = domain;
	t->day = day;
	t->sender = sender;
	t->way = (int32_t)way;
	t->outcome = (int32_t)outcome;
	t->messages = messages;
}

/*
 * A row that is somebody else's now: its earlier messages move. Where all of them lie on one day they are moved at once; else the days
 * from the first on are built anew when the run settles.
 */
static enum outcome
move_earlier(struct store *s, const struct group *g, const struct flow *f, struct days *days, struct err *err)
{
	int64_t at;

	if (f->first_day[0] == '\0' || strcmp(f->last_day, s->writer->pruned) < 0)
		return OK;
	if (strcmp(f->first_day, f->last_day) != 0 || s->writer->undated || !text_when(f->first_day, &at))
		return mark_stale(s, g->domain, f->first_day, err);
	add_day(days, g->domain, (int32_t)(at / 86400), f->old_sender, f->old_way, f->outcome, -f->old_messages);
	add_day(days, g->domain, (int32_t)(at / 86400), f->sender, f->way, f->outcome, f->old_messages);
	return OK;
}

static enum outcome
write_row(struct store *s, const struct group *g, const struct flow *f, struct days *days, struct err *err)
{
	sqlite3_stmt *st = db_query(s, f->messages == 0 && f->old_sender > 0 ? "flow_drop" : "flow_put", err);

	if (st == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, g->domain);
	sqlite3_bind_int64(st, 2, g->source);
	sqlite3_bind_int64(st, 3, f->auth_set);
	sqlite3_bind_int64(st, 4, f->outcome);
	if (f->messages != 0 || f->old_sender == 0) {
		sqlite3_bind_int64(st, 5, f->sender);
		sqlite3_bind_int64(st, 6, f->way);
		sqlite3_bind_int64(st, 7, f->messages);
		db_text(st, 8, f->first_day[0] != '\0' ? f->first_day : NULL);
		db_text(st, 9, f->last_day[0] != '\0' ? f->last_day : NULL);
		sqlite3_bind_int64(st, 10, f->first_report);
		sqlite3_bind_int64(st, 11, f->last_report);
	}
	s->pending++;
	if (db_run(s, st, err) != OK)
		return STOP;
	if (f->old_sender > 0 && f->old_messages > 0 && (f->old_sender != f->sender || f->old_way != f->way))
		return move_earlier(s, g, f, days, err);
	return OK;
}

static enum outcome
write_rows(struct store *s, const struct group *g, struct days *days, struct err *err)
{
	size_t i;

	for (i = 0; i < g->count; i++) {
		const struct flow *f = &g->rows[i];

		if (f->old_sender == f->sender && f->old_way == f->way && f->old_messages == f->messages && f->messages != 0)
			continue;
		if (write_row(s, g, f, days, err) != OK)
			return STOP;
	}
	return OK;
}

/* --- the daily roll-up --- */

static enum outcome
write_day(struct store *s, const struct day_tally *t, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "daily_put", err);
	char day[11];

	if (st == NULL)
		return STOP;
	day_text(t->day, day);
	sqlite3_bind_int64(st, 1, t->domain);
	db_text(st, 2, day);
	sqlite3_bind_int64(st, 3, t->sender);
	sqlite3_bind_int64(st, 4, t->way);
	sqlite3_bind_int64(st, 5, t->outcome);
	sqlite3_bind_int64(st, 6, t->messages);
	s->pending++;
	if (db_run(s, st, err) != OK)
		return STOP;
	if (t->messages > 0)
		return OK;
	if ((st = db_query(s, "daily_drop_empty", err)) == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, t->domain);
	db_text(st, 2, day);
	sqlite3_bind_int64(st, 3, t->sender);
	sqlite3_bind_int64(st, 4, t->way);
	sqlite3_bind_int64(st, 5, t->outcome);
	return db_run(s, st, err);
}

static enum outcome
write_days(struct store *s, struct day_tally *days, size_t count, struct err *err)
{
	struct day_tally sum;
	size_t i, j;

	qsort(days, count, sizeof(*days), by_day);
	for (i = 0; i < count; i = j) {
		sum = days[i];
		for (j = i + 1; j < count && by_day(&sum, &days[j]) == 0; j++)
			sum.messages += days[j].messages;
		if (sum.messages != 0 && write_day(s, &sum, err) != OK)
			return STOP;
	}
	return OK;
}

/* The tallies of one address: its rows are loaded, added to, attributed and written; its days are noted. */
static enum outcome
flush_address(struct store *s, struct group *g, const struct tally *t, size_t count, struct days *days, struct err *err)
{
	size_t i;

	g->domain = t->domain;
	g->source = t->source;
	if (load_rows(s, g, err) != OK)
		return STOP;
	merge(g, t, count);
	/* What is known of an address changes only with a row of a new kind. */
	if ((g->count > g->loaded && attribute(s, g, err) != OK) || write_rows(s, g, days, err) != OK)
		return STOP;
	for (i = 0; i < count; i++) {
		const struct flow *f = row_for(g, &t[i]);

		if (t[i].day != NO_DAY)
			add_day(days, t[i].domain, t[i].day, f->sender, f->way, t[i].outcome, t[i].messages);
	}
	return OK;
}

enum outcome
writer_flush(struct store *s, struct err *err)
{
	struct writer *w = s->writer;
	struct group g = { 0, 0, NULL, 0, 0, 0 };
	struct days days = { NULL, 0, 0 };
	size_t i, j;
	enum outcome out = OK;

	if (w == NULL || w->count == 0)
		return OK;
	qsort(w->tallies, w->count, sizeof(*w->tallies), by_address);
	for (i = 0; i < w->count && out == OK; i = j) {
		for (j = i + 1; j < w->count && w->tallies[j].domain == w->tallies[i].domain &&
		    w->tallies[j].source == w->tallies[i].source; j++)
			;
		out = flush_address(s, &g, &w->tallies[i], j - i, &days, err);
	}
	if (out == OK)
		out = write_days(s, days.at, days.count, err);
	w->count = w->saved_count = 0;
	free(days.at);
	free(g.rows);
	return out;
}

/* One slice of a report's records into the tallies: OK there are more, END. */
static enum outcome
tally_slice(struct store *s, int64_t report, int sign, int64_t *from, struct err *err)
{
	struct writer *w = s->writer;
	sqlite3_stmt *st = db_query(s, "report_tallies", err);
	int64_t day;
	size_t room = TALLIES - w->count, n = 0;
	enum outcome r;

	if (st == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, report);
	sqlite3_bind_int64(st, 2, *from);
	sqlite3_bind_int64(st, 3, (int64_t)room);
	while ((r = db_step(s, st, err)) == OK) {
		struct tally *t = &w->tallies[w->count];

		*from = sqlite3_column_int64(st, 0);
		t->domain = sqlite3_column_int(st, 1);
		t->source = sqlite3_column_int64(st, 2);
		t->auth_set = sqlite3_column_int64(st, 3);
		t->outcome = sqlite3_column_int(st, 4);
		t->messages = sign * sqlite3_column_int64(st, 5);
		t->day = db_column(st, 6) != NULL && text_when(db_column(st, 6), &day) ? (int32_t)(day / 86400) : NO_DAY;
		w->undated |= t->day == NO_DAY;
		t->report = report;
		t->order = (uint32_t)w->count++;
		n++;
	}
	return r == STOP ? STOP : n == room ? OK : END;
}

enum outcome
tally_more(struct store *s, int64_t report, int sign, struct err *err)
{
	int64_t from = 0;
	enum outcome r = OK;

	/* A flush may come between two slices, so the records are read by their id. */
	while (r == OK) {
		if (s->writer->count == TALLIES && writer_flush(s, err) != OK)
			return STOP;
		r = tally_slice(s, report, sign, &from, err);
	}
	return r == STOP ? STOP : OK;
}

enum outcome
tally_report(struct store *s, int64_t report, int sign, struct err *err)
{
	/* What waits is written first, so that taking out meets the rows that were put in. */
	if (writer_flush(s, err) != OK || tally_more(s, report, sign, err) != OK)
		return STOP;
	return writer_flush(s, err);
}

enum outcome
store_settle(struct store *s, struct err *err)
{
	static const char *const steps[] = { "daily_forget", "daily_rebuild", "domain_settled" };
	sqlite3_stmt *st;
	int64_t domain;
	enum outcome r;
	size_t i;

	if (writer_get(s, err) == NULL || writer_flush(s, err) != OK)
		return STOP;
	for (;;) {
		if ((st = db_query(s, "domain_next_stale", err)) == NULL || (r = db_step(s, st, err)) == STOP)
			return STOP;
		if (r == END)
			return OK;
		domain = sqlite3_column_int64(st, 0);
		sqlite3_reset(st);
		for (i = 0; i < 3; i++) {
			if ((st = db_query(s, steps[i], err)) == NULL)
				return STOP;
			sqlite3_bind_int64(st, 1, domain);
			if (db_run(s, st, err) != OK)
				return STOP;
		}
		s->pending++;
	}
}
