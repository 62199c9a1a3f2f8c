/* SPDX-License-Identifier: MIT */
/* One session with an IMAP server: commands sent, answers awaited, folders found and opened. Built on imap_conn.h and imap_parse.h. */
#ifndef INGEST_IMAP_SESSION_H
#define INGEST_IMAP_SESSION_H

#include <stdint.h>

#include "base/err.h"
#include "ingest/fetch.h"
#include "ingest/imap_conn.h"
#include "ingest/imap_parse.h"

/* When a server is given up. */
struct imap_limits {
	int64_t literal_most;	/* bytes of one literal */
	int idle_seconds;	/* no byte for so long */
	int command_seconds;	/* one command, from sending to its end */
};

struct imap_session {
	const struct account *account;
	struct imap_limits limits;
	const volatile int *stop;	/* 1: give up soon */
	struct imap_conn *conn;
	struct imap_reader reader;
	unsigned tags;			/* given out so far */
	int can_move, can_uidplus, can_idle, can_namespace;
	char delimiter;			/* of folder names; '\0' none */
	char *prefix;			/* of the user's own folders, such as "INBOX."; owned */
	/* of the opened folder: */
	int64_t uidvalidity, exists;
	int64_t uidnext;		/* when it was opened; -1: the server did not say */
	int grown;			/* 1: mail arrived since it was last set to 0 */
	int broken;			/* 1: nothing more can be said to this server */
	int64_t heard_at;		/* monotonic milliseconds: the last byte came */
	int64_t began_at;		/* the oldest command under way became the oldest; for who sends several at once */
	int64_t wait_ms;		/* what a farewell asks for, as in struct imap_reply */
};

/* The end of a command. */
struct imap_reply {
	enum imap_status status;
	int trycreate;
	int gone;		/* refused since some of the mails are not there any more (EXPUNGEISSUED, RFC 5530) */
	int limited;		/* MESSAGELIMIT (RFC 9738): done only for a part of the mails */
	int64_t wait_ms;	/* asked for by a throttling server; 0: it does not say how long; -1: it does not throttle */
	char text[512];		/* the server's words, cleaned */
};

typedef void imap_each(void *ctx, const struct imap_response *r);

/* SKIP: the login is refused; STOP: anything else, err->retry where trying again may help. */
enum outcome imap_session_open(const struct account *a, const struct secret *secret, const struct imap_limits *limits,
    const volatile int *stop, struct imap_session **out, struct err *err);
/* Says LOGOUT and closes, without waiting. NULL is fine. */
void imap_session_close(struct imap_session *s);

/* Sends one command line; its tag is left in tag. STOP: the connection is gone. */
enum outcome imap_send(struct imap_session *s, char tag[16], struct err *err, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/*
 * The next response, waiting up to wait_ms for bytes: OK, END (none yet), STOP (silent too long, closed, BYE, not IMAP, stopped).
 * Borrowed until the next call.
 */
enum outcome imap_receive(struct imap_session *s, int wait_ms, struct imap_response *out, struct err *err);
/*
 * A whole command: sends, gives untagged data to each (NULL: nobody), waits for its end. A throttling server is waited for and asked
 * again, a number of times. A NO is OK with reply->status; STOP as above.
 */
enum outcome imap_command(struct imap_session *s, imap_each *each, void *ctx, struct imap_reply *reply, struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 6, 7)));
/* What a tagged response says. */
void imap_reply_of(const struct imap_response *r, struct imap_reply *reply);

/*
 * The folder's name on the wire, quoted, for a name in UTF-8: with the server's delimiter for "/", as it is, or below the user's
 * prefix, the first that is there; *found 0: none of them (then the likeliest form is given). Caller frees.
 */
enum outcome imap_folder(struct imap_session *s, const char *utf8, char **quoted, int *found, struct err *err);
/* Opens a folder (its quoted name), read-only or not: SKIP where the server refuses it. Sets uidvalidity, uidnext and exists. */
enum outcome imap_open_folder(struct imap_session *s, const char *quoted, int read_only, struct err *err);
/* The first folders there are, for a message: "INBOX, Archive, ..."; caller frees. */
enum outcome imap_folder_names(struct imap_session *s, char **names, struct err *err);

int64_t imap_now_ms(void);	/* monotonic */
/* Sleeps. 0: *stop was set meanwhile. */
int imap_sleep(const volatile int *stop, int64_t ms);
/* How long to wait for a server that asks for it (reply.wait_ms >= 0), the nth time in a row from 0: as it says, at most 15 minutes. */
int64_t imap_patience(int64_t wait_ms, int nth);

#endif
