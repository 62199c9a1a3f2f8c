/* SPDX-License-Identifier: MIT */
/*
 * Second door of the room ingest: mailboxes reached by IMAP. What an account is, as the
 * configuration gives it; cli/config.c fills it in.
 */
#ifndef INGEST_FETCH_H
#define INGEST_FETCH_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "ingest/ingest.h"

/* What happens to a mail once its rows are committed and it is settled (design.md section 4). */
enum after { AFTER_KEEP = 1, AFTER_SEEN, AFTER_MOVE, AFTER_DELETE };

/* How an access token is obtained from the provider itself. All text borrowed from the configuration; NULL absent. */
struct oauth {
	const char *token_url;		/* endpoint; NULL: Microsoft's, from tenant */
	const char *device_url;		/* for the device code flow; NULL: Microsoft's, from tenant */
	const char *tenant;		/* Microsoft 365 */
	const char *client_id, *client_secret, *client_secret_file, *client_secret_env;
	const char *refresh_token;	/* first one; later ones are cached */
	const char *scope;		/* NULL: that of the flow and provider */
};

struct account {
	const char *name;
	const char *server;		/* imaps://host[:port], imap://host[:port] (STARTTLS) */
	const char *user;
	const char *password, *password_file, *password_command, *password_env, *token_command;	/* at most one is set */
	const struct oauth *oauth;	/* NULL: none */
	char *const *folders;		/* UTF-8; at least one */
	size_t nfolders;
	enum after after;
	const char *move_to;		/* UTF-8; set where after is AFTER_MOVE */
	const char *ca_file, *proxy;	/* NULL: none */
	const char *authserv_id;	/* NULL: nobody's Authentication-Results are believed */
	int connections;		/* 1 to 4 */
	int plain;			/* 1: imap:// without TLS is allowed, knowingly */
};

/* --- fetching ----------------------------------------------------------------------------------- */

/*
 * A fetcher works on the folders of one account, one after the other: begin, next until END, settle. Mails are read by
 * BODY.PEEK[], with after = keep in a folder opened read-only; nothing in the mailbox changes but by fetcher_settle. Lost
 * connections are made anew, and what was not read is asked for again. Not for two threads at once.
 */
struct fetcher;

/* What is known of a folder from earlier runs; UIDs in rising order. */
struct folder_state {
	int64_t uidvalidity;		/* 0: never read */
	int64_t last_uid;		/* all up to here are done, but for those in retry */
	int64_t last_at;		/* when the mail last_uid arrived, in the server's words; 0: not known */
	const int64_t *retry;		/* to be read again */
	size_t nretry;
	int again;			/* 1: all there are are listed, those that are done, too */
};

/* limits are copied. stop: work ends soon when it becomes 1; NULL never. */
struct fetcher *fetcher_new(const struct account *a, const struct ingest_limits *limits, const volatile int *stop);
void fetcher_free(struct fetcher *f);	/* logs out; NULL is fine */

/*
 * Opens a folder and lists what is new in it, connecting where that is needed. SKIP: this folder cannot be opened (err names it and
 * those that are there). STOP: the account cannot be reached (err->retry where a later try may help).
 */
enum outcome fetcher_begin(struct fetcher *f, const char *folder, const struct folder_state *state, struct err *err);
/* 1: the server could only mark mails as deleted (no UIDPLUS); they go when somebody expunges the folder. */
int fetcher_only_marked(const struct fetcher *f);
int fetcher_is_connected(const struct fetcher *f);
int64_t fetcher_uidvalidity(const struct fetcher *f);
/*
 * 1: under the same UIDVALIDITY the server gives UIDs out again that were read before, as after a restore from a backup. What was known of
 * single mails of this folder means nothing any more; all there are were listed.
 */
int fetcher_is_renumbered(const struct fetcher *f);
char *fetcher_place(const struct fetcher *f, int64_t uid);	/* the place (and origin) of this mail; caller frees */
int64_t fetcher_top(const struct fetcher *f);	/* the highest UID that was listed; after END all up to here are done */
/* When that mail arrived, to be known again by; 0: it is gone, or the server does not say. To be asked before mails are moved. */
int64_t fetcher_top_at(struct fetcher *f);
/*
 * The next mail, in rising order of UIDs: OK (caller frees with item_free), END, STOP. A mail over the cap, and one the server does
 * not give after several tries, come without bytes and with the reason (item->refused).
 */
enum outcome fetcher_next(struct fetcher *f, struct item **item, struct err *err);
void fetcher_progress(const struct fetcher *f, int64_t *done, int64_t *total);	/* bytes; fit for another thread */
/*
 * Does with these mails of the begun folder what `after` says; to be called only after the commit that holds their rows. in_doubt:
 * 1 where an earlier run ended before it could say how far it came with some of them. *done: how many of them, from the first on,
 * are settled for good. SKIP: the server refuses it.
 */
enum outcome fetcher_settle(struct fetcher *f, const int64_t *uids, size_t count, int in_doubt, size_t *done, struct err *err);

/* Only connects and opens the folder: *mails there are in it. SKIP, STOP as fetcher_begin. */
enum outcome fetcher_try(struct fetcher *f, const char *folder, int64_t *mails, struct err *err);
/*
 * The first login of an account with OAuth by device code (RFC 8628): `tell` is given the address and the code to enter there;
 * returns when the user did so and the tokens are kept. STOP: refused, expired, or *stop was set.
 */
enum outcome fetch_device_login(const struct account *a, void (*tell)(const char *address, const char *code), const volatile int *stop,
    struct err *err);

/* Waiting for new mail by IDLE (RFC 2177) in the begun folder: 0 where the server cannot. */
int fetcher_can_idle(const struct fetcher *f);
enum outcome fetcher_idle(struct fetcher *f, struct err *err);	/* enters; SKIP: refused; STOP: the connection is gone */
int fetcher_idle_fd(const struct fetcher *f);
/* Reads what there is; never waits. STOP: the connection is gone. */
enum outcome fetcher_idle_look(struct fetcher *f, int *news, struct err *err);
enum outcome fetcher_idle_end(struct fetcher *f, struct err *err);

#endif
