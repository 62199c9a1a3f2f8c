/* SPDX-License-Identifier: MIT */
/* The store over a real database file: the ledger, duplicates, conflicts, cut reports, totals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "sql/store.h"
#include "sql/writer.h"

static char dir[] = "/tmp/dmarcsift-store-XXXXXX";
static char *path;
static struct err err;

/* How many things an address in 198.51.100.0/24 ever did decides who it is: its mail moves twice. */
static const char *
of_many(size_t count, const char *first)
{
	return count > 3 ? "many.example" : count > 1 ? "few.example" : first;
}

/* Everything from 192.0.2.9 is forwarded by relay.example once it brought more than one set of results. */
static void
attribute(void *ctx, const char *domain, const char *address, const char *ptr, struct flow_row *rows, size_t count)
{
	size_t i;

	(void)ctx;
	(void)domain;
	(void)ptr;
	for (i = 0; i < count; i++) {
		int late = strcmp(address, "192.0.2.9") == 0 && count > 1;

		rows[i].sender = late ? "relay.example" : rows[i].nauths > 0 ? rows[i].auths[0].domain : "unknown";
		if (strncmp(address, "198.51.100.", 11) == 0)
			rows[i].sender = of_many(count, rows[i].sender);
		rows[i].sender_name = rows[i].sender;
		rows[i].sender_kind = "domain";
		rows[i].sender_category = "";
		rows[i].way = late ? 1 : 0;
	}
}
static const struct attributor attributor = { NULL, attribute, NULL, NULL };

static const char *
bucket(const char *disposition, const struct judgement *j, int mine)
{
	(void)disposition;
	return j->verdict == VERDICT_PASS ? "passing" : mine ? "lost" : "undecided";
}

static struct store *
open_store(void)
{
	struct store *s = NULL;

	assert_int_equal(store_open(&s, path, STORE_WRITE, 1795132800, &err), OK);
	store_attributor(s, &attributor);
	store_bucketer(s, bucket);
	return s;
}

static struct feedback
head_of(const char *id)
{
	struct feedback f;

	memset(&f, 0, sizeof(f));
	f.format = FORMAT_RFC7489;
	f.version = "1.0";
	f.org_name = "Receiver";
	f.email = "noreply@receiver.example";
	f.report_id = id;
	f.begin_at = 1795132800;
	f.end_at = 1795219199;
	f.domain = "example.org";
	f.p.code = POLICY_REJECT;
	f.p.text = "reject";
	f.pct = NO_NUMBER;
	return f;
}

static struct auth mandrill = { KIND_DKIM, "mandrillapp.com", "mte1", NULL, { 0, NULL }, { AUTH_PASS, "pass" } };
static struct auth own = { KIND_SPF, "example.org", NULL, NULL, { SCOPE_MFROM, "mfrom" }, { AUTH_PASS, "pass" } };

static struct record
record_of(int64_t number, const char *address, int64_t count, struct auth *auth)
{
	struct record r;

	memset(&r, 0, sizeof(r));
	r.number = number;
	r.source_ip = address;
	r.count = count;
	r.disposition.code = DISP_REJECT;
	r.disposition.text = "reject";
	r.dkim.text = r.spf.text = "fail";
	r.dkim.code = r.spf.code = DMARC_FAIL;
	r.header_from = "example.org";
	r.auths = auth;
	r.nauths = auth != NULL;
	return r;
}

static const struct judgement failing = { VERDICT_FAIL, BASIS_REPORTED, UNDER_REJECTED, 0, 0 };

static const char *mail_from = "mail.receiver.example";	/* whom the mails are from; the reporter is receiver.example */
static int days_before;	/* the reports are of so many days before the usual one */

/* Adds a report of `count` records and tells its state; known: its result is there beforehand. */
static enum intake_state
add(struct store *s, const char *place, const char *id, unsigned char content, const struct record *records, size_t count,
    int known, const char *auth)
{
	unsigned char digest[32] = { content };
	struct intake_row row = { .place = place, .origin = place, .digest = digest, .mail_from = mail_from, .mail_auth = auth };
	struct judgement judgements[8] = { failing, failing, failing, failing, failing, failing, failing, failing };
	struct feedback f = head_of(id);
	struct parse_result r;
	enum intake_state state = 0;
	char reason[256];
	size_t i;

	f.begin_at -= days_before * 86400;
	f.end_at -= days_before * 86400;
	memset(&r, 0, sizeof(r));
	memset(r.sha256, content, sizeof(r.sha256));
	r.records = (int64_t)count;
	for (i = 0; i < count; i++)
		r.messages += records[i].count;
	assert_int_equal(store_report_begin(s, &row, known ? &r : NULL, &err), OK);
	assert_int_equal(store_report_head(s, &f, &err), OK);
	assert_int_equal(store_report_batch(s, records, judgements, count, &err), OK);
	assert_int_equal(store_report_end(s, &r, "raw", 3, &state, reason, &err), OK);
	return state;
}

static int64_t
ask(const char *sql)
{
	sqlite3_stmt *st = NULL;
	sqlite3 *db = NULL;
	int64_t n;

	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	n = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	sqlite3_close(db);
	return n;
}

static void
finish(struct store *s)
{
	assert_int_equal(store_settle(s, &err), OK);
	assert_int_equal(store_commit(s, &err), OK);
	store_close(s);
}

static int
setup(void **state)
{
	(void)state;
	(void)unlink(path);
	return 0;
}

static void
a_new_file_is_ours_private_and_plain(void **state)
{
	struct stat st;
	struct store *s = open_store();

	(void)state;
	store_close(s);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(ask("PRAGMA application_id"), 0x444d5243);
	assert_int_equal(ask("PRAGMA auto_vacuum"), 2);
	assert_int_equal(ask("SELECT count(*) FROM pragma_journal_mode WHERE journal_mode = 'delete'"), 1);
}

static void
a_new_file_is_laid_anew_after_a_rollback(void **state)
{
	struct record r[1] = { record_of(1, "192.0.2.1", 3, &mandrill) };
	struct store *s = open_store(), *reader = NULL;

	(void)state;
	add(s, "a", "1", 1, r, 1, 1, NULL);
	/* Nobody sees half of it. */
	assert_int_equal(store_open(&reader, path, STORE_READ, 0, &err), STOP);
	assert_non_null(strstr(err.text, "the database is empty"));
	assert_int_equal(store_rollback(s, &err), OK);
	add(s, "b", "2", 2, r, 1, 1, NULL);
	finish(s);
	assert_int_equal(ask("SELECT count(*) FROM v_reports WHERE report_id = '2'"), 1);
	assert_int_equal(ask("SELECT count(*) FROM v_reports"), 1);
	assert_int_equal(ask("PRAGMA auto_vacuum"), 2);
}

/* The first rows go into the file itself; all that follow through the WAL, so that others read on. */
static void
a_reader_reads_on_while_more_is_written(void **state)
{
	struct record r[1] = { record_of(1, "192.0.2.1", 3, &mandrill) };
	struct store *s = open_store(), *reader = NULL;

	(void)state;
	add(s, "a", "1", 1, r, 1, 1, NULL);
	assert_int_equal(store_commit(s, &err), OK);
	assert_int_equal(ask("SELECT count(*) FROM pragma_journal_mode WHERE journal_mode = 'wal'"), 1);
	assert_int_equal(store_open(&reader, path, STORE_READ, 0, &err), OK);
	assert_true(store_knows_any(reader));
	add(s, "b", "2", 2, r, 1, 1, NULL);
	assert_int_equal(store_commit(s, &err), OK);
	store_close(reader);
	finish(s);
	assert_int_equal(ask("SELECT count(*) FROM v_reports"), 2);
}

static void
a_strangers_file_is_refused(void **state)
{
	struct store *s = NULL;
	sqlite3 *db = NULL;

	(void)state;
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "CREATE TABLE x (a)", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	assert_int_equal(store_open(&s, path, STORE_WRITE, 0, &err), STOP);
	assert_non_null(strstr(err.text, "not a dmarcsift database"));
}

static void
a_newer_file_is_refused(void **state)
{
	struct store *s = open_store();
	sqlite3 *db = NULL;

	(void)state;
	store_close(s);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "PRAGMA user_version = 99", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	assert_int_equal(store_open(&s, path, STORE_WRITE, 0, &err), STOP);
	assert_non_null(strstr(err.text, "newer"));
}

static void
small_and_large_reports_are_stored_alike(void **state)
{
	struct record r[2] = { record_of(1, "192.0.2.1", 3, &mandrill), record_of(3, "192.0.2.2", 4, &own) };
	struct store *s = open_store();

	(void)state;
	assert_int_equal(add(s, "a", "1", 1, r, 2, 1, NULL), INTAKE_STORED);
	assert_int_equal(add(s, "b", "2", 2, r, 2, 0, NULL), INTAKE_STORED);
	finish(s);
	assert_int_equal(ask("SELECT count(*) FROM v_reports WHERE counted = 1 AND messages = 7"), 2);
	assert_int_equal(ask("SELECT sum(messages) FROM v_records"), 14);
	assert_int_equal(ask("SELECT count(*) FROM v_records WHERE record = 3 AND source_ip = '192.0.2.2'"), 2);
	assert_int_equal(ask("SELECT count(*) FROM v_records WHERE dkim_auth = 'mandrillapp.com/mte1=pass'"), 2);
	assert_int_equal(ask("SELECT sum(messages) FROM v_daily"), 14);
	assert_int_equal(ask("SELECT sum(messages) FROM v_sources"), 14);
	assert_int_equal(ask("SELECT count(*) FROM v_auth WHERE aligned = 1"), 2);
	assert_int_equal(ask("SELECT count(*) FROM v_intake WHERE state = 'stored' AND reason IS NULL"), 2);
}

static void
the_same_report_again_is_a_duplicate(void **state)
{
	struct record r[1] = { record_of(1, "192.0.2.1", 3, &mandrill) };
	struct store *s = open_store();
	int known;

	(void)state;
	for (known = 0; known < 2; known++) {
		setup(NULL);
		store_close(s);
		s = open_store();
		assert_int_equal(add(s, "a", "<1>", 1, r, 1, known, NULL), INTAKE_STORED);
		assert_int_equal(add(s, "b", "1", 1, r, 1, known, NULL), INTAKE_DUPLICATE);
		finish(s);
		s = NULL;
		assert_int_equal(ask("SELECT count(*) FROM v_reports"), 1);
		assert_int_equal(ask("SELECT count(*) FROM record"), 1);
		assert_int_equal(ask("SELECT sum(messages) FROM v_daily"), 3);
		assert_int_equal(ask("SELECT report FROM v_intake WHERE state = 'duplicate' AND reason IS NOT NULL"), 1);
	}
}

static void
of_conflicting_copies_the_first_is_counted(void **state)
{
	struct record r[1] = { record_of(1, "192.0.2.1", 3, &mandrill) }, other[1] = { record_of(1, "192.0.2.1", 5, &mandrill) };
	int known;

	(void)state;
	for (known = 0; known < 2; known++) {
		struct store *s;

		setup(NULL);
		s = open_store();
		assert_int_equal(add(s, "a", "1", 1, r, 1, known, NULL), INTAKE_STORED);
		assert_int_equal(add(s, "b", "1", 2, other, 1, known, NULL), INTAKE_CONFLICT);
		finish(s);
		assert_int_equal(ask("SELECT messages FROM v_reports WHERE counted = 1"), 3);
		assert_int_equal(ask("SELECT sum(messages) FROM v_records"), 3);
		assert_int_equal(ask("SELECT sum(messages) FROM v_daily"), 3);
		assert_int_equal(ask("SELECT count(*) FROM raw"), 1);
	}
}

static void
an_authenticated_copy_takes_the_place_of_the_first(void **state)
{
	struct record r[1] = { record_of(1, "192.0.2.1", 3, &mandrill) }, other[1] = { record_of(1, "192.0.2.1", 5, &own) };
	int known;

	(void)state;
	for (known = 0; known < 2; known++) {
		struct store *s;

		setup(NULL);
		s = open_store();
		assert_int_equal(add(s, "a", "1", 1, r, 1, known, "fail"), INTAKE_STORED);
		assert_int_equal(add(s, "b", "1", 2, other, 1, known, "pass"), INTAKE_CONFLICT);
		finish(s);
		assert_int_equal(ask("SELECT messages FROM v_reports WHERE counted = 1"), 5);
		assert_int_equal(ask("SELECT count(*) FROM v_reports WHERE notes IS NOT NULL"), 2);
		assert_int_equal(ask("SELECT sum(messages) FROM v_daily"), 5);
		assert_int_equal(ask("SELECT sum(messages) FROM v_sources"), 5);
	}
}

static void
a_copy_that_is_authenticated_as_somebody_else_does_not(void **state)
{
	struct record r[1] = { record_of(1, "192.0.2.1", 3, &mandrill) }, other[1] = { record_of(1, "192.0.2.1", 5, &own) };
	struct store *s = open_store();

	(void)state;
	assert_int_equal(add(s, "a", "1", 1, r, 1, 1, "none"), INTAKE_STORED);
	mail_from = "attacker.example";
	assert_int_equal(add(s, "b", "1", 2, other, 1, 1, "pass"), INTAKE_CONFLICT);
	assert_int_equal(add(s, "c", "2", 3, other, 1, 1, "pass"), INTAKE_STORED);
	mail_from = "mail.receiver.example";
	assert_int_equal(add(s, "d", "2", 4, r, 1, 1, "pass"), INTAKE_CONFLICT);
	finish(s);
	assert_int_equal(ask("SELECT sum(messages) FROM v_reports WHERE counted = 1"), 6);
	assert_int_equal(ask("SELECT sum(messages) FROM v_daily"), 6);
}

static void
known_bytes_at_a_known_place_are_counted_and_skipped(void **state)
{
	unsigned char digest[32] = { 1 };
	struct record r[1] = { record_of(1, "192.0.2.1", 3, &mandrill) };
	struct store *s = open_store();
	int known = 9;

	(void)state;
	assert_int_equal(store_seen(s, "a", digest, 0, &known, &err), OK);
	assert_int_equal(known, 0);
	add(s, "a", "1", 1, r, 1, 1, NULL);
	assert_int_equal(store_seen(s, "a", digest, 0, &known, &err), OK);
	assert_int_equal(known, 1);
	finish(s);
	assert_int_equal(ask("SELECT seen FROM v_intake"), 2);
}

/* Who looked before this run wrote them says that they are fresh: they are known all the same. */
static void
bytes_met_twice_in_a_run_are_known_though_they_were_fresh(void **state)
{
	unsigned char digest[32] = { 1 }, other[32] = { 2 };
	struct record r[1] = { record_of(1, "192.0.2.1", 3, &mandrill) };
	struct store *s = open_store(), *reader = NULL;
	int known = 9;

	(void)state;
	add(s, "old", "1", 1, r, 1, 1, NULL);
	finish(s);
	s = open_store();
	assert_int_equal(store_open(&reader, path, STORE_READ, 0, &err), OK);
	assert_int_equal(store_knows(reader, "a", other), FRESH);
	assert_int_equal(store_knows(reader, "old", digest), KNOWN);
	store_close(reader);
	assert_int_equal(store_seen(s, "a", other, 1, &known, &err), OK);
	assert_int_equal(known, 0);
	add(s, "a", "2", 2, r, 1, 1, NULL);
	assert_int_equal(store_commit(s, &err), OK);
	assert_int_equal(store_seen(s, "a", other, 1, &known, &err), OK);
	assert_int_equal(known, 1);
	finish(s);
	assert_int_equal(ask("SELECT sum(seen) FROM v_intake"), 3);
}

static void
a_cut_report_is_kept_apart_and_the_whole_one_still_counts(void **state)
{
	unsigned char digest[32] = { 9 };
	struct intake_row row = { .place = "cut", .origin = "cut", .digest = digest };
	struct record r[1] = { record_of(1, "192.0.2.1", 3, &mandrill) };
	struct feedback f = head_of("1");
	struct parse_result result;
	int known;

	(void)state;
	for (known = 0; known < 2; known++) {
		struct store *s;

		setup(NULL);
		s = open_store();
		memset(&result, 0, sizeof(result));
		result.records = 1;
		result.messages = 3;
		result.cut_short = 1;
		assert_int_equal(store_report_begin(s, &row, known ? &result : NULL, &err), OK);
		assert_int_equal(store_report_head(s, &f, &err), OK);
		assert_int_equal(store_report_batch(s, r, &failing, 1, &err), OK);
		assert_int_equal(store_report_spoil(s, &result, "ends before </feedback>", "raw", 3, &err), OK);
		assert_int_equal(add(s, "whole", "1", 1, r, 1, known, NULL), INTAKE_STORED);
		finish(s);
		assert_int_equal(ask("SELECT count(*) FROM v_reports WHERE counted = 0 AND records = 1"), 1);
		assert_int_equal(ask("SELECT sum(messages) FROM v_records"), 3);
		assert_int_equal(ask("SELECT sum(messages) FROM v_daily"), 3);
		assert_int_equal(ask("SELECT count(*) FROM v_intake WHERE state = 'damaged'"), 1);
	}
}

static void
a_later_report_can_move_earlier_mail_to_another_sender(void **state)
{
	struct record first[1] = { record_of(1, "192.0.2.9", 3, &mandrill) }, second[1] = { record_of(1, "192.0.2.9", 4, &own) };
	struct store *s = open_store();

	(void)state;
	add(s, "a", "1", 1, first, 1, 1, NULL);
	assert_int_equal(store_commit(s, &err), OK);
	add(s, "b", "2", 2, second, 1, 1, NULL);
	finish(s);
	assert_int_equal(ask("SELECT sum(forwarded) FROM v_daily WHERE sender = 'relay.example'"), 7);
	assert_int_equal(ask("SELECT sum(forwarded) FROM v_sources WHERE sender = 'relay.example'"), 7);
	assert_int_equal(ask("SELECT sum(messages) FROM v_records WHERE bucket = 'forwarded'"), 7);
	assert_int_equal(ask("SELECT count(*) FROM domain WHERE stale_from IS NOT NULL"), 0);
}

/* The daily roll-up as text; caller frees. */
static char *
all_days(void)
{
	sqlite3_stmt *st = NULL;
	sqlite3 *db = NULL;
	char *text;

	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT coalesce(group_concat(x, char(10)), '') FROM (SELECT y.domain || ' ' || y.day || ' ' || s.sender || ' ' || "
	    "y.way || ' ' || y.outcome || ' ' || y.messages AS x FROM daily y JOIN sender s ON s.id = y.sender ORDER BY 1)", -1, &st, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	text = mem_str((const char *)sqlite3_column_text(st, 0));
	sqlite3_finalize(st);
	sqlite3_close(db);
	return text;
}

/* One report of chance: a few addresses and results, now and then a better copy of an earlier one, or a large one. */
static void
add_by_chance(struct store *s, int n, unsigned days, unsigned *seed)
{
	static char addresses[4][20];
	static struct auth auths[6];
	static char names[6][20];
	struct record list[4];
	char place[24], id[24];
	size_t i;

	for (i = 0; i < 4; i++) {
		*seed = *seed * 1103515245u + 12345u;
		(void)snprintf(addresses[i], sizeof(addresses[i]), "198.51.100.%u", *seed >> 16 & 7);
		(void)snprintf(names[i], sizeof(names[i]), "host%u.example", *seed >> 20 & 3);
		auths[i] = own;
		auths[i].domain = names[i];
		list[i] = record_of((int64_t)i + 1, addresses[i], 1 + (*seed >> 24 & 3), &auths[i]);
	}
	days_before = (int)((*seed >> 18 & 63) % days);
	(void)snprintf(place, sizeof(place), "place%d", n);
	(void)snprintf(id, sizeof(id), "id%u", *seed >> 26 & 31);	/* 32 ids: on 8 days some come twice */
	(void)add(s, place, id, (unsigned char)n, list, 4, (*seed >> 15 & 3) != 0, (*seed >> 14 & 1) != 0 ? "pass" : "none");
	days_before = 0;
}

static void
mail_of_many_days_moves_day_by_day(void **state)
{
	unsigned seed, step, round;

	(void)state;
	for (round = 1; round <= 40; round++) {
		struct store *s = open_store();
		char *before, *after;
		int64_t changed = 0, pruned;

		seed = round;
		for (step = 0; step < 40; step++) {
			add_by_chance(s, (int)step, round % 2 == 0 ? 64 : 8, &seed);	/* rows that move lie on few of many days, and on most of few */
			if (step % 5 == round % 5)
				assert_int_equal(store_commit(s, &err), OK);
			if (round > 20 && step == 20) {	/* retention between two runs: days before it stay as they are, what comes late moves all the same */
				assert_int_equal(store_prune(s, round % 2 == 0 ? "2026-10-20" : "2026-11-16", &pruned, &err), OK);
				store_close(s);
				s = open_store();
			}
		}
		finish(s);
		before = all_days();
		s = open_store();
		assert_int_equal(store_again(s, NULL, &changed, &err), OK);
		finish(s);
		after = all_days();
		assert_true(strlen(before) > 100);
		assert_string_equal(before, after);
		free(before);
		free(after);
		(void)unlink(path);
	}
}

static size_t most_rows;	/* shown at once */

static void
attribute_and_count(void *ctx, const char *domain, const char *address, const char *ptr, struct flow_row *rows, size_t count)
{
	attribute(ctx, domain, address, ptr, rows, count);
	most_rows = count > most_rows ? count : most_rows;
}

static int
spf_decides(void *ctx, const char *domain, int flags)
{
	(void)ctx;
	assert_string_equal(domain, "example.org");
	return (flags & FLAG_SPF) != 0;
}

static const struct attributor counting = { NULL, attribute_and_count, spf_decides, NULL };

/* Records of one address, each with results of its own from number `from` on; the first `pass` of them pass by SPF. */
static void
add_kinds(struct store *s, const char *id, size_t from, size_t count, size_t pass)
{
	struct judgement *judgements = mem_alloc(count * sizeof(*judgements));
	struct record *records = mem_alloc(count * sizeof(*records));
	struct auth *auths = mem_alloc(count * sizeof(*auths));
	struct intake_row row = { .place = id, .origin = id, .digest = (const unsigned char *)"0123456789abcdef0123456789abcdef" };
	struct parse_result r = { .records = (int64_t)count, .messages = (int64_t)count };
	struct feedback f = head_of(id);
	enum intake_state state = 0;
	char reason[256];
	size_t i;

	r.sha256[0] = (unsigned char)*id;
	for (i = 0; i < count; i++) {
		auths[i] = own;
		auths[i].domain = mem_fmt("host%zu.example", from + i);
		records[i] = record_of((int64_t)i + 1, "192.0.2.77", 1, &auths[i]);
		judgements[i] = failing;
		if (i < pass)
			judgements[i] = (struct judgement){ VERDICT_PASS, BASIS_REPORTED, UNDER_DELIVERED, 0, FLAG_SPF };
	}
	assert_int_equal(store_report_begin(s, &row, &r, &err), OK);
	assert_int_equal(store_report_head(s, &f, &err), OK);
	assert_int_equal(store_report_batch(s, records, judgements, count, &err), OK);
	assert_int_equal(store_report_end(s, &r, NULL, 0, &state, reason, &err), OK);
	assert_int_equal(store_commit(s, &err), OK);
	for (i = 0; i < count; i++)
		free((char *)(uintptr_t)auths[i].domain);
	free(auths);
	free(records);
	free(judgements);
}

/* Of a busy address a row that decides spares it being looked at whole; all its mail has a sender, however many things it did. */
static void
a_busy_address_is_looked_at_whole_only_where_no_row_decides(void **state)
{
	static const struct { size_t pass, kinds, shown; } cases[] = { { 0, 40, 41 }, { 1, 40, 2 }, { 40, 40, 2 }, { 0, 5000, 2048 }, { 7, 5000, 2048 } };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct store *s = open_store();
		int64_t kinds = (int64_t)cases[i].kinds;

		store_attributor(s, &counting);
		add_kinds(s, "1", 0, cases[i].kinds, cases[i].pass);
		store_close(s);
		assert_int_equal(ask("SELECT count(*) FROM v_sources WHERE sender LIKE 'host%'"), kinds);
		s = open_store();
		store_attributor(s, &counting);
		most_rows = 0;
		add_kinds(s, "2", cases[i].kinds / 2, 3, 0);	/* what was there, or was but passed */
		add_kinds(s, "3", cases[i].kinds, 1, 0);
		assert_int_equal(most_rows, cases[i].pass == 40 ? 4 : cases[i].shown);
		finish(s);
		assert_int_equal(ask("SELECT sum(messages) FROM v_sources WHERE sender LIKE 'host%'"), kinds + 4);
		assert_int_equal(ask("SELECT sum(messages) FROM v_daily WHERE sender LIKE 'host%'"), kinds + 4);
		assert_int_equal(ask("SELECT count(*) FROM v_sources"), kinds + 1);
		(void)unlink(path);
	}
}

static void
forgetting_a_domain_leaves_no_sum_behind(void **state)
{
	struct record r[1] = { record_of(1, "192.0.2.1", 3, &mandrill) };
	struct store *s = open_store();
	int64_t reports = 0;

	(void)state;
	add(s, "a", "1", 1, r, 1, 1, NULL);
	assert_int_equal(store_forget_domain(s, "example.org", &reports, &err), OK);
	assert_int_equal(reports, 1);
	finish(s);
	assert_int_equal(ask("SELECT (SELECT count(*) FROM v_reports) + (SELECT count(*) FROM record) + (SELECT count(*) FROM flow) + "
	    "(SELECT count(*) FROM daily) + (SELECT count(*) FROM intake)"), 0);
	s = open_store();
	assert_int_equal(add(s, "a", "1", 1, r, 1, 1, NULL), INTAKE_STORED);
	finish(s);
}

static void
a_copy_takes_the_place_of_a_counted_report_that_is_forgotten(void **state)
{
	struct record r[1] = { record_of(1, "192.0.2.1", 3, &mandrill) }, other[1] = { record_of(1, "192.0.2.1", 5, &own) };
	struct record third[1] = { record_of(1, "192.0.2.2", 7, &own) };
	const char *auth[2][3] = { { "fail", "fail", "fail" }, { "fail", "pass", "fail" } };
	/* Forgotten by number, in this order; what is counted before, between and after. */
	const struct { int first, second; int64_t sums[3]; } want[2] = { { 1, 2, { 3, 5, 7 } }, { 2, 1, { 5, 3, 7 } } };
	int i, known;

	(void)state;
	for (i = 0; i < 4; i++) {
		struct store *s;

		known = i / 2;
		setup(NULL);
		s = open_store();
		add(s, "a", "1", 1, r, 1, known, auth[i % 2][0]);
		add(s, "b", "1", 2, other, 1, known, auth[i % 2][1]);
		add(s, "c", "1", 3, third, 1, known, auth[i % 2][2]);
		assert_int_equal(store_commit(s, &err), OK);
		assert_int_equal(ask("SELECT sum(messages) FROM v_daily"), want[i % 2].sums[0]);
		assert_int_equal(store_forget_report(s, want[i % 2].first, &err), OK);
		assert_int_equal(store_commit(s, &err), OK);
		assert_int_equal(ask("SELECT sum(messages) FROM v_daily"), want[i % 2].sums[1]);
		assert_int_equal(ask("SELECT sum(messages) FROM v_records"), want[i % 2].sums[1]);
		assert_int_equal(store_forget_report(s, want[i % 2].second, &err), OK);
		finish(s);
		assert_int_equal(ask("SELECT sum(messages) FROM v_daily"), 7);
		assert_int_equal(ask("SELECT sum(messages) FROM v_sources"), 7);
		assert_int_equal(ask("SELECT count(*) FROM v_reports WHERE counted = 1 AND notes LIKE '%counted since report%was forgotten'"), 1);
		assert_int_equal(ask("SELECT count(*) FROM v_intake WHERE state = 'conflict' AND reason LIKE '%counted since report%'"), 1);
	}
}

static void
retention_removes_records_and_keeps_reports_and_days(void **state)
{
	struct record r[1] = { record_of(1, "192.0.2.1", 3, &mandrill) };
	struct store *s = open_store();
	int64_t reports = 0;

	(void)state;
	add(s, "a", "1", 1, r, 1, 1, NULL);
	assert_int_equal(store_commit(s, &err), OK);
	assert_int_equal(store_prune(s, "2027-01-01", &reports, &err), OK);
	assert_int_equal(reports, 1);
	finish(s);
	assert_int_equal(ask("SELECT count(*) FROM record"), 0);
	assert_int_equal(ask("SELECT messages FROM v_reports"), 3);
	assert_int_equal(ask("SELECT messages FROM v_daily"), 3);
}

/* Reports of one address on four days, among others; some are forgotten, at once or one by one, after retention removed the records of the first two or not. */
static void
what_is_left_of_an_address_shows_from_when_to_when_it_sent(void **state)
{
	static const int days[4] = { 30, 20, 10, 5 };
	static const struct { int pruned; const char *gone; const char *first, *last; int64_t messages; } cases[] = {
		{ 0, "", "2026-10-21", "2026-11-15", 15 }, { 0, "0", "2026-10-31", "2026-11-15", 14 }, { 0, "3", "2026-10-21", "2026-11-10", 7 },
		{ 0, "2", "2026-10-21", "2026-11-15", 11 }, { 0, "01", "2026-11-10", "2026-11-15", 12 }, { 0, "10", "2026-11-10", "2026-11-15", 12 },
		{ 0, "03", "2026-10-31", "2026-11-10", 6 }, { 0, "023", "2026-10-31", "2026-10-31", 2 }, { 0, "310", "2026-11-10", "2026-11-10", 4 }, { 0, "2013", NULL, NULL, 0 },
		{ 1, "", "2026-10-21", "2026-11-15", 15 }, { 1, "3", "2026-10-21", "2026-11-10", 7 }, { 1, "2", "2026-10-21", "2026-11-15", 11 }, { 1, "23", "2026-10-21", "2026-11-01", 3 },
		{ 1, "32", "2026-10-21", "2026-11-01", 3 },
	};
	struct record target = record_of(1, "192.0.2.1", 1, &mandrill), others[2] = { record_of(1, "192.0.2.1", 1, &own), record_of(2, "192.0.2.2", 1, &mandrill) };
	size_t i, k;
	int each;

	(void)state;
	for (i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
		struct store *s;
		char sql[256];
		int64_t pruned;

		each = i % 2 == 0;
		setup(NULL);
		s = open_store();
		for (k = 0; k < 4; k++) {
			days_before = days[k];
			target.count = (int64_t)1 << k;
			add(s, (const char *[]){ "a", "b", "c", "d" }[k], (const char *[]){ "1", "2", "3", "4" }[k], (unsigned char)(k + 1), &target, 1, 1, NULL);
		}
		for (k = 0; k < 3; k++) {
			days_before = (int [3]){ 31, 12, 1 }[k];
			add(s, (const char *[]){ "e", "f", "g" }[k], (const char *[]){ "5", "6", "7" }[k], (unsigned char)(k + 5), others, 2, 1, NULL);
		}
		days_before = 0;
		assert_int_equal(store_commit(s, &err), OK);
		if (cases[i / 2].pruned) {
			assert_int_equal(store_prune(s, "2026-11-02", &pruned, &err), OK);
		}
		for (k = 0; k < strlen(cases[i / 2].gone); k++) {
			assert_int_equal(store_forget_report(s, cases[i / 2].gone[k] - '0' + 1, &err), OK);
			if (each)
				assert_int_equal(store_commit(s, &err), OK);
		}
		finish(s);
		(void)snprintf(sql, sizeof(sql), "SELECT count(*) FROM v_sources WHERE sender = 'mandrillapp.com' AND source_ip = '192.0.2.1' AND first_day = '%s' AND last_day = '%s' AND "
		    "messages = %d", cases[i / 2].first, cases[i / 2].last, (int)cases[i / 2].messages);
		if (ask(sql) != (cases[i / 2].first != NULL))
			print_message("# case %zu: %s\n", i / 2, sql);
		assert_int_equal(ask(sql), cases[i / 2].first != NULL);
		assert_int_equal(ask("SELECT count(*) FROM v_sources"), cases[i / 2].first != NULL ? 3 : 2);
		assert_int_equal(ask("SELECT sum(messages) FROM v_daily"), cases[i / 2].messages + 6);
		assert_int_equal(ask("SELECT sum(messages) FROM v_sources WHERE first_day = '2026-10-20' AND last_day = '2026-11-19'"), 6);
	}
}

/* Two addresses in one transaction: one loses its first day, the other its last, and each has a day between that ends nobody else's search. */
static void
the_ends_of_several_addresses_are_found_each_for_itself(void **state)
{
	static const struct { const char *place, *address; int day; } reports[] = {
		{ "1", "192.0.2.1", 30 }, { "2", "192.0.2.2", 20 }, { "3", "192.0.2.1", 10 }, { "4", "192.0.2.2", 5 },
	};
	struct store *s = open_store();
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++) {
		struct record r = record_of(1, reports[i].address, 1 + (int64_t)i, &mandrill);

		days_before = reports[i].day;
		add(s, reports[i].place, reports[i].place, (unsigned char)(i + 1), &r, 1, 1, NULL);
	}
	days_before = 0;
	assert_int_equal(store_commit(s, &err), OK);
	assert_int_equal(store_forget_report(s, 1, &err), OK);
	assert_int_equal(store_forget_report(s, 4, &err), OK);
	finish(s);
	assert_int_equal(ask("SELECT count(*) FROM v_sources WHERE source_ip = '192.0.2.1' AND first_day = '2026-11-10' AND last_day = '2026-11-10' AND messages = 3"), 1);
	assert_int_equal(ask("SELECT count(*) FROM v_sources WHERE source_ip = '192.0.2.2' AND first_day = '2026-10-31' AND last_day = '2026-10-31' AND messages = 2"), 1);
}

/* An address becomes another's in a transaction that is rolled back, after its mail of two days had been noted to move. */
static void
a_rollback_takes_back_what_was_to_move(void **state)
{
	struct record first[1] = { record_of(1, "198.51.100.1", 5, &mandrill) }, other[1] = { record_of(1, "198.51.100.1", 2, &own) };
	struct store *s = open_store();

	(void)state;
	days_before = 30;
	add(s, "a", "1", 1, first, 1, 1, NULL);
	days_before = 10;
	add(s, "b", "2", 2, first, 1, 1, NULL);
	days_before = 0;
	assert_int_equal(store_commit(s, &err), OK);
	add(s, "c", "3", 3, other, 1, 1, NULL);
	assert_int_equal(writer_flush(s, &err), OK);
	assert_int_equal(store_rollback(s, &err), OK);
	first[0] = record_of(1, "192.0.2.1", 1, &mandrill);
	add(s, "d", "4", 4, first, 1, 1, NULL);
	finish(s);
	assert_int_equal(ask("SELECT sum(messages) FROM v_daily WHERE sender = 'mandrillapp.com'"), 11);
	assert_int_equal(ask("SELECT sum(messages) FROM v_sources WHERE sender = 'mandrillapp.com'"), 11);
	assert_int_equal(ask("SELECT count(*) FROM v_daily WHERE sender <> 'mandrillapp.com'"), 0);
}

/* A copy that is counted in place of a forgotten report has old record numbers: that what it brings makes the address another's moves nothing twice. */
static void
a_copy_that_is_counted_late_can_move_mail_of_many_days(void **state)
{
	struct record before[1] = { record_of(1, "198.51.100.1", 5, &mandrill) }, counted[1] = { record_of(1, "192.0.2.2", 1, &mandrill) };
	struct record copy[2] = { record_of(1, "198.51.100.1", 2, &mandrill), record_of(2, "198.51.100.1", 4, &own) };
	struct store *s = open_store();
	char *days, *again;
	int64_t changed;

	(void)state;
	days_before = 30;
	add(s, "a", "1", 1, before, 1, 1, NULL);
	add(s, "b", "2", 2, counted, 1, 1, NULL);
	assert_int_equal(add(s, "c", "2", 3, copy, 2, 1, NULL), INTAKE_CONFLICT);
	days_before = 5;
	add(s, "d", "3", 4, before, 1, 1, NULL);
	days_before = 0;
	assert_int_equal(store_commit(s, &err), OK);
	assert_int_equal(store_forget_report(s, 2, &err), OK);
	finish(s);
	assert_int_equal(ask("SELECT sum(messages) FROM v_daily"), 16);
	assert_int_equal(ask("SELECT sum(messages) FROM v_daily WHERE sender = 'few.example'"), 16);
	assert_int_equal(ask("SELECT sum(messages) FROM v_sources WHERE sender = 'few.example'"), 16);
	days = all_days();
	s = open_store();
	assert_int_equal(store_again(s, NULL, &changed, &err), OK);
	finish(s);
	again = all_days();
	assert_string_equal(days, again);
	free(days);
	free(again);
}

/* Two reports of thousands of addresses each: what is taken out is more than there is room for at first. */
static void
large_reports_are_forgotten_whole(void **state)
{
	enum { BATCHES = 400 };
	const struct judgement judgements[8] = { failing, failing, failing, failing, failing, failing, failing, failing };
	struct store *s = open_store();
	enum intake_state got;
	char reason[256];
	size_t i, k;
	int n;

	(void)state;
	for (n = 0; n < 2; n++) {
		unsigned char digest[32] = { (unsigned char)(n + 1) };
		struct intake_row row = { .place = n == 0 ? "a" : "b", .origin = "a", .digest = digest };
		struct parse_result r = { .records = 8 * BATCHES, .messages = 8 * BATCHES, .sha256 = { (unsigned char)(n + 1) } };
		struct feedback f = head_of(n == 0 ? "1" : "2");

		f.begin_at -= n * 86400;
		f.end_at -= n * 86400;
		assert_int_equal(store_report_begin(s, &row, NULL, &err), OK);
		assert_int_equal(store_report_head(s, &f, &err), OK);
		for (i = 0; i < BATCHES; i++) {
			struct record records[8];
			char addresses[8][20];

			for (k = 0; k < 8; k++) {
				(void)snprintf(addresses[k], sizeof(addresses[k]), "203.0.%zu.%zu", i / 16, i % 16 * 8 + k);
				records[k] = record_of((int64_t)(i * 8 + k) + 1, addresses[k], 1, &mandrill);
			}
			assert_int_equal(store_report_batch(s, records, judgements, 8, &err), OK);
		}
		assert_int_equal(store_report_end(s, &r, "raw", 3, &got, reason, &err), OK);
		assert_int_equal(got, INTAKE_STORED);
	}
	assert_int_equal(store_commit(s, &err), OK);
	assert_int_equal(ask("SELECT count(*) FROM v_sources WHERE first_day = '2026-11-19' AND last_day = '2026-11-20' AND messages = 2"), 8 * BATCHES);
	assert_int_equal(store_forget_report(s, 1, &err), OK);
	assert_int_equal(store_commit(s, &err), OK);
	assert_int_equal(ask("SELECT count(*) FROM v_sources WHERE first_day = '2026-11-19' AND last_day = '2026-11-19' AND messages = 1"), 8 * BATCHES);
	assert_int_equal(store_forget_report(s, 2, &err), OK);
	finish(s);
	assert_int_equal(ask("SELECT (SELECT count(*) FROM v_sources) + (SELECT count(*) FROM v_daily)"), 0);
}

static void
a_better_copy_is_not_counted_on_top_of_one_whose_records_are_gone(void **state)
{
	struct record r[1] = { record_of(1, "192.0.2.1", 3, &mandrill) }, other[1] = { record_of(1, "192.0.2.1", 5, &own) };
	int known;

	(void)state;
	for (known = 0; known < 2; known++) {
		int64_t reports = 0;
		struct store *s;

		setup(NULL);
		s = open_store();
		add(s, "a", "1", 1, r, 1, known, "fail");
		assert_int_equal(store_commit(s, &err), OK);
		assert_int_equal(store_prune(s, "2027-01-01", &reports, &err), OK);
		assert_int_equal(add(s, "b", "1", 2, other, 1, known, "pass"), INTAKE_CONFLICT);
		finish(s);
		assert_int_equal(ask("SELECT messages FROM v_reports WHERE counted = 1"), 3);
		assert_int_equal(ask("SELECT sum(messages) FROM v_daily"), 3);
		assert_int_equal(ask("SELECT sum(messages) FROM v_sources"), 3);
		assert_int_equal(ask("SELECT count(*) FROM v_intake WHERE state = 'conflict' AND reason LIKE '%its records were removed%'"), 1);
	}
}

static void
reports_on_strangers_domains_are_kept_apart(void **state)
{
	char *mine[] = { mem_str("example.net") };
	struct record r[1] = { record_of(1, "192.0.2.1", 3, &mandrill) };
	struct store *s = open_store();
	int changed = 0;

	(void)state;
	assert_int_equal(store_set_domains(s, mine, 1, &changed, &err), OK);
	assert_int_equal(changed, 1);
	add(s, "a", "1", 1, r, 1, 1, NULL);
	finish(s);
	assert_int_equal(ask("SELECT \"foreign\" FROM v_reports"), 1);
	assert_int_equal(ask("SELECT count(*) FROM v_daily"), 0);
	s = open_store();
	assert_int_equal(store_set_domains(s, NULL, 0, &changed, &err), OK);
	finish(s);
	assert_int_equal(ask("SELECT sum(messages) FROM v_daily"), 3);
	free(mine[0]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_new_file_is_ours_private_and_plain, setup),
		cmocka_unit_test_setup(a_new_file_is_laid_anew_after_a_rollback, setup),
		cmocka_unit_test_setup(a_reader_reads_on_while_more_is_written, setup),
		cmocka_unit_test_setup(a_strangers_file_is_refused, setup),
		cmocka_unit_test_setup(a_newer_file_is_refused, setup),
		cmocka_unit_test_setup(small_and_large_reports_are_stored_alike, setup),
		cmocka_unit_test_setup(the_same_report_again_is_a_duplicate, setup),
		cmocka_unit_test_setup(of_conflicting_copies_the_first_is_counted, setup),
		cmocka_unit_test_setup(an_authenticated_copy_takes_the_place_of_the_first, setup),
		cmocka_unit_test_setup(a_copy_that_is_authenticated_as_somebody_else_does_not, setup),
		cmocka_unit_test_setup(known_bytes_at_a_known_place_are_counted_and_skipped, setup),
		cmocka_unit_test_setup(bytes_met_twice_in_a_run_are_known_though_they_were_fresh, setup),
		cmocka_unit_test_setup(a_cut_report_is_kept_apart_and_the_whole_one_still_counts, setup),
		cmocka_unit_test_setup(a_later_report_can_move_earlier_mail_to_another_sender, setup),
		cmocka_unit_test_setup(mail_of_many_days_moves_day_by_day, setup),
		cmocka_unit_test_setup(a_busy_address_is_looked_at_whole_only_where_no_row_decides, setup),
		cmocka_unit_test_setup(forgetting_a_domain_leaves_no_sum_behind, setup),
		cmocka_unit_test_setup(a_copy_takes_the_place_of_a_counted_report_that_is_forgotten, setup),
		cmocka_unit_test_setup(retention_removes_records_and_keeps_reports_and_days, setup),
		cmocka_unit_test_setup(what_is_left_of_an_address_shows_from_when_to_when_it_sent, setup),
		cmocka_unit_test_setup(the_ends_of_several_addresses_are_found_each_for_itself, setup),
		cmocka_unit_test_setup(a_rollback_takes_back_what_was_to_move, setup),
		cmocka_unit_test_setup(a_copy_that_is_counted_late_can_move_mail_of_many_days, setup),
		cmocka_unit_test_setup(large_reports_are_forgotten_whole, setup),
		cmocka_unit_test_setup(a_better_copy_is_not_counted_on_top_of_one_whose_records_are_gone, setup),
		cmocka_unit_test_setup(reports_on_strangers_domains_are_kept_apart, setup),
	};
	int failed;

	if (mkdtemp(dir) == NULL)
		return 1;
	path = mem_fmt("%s/a.db", dir);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	(void)unlink(path);
	(void)rmdir(dir);
	free(path);
	return failed;
}
