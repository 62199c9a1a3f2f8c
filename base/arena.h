/* SPDX-License-Identifier: MIT */
/*
 * Arena: things that live together are freed together. Memory is taken in
 * blocks; arena_reset keeps one block for reuse, so a steady user allocates nothing.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

struct arena;

struct arena *arena_new(void);			/* caller frees with arena_free */
void arena_free(struct arena *a);		/* NULL is fine */
void arena_reset(struct arena *a);		/* everything handed out before is gone */
void *arena_alloc(struct arena *a, size_t size);	/* zeroed, aligned for any type */
char *arena_strn(struct arena *a, const char *s, size_t len);	/* copy, NUL added */
char *arena_str(struct arena *a, const char *s);	/* copy; NULL gives NULL */
char *arena_fmt(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3), nonnull(2)));
size_t arena_bytes(const struct arena *a);	/* bytes held from the system */

#endif
