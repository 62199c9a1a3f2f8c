/* SPDX-License-Identifier: MIT */
/* See arena.h. A singly linked list of blocks; the newest is allocated from. */
#include "base/arena.h"

#include <stdalign.h>
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

struct arena *
arena_new(void)
{
	return mem_alloc(sizeof(struct arena));
}

void
arena_free(struct arena *a)
{
	struct block *b, *next;

	if (a == NULL)
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

size_t
arena_bytes(const struct arena *a)
{
	return a->held;
}
