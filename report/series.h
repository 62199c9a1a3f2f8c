/* SPDX-License-Identifier: MIT */
/* The days of a sender, those alone on which it sent: where its mail broke, where it was mended, and in which rhythm it comes. */
#ifndef REPORT_SERIES_H
#define REPORT_SERIES_H

#include "sql/store.h"

struct arena;

struct series {
	struct arena *arena;
	struct day_row *days;
	size_t count;
};
enum outcome series_add(struct series *s, const struct day_row *row);	/* the next day; OK. Caller frees days */
/*
 * The turn of a series: the first day from which on all days are (mostly) failing after days that were (mostly) passing (broke 1), or
 * the other way round (broke 0). The index, or count where there is none.
 */
size_t series_turn(const struct series *s, int broke);
/* The last day on which a series was mended; it may fail again on its last days. The index, or count where there is none. */
size_t series_mend(const struct series *s);
/*
 * Where the failing run of a break begins: at the first of the days right before it on which some mail failed already. What failed before a day on
 * which none did was mended. count where there is no break.
 */
size_t series_run(const struct series *s, size_t broke);
/* Where what fails now began, of days with these two: with the run of the break, the day after the mend, or with the first day. */
size_t series_failing(const struct series *s, size_t broke, size_t mended);
/* Messages refused (or failed and let through) from this day on, by its index, as far as on or after `from`; the first such day at *since. */
int64_t series_since(const struct series *s, size_t turn, const char *from, int refused, const char **since);
int series_pause(const struct series *s);	/* days it is silent at times between two days with mail: the longest such pause but one, up to a quarter; 0 none */
const char *series_cadence(const struct series *s);	/* " every month-end", " every Monday" of the failing days; "" none. Static. */

#endif
