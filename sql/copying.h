/* SPDX-License-Identifier: MIT */
/*
 * Private to the room sql: the WAL is copied into the file by a thread with a connection of its own, while the store's own goes on with
 * the analysis; so little is left to copy and to sync when the store is closed. Nothing depends on it: closing copies what is missing.
 */
#ifndef SQL_COPYING_H
#define SQL_COPYING_H

struct copying;

/* Begins to copy where there is much; path is borrowed until copying_end. NULL: nothing is copied. */
struct copying *copying_begin(const char *path);
/* Waits for its end, before the store leaves the WAL or copies anew. NULL is fine. */
void copying_end(struct copying *c);

#endif
