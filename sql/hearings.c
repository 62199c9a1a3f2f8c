/* SPDX-License-Identifier: MIT */
/* Which receivers reported a domain in a period: on how many days, when first and last, how much. Reports come day by day; a receiver's days are bits. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/text.h"
#include "sql/given.h"
#include "sql/told.h"

/* A reporter; later all of the same name. */
struct heard { int64_t reporter, messages; const char *name, *email; uint64_t days[2]; };

struct hearings {
	struct heard *at;	/* open addressing by reporter, 0 free; then without gaps */
	size_t count, room;
	struct arena *names;
	char day[11];		/* of the last report */
	int64_t first, bit;	/* number of the first day; the last report's, from there */
};

static struct heard *
find(struct heard *at, size_t room, int64_t reporter)
{
	size_t i = (size_t)((uint64_t)reporter * 0x9e3779b97f4a7c15u >> 40) & (room - 1);

	while (at[i].reporter != 0 && at[i].reporter != reporter)
		i = (i + 1) & (room - 1);
	return &at[i];
}

static void
grow(struct hearings *h)
{
	size_t room = h->room ? h->room * 2 : 64, i;
	struct heard *at = mem_alloc(room * sizeof(*at));

	for (i = 0; i < h->room; i++)
		if (h->at[i].reporter != 0)
			*find(at, room, h->at[i].reporter) = h->at[i];
	free(h->at);
	h->at = at;
	h->room = room;
}

/* Row: reporter, day, messages. */
static enum outcome
take_report(void *ctx, sqlite3_value **row)
{
	const char *day = (const char *)sqlite3_value_text(row[1]);
	struct hearings *h = ctx;
	struct heard *x;
	int64_t at;

	if (strcmp(day, h->day) != 0) {
		(void)snprintf(h->day, sizeof(h->day), "%s", day);
		h->bit = text_when(h->day, &at) ? at / 86400 - h->first : -1;
	}
	if (h->bit < 0 || h->bit > HEARING_DAYS)
		return OK;
	if (h->count * 2 >= h->room)
		grow(h);
	x = find(h->at, h->room, sqlite3_value_int64(row[0]));
	h->count += x->reporter == 0;
	x->reporter = sqlite3_value_int64(row[0]);
	x->messages += sqlite3_value_int64(row[2]);
	x->days[h->bit / 64] |= (uint64_t)1 << h->bit % 64;
	return OK;
}

/* Row: number of the entry, org_name, address. */
static enum outcome
take_name(void *ctx, sqlite3_value **row)
{
	struct hearings *h = ctx;
	struct heard *x = &h->at[sqlite3_value_int64(row[0])];

	x->name = arena_str(h->names, (const char *)sqlite3_value_text(row[1]));
	x->email = arena_str(h->names, (const char *)sqlite3_value_text(row[2]));
	return OK;
}

static enum outcome
read_names(struct store *s, struct hearings *h, struct err *err)
{
	int64_t *ids = mem_alloc((h->count + 1) * sizeof(*ids));
	sqlite3_stmt *st = db_query(s, "names_of_reporters", err);
	struct given given = { ids, 0, 1 };
	enum outcome r = STOP;
	size_t i;

	for (i = 0; i < h->room; i++) {
		if (h->at[i].reporter == 0)
			continue;
		ids[given.count] = h->at[i].reporter;
		h->at[given.count++] = h->at[i];
	}
	for (i = 0; i < h->count; i++)
		h->at[i].name = h->at[i].email = "";
	if (st != NULL && given_bind(st, 1, &given) == SQLITE_OK) {
		r = told_each(s, st, take_name, h, err);
		sqlite3_clear_bindings(st);
	}
	free(ids);
	return r;
}

/* Of one name the one with most messages first. */
static int
by_name(const void *a, const void *b)
{
	const struct heard *x = a, *y = b;
	int names = strcmp(x->name, y->name);

	if (names != 0)
		return names;
	return x->messages != y->messages ? (x->messages < y->messages) - (x->messages > y->messages) : strcmp(x->email, y->email);
}

static void
day_text(const struct hearings *h, int bit, char out[11])
{
	*out = '\0';
	(void)text_day((h->first + bit) * 86400, out);
}

/* Tells all entries of one name from *i on as one, and moves *i behind them. */
static enum outcome
tell_name(const struct hearings *h, size_t *i, enum outcome (*each)(void *ctx, const struct hearing_row *r), void *ctx)
{
	struct heard x = h->at[*i];
	struct hearing_row row;
	char first[11], last[11];

	for (++*i; *i < h->count && strcmp(h->at[*i].name, x.name) == 0; ++*i) {
		x.days[0] |= h->at[*i].days[0];
		x.days[1] |= h->at[*i].days[1];
		x.messages += h->at[*i].messages;
	}
	row.name = x.name;
	row.email = x.email;
	row.days = __builtin_popcountll(x.days[0]) + __builtin_popcountll(x.days[1]);
	row.messages = x.messages;
	day_text(h, x.days[0] != 0 ? __builtin_ctzll(x.days[0]) : 64 + __builtin_ctzll(x.days[1]), first);
	day_text(h, x.days[1] != 0 ? 127 - __builtin_clzll(x.days[1]) : 63 - __builtin_clzll(x.days[0]), last);
	row.first_day = first;
	row.last_day = last;
	return each(ctx, &row);
}

enum outcome
store_each_hearing(struct store *s, int64_t domain_id, int64_t to, enum outcome (*each)(void *ctx, const struct hearing_row *r), void *ctx, struct err *err)
{
	struct hearings h = { .names = arena_new(), .first = to - HEARING_DAYS, .bit = -1 };
	sqlite3_stmt *st = db_query(s, "hearings", err);
	char first[11], last[11];
	enum outcome r = STOP;
	size_t i = 0;

	if (st != NULL && text_day(h.first * 86400, first) && text_day(to * 86400, last)) {
		sqlite3_bind_int64(st, 1, domain_id);
		db_text(st, 2, first);
		db_text(st, 3, last);
		r = told_each(s, st, take_report, &h, err);
	}
	if (r == OK && h.count > 0)
		r = read_names(s, &h, err);
	if (r == OK && h.count > 0)
		qsort(h.at, h.count, sizeof(*h.at), by_name);
	while (r == OK && i < h.count)
		if (tell_name(&h, &i, each, ctx) != OK)
			break;
	free(h.at);
	arena_free(h.names);
	return r;
}
