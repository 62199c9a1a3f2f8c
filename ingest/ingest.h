/* SPDX-License-Identifier: MIT */
/*
 * Door of the room ingest: places in, documents out.
 *
 * A source yields items (a file, one mail of an mbox or maildir, one fetched
 * mail) in a stable order, reading only. unpacker_open unpacks one item into documents: the
 * XML streams found in it, each rewindable, each with its origin. Mail, MIME
 * and archives exist only in this room; what leaves it is bytes.
 *
 * Everything is known by content, never by name or declared type.
 */
#ifndef INGEST_INGEST_H
#define INGEST_INGEST_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

/* Caps against hostile input, each a setting too. */
enum {
	INGEST_MAIL_BYTES = 50 << 20,	/* one mail: twice what mail servers take */
	INGEST_ARCHIVE_BYTES = 64 << 20,	/* a zip within something else, which is held in memory */
	INGEST_MEMBERS = 64,		/* documents of one item */
	INGEST_NESTING = 3,		/* compressing containers within each other: gz in zip in gz occurs */
	INGEST_NESTING_MOST = 8		/* what the setting may be raised to */
};
#define INGEST_OUT_BYTES ((int64_t)4 << 30)	/* decompressed, of one document and of one item together */

struct ingest_limits {	/* 0 means the default above */
	int64_t mail_bytes;
	int64_t archive_bytes;
	int64_t out_bytes;
	int members;
	int nesting;
	int idle_seconds;	/* a mail server that is silent for so long is given up: 60 */
	int command_seconds;	/* and so is one that takes longer over a command: 900 */
	int reissue_seconds;	/* IDLE is begun anew: 20 minutes (RFC 2177: before 30) */
	int poll_seconds;	/* who waits without IDLE looks again: 5 minutes */
	const char *authserv_id;	/* whose Authentication-Results to believe; NULL: nobody's; borrowed */
};

/* --- places: what to read --------------------------------------------------------- */

struct source;

/*
 * One thing that is read whole: a file, or one mail out of a mailbox.
 * `origin` reads like a path: "inbox.mbox#3", "dir/cur/1.host:2,S", "-", "imap:main/INBOX;UIDVALIDITY=7;UID=12".
 * `place` is the same without what changes while the thing does not (maildir flags, new against cur);
 * with the digest of the bytes it is how the ledger knows the thing again.
 */
struct item {
	struct arena *text;	/* the item lies in it with its texts, and what else is to live as long; it goes with the item */
	char *origin;
	char *place;
	char *path;		/* file to read, or NULL where bytes are given (small files are read by the source) */
	unsigned char *bytes;	/* the item's bytes, or NULL where path is given */
	unsigned char *owned;	/* the same, where they lie in memory of their own: freed with the item; else NULL */
	size_t len;		/* of bytes */
	int64_t size;		/* bytes to expect (for progress and for the in-flight bound); -1 unknown */
	int named;		/* 1: the user named this very path, so failing to open it is an error of the run */
	int is_mail;		/* 1: known to be a mail (mbox, maildir, IMAP); 0: to be found out */
	int64_t tag;		/* free for the source's owner (IMAP: the UID) */
	char *refused;		/* NULL; else there are no bytes, and this is why: it goes into the ledger */
	int refused_retry;	/* 1: for a passing reason (state retry, else damaged) */
	int again;		/* 1: an earlier run left it in state retry: if it stays so, that is no news */
};
struct item *item_new(void);		/* zeroed but for text; caller frees with item_free */
void item_free(struct item *item);	/* NULL is fine */

/*
 * A source over paths: files, directories (recursive, names in byte order), maildirs
 * (cur, then new, then the folders below), mboxes (mboxo and mboxrd, `From ` unquoted), and "-" (standard input; it and a named pipe are
 * written to an unnamed temporary file first, up to out_bytes).  `paths` is borrowed until source_close. Symbolic links to
 * directories below a named directory are not followed; dot files are passed over below a named directory.
 */
struct source *source_open(char *const *paths, size_t count, const struct ingest_limits *limits);
void source_stop_at(struct source *s, const volatile int *stop);	/* 1: who waits for a pipe's bytes gives up; borrowed */
/*
 * Next item: OK and *item set (caller frees with item_free); END; SKIP where a place cannot be read
 * (err names it and the reason; *named tells whether the user named it, or it is a directory below, of which all is
 * missed; call again for the next).
 */
enum outcome source_next(struct source *s, struct item **item, int *named, struct err *err);
void source_close(struct source *s);
/* Bytes of the items handed out, for progress; *total is -1, for what is to come is not known. From any thread. */
void source_progress(const struct source *s, int64_t *done, int64_t *total);

/* --- documents: what was found ---------------------------------------------------- */

enum document_kind {
	DOC_XML = 1,	/* looks like XML: to be parsed */
	DOC_TLS_REPORT,	/* SMTP TLS report, RFC 8460 */
	DOC_FAILURE,	/* failure or abuse report, RFC 5965/6591 */
	DOC_BOUNCE,	/* delivery status notification, RFC 3464 */
	DOC_OTHER,	/* nothing we know: `reason` says what was seen */
	DOC_DAMAGED	/* could not be unpacked: `reason` says where and why */
};

/*
 * One document. For DOC_XML `document_read` gives its decompressed bytes, again from the start
 * after document_rewind. The others carry only their reason; kept bytes come from document_raw.
 */
struct document {
	enum document_kind kind;
	const char *origin;	/* item's origin plus "/part 2", ":r.xml" ...; borrowed, lives as long as the document */
	const char *reason;	/* kinds other than DOC_XML: a complete phrase for the ledger; else NULL; borrowed */
	const char *notes;	/* repairs while unpacking, "; " between them ("2 bytes after the gzip stream ignored"); NULL: none; borrowed */
	const char *mail_from;	/* domain of the mail's From, lower case; NULL: no mail; borrowed */
	const char *mail_auth;	/* "pass", "fail", ... of the trusted Authentication-Results' dmarc; "unknown" where none is trusted; NULL: no mail; borrowed */
	int retry;		/* 1: a passing fault (read error); the ledger state becomes retry */
	int sound;		/* 0: bytes are missing (cut archive); what is there can still be read */
};

struct unpacker;	/* reusable per thread: inflate state, buffers */

struct unpacker *unpacker_new(const struct ingest_limits *limits);	/* limits are copied; authserv_id is borrowed */
void unpacker_free(struct unpacker *u);				/* NULL is fine */

/*
 * Begins an item. `digest` receives the SHA-256 of the item's bytes as they lie there. The item is
 * borrowed until unpacker_close. SKIP: it could not be read (err; err->retry where it may pass).
 */
enum outcome unpacker_open(struct unpacker *u, const struct item *item, unsigned char digest[32], struct err *err);
/*
 * Next document of the item, in their order in it: OK and *doc set (borrowed until the next call), END.
 * An item never yields nothing: where nothing was found, one DOC_OTHER or DOC_DAMAGED with the reason.
 */
enum outcome unpacker_next(struct unpacker *u, struct document **doc, struct err *err);
void unpacker_close(struct unpacker *u);

/*
 * Up to `cap` bytes of the document: *got set, 0 at the end. SKIP: damage from here on (cut
 * archive, bad checksum, cap reached); err says where; what was delivered before stands.
 */
enum outcome document_read(struct document *doc, void *bytes, size_t cap, size_t *got, struct err *err);
/* From the start again; SKIP where that is impossible. */
enum outcome document_rewind(struct document *doc, struct err *err);
/*
 * The undecoded bytes the document came from (mail, archive or file; for keeping them for `retry`), at
 * most 16 MiB: *bytes borrowed until the next call on the unpacker; 0 length where larger or unreadable.
 */
void document_raw(struct document *doc, const unsigned char **bytes, size_t *len);

/* --- a bounce mail, for `explain` ------------------------------------------------- */

/* What a bounce mail says; all text is owned, NULL where absent, and as strangers wrote it. */
struct returned {
	char *said;		/* Diagnostic-Code of each recipient (RFC 3464 section 2.3.6), a line each, without its type */
	char *words;		/* the text for people, without what it quotes of the returned mail */
	char *recipient;	/* Final-Recipient of the first that failed, without its type */
	char *status;		/* Status of the same: "5.7.1" */
	char *remote_mta;	/* Remote-MTA of the same, without its type: whose words they are */
	/* Of the mail that came back: */
	char *from;		/* domain of From, lower case */
	char *envelope_from;	/* domain of Return-Path, lower case */
	char *signed_by;	/* d= of its DKIM-Signature fields in their order, lower case, a blank between them */
};

/*
 * Reads a delivery status notification (RFC 3464) or a bounce in plain text. OK: *out filled (caller frees with
 * returned_free); END: the bytes are no mail; SKIP: refused for its shape (err). *out is zeroed on END and SKIP.
 */
enum outcome returned_read(const unsigned char *bytes, size_t len, struct returned *out, struct err *err);
void returned_free(struct returned *m);

#endif
