/* SPDX-License-Identifier: MIT */
/* Sums of days on their way into the daily roll-up: each key once, written and begun anew, and taken back where days are closed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "sql/tally.h"

enum { DAY = 20776 };	/* 2026-11-19 */

static char dir[] = "/tmp/dmarcsift-days-XXXXXX", path[64];
static struct err err;

static struct store *
open_days(int32_t pruned_day)
{
	struct store *s = NULL;
	struct writer *w;

	(void)unlink(path);
	assert_int_equal(store_open(&s, path, STORE_WRITE, 1795132800, &err), OK);
	w = writer_get(s, &err);
	assert_non_null(w);
	w->pruned_day = pruned_day;
	assert_int_equal(db_write(s, &err), OK);
	return s;
}

/* The roll-up as text, "domain day sender way outcome messages", a row each; caller frees. */
static char *
rows_of(struct store *s)
{
	sqlite3_stmt *st = NULL;
	char *text;

	assert_int_equal(sqlite3_prepare_v2(s->db, "SELECT coalesce(group_concat(x, '; '), '') FROM (SELECT domain || ' ' || day || ' ' || sender || ' ' || way || ' ' || outcome || ' ' || "
	    "messages AS x FROM daily ORDER BY domain, day, sender, way, outcome)", -1, &st, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	text = mem_str((const char *)sqlite3_column_text(st, 0));
	sqlite3_finalize(st);
	return text;
}

static void
rows_are(struct store *s, const char *want)
{
	char *have = rows_of(s);

	assert_string_equal(have, want);
	free(have);
}

static int64_t
ask(struct store *s, const char *sql)
{
	sqlite3_stmt *st = NULL;
	int64_t n;

	assert_int_equal(sqlite3_prepare_v2(s->db, sql, -1, &st, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	n = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return n;
}

static void
each_part_of_the_key_tells_sums_apart(void **state)
{
	struct store *s = open_days(NO_DAY);
	struct days *d = days_new();
	int turn;

	(void)state;
	for (turn = 0; turn < 2; turn++) {
		days_add(d, 1, DAY, 5, 0, 1, 10);
		days_add(d, 2, DAY, 5, 0, 1, 20);
		days_add(d, 1, DAY + 1, 5, 0, 1, 30);
		days_add(d, 1, DAY, 6, 0, 1, 40);
		days_add(d, 1, DAY, 5, 1, 1, 50);
		days_add(d, 1, DAY, 5, 0, 2, 60);
		assert_int_equal(days_count(d), 6);
	}
	assert_int_equal(days_write(s, d, &err), OK);
	assert_int_equal(days_count(d), 0);
	rows_are(s, "1 2026-11-19 5 0 1 20; 1 2026-11-19 5 0 2 120; 1 2026-11-19 5 1 1 100; 1 2026-11-19 6 0 1 80; 1 2026-11-20 5 0 1 60; 2 2026-11-19 5 0 1 40");
	/* What was written is not written again. */
	assert_int_equal(days_write(s, d, &err), OK);
	days_add(d, 2, DAY, 5, 0, 1, 2);
	assert_int_equal(days_write(s, d, &err), OK);
	assert_int_equal(ask(s, "SELECT sum(messages) FROM daily"), 422);
	days_free(d);
	days_free(NULL);
	store_close(s);
}

/* More than there is room for at first, more than one statement writes, and again and again by the same. */
static void
many_sums_are_written_whole_however_often(void **state)
{
	static const int64_t counts[] = { 900, 1024, 1025, 900, 900, 4096, 4097, 1, 9000, 900, 900, 900, 900 };
	struct store *s = open_days(NO_DAY);
	struct days *d = days_new();
	int64_t i, want = 0;
	size_t k;

	(void)state;
	for (k = 0; k < sizeof(counts) / sizeof(counts[0]); k++) {
		for (i = 0; i < counts[k]; i++)
			days_add(d, 1 + (int32_t)(i % 3), DAY + (int32_t)(i % 7), i + (int64_t)k * 100, (int32_t)(i % 4), i % 5, i + 1);
		for (i = 0; i < counts[k]; i++)
			days_add(d, 1 + (int32_t)(i % 3), DAY + (int32_t)(i % 7), i + (int64_t)k * 100, (int32_t)(i % 4), i % 5, 1);
		assert_int_equal(days_count(d), counts[k]);
		assert_int_equal(days_write(s, d, &err), OK);
		want += counts[k] * (counts[k] + 3) / 2;
		assert_int_equal(ask(s, "SELECT sum(messages) FROM daily"), want);
	}
	days_free(d);
	store_close(s);
}

static void
a_sum_of_nothing_leaves_no_row(void **state)
{
	struct store *s = open_days(NO_DAY);
	struct days *d = days_new();

	(void)state;
	days_add(d, 1, DAY, 5, 0, 1, 7);
	days_add(d, 1, DAY, 5, 0, 1, -7);
	days_add(d, 1, DAY, 6, 0, 1, 0);
	assert_int_equal(days_write(s, d, &err), OK);
	rows_are(s, "");
	days_add(d, 1, DAY, 5, 0, 1, 7);
	days_add(d, 1, DAY, 6, 0, 1, 9);
	days_add(d, 1, DAY, 7, 0, 1, 1);
	assert_int_equal(days_write(s, d, &err), OK);
	days_add(d, 1, DAY, 5, 0, 1, -7);
	days_add(d, 1, DAY, 6, 0, 1, -8);
	assert_int_equal(days_write(s, d, &err), OK);
	rows_are(s, "1 2026-11-19 6 0 1 1; 1 2026-11-19 7 0 1 1");
	days_free(d);
	store_close(s);
}

/* Of a closed day, what a sender lacks is taken from those that have such mail: the least that is enough, else the largest, and no more than they have. */
static void
what_is_lacking_on_a_closed_day_is_taken_from_others(void **state)
{
	static const struct { int day; int64_t sender, way, messages; const char *want; } cases[] = {
		{ DAY, 4, 0, 4, "1 2026-11-19 5 0 1 10; 1 2026-11-19 7 0 2 50; 1 2026-11-19 8 0 1 3; 1 2026-11-20 5 0 1 99; 2 2026-11-19 5 0 1 60" },
		{ DAY, 4, 0, 3, "1 2026-11-19 5 0 1 10; 1 2026-11-19 6 1 1 4; 1 2026-11-19 7 0 2 50; 1 2026-11-20 5 0 1 99; 2 2026-11-19 5 0 1 60" },
		{ DAY, 4, 0, 5, "1 2026-11-19 5 0 1 5; 1 2026-11-19 6 1 1 4; 1 2026-11-19 7 0 2 50; 1 2026-11-19 8 0 1 3; 1 2026-11-20 5 0 1 99; 2 2026-11-19 5 0 1 60" },
		{ DAY, 4, 0, 12, "1 2026-11-19 6 1 1 4; 1 2026-11-19 7 0 2 50; 1 2026-11-19 8 0 1 1; 1 2026-11-20 5 0 1 99; 2 2026-11-19 5 0 1 60" },
		{ DAY, 4, 0, 17, "1 2026-11-19 7 0 2 50; 1 2026-11-20 5 0 1 99; 2 2026-11-19 5 0 1 60" },
		{ DAY, 5, 0, 13, "1 2026-11-19 6 1 1 4; 1 2026-11-19 7 0 2 50; 1 2026-11-20 5 0 1 99; 2 2026-11-19 5 0 1 60" },
		{ DAY, 6, 1, 2, "1 2026-11-19 5 0 1 10; 1 2026-11-19 6 1 1 2; 1 2026-11-19 7 0 2 50; 1 2026-11-19 8 0 1 3; 1 2026-11-20 5 0 1 99; 2 2026-11-19 5 0 1 60" },
		{ DAY + 1, 5, 0, 99, "1 2026-11-19 5 0 1 10; 1 2026-11-19 6 1 1 4; 1 2026-11-19 7 0 2 50; 1 2026-11-19 8 0 1 3; 2 2026-11-19 5 0 1 60" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct store *s = open_days(DAY + 1);
		struct days *d = days_new();

		days_add(d, 1, DAY, 5, 0, 1, 10);
		days_add(d, 1, DAY, 6, 1, 1, 4);
		days_add(d, 1, DAY, 7, 0, 2, 50);
		days_add(d, 1, DAY, 8, 0, 1, 3);
		days_add(d, 1, DAY + 1, 5, 0, 1, 99);
		days_add(d, 2, DAY, 5, 0, 1, 60);
		assert_int_equal(days_write(s, d, &err), OK);
		days_add(d, 1, cases[i].day, cases[i].sender, cases[i].way, 1, -cases[i].messages);
		assert_int_equal(days_write(s, d, &err), OK);
		rows_are(s, cases[i].want);
		days_free(d);
		store_close(s);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(each_part_of_the_key_tells_sums_apart), cmocka_unit_test(many_sums_are_written_whole_however_often),
		cmocka_unit_test(a_sum_of_nothing_leaves_no_row), cmocka_unit_test(what_is_lacking_on_a_closed_day_is_taken_from_others) };
	int bad;

	if (mkdtemp(dir) == NULL)
		return 1;
	(void)snprintf(path, sizeof(path), "%s/a.db", dir);
	bad = cmocka_run_group_tests(tests, NULL, NULL);
	(void)unlink(path);
	(void)snprintf(path, sizeof(path), "%s/a.db.lock", dir);
	(void)unlink(path);
	(void)rmdir(dir);
	return bad;
}
