/* SPDX-License-Identifier: MIT */
/* Private to the room sql: which receivers refused whose mail, as far as it was asked for of one domain (refusers.c); part of what was walked (walks.c). */
#ifndef SQL_REFUSERS_H
#define SQL_REFUSERS_H

#include "sql/db.h"

struct arena;
struct refusers;

/* store_count_refusers; *at is made at the first use. */
enum outcome refusers_count(struct refusers **at, struct store *s, const struct refusal *q, struct arena *arena, size_t *count, const char **only, struct err *err);
void refusers_free(struct refusers *x);	/* NULL is fine */

#endif
