/* SPDX-License-Identifier: MIT */
/* The bounce reader over the answers of the receivers, word for word, and over what only looks like them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "report/bounce.h"

static const struct { const char *text; enum bounce_class class; const char *domain, *address; int temporary; } rows[] = {
	{ "550 5.7.1 Unauthenticated email from example.org is not accepted due to domain's DMARC policy", BOUNCE_DMARC, "example.org", "", 0 },
	{ "550-5.7.26 Unauthenticated email from example.org is not accepted due to\n550-5.7.26 domain's DMARC policy. Please contact\n550 5.7.26 x - gsmtp",
	  BOUNCE_DMARC, "example.org", "", 0 },
	{ "Diagnostic-Code: smtp; 550-5.7.26 Unauthenticated email from example.org is not\n    accepted due to 550-5.7.26 domain's DMARC policy.", BOUNCE_DMARC, "example.org", "", 0 },
	{ "451-4.7.26 Unauthenticated email from example.org is not accepted due to\n451-4.7.26 domain's DMARC policy, but temporary DNS failures prevent authentication",
	  BOUNCE_DMARC, "example.org", "", 1 },
	{ "550-5.7.26 This mail has been blocked because the sender is unauthenticated.\n550-5.7.26 Gmail requires all senders to authenticate with either SPF or DKIM.\n"
	  "550-5.7.26 Authentication results: DKIM = did not pass SPF [example.org] with ip: [192.0.2.1] = did not pass", BOUNCE_AUTH, "example.org", "192.0.2.1", 0 },
	{ "421-4.7.26 This mail has been rate limited because it is unauthenticated.", BOUNCE_AUTH, "", "", 1 },
	{ "421-4.7.26 Your email has been rate limited because it is unauthenticated. Gmail\n421-4.7.26 requires all senders to authenticate with either SPF or DKIM.\n"
	  "421 4.7.26 Authentication results: DKIM = did not pass SPF [example.org] with ip: [192.0.2.1] = did not pass", BOUNCE_AUTH, "example.org", "192.0.2.1", 1 },
	{ "550-5.7.26 The MAIL FROM domain [example.org] has an SPF record with a hard fail\n550-5.7.26 policy (-all) but it fails to pass SPF checks with the ip: [192.0.2.1].",
	  BOUNCE_SPF, "example.org", "192.0.2.1", 0 },
	{ "550 5.7.26 This message does not have authentication information or fails to pass authentication checks.", BOUNCE_AUTH, "", "", 0 },
	{ "550 5.7.27 blocked because SPF authentication didn't pass. Gmail requires bulk email senders to authenticate their email with SPF", BOUNCE_SPF, "", "", 0 },
	{ "421 4.7.30 Gmail requires all bulk email senders to authenticate their email with DKIM", BOUNCE_DKIM, "", "", 1 },
	{ "421 5.7.32 From: header (RFC5322) in this message isn't aligned with either the authenticated SPF or DKIM organizational domain", BOUNCE_ALIGN, "", "", 1 },
	{ "550 5.7.40 The sending domain doesn't have a DMARC record, or the DMARC record doesn't specify a DMARC policy", BOUNCE_NODMARC, "", "", 0 },
	{ "550 5.7.25 [192.0.2.1] The IP address sending this message does not have a PTR record setup", BOUNCE_OTHER, "", "", 0 },
	{ "550 5.7.509 Access denied, sending domain [EXAMPLE.ORG] does not pass DMARC verification and has a DMARC policy of reject. [x]", BOUNCE_DMARC, "example.org", "", 0 },
	{ "550 5.7.515 Access denied, sending domain example.org doesn't meet the required authentication level.", BOUNCE_AUTH, "example.org", "", 0 },
	{ "550 5.7.23 The message was rejected because of Sender Policy Framework violation", BOUNCE_SPF, "", "", 0 },
	{ "550 5.7.0 (x) Unfortunately, messages from (192.0.2.1) on behalf of (example.org) could not be delivered due to domain owner policy restrictions",
	  BOUNCE_DMARC, "example.org", "192.0.2.1", 0 },
	{ "554 5.7.9 Message not accepted for policy reasons. See https://postmaster.yahooinc.com/error-codes", BOUNCE_DMARC, "", "", 0 },
	{ "554 5.7.5 (AU01) Message not accepted for policy reasons. See https://postmaster.yahooinc.com/error-codes", BOUNCE_DKIM, "", "", 0 },
	{ "554 Message not allowed - [PH01] Email not accepted for policy reasons.", BOUNCE_OTHER, "", "", 0 },
	{ "554 Message not allowed - DM Email not accepted for policy reasons.", BOUNCE_DMARC, "", "", 0 },
	{ "554 5.7.1 Your message was rejected due to example.org's DMARC policy. See https://support.apple.com/", BOUNCE_DMARC, "example.org", "", 0 },
	{ "554 5.7.1 [HME1] This message was blocked for failing both SPF and DKIM authentication checks", BOUNCE_AUTH, "", "", 0 },
	{ "550 5.2.0 x Message rejected due to DMARC. Please see #DM000001", BOUNCE_DMARC, "", "", 0 },
	{ "550 5.7.1 This message was not accepted due to domain (example.org) owner DMARC policy (RFC 7489)", BOUNCE_DMARC, "example.org", "", 0 },
	{ "554 Transaction failed Reject due to domain's DMARC policy", BOUNCE_DMARC, "", "", 0 },
	{ "550 Requested action not taken: Reject due to SPF policy. The originating IP of the message is not permitted by the domain owner", BOUNCE_SPF, "", "", 0 },
	{ "550 DMARC Sender Invalid - envelope rejected", BOUNCE_DMARC, "", "", 0 },
	{ "550 5.7.1 Email rejected per DMARC policy for example.org", BOUNCE_DMARC, "example.org", "", 0 },
	{ "550 5.7.1 rejected by DMARC policy for example.org", BOUNCE_DMARC, "example.org", "", 0 },
	{ "550 #5.7.1 DMARC unauthenticated mail is prohibited.", BOUNCE_DMARC, "", "", 0 },
	{ "550 DMARC check failed", BOUNCE_DMARC, "", "", 0 },
	{ "571 5.7.1 Message refused, DMARC verification failed LPN007_517", BOUNCE_DMARC, "", "", 0 },
	{ "550 5.7.1 DMARC failure for domain example.org, policy reject", BOUNCE_DMARC, "example.org", "", 0 },
	{ "550 5.7.1 This message failed DMARC Evaluation and is being refused", BOUNCE_DMARC, "", "", 0 },
	{ "550 5.7.1 Message rejected due to: SPF fail - not authorized", BOUNCE_SPF, "", "", 0 },
	{ "550 5.7.1 SPF: 192.0.2.1 is not permitted to send mail for example.org", BOUNCE_SPF, "", "", 0 },
	{ "550 5.7.1 SPF validation failed for example.org", BOUNCE_SPF, "", "", 0 },
	{ "550 5.7.1 SPF softfail", BOUNCE_SPF, "", "", 0 },
	{ "554 5.7.1 spf: -all: host not permitted", BOUNCE_SPF, "", "", 0 },
	{ "550 Sender rejected: SPF authentication failed", BOUNCE_SPF, "", "", 0 },
	{ "550 5.7.1 DKIM verification failed", BOUNCE_DKIM, "", "", 0 },
	{ "550 5.7.1 SPF and DKIM checks failed", BOUNCE_AUTH, "", "", 0 },
	{ "550 5.7.1 blocked, see http://spf.example/ for why it failed", BOUNCE_OTHER, "", "", 0 },
	{ "550 5.7.1 _spf.example.com failed", BOUNCE_OTHER, "", "", 0 },
	{ "550 5.1.1 delivery failed: user unknown\nDKIM-Signature: v=1", BOUNCE_OTHER, "", "", 0 },
	{ "550-5.1.0 192.0.2.1 is not allowed to send from <example.org> per its SPF Record.\n550 5.1.0 Please inspect your SPF settings, and try again.", BOUNCE_SPF,
	  "example.org", "192.0.2.1", 0 },
	{ "550 blocked by our own rule: your mail breaks the dmarc policy of its domain", BOUNCE_DMARC, "", "", 0 },
	{ "550 5.7.0 Blocked - see https://support.proofpoint.com/dnsbl-lookup.cgi?ip=192.0.2.1", BOUNCE_OTHER, "", "", 0 },
	{ "552 5.2.2 mailbox full", BOUNCE_OTHER, "", "", 0 },
	{ "550 5.1.1 user unknown", BOUNCE_OTHER, "", "", 0 },
	{ "550 5.1.1 <dmarc@example.org>: Recipient address rejected: User unknown", BOUNCE_OTHER, "", "", 0 },
	{ "550 5.1.1 The account does not exist: dmarc-reports@example.org.", BOUNCE_OTHER, "", "", 0 },
	{ "552 5.2.3 Message to dmarc@example.org exceeds the limit, rejected", BOUNCE_OTHER, "", "", 0 },
	{ "550 5.7.1 rejected as spam, see https://help.example/dmarc or dmarc.example.net", BOUNCE_OTHER, "", "", 0 },
	{ "554 5.7.1 <x>: Client host rejected: it breaks the sender's DMARC-policy.", BOUNCE_DMARC, "", "", 0 },
	{ "550 5.7.20 No passing DKIM signature found", BOUNCE_DKIM, "", "", 0 },
	{ "550 5.7.23 no", BOUNCE_SPF, "", "", 0 },
	{ "450 4.7.23 no", BOUNCE_OTHER, "", "", 1 },
	{ "550 5.7.26 no", BOUNCE_AUTH, "", "", 0 },
	{ "550 5.7.1 Message rejected due to local policy. DMARC=pass", BOUNCE_OTHER, "", "", 0 },
	{ "550 User unknown", BOUNCE_OTHER, "", "", 0 },
	{ "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org", BOUNCE_OTHER, "", "", 0 },
	{ "550 we say no: dmarc", BOUNCE_DMARC, "", "", 0 },
	{ "450 4.7.1 try again later, dmarc lookup", BOUNCE_DMARC, "", "", 1 },
	{ "451 4.7.5 DMARC: temporary failure evaluating policy of example.org", BOUNCE_DMARC, "", "", 1 },
	{ "451 4.7.1 dmarc=temperror, not accepted now", BOUNCE_DMARC, "", "", 1 },
	{ "452 4.2.2 over quota\n\nAuthentication-Results: mx.example.org; dmarc=fail (p=reject)", BOUNCE_OTHER, "", "", 1 },
	{ "450 4.7.1 try again later, dmarc=pass", BOUNCE_OTHER, "", "", 1 },
	{ "450 4.2.0 <dmarc@example.org>: Recipient address rejected: Greylisted", BOUNCE_OTHER, "", "", 1 },
	{ "554 5.7.1 The message from <a@example.org> with the subject of (DMARC policy rejected?) matches a profile the Internet community may consider spam",
	  BOUNCE_OTHER, "", "", 0 },
	{ "554 5.7.1 with the subject of (rejected (per DMARC policy) for a.example) matches a profile", BOUNCE_OTHER, "", "", 0 },
	{ "554 5.7.1 with the subject of (rejected by DMARC policy for a.exa", BOUNCE_OTHER, "", "", 0 },
	{ "554 5.7.1 rejected by our content filter, subject: \"Why DMARC isn't enough\"", BOUNCE_OTHER, "", "", 0 },
	{ "554 5.7.1 Subject line is 'SPF check failed, don't wait' and was rejected", BOUNCE_OTHER, "", "", 0 },
	{ "554 5.7.1 rejected, subject \xe2\x80\x9crejected by DMARC policy for a.example\xe2\x80\x9d", BOUNCE_OTHER, "", "", 0 },
	{ "554 5.7.1 rejected: content\n\n> Subject: your DMARC policy\n", BOUNCE_OTHER, "", "", 0 },
	{ "554 5.7.1 mail with the subject of (hello) rejected by DMARC policy for example.org", BOUNCE_DMARC, "example.org", "", 0 },
	{ "554 5.7.1 subject to (our) rules this was rejected by DMARC policy for example.org", BOUNCE_DMARC, "example.org", "", 0 },
	{ "Subject: 550 5.7.1 rejected by DMARC policy for example.org", BOUNCE_DMARC, "example.org", "", 0 },
	{ "Authentication-Results: mx.example.org; dmarc=pass", BOUNCE_NONE, "", "", 0 },
	{ "", BOUNCE_NONE, "", "", 0 },
};

static void
each_receivers_answer_is_understood(void **state)
{
	struct bounce b;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bounce_read(rows[i].text, strlen(rows[i].text), &b);
		if (b.class != rows[i].class || strcmp(b.domain, rows[i].domain) != 0 || strcmp(b.address, rows[i].address) != 0 || b.temporary != rows[i].temporary)
			print_message("# row %zu: %s domain \"%s\" address \"%s\" temporary %d: %s\n", i, bounce_class_str(b.class), b.domain, b.address, b.temporary, rows[i].text);
		assert_int_equal(b.class, rows[i].class);
		assert_string_equal(b.domain, rows[i].domain);
		assert_string_equal(b.address, rows[i].address);
		assert_int_equal(b.temporary, rows[i].temporary);
		assert_non_null(b.meaning);
	}
}

#define MICROSOFT "550 5.7.515 Access denied, sending domain EXAMPLE.ORG doesn't meet the required authentication level. "

static const struct { const char *text; enum bounce_lacks lacks; int dmarc_passed; } wants[] = {
	{ MICROSOFT "Spf= Fail , Dkim= Pass , DMARC= Pass", LACKS_SPF, 1 },
	{ MICROSOFT "SPF=Pass, DKIM=Fail, DMARC=Pass", LACKS_DKIM, 1 },
	{ MICROSOFT "Spf= Pass , Dkim= Pass , DMARC= Pass", LACKS_ONE, 1 },
	{ MICROSOFT "Spf= Fail , Dkim= Fail , DMARC= Fail", LACKS_DMARC, 0 },
	{ MICROSOFT "Spf= Fail , Dkim= Pass , DMARC= Fail", LACKS_DMARC, 0 },
	{ MICROSOFT "Spf= Fail , Dkim= Pa", LACKS_SPF, 0 },
	{ MICROSOFT "Spf=", LACKS_ONE, 0 },
	{ MICROSOFT, LACKS_ONE, 0 },
	{ "550 5.7.1 Unauthenticated email from example.org is not accepted due to domain's DMARC policy. dmarc=pass", LACKS_DMARC, 0 },
	{ "550 5.7.26 This mail has been blocked because the sender is unauthenticated. Gmail requires", LACKS_DMARC, 0 },
	{ "421 5.7.32 From: header (RFC5322) in this message isn't aligned with either the authenticated SPF or DKIM organizational domain", LACKS_DMARC, 0 },
	{ "550-5.7.26 The MAIL FROM domain [example.org] has an SPF record with a hard fail policy (-all)", LACKS_SPF, 0 },
	{ "550 5.7.30 Gmail requires all bulk email senders to authenticate their email with DKIM", LACKS_DKIM, 0 },
	{ "550 5.7.30 Gmail requires all large bulk email senders to authenticate their email with DKIM", LACKS_DKIM, 0 },
	{ "550 5.7.40 The sending domain doesn't have a DMARC record", LACKS_RECORD, 0 },
	{ "550 5.7.5 Permanent Error Evaluating DMARC policy", LACKS_RECORD, 0 },
	{ "451 4.7.26 Unauthenticated email from example.org is not accepted due to domain's DMARC policy, but temporary DNS failures prevent authentication", LACKS_UNKNOWN, 0 },
	{ "451 4.7.5 DMARC: temporary failure evaluating policy of example.org", LACKS_UNKNOWN, 0 },
	{ "450 4.7.1 we blocked it: dmarc", LACKS_DMARC, 0 },
	{ "552 5.2.2 mailbox full", LACKS_UNKNOWN, 0 },
};

static void
what_the_mail_lacks_is_taken_from_the_words(void **state)
{
	struct bounce b;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wants) / sizeof(wants[0]); i++) {
		bounce_read(wants[i].text, strlen(wants[i].text), &b);
		if (b.lacks != wants[i].lacks || b.dmarc_passed != wants[i].dmarc_passed)
			print_message("# row %zu: lacks %d, passed %d: %s\n", i, (int)b.lacks, b.dmarc_passed, wants[i].text);
		assert_int_equal(b.lacks, wants[i].lacks);
		assert_int_equal(b.dmarc_passed, wants[i].dmarc_passed);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(each_receivers_answer_is_understood), cmocka_unit_test(what_the_mail_lacks_is_taken_from_the_words) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
