/* SPDX-License-Identifier: MIT */
/* Whose Authentication-Results are believed (RFC 8601 section 5): the trusted server's, above the first Received of mail from outside. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ingest/private.h"

#define TOOK "Received: from a.example (a.example [192.0.2.1]) by mx.example.org (Postfix) with ESMTPS id 1 for <d@example.org>; Tue, 24 Nov 2026 10:00:00 +0000\n"
#define PASS "Authentication-Results: mx.example.org; dmarc=pass\n"

static const struct { const char *header, *id, *auth; } cases[] = {
	{ "Authentication-Results: mx.example.org; dmarc=pass header.from=receiver.example\n", "mx.example.org", "pass" },
	{ "Authentication-Results: MX.example.org;\n dkim=pass; dmarc=Fail (p=reject)\n", "mx.example.org", "fail" },
	/* nobody is trusted; another server; one whose name only begins alike */
	{ "Authentication-Results: mx.example.org; dmarc=pass\n", NULL, "unknown" },
	{ "Authentication-Results: mx.other.example; dmarc=pass\n", "mx.example.org", "unknown" },
	{ "Authentication-Results: mx.example.org.evil.example; dmarc=pass\n", "mx.example.org", "unknown" },
	/* below the first Received anybody may have written it */
	{ "Received: from a.example by mx.example.org; Tue, 24 Nov 2026 10:00:00 +0000\nAuthentication-Results: mx.example.org; dmarc=pass\n",
	  "mx.example.org", "unknown" },
	{ "Authentication-Results: mx.example.org; dmarc=fail\nReceived: from a.example by mx.example.org; Tue, 24 Nov 2026 10:00:00 +0000\n"
	  "Authentication-Results: mx.example.org; dmarc=pass\n", "mx.example.org", "fail" },
	/* handed on within the receiving system: by LMTP, on the same host or another, or without `from` */
	{ "Received: from mx.example.org by mx.example.org\n\twith LMTP id 2 (using TLSv1.3 with cipher X) (envelope-from <r@receiver.example>); x\n" PASS TOOK, "mx.example.org", "pass" },
	{ "Received: by store.example.org with LMTP; x\nReceived: from mx.example.org ([unix socket]) by s.example.org with LMTPA; x\n" PASS TOOK, "mx.example.org", "pass" },
	{ "Received: by 2001:db8::1 with SMTP id 2; x\n" PASS TOOK, "mx.example.org", "pass" },
	/* what looks alike is of a server that took the mail from outside; the authserv-id may be another name than that of its host */
	{ "Received: from mx.example.org (unknown [192.0.2.6]) by in7.example.org (Postfix) with ESMTP id 2; x\n" PASS TOOK, "mx.example.org", "unknown" },
	{ "Received: from x with LMTP ( (unknown [192.0.2.6]) by in7.example.org (Postfix) with\n\tESMTP id 2 for <\"d+)\"@example.org>; x\n" PASS TOOK, "mx.example.org", "unknown" },
	{ "Received: from x (unknown [192.0.2.6]) by in7.example.org with esmtp (envelope-from <\"a) with LMTP (\"@evil.example>); x\n" PASS TOOK, "mx.example.org", "unknown" },
	{ "Received: by store.example.org with LMTP; x\n" TOOK PASS TOOK, "mx.example.org", "unknown" },
	/* no word of DMARC, or only within another */
	{ "Authentication-Results: mx.example.org; spf=pass\n", "mx.example.org", "unknown" },
	{ "Authentication-Results: mx.example.org; x-dmarc=pass\n", "mx.example.org", "unknown" },
	/* what a sender brings into it, in quotes and comments, is no result */
	{ "Authentication-Results: mx.example.org; spf=pass smtp.mailfrom=\"x; dmarc=pass\"@evil.example; dmarc=fail\n", "mx.example.org", "fail" },
	{ "Authentication-Results: mx.example.org; spf=pass smtp.mailfrom=\"x\\\"; dmarc=pass y\"@evil.example; dmarc=fail\n", "mx.example.org", "fail" },
	{ "Authentication-Results: mx.example.org; spf=pass smtp.mailfrom=\"=?utf-8?q?x=22;_dmarc=3Dpass?=\"@evil.example; dmarc=fail\n", "mx.example.org", "fail" },
	{ "Authentication-Results: mx.example.org; spf=fail (a (b); dmarc=pass \\) c) smtp.mailfrom=a@evil.example; dmarc=fail\n", "mx.example.org", "fail" },
	{ "Authentication-Results: mx.example.org; spf=fail (a; dmarc=pass\n", "mx.example.org", "unknown" },
	{ "Authentication-Results: mx.example.org; spf=pass dmarc=pass; dmarc=fail\n", "mx.example.org", "fail" },
	{ "Authentication-Results: mx.example.org; dmarc=pass\"x\"\n", "mx.example.org", "unknown" },
	/* blanks, comments and a version where they may stand */
	{ "Authentication-Results: (by) mx.example.org 1 ;\n (x) dmarc = pass (p=none) header.from = receiver.example\n", "mx.example.org", "pass" },
	{ "Authentication-Results: mx.example.org;dmarc=pass action=none header.from=Receiver.Example;compauth=pass\n", "mx.example.org", "pass" },
	{ "Authentication-Results: mx.example.org; dmarc=pass header.from=r@receiver.example\n", "mx.example.org", "pass" },
	/* about another domain than that of From */
	{ "Authentication-Results: mx.example.org; dmarc=pass header.from=evil.example\n", "mx.example.org", "unknown" },
	{ "Authentication-Results: mx.example.org; dmarc=pass (p=none) header.from=evilreceiver.example\n", "mx.example.org", "unknown" },
	{ "Authentication-Results: mx.example.org; dmarc=pass (header.from=evil.example) reason=\"header.from=evil.example\"\n", "mx.example.org", "pass" },
};

static void
only_the_trusted_servers_own_results_are_believed(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = { "", 0 };
		struct mail mail;
		char text[1024];
		int len = snprintf(text, sizeof(text), "%sFrom: r@receiver.example\nSubject: x\n\nbody\n", cases[i].header);

		assert_int_equal(mail_parse((const unsigned char *)text, (size_t)len, cases[i].id, &mail, &err), OK);
		assert_string_equal(mail.from, "receiver.example");
		if (strcmp(mail.auth, cases[i].auth) != 0)
			print_message("# case %zu\n", i);
		assert_string_equal(mail.auth, cases[i].auth);
		mail_free(&mail);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_trusted_servers_own_results_are_believed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
