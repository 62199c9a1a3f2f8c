/* SPDX-License-Identifier: MIT */
/*
 * What an IMAP server answers (RFC 3501 section 7 and 9), out of bytes as they come. A response is given
 * only when it is whole, with its literals, so nothing a mail contains can be taken for an answer. Knows no connection.
 */
#ifndef INGEST_IMAP_PARSE_H
#define INGEST_IMAP_PARSE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

enum { IMAP_LINE_MOST = 16 << 20 };	/* bytes of one response outside its literals */

enum imap_kind { IMAP_UNTAGGED = 1, IMAP_TAGGED, IMAP_CONTINUE };
enum imap_status { IMAP_NONE, IMAP_OK, IMAP_NO, IMAP_BAD, IMAP_BYE, IMAP_PREAUTH };

/* One response. The bytes are borrowed until the next call on the reader. */
struct imap_response {
	enum imap_kind kind;
	enum imap_status status;	/* IMAP_NONE: data such as FETCH */
	char tag[16];			/* IMAP_TAGGED; longer ones are cut and are nobody's */
	const char *at;			/* what follows tag and status, without the line's end */
	size_t len;
};

struct imap_reader {
	struct buf in;
	size_t at;		/* consumed so far */
	int64_t literal_most;
};

/* literal_most: bytes of one literal; a larger one is a fault. */
void imap_reader_init(struct imap_reader *r, int64_t literal_most);
void imap_reader_free(struct imap_reader *r);
/* Takes bytes of the connection. STOP: more than can be a response. */
enum outcome imap_reader_feed(struct imap_reader *r, const char *bytes, size_t len, struct err *err);
/* The next whole response: OK, END (more bytes are needed), STOP (not IMAP, or beyond a cap; err says what). */
enum outcome imap_reader_next(struct imap_reader *r, struct imap_response *out, struct err *err);

/* --- looking into a response --- */

/* Of "n FETCH (...)" (or n UIDFETCH, RFC 9586): 1, else 0. Absent numbers are -1, an absent or NIL body NULL. */
struct imap_fetched {
	int64_t uid, size;
	const char *body;		/* BODY[] */
	size_t bodylen;
	int escaped;			/* 1: body came as a quoted string, its escapes still in it */
	const char *date, *head;	/* INTERNALDATE; of BODY[HEADER.FIELDS ...] */
	size_t datelen, headlen;
};
int imap_fetched(const struct imap_response *r, struct imap_fetched *out);
/* The date, which must have been told, in seconds since 1970-01-01 UTC; -1: it is not one. */
int64_t imap_fetched_at(const struct imap_fetched *got);

/* Whether the response is data of this name, such as "EXISTS" ("n EXISTS" sets *n) or "CAPABILITY". n may be NULL. */
int imap_is(const struct imap_response *r, const char *name, int64_t *n);
/* Whether a word stands in an untagged list such as CAPABILITY (any case). */
int imap_has_word(const struct imap_response *r, const char *word);
/* Whether the status carries this response code, as "[UIDVALIDITY 7]" (*n, may be NULL) or "[TRYCREATE]". */
int imap_code(const struct imap_response *r, const char *code, int64_t *n);
/* Of LIST: whether its flags let it be selected, delimiter ('\0': NIL), name in modified UTF-7; name owned by the caller. 1, else 0. */
int imap_listed(const struct imap_response *r, char *delimiter, char **name, int *selectable);
/* How many mails were found: SEARCH 3 5 8, or of IMAP4rev2 ESEARCH (TAG "d9") UID ALL 3,5:8. */
int64_t imap_found(const struct imap_response *r);
/* NAMESPACE (("INBOX." ".")) NIL NIL: the prefix of the user's own folders, "" where it has none; owned by the caller. 1, else 0. */
int imap_namespace(const struct imap_response *r, char **prefix);
/* Milliseconds a throttling answer asks to wait (as Exchange and Yahoo word it); 0: it does not say how long; -1: it asks nothing. */
int64_t imap_wanted_wait(const struct imap_response *r);

#endif
