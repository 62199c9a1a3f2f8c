/* SPDX-License-Identifier: MIT */
/*
 * Growing bytes with a cap that must be stated. The bytes always end in a NUL
 * that does not count, so bytes of known text can be used as a string.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stddef.h>

struct buf {
	char *at;	/* never NULL after buf_init; owned; NUL at at[len] */
	size_t len;
	size_t cap;	/* most bytes it may hold */
	size_t room;	/* bytes allocated */
	int full;	/* 1: something was cut or refused because of the cap */
};

void buf_init(struct buf *b, size_t cap);
void buf_free(struct buf *b);			/* buf_init makes it usable again */
void buf_reset(struct buf *b);			/* empty, memory kept */
/* Append; on reaching the cap what fits is taken, full is set and 0 returned; else 1. */
int buf_add(struct buf *b, const void *bytes, size_t len);
int buf_str(struct buf *b, const char *s);
int buf_fmt(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
