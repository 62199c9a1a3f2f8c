/* SPDX-License-Identifier: MIT */
/* Private to the room sql: what the records of many reports add to the totals, between tally.c (gathering, days) and flow.c (addresses). */
#ifndef SQL_TALLY_H
#define SQL_TALLY_H

#include "sql/writer.h"

enum { FLOW_CHUNK = 4096 };	/* tallies worked on together: bounds the memory of a flush */

/* Sums of (domain, day, sender, way, outcome), gathered in memory. */
struct days;
void days_add(struct days *d, int32_t domain, int32_t day, int64_t sender, int64_t way, int64_t outcome, int64_t messages);

/*
 * flow.c: adds tallies, sorted by (domain, source, auth_set, outcome), to the totals of their addresses, and to the days; a chunk with
 * each flow_some: OK, END when all are added. Tallies and days are borrowed until flow_end (NULL is fine), which may come before the end.
 */
struct flow_run;
struct flow_run *flow_begin(struct store *s, const struct tally *tallies, size_t count, struct days *days);
enum outcome flow_some(struct flow_run *c, struct err *err);
void flow_end(struct flow_run *c);

#endif
