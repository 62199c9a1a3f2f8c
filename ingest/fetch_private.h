/* SPDX-License-Identifier: MIT */
/*
 * Private to the fetcher's files: its state, and what they know of each other.
 *
 * A batch is a run of mails asked for by one command. Batches stand in the order of their UIDs, whichever session brings
 * them, and are given out in that order: what was given out is everything up to some UID.
 */
#ifndef INGEST_FETCH_PRIVATE_H
#define INGEST_FETCH_PRIVATE_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "ingest/fetch.h"
#include "ingest/imap_session.h"
#include "ingest/secret.h"

enum {
	BATCH_MAILS = 100,
	AT_ONCE = 8,			/* commands in flight in one session */
	SESSIONS = 4,
	TRIES = 3,			/* of one mail that ends the session or is refused */
	FRUITLESS = 6			/* connections in a row that bring nothing */
};

enum mail_state { WANTED, MENTIONED, GOT, GIVEN_UP };	/* MENTIONED: answered for, but without its bytes */

struct mail {
	int64_t uid, size;	/* size 0: not told */
	enum mail_state state;
	unsigned char *bytes;
	size_t len;
	char *why;		/* GIVEN_UP */
	int for_good;		/* 1: given up as damaged, not to be tried again */
	int again;		/* 1: asked for since an earlier run could not read it */
};

struct batch {
	struct batch *next;
	struct mail *mails;
	size_t count, given;
	int64_t bytes;		/* sizes together */
	int session;		/* -1: not asked for */
	char tag[16];
	int tries, done;
};

struct fetcher {
	const struct account *account;
	struct ingest_limits limits;
	const volatile int *stop;
	struct secret secret;
	int have_secret;
	struct imap_session *sessions[SESSIONS];
	int nsessions, at_once, fruitless, throttled;
	char *folder, *wire;		/* name in UTF-8; quoted on the wire */
	int64_t uidvalidity, top;
	int size_faults[2];		/* times that asking for the sizes failed: of new mails, of those to be read again */
	int no_dates;			/* 1: asking for a mail's date ended the session */
	int renumbered;			/* 1: UIDs that were read before are given out again */
	struct mail *mails;		/* all to be read of this folder */
	size_t count, planned;
	struct batch *first, *last;
	int64_t in_flight;		/* bytes asked for and not yet given out, over all sessions */
	atomic_llong done_bytes, total_bytes;
	struct imap_limits patience;
	char *target;			/* quoted name of move_to; NULL: not looked up */
	int target_missing;		/* 1: the server did not list it */
	int in_both;			/* 1: mails were copied, but their originals could not be removed */
	int no_move, idling, only_marked;
	int in_doubt;			/* 1: mails to be moved may be copied already, by a run or session that ended in between */
	char idle_tag[16];
};

/* fetch.c */
struct imap_session *fetcher_main(const struct fetcher *f);	/* the first session; NULL: none */
int64_t fetcher_cap(const struct fetcher *f);			/* bytes a mail may have */
void fetcher_drop_folder(struct fetcher *f);			/* forgets the begun folder and its mails */

int fetcher_stopped(const struct fetcher *f);
enum outcome fetcher_tell_stop(const struct fetcher *f, struct err *err);	/* STOP, and says so */

/* fetch_connect.c */
void fetcher_close(struct fetcher *f, int n);
enum outcome fetcher_open(struct fetcher *f, int n, struct err *err);
/* A session with the folder open, made anew with growing patience where the network fails. */
enum outcome fetcher_connect(struct fetcher *f, int n, struct err *err);
/* Extra sessions where the account wants them and there is enough to do; one that cannot be had is done without. */
void fetcher_more(struct fetcher *f);
void fetcher_without(struct fetcher *f, int n);			/* goes on with one session less */

/* fetch_list.c */
int mail_by_uid(const void *x, const void *y);			/* for qsort and bsearch */
/* "3,5:9" of rising numbers from *at on, until the text is long enough; *at moves on. Caller frees. */
char *uid_set(const int64_t *uids, size_t count, size_t *at);

/* fetch_after.c */
enum outcome fetcher_target(struct fetcher *f, struct err *err);	/* finds move_to, unless it was found */

/* fetch_batch.c */
void mail_give_up(struct mail *m, int for_good, const char *why);
void mail_over_cap(const struct fetcher *f, struct mail *m, int64_t size);
void batch_free(struct batch *b);
void batch_plan(struct fetcher *f);				/* the next batches, as long as the window has room */
void batch_halve(struct fetcher *f, struct batch *b);		/* cuts it in two, so that what spoils it is found */
size_t batch_open(const struct batch *b);			/* mails of it that have neither come nor been given up */
/* Sends what may be sent in this session, of several sessions one batch a round; *sent becomes 1 where something was. */
enum outcome batch_ask(struct fetcher *f, int n, int *sent, struct err *err);

/* fetch_work.c */
enum outcome fetcher_complete_first(struct fetcher *f, struct err *err);	/* works until the first batch is complete */

#endif
