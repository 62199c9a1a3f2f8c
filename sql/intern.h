/* SPDX-License-Identifier: MIT */
/*
 * Private to the room sql: a bounded cache from bytes to row ids, in front of the tables that hold
 * each text or combination once. It forgets everything when full: a miss only costs a look into the database.
 */
#ifndef SQL_INTERN_H
#define SQL_INTERN_H

#include <stddef.h>
#include <stdint.h>

struct intern;

struct intern *intern_new(size_t entries);	/* most entries kept; caller frees with intern_free */
void intern_free(struct intern *in);		/* NULL is fine */
void intern_clear(struct intern *in);
int intern_get(const struct intern *in, const void *key, size_t len, int64_t *id);	/* 1: known, *id set */
/*
 * The table behind the cache is empty: until something is forgotten, what is not in the cache is not in the table, and need not be
 * looked for (intern_has_all).
 */
void intern_whole(struct intern *in);
int intern_has_all(const struct intern *in);
int intern_is_full(const struct intern *in, size_t len);	/* 1: putting a key of this length will forget all others first */
void intern_put(struct intern *in, const void *key, size_t len, int64_t id);	/* key is copied */

#endif
