/* SPDX-License-Identifier: MIT */
/* See intern.h. Open addressing at half load; keys lie in an arena that goes when the cache is cleared.
 * The hash is seeded per process, so that a stranger cannot choose keys that collide. */
#include "sql/intern.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/mem.h"

struct slot {
	uint64_t hash;		/* 0: free */
	const char *key;
	size_t len;
	int64_t id;
};

struct intern {
	struct slot *slots;
	size_t mask, used, most, bytes, most_bytes;
	struct arena *keys;
	uint64_t seed;
};

enum { BYTES_PER_ENTRY = 96 };	/* mean key size planned for; the arena is bounded by it */

static uint64_t
hash_of(uint64_t seed, const void *key, size_t len)
{
	const unsigned char *p = key;
	uint64_t h = seed ^ len, w;

	for (; len >= 8; p += 8, len -= 8) {
		memcpy(&w, p, 8);
		h = (h ^ w) * 0x9fb21c651e98df25u;
		h ^= h >> 32;
	}
	w = 0;
	memcpy(&w, p, len);
	h = (h ^ w) * 0x9fb21c651e98df25u;
	h ^= h >> 29;
	return h != 0 ? h : 1;
}

struct intern *
intern_new(size_t entries)
{
	struct intern *in = mem_alloc(sizeof(*in));
	size_t size = 64;

	while (size < entries * 2)
		size *= 2;
	in->slots = mem_alloc(size * sizeof(*in->slots));
	in->mask = size - 1;
	in->most = entries;
	in->most_bytes = entries * BYTES_PER_ENTRY;
	in->keys = arena_new();
	if (getentropy(&in->seed, sizeof(in->seed)) != 0)
		in->seed = (uint64_t)(uintptr_t)in;
	return in;
}

void
intern_free(struct intern *in)
{
	if (in == NULL)
		return;
	arena_free(in->keys);
	free(in->slots);
	free(in);
}

void
intern_clear(struct intern *in)
{
	if (in->used == 0)
		return;
	memset(in->slots, 0, (in->mask + 1) * sizeof(*in->slots));
	arena_reset(in->keys);
	in->used = 0;
	in->bytes = 0;
}

/* The slot that holds the key, or the free one where it belongs. */
static struct slot *
find(const struct intern *in, uint64_t hash, const void *key, size_t len)
{
	size_t i = hash & in->mask;
	struct slot *s;

	for (;; i = (i + 1) & in->mask) {
		s = &in->slots[i];
		if (s->hash == 0 || (s->hash == hash && s->len == len && memcmp(s->key, key, len) == 0))
			return s;
	}
}

int
intern_get(const struct intern *in, const void *key, size_t len, int64_t *id)
{
	const struct slot *s = find(in, hash_of(in->seed, key, len), key, len);

	if (s->hash == 0)
		return 0;
	*id = s->id;
	return 1;
}

void
intern_put(struct intern *in, const void *key, size_t len, int64_t id)
{
	uint64_t hash = hash_of(in->seed, key, len);
	struct slot *s;

	if (in->used >= in->most || in->bytes + len > in->most_bytes)
		intern_clear(in);
	s = find(in, hash, key, len);
	if (s->hash == 0) {
		s->hash = hash;
		s->key = arena_strn(in->keys, key, len);
		s->len = len;
		in->used++;
		in->bytes += len;
	}
	s->id = id;
}
