/* SPDX-License-Identifier: MIT */
/* See facts.h. */
#include "sql/facts.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static const struct facts unknown = { .undetermined = 1, .unsure = 1 };

static void
take(struct facts *f, sqlite3_stmt *st)
{
	char *const flags[] = { &f->pass, &f->refused, &f->at_risk, &f->undetermined, &f->unsure, &f->dkim, &f->spf, &f->permerror, &f->stopped, &f->would_lose,
		&f->would_spare, &f->below };
	size_t i;

	f->known = 1;
	for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		*flags[i] = (char)sqlite3_column_int(st, (int)i + 1);
}

enum outcome
facts_load(struct facts_list *l, struct store *s, struct err *err)
{
	enum { MORE = 256 };
	sqlite3_stmt *st;
	enum outcome r;

	if (l->count > 0)
		return OK;
	if ((st = db_query(s, "outcome_kinds", err)) == NULL)
		return STOP;
	while ((r = db_step(s, st, err)) == OK) {
		size_t id = (size_t)sqlite3_column_int64(st, 0);

		if (id >= l->count) {
			l->at = mem_grow(l->at, id + MORE, sizeof(*l->at));
			memset(l->at + l->count, 0, (id + MORE - l->count) * sizeof(*l->at));
			l->count = id + MORE;
		}
		take(&l->at[id], st);
	}
	return r == STOP ? STOP : OK;
}

const struct facts *
facts_of(const struct facts_list *l, size_t outcome)
{
	return outcome < l->count && l->at[outcome].known ? &l->at[outcome] : &unknown;
}

void
facts_free(struct facts_list *l)
{
	free(l->at);
	*l = (struct facts_list){ NULL, 0 };
}
