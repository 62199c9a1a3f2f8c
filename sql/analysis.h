/* SPDX-License-Identifier: MIT */
/* Private to the room sql: standings that wait to be written (standings.c), while a domain is analysed (analysis.c). */
#ifndef SQL_ANALYSIS_H
#define SQL_ANALYSIS_H

#include "sql/db.h"

/* Writes what store_put_standing has gathered. */
enum outcome standings_write(struct store *s, struct err *err);
/* Forgets it, because what the domain has is put anew; with its room. */
void standings_drop(struct store *s);
void standings_free(struct store *s);

#endif
