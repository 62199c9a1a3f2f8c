/* SPDX-License-Identifier: MIT */
/* See policy.h: a function of SQLite that reads the newest reports of a domain and counts who tells what. */
#include "sql/policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { NEWEST_DAYS = 3, ALONE_DAYS = 7 /* where a single receiver reported in these */, DAY = 86400 };

struct vote { int64_t receiver, policy, begin_at; unsigned char key[16]; char holds[64]; int knows; };	/* holds: what is longer is no policy */
struct votes { struct vote *at; size_t count; };

/* The newer first. Keys do not depend on the order of ingest, as ids do. */
static int
by_age(const struct vote *x, const struct vote *y)
{
	return x->begin_at != y->begin_at ? (x->begin_at < y->begin_at) - (x->begin_at > y->begin_at) : memcmp(x->key, y->key, sizeof(x->key));
}

static int
by_receiver(const void *a, const void *b)
{
	const struct vote *x = a, *y = b;

	return x->receiver != y->receiver ? (x->receiver > y->receiver) - (x->receiver < y->receiver) : by_age(x, y);
}

static int
by_policy(const void *a, const void *b)
{
	const struct vote *x = a, *y = b;

	return (x->policy > y->policy) - (x->policy < y->policy);
}

/* Those that hold the same together; of each day the one that tells most of it first. */
static int
by_holding(const void *a, const void *b)
{
	const struct vote *x = a, *y = b;
	int differ = strcmp(x->holds, y->holds);
	int64_t days = y->begin_at / DAY - x->begin_at / DAY;

	if (differ != 0 || days != 0)
		return differ != 0 ? differ : days > 0 ? 1 : -1;
	return x->knows != y->knows ? y->knows - x->knows : by_age(x, y);
}

/* The reports of the newest days up to the last; NULL: whatever their day. *same: they all tell one policy. */
static enum outcome
read_votes(struct store *s, sqlite3_value *domain, sqlite3_value *last, struct votes *v, int *same, struct err *err)
{
	sqlite3_stmt *st = last != NULL ? db_query(s, "policy_told", err) : db_query(s, "policy_told_ever", err);
	struct vote *x;
	enum outcome r;
	int several = 0;

	if (st == NULL)
		return STOP;
	sqlite3_bind_value(st, 1, domain);
	if (last != NULL)
		sqlite3_bind_value(st, 2, last);
	for (*same = 1; (r = db_step(s, st, err)) == OK; v->count++) {
		int64_t begin_at = sqlite3_column_int64(st, 2);	/* unreadable: 0 */

		int64_t receiver = sqlite3_column_int64(st, 0), back = v->count > 0 ? v->at[0].begin_at / DAY - begin_at / DAY : 0;

		/* One receiver alone does not outvote what the others told a few days before. */
		if (back >= ALONE_DAYS || (back >= NEWEST_DAYS && several))
			break;
		several |= v->count > 0 && back < NEWEST_DAYS && receiver != v->at[0].receiver;
		if ((v->count & (v->count - 1)) == 0)
			v->at = mem_grow(v->at, v->count > 0 ? v->count * 2 : 1, sizeof(*v->at));
		x = &v->at[v->count];
		*x = (struct vote){ receiver, sqlite3_column_int64(st, 1), begin_at, { 0 }, "", 0 };
		if (sqlite3_column_bytes(st, 3) == sizeof(x->key))
			memcpy(x->key, sqlite3_column_blob(st, 3), sizeof(x->key));
		*same &= x->policy == v->at[0].policy;
	}
	sqlite3_reset(st);
	return r == STOP ? STOP : OK;
}

/* Each receiver has one vote, the newest. */
static void
keep_newest(struct votes *v)
{
	size_t i, n = 0;

	qsort(v->at, v->count, sizeof(*v->at), by_receiver);
	for (i = 0; i < v->count; i++)
		if (i == 0 || v->at[i].receiver != v->at[i - 1].receiver)
			v->at[n++] = v->at[i];
	v->count = n;
}

static enum outcome
read_policies(struct store *s, struct votes *v, struct err *err)
{
	sqlite3_stmt *st;
	enum outcome r;
	size_t i;

	qsort(v->at, v->count, sizeof(*v->at), by_policy);
	for (i = 0; i < v->count; i++) {
		struct vote *x = &v->at[i];

		if (i > 0 && x->policy == x[-1].policy) {
			memcpy(x->holds, x[-1].holds, sizeof(x->holds));
			x->knows = x[-1].knows;
			continue;
		}
		if ((st = db_query(s, "policy_holds", err)) == NULL)
			return STOP;
		sqlite3_bind_int64(st, 1, x->policy);
		if ((r = db_step(s, st, err)) == OK) {
			(void)snprintf(x->holds, sizeof(x->holds), "%s", db_column(st, 0));
			x->knows = sqlite3_column_int(st, 1);
			sqlite3_reset(st);
		} else if (r == STOP) {
			return STOP;
		}
	}
	return OK;
}

/* What most tell; of as many the strictest, so that what two receivers disagree about for ever is one and the same every night. */
static int64_t
count_votes(struct votes *v)
{
	const struct vote *best = v->at;
	size_t i, n, most = 0;

	qsort(v->at, v->count, sizeof(*v->at), by_holding);
	for (i = 0; i < v->count; i += n) {
		const struct vote *x = &v->at[i];

		for (n = 1; i + n < v->count && strcmp(x->holds, x[n].holds) == 0; n++)
			;
		if (n >= most) {	/* reject comes behind quarantine and none, strict behind relaxed */
			best = x;
			most = n;
		}
	}
	return best->policy;
}

static void
on_policy_now(sqlite3_context *sql, int argc, sqlite3_value **argv)
{
	struct store *s = sqlite3_user_data(sql);
	struct votes v = { NULL, 0 };
	enum outcome r;
	struct err err;
	int same;

	(void)argc;
	r = read_votes(s, argv[0], argv[1], &v, &same, &err);
	if (r == OK && v.count == 0)
		r = read_votes(s, argv[0], NULL, &v, &same, &err);
	if (r == OK && !same) {
		keep_newest(&v);
		r = read_policies(s, &v, &err);
	}
	if (r != OK)
		sqlite3_result_error(sql, err.text, -1);
	else if (v.count > 0)
		sqlite3_result_int64(sql, same ? v.at[0].policy : count_votes(&v));
	free(v.at);
}

int
policy_register(struct store *s)
{
	return sqlite3_create_function(s->db, "policy_now", 2, SQLITE_UTF8 | SQLITE_DIRECTONLY, s, on_policy_now, NULL, NULL);
}
