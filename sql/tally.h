/* SPDX-License-Identifier: MIT */
/* Private to the room sql: what the records of many reports add to the totals, between tally.c (gathering, days) and flow.c (addresses). */
#ifndef SQL_TALLY_H
#define SQL_TALLY_H

#include "sql/writer.h"

enum { FLOW_CHUNK = 4096 };	/* tallies worked on together: bounds the memory of a flush */

/* tally.c: what a row of flow is of. Lists of items that begin with their key are sorted by it. */
struct flow_key { int32_t domain, source, auth_set, outcome; };
int flow_key_compare(const struct flow_key *a, const struct flow_key *b);
/* The first item of this key in a list of so many, each of `size` bytes; NULL. */
void *flow_key_find(void *list, size_t count, size_t size, const struct flow_key *key);

/* days.c: sums of (domain, day, sender, way, outcome), gathered in memory, then added to the daily roll-up. Caller frees; NULL is fine. */
struct days;
struct days *days_new(void);
void days_free(struct days *d);
size_t days_count(const struct days *d);		/* sums gathered */
/* Adds them to the roll-up, and begins anew. */
enum outcome days_write(struct store *s, struct days *d, struct err *err);
void days_add(struct days *d, int32_t domain, int32_t day, int64_t sender, int64_t way, int64_t outcome, int64_t messages);

/*
 * flow.c: adds tallies, sorted by (domain, source, auth_set, outcome), to the totals of their addresses, and to the days; a chunk with
 * each flow_some: OK, END when all are added. Tallies and days are borrowed until flow_end (NULL is fine), which may come before the end.
 */
struct flow_run;
struct flow_run *flow_begin(struct store *s, const struct tally *tallies, size_t count, struct days *days);
enum outcome flow_some(struct flow_run *c, struct err *err);
void flow_end(struct flow_run *c);

/*
 * moves.c: rows of flow that became another sender's, though their mail came on many days: those days are corrected from the records
 * that had been added to them before, once for all rows, before the transaction ends.
 */
struct move {
	struct flow_key key;
	int32_t first_day, last_day;	/* of what moves */
	int64_t messages, old_sender, sender;
	int32_t old_way, way;
};
/* Notes one; 0: there are too many of them, or the records cannot tell: the days are to be built anew. */
int moves_add(struct writer *w, const struct move *m);
/* Corrects the days. Only between two reports. */
enum outcome moves_settle(struct store *s, struct err *err);
/* Marks them to be built anew instead. */
enum outcome moves_give_up(struct store *s, struct err *err);
/* Forgets those after the first count. */
void moves_drop(struct writer *w, size_t count);

/*
 * taken.c: records that were taken out of the totals again. Their messages are subtracted; the rest (days of what is left, totals without any record, how
 * the address is attributed now) is mended once for all, before the transaction ends, and before moves are settled.
 */
void taken_add(struct writer *w, const struct tally *t);
/* Only where the reports taken out are no longer counted, and all tallies are flushed. */
enum outcome taken_settle(struct store *s, struct err *err);
void taken_drop(struct writer *w);

/* flow.c: the daily roll-up of a domain is to be built anew from this day on. */
enum outcome mark_stale(struct store *s, int32_t domain, int32_t day, struct err *err);

#endif
