/* SPDX-License-Identifier: MIT */
/*
 * The mail of the nightly run: what is new and cannot wait at once, the rest on Monday, one line on Monday when all is well, nothing
 * else, and nothing twice within a week (ux.md section 5 of the design; thresholds digest_*). Decides and words; sending is the caller's.
 */
#ifndef REPORT_DIGEST_H
#define REPORT_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "report/summary.h"
#include "report/thresholds.h"

/* What was said when, so that it is not said again. code POLICY: a policy seen lately, as sender, the last one in force; WEEKLY: the last Monday mail; HEARD: that STALE had ended. */
struct said { const char *code, *domain, *sender; int64_t messages, said_at; };

struct digest_options {
	const struct thresholds *thresholds;
	int64_t now_at;
	const struct said *said; size_t nsaid;
	const char *page;		/* where the HTML report lies; NULL */
	int accounts, failed;		/* that were to be fetched from, and that could not be */
	int64_t unread;			/* documents of tonight that could not be read */
};

struct digest {
	int wanted;			/* 1: there is something to say */
	const char *subject, *body;	/* cleaned, one line; lines of at most 78 columns */
	const char *thread;		/* the same for all mails about one finding; NULL */
	const struct said *said; size_t nsaid;	/* to be remembered once it was sent (or where nothing is wanted: now) */
	struct arena *arena;		/* of all of it */
};

void digest_make(const struct summary *s, const struct digest_options *o, struct digest *out);
void digest_free(struct digest *d);
/* The whole mail, header lines encoded (RFC 2047) and without anything that could add one. to NULL: nobody (a file); from NULL: the mail system's choice. */
void digest_mail(const struct digest *d, const char *to, const char *from, int64_t now_at, struct buf *out);
/* The mail into a file, whole or not at all. */
enum outcome digest_save(const char *path, const struct buf *mail, struct err *err);

#endif
