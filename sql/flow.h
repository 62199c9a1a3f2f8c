/* SPDX-License-Identifier: MIT */
/* Private to the room sql: totals of addresses while they are worked on, between flow.c (adding to them) and noted.c (what it tells the analysis). */
#ifndef SQL_FLOW_H
#define SQL_FLOW_H

#include <stddef.h>
#include <stdint.h>

#include "sql/tally.h"

enum { ROWS_MAX = 2048 };	/* rows of one address looked at together; what is older is attributed no more */

/* One row of flow while its address is worked on. */
struct flow {
	int64_t auth_set, outcome, sender, way, messages;
	int32_t first_day, last_day;		/* NO_DAY unknown */
	int64_t old_sender, old_way;		/* 0: a new row */
	int64_t old_messages;
	int32_t old_first, old_last;
};

/* One address under one domain: its tallies, and its rows, those of the database first, both in the order of their key. */
struct group {
	int32_t domain, source;
	size_t from, to;		/* tallies */
	size_t rows, loaded, count;	/* the first in rows of the run, those of the database, all */
	int whole;			/* the database has no others */
};

struct flow_run {
	struct store *s;
	const struct tally *tallies;
	size_t count, at;		/* at: the first of the next chunk */
	struct days *days;
	int64_t unsummed;		/* of addresses from this id on the database has nothing */
	struct group *groups;
	size_t ngroups, groups_room;
	struct flow *rows;
	size_t nrows, rows_room;
	uint32_t *row_of;		/* of each tally from the chunk's first on: its row */
	size_t row_of_room;
	struct rows { int64_t *at; size_t count; } added, changed;	/* rows waiting to be written: new ones, and others */
	int32_t named;			/* domain whose name this is */
	char *domain;
};

/* By auth_set, outcome, as rows are ordered: less than 0, 0, more than 0. */
static inline int
flow_compare(const struct flow *f, int64_t auth_set, int64_t outcome)
{
	if (f->auth_set != auth_set)
		return f->auth_set < auth_set ? -1 : 1;
	return f->outcome < outcome ? -1 : f->outcome > outcome;
}

/* Its messages were all taken out: it goes, unless records of no messages are left (taken.c). */
static inline int
flow_is_gone(const struct flow *f)
{
	return f->messages == 0 && f->old_messages != 0;
}

/* Somebody else's, or mail of another way, than it was. */
static inline int
flow_is_moved(const struct flow *f)
{
	return f->old_sender != f->sender || f->old_way != f->way;
}

/* flow.c: grows an array of elements of this size, *room of them, until `need` fit; returns where it is now. */
void *flow_room(void *at, size_t *room, size_t need, size_t size);

/* flow.c: 1: this row of the present domain settles how other rows of its address are attributed (attributor.decides). */
int flow_decides(struct flow_run *c, const struct flow *f);

/*
 * flow_read.c: appends to rows what the database has of the group, in the order of the keys: at least the rows of its tallies, and where some
 * tally has none a row that decides, or else the newest ROWS_MAX.
 */
enum outcome flow_read(struct flow_run *c, struct group *g, struct err *err);
/* flow_read.c: whether rows the database had of the group were this sender's; before it is written. */
enum outcome flow_had_sender(struct flow_run *c, const struct group *g, int64_t sender, char *had, struct err *err);

/* noted.c: what a changed row tells the analysis (growth.h), under the mark of its domain; loaded: the database had it. */
enum outcome note_row(struct flow_run *c, const struct group *g, const struct flow *f, int loaded, uint32_t mark, struct err *err);

#endif
