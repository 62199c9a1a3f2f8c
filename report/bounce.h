/* SPDX-License-Identifier: MIT */
/*
 * Reads a bounce: an SMTP reply, pasted text or a whole delivery status notification (RFC 3464), and says whether the
 * receiver refused it for DMARC. Texts come first, enhanced codes (RFC 3463, 7372) second, because receivers use the codes
 * against the registry.
 */
#ifndef REPORT_BOUNCE_H
#define REPORT_BOUNCE_H

#include <stddef.h>

enum bounce_class {
	BOUNCE_NONE = 0,	/* no refusal that is known here */
	BOUNCE_DMARC,		/* refused for the domain's DMARC policy */
	BOUNCE_AUTH,		/* neither SPF nor DKIM passed; the policy does not matter */
	BOUNCE_SPF, BOUNCE_DKIM,	/* one mechanism is asked for, or failed */
	BOUNCE_ALIGN,		/* authenticated, but not as the From domain: a rule for bulk senders */
	BOUNCE_NODMARC,		/* the domain has no DMARC record: a rule for bulk senders */
	BOUNCE_OTHER		/* looks alike, is not about authentication */
};

/* What the mail that was refused lacks, by the receiver's words: of which streams it may be. */
enum bounce_lacks {
	LACKS_UNKNOWN = 0,	/* the words leave it open */
	LACKS_DMARC,		/* neither SPF nor DKIM as the From domain */
	LACKS_SPF, LACKS_DKIM,
	LACKS_ONE,		/* SPF or DKIM: both are asked for */
	LACKS_RECORD		/* nothing: the DMARC record of its domain is missing or broken, for all its mail */
};

enum { BOUNCE_NAMES = 8 };

struct bounce {
	enum bounce_class class;
	enum bounce_lacks lacks;
	int dmarc_passed;	/* 1: the words say that DMARC passed all the same */
	const char *server;	/* whose text it is: "Gmail"; NULL unknown; static */
	const char *meaning;	/* a sentence; static */
	const char *about;	/* BOUNCE_OTHER: what the code says it is about ("the mailbox is full"); NULL unknown; static */
	char code[20];		/* the reply's codes as they stand: "550 5.7.26", "550", "5.1.1"; "" none */
	char domain[254];	/* the domain the text names; "" none */
	char names[BOUNCE_NAMES][254];	/* what reads like a domain in it, outside of mail addresses and links: one may be the domain, where none is named */
	size_t nnames;
	char address[46];	/* the address it names; "" none */
	int temporary;		/* 1: deferred (4xx): the same cause, tried again */
};

/* Reads any bytes; *out is always filled. */
void bounce_read(const char *bytes, size_t len, struct bounce *out);
const char *bounce_class_str(enum bounce_class c);	/* "dmarc", "auth", ... */

#endif
