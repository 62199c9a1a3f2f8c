/* SPDX-License-Identifier: MIT */
/* One account's mails into the database: used by `fetch` and `run`. */
#ifndef CLI_FETCHING_H
#define CLI_FETCHING_H

#include "base/err.h"
#include "cli/command.h"
#include "cli/intake.h"
#include "ingest/fetch.h"

struct fetch_sum {
	int again;		/* to be set before: 1 folders are read from their beginning */
	struct err trouble;	/* all that was told of the account fetched last; what stands there before is not told again; retry: a server was lost */
	struct intake in;	/* counts over all folders and accounts so far */
	int64_t mails;		/* fetched */
	int accounts, failed;	/* worked on; of them without success */
};

/*
 * Fetches all folders of the account with the database open for writing (app->store), commits, then does with settled mails what
 * `after` says, and keeps how it went for `status`. What fails is told here and counted in sum->failed. STOP: the database
 * failed.
 */
enum outcome fetch_account(struct app *app, const struct account *a, struct fetcher *f, struct fetch_sum *sum, struct err *err);

/* Warns of files of secrets that others than their owner may read; the group may read one of root's. Once in a run. */
void fetch_warn(const struct account *a);
/* What came, and how it went, to stdout; the exit code: EXIT_FAILED where every account failed. */
int fetch_tell(const struct fetch_sum *sum);

const char *fetch_after(const struct account *a);	/* keep, seen, move, delete */
/*
 * To be called before mails of the folder are put down as settled: what is done with them from now on is what the account says. Those that wait for
 * something else are left alone, *left of them, which is told.
 */
enum outcome fetch_leave(struct store *s, const struct account *a, const char *folder, int64_t *left, struct err *err);

/* The account of this name. NULL: there is none; told, with those there are. */
const struct account *fetch_find(const struct app *app, const char *name);

#endif
