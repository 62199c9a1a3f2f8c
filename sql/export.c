/* SPDX-License-Identifier: MIT */
/* See export.h. One query for each table; nothing is kept but the row at hand. */
#include "sql/export.h"

#include "sql/db.h"
#include "sql/given.h"

enum { MAX_COLUMNS = 64 };

static sqlite3_stmt *
query_of(struct store *s, enum export_table table, struct err *err)
{
	switch (table) {
	case EXPORT_REPORTS:
		return db_query(s, "export_reports", err);
	case EXPORT_RECORDS:
		return db_query(s, "export_records", err);
	case EXPORT_SOURCES:
		return db_query(s, "export_sources", err);
	case EXPORT_DAILY:
		return db_query(s, "export_daily", err);
	case EXPORT_FINDINGS:
		return db_query(s, "export_findings", err);
	}
	err_stop(err, "no such table");
	return NULL;
}

static void
read_cell(sqlite3_stmt *st, int n, struct export_cell *cell)
{
	int type = sqlite3_column_type(st, n);

	cell->is_number = type == SQLITE_INTEGER;
	cell->text = db_column(st, n);
	cell->len = cell->text != NULL ? (size_t)sqlite3_column_bytes(st, n) : 0;
}

enum outcome
store_export(struct store *s, enum export_table table, const struct export_scope *scope, const struct export_sink *sink,
    struct err *err)
{
	struct given domains = { scope->domains, scope->count, 1 };
	sqlite3_stmt *st = query_of(s, table, err);
	struct export_cell cells[MAX_COLUMNS];
	const char *names[MAX_COLUMNS];
	enum outcome got;
	int count, i;

	if (st == NULL)
		return STOP;
	count = sqlite3_column_count(st) < MAX_COLUMNS ? sqlite3_column_count(st) : MAX_COLUMNS;
	for (i = 0; i < count; i++)
		names[i] = sqlite3_column_name(st, i);
	db_text(st, 1, scope->since);
	db_text(st, 2, scope->until);
	if (sqlite3_bind_parameter_count(st) == 4) {
		sqlite3_bind_int(st, 3, scope->count > 0);
		if (given_bind(st, 4, &domains) != SQLITE_OK)
			return db_fail(s, "domains", err);
	}
	got = sink->head(sink->ctx, names, (size_t)count, err);
	while (got == OK && (got = db_step(s, st, err)) == OK) {
		for (i = 0; i < count; i++)
			read_cell(st, i, &cells[i]);
		got = sink->row(sink->ctx, cells, (size_t)count, err);
	}
	sqlite3_reset(st);
	sqlite3_clear_bindings(st);
	return got == END ? OK : got;
}
