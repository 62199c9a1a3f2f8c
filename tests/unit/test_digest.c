/* SPDX-License-Identifier: MIT */
/* When the digest speaks, and of what: its rules one by one (ux.md section 5 of the design). 23 November 2026 is a Monday. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "report/digest.h"

enum { DAY = 86400 };
static const int64_t monday = 1795392000 + 6 * 3600, tuesday = 1795392000 + DAY + 6 * 3600;

/* A domain with 10,000 messages of its own, and these findings. */
static struct digest
made(const struct sum_finding *findings, size_t n, const struct said *said, size_t nsaid, int64_t now_at, const char *policy)
{
	static struct thresholds usual;
	struct sum_domain d = { .domain = "example.org", .p = policy, .pct = -1, .newest_day = "2026-11-21", .counts = { .messages = 10000, .passing = 10000 } };
	struct summary s = { .domains = &d, .ndomains = 1, .findings = findings, .nfindings = n, .begin = "2026-10-24", .newest_day = "2026-11-22", .catalogue_date = "2026-11",
	    .counts = { .messages = 10000, .passing = 10000 } };
	struct digest_options o = { &usual, now_at, said, nsaid, NULL, 0, 0, 0 };
	struct digest out;

	usual = thresholds_usual();
	digest_make(&s, &o, &out);
	return out;
}

static struct sum_finding
finding(const char *code, int64_t messages)
{
	return (struct sum_finding){ .code = code, .domain = "example.org", .sender = "mandrill", .since = "2026-11-12", .text = "It happened.", .messages = messages };
}

/* What the last mail left behind: Monday's, and the policy. */
#define BEFORE { "WEEKLY", "", "", 0, monday - 7 * DAY + 3600 * 24 }, { "POLICY", "example.org", "p=none", 0, 0 }

static int
speaks(const char *code, int64_t messages, const struct said *more, int64_t now_at, int *as_item)
{
	struct sum_finding f = finding(code, messages);
	struct said said[3] = { BEFORE, { "OTHER", "", "", 0, 0 } };
	struct digest d;
	int wanted;

	if (more != NULL)
		said[2] = *more;
	d = made(&f, 1, said, 3, now_at, "none");
	wanted = d.wanted;
	if (as_item != NULL)
		*as_item = strstr(d.body, "1. It happened.") != NULL;
	digest_free(&d);
	return wanted;
}

static void
lost_broke_and_stale_cannot_wait(void **state)
{
	int item;

	assert_true(speaks("LOST", 5, NULL, tuesday, &item));
	assert_true(item);
	assert_true(speaks("BROKE", 30, NULL, tuesday, &item));
	assert_true(item);
	assert_true(speaks("STALE", 0, NULL, tuesday, &item));
	assert_true(item);
}

static void
one_fix_for_several_senders_is_one_thing_to_do(void **state)
{
	struct sum_finding f[3] = { finding("LOST", 9), finding("LOST", 8), finding("BROKE", 8) };
	struct said said[2] = { BEFORE };
	struct digest d;

	f[1].sender = f[2].sender = "sendgrid";
	f[0].fix = f[1].fix = f[2].fix = "Remove adkim=s.";
	f[0].why = f[1].why = f[2].why = "It is strict.";
	f[2].last = "See who stops it.";
	d = made(f, 3, said, 2, tuesday, "none");
	assert_non_null(strstr(d.body, "One thing to do among 3 items."));
	assert_non_null(strstr(d.body, "The same fix stops it.\n   See who stops it.\n"));
	digest_free(&d);
	f[1].fix = "Publish it.";
	d = made(f, 3, said, 2, tuesday, "none");
	assert_non_null(strstr(d.body, "2 things to do among 3 items."));
	assert_non_null(strstr(d.body, "The fix of item 1 stops it.\n   See who stops it.\n"));
	digest_free(&d);
}

static void
a_reason_is_told_once_for_a_sender(void **state)
{
	struct sum_finding f[2] = { finding("LOST", 9), finding("RISK", 8) };
	struct said said[2] = { BEFORE };
	const char *at;
	struct digest d;

	f[0].why = f[1].why = "It is strict.";
	d = made(f, 2, said, 2, monday, "none");
	at = strstr(d.body, "It is strict.");
	assert_non_null(at);
	assert_non_null(strstr(at, "2. It happened. Since 12 Nov 2026.\n"));
	assert_null(strstr(at + 1, "It is strict."));
	digest_free(&d);
}

/* The columns of a line that `word`s of so many columns each fill. */
static size_t
filled(const char *word, size_t columns)
{
	struct sum_finding f = finding("LOST", 9);
	struct said said[2] = { BEFORE };
	char text[4096] = "";
	const char *line;
	struct digest d;
	size_t i, n;

	for (i = 0; i < 60; i++)
		strcat(strcat(text, word), " ");
	strcat(text, "end.");
	f.text = text;
	d = made(&f, 1, said, 2, tuesday, "none");
	line = strstr(d.body, "1. ");
	assert_non_null(line);
	for (n = 0, line += 3; strncmp(line, word, strlen(word)) == 0; line += strlen(word) + (line[strlen(word)] == ' '))
		n++;
	assert_int_equal(*line, '\n');
	digest_free(&d);
	return 3 + n * (columns + 1) - 1;
}

static void
lines_are_as_long_as_they_look(void **state)
{
	assert_int_equal(filled("words", 5), 74);
	assert_int_equal(filled("M\xc3\xbcller", 6), 72);
	assert_int_equal(filled("\xe2\x80\x93\xe2\x80\x93\xe2\x80\x93\xe2\x80\x93", 4), 77);
	assert_int_equal(filled("\xe6\x97\xa5\xe6\x9c\xac", 4), 77);
}

static void
a_stray_lost_message_waits_for_monday(void **state)
{
	struct sum_finding f = finding("LOST", 4);
	struct said said[] = { BEFORE };
	struct sum_domain d = { .domain = "example.org", .p = "none", .pct = -1, .counts = { .messages = 300, .passing = 296, .lost = 4 } };
	struct summary s = { .domains = &d, .ndomains = 1, .findings = &f, .nfindings = 1, .newest_day = "2026-11-22" };
	struct thresholds usual = thresholds_usual();
	struct digest_options o = { &usual, tuesday, said, 2, NULL, 0, 0, 0 };
	struct digest out;
	int item;

	assert_false(speaks("LOST", 4, NULL, tuesday, NULL));
	assert_true(speaks("LOST", 4, NULL, monday, &item));
	assert_true(item);
	digest_make(&s, &o, &out);	/* but 4 of 300 are more than one per cent */
	assert_true(out.wanted);
	digest_free(&out);
}

static void
lost_mail_that_doubled_is_told_again(void **state)
{
	struct said ten = { "LOST", "example.org", "mandrill", 10, tuesday - DAY }, two = { "LOST", "example.org", "mandrill", 2, tuesday - DAY };

	assert_false(speaks("LOST", 19, &ten, tuesday, NULL));
	assert_true(speaks("LOST", 20, &ten, tuesday, NULL));
	assert_false(speaks("LOST", 4, &two, tuesday, NULL));
	assert_true(speaks("LOST", 5, &two, tuesday, NULL));
}

static void
the_rest_waits_for_monday(void **state)
{
	static const char *const codes[] = { "RISK", "SPFERR", "DECIDE", "FIXED", "SPFONLY", "GONE", "NEW", "FWDBROKEN" };
	int item;
	size_t i;

	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		assert_false(speaks(codes[i], 1000, NULL, tuesday, NULL));
		assert_true(speaks(codes[i], 1000, NULL, monday, &item));
		assert_true(item);
	}
}

static void
what_is_well_is_never_told(void **state)
{
	static const char *const codes[] = { "OK", "DKIMONLY", "FWD", "NOTYOU", "LOWDATA" };
	int item;
	size_t i;

	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		assert_true(speaks(codes[i], 1000, NULL, monday, &item));
		assert_false(item);
		assert_false(speaks(codes[i], 1000, NULL, tuesday, NULL));
	}
}

static void
passing_mail_that_is_stopped_is_told_on_mondays(void **state)
{
	struct sum_finding f[2] = { finding("LOST", 9), finding("OK", 900) };
	struct said said[2] = { BEFORE };
	struct digest d;

	f[1].text = "900 messages, all pass. 50 messages that passed were refused.";
	f[1].fix = "See which.";
	d = made(f, 2, said, 2, monday, "none");
	assert_non_null(strstr(d.body, "One thing to do.\n\n1. "));
	assert_non_null(strstr(d.body, "\n* 900 messages, all pass. 50 messages that passed were refused. See which.\n"));
	digest_free(&d);
	d = made(f, 2, said, 2, tuesday, "none");
	assert_null(strstr(d.body, "See which."));
	digest_free(&d);
	d = made(&f[1], 1, said, 2, monday, "none");
	assert_non_null(strstr(d.body, "See which.\n\nNothing else to do: 10,000 messages reported, none of yours lost for DMARC."));
	digest_free(&d);
}

static void
nothing_is_told_twice_within_a_week(void **state)
{
	static const char *const codes[] = { "LOST", "BROKE", "STALE", "RISK", "DECIDE" };
	int item;
	size_t i;

	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		struct said young = { codes[i], "example.org", "mandrill", 100, monday - 3 * DAY }, old = { codes[i], "example.org", "mandrill", 100, monday - 7 * DAY };

		assert_false(speaks(codes[i], 100, &young, tuesday, NULL));
		assert_true(speaks(codes[i], 100, &young, monday, &item));	/* named as unchanged */
		assert_false(item);
		assert_false(speaks(codes[i], 100, &old, tuesday, NULL));
		assert_true(speaks(codes[i], 100, &old, monday, &item));
		assert_int_equal(item, i < 3);
	}
}

static void
that_reports_arrive_again_is_told_at_once_and_once(void **state)
{
	struct said said[] = { BEFORE, { "STALE", "", "", 0, tuesday - 3 * DAY }, { "HEARD", "", "", 0, tuesday - 2 * DAY } };
	struct sum_finding stale = { .code = "STALE", .since = "2026-11-18", .text = "No report." };
	struct digest d = made(NULL, 0, said, 3, tuesday, "none");

	assert_true(d.wanted);
	assert_string_equal(d.subject, "[dmarc] reports arrive again");
	assert_non_null(strstr(d.body, "* Reports arrive again; the newest is of 2026-11-22.\n\nCounts"));
	assert_int_equal(d.nsaid, 2);	/* and the policy, which is kept once a week */
	assert_string_equal(d.said[1].code, "HEARD");
	digest_free(&d);
	d = made(NULL, 0, said, 4, tuesday, "none");
	assert_false(d.wanted);		/* it was told */
	digest_free(&d);
	said[3].said_at = tuesday - 9 * DAY;
	d = made(NULL, 0, said, 4, tuesday, "none");
	assert_true(d.wanted);		/* of an earlier one */
	digest_free(&d);
	d = made(&stale, 1, said, 3, tuesday, "none");
	assert_false(d.wanted);		/* it has not ended */
	digest_free(&d);
	said[2].domain = "example.net";
	d = made(NULL, 0, said, 3, tuesday, "none");
	assert_false(d.wanted);		/* of which nothing is reported */
	digest_free(&d);
	said[2].domain = "example.org";
	d = made(NULL, 0, said, 3, tuesday, "none");
	assert_string_equal(d.subject, "[dmarc] example.org: reports arrive again");
	assert_non_null(strstr(d.body, "* example.org: reports arrive again; the newest is of 2026-11-21."));
	digest_free(&d);
}

static void
a_policy_that_changed_is_told_at_once_and_a_first_one_is_not(void **state)
{
	struct said said[] = { BEFORE };
	struct digest d = made(NULL, 0, said, 2, tuesday, "reject");

	assert_true(d.wanted);
	assert_non_null(strstr(d.subject, "the policy is p=reject now"));
	assert_non_null(strstr(d.body, "it was p=none"));
	digest_free(&d);
	d = made(NULL, 0, said, 1, tuesday, "reject");
	assert_false(d.wanted);
	assert_int_equal(d.nsaid, 1);	/* but kept */
	assert_string_equal(d.said[0].sender, "p=reject");
	digest_free(&d);
	d = made(NULL, 0, said, 2, tuesday, "none");
	assert_false(d.wanted);
	digest_free(&d);
}

static void
a_tag_that_not_all_receivers_report_is_no_other_policy(void **state)
{
	struct said said[] = { { "WEEKLY", "", "", 0, monday }, { "POLICY", "example.org", "p=none sp=reject", 0, tuesday - DAY }, { "POLICY", "example.org", "p=none", 0, tuesday - 2 * DAY },
		{ "POLICY", "example.org", "p=reject", 0, tuesday - 9 * DAY } };
	struct digest d = made(NULL, 0, said, 4, tuesday, "none");

	assert_false(d.wanted);		/* seen two days ago, too */
	assert_int_equal(d.nsaid, 1);	/* and that it was seen is kept */
	digest_free(&d);
	said[0].said_at = tuesday;
	d = made(NULL, 0, said, 2, tuesday, "none");
	assert_true(d.wanted);		/* never seen */
	digest_free(&d);
	said[1].sender = "p=none";
	d = made(NULL, 0, said, 2, tuesday, "none");
	assert_int_equal(d.nsaid, 0);	/* the same as yesterday need not be kept again */
	digest_free(&d);
	said[1].said_at = tuesday - 7 * DAY;
	d = made(NULL, 0, said, 2, tuesday, "none");
	assert_int_equal(d.nsaid, 1);
	digest_free(&d);
	said[1].sender = "p=none sp=reject";
	said[1].said_at = tuesday - DAY;
	d = made(NULL, 0, said, 4, tuesday, "reject");
	assert_true(d.wanted);		/* p itself is reported by all */
	assert_non_null(strstr(d.body, "the policy is p=reject now; it was p=none sp=reject."));
	digest_free(&d);
	said[2].domain = "example.net";
	d = made(NULL, 0, said, 4, tuesday, "none");
	assert_true(d.wanted);
	digest_free(&d);
}

static void
what_finds_no_room_is_counted(void **state)
{
	struct sum_finding f[1230];
	struct said said[] = { BEFORE };
	struct digest d;
	size_t i;

	for (i = 0; i < 1230; i++)
		f[i] = finding(i < 1220 ? "LOST" : "RISK", 50);
	d = made(f, 1230, said, 2, tuesday, "none");
	assert_non_null(strstr(d.body, "And 1,200 more, told in the next mail"));
	assert_non_null(strstr(d.subject, "and 1,219 more"));
	digest_free(&d);
}

static void
risk_that_doubled_is_no_unchanged_one(void **state)
{
	struct sum_finding f = finding("RISK", 500);
	struct said said[] = { { "WEEKLY", "", "", 0, monday - 7 * DAY }, { "POLICY", "example.org", "p=none", 0, 0 }, { "RISK", "example.org", "mandrill", 33, monday - 7 * DAY } };
	struct digest d = made(&f, 1, said, 3, monday, "none");

	assert_non_null(strstr(d.body, "1. It happened."));
	assert_non_null(strstr(d.subject, "doubled"));
	digest_free(&d);
	said[0].said_at = monday;
	d = made(&f, 1, said, 3, tuesday, "none");
	assert_false(d.wanted);		/* it waits for Monday */
	digest_free(&d);
	said[0].said_at = monday - 7 * DAY;
	f.messages = 40;
	d = made(&f, 1, said, 3, monday, "none");
	assert_non_null(strstr(d.body, "Unchanged:"));
	digest_free(&d);
}

static void
a_count_of_the_last_days_is_not_said_to_be_since_a_day_before_them(void **state)
{
	static const char *const told[] = { "RISK, Mailchimp Transactional (Mandrill), 40 messages, began 2026-10-10\n",
		"DECIDE, Mailchimp Transactional (Mandrill), 40 messages, since 2026-11-12\n", "GONE, Mailchimp Transactional (Mandrill), silent since 2026-10-10\n",
		"BLIND, example.org, silent since 2026-11-12\n" };
	struct sum_finding f[4] = { finding("RISK", 40), finding("DECIDE", 40), finding("GONE", 40), finding("BLIND", 40) };
	struct said said[6] = { { "WEEKLY", "", "", 0, monday - 7 * DAY }, { "POLICY", "example.org", "p=none", 0, 0 } };
	struct sum_finding lost = finding("LOST", 40);
	struct digest d;
	size_t i;

	f[0].since = f[2].since = lost.since = "2026-10-10";
	f[3].sender = NULL;
	for (i = 0; i < 4; i++)
		said[i + 2] = (struct said){ f[i].code, "example.org", f[i].sender != NULL ? f[i].sender : "", 40, monday - 7 * DAY };
	d = made(f, 4, said, 6, monday, "none");
	for (i = 0; i < 4; i++)
		assert_non_null(strstr(d.body, told[i]));
	assert_non_null(strstr(d.subject, "(RISK began 2026-10-10)"));
	digest_free(&d);
	d = made(&lost, 1, said, 2, tuesday, "none");
	assert_non_null(strstr(d.subject, "(LOST began 2026-10-10)"));
	digest_free(&d);
	lost.code = "BROKE";
	d = made(&lost, 1, said, 2, tuesday, "none");
	assert_non_null(strstr(d.subject, "(BROKE since 2026-10-10)"));
	digest_free(&d);
}

static void
on_monday_one_line_says_that_all_is_well(void **state)
{
	struct said said[] = { BEFORE };
	struct digest d = made(NULL, 0, said, 2, monday, "none");

	assert_true(d.wanted);
	assert_string_equal(d.body, "Nothing to do: 10,000 messages reported, none of yours lost.\nCounts cover receivers that report; newest report 2026-11-22.\n");
	assert_string_equal(d.subject, "[dmarc] nothing new; 10,000 messages reported");
	digest_free(&d);
	said[0].said_at = monday - 3600;	/* sent already today */
	d = made(NULL, 0, said, 2, monday, "none");
	assert_false(d.wanted);
	digest_free(&d);
	said[0].said_at = tuesday - 8 * DAY;	/* a Monday was missed */
	d = made(NULL, 0, said, 2, tuesday, "none");
	assert_true(d.wanted);
	digest_free(&d);
}

static void
a_subject_holds_code_and_first_day_and_mails_about_one_finding_have_one_thread(void **state)
{
	struct said said[] = { BEFORE, { "LOST", "example.org", "mandrill", 10, tuesday - DAY } };
	struct sum_finding f = finding("LOST", 1234);
	struct digest first = made(&f, 1, said, 2, tuesday, "none"), then = made(&f, 1, said, 3, tuesday, "none"), both;

	assert_string_equal(first.subject, "[dmarc] example.org: 1,234 messages refused or junked via Mailchimp Transactional (Mandrill) (LOST since 2026-11-12)");
	assert_string_equal(then.subject, "[dmarc] example.org: 1,234 messages refused or junked via Mailchimp Transactional (Mandrill) (LOST since 2026-11-12, doubled)");
	assert_string_equal(first.thread, "LOST.2026-11-12.example.org");
	assert_string_equal(first.thread, then.thread);
	both = made(&f, 1, said, 2, tuesday, "reject");	/* lost mail stands before the policy */
	assert_non_null(strstr(both.subject, "1,234 messages refused"));
	assert_non_null(strstr(both.subject, "the policy changed"));
	assert_non_null(strstr(both.body, "the policy is p=reject now"));
	digest_free(&first);
	digest_free(&then);
	digest_free(&both);
}

/* The digest of Monday of a summary made by hand. */
static struct digest
monday_of(const struct summary *s, const struct said *said, size_t nsaid)
{
	static struct thresholds usual;
	struct digest_options o = { .thresholds = &usual, .now_at = monday, .said = said, .nsaid = nsaid };
	struct digest out;

	usual = thresholds_usual();
	digest_make(s, &o, &out);
	return out;
}

/* Its body, however its lines are broken and indented; until the next call. */
static const char *
on_one_line(const struct digest *d)
{
	static char text[4096];
	const char *from = d->body;
	char *to = text;

	assert_true(strlen(from) < sizeof(text));
	while (*from != '\0') {
		*to++ = *from == '\n' ? ' ' : *from;
		from += *from == '\n' ? 1 + strspn(from + 1, " ") : 1;
	}
	*to = '\0';
	return text;
}

static void
a_policy_is_told_by_the_tags_that_change_what_holds(void **state)
{
	static const struct { struct sum_domain d; const char *text; } rows[] = {
		{ { .p = NULL, .pct = -1 }, "p=none" },
		{ { .p = "reject", .sp = "reject", .np = "reject", .pct = 100, .testing = "n" }, "p=reject" },
		{ { .p = "reject", .sp = "none", .np = "none", .pct = -1 }, "p=reject sp=none" },
		{ { .p = "reject", .np = "none", .pct = -1 }, "p=reject np=none" },
		{ { .p = "reject", .sp = "none", .np = "reject", .pct = 0, .testing = "y" }, "p=reject sp=none np=reject pct=0 t=y" },
	};
	struct said said[] = { BEFORE };
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sum_domain d = rows[i].d;
		struct summary s = { .domains = &d, .ndomains = 1, .counts = { .messages = 1 } };
		struct digest made;

		d.domain = "example.org";
		made = monday_of(&s, said, 1);
		assert_string_equal(made.said[0].sender, rows[i].text);
		digest_free(&made);
	}
}

static void
a_domain_that_is_ready_for_the_next_policy_is_told_once(void **state)
{
	struct sum_gate gates[] = { { .state = GATE_YES }, { .state = GATE_YES } };
	struct sum_domain domain = { .domain = "example.org", .p = "none", .pct = -1, .gates = gates, .ngates = 2, .next_policy = "quarantine" };
	struct summary s = { .domains = &domain, .ndomains = 1, .counts = { .messages = 10 }, .newest_day = "2026-11-22" };
	struct said said[] = { BEFORE, { "READY", "example.org", "quarantine", 0, monday - 30 * DAY } };
	struct digest d = monday_of(&s, said, 2);
	size_t i;

	assert_string_equal(d.subject, "[dmarc] example.org: ready for p=quarantine");
	assert_string_equal(d.body, "* example.org: all conditions for the next policy, p=quarantine, are met. What\n  it would lose: dmarcsift report --policy quarantine --domain example.org\n\n"
	    "Nothing else to do: 10 messages reported, none of yours lost.\nCounts cover receivers that report; newest report 2026-11-22.\n");
	assert_string_equal(d.said[1].code, "READY");
	digest_free(&d);
	d = monday_of(&s, said, 3);
	assert_string_equal(d.subject, "[dmarc] nothing new; 10 messages reported");
	assert_null(strstr(d.body, "all conditions"));
	digest_free(&d);
	domain.next_policy = "reject sp=reject";	/* another step is news */
	d = monday_of(&s, said, 3);
	assert_non_null(strstr(on_one_line(&d), "p=reject sp=reject, are met."));
	assert_non_null(strstr(on_one_line(&d), "--policy reject --subdomain-policy reject --domain example.org "));
	digest_free(&d);
	for (i = 0; i < 2; i++) {
		gates[i].state = GATE_UNKNOWN;
		gates[1 - i].state = GATE_YES;
		d = monday_of(&s, said, 2);
		assert_null(strstr(d.body, "all conditions"));
		digest_free(&d);
	}
}

/* Of a domain and a policy by names that are cut in the middle of a character, and words to a shell. */
static void
what_strangers_call_a_domain_is_cut_between_characters_and_one_word_of_a_command(void **state)
{
	struct sum_gate gate = { .state = GATE_YES };
	struct sum_domain domain = { .p = "qu\u00e4rantaene-oder-so", .pct = -1, .gates = &gate, .ngates = 1, .next_policy = "reject" };
	char name[400] = "xy", ends[4] = "\u00e4";
	const char *names[] = { name };
	struct summary s = { .domains = &domain, .ndomains = 1, .counts = { .messages = 10 }, .newest_day = "2026-11-22", .unheard = names, .nunheard = 1 };
	struct said said[] = { { "WEEKLY", "", "", 0, monday - 7 * DAY + 3600 * 24 }, { "POLICY", name, "p=none", 0, 0 } };
	struct digest d;
	size_t i;

	(void)state;
	for (i = 0; i < 160; i++)
		strcat(name, ends);
	domain.domain = name;
	d = monday_of(&s, said, 2);
	assert_null(strstr(d.body, "\\x"));
	assert_non_null(strstr(on_one_line(&d), "p=qu\u00e4rantaene-..."));
	digest_free(&d);
	strcpy(name, "a.example; rm -rf x");
	d = monday_of(&s, said, 2);
	assert_non_null(strstr(on_one_line(&d), "dmarcsift report --policy reject --domain 'a.example; rm -rf x'"));
	digest_free(&d);
}

static void
where_nothing_was_reported_it_is_said_what_was_instead(void **state)
{
	static const char *const foreign[] = { "a.example", "b.example", "c.example", "d.example", "e.example", "f.example", "g.example", "h.example", "i.example" };
	struct summary s = { .begin = "2026-10-24", .end = "2026-11-22" };
	struct said said[] = { BEFORE };
	struct digest d = monday_of(&s, said, 1);

	assert_string_equal(d.subject, "[dmarc] no report");
	assert_string_equal(d.body, "No message was reported between 2026-10-24 and 2026-11-22. Look whether the\nrua address of your DMARC record receives mail.\n"
	    "Counts cover receivers that report; newest report never.\n");
	digest_free(&d);
	s.foreign = foreign;
	s.nforeign = 2;
	d = monday_of(&s, said, 1);
	assert_string_equal(d.subject, "[dmarc] no report of your domains");
	assert_non_null(strstr(on_one_line(&d), "No message of your domains was reported between 2026-10-24 and 2026-11-22. Reported were domains that the configuration does not name: a.example, b.example. "));
	digest_free(&d);
	s.nforeign = 9;
	d = monday_of(&s, said, 1);
	assert_non_null(strstr(on_one_line(&d), "g.example, h.example, ... Counts"));
	digest_free(&d);
}

static void
what_strangers_sent_is_not_taken_for_mail_of_the_readers(void **state)
{
	static const struct { int64_t messages, stopped; const char *text; } rows[] = {
		{ 5, 0, "5 of them came from strangers who claimed to be you; none was stopped." }, { 5, 3, "5 of them came from strangers who claimed to be you; 3 stopped." },
		{ 5, 5, "5 of them came from strangers who claimed to be you; all were stopped." }, { 1, 1, "1 of them came from strangers who claimed to be you; it was stopped." },
	};
	struct said said[] = { BEFORE };
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sum_domain domain = { .domain = "example.org", .p = "none", .pct = -1, .not_you_messages = rows[i].messages, .not_you_stopped = rows[i].stopped };
		struct summary s = { .domains = &domain, .ndomains = 1, .counts = { .messages = 10 } };
		struct digest d = monday_of(&s, said, 2);

		assert_non_null(strstr(on_one_line(&d), rows[i].text));
		digest_free(&d);
	}
}

static void
a_repair_and_a_new_sender_are_news_once(void **state)
{
	static const char *const codes[] = { "FIXED", "NEW" };
	size_t i;

	for (i = 0; i < 2; i++) {
		struct sum_finding f = finding(codes[i], 40);
		struct said said[] = { BEFORE, { codes[i], "example.org", "mandrill", 40, monday - 14 * DAY } };
		struct digest d = made(&f, 1, said, 2, monday, "none");

		assert_non_null(strstr(d.body, "Nothing to do, but good to know.\n\n1. It happened."));
		digest_free(&d);
		d = made(&f, 1, said, 3, monday, "none");
		assert_non_null(strstr(d.body, "Nothing to do: 10,000 messages reported"));
		digest_free(&d);
	}
}

static void
what_is_to_be_said_alike_of_many_domains_is_said_once(void **state)
{
	struct sum_domain domains[40];
	struct sum_finding f[40];
	struct summary s = { .domains = domains, .ndomains = 40, .findings = f, .nfindings = 40, .counts = { .messages = 10 } };
	struct said said[] = { BEFORE };
	char name[40][16];
	struct digest d;
	size_t i;

	for (i = 0; i < 40; i++) {
		snprintf(name[i], sizeof(name[i]), "firm%zu.example", i);
		domains[i] = (struct sum_domain){ .domain = name[i], .pct = -1 };
		f[i] = finding("BLIND", 900);
		f[i].domain = name[i];
		f[i].sender = NULL;
		f[i].text = "Harbor told us nothing since 12 Nov 2026.";
		f[i].fix = "Look there.";
	}
	f[3].text = "Kite told us nothing since 12 Nov 2026.";
	d = monday_of(&s, said, 2);
	assert_string_equal(on_one_line(&d), "2 things to do.  1. firm0.example and 38 more domains: Harbor told us nothing since 12 Nov 2026. Look there.  "
	    "2. firm3.example: Kite told us nothing since 12 Nov 2026. Look there.  Counts cover receivers that report; newest report never. ");
	assert_string_equal(d.subject, "[dmarc] firm0.example: no reports from Harbor any more (BLIND since 2026-11-12) and 1 more");
	for (i = 0; i < d.nsaid; i++)	/* each is known from now on */
		assert_true(strcmp(d.said[i].code, "BLIND") != 0 || d.said[i].said_at == monday);
	assert_true(d.nsaid >= 40);
	digest_free(&d);
	s.nfindings = 2;
	d = monday_of(&s, said, 2);
	assert_non_null(strstr(d.body, "One thing to do.\n\n1. firm0.example and 1 more domain: Harbor told us nothing"));
	digest_free(&d);
	f[1].why = "Not for the same reason.";
	d = monday_of(&s, said, 2);
	assert_non_null(strstr(d.body, "2 things to do."));
	digest_free(&d);
}

static void
passing_mail_that_is_stopped_is_told_of_three_senders_with_their_domains(void **state)
{
	struct sum_domain domains[] = { { .domain = "example.org", .pct = -1 }, { .domain = "example.net", .pct = -1 } };
	struct sum_finding f[5];
	struct summary s = { .domains = domains, .ndomains = 2, .findings = f, .nfindings = 3, .counts = { .messages = 10 } };
	struct said said[] = { BEFORE };
	struct digest d;
	size_t i;

	for (i = 0; i < 5; i++) {
		f[i] = finding(i > 0 ? "OK" : "DKIMONLY", 900);
		f[i].fix = "See which.";
	}
	f[2].domain = "example.net";
	d = monday_of(&s, said, 2);
	assert_non_null(strstr(d.body, "* example.org: It happened. See which.\n* example.org: It happened. See which.\n* example.net: It happened. See which.\n\nNothing else to do"));
	digest_free(&d);
	s.nfindings = 4;
	d = monday_of(&s, said, 2);
	assert_non_null(strstr(d.body, "* and 1 more sender whose mail passes and is stopped all the same\n\n"));
	digest_free(&d);
	s.nfindings = 5;
	d = monday_of(&s, said, 2);
	assert_non_null(strstr(d.body, "* example.net: It happened. See which.\n* and 2 more senders whose mail passes and is stopped all the same\n\n"));
	digest_free(&d);
}

static void
what_could_not_be_read_and_where_the_report_lies_are_told_at_the_end(void **state)
{
	struct thresholds usual = thresholds_usual();
	struct summary s = { .counts = { .messages = 1 }, .newest_day = "2026-11-22" };
	struct said said[] = { BEFORE };
	struct digest_options o = { .thresholds = &usual, .now_at = monday, .said = said, .nsaid = 2, .page = "/srv/dmarc.html", .accounts = 2, .failed = 1, .unread = 1200 };
	struct digest d;

	digest_make(&s, &o, &d);
	assert_string_equal(d.subject, "[dmarc] nothing new; 1 message reported");
	assert_non_null(strstr(d.body, "Nothing to do: 1 message reported, none of yours lost."));
	assert_non_null(strstr(on_one_line(&d), "newest report 2026-11-22. 1 of 2 accounts could not be read tonight, so reports may be missing: dmarcsift status tells why. "
	    "1,200 documents could not be read tonight: dmarcsift status names them. The whole report: /srv/dmarc.html"));
	digest_free(&d);
}

static void
encoded_words_are_short_enough_and_end_at_whole_characters(void **state)
{
	struct digest d = { .subject = "\xf0\x9f\x93\xac a \xf0\x9f\x93\xac\xf0\x9f\x93\xac\xf0\x9f\x93\xac\xf0\x9f\x93\xac bb \xf0\x9f\x93\xac\xf0\x9f\x93\xac ccc \xc3\xbc\xf0\x9f\x93\xac\xf0\x9f\x93\xac\xf0\x9f\x93\xac", .body = "" };
	const char *line, *end, *word;
	struct buf b;
	int words = 0;

	buf_init(&b, 65536);
	digest_mail(&d, NULL, NULL, tuesday, &b);
	for (line = b.at; (end = strchr(line, 10)) != NULL; line = end + 1) {
		assert_true(end - line <= 76);
		word = strstr(line, "=?UTF-8?Q?");
		if (word == NULL || word > end)
			continue;
		words++;
		assert_true(end - word <= 75);
		assert_true(strncmp(end - 2, "?=", 2) == 0);
		assert_true(strncmp(word + 10, "=8", 2) != 0 && strncmp(word + 10, "=9", 2) != 0 && strncmp(word + 10, "=A", 2) != 0);
	}
	assert_true(words > 2);
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lost_broke_and_stale_cannot_wait),
		cmocka_unit_test(one_fix_for_several_senders_is_one_thing_to_do),
		cmocka_unit_test(a_reason_is_told_once_for_a_sender),
		cmocka_unit_test(lines_are_as_long_as_they_look),
		cmocka_unit_test(a_stray_lost_message_waits_for_monday),
		cmocka_unit_test(lost_mail_that_doubled_is_told_again),
		cmocka_unit_test(the_rest_waits_for_monday),
		cmocka_unit_test(what_is_well_is_never_told),
		cmocka_unit_test(passing_mail_that_is_stopped_is_told_on_mondays),
		cmocka_unit_test(nothing_is_told_twice_within_a_week),
		cmocka_unit_test(that_reports_arrive_again_is_told_at_once_and_once),
		cmocka_unit_test(a_policy_that_changed_is_told_at_once_and_a_first_one_is_not),
		cmocka_unit_test(a_tag_that_not_all_receivers_report_is_no_other_policy),
		cmocka_unit_test(what_finds_no_room_is_counted),
		cmocka_unit_test(risk_that_doubled_is_no_unchanged_one),
		cmocka_unit_test(a_count_of_the_last_days_is_not_said_to_be_since_a_day_before_them),
		cmocka_unit_test(on_monday_one_line_says_that_all_is_well),
		cmocka_unit_test(a_subject_holds_code_and_first_day_and_mails_about_one_finding_have_one_thread),
		cmocka_unit_test(a_policy_is_told_by_the_tags_that_change_what_holds),
		cmocka_unit_test(a_domain_that_is_ready_for_the_next_policy_is_told_once), cmocka_unit_test(what_strangers_call_a_domain_is_cut_between_characters_and_one_word_of_a_command),
		cmocka_unit_test(where_nothing_was_reported_it_is_said_what_was_instead),
		cmocka_unit_test(what_strangers_sent_is_not_taken_for_mail_of_the_readers),
		cmocka_unit_test(a_repair_and_a_new_sender_are_news_once),
		cmocka_unit_test(what_is_to_be_said_alike_of_many_domains_is_said_once),
		cmocka_unit_test(passing_mail_that_is_stopped_is_told_of_three_senders_with_their_domains),
		cmocka_unit_test(what_could_not_be_read_and_where_the_report_lies_are_told_at_the_end),
		cmocka_unit_test(encoded_words_are_short_enough_and_end_at_whole_characters),
	};

	return cmocka_run_group_tests_name("digest", tests, NULL, NULL);
}
