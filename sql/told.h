/* SPDX-License-Identifier: MIT */
/*
 * Private to the room sql: a statement that hands its rows to C one after the other as it finds them, and gives none: where rows are many
 * that saves a third of their cost. It reads `SELECT told(a, b, ...) FROM ...`, the arguments being the columns.
 */
#ifndef SQL_TOLD_H
#define SQL_TOLD_H

#include "sql/db.h"

/* A row; its values are borrowed until this returns. Other than OK: no more rows. */
typedef enum outcome take_row(void *ctx, sqlite3_value **row);
/* Runs the statement to its end: what take said where that was not OK; STOP with err where the statement failed. take may run other statements of its kind. */
enum outcome told_each(struct store *s, sqlite3_stmt *st, take_row *take, void *ctx, struct err *err);

/* Makes `told` known to the connection of s: SQLITE_OK or an error. */
int told_register(struct store *s);

#endif
