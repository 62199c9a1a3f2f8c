/* SPDX-License-Identifier: MIT */
/* Standings of a domain, written many at a time and in the order of their table. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/text.h"
#include "sql/analysis.h"
#include "sql/given.h"
#include "sql/writer.h"

enum { WIDTH = 13, ROOM = 256 };	/* columns; rows written at once */

struct standings {
	struct arena *text;
	int64_t rows[ROOM * WIDTH];
	size_t count;
};

void
standings_free(struct store *s)
{
	if (s->standings == NULL)
		return;
	arena_free(s->standings->text);
	free(s->standings);
	s->standings = NULL;
}

void
standings_drop(struct store *s)
{
	if (s->standings != NULL)
		s->standings->count = 0;
}

static int
by_sender(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return x[1] < y[1] ? -1 : x[1] > y[1];
}

enum outcome
standings_write(struct store *s, struct err *err)
{
	struct standings *w = s->standings;
	enum outcome r;

	if (w == NULL || w->count == 0)
		return OK;
	qsort(w->rows, w->count, WIDTH * sizeof(*w->rows), by_sender);
	r = given_run_typed(s, "standings_put", w->rows, w->count, "iiittttiiiiii", err);
	w->count = 0;
	arena_reset(w->text);
	return r;
}

static int64_t
text_of(struct standings *w, const char *text)
{
	return text != NULL ? given_pointer(arena_str(w->text, text)) : GIVEN_NULL;
}

static int64_t
day_of(const char *day)
{
	int64_t at;

	return day != NULL && text_when(day, &at) ? at / 86400 : GIVEN_NULL;
}

enum outcome
store_put_standing(struct store *s, const struct standing *x, struct err *err)
{
	struct standings *w = s->standings;
	int64_t *row;

	if (w == NULL) {
		w = s->standings = mem_alloc(sizeof(*w));
		w->text = arena_new();
	}
	if (w->count == ROOM && standings_write(s, err) != OK)
		return STOP;
	row = w->rows + w->count++ * WIDTH;
	row[0] = x->domain_id;
	row[1] = x->sender_id;
	row[2] = x->mine;
	row[3] = text_of(w, x->basis);
	row[4] = text_of(w, x->confidence);
	row[5] = text_of(w, x->class);
	row[6] = text_of(w, x->evidence);
	row[7] = x->addresses;
	row[8] = x->auth_set != 0 ? x->auth_set : GIVEN_NULL;
	row[9] = day_of(x->first_day);
	row[10] = day_of(x->last_day);
	row[11] = x->own_way;
	row[12] = x->fail_set != 0 ? x->fail_set : GIVEN_NULL;
	return OK;
}
