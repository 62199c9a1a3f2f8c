/* SPDX-License-Identifier: MIT */
/* The words of the field, one table for each enumeration (RFC 7489 appendix C, RFC 9990 appendix A). */
#include <string.h>

#include "parse/parse.h"

struct entry { const char *word; int code; };

static const struct entry policies[] = {
	{ "none", POLICY_NONE }, { "quarantine", POLICY_QUARANTINE }, { "reject", POLICY_REJECT }, { NULL, POLICY_UNKNOWN }
};
static const struct entry dispositions[] = {
	{ "none", DISP_NONE }, { "pass", DISP_PASS }, { "quarantine", DISP_QUARANTINE }, { "reject", DISP_REJECT },
	{ NULL, DISP_UNKNOWN }
};
static const struct entry dmarc_results[] = { { "pass", DMARC_PASS }, { "fail", DMARC_FAIL }, { NULL, DMARC_UNKNOWN } };
/* With what else is written for them, behind the proper words. */
static const struct entry auth_results[] = {
	{ "pass", AUTH_PASS }, { "fail", AUTH_FAIL }, { "none", AUTH_NONE }, { "softfail", AUTH_SOFTFAIL }, { "neutral", AUTH_NEUTRAL },
	{ "policy", AUTH_POLICY }, { "temperror", AUTH_TEMPERROR }, { "permerror", AUTH_PERMERROR },
	{ "hardfail", AUTH_FAIL }, { "error", AUTH_PERMERROR }, { "unknown", AUTH_TEMPERROR }, { NULL, AUTH_UNKNOWN }
};
static const struct entry scopes[] = { { "mfrom", SCOPE_MFROM }, { "helo", SCOPE_HELO }, { NULL, SCOPE_UNKNOWN } };
static const struct entry reasons[] = {
	{ "forwarded", REASON_FORWARDED }, { "sampled_out", REASON_SAMPLED_OUT }, { "trusted_forwarder", REASON_TRUSTED_FORWARDER },
	{ "mailing_list", REASON_MAILING_LIST }, { "local_policy", REASON_LOCAL_POLICY }, { "policy_test_mode", REASON_POLICY_TEST_MODE },
	{ "other", REASON_OTHER }, { NULL, REASON_UNKNOWN }
};

static int
code_of(const struct entry *table, const char *word)
{
	if (word == NULL || *word == '\0')
		return 0;
	while (table->word != NULL && strcmp(table->word, word) != 0)
		table++;
	return table->code;
}

#define VOCAB(type, table, of)					\
enum type of(const char *s)					\
{								\
	return (enum type)code_of(table, s);			\
}

VOCAB(policy, policies, policy_of)
VOCAB(disposition, dispositions, disposition_of)
VOCAB(dmarc_result, dmarc_results, dmarc_result_of)
VOCAB(auth_result, auth_results, auth_result_of)
VOCAB(spf_scope, scopes, spf_scope_of)
VOCAB(reason_type, reasons, reason_type_of)
