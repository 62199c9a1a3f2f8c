/* SPDX-License-Identifier: MIT */
/*
 * The steps from one schema to the next, before there are any: store.c is built here with two steps of the test's own. A database
 * that was migrated equals a fresh one, a copy of the file is made first, and a step that fails leaves everything as it was.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/embed.h"

static const struct embed *embed_with_steps(const char *path);
static const struct embed files_with_steps[3];

#define STORE_SCHEMA_VERSION 3
#define embed_find embed_with_steps
#define embed_files files_with_steps
#include "sql/store.c"
#undef embed_find
#undef embed_files

#define FILE_OF(path, text) { path, (const unsigned char *)(text), sizeof(text) - 1 }
#define STEP_2 "CREATE TABLE later (id INTEGER PRIMARY KEY, word TEXT) STRICT; PRAGMA user_version = 2;"
#define STEP_3 "ALTER TABLE later ADD COLUMN more TEXT; PRAGMA user_version = 3;"

static const struct embed files_with_steps[3] = {
	FILE_OF("sql/migrate/0002_later.sql", STEP_2), FILE_OF("sql/migrate/0003_more.sql", STEP_3), { NULL, NULL, 0 }
};
static const struct embed broken = FILE_OF("sql/migrate/0003_more.sql", "CREATE TABLE half (id INTEGER) STRICT; ALTER TABLE nowhere ADD COLUMN more TEXT;");
static const struct embed version_3 = FILE_OF("sql/version_1.sql", "CREATE TABLE later (id INTEGER PRIMARY KEY, word TEXT, more TEXT) STRICT; PRAGMA user_version = 3;");
static int as_version_3, with_broken_step;
static char dir[] = "/tmp/dmarcsift-migrate-XXXXXX", path[64], copy[80];

static const struct embed *
embed_with_steps(const char *name)
{
	size_t i;

	if (as_version_3 && strcmp(name, "sql/version_1.sql") == 0)
		return &version_3;
	if (with_broken_step && strcmp(name, broken.path) == 0)
		return &broken;
	for (i = 0; files_with_steps[i].path != NULL; i++)
		if (strcmp(files_with_steps[i].path, name) == 0)
			return &files_with_steps[i];
	return embed_find(name);
}

/* The answer of one line; caller frees. */
static char *
ask(const char *file, const char *sql)
{
	sqlite3_stmt *st = NULL;
	sqlite3 *db = NULL;
	char *answer;

	assert_int_equal(sqlite3_open_v2(file, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	answer = mem_str((const char *)sqlite3_column_text(st, 0));
	sqlite3_finalize(st);
	sqlite3_close(db);
	return answer;
}

static void
says(const char *file, const char *sql, const char *want)
{
	char *have = ask(file, sql);

	assert_string_equal(have, want);
	free(have);
}

#define SCHEMA "SELECT group_concat(t.name || ':' || c.name || ' ' || c.type || ' ' || c.\"notnull\" || ' ' || c.pk, char(10)) FROM " \
	"(SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') ORDER BY name) t, pragma_table_xinfo(t.name) c"

/* A database of version 1, as the program makes it today. */
static void
lay_version_1(void)
{
	struct err err = { "", 0 };
	struct store *s = NULL;

	(void)unlink(path);
	(void)unlink(copy);
	as_version_3 = 0;
	assert_int_equal(store_open(&s, path, STORE_WRITE, 1795132800, &err), OK);
	store_close(s);
	says(path, "SELECT user_version FROM pragma_user_version", "1");
}

static void
a_migrated_database_equals_a_fresh_one_and_a_copy_is_kept(void **state)
{
	struct err err = { "", 0 };
	struct store *s = NULL;
	char fresh[80], *want, *have;

	(void)state;
	lay_version_1();
	assert_int_equal(store_open(&s, path, STORE_READ, 1795132800, &err), STOP);
	assert_non_null(strstr(err.text, "older version"));
	assert_int_equal(store_open(&s, path, STORE_WRITE, 1795132800, &err), OK);
	store_close(s);
	says(path, "SELECT user_version FROM pragma_user_version", "3");
	says(copy, "SELECT user_version FROM pragma_user_version", "1");
	says(copy, "PRAGMA integrity_check", "ok");
	(void)snprintf(fresh, sizeof(fresh), "%s.fresh", path);
	as_version_3 = 1;
	assert_int_equal(store_open(&s, fresh, STORE_WRITE, 1795132800, &err), OK);
	store_close(s);
	want = ask(fresh, SCHEMA);
	have = ask(path, SCHEMA);
	assert_string_equal(have, want);
	assert_non_null(strstr(have, "later:more"));
	free(want);
	free(have);
	assert_int_equal(store_open(&s, path, STORE_READ, 1795132800, &err), OK);
	store_close(s);
	(void)unlink(fresh);
}

static void
a_step_that_fails_leaves_the_database_as_it_was(void **state)
{
	struct err err = { "", 0 };
	struct store *s = NULL;
	char *before, *after;

	(void)state;
	lay_version_1();
	before = ask(path, SCHEMA);
	with_broken_step = 1;
	assert_int_equal(store_open(&s, path, STORE_WRITE, 1795132800, &err), STOP);
	with_broken_step = 0;
	assert_non_null(strstr(err.text, "nowhere"));
	after = ask(path, SCHEMA);
	assert_string_equal(after, before);
	says(path, "SELECT user_version FROM pragma_user_version", "1");
	free(before);
	free(after);
	/* And the right step does it later. */
	assert_int_equal(store_open(&s, path, STORE_WRITE, 1795132800, &err), OK);
	store_close(s);
	says(path, "SELECT user_version FROM pragma_user_version", "3");
}

static void
a_newer_database_is_refused(void **state)
{
	struct err err = { "", 0 };
	struct store *s = NULL;
	sqlite3 *db = NULL;

	(void)state;
	lay_version_1();
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "PRAGMA user_version = 4", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	assert_int_equal(store_open(&s, path, STORE_WRITE, 1795132800, &err), STOP);
	assert_non_null(strstr(err.text, "newer dmarcsift (schema 4, this program knows 3)"));
	assert_int_equal(store_open(&s, path, STORE_READ, 1795132800, &err), STOP);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_migrated_database_equals_a_fresh_one_and_a_copy_is_kept),
		cmocka_unit_test(a_step_that_fails_leaves_the_database_as_it_was),
		cmocka_unit_test(a_newer_database_is_refused),
	};
	int bad;

	if (mkdtemp(dir) == NULL)
		return 1;
	(void)snprintf(path, sizeof(path), "%s/a.db", dir);
	(void)snprintf(copy, sizeof(copy), "%s.bak-1", path);
	bad = cmocka_run_group_tests(tests, NULL, NULL);
	(void)unlink(path);
	(void)unlink(copy);
	(void)rmdir(dir);
	return bad;
}
