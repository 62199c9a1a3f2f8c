/* SPDX-License-Identifier: MIT */
/*
 * The analysis: whose mail is whose, and what follows from it.
 *
 * standing: for each (domain, sender) over the whole database, whether it is the user's own mail (mine), by which way,
 * how sure, and the class of its worst bucket. findings: one conclusion each, with since when, why and what to do.
 * Everything is computed from the roll-ups; the record table is not read.
 *
 * The ways to be mine: a label of the user; passing history (this sender passed for this domain, aligned, on
 * HISTORY_DAYS days or more; passes by DKIM alone through forwarders, lists and mailbox hosts do not count); vouched
 * for (its failing mail carries a raw pass of a sending service of the catalogue, or of the domain's own organisational domain).
 */
#ifndef REPORT_ANALYSE_H
#define REPORT_ANALYSE_H

#include "sql/store.h"

enum {	/* thresholds */
	HISTORY_DAYS = 3,	/* days of aligned passes that make a sender the user's */
	VOUCHED_MESSAGES = 3,	/* below this a vouched sender stays undecided: one message a month is nobody's newsletter */
	VOUCHED_DAYS = 2,
	SURE_MESSAGES = 100,	/* from here on, and */
	SURE_DAYS = 7,		/* on so many days, confidence is high */
	CROWD_ADDRESSES = 10,	/* strangers at so many addresses are a crowd: not you */
	CROWD_WEEKLY = 5,	/* each below so many messages a week */
	JUDGE_MESSAGES = 20,	/* below this nothing is judged: LOWDATA, no DECIDE */
	NEW_DAYS = 7,
	GONE_DAYS = 30,
	STALE_DAYS = 3		/* no report for longer than so many times the usual gap of one day */
};

/* Computes standings and findings of all domains anew into the store (the caller commits). */
enum outcome analyse(struct store *s, int64_t now_at, struct err *err);

/* Place of a finding's code (any case) in the order --fail-on knows, LOST 1; 0: not one of them. */
int finding_weight(const char *code);

#endif
