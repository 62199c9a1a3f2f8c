/* SPDX-License-Identifier: MIT */
/* Bounce mails: what was said is told apart from what came back, whatever their shape. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "ingest/ingest.h"

#define HEAD "From: MAILER-DAEMON@mx.example\nTo: bounces@news.example\nSubject: returned\nMIME-Version: 1.0\n"
#define REPORT HEAD "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
#define RETURNED "Return-Path: <b-1@Bounce.Sender.example>\nDKIM-Signature: v=1; a=rsa-sha256; d=sender.example;\n s=k1; bh=x; b=y\n" \
	"DKIM-Signature: v=1; s=2; b=d=no.example; d = Example.ORG ;bh=x\nAuthentication-Results: mx.example; dmarc=fail (p=reject)\n" \
	"From: \"a@b\" <News@Example.org>\nSubject: 550 5.7.1 rejected per dmarc policy\n"

static const struct row {
	const char *mail, *said, *words, *recipient, *status, *remote_mta, *from, *envelope_from, *signed_by;
} rows[] = {
	/* A notification with headers; of two recipients the failed one counts; folded fields, CRLF. */
	{ REPORT "--b\nContent-Type: text/plain\n\nSorry.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\r\n\r\n"
	  "Final-Recipient: rfc822; slow@r.example\r\nAction: delayed\r\nStatus: 4.4.1\r\n\r\nFINAL-RECIPIENT: rfc822;reader@r.example\r\nAction: failed\r\nStatus: 5.7.1\r\n"
	  "Remote-MTA: dns; in.r.example\r\nDiagnostic-Code: smtp; 550 5.7.1 no\r\n\tmore\r\n\r\n--b\nContent-Type: text/rfc822-headers\n\n" RETURNED "\n--b--\n",
	  "550 5.7.1 no\tmore\n", "Sorry.\n", "reader@r.example", "5.7.1", "in.r.example", "example.org", "bounce.sender.example", "sender.example example.org" },
	/* The whole mail came back; the words are encoded. */
	{ REPORT "--b\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n\nNTU0IHJlamVjdGVkCg==\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; a\n\n"
	  "Final-Recipient: rfc822; x@r.example\nAction: failed\nStatus: 5.0.0\n\n--b\nContent-Type: message/rfc822\n\n" RETURNED "\nbody: 550 dmarc\n--b--\n",
	  NULL, "554 rejected\n\n", "x@r.example", "5.0.0", NULL, "example.org", "bounce.sender.example", "sender.example example.org" },
	/* No notification: words, and a copy below them that must not be taken for words. */
	{ HEAD "\nI could not deliver it. 550 5.7.26 no.\n--- Below this line is a copy.\n\n" RETURNED "\nbody\n",
	  NULL, "I could not deliver it. 550 5.7.26 no.\n--- Below this line is a copy.\n\n\n", NULL, NULL, NULL, "example.org", "bounce.sender.example",
	  "sender.example example.org" },
	/* A null return path and no signature. */
	{ REPORT "--b\nContent-Type: message/rfc822\n\nReturn-Path: <>\nFrom: x@example.org\n\n--b--\n", NULL, NULL, NULL, NULL, NULL, "example.org", NULL, NULL },
	{ HEAD "\n", NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL },
};

static void
same(const char *what, size_t i, const char *have, const char *want)
{
	if ((have == NULL) != (want == NULL) || (have != NULL && strcmp(have, want) != 0))
		fail_msg("row %zu: %s: want %s, have %s", i, what, want != NULL ? want : "nothing", have != NULL ? have : "nothing");
}

static void
what_was_said_is_told_apart_from_what_came_back(void **state)
{
	struct err err = { "", 0 };
	struct returned m;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *r = &rows[i];

		assert_int_equal(returned_read((const unsigned char *)r->mail, strlen(r->mail), &m, &err), OK);
		same("said", i, m.said, r->said);
		same("words", i, m.words, r->words);
		same("recipient", i, m.recipient, r->recipient);
		same("status", i, m.status, r->status);
		same("remote_mta", i, m.remote_mta, r->remote_mta);
		same("from", i, m.from, r->from);
		same("envelope_from", i, m.envelope_from, r->envelope_from);
		same("signed_by", i, m.signed_by, r->signed_by);
		returned_free(&m);
	}
	(void)state;
}

static void
what_is_no_mail_is_left_to_the_caller(void **state)
{
	static const char reply[] = "550 5.7.1 Unauthenticated email from example.org is not accepted due to domain's DMARC policy";
	struct err err = { "", 0 };
	struct returned m;

	assert_int_equal(returned_read((const unsigned char *)reply, strlen(reply), &m, &err), END);
	assert_int_equal(returned_read((const unsigned char *)"", 0, &m, &err), END);
	returned_free(&m);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_said_is_told_apart_from_what_came_back),
		cmocka_unit_test(what_is_no_mail_is_left_to_the_caller),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
