/* SPDX-License-Identifier: MIT */
/*
 * The analysis: whose mail is whose, and what follows from it.
 *
 * standing: for each (domain, sender) over the whole database, whether it is the user's own mail (mine), by which way,
 * how sure, and the class of its worst bucket. findings: one conclusion each, with since when, why and what to do.
 * Everything is computed from the roll-ups; the record table is not read.
 *
 * The ways to be mine: a label of the user; passing history (this sender passed for this domain, aligned, on
 * history_days days or more; passes by DKIM alone through forwarders, lists and mailbox hosts do not count); vouched
 * for (its failing mail carries a raw pass of a sending service of the catalogue, or of the domain's own organisational domain).
 */
#ifndef REPORT_ANALYSE_H
#define REPORT_ANALYSE_H

#include "report/thresholds.h"
#include "sql/store.h"

/* Findings count the messages of so many days up to the newest reported one. */
enum { RECENT_DAYS = 30 };

/*
 * Brings standings and findings up to date in the store (the caller commits). Only domains whose totals have changed are looked at whole; where
 * the newest day has changed the findings of the others are made anew, too. All are done where the settings (one line of text: whatever else the
 * outcome depends on) are others than last time, or with `again`. The newest reported day is at *newest. The result is the same either way.
 */
enum outcome analyse(struct store *s, const struct thresholds *t, int64_t now_at, const char *settings, int again, char newest[11], struct err *err);

/* Whether the reports have stopped: none for longer than stale_gaps usual gaps. */
int is_stale(const struct freshness *f, const struct thresholds *t, int64_t now_at);

/* Place of a finding's code (any case) in the order --fail-on knows, LOST 1; 0: not one of them. */
int finding_weight(const char *code);

#endif
