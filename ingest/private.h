/* SPDX-License-Identifier: MIT */
/*
 * Private to the room ingest: what its files know of each other.
 *
 * source.c walks paths; mbox.c splits mailboxes; unpack.c opens an item into documents (with blob.c,
 * zip.c and mail.c, the only users of zlib and libzip); mime.c and returned.c are the only users of GMime.
 */
#ifndef INGEST_PRIVATE_H
#define INGEST_PRIVATE_H

#include <stdio.h>

#include "base/buf.h"
#include "ingest/ingest.h"

enum {
	MAIL_BYTES = 50 << 20, MEMBERS = 64, NESTING = 3,
	RAW_BYTES = 16 << 20,		/* kept of one document */
	ZIP_BYTES = 512 << 20,		/* a zip needs its bytes at hand */
	NAME_BYTES = 200		/* of a member's or part's name shown */
};
#define OUT_BYTES ((int64_t)4 << 30)

/* What first bytes say. */
enum magic { MAGIC_EMPTY, MAGIC_XML, MAGIC_GZIP, MAGIC_ZLIB, MAGIC_ZIP, MAGIC_JSON, MAGIC_MAIL, MAGIC_OTHER_ARCHIVE, MAGIC_UNKNOWN };
enum magic magic_of(const unsigned char *bytes, size_t len);
/* 1: the bytes look like the header of a mail (a `From ` line or header fields). */
int looks_like_mail(const unsigned char *bytes, size_t len);
/* 1: an mbox: begins with a From_ line that holds a date. */
int looks_like_mbox(const unsigned char *bytes, size_t len);
int is_from_line(const char *line, size_t len);

/* --- mbox.c --- */
struct mbox;
struct mbox *mbox_open(const char *path, const char *origin, int64_t cap, struct err *err);	/* NULL: err */
/* The same over bytes in memory, which it takes over. */
struct mbox *mbox_of(char *bytes, size_t len, const char *origin, int64_t cap, struct err *err);
enum outcome mbox_next(struct mbox *m, struct item **item, struct err *err);	/* OK, END, SKIP */
void mbox_close(struct mbox *m);

/* --- mime.c --- */
struct part {			/* one leaf of a mail, decoded */
	unsigned char *bytes;
	size_t len;
	char *name;		/* file name as declared, cleaned; NULL */
	char *type;		/* declared type, lower case: "application/gzip" */
	int number;		/* 1 for the first leaf */
};
enum mail_kind { MAIL_PLAIN, MAIL_TLS_REPORT, MAIL_FAILURE, MAIL_BOUNCE };
struct mail {
	struct part *parts;
	size_t count;
	enum mail_kind kind;	/* by the type of its parts */
	char *from;		/* domain of From, lower case; NULL */
	char *auth;		/* dmarc result of the trusted Authentication-Results; "unknown" */
	char *subject;		/* decoded, for words; NULL */
};
/* Before a mail is given to GMime: starts it, and refuses (SKIP) what would cost it time and memory out of proportion. */
enum outcome mime_start(const unsigned char *bytes, size_t len, struct err *err);
/* Reads a mail. SKIP: refused (too many parts). Caller frees with mail_free. */
enum outcome mail_parse(const unsigned char *bytes, size_t len, const char *authserv_id, struct mail *out, struct err *err);
void mail_free(struct mail *m);
/*
 * Finds reports in a mail whose MIME is broken: decodes base64 runs of its body. Calls found for each decoded run that
 * begins with a known magic; returns how many.
 */
int mail_sniff(const unsigned char *bytes, size_t len, void (*found)(void *ctx, unsigned char *bytes, size_t len), void *ctx);

#endif
