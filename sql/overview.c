/* SPDX-License-Identifier: MIT */
/* See overview.h: every question is a file of its own, with ?1 domain, ?2 from, ?3 to, ?4 most; columns are texts, then numbers. */
#include "sql/overview.h"

#include <string.h>

#include "sql/db.h"

static sqlite3_stmt *
query_of(struct store *s, enum overview question, struct err *err)
{
	switch (question) {
	case OVERVIEW_DOMAINS:
		return db_query(s, "overview_domains", err);
	case OVERVIEW_DAYS:
		return db_query(s, "overview_days", err);
	case OVERVIEW_SENDERS:
		return db_query(s, "overview_senders", err);
	case OVERVIEW_SERIES:
		return db_query(s, "overview_series", err);
	case OVERVIEW_ADDRESSES:
		return db_query(s, "overview_addresses", err);
	case OVERVIEW_RESULTS:
		return db_query(s, "overview_results", err);
	case OVERVIEW_HEARD:
		return db_query(s, "overview_heard", err);
	case OVERVIEW_REPORTERS:
		return db_query(s, "overview_reporters", err);
	case OVERVIEW_HEARINGS:
		return db_query(s, "overview_hearings", err);
	case OVERVIEW_POLICIES:
		return db_query(s, "overview_policies", err);
	case OVERVIEW_FINDINGS:
		return db_query(s, "overview_findings", err);
	case OVERVIEW_TROUBLES:
		return db_query(s, "overview_troubles", err);
	case OVERVIEW_FOREIGN:
		return db_query(s, "overview_foreign", err);
	}
	err_stop(err, "no such question");
	return NULL;
}

/* Numbers are named n_... in the queries, everything else is text. */
static void
read_row(sqlite3_stmt *st, int columns, struct overview_row *row)
{
	size_t texts = 0, numbers = 0;
	int i;

	memset(row, 0, sizeof(*row));
	for (i = 0; i < columns; i++) {
		if (strncmp(sqlite3_column_name(st, i), "n_", 2) != 0) {
			if (texts < sizeof(row->text) / sizeof(*row->text))
				row->text[texts++] = db_column(st, i);
		} else if (numbers < sizeof(row->number) / sizeof(*row->number)) {
			row->number[numbers++] = sqlite3_column_int64(st, i);
		}
	}
}

enum outcome
store_overview(struct store *s, enum overview question, int64_t domain, const char *from, const char *to, int64_t most,
    overview_each *each, void *ctx, struct err *err)
{
	sqlite3_stmt *st = query_of(s, question, err);
	struct overview_row row;
	enum outcome got;
	int columns;

	if (st == NULL)
		return STOP;
	columns = sqlite3_column_count(st);
	if (sqlite3_bind_parameter_count(st) == 4) {
		sqlite3_bind_int64(st, 1, domain);
		db_text(st, 2, from);
		db_text(st, 3, to);
		sqlite3_bind_int64(st, 4, most);
	}
	while ((got = db_step(s, st, err)) == OK) {
		read_row(st, columns, &row);
		if ((got = each(ctx, &row, err)) != OK)
			break;
	}
	sqlite3_reset(st);
	return got == END ? OK : got;
}

enum outcome
store_each_domain(struct store *s, enum outcome (*each)(void *ctx, int64_t id, const char *name, struct err *err), void *ctx, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "domains_own", err);
	enum outcome r, done = OK;

	if (st == NULL)
		return STOP;
	while (done == OK && (r = db_step(s, st, err)) == OK)
		done = each(ctx, sqlite3_column_int64(st, 0), db_column(st, 1), err);
	sqlite3_reset(st);
	return done != OK ? done : r == STOP ? STOP : OK;
}
