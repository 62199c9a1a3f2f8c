/* SPDX-License-Identifier: MIT */
/*
 * Part of sql's door (store.h includes it): whole tables, row by row, for files that people open elsewhere.
 * Columns and their names are those of the views (views.sql), in their order.
 */
#ifndef SQL_EXPORT_H
#define SQL_EXPORT_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct store;

enum export_table { EXPORT_REPORTS = 1, EXPORT_RECORDS, EXPORT_SOURCES, EXPORT_DAILY, EXPORT_FINDINGS };

struct export_cell {
	const char *text;	/* NULL: NULL; borrowed until the next row */
	size_t len;
	int is_number;		/* 1: written by us as a number, not by a stranger */
};

struct export_sink {	/* a callback that returns other than OK ends the export with that outcome */
	void *ctx;
	enum outcome (*head)(void *ctx, const char *const *names, size_t count, struct err *err);
	enum outcome (*row)(void *ctx, const struct export_cell *cells, size_t count, struct err *err);
};

/* Which rows: of days since..until, and of these policy domains (ids; count 0: all). */
struct export_scope { const char *since, *until; const int64_t *domains; size_t count; };

/*
 * Rows of days since..until, both "YYYY-MM-DD" and within; reports by the day of their begin. Sources are summed over
 * these days only, their class, first and last day are those of the whole database; findings are
 * those of the last analysis whatever their day and domain. Stable order; head is called once, also where no row follows.
 */
enum outcome store_export(struct store *s, enum export_table table, const struct export_scope *scope, const struct export_sink *sink,
    struct err *err);

#endif
