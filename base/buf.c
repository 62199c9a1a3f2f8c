/* SPDX-License-Identifier: MIT */
/* See buf.h. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static void
reserve(struct buf *b, size_t need)
{
	size_t room = b->room ? b->room : 64;

	if (need + 1 <= b->room)
		return;
	while (room < need + 1)
		room += room / 2 + 1;
	b->at = mem_grow(b->at, room, 1);
	b->room = room;
}

void
buf_init(struct buf *b, size_t cap)
{
	memset(b, 0, sizeof(*b));
	b->cap = cap;
	reserve(b, 0);
	b->at[0] = '\0';
}

void
buf_free(struct buf *b)
{
	free(b->at);
	memset(b, 0, sizeof(*b));
}

void
buf_reset(struct buf *b)
{
	b->len = 0;
	b->full = 0;
	b->at[0] = '\0';
}

int
buf_add(struct buf *b, const void *bytes, size_t len)
{
	size_t fits = b->cap - b->len;

	if (len > fits) {
		len = fits;
		b->full = 1;
	}
	if (len > 0) {
		reserve(b, b->len + len);
		memcpy(b->at + b->len, bytes, len);
		b->len += len;
		b->at[b->len] = '\0';
	}
	return !b->full;
}

int
buf_str(struct buf *b, const char *s)
{
	return buf_add(b, s, strlen(s));
}

int
buf_fmt(struct buf *b, const char *fmt, ...)
{
	char small[512], *big;
	va_list ap;
	int len, fits;

	va_start(ap, fmt);
	len = vsnprintf(small, sizeof(small), fmt, ap);
	va_end(ap);
	if (len < 0)
		return 0;
	if ((size_t)len < sizeof(small))
		return buf_add(b, small, (size_t)len);
	big = mem_alloc((size_t)len + 1);
	va_start(ap, fmt);
	(void)vsnprintf(big, (size_t)len + 1, fmt, ap);
	va_end(ap);
	fits = buf_add(b, big, (size_t)len);
	free(big);
	return fits;
}
