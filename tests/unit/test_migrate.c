/* SPDX-License-Identifier: MIT */
/*
 * The steps from one schema to the next: store.c is built here with two steps of the test's own behind the real ones. A database
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
static const struct embed files_with_steps[6];

#define STORE_SCHEMA_VERSION 6
#define embed_find embed_with_steps
#define embed_files files_with_steps
#include "sql/store.c"
#undef embed_find
#undef embed_files

#define FILE_OF(path, text) { path, (const unsigned char *)(text), sizeof(text) - 1 }
#define STEP_5 "CREATE TABLE later (id INTEGER PRIMARY KEY, word TEXT) STRICT; PRAGMA user_version = 5;"
#define STEP_6 "ALTER TABLE later ADD COLUMN more TEXT; PRAGMA user_version = 6;"

static const struct embed files_with_steps[6] = {
	{ "sql/migrate/0002_analysis_by_domain.sql", NULL, 0 },	/* the real one */
	{ "sql/migrate/0003_smaller_reports.sql", NULL, 0 },	/* and these */
	{ "sql/migrate/0004_added_to.sql", NULL, 0 },
	FILE_OF("sql/migrate/0005_later.sql", STEP_5), FILE_OF("sql/migrate/0006_more.sql", STEP_6), { NULL, NULL, 0 }
};
static const struct embed broken = FILE_OF("sql/migrate/0006_more.sql", "CREATE TABLE half (id INTEGER) STRICT; ALTER TABLE nowhere ADD COLUMN more TEXT;");
static const struct embed version_6 = FILE_OF("sql/version.sql", "CREATE TABLE later (id INTEGER PRIMARY KEY, word TEXT, more TEXT) STRICT; PRAGMA application_id = 0x444d5243; PRAGMA user_version = 6;");
static int as_version_6, with_broken_step;
static char dir[] = "/tmp/dmarcsift-migrate-XXXXXX", path[64], copy[80];

static const struct embed *
embed_with_steps(const char *name)
{
	size_t i;

	if (as_version_6 && strcmp(name, "sql/version.sql") == 0)
		return &version_6;
	if (with_broken_step && strcmp(name, broken.path) == 0)
		return &broken;
	for (i = 0; files_with_steps[i].path != NULL; i++)
		if (strcmp(files_with_steps[i].path, name) == 0 && files_with_steps[i].bytes != NULL)
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

#define INDICES "SELECT group_concat(sql, char(10)) FROM (SELECT sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL ORDER BY name)"

/* What version 1 had in place of what the steps made of it. */
static const char to_version_1[] =
    "DROP VIEW v_findings; DROP TABLE standing; DROP TABLE finding; DROP TABLE analysis; DROP TABLE analysed; DROP INDEX source_ptr;"
    "DROP TABLE standing_stream; DROP TABLE passed_on;"
    "CREATE TABLE standing (domain INTEGER NOT NULL, sender INTEGER NOT NULL, mine INTEGER NOT NULL, basis TEXT NOT NULL, confidence TEXT NOT NULL,"
    " class TEXT NOT NULL, evidence TEXT NOT NULL, addresses INTEGER NOT NULL, auth_set INTEGER, first_day TEXT, last_day TEXT,"
    " own_way INTEGER NOT NULL, PRIMARY KEY (domain, sender)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE finding (id INTEGER PRIMARY KEY, code TEXT NOT NULL, domain TEXT, sender TEXT, messages INTEGER, since TEXT, text TEXT NOT NULL,"
    " why TEXT, fix TEXT, confidence TEXT) STRICT;"
    "CREATE TABLE analysis (id INTEGER PRIMARY KEY CHECK (id = 1), stamp TEXT NOT NULL) STRICT;"
    "CREATE VIEW v_findings AS SELECT code, domain, sender, messages, since, text, why, fix, confidence FROM finding ORDER BY id;"
    "DROP VIEW v_reports; DROP TABLE report; DROP TABLE mail; DROP INDEX intake_item; CREATE INDEX intake_item ON intake (item);"
    "CREATE TABLE report (id INTEGER PRIMARY KEY, key BLOB NOT NULL, intake INTEGER NOT NULL, reporter INTEGER NOT NULL, policy INTEGER NOT NULL,"
    " domain INTEGER NOT NULL, day TEXT, begin_at INTEGER, end_at INTEGER, report_id TEXT, version TEXT, format TEXT NOT NULL, errors TEXT,"
    " records INTEGER NOT NULL, messages INTEGER NOT NULL, first_record INTEGER NOT NULL, last_record INTEGER NOT NULL, notes TEXT, sha256 BLOB NOT NULL,"
    " mail_from TEXT, mail_auth TEXT, imported_at INTEGER NOT NULL, counted INTEGER NOT NULL) STRICT;"
    "CREATE INDEX report_key ON report (key); CREATE INDEX report_day ON report (domain, day);"
    "CREATE VIEW v_reports AS SELECT id, format, mail_from, mail_auth FROM report;"
    "INSERT INTO reporter (org_name, email, extra_contact_info, generator) VALUES ('R', '', '', '');"
    "INSERT INTO policy (adkim, aspf, p, sp, np, pct, testing, fo, discovery_method) VALUES ('', '', 'none', '', '', -1, '', '', '');"
    "INSERT INTO report VALUES (1, x'00112233445566778899aabbccddeeff', 1, 1, 1, 1, '2026-11-20', 1795132800, 1795219199, 'a', '1.0', 'rfc7489', NULL, 0, 0, 1, 0,"
    " NULL, x'00', 'receiver.example', 'pass', 1795132800, 1), (2, x'01', 2, 1, 1, 1, NULL, NULL, NULL, NULL, NULL, 'draft', NULL, 0, 0, 1, 0, NULL, x'01', NULL, NULL,"
    " 1795132800, 1), (3, x'02', 3, 1, 1, 1, NULL, NULL, NULL, NULL, NULL, 'rfc9990', NULL, 0, 0, 1, 0, NULL, x'02', NULL, 'unknown', 1795132800, 1);"
    "INSERT INTO analysis VALUES (1, '2026-11-24 0.1.0'); INSERT INTO domain (name, org) VALUES ('example.org', 'example.org');"
    "PRAGMA user_version = 1;";

static void
lay_version_1(void)
{
	struct err err = { "", 0 };
	struct store *s = NULL;
	sqlite3 *db = NULL;

	(void)unlink(path);
	(void)unlink(copy);
	as_version_6 = 0;
	assert_int_equal(store_open(&s, path, STORE_WRITE, 1795132800, &err), OK);
	store_close(s);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, to_version_1, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	says(path, "SELECT user_version FROM pragma_user_version", "1");
}

static void
a_migrated_database_equals_a_fresh_one_and_a_copy_is_kept(void **state)
{
	struct err err = { "", 0 };
	struct store *s = NULL;
	char fresh[80], *want, *have, *want_indices, *have_indices;

	(void)state;
	lay_version_1();
	assert_int_equal(store_open(&s, path, STORE_READ, 1795132800, &err), STOP);
	assert_non_null(strstr(err.text, "older version"));
	assert_int_equal(store_open(&s, path, STORE_WRITE, 1795132800, &err), OK);
	store_close(s);
	says(path, "SELECT user_version FROM pragma_user_version", "6");
	says(copy, "SELECT user_version FROM pragma_user_version", "1");
	says(copy, "PRAGMA integrity_check", "ok");
	(void)snprintf(fresh, sizeof(fresh), "%s.fresh", path);
	as_version_6 = 1;
	assert_int_equal(store_open(&s, fresh, STORE_WRITE, 1795132800, &err), OK);
	store_close(s);
	want = ask(fresh, SCHEMA);
	have = ask(path, SCHEMA);
	assert_string_equal(have, want);
	assert_non_null(strstr(have, "later:more"));
	assert_non_null(strstr(have, "standing:fail_set"));
	says(path, "SELECT count(*) FROM domain WHERE name = 'example.org'", "1");
	says(path, "SELECT group_concat(id || ' ' || format || ' ' || coalesce(mail_from, '-') || ' ' || coalesce(mail_auth, '-'), '; ') FROM v_reports",
	    "1 rfc7489 receiver.example pass; 2 draft - -; 3 rfc9990 - unknown");
	says(path, "SELECT count(*) FROM report WHERE substr(key, 1, 8) = x'0011223344556677' AND mail = (SELECT id FROM mail WHERE mail_auth = 'pass')", "1");
	have_indices = ask(path, INDICES);
	want_indices = ask(fresh, INDICES);
	assert_string_equal(have_indices, want_indices);
	free(have_indices);
	free(want_indices);
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
	says(path, "SELECT user_version FROM pragma_user_version", "6");
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
	assert_int_equal(sqlite3_exec(db, "PRAGMA user_version = 7", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	assert_int_equal(store_open(&s, path, STORE_WRITE, 1795132800, &err), STOP);
	assert_non_null(strstr(err.text, "newer dmarcsift (schema 7, this program knows 6)"));
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
