/* SPDX-License-Identifier: MIT */
/*
 * Memory from the system. Running out of it ends the program with a message
 * and exit status 4; so every size that comes from outside must be capped
 * before it gets here.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

void *mem_alloc(size_t size);			/* zeroed; caller frees with free() */
void *mem_grow(void *old, size_t count, size_t size);	/* reallocarray that never fails */
char *mem_str(const char *s);			/* copy of a string; NULL gives NULL; caller frees */
char *mem_strn(const char *s, size_t len);	/* copy of len bytes, NUL added; caller frees */
char *mem_fmt(const char *fmt, ...) __attribute__((format(printf, 1, 2), nonnull(1)));	/* caller frees */

#endif
