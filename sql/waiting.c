/* SPDX-License-Identifier: MIT */
/*
 * Rows that wait: what a report brings is gathered, and hundreds of rows are written by one statement. Who asks the database for what
 * may still wait here has it written first.
 */
#include "sql/waiting.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sql/given.h"
#include "sql/writer.h"

/*
 * Columns in the order of the statement, each a letter (given.h); in the order in which they are written. The index on half a digest that
 * reports and ledger have makes SQLite keep a statement journal of the pages such a statement changes, so many rows are written at once.
 */
static const struct table { const char *statement, *types; size_t room; } tables[WAITS] = {
	[WAIT_SOURCE] = { "sources_add", "it", 4096 },
	[WAIT_SET] = { "auth_sets_add", "id", 2048 },
	[WAIT_RESULT] = { "auth_results_add", "iiiiittt", 4096 },
	[WAIT_RECORD] = { "records_add", "iiiiii", 8192 },
	[WAIT_INTAKE] = { "intakes_add", "idtttii", WAIT_ITEMS },
	[WAIT_REPORT] = { "reports_add", "idiiiitiittitiiiitsiii", WAIT_ITEMS },
};

/* --- digests --- */

enum { DIGEST_SLOTS = 2 * WAIT_ITEMS, DIGEST_SLOTS_MOST = 65536 };

static void
digests_init(struct digests *d)
{
	d->mask = DIGEST_SLOTS - 1;
	d->slots = mem_alloc(DIGEST_SLOTS * sizeof(*d->slots));
}

/* What waited is written. */
static void
digests_drop(struct digests *d)
{
	if (d->whole || d->ours || d->used == 0)
		return;
	memset(d->slots, 0, (d->mask + 1) * sizeof(*d->slots));
	d->used = 0;
}

/* As it is kept: 0 is a free slot. */
static uint64_t
head_of(const unsigned char digest[DIGEST])
{
	uint64_t head;

	memcpy(&head, digest, sizeof(head));
	return head | 1;
}

static uint64_t *
slot_of(const struct digests *d, uint64_t head)
{
	size_t i = head >> 32 & d->mask;

	while (d->slots[i] != 0 && d->slots[i] != head)
		i = (i + 1) & d->mask;
	return &d->slots[i];
}

static void
digests_grow(struct digests *d)
{
	struct digests more = { .mask = d->mask * 2 + 1, .used = d->used, .whole = d->whole, .ours = d->ours };
	size_t i;

	more.slots = mem_alloc((more.mask + 1) * sizeof(*more.slots));
	for (i = 0; i <= d->mask; i++)
		if (d->slots[i] != 0)
			*slot_of(&more, d->slots[i]) = d->slots[i];
	free(d->slots);
	*d = more;
}

void
digests_add(struct digests *d, const unsigned char digest[DIGEST])
{
	uint64_t head = head_of(digest), *slot;

	if (d->used > d->mask / 2 && d->mask < DIGEST_SLOTS_MOST - 1)
		digests_grow(d);
	/* At the next writing it begins anew, with what waits only; there is room until then. */
	if (d->used > DIGEST_SLOTS_MOST / 2)
		d->whole = d->ours = 0;
	slot = slot_of(d, head);
	d->used += *slot == 0;
	*slot = head;
}

int
digests_has(const struct digests *d, const unsigned char digest[DIGEST])
{
	return *slot_of(d, head_of(digest)) != 0;
}

/* --- rows --- */

static int
width_of(enum wait_table t)
{
	return (int)strlen(tables[t].types);
}

void
waiting_init(struct waiting *w)
{
	int t;

	memset(w, 0, sizeof(*w));
	for (t = 0; t < WAITS; t++)
		w->rows[t] = mem_alloc(tables[t].room * (size_t)width_of(t) * sizeof(int64_t));
	w->text = arena_new();
	digests_init(&w->items);
	digests_init(&w->keys);
	w->items.ours = 1;
}

void
waiting_free(struct waiting *w)
{
	int t;

	for (t = 0; t < WAITS; t++)
		free(w->rows[t]);
	free(w->items.slots);
	free(w->keys.slots);
	arena_free(w->text);
}

void
waiting_whole(struct waiting *w)
{
	w->items.whole = w->keys.whole = 1;
}

void
waiting_drop(struct waiting *w)
{
	memset(w->count, 0, sizeof(w->count));
	digests_drop(&w->items);
	digests_drop(&w->keys);
	arena_reset(w->text);
}

enum outcome
records_write(struct store *s, struct err *err)
{
	struct waiting *w;
	int t, any = 0;

	if (s->writer == NULL)
		return OK;
	w = &s->writer->waiting;
	for (t = 0; t < WAITS; t++) {
		any |= w->count[t] > 0;
		if (w->count[t] > 0 && given_run_typed(s, tables[t].statement, w->rows[t], w->count[t], tables[t].types, err) != OK)
			return STOP;
	}
	if (any)
		waiting_drop(w);
	return OK;
}

int64_t *
wait_row(struct store *s, enum wait_table t, struct err *err)
{
	struct waiting *w = &s->writer->waiting;

	if (w->count[t] == tables[t].room && records_write(s, err) != OK)
		return NULL;
	return w->rows[t] + w->count[t]++ * (size_t)width_of(t);
}

int64_t
wait_text(struct waiting *w, const char *text)
{
	return text != NULL ? given_pointer(arena_str(w->text, text)) : GIVEN_NULL;
}

int64_t
wait_bytes(struct waiting *w, const void *bytes, size_t len)
{
	return given_pointer(arena_strn(w->text, bytes, len));
}
