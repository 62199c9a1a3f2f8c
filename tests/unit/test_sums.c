/* SPDX-License-Identifier: MIT */
/*
 * Sums of senders where a domain has more of them than are held at a time: sums.c is built here with room for a few, so that each
 * domain takes several passes. Each sender comes once, with the sums of all its days and addresses, and its days can be asked for.
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

#define SUMS_SENDERS_MAX 7
#define SUMS_ROWS_MAX 16
#include "sql/sums.c"

enum { SENDERS = 60, DAYS = 5, BEGIN = 1795132800 };

static char dir[] = "/tmp/dmarcsift-sums-XXXXXX", path[64];
static struct err err;
static int seen[2][SENDERS];

/* The signing domain sent it; what nobody signed comes from a stranger at its address. Mail from 192.0.2.* was forwarded. */
static void
attribute(void *ctx, const char *domain, const char *address, const char *ptr, struct flow_row *rows, size_t count)
{
	size_t i;

	(void)ctx;
	(void)domain;
	(void)ptr;
	for (i = 0; i < count; i++) {
		rows[i].sender = rows[i].sender_name = rows[i].nauths > 0 ? rows[i].auths[0].domain : address;
		rows[i].sender_kind = rows[i].nauths > 0 ? "domain" : "address";
		rows[i].sender_category = "";
		rows[i].way = strncmp(address, "192.0.2.", 8) == 0;
	}
}
static const struct attributor attributor = { NULL, attribute, NULL, NULL };

static const char *
bucket(const char *disposition, const struct judgement *j, int mine)
{
	(void)disposition;
	return j->verdict == VERDICT_PASS ? "passing" : mine ? "lost" : "undecided";
}

/* Sender n sends n + 1 messages a day from each of two addresses; the odd ones pass, the even ones are refused. */
static void
add_day(struct store *s, int domain, int day)
{
	static struct record records[SENDERS * 2];
	static struct judgement judgements[SENDERS * 2];
	static struct auth auths[SENDERS];
	static char names[SENDERS][32], addresses[SENDERS * 2][32];
	char id[32], name[32];
	unsigned char digest[32] = { 0 };
	struct intake_row row = { .place = id, .origin = id, .digest = digest };
	struct feedback f = { .format = FORMAT_RFC7489, .org_name = "Receiver", .email = "r@receiver.example", .report_id = id, .domain = name, .pct = 100 };
	struct parse_result r;
	enum intake_state state;
	char reason[256];
	int i;

	(void)snprintf(id, sizeof(id), "report-%d-%d", domain, day);
	(void)snprintf(name, sizeof(name), "d%d.example", domain);
	digest[0] = (unsigned char)domain;
	digest[1] = (unsigned char)day;
	memset(&r, 0, sizeof(r));
	memcpy(r.sha256, digest, sizeof(digest));
	r.records = SENDERS * 2;
	f.begin_at = BEGIN + day * 86400;
	f.end_at = f.begin_at + 86399;
	memset(records, 0, sizeof(records));
	for (i = 0; i < SENDERS * 2; i++) {
		int n = i / 2, pass = n % 2;

		(void)snprintf(names[n], sizeof(names[n]), "s%d.example", n);
		(void)snprintf(addresses[i], sizeof(addresses[i]), "%s.%d", n == SENDERS - 1 ? "192.0.2" : "198.51.100", i);
		records[i].number = i + 1;
		records[i].source_ip = addresses[i];
		records[i].count = n + 1;
		records[i].disposition.text = pass ? "none" : "reject";
		records[i].header_from = name;
		auths[n] = (struct auth){ KIND_DKIM, names[n], "k", NULL, { 0, NULL }, { 0, pass ? "pass" : "fail" } };
		records[i].auths = &auths[n];
		records[i].nauths = 1;
		judgements[i] = (struct judgement){ pass ? VERDICT_PASS : VERDICT_FAIL, BASIS_REPORTED, UNDER_DELIVERED, 0, pass ? FLAG_DKIM : 0 };
	}
	assert_int_equal(store_report_begin(s, &row, NULL, &err), OK);
	assert_int_equal(store_report_head(s, &f, &err), OK);
	assert_int_equal(store_report_batch(s, records, judgements, SENDERS * 2, &err), OK);
	assert_int_equal(store_report_end(s, &r, NULL, 0, &state, reason, &err), OK);
	assert_int_equal(state, INTAKE_STORED);
}

static enum outcome
take_day(void *ctx, const struct day_row *row)
{
	int64_t *sums = ctx;

	sums[0]++;
	sums[1] += row->passed + row->failed;
	return OK;
}

static int
may(void *ctx, const char *sender, const char *kind, const char *category, const char *selector)
{
	(void)ctx;
	(void)sender;
	(void)kind;
	(void)category;
	(void)selector;
	return 0;
}

static enum outcome
take_sender(void *ctx, const struct sender_sum *x, struct err *e)
{
	struct store *s = ctx;
	int64_t days[2] = { 0, 0 }, n = atoi(x->sender + 1), sent = (n + 1) * 2 * DAYS;
	int domain = x->domain[1] - '0', forwarded = n == SENDERS - 1;

	(void)e;
	assert_true(n >= 0 && n < SENDERS);
	seen[domain][n]++;
	assert_int_equal(x->messages, sent);
	assert_int_equal(x->passing, n % 2 && !forwarded ? sent : 0);
	assert_int_equal(x->refused, n % 2 ? 0 : sent);
	assert_int_equal(x->forwarded, forwarded ? sent : 0);
	assert_int_equal(x->recent_messages, (n + 1) * 2 * 2);
	assert_int_equal(x->pass_days + x->fail_days, forwarded ? 0 : DAYS);
	assert_int_equal(x->addresses, 2);
	assert_string_equal(x->first_day, "2026-11-20");
	assert_string_equal(x->last_day, "2026-11-24");
	assert_int_equal(x->fail_set != 0, n % 2 == 0);
	assert_int_equal(store_each_sender_day(s, x, take_day, days, &err), OK);
	assert_int_equal(days[0], forwarded ? 0 : DAYS);
	assert_int_equal(days[1], forwarded ? 0 : sent);
	return OK;
}

static void
each_sender_comes_once_however_many_passes_it_takes(void **state)
{
	struct due_domain due = { .id = 0 };
	struct sender_walk walk = { &due, "2026-11-23", "2026-11-24", 1, NULL, take_sender, may, NULL };
	struct store *s = NULL;
	int day, moved, n;

	(void)state;
	assert_int_equal(store_open(&s, path, STORE_WRITE, BEGIN, &err), OK);
	store_attributor(s, &attributor);
	store_bucketer(s, bucket);
	for (day = 0; day < DAYS; day++) {
		add_day(s, 0, day);
		add_day(s, 1, day);
	}
	assert_int_equal(store_commit(s, &err), OK);
	walk.ctx = s;
	assert_int_equal(store_analysis_begin(s, "", "2026-11-24", 1, &moved, &err), OK);
	while (store_next_due(s, due.id, moved, &due, &err) == OK)
		assert_int_equal(store_each_sender(s, &walk, &err), OK);
	for (n = 0; n < SENDERS; n++) {
		assert_int_equal(seen[0][n], 1);
		assert_int_equal(seen[1][n], 1);
	}
	store_close(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(each_sender_comes_once_however_many_passes_it_takes) };
	int bad;

	if (mkdtemp(dir) == NULL)
		return 1;
	(void)snprintf(path, sizeof(path), "%s/a.db", dir);
	bad = cmocka_run_group_tests(tests, NULL, NULL);
	(void)unlink(path);
	(void)rmdir(dir);
	return bad;
}
