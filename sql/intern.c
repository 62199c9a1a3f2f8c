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
	uint32_t hash;		/* 0: free */
	uint32_t len;
	const char *key;
	int64_t id;
};

struct intern {
	struct slot *slots;
	size_t mask, used, most, bytes, most_bytes;
	struct arena *keys;
	uint64_t seed;
	int whole;
};

enum { BYTES_PER_ENTRY = 96,	/* mean key size planned for; the arena is bounded by it */
	FEW = 256 };		/* slots to begin with */

static uint32_t
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
	return (uint32_t)h != 0 ? (uint32_t)h : 1;
}

struct intern *
intern_new(size_t entries)
{
	struct intern *in = mem_alloc(sizeof(*in));

	in->slots = mem_alloc(FEW * sizeof(*in->slots));
	in->mask = FEW - 1;
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
	in->whole = 0;
	if (in->used == 0)
		return;
	memset(in->slots, 0, (in->mask + 1) * sizeof(*in->slots));
	arena_reset(in->keys);
	in->used = 0;
	in->bytes = 0;
}

void
intern_whole(struct intern *in)
{
	in->whole = in->used == 0;
}

int
intern_has_all(const struct intern *in)
{
	return in->whole;
}

/* Twice the slots. */
static void
grow(struct intern *in)
{
	size_t size = (in->mask + 1) * 2, i, j;
	struct slot *slots = mem_alloc(size * sizeof(*slots));

	for (i = 0; i <= in->mask; i++) {
		if (in->slots[i].hash == 0)
			continue;
		for (j = in->slots[i].hash & (size - 1); slots[j].hash != 0; j = (j + 1) & (size - 1))
			;
		slots[j] = in->slots[i];
	}
	free(in->slots);
	in->slots = slots;
	in->mask = size - 1;
}

/* The slot that holds the key, or the free one where it belongs. */
static struct slot *
find(const struct intern *in, uint32_t hash, const void *key, size_t len)
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

int
intern_is_full(const struct intern *in, size_t len)
{
	return in->used >= in->most || in->bytes + len > in->most_bytes;
}

void
intern_put(struct intern *in, const void *key, size_t len, int64_t id)
{
	uint32_t hash = hash_of(in->seed, key, len);
	struct slot *s;

	if (len > UINT32_MAX)
		return;
	if (intern_is_full(in, len))
		intern_clear(in);
	if (in->used * 2 > in->mask)
		grow(in);
	s = find(in, hash, key, len);
	if (s->hash == 0) {
		s->hash = hash;
		s->key = arena_strn(in->keys, key, len);
		s->len = (uint32_t)len;
		in->used++;
		in->bytes += len;
	}
	s->id = id;
}
