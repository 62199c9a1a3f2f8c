/* SPDX-License-Identifier: MIT */
/*
 * The pipeline: items from a feed are unpacked and parsed by a pool of workers and written by the
 * caller's thread, in the order of the feed whatever the number of workers. Used by ingest, fetch and retry.
 */
#ifndef CLI_INTAKE_H
#define CLI_INTAKE_H

#include <stdint.h>

#include "base/err.h"
#include "ingest/ingest.h"
#include "sql/store.h"

/* What became of an item once all its documents are in the ledger. */
enum settlement {
	SETTLED = 1,	/* each document stored, duplicate or conflict: may be moved or deleted */
	LEFT,		/* something in it is no report, or damaged, or it was known already: stays where it is */
	AGAIN		/* a passing fault: to be read again next run */
};

/* Where items come from, and who wants to know what became of them. Only next is required. */
struct feed {
	void *ctx;
	/* As source_next; called from the pipeline's own reading thread. */
	enum outcome (*next)(void *ctx, struct item **item, int *named, struct err *err);
	/* The rows of this item are written, not yet committed. In feed order, from the caller's thread. */
	void (*settled)(void *ctx, const struct item *item, enum settlement what);
	/* The transaction is about to be committed: the place to write state that belongs to those rows. */
	enum outcome (*before_commit)(void *ctx, struct store *store, struct err *err);
	/* It is committed: now a mailbox may be changed. */
	void (*after_commit)(void *ctx);
	/* Bytes done and to come (-1 unknown), for the progress line. */
	void (*progress)(void *ctx, int64_t *done, int64_t *total);
	/* Damaged items that are known though they are at another place now; NULL: none. */
	struct elsewhere *elsewhere;
	/* 1: what had no bytes for good, as it was over the cap, may have some now. */
	int again;
	/* Raw item digest to use in the ledger (retry); NULL: from place and bytes. */
	const unsigned char *(*item_key)(void *ctx, const struct item *item);
};

struct intake {
	struct ingest_limits ingest;
	struct parse_limits parse;
	int jobs;			/* workers; 0: 1 */
	int keep_known;			/* 1: read also what the ledger knows (retry) */
	int more;			/* 1: further runs follow, before which the store does not rest */
	const char *verb;		/* for the progress line: "reading" */
	/* results */
	int64_t items, known, states[INTAKE_RETRY + 1], records;
	int64_t still_retry;		/* to be read again, as before; not in states */
	int unopened;			/* named paths that could not be opened */
	char no_report[160];		/* the reason of the first document that is no report; "" none */
};

/*
 * Runs the feed to its end. OK: done (in->states tell of damage). STOP: the environment failed; what
 * was committed before stands. Ends early, with everything done so far committed, when *stop is set (NULL: never).
 */
enum outcome intake_run(struct intake *in, struct store *store, const struct feed *feed, const volatile int *stop,
    struct err *err);

/* "12 reports stored, 3 duplicates, ..." to stdout; what a single one that is no report is, too. */
void intake_tell(const struct intake *in);
/* EXIT_DONE or EXIT_PARTLY. */
int intake_exit(const struct intake *in);

#endif
