/* SPDX-License-Identifier: MIT */
/* The verdict and the class under p=reject: one row for each case of the rules, as a table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "report/verdict.h"

enum { P_NONE = POLICY_NONE, P_QUAR = POLICY_QUARANTINE, P_REJ = POLICY_REJECT };

struct row {
	int number;
	const char *from, *dkim, *spf;
	const char *auths;		/* "dkim DOMAIN RESULT,spf DOMAIN RESULT [scope]"; domain -: none given */
	int p, sp, pct;
	const char *tags;		/* t: t=y; d, s: strict adkim, aspf; n: null reverse-path, e: envelope_from is example.com; o: no policy domain; i: an id as OpenDMARC's, v: a version */
	const char *disposition, *reason, *comment;
	enum under_reject want;
	int disputed;
	int flags;
};

static const struct row rows[] = {
	{ 1, "example.com", "pass", "fail", "dkim example.com pass", P_NONE, 0, -1, "", "none", NULL, NULL, UNDER_DELIVERED, 0, FLAG_DKIM | FLAG_DKIM_STRICT },
	{ 2, "example.com", "fail", "fail", "spf bounce.esp.net pass,dkim esp.net pass", P_NONE, 0, -1, "", "none", NULL, NULL, UNDER_REJECTED, 0, 0 },
	{ 3, "example.com", "fail", "fail", "dkim a.net fail,dkim esp.net pass", P_NONE, 0, -1, "", "none", NULL, NULL, UNDER_REJECTED, 0, 0 },
	{ 4, "example.com", "fail", "pass", "dkim a.net fail,dkim b.net fail,spf example.com pass", P_NONE, 0, -1, "", "none", NULL, NULL, UNDER_DELIVERED, 0, FLAG_SPF | FLAG_SPF_STRICT },
	{ 5, "example.com", "fail", "fail", "", P_NONE, 0, -1, "", "none", NULL, NULL, UNDER_REJECTED, 0, 0 },
	{ 6, "example.com", NULL, NULL, "spf example.com pass", P_NONE, 0, -1, "", "none", NULL, NULL, UNDER_DELIVERED, 0, FLAG_SPF | FLAG_SPF_STRICT },
	{ 7, "example.com", NULL, NULL, "", P_NONE, 0, -1, "", "none", NULL, NULL, UNDER_UNKNOWN, 0, 0 },
	{ 8, "example.com", "fail", "fail", "spf example.com temperror", P_NONE, 0, -1, "", "none", NULL, NULL, UNDER_UNDETERMINED, 0, 0 },
	{ 9, "example.com", "fail", "fail", "spf other.net temperror", P_NONE, 0, -1, "", "none", NULL, NULL, UNDER_REJECTED, 0, 0 },
	{ 10, "example.com", "fail", "fail", "spf example.com permerror", P_NONE, 0, -1, "", "none", NULL, NULL, UNDER_REJECTED, 0, FLAG_SPF_PERMERROR },
	{ 11, "a.example.com", "fail", "fail", "", P_NONE, P_QUAR, -1, "", "none", NULL, NULL, UNDER_QUARANTINED, 0, FLAG_SUBDOMAIN | FLAG_OVERRIDE },
	{ 12, "a.example.com", "fail", "fail", "", P_NONE, P_NONE, -1, "", "none", NULL, NULL, UNDER_REJECTED, 0, FLAG_SUBDOMAIN | FLAG_SUB_INHERITS },
	{ 13, "a.example.com", "fail", "fail", "", P_QUAR, P_NONE, -1, "", "none", NULL, NULL, UNDER_DELIVERED_FAILING, 0, FLAG_SUBDOMAIN },
	{ 14, "example.com", "fail", "fail", "", P_REJ, 0, 20, "", "quarantine", "sampled_out", NULL, UNDER_REJECTED, 0, 0 },
	{ 15, "example.com", "fail", "fail", "", P_REJ, 0, -1, "t", "quarantine", "policy_test_mode", NULL, UNDER_REJECTED, 0, 0 },
	{ 16, "example.com", "fail", "fail", "", P_REJ, 0, -1, "", "none", "local_policy", NULL, UNDER_LIKELY_SPARED, 0, FLAG_OVERRIDE },
	{ 17, "example.com", "fail", "fail", "", P_NONE, 0, -1, "", "none", "local_policy", "arc=pass as[1].d=x", UNDER_REJECTED, 0, FLAG_FORWARD_REASON },
	{ 18, "example.com", "fail", "fail", "", P_NONE, 0, -1, "", "none", "mailing_list", NULL, UNDER_LIKELY_SPARED, 0, FLAG_FORWARD_REASON },
	{ 19, NULL, "fail", "fail", "", P_NONE, 0, -1, "", "none", NULL, NULL, UNDER_REJECTED, 0, FLAG_NO_FROM },
	{ 20, "example.com", "pass", "pass", "dkim example.com fail", P_NONE, 0, -1, "", "none", NULL, NULL, UNDER_DELIVERED, 1, FLAG_DKIM | FLAG_SPF },
	{ 21, "example.com", "fail", "fail", "spf example.com pass mfrom", P_NONE, 0, -1, "", "none", NULL, NULL, UNDER_REJECTED, 2, FLAG_SPF_STRICT },
	{ 22, "example.com", "fail", "fail", "", P_NONE, 0, -1, "", "reject", NULL, NULL, UNDER_REJECTED, 0, FLAG_HARSHER },
	{ 23, "example.com", "pass", "fail", "dkim example.com pass", P_NONE, 0, -1, "", "none", NULL, NULL, UNDER_DELIVERED, 0, FLAG_DKIM | FLAG_DKIM_STRICT },
	/* and beyond the table: contradictions, HELO, siblings, empty SPF domains, quarantine in place of reject */
	{ 24, "example.com", "pass", "fail", "dkim example.com pass", P_REJ, 0, -1, "", "reject", NULL, NULL, UNDER_DELIVERED, 4, FLAG_DKIM | FLAG_DKIM_STRICT },
	{ 25, "example.com", "fail", "fail", "", P_REJ, 0, -1, "", "none", NULL, NULL, UNDER_LIKELY_SPARED, 8, FLAG_OVERRIDE },
	{ 26, "example.com", NULL, NULL, "spf example.com pass helo", P_NONE, 0, -1, "", "none", NULL, NULL, UNDER_REJECTED, 0, 0 },
	{ 27, "a.example.com", NULL, NULL, "dkim b.example.com pass", P_NONE, 0, -1, "", "none", NULL, NULL, UNDER_DELIVERED, 0, FLAG_DKIM | FLAG_SUBDOMAIN | FLAG_SUB_INHERITS },
	{ 28, "example.com", "fail", "fail", "", P_REJ, 0, -1, "", "quarantine", NULL, NULL, UNDER_LIKELY_SPARED, 0, FLAG_OVERRIDE | FLAG_QUARANTINED_HERE },
	{ 29, "example.com", "unknown", "unknown", "dkim esp.net pass", P_NONE, 0, -1, "", "none", NULL, NULL, UNDER_REJECTED, 0, 0 },
	{ 30, "example.com", "fail", "fail", "spf example.com unknown", P_NONE, 0, -1, "i", "none", NULL, NULL, UNDER_REJECTED, 0, 0 },
	{ 31, "example.com", "fail", "fail", "spf mx.example.com temperror helo,spf esp.net fail mfrom", P_NONE, 0, -1, "", "none", NULL, NULL, UNDER_REJECTED, 0, 0 },
	{ 32, "example.com", NULL, NULL, "dkim mail.example.com pass", P_NONE, 0, -1, "", "none", NULL, NULL, UNDER_DELIVERED, 0, FLAG_DKIM },
	{ 33, "example.com", NULL, NULL, "dkim mail.example.com pass", P_NONE, 0, -1, "d", "none", NULL, NULL, UNDER_REJECTED, 0, 0 },
	{ 34, "example.com", NULL, NULL, "spf mail.example.com pass", P_NONE, 0, -1, "d", "none", NULL, NULL, UNDER_DELIVERED, 0, FLAG_SPF },
	{ 35, "example.com", NULL, NULL, "spf mail.example.com pass", P_NONE, 0, -1, "s", "none", NULL, NULL, UNDER_REJECTED, 0, 0 },
	{ 36, "example.com", NULL, NULL, "spf mx.example.com pass helo,dkim esp.net pass", P_NONE, 0, -1, "n", "none", NULL, NULL, UNDER_DELIVERED, 0, FLAG_SPF },
	{ 37, "example.com", NULL, NULL, "spf mx.example.com pass helo,spf esp.net fail mfrom", P_NONE, 0, -1, "n", "none", NULL, NULL, UNDER_REJECTED, 0, 0 },
	{ 38, "example.com", NULL, NULL, "spf - pass", P_NONE, 0, -1, "e", "none", NULL, NULL, UNDER_DELIVERED, 0, FLAG_SPF | FLAG_SPF_STRICT },
	{ 39, "example.com", "fail", "fail", "spf mail.example.com permerror", P_NONE, 0, -1, "s", "none", NULL, NULL, UNDER_REJECTED, 0, FLAG_SPF_PERMERROR },
	{ 40, "example.com", "fail", "fail", "dkim mail.example.com temperror", P_NONE, 0, -1, "", "none", NULL, NULL, UNDER_UNDETERMINED, 0, 0 },
	{ 41, "example.com", "fail", "fail", "dkim mail.example.com temperror", P_NONE, 0, -1, "d", "none", NULL, NULL, UNDER_REJECTED, 0, 0 },
	{ 42, "example.com", "fail", "pass", "dkim example.com pass,spf example.com fail", P_NONE, 0, -1, "", "none", NULL, NULL, UNDER_DELIVERED, 3, FLAG_SPF | FLAG_DKIM_STRICT },
	{ 43, "example.com", "pass", "fail", "dkim example.com pass", P_QUAR, 0, -1, "", "quarantine", NULL, NULL, UNDER_DELIVERED, 4, FLAG_DKIM | FLAG_DKIM_STRICT },
	/* what was asked of the receiver: t=y, pct, and the tag that applies */
	{ 44, "example.com", "fail", "fail", "", P_QUAR, 0, -1, "t", "none", NULL, NULL, UNDER_REJECTED, 0, 0 },
	{ 45, "example.com", "fail", "fail", "", P_QUAR, 0, -1, "t", "quarantine", NULL, NULL, UNDER_REJECTED, 0, FLAG_HARSHER },
	{ 46, "example.com", "fail", "fail", "", P_QUAR, 0, 99, "", "none", NULL, NULL, UNDER_REJECTED, 0, 0 },
	{ 47, "example.com", "fail", "fail", "", P_QUAR, 0, 100, "", "none", NULL, NULL, UNDER_LIKELY_SPARED, 0, FLAG_OVERRIDE },
	{ 48, "example.com", "fail", "fail", "", P_REJ, 0, 50, "", "reject", NULL, NULL, UNDER_REJECTED, 0, 0 },
	{ 49, "example.com", "fail", "fail", "", P_REJ, 0, -1, "", NULL, NULL, NULL, UNDER_REJECTED, 0, 0 },
	{ 50, "a.example.com", "fail", "fail", "", P_NONE, P_REJ, -1, "", "none", NULL, NULL, UNDER_LIKELY_SPARED, 8, FLAG_SUBDOMAIN | FLAG_OVERRIDE },
	{ 51, "a.example.com", "fail", "fail", "", P_REJ, P_QUAR, -1, "", "quarantine", NULL, NULL, UNDER_QUARANTINED, 0, FLAG_SUBDOMAIN },
	{ 52, "a.example.com", "fail", "fail", "", P_REJ, 0, -1, "", "reject", NULL, NULL, UNDER_REJECTED, 0, FLAG_SUBDOMAIN | FLAG_SUB_INHERITS },
	{ 53, "a.example.com", "fail", "fail", "", P_REJ, POLICY_UNKNOWN, -1, "", "pass", NULL, NULL, UNDER_LIKELY_SPARED, 8, FLAG_SUBDOMAIN | FLAG_SUB_INHERITS | FLAG_OVERRIDE },
	{ 54, "example.com", "fail", "fail", "", P_REJ, P_NONE, -1, "", "reject", NULL, NULL, UNDER_REJECTED, 0, 0 },
	{ 55, "other.net", "fail", "fail", "", P_NONE, P_QUAR, -1, "", "none", NULL, NULL, UNDER_REJECTED, 0, FLAG_FOREIGN_FROM },
	{ 56, "example.com", "fail", "fail", "", P_NONE, 0, -1, "", "none", "forwarded", NULL, UNDER_LIKELY_SPARED, 0, FLAG_FORWARD_REASON },
	{ 57, "example.com", "fail", "fail", "", P_NONE, 0, -1, "", "none", "trusted_forwarder", NULL, UNDER_LIKELY_SPARED, 0, FLAG_FORWARD_REASON },
	{ 58, "example.com", "fail", "fail", "", P_REJ, 0, -1, "", "none", "local_policy", "arc=fail", UNDER_LIKELY_SPARED, 0, FLAG_OVERRIDE },
	/* what is there to go by: no domain of the identifier, of the policy or of the From */
	{ 59, "example.com", NULL, NULL, "spf esp.net fail mfrom,spf mx.example.com pass helo", P_NONE, 0, -1, "n", "none", NULL, NULL, UNDER_REJECTED, 0, 0 },
	{ 60, "example.com", NULL, NULL, "dkim - pass", P_NONE, 0, -1, "e", "none", NULL, NULL, UNDER_REJECTED, 0, 0 },
	{ 61, "example.com", "fail", "pass", "dkim mail.example.com pass", P_NONE, 0, -1, "", "none", NULL, NULL, UNDER_DELIVERED, 3, FLAG_SPF },
	{ 62, "a.example.com", "fail", "fail", "", P_NONE, P_QUAR, -1, "o", "none", NULL, NULL, UNDER_REJECTED, 0, 0 },
	{ 63, NULL, NULL, NULL, "dkim example.com pass", P_NONE, 0, -1, "", "none", NULL, NULL, UNDER_DELIVERED, 0, FLAG_DKIM | FLAG_DKIM_STRICT | FLAG_NO_FROM },
	{ 64, "example.com", "fail", "fail", "", P_NONE, 0, -1, "t", "none", NULL, NULL, UNDER_REJECTED, 0, 0 },
	/* the word "unknown" of others than OpenDMARC, and a temporary error of its own */
	{ 65, "example.com", "fail", "fail", "spf example.com unknown", P_NONE, 0, -1, "", "none", NULL, NULL, UNDER_UNDETERMINED, 0, 0 },
	{ 66, "example.com", "fail", "fail", "spf example.com unknown", P_NONE, 0, -1, "iv", "none", NULL, NULL, UNDER_UNDETERMINED, 0, 0 },
	{ 67, "example.com", "unknown", "unknown", "spf example.com unknown", P_NONE, 0, -1, "", "none", NULL, NULL, UNDER_UNDETERMINED, 0, 0 },
	{ 68, "example.com", "fail", "fail", "spf example.com temperror,dkim example.com unknown", P_NONE, 0, -1, "i", "none", NULL, NULL, UNDER_UNDETERMINED, 0, 0 },
};

/* Fills auths from the text; words live in `text`. */
static size_t
auths_of(char *text, struct auth *out)
{
	char *entry, *word, *save = NULL, *inner;
	size_t n = 0;

	for (entry = strtok_r(text, ",", &save); entry != NULL; entry = strtok_r(NULL, ",", &save)) {
		struct auth *a = &out[n++];

		memset(a, 0, sizeof(*a));
		inner = NULL;
		a->kind = strcmp(strtok_r(entry, " ", &inner), "dkim") == 0 ? KIND_DKIM : KIND_SPF;
		word = strtok_r(NULL, " ", &inner);
		a->domain = strcmp(word, "-") != 0 ? word : NULL;
		a->result.text = strtok_r(NULL, " ", &inner);
		a->result.code = (int)auth_result_of(a->result.text);
		word = strtok_r(NULL, " ", &inner);
		a->scope.text = word;
		a->scope.code = (int)spf_scope_of(word);
	}
	return n;
}

static void
judge(const struct row *row, struct judgement *out)
{
	char text[256];
	struct auth auths[4];
	struct reason reason = { { (int)reason_type_of(row->reason), row->reason }, row->comment };
	struct feedback f;
	struct record r;

	memset(&f, 0, sizeof(f));
	memset(&r, 0, sizeof(r));
	f.domain = strchr(row->tags, 'o') == NULL ? "example.com" : NULL;
	f.p.code = row->p;
	f.sp.code = row->sp;
	f.pct = row->pct < 0 ? NO_NUMBER : row->pct;
	f.testing.code = strchr(row->tags, 't') != NULL ? 'y' : 0;
	f.adkim.code = strchr(row->tags, 'd') != NULL ? 's' : 'r';
	f.aspf.code = strchr(row->tags, 's') != NULL ? 's' : 'r';
	r.envelope_from = strchr(row->tags, 'e') != NULL ? "example.com" : NULL;
	r.envelope_from_empty = strchr(row->tags, 'n') != NULL;
	f.report_id = strchr(row->tags, 'i') != NULL ? "example.com:1795132800" : "example.com:1795132800:1";
	f.version = strchr(row->tags, 'v') != NULL ? "1.0" : NULL;
	r.header_from = row->from;
	r.dkim.code = (int)dmarc_result_of(row->dkim);
	r.spf.code = (int)dmarc_result_of(row->spf);
	r.disposition.code = (int)disposition_of(row->disposition);
	(void)snprintf(text, sizeof(text), "%s", row->auths);
	r.nauths = auths_of(text, auths);
	r.auths = auths;
	r.reasons = &reason;
	r.nreasons = row->reason != NULL;
	verdict_of(&f, &r, out);
}

static void
every_row_of_the_rules_gets_its_class(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct judgement j;

		judge(&rows[i], &j);
		if (j.under_reject != rows[i].want)
			print_message("# row %d: %s, want %s\n", rows[i].number, under_reject_str(j.under_reject), under_reject_str(rows[i].want));
		assert_int_equal(j.under_reject, rows[i].want);
		if (j.disputed != rows[i].disputed || j.flags != rows[i].flags)
			print_message("# row %d: disputed %d flags %d\n", rows[i].number, j.disputed, j.flags);
		assert_int_equal(j.disputed, rows[i].disputed);
		assert_int_equal(j.flags, rows[i].flags);
	}
}

static void
agreement_is_not_disputed(void **state)
{
	struct judgement j;

	(void)state;
	judge(&rows[0], &j);
	assert_int_equal(j.disputed, 0);
	judge(&rows[1], &j);
	assert_int_equal(j.disputed, 0);
}

static void
buckets_follow_verdict_disposition_and_ownership(void **state)
{
	struct judgement pass = { .verdict = VERDICT_PASS }, fail = { .verdict = VERDICT_FAIL }, open = { .verdict = VERDICT_UNDETERMINED };

	(void)state;
	assert_string_equal(verdict_bucket("reject", &pass, 1), "passing");
	assert_string_equal(verdict_bucket("reject", &fail, 1), "lost");
	assert_string_equal(verdict_bucket("quarantine", &open, 1), "lost");
	assert_string_equal(verdict_bucket("none", &open, 1), "undetermined");
	assert_string_equal(verdict_bucket("", &fail, 1), "at_risk");
	assert_string_equal(verdict_bucket("reject", &fail, 0), "undecided");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_of_the_rules_gets_its_class),
		cmocka_unit_test(agreement_is_not_disputed),
		cmocka_unit_test(buckets_follow_verdict_disposition_and_ownership),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
