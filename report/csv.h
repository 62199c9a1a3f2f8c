/* SPDX-License-Identifier: MIT */
/*
 * CSV files (RFC 4180) of what the views hold: reports.csv, sources.csv, daily.csv, findings.csv and records.csv.
 * Cells that a spreadsheet would take for a formula are defused by an apostrophe in front; controls,
 * bidi and zero-width characters and line ends are written as escapes (base/text.h), so a row is a line.
 */
#ifndef REPORT_CSV_H
#define REPORT_CSV_H

#include <stddef.h>

#include "base/err.h"

struct out;
struct store;

struct csv_options {
	const char *dir;		/* made where missing */
	const char *since, *until;	/* days, both within */
	const char *const *domains;	/* rows of these and of what lies below them; rows without a domain only where none is named */
	size_t ndomains;
	int records;			/* 1: records.csv too */
};

/* Each file appears whole or not at all. STOP with err at the first that cannot be written. */
enum outcome csv_write(struct store *s, const struct csv_options *options, struct err *err);

/* One cell of text, escaped, defused and quoted where needed; NULL is an empty cell. For csv.c and its tests. */
void csv_cell(struct out *o, const char *s, size_t len);

#endif
