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
	RAW_BYTES = 16 << 20,		/* kept of one document */
	ZIP_ENTRIES = 65535,		/* in a directory that is read; more want the zip64 form, which no report needs */
	NAME_BYTES = 200		/* of a member's or part's name shown */
};

/* What first bytes say. */
enum magic { MAGIC_EMPTY, MAGIC_XML, MAGIC_GZIP, MAGIC_ZLIB, MAGIC_ZIP, MAGIC_JSON, MAGIC_MAIL, MAGIC_MBOX, MAGIC_OTHER_ARCHIVE, MAGIC_UNKNOWN };
enum magic magic_of(const unsigned char *bytes, size_t len);
/* 1: behind an archive or a report another thing of those that are read begins, at once or after little else. */
int another_thing(const unsigned char *bytes, size_t len);
/* "an xz file": an archive of a kind that is not read; NULL: none. */
const char *archive_name(const unsigned char *bytes, size_t len);
/* What ends the lines of the bytes: CR where there is no LF. */
int line_end(const unsigned char *bytes, size_t len);
/* 1: the bytes look like the header of a mail (a `From ` line or header fields). */
int looks_like_mail(const unsigned char *bytes, size_t len);
/* 1: an mbox: begins with a From_ line that holds a date, behind a byte order mark and empty lines at most; eol ends its lines. */
int looks_like_mbox(const unsigned char *bytes, size_t len, int eol);
int is_from_line(const char *line, size_t len);
/* Length of "Name:" at the start of a line, 0 where there is none. */
size_t field_name(const char *line, size_t len);

/* --- mbox.c --- */
struct mbox;
struct mbox *mbox_open(const char *path, const char *origin, int64_t cap, struct err *err);	/* NULL: err */
/* The same of bytes in memory, borrowed until mbox_close. */
struct mbox *mbox_of_memory(const unsigned char *bytes, size_t len, const char *origin, int64_t cap, struct err *err);
enum outcome mbox_next(struct mbox *m, struct item **item, struct err *err);	/* OK, END, SKIP */
void mbox_close(struct mbox *m);

/* --- mime.c --- */
struct part {			/* one leaf of a mail, decoded */
	unsigned char *bytes;
	size_t len;
	char *name;		/* file name as declared, cleaned; NULL */
	char *type;		/* declared type, lower case: "application/gzip" */
	int number;		/* 1 for the first leaf */
	int mended;		/* its encoding was not as it should be */
};
enum mail_kind { MAIL_PLAIN, MAIL_TLS_REPORT, MAIL_FAILURE, MAIL_BOUNCE, MAIL_ENCRYPTED };
struct mail {
	struct part *parts;
	size_t count;
	enum mail_kind kind;	/* by the type of its parts; in plain text by who sent it and by words */
	char *from;		/* domain of From, lower case; NULL */
	char *auth;		/* dmarc result of the trusted Authentication-Results; "unknown" */
	char *subject;		/* decoded, for words; NULL */
};
/* Before a mail is given to GMime: starts it, and refuses (SKIP) what would cost it time and memory out of proportion. */
enum outcome mime_start(const unsigned char *bytes, size_t len, struct err *err);
/* Reads a mail. SKIP: refused (too many lines like a boundary, too large headers). Caller frees with mail_free. */
enum outcome mail_parse(const unsigned char *bytes, size_t len, const char *authserv_id, struct mail *out, struct err *err);
void mail_free(struct mail *m);
/* Files put together by cat: where something else begins behind a mail; 0: nowhere. Told without GMime, which would take all of the rest for the mail's. */
size_t mail_behind(const unsigned char *bytes, size_t len);

/* --- authres.c --- */
/*
 * The dmarc result of an Authentication-Results field (RFC 8601 section 2.2) as it stands in the mail: owned; NULL: none is there, it is not the
 * server `id`'s, or it is about another domain than the one of From.
 */
char *dmarc_result(const char *field, const char *id, const char *from);
/* 1: a Received as it stands in the mail is of a hop within the receiving system: by LMTP, or without `from`. Nobody outside can have one written. */
int is_local_hop(const char *received);

/* --- encoded.c --- */
/* 1: the first line that is not empty begins a base64 or uuencoded run. */
int encoded_begins(const unsigned char *bytes, size_t len);
/*
 * Calls found for each base64 or uuencoded run in the text that decodes to something a report comes in, at most `most` of
 * them; the callback takes the bytes over. Returns how many.
 */
int encoded_find(const unsigned char *bytes, size_t len, int most, void (*found)(void *ctx, unsigned char *bytes, size_t len), void *ctx);
/*
 * The bytes of a part whose encoding others end at too early: base64 of which each piece is padded, and uuencode whose lines may have lost blanks at their ends.
 * Owned; NULL: it is none of these.
 */
unsigned char *encoded_again(const unsigned char *text, size_t len, int uu, size_t *outlen);
/* Undoes quoted-printable in place where every `=` of the text (there is one) is such an escape; 0: it is none. */
int quoted_undo(unsigned char *bytes, size_t *len);

#endif
