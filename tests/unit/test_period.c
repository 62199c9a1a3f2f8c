/* SPDX-License-Identifier: MIT */
/*
 * What a period is summed up to, against the same summed up by plain SQL: random days, standings and outcomes, every domain, sender and period (period.c is
 * built here so that half of the strangers are no bits).
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

#define PERIOD_BITS_MAX 40
#include "sql/period.c"

enum { DOMAINS = 4, SENDERS = 80, DAYS = 30, OUTCOMES = 48, LINES = 8192 };

static char dir[] = "/tmp/dmarcsift-period-XXXXXX", path[64];
static struct err err;
static uint64_t state = 7;

static int
chance(int below)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (int)((state >> 33) % (uint64_t)below);
}

static void
sql(struct store *s, const char *text)
{
	if (sqlite3_exec(s->db, text, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sqlite3_errmsg(s->db), text);
}

static void
fill_outcomes(struct store *s)
{
	static const char *const verdicts[] = { "pass", "fail", "undetermined", "unknown" }, *const actions[] = { "none", "quarantine", "reject", "" },
	    *const under[] = { "delivered", "rejected", "likely_spared", "quarantined" };
	char text[600];
	int i;

	for (i = 1; i <= OUTCOMES; i++) {
		const char *v = verdicts[chance(4)], *a = actions[chance(4)];
		int pass = strcmp(v, "pass") == 0, sure = strcmp(v, "fail") == 0, refused = strcmp(a, "reject") == 0 || strcmp(a, "quarantine") == 0;

		(void)snprintf(text, sizeof(text), "INSERT INTO outcome VALUES (%d, '%s', '', '%d', '%s', 'reported', '%s', '', %d, '%s', '%s')", i, a, i, v, under[chance(4)],
		    chance(4096), pass ? "passing" : refused ? "lost" : sure ? "at_risk" : "undetermined", pass ? "passing" : sure ? "undecided" : "undetermined");
		sql(s, text);
	}
}

static void
fill_domain(struct store *s, int domain)
{
	char text[400];
	int i, day;

	(void)snprintf(text, sizeof(text), "INSERT INTO domain (id, name, org, \"foreign\") VALUES (%d, 'd%d', 'd%d', %d)", domain, domain, domain, domain == DOMAINS);
	sql(s, text);
	for (i = 1; i <= SENDERS; i++) {
		int crowd = chance(2), mine = !crowd && chance(2), first = 20000 + chance(DAYS);

		if (chance(10) == 0)	/* it was not analysed */
			continue;
		(void)snprintf(text, sizeof(text), "INSERT INTO standing (domain, sender, mine, basis_no, confidence_no, class_no, addresses, first_no, last_no, own_way)"
		    " VALUES (%d, %d, %d, %d, 0, %d, %d, %d, %d, %d)", domain, i, mine, crowd ? 0 : mine ? 2 : chance(2), crowd ? 0 : 1 + chance(5), 1 + chance(9), first,
		    first + chance(DAYS), chance(4) == 0 ? 2 : 0);
		sql(s, chance(20) == 0 ? "SELECT 1" : text);
	}
	for (day = 0; day < DAYS; day++)
		for (i = 0; day % 7 != 3 && i < 60; i++) {
			(void)snprintf(text, sizeof(text), "INSERT OR IGNORE INTO daily VALUES (%d, date(%d * 86400, 'unixepoch'), %d, %d, %d, %d)", domain, 20000 + day,
			    1 + chance(SENDERS), chance(4), 1 + chance(OUTCOMES), 1 + chance(1000));
			sql(s, text);
		}
}

static struct store *
filled(void)
{
	struct store *s = NULL;
	char text[120];
	int i;

	assert_int_equal(store_open(&s, path, STORE_WRITE, 1795132800, &err), OK);
	assert_int_equal(db_write(s, &err), OK);
	for (i = 1; i <= SENDERS; i++) {
		(void)snprintf(text, sizeof(text), "INSERT INTO sender (id, sender, kind_no) VALUES (%d, 's%d', 0)", i, i);
		sql(s, text);
	}
	fill_outcomes(s);
	for (i = 1; i <= DOMAINS; i++)
		fill_domain(s, i);
	assert_int_equal(store_commit(s, &err), OK);
	return s;
}

/* --- the same by plain SQL --- */

#define OWN "y.way <= coalesce(t.own_way, 0)"
#define BUCKET "CASE WHEN y.way > coalesce(t.own_way, 0) THEN 'forwarded' WHEN t.mine = 1 THEN o.bucket_mine ELSE o.bucket_other END"
#define SUM(what) "sum(CASE WHEN " what " THEN y.messages ELSE 0 END)"
#define BUCKETS SUM(BUCKET " = 'passing'") ", " SUM(BUCKET " = 'lost'") ", " SUM(BUCKET " = 'at_risk'") ", " SUM(BUCKET " = 'forwarded'") ", " \
    SUM(BUCKET " = 'undecided'") ", " SUM(BUCKET " = 'undetermined'")
#define STOPPED "o.disposition IN ('reject', 'quarantine')"
#define WHO "CASE WHEN t.stranger THEN 0 ELSE y.sender END"
#define FROM " FROM daily y JOIN domain d ON d.id = y.domain JOIN outcome o ON o.id = y.outcome LEFT JOIN standing t ON t.domain = y.domain AND t.sender = y.sender" \
    " WHERE (?1 = 0 AND NOT d.\"foreign\" OR y.domain = ?1) AND y.day BETWEEN ?2 AND ?3 AND (?4 = 0 OR y.sender = ?4)"
#define CROWD(what) "(SELECT " what " FROM standing c WHERE ?4 = 0 AND c.domain = ?1 AND c.stranger AND c.first_day <= ?3 AND c.last_day >= ?2)"
#define KEPT(column, crowd) "CASE WHEN t.stranger THEN " CROWD(crowd) " ELSE t." column " END"

static const char *const plain[] = {
	[OVERVIEW_DOMAINS] = "SELECT d.id, sum(y.messages), " BUCKETS ", " SUM(OWN " AND t.mine IS NOT 1 AND t.stranger IS NOT 1 AND t.basis IS NOT 'label' AND o.verdict = 'fail' AND " STOPPED)
	    FROM " GROUP BY 1",
	[OVERVIEW_DAYS] = "SELECT y.day, " BUCKETS FROM " GROUP BY 1",
	[OVERVIEW_SENDERS] = "SELECT " WHO ", sum(y.messages), " BUCKETS ", " SUM(OWN " AND o.flags & 1 AND o.verdict = 'pass'") ", " SUM(OWN " AND o.flags & 2 AND o.verdict = 'pass'") ", "
	    SUM(OWN " AND t.mine = 1 AND o.under_reject IN ('rejected', 'likely_spared', 'quarantined')") ", coalesce(" KEPT("addresses", "sum(c.addresses)") ", 0), " SUM(STOPPED) ", "
	    SUM("o.flags & 1024") ", " SUM(OWN " AND t.mine = 1 AND o.under_reject = 'likely_spared'") ", " KEPT("first_day", "min(c.first_day)") ", " KEPT("last_day", "max(c.last_day)")
	    FROM " GROUP BY 1",
	[OVERVIEW_DONE] = "SELECT " WHO ", " SUM("o.verdict = 'pass'") ", " SUM("o.verdict <> 'pass' AND " STOPPED) ", " SUM("o.verdict = 'fail' AND NOT " STOPPED) FROM " GROUP BY 1",
	[OVERVIEW_SERIES] = "SELECT " WHO ", y.day, sum(y.messages), " SUM(BUCKET " IN ('lost', 'at_risk')") FROM " GROUP BY 1, 2"
};

struct lines { char *at[LINES]; size_t count; };

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
sum_plainly(struct store *s, enum overview question, const struct period *p, struct lines *l)
{
	sqlite3_stmt *st;
	int i;

	assert_int_equal(sqlite3_prepare_v2(s->db, plain[question], -1, &st, NULL), SQLITE_OK);
	sqlite3_bind_int64(st, 1, p->domain);
	db_text(st, 2, p->from);
	db_text(st, 3, p->to);
	sqlite3_bind_int64(st, 4, p->sender);
	for (l->count = 0; sqlite3_step(st) == SQLITE_ROW; l->count++) {
		char line[600] = "";

		for (i = 0; i < sqlite3_column_count(st); i++) {
			const char *text = (const char *)sqlite3_column_text(st, i);

			(void)snprintf(line + strlen(line), sizeof(line) - strlen(line), "%s ", text != NULL ? text : "-");
		}
		l->at[l->count] = strdup(line);
	}
	sqlite3_finalize(st);
	qsort(l->at, l->count, sizeof(l->at[0]), by_text);
}

struct asking { enum overview question; struct lines lines; };

/* Which texts and numbers of a row are compared: their places, numbers from 100 on; -1 ends. */
static const int places[][20] = {
	[OVERVIEW_DOMAINS] = { 100, 101, 102, 103, 104, 105, 106, 107, 110, -1 },
	[OVERVIEW_DAYS] = { 0, 101, 102, 103, 104, 105, 106, -1 },
	[OVERVIEW_SENDERS] = { 100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113, 115, 5, 6, -1 },
	[OVERVIEW_DONE] = { 100, 101, 102, 103, -1 },
	[OVERVIEW_SERIES] = { 100, 0, 101, 102, -1 }
};

static enum outcome
take(void *ctx, const struct overview_row *row, struct err *e)
{
	struct asking *a = ctx;
	char line[600] = "";
	const int *place;

	(void)e;
	for (place = places[a->question]; *place >= 0; place++) {
		size_t len = strlen(line);

		if (*place < 100)
			(void)snprintf(line + len, sizeof(line) - len, "%s ", row->text[*place] != NULL ? row->text[*place] : "-");
		else
			(void)snprintf(line + len, sizeof(line) - len, "%lld ", (long long)row->number[*place - 100]);
	}
	a->lines.at[a->lines.count++] = strdup(line);
	return OK;
}

static void
compare(struct store *s, enum overview question, const struct period *p)
{
	static struct lines want;
	static struct asking have;
	size_t i;

	have.question = question;
	have.lines.count = 0;
	assert_int_equal(store_overview_of(s, question, p->domain, p->sender, p->from, p->to, 100000, take, &have, &err), OK);
	qsort(have.lines.at, have.lines.count, sizeof(char *), by_text);
	sum_plainly(s, question, p, &want);
	assert_int_equal(have.lines.count, want.count);
	for (i = 0; i < want.count; i++) {
		assert_string_equal(have.lines.at[i], want.at[i]);
		free(have.lines.at[i]);
		free(want.at[i]);
	}
}

static void
ask_all(struct store *s)
{
	static const char *const periods[][2] = { { "1970-01-01", "2100-01-01" }, { "2024-10-08", "2024-10-20" }, { "2024-10-13", "2024-10-20" },
	    { "2024-10-13", "2024-10-13" }, { "2024-10-20", "2024-10-08" } };
	enum { PERIODS = sizeof(periods) / sizeof(periods[0]) };
	size_t i;
	int domain, sender;

	for (i = 0; i < PERIODS; i++)
		compare(s, OVERVIEW_DOMAINS, &(struct period){ 0, 0, periods[i][0], periods[i][1] });
	for (domain = 1; domain < DOMAINS; domain++)
		for (sender = 0; sender <= SENDERS; sender += sender < 3 ? 1 : 13)
			for (i = 0; i < PERIODS; i++) {
				struct period p = { domain, sender, periods[i][0], periods[i][1] }, all = { domain, 0, p.from, p.to };

				compare(s, OVERVIEW_DOMAINS, &all);
				compare(s, OVERVIEW_DAYS, &all);
				compare(s, OVERVIEW_SENDERS, &p);
				compare(s, OVERVIEW_DONE, &p);
				compare(s, OVERVIEW_SERIES, &p);
			}
}

static void
a_period_is_what_plain_sql_sums_it_up_to(void **st)
{
	struct store *s = filled();

	(void)st;
	ask_all(s);
	/* The same where what was summed up is kept from one question to the next. */
	assert_int_equal(store_moment(s, &err), OK);
	ask_all(s);
	store_moment_end(s);
	store_close(s);
}

static void
a_moment_does_not_see_what_others_write(void **st)
{
	struct period p = { 1, 0, "1970-01-01", "2100-01-01" };
	struct store *s = NULL, *other = NULL;

	(void)st;
	assert_int_equal(store_open(&other, path, STORE_WRITE, 1795132800, &err), OK);
	assert_int_equal(store_open(&s, path, STORE_READ, 1795132800, &err), OK);
	assert_int_equal(store_moment(s, &err), OK);
	compare(s, OVERVIEW_DAYS, &p);
	sql(other, "UPDATE daily SET messages = messages + 1000");
	/* Both sums are of the moment, kept or not. */
	compare(s, OVERVIEW_DAYS, &p);
	compare(s, OVERVIEW_DAYS, &(struct period){ 2, 0, p.from, p.to });
	store_moment_end(s);
	compare(s, OVERVIEW_DAYS, &p);
	compare(other, OVERVIEW_DAYS, &p);
	store_close(s);
	store_close(other);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_period_is_what_plain_sql_sums_it_up_to), cmocka_unit_test(a_moment_does_not_see_what_others_write) };
	int bad;

	if (mkdtemp(dir) == NULL)
		return 1;
	(void)snprintf(path, sizeof(path), "%s/t.db", dir);
	bad = cmocka_run_group_tests(tests, NULL, NULL);
	(void)snprintf(path, sizeof(path), "rm -r %s", dir);
	if (system(path) != 0)
		return 1;
	return bad;
}
