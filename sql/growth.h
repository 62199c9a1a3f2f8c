/* SPDX-License-Identifier: MIT */
/*
 * Private to the room sql: what was added to the totals of domains since their last analysis, as far as this process did it, so that the
 * analysis looks again only at the senders concerned and not at all totals of the domain. It is a help and no record: the mark that a
 * domain is analysed (table analysed) goes with the first change in the same transaction, and where nothing is known of what came since
 * (another process, a rollback, too much of it) the domain is analysed whole.
 */
#ifndef SQL_GROWTH_H
#define SQL_GROWTH_H

#include <stddef.h>

#include "sql/db.h"

/* An address of a sender whose totals changed. */
struct touched {
	uint32_t mark;		/* of its domain */
	int32_t source;
	int64_t sender;
	char had;		/* 1: the sender had this address before */
	char lost;		/* 1: something of it became less, or another's */
};

/* Passing mail with these results, by sender and way (0 direct, 1 forwarded for all we know): what was added to it; less than 0: taken away. */
struct restream { uint32_t mark; int32_t auth_set; int64_t sender, messages, outcome; int way, streams; };

/* The totals of a domain are about to change: it is not as it was analysed any more. Opens the transaction. */
enum outcome growth_open(struct store *s, int64_t domain, struct err *err);
/* Its mark where all is known that came since its last analysis, else 0. */
uint32_t growth_mark(const struct store *s, int64_t domain);
/* Notes a sender's address; the entry is new where *fresh, and `had` is to be set then. Borrowed until the next; NULL: it became too much, all is forgotten. */
struct touched *growth_touch(struct store *s, uint32_t mark, int64_t sender, int32_t source, int *fresh);
void growth_restream(struct store *s, const struct restream *r);
/* What is noted of a mark: addresses by sender and source; streams by set of results. Borrowed until the next change. */
const struct touched *growth_touched(struct store *s, uint32_t mark, size_t *count);
const struct restream *growth_restreams(struct store *s, uint32_t mark, size_t *count);
/* Forgets what is known of a domain, because it was analysed or cannot be told; of all. */
void growth_drop(struct store *s, int64_t domain);
void growth_forget(struct store *s);
void growth_free(struct store *s);

#endif
