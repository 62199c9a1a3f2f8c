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
#include <sys/stat.h>
#include <unistd.h>

#include "base/embed.h"

static const struct embed *embed_with_steps(const char *path);
static const struct embed files_with_steps[7];

#define STORE_SCHEMA_VERSION 7
#define embed_find embed_with_steps
#define embed_files files_with_steps
#include "sql/store.c"
#undef embed_find
#undef embed_files

#define FILE_OF(path, text) { path, (const unsigned char *)(text), sizeof(text) - 1 }
#define STEP_6 "CREATE TABLE later (id INTEGER PRIMARY KEY, word TEXT) STRICT; PRAGMA user_version = 6;"
#define STEP_7 "ALTER TABLE later ADD COLUMN more TEXT; PRAGMA user_version = 7;"

static const struct embed files_with_steps[7] = {
	{ "sql/migrate/0002_analysis_by_domain.sql", NULL, 0 },	/* the real one */
	{ "sql/migrate/0003_smaller_reports.sql", NULL, 0 },	/* and these */
	{ "sql/migrate/0004_added_to.sql", NULL, 0 },
	{ "sql/migrate/0005_narrower_rows.sql", NULL, 0 },
	FILE_OF("sql/migrate/0006_later.sql", STEP_6), FILE_OF("sql/migrate/0007_more.sql", STEP_7), { NULL, NULL, 0 }
};
static const struct embed broken = FILE_OF("sql/migrate/0007_more.sql", "CREATE TABLE half (id INTEGER) STRICT; ALTER TABLE nowhere ADD COLUMN more TEXT;");
static const struct embed version_7 = FILE_OF("sql/version.sql", "CREATE TABLE later (id INTEGER PRIMARY KEY, word TEXT, more TEXT) STRICT; PRAGMA application_id = 0x444d5243; PRAGMA user_version = 7;");
static int as_version_7, with_broken_step;
static char dir[] = "/tmp/dmarcsift-migrate-XXXXXX", path[64], copy[80], copy_4[80];

static const struct embed *
embed_with_steps(const char *name)
{
	size_t i;

	if (as_version_7 && strcmp(name, "sql/version.sql") == 0)
		return &version_7;
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

/* What version 4 had in place of what step 5 made of it, with a row of each kind. */
static const char to_version_4[] =
    "DROP VIEW v_records; DROP TABLE ident; DROP TABLE record; DROP TABLE auth_result; DROP TABLE sender; DROP TABLE flow; DROP TABLE standing;"
    "CREATE TABLE sender (id INTEGER PRIMARY KEY, sender TEXT NOT NULL UNIQUE, name TEXT NOT NULL, kind TEXT NOT NULL, category TEXT NOT NULL DEFAULT '') STRICT;"
    "INSERT INTO sender VALUES (1, 'mandrill', 'Mandrill', 'catalogue', 'esp'), (2, '192.0.2.1', '192.0.2.1', 'address', ''),"
    " (3, 'example.net', 'example.net', 'domain', ''), (9, 'shop', 'Our shop', 'label', '');"
    "CREATE TABLE ident (id INTEGER PRIMARY KEY, header_from INTEGER NOT NULL, envelope_from INTEGER NOT NULL, envelope_to INTEGER NOT NULL,"
    " UNIQUE (header_from, envelope_from, envelope_to)) STRICT;"
    "INSERT INTO ident VALUES (1, 5, 6, 0), (2, 5, 0, 0);"
    "CREATE TABLE record (id INTEGER PRIMARY KEY, source INTEGER NOT NULL, messages INTEGER NOT NULL, ident INTEGER NOT NULL, auth_set INTEGER NOT NULL,"
    " outcome INTEGER NOT NULL, reason_set INTEGER) STRICT;"
    "INSERT INTO record VALUES (1, 1, 10, 1, 1, 1, NULL), (2, 1, 20, 1, 1, 1, 3), (3, 1, 30, 1, 1, 1, 4), (4, 1, 40, 2, 1, 1, 3), (5, 1, 50, 1, 1, 1, 3);"
    "CREATE TABLE auth_result (auth_set INTEGER NOT NULL, n INTEGER NOT NULL, kind TEXT NOT NULL, domain INTEGER NOT NULL, selector INTEGER NOT NULL, scope TEXT,"
    " result TEXT, human_result TEXT, PRIMARY KEY (auth_set, n)) STRICT, WITHOUT ROWID;"
    "INSERT INTO auth_result VALUES (1, 1, 'dkim', 5, 6, NULL, 'pass', NULL), (1, 2, 'spf', 6, 0, 'mfrom', 'fail', 'why');"
    "CREATE TABLE flow (domain INTEGER NOT NULL, source INTEGER NOT NULL, auth_set INTEGER NOT NULL, outcome INTEGER NOT NULL, sender INTEGER NOT NULL,"
    " way INTEGER NOT NULL, messages INTEGER NOT NULL, first_day INTEGER, span INTEGER NOT NULL, PRIMARY KEY (domain, source, auth_set, outcome)) STRICT, WITHOUT ROWID;"
    "INSERT INTO flow VALUES (1, 1, 1, 1, 9, 0, 10, 20000, 0), (1, 1, 1, 2, 3, 3, 20, 20001, 400), (1, 1, 2, 1, 2, 1, 30, NULL, 0);"
    "CREATE TABLE standing (domain INTEGER NOT NULL, sender INTEGER NOT NULL, mine INTEGER NOT NULL, basis TEXT NOT NULL, confidence TEXT NOT NULL,"
    " class TEXT NOT NULL, evidence TEXT NOT NULL, addresses INTEGER NOT NULL, auth_set INTEGER, first_day TEXT, last_day TEXT, own_way INTEGER NOT NULL,"
    " fail_set INTEGER, PRIMARY KEY (domain, sender)) STRICT, WITHOUT ROWID;"
    "INSERT INTO standing VALUES (1, 1, 1, 'history', 'high', 'losing', 'DKIM example.org/s1', 2, 1, '2026-01-01', '2026-11-20', 2, 1),"
    " (1, 2, 0, '', 'low', 'not_you', 'by its address only', 1, NULL, NULL, NULL, 0, NULL), (1, 3, 1, 'vouched', 'medium', 'at_risk', 'x', 1, 1, NULL, NULL, 0, NULL),"
    " (1, 4, 0, 'label', 'low', 'forwarded', 'your label', 1, 1, NULL, NULL, 0, NULL), (1, 5, 0, '', 'low', 'passing', 'y', 1, 1, NULL, NULL, 0, NULL),"
    " (1, 6, 0, '', 'low', 'undecided', 'y', 1, 1, NULL, NULL, 0, NULL);"
    "CREATE VIEW v_records AS SELECT c.id, c.reason_set FROM record c; PRAGMA user_version = 4;";

/* What version 1 had in place of what the steps up to 4 made of it. */
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
change(const char *sql)
{
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void
lay(const char *older, const char *oldest)
{
	struct err err = { "", 0 };
	struct store *s = NULL;

	(void)unlink(path);
	(void)unlink(copy);
	as_version_7 = 0;
	assert_int_equal(store_open(&s, path, STORE_WRITE, 1795132800, &err), OK);
	store_close(s);
	change(older);
	change(oldest);
}

static void
lay_version_1(void)
{
	lay(to_version_4, to_version_1);
	says(path, "SELECT user_version FROM pragma_user_version", "1");
}

static void
a_migrated_database_equals_a_fresh_one_and_a_copy_is_kept(void **state)
{
	struct err err = { "", 0 };
	struct store *s = NULL;
	char fresh[80], *want, *have, *want_indices, *have_indices;
	struct stat st;

	(void)state;
	lay_version_1();
	assert_int_equal(store_open(&s, path, STORE_READ, 1795132800, &err), STOP);
	assert_non_null(strstr(err.text, "older version"));
	assert_int_equal(store_open(&s, path, STORE_WRITE, 1795132800, &err), OK);
	store_close(s);
	says(path, "SELECT user_version FROM pragma_user_version", "7");
	says(copy, "SELECT user_version FROM pragma_user_version", "1");
	says(copy, "PRAGMA integrity_check", "ok");
	assert_int_equal(stat(copy, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	(void)snprintf(fresh, sizeof(fresh), "%s.fresh", path);
	as_version_7 = 1;
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
rows_made_narrower_read_as_before(void **state)
{
	struct err err = { "", 0 };
	struct store *s = NULL;

	(void)state;
	lay(to_version_4, "");
	assert_int_equal(store_open(&s, path, STORE_WRITE, 1795132800, &err), OK);
	store_close(s);
	says(path, "SELECT group_concat(c.id || ' ' || messages || ' ' || header_from || ' ' || envelope_from || ' ' || reason_set, '; ') FROM record c JOIN ident i ON i.id = c.ident",
	    "1 10 5 6 0; 2 20 5 6 3; 3 30 5 6 4; 4 40 5 0 3; 5 50 5 6 3");
	says(path, "SELECT group_concat(n || ' ' || kind || ' ' || result || ' ' || coalesce(human_result, '-'), '; ') FROM auth_result", "1 dkim pass -; 2 spf fail why");
	says(path, "SELECT group_concat(id || ' ' || sender || ' ' || name || ' ' || kind || ' ' || category, '; ') FROM sender",
	    "1 mandrill Mandrill catalogue esp; 2 192.0.2.1 192.0.2.1 address ; 3 example.net example.net domain ; 9 shop Our shop label ");
	says(path, "SELECT group_concat(auth_set || ' ' || outcome || ' ' || sender || ' ' || way || ' ' || messages || ' ' || coalesce(first_day, '-') || ' ' || span, '; ') FROM flow",
	    "1 1 9 0 10 20000 0; 1 2 3 3 20 20001 400; 2 1 2 1 30 - 0");
	says(path, "SELECT group_concat(sender || ' ' || mine || ' ' || basis || ' ' || confidence || ' ' || class || ' ' || evidence || ' ' || coalesce(first_day || ' ' || last_day, '-'), '; ')"
	    " FROM standing", "1 1 history high losing DKIM example.org/s1 2026-01-01 2026-11-20; 2 0  low not_you by its address only -; 3 1 vouched medium at_risk x -;"
	    " 4 0 label low forwarded your label -; 5 0  low passing y -; 6 0  low undecided y -");
	says(path, "SELECT count(*) FROM sqlite_schema WHERE name LIKE '%\\_before' ESCAPE '\\'", "0");
	says(path, "SELECT freelist_count FROM pragma_freelist_count", "0");
}

static void
what_users_made_in_the_file_stays(void **state)
{
	static const char theirs[] = "CREATE VIEW my_lost AS SELECT c.id, s.name FROM v_records c JOIN sender s ON s.id = c.id;"
	    "CREATE TABLE my_note (report INTEGER REFERENCES report(id) ON DELETE CASCADE, sender INTEGER REFERENCES sender(id), note TEXT);"
	    "INSERT INTO my_note VALUES (1, 9, 'theirs'), (2, 2, 'too');";
	struct err err = { "", 0 };
	struct store *s = NULL;

	(void)state;
	lay_version_1();
	change(theirs);
	assert_int_equal(store_open(&s, path, STORE_WRITE, 1795132800, &err), OK);
	store_close(s);
	says(path, "SELECT group_concat(note) FROM my_note", "theirs,too");
	says(path, "SELECT group_concat(\"table\") FROM pragma_foreign_key_list('my_note')", "sender,report");
	says(path, "SELECT count(*) FROM sqlite_schema WHERE name = 'my_lost' AND sql LIKE '%JOIN sender s%'", "1");
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
	says(path, "SELECT user_version FROM pragma_user_version", "7");
}

static void
a_newer_database_is_refused(void **state)
{
	struct err err = { "", 0 };
	struct store *s = NULL;

	(void)state;
	lay_version_1();
	change("PRAGMA user_version = 8");
	assert_int_equal(store_open(&s, path, STORE_WRITE, 1795132800, &err), STOP);
	assert_non_null(strstr(err.text, "newer dmarcsift (schema 8, this program knows 7)"));
	assert_int_equal(store_open(&s, path, STORE_READ, 1795132800, &err), STOP);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_migrated_database_equals_a_fresh_one_and_a_copy_is_kept),
		cmocka_unit_test(rows_made_narrower_read_as_before), cmocka_unit_test(what_users_made_in_the_file_stays),
		cmocka_unit_test(a_step_that_fails_leaves_the_database_as_it_was),
		cmocka_unit_test(a_newer_database_is_refused),
	};
	int bad;

	if (mkdtemp(dir) == NULL)
		return 1;
	(void)snprintf(path, sizeof(path), "%s/a.db", dir);
	(void)snprintf(copy, sizeof(copy), "%s.bak-1", path);
	(void)snprintf(copy_4, sizeof(copy_4), "%s.bak-4", path);
	bad = cmocka_run_group_tests(tests, NULL, NULL);
	(void)unlink(path);
	(void)unlink(copy);
	(void)unlink(copy_4);
	(void)rmdir(dir);
	return bad;
}
