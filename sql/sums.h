/* SPDX-License-Identifier: MIT */
/*
 * Private to the room sql: the sums of the senders of one domain, and the days of those that are held (sums.c). They are kept from one
 * domain to the next for their room, and are part of what was walked (walks.c).
 */
#ifndef SQL_SUMS_H
#define SQL_SUMS_H

#include "sql/db.h"

struct sums;

/* store_each_sender; *s is made at the first use. */
enum outcome sums_each(struct sums **s, struct store *store, const struct sender_walk *w, struct err *err);
/* store_each_sender_day of a sender that is held: OK; SKIP where it is not. s may be NULL. */
enum outcome sums_days(struct sums *s, int64_t domain, int64_t sender, enum outcome (*each)(void *ctx, const struct day_row *row), void *ctx);
const char *sums_newest(const struct sums *s, char out[11]);	/* the last day they take; s may be NULL */
void sums_free(struct sums *s);	/* NULL is fine */

#endif
