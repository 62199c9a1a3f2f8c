/* SPDX-License-Identifier: MIT */
/*
 * Private to the room sql: the streams of one sender of a domain (streams.c). What was walked is kept for the next sender, and is part of what
 * walks.c forgets.
 */
#ifndef SQL_STREAMS_H
#define SQL_STREAMS_H

#include "sql/db.h"

struct streams;

/* store_each_stream; *at is made at the first use. */
enum outcome streams_each(struct streams **at, struct store *s, const struct sender_sum *x, enum outcome (*each)(void *ctx, const struct stream_row *r),
    void *ctx, struct err *err);
void streams_free(struct streams *w);	/* NULL is fine */

#endif
