/* SPDX-License-Identifier: MIT */
/*
 * Part of sql's door (store.h includes it): the questions behind the summary. Totals, days and senders come from
 * the roll-ups only; who reported what looks at a bounded number of the newest records. Text is borrowed
 * until the callback returns; a callback that returns other than OK ends the reading with that outcome.
 */
#ifndef SQL_OVERVIEW_H
#define SQL_OVERVIEW_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct store;

/* A row of any question below: texts and numbers in the order its comment names. */
struct overview_row { const char *text[12]; int64_t number[17]; };
typedef enum outcome overview_each(void *ctx, const struct overview_row *row, struct err *err);

enum overview {
	/*
	 * Of the period, one domain or all; most lost first. text: name, p, sp, np, adkim, aspf, testing, newest day;
	 * number: domain id, messages, passing, lost, at risk, forwarded, undecided, undetermined, pct (-1), reporters,
	 * undecided messages that were stopped (not those known to be strangers').
	 */
	OVERVIEW_DOMAINS,
	/* Of domain and period, by day. text: day; number: reported (1), passing, lost, at risk, forwarded, undecided, undetermined. */
	OVERVIEW_DAYS,
	/*
	 * Of domain and period, worst first; a crowd of strangers' addresses is one row with sender id 0. text: sender, name, class, confidence,
	 * evidence, first day, last day (both of the whole database), dkim, spf (results of the largest stream); number: sender id, messages,
	 * passing, lost, at risk, forwarded, undecided, undetermined, by dkim, by spf, lost under reject, addresses, stopped, spf permerror, senders in all, spared of those lost,
	 * forwarded that did not pass.
	 */
	OVERVIEW_SENDERS,
	/*
	 * What receivers did, of domain and period, by sender as above, whoever's it is and however it came. number: sender id, messages that passed, that did
	 * not and were stopped, that failed and were let through. The rest cannot be told.
	 */
	OVERVIEW_DONE,
	/*
	 * Of domain: the user's own senders with failing mail, silent since before the period, but not for more than a year. text: name, last day; number: sender id.
	 */
	OVERVIEW_SILENT,
	/* Of domain and period, by sender id and day. text: day; number: sender id, messages, lost and at risk. */
	OVERVIEW_SERIES,
	/* Of domain (whole database), by sender id and messages. text: address, ptr; number: sender id, messages. Ten of each sender. */
	OVERVIEW_ADDRESSES,
	/*
	 * Of domain and period, of the newest reports, bounded, by sender id and messages. text: dkim, spf, disposition, header_from,
	 * envelope_from, reasons; number: sender id, messages.
	 */
	OVERVIEW_RESULTS,
	/*
	 * Of domain and period, newest reports first, bounded. text: org_name, report id, day; number: sender id, let through, quarantined,
	 * rejected. A row for each (report, sender).
	 */
	OVERVIEW_HEARD,
	/*
	 * Of domain and period, of the newest reports, bounded: a row for each receiver, and one for each name in From. text: org_name (NULL in a row of a
	 * name), header_from (NULL in one of a receiver); number: let through, quarantined, rejected, messages whose results contradict each other, records (0
	 * in a row of a name). Much cheaper for each record than the two above.
	 */
	OVERVIEW_RECEIVED,
	/* Of domain and period, by org_name and day. text: org_name, day, the policy it saw (p); number: messages, 1 where its first ever day. */
	OVERVIEW_REPORTERS,
	/* Of domain and period, by day. text: day, the policy most receivers told up to then: its p, and what differs from what would hold without it. */
	OVERVIEW_POLICIES,
	/* The last analysis, in its order. text: code, domain, sender, since, text, why, fix, confidence; number: messages. */
	OVERVIEW_FINDINGS,
	/* Documents that could not be used, newest first. text: origin, state, reason. */
	OVERVIEW_TROUBLES,
	/* Domains kept apart. text: name. */
	OVERVIEW_FOREIGN,
	/* Configured domains of which there is no report. text: name. */
	OVERVIEW_UNHEARD
};

/* All policy domains that are not kept apart. */
enum outcome store_each_domain(struct store *s, enum outcome (*each)(void *ctx, int64_t id, const char *name, struct err *err), void *ctx, struct err *err);
/* The same, those kept apart as well. */
enum outcome store_each_policy_domain(struct store *s, enum outcome (*each)(void *ctx, int64_t id, const char *name, struct err *err), void *ctx, struct err *err);
/* Asks one question; domain is its id (0 where the question is not about one), most bounds what is looked at or given. No question is asked from within another. */
enum outcome store_overview(struct store *s, enum overview question, int64_t domain, const char *from, const char *to, int64_t most,
    overview_each *each, void *ctx, struct err *err);
/* The same of one sender (its id; 0: of all), where the question tells senders apart: cheap, however many there are. The crowd is no sender. */
enum outcome store_overview_of(struct store *s, enum overview question, int64_t domain, int64_t sender, const char *from, const char *to, int64_t most,
    overview_each *each, void *ctx, struct err *err);

/* --- called.c: which senders and domains a word or a question is about; cheap, however much there is --- */

typedef enum outcome id_each(void *ctx, int64_t domain, int64_t sender, struct err *err);
/* Senders whose id is this word (lower case), or with `names` also those whose name holds it; at most `most`. The domain given is 0. */
enum outcome store_each_sender_called(struct store *s, const char *word, int names, int64_t most, id_each *each, void *ctx, struct err *err);
/* The user's own senders of a domain. */
enum outcome store_each_own_sender(struct store *s, int64_t domain, id_each *each, void *ctx, struct err *err);
/* Where these senders may have mail: every pair of which there is some, and others of domains that are not analysed. */
enum outcome store_each_pair(struct store *s, const int64_t *senders, size_t count, id_each *each, void *ctx, struct err *err);
/* Messages of a domain in a period, as OVERVIEW_DOMAINS counts them, of one bucket: "lost", "at_risk"; NULL: all of them, which is dearer. */
enum outcome store_domain_messages(struct store *s, int64_t domain, const char *from, const char *to, const char *bucket, int64_t *messages, struct err *err);
/* Whether there are any (1, 0). */
enum outcome store_domain_has_mail(struct store *s, int64_t domain, const char *from, const char *to, int *has, struct err *err);

#endif
