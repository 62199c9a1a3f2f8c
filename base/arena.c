/* SPDX-License-Identifier: MIT */
/* See arena.h. A singly linked list of blocks; the newest is allocated from. */
#include "base/arena.h"

#include <pthread.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Blocks grow from FIRST to BLOCK, so that what is small stays small; 64 bytes less than a power of two leave room for malloc's header. */
enum { FIRST = 4 * 1024 - 64, BLOCK = 64 * 1024 - 64 };

struct block {
	struct block *next;
	size_t used, size;
	alignas(max_align_t) unsigned char bytes[];
};

struct arena {
	struct block *head;
	size_t held;
};

static struct block *
add_block(struct arena *a, size_t size)
{
	struct block *b = mem_grow(NULL, 1, sizeof(*b) + size);

	b->next = a->head;
	b->used = 0;
	b->size = size;
	a->head = b;
	a->held += size;
	return b;
}

/*
 * Small arenas that were given back. They are made by one thread and given back by another, thousands a second, which costs malloc much and leaves
 * holes. AddressSanitizer is to see each.
 */
#if defined(__SANITIZE_ADDRESS__)
enum { SPARES = 1, SPARE_BYTES = 0 };
#else
enum { SPARES = 512, SPARE_BYTES = 16 * 1024 };
#endif
static struct { pthread_mutex_t lock; size_t count; struct arena *at[SPARES]; } spare = { .lock = PTHREAD_MUTEX_INITIALIZER };

struct arena *
arena_new(void)
{
	struct arena *a = NULL;

	pthread_mutex_lock(&spare.lock);
	if (spare.count > 0)
		a = spare.at[--spare.count];
	pthread_mutex_unlock(&spare.lock);
	return a != NULL ? a : mem_alloc(sizeof(struct arena));
}

/* Whether it is kept, empty. */
static int
spare_one(struct arena *a)
{
	int kept = 0;

	arena_reset(a);
	if (a->held > SPARE_BYTES)
		return 0;
	pthread_mutex_lock(&spare.lock);
	if (spare.count < SPARES) {
		spare.at[spare.count++] = a;
		kept = 1;
	}
	pthread_mutex_unlock(&spare.lock);
	return kept;
}

void
arena_free(struct arena *a)
{
	struct block *b, *next;

	if (a == NULL || spare_one(a))
		return;
	for (b = a->head; b != NULL; b = next) {
		next = b->next;
		free(b);
	}
	free(a);
}

void
arena_reset(struct arena *a)
{
	struct block *keep = NULL, *b, *next;

	for (b = a->head; b != NULL; b = next) {
		next = b->next;
		if (b->size <= BLOCK && (keep == NULL || b->size > keep->size)) {
			free(keep);
			keep = b;
		} else {
			free(b);
		}
	}
	a->head = keep;
	a->held = 0;
	if (keep != NULL) {
		keep->next = NULL;
		keep->used = 0;
		a->held = keep->size;
	}
}

static void *
take(struct arena *a, size_t size)
{
	struct block *b = a->head;
	void *p;

	size = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
	if (b == NULL || b->size - b->used < size) {
		size_t next = a->held < FIRST ? FIRST : a->held < BLOCK ? a->held : BLOCK;

		b = add_block(a, size > next ? size : next);
	}
	p = b->bytes + b->used;
	b->used += size;
	return p;
}

void *
arena_alloc(struct arena *a, size_t size)
{
	void *p = take(a, size);

	memset(p, 0, size);
	return p;
}

char *
arena_strn(struct arena *a, const char *s, size_t len)
{
	char *p = take(a, len + 1);

	memcpy(p, s, len);
	p[len] = '\0';
	return p;
}

char *
arena_str(struct arena *a, const char *s)
{
	return s ? arena_strn(a, s, strlen(s)) : NULL;
}

char *
arena_fmt(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (len < 0)
		abort();
	p = take(a, (size_t)len + 1);
	va_start(ap, fmt);
	(void)vsnprintf(p, (size_t)len + 1, fmt, ap);
	va_end(ap);
	return p;
}

size_t
arena_bytes(const struct arena *a)
{
	return a->held;
}
