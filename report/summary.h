/* SPDX-License-Identifier: MIT */
/*
 * What a report shows, as plain data: made once from the store (summarise), read by every writer, so that
 * page, table and mail can only say the same numbers. All text lives in the summary's arena and is as the
 * reporters wrote it: writers escape. NULL is absent. Days are "YYYY-MM-DD" (UTC); counts are messages.
 */
#ifndef REPORT_SUMMARY_H
#define REPORT_SUMMARY_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct arena;
struct report_options;
struct store;

enum {	/* most of each that is read; what lies beyond is counted */
	SUMMARY_DOMAINS = 20,		/* in full; the others have totals and policy only (unless brief) */
	SUMMARY_SENDERS = 300,
	SUMMARY_ALL = 1000000,		/* senders of a brief summary */
	SUMMARY_DRILL = 100,		/* senders with addresses, results, receivers, reports */
	SUMMARY_ADDRESSES = 10,
	SUMMARY_COMBOS = 8,
	SUMMARY_HEARD = 8,		/* receivers of one sender */
	SUMMARY_REPORT_IDS = 5,
	SUMMARY_CHANGES = 12,
	SUMMARY_OF_DOMAIN = 8,		/* senders of a domain that is asked for by name, */
	SUMMARY_CALLED = 12,		/* and in all of what a name means */
	SUMMARY_LATEST_DAYS = 7,	/* of each of them */
	SUMMARY_TROUBLES = 20,
	SUMMARY_DAYS = 3700,
	SUMMARY_LOOKED_AT = 10000,	/* newest records of a domain looked at for who reported what of each sender, */
	SUMMARY_LOOKED_AT_ALL = 25000,	/* and of all domains together, but never fewer than a thousand of one */
	SUMMARY_SUMMED = 2000000	/* newest records of all domains summed up by receiver and From, but never fewer than SUMMARY_LOOKED_AT of one */
};

/* What is said with every figure of what a policy would stop: RFC 9989 sections 5.4, 7.4 and 8. */
#define WHATIF_LIMITS "Receivers may junk instead, or do less; those that do not report, and mail refused before its content came, are not counted."

/* The buckets of a message, design.md section 5: they sum to messages. */
struct counts { int64_t messages, passing, lost, at_risk, forwarded, undecided, undetermined; };

struct sum_fix { const char *type, *name, *value; };		/* <angle> parts: shown in the user's account */
struct sum_address { const char *address, *ptr; int64_t messages; };
struct sum_combo {	/* one set of results; identifiers NULL where not looked at */
	const char *header_from, *envelope_from, *dkim, *spf, *disposition, *reasons;
	int64_t messages;
};
struct sum_heard { const char *name; int64_t messages, none, quarantine, reject; };
struct sum_report_id { const char *org_name, *report_id, *day; };

struct sum_sender {
	const char *sender, *name;
	const char *class;		/* losing, at_risk, passing, forwarded, undecided, not_you */
	const char *confidence, *evidence;
	struct counts counts;		/* in the period */
	int64_t broken;			/* of forwarded, that did not pass */
	int64_t pass_dkim, pass_spf;	/* of passing, by which it passed (both may be) */
	int64_t passed, stopped, let_through;	/* what receivers did, in whatever bucket it is: passed; did not, and was stopped; failed, and was let through (for explain only) */
	int64_t would_lose;		/* of its own mail, under p=reject */
	int64_t would_spare;		/* of these receivers would probably let through */
	int64_t undecided_stopped;	/* of the undecided, refused or junked */
	int64_t addresses;		/* in the whole database */
	const char *first_day, *last_day;	/* in the whole database */
	const int64_t *daily, *daily_bad;	/* by day of the period; bad is lost and at risk; NULL: not kept */
	const char *why;		/* one sentence */
	const struct sum_finding *passes_now;	/* of one with failing mail: the finding that says that it passes by now, so that no fix is asked for; NULL */
	const struct sum_fix *fixes; size_t nfixes;
	const char *fix_where, *fix_note, *fix_confidence;
	const char *fix_site;		/* host of the vendor's pages: letters, digits, points, hyphens only */
	const struct sum_address *top; size_t ntop;
	const struct sum_combo *combos; size_t ncombos;
	const struct sum_heard *receivers; size_t nreceivers;
	const struct sum_report_id *reports; size_t nreports;
	const char *label;		/* the command that tells whose it is */
};

struct sum_day { struct counts counts; int reported; };		/* reported 0: no report at all for this day */
enum gate_state { GATE_UNKNOWN, GATE_YES, GATE_NO };
struct sum_gate { const char *name, *value, *wanted, *blockers; enum gate_state state; };
struct sum_whatif { const char *name; int64_t messages; };
struct sum_receiver {
	const char *name;
	int64_t messages, none, quarantine, reject;	/* dispositions of the newest messages only where they sum to fewer: older records are removed, or too many */
	const char *first_day, *last_day;
	int64_t days_reported, days_expected;
	const char *oddities;
	const char *grid;	/* a character for each day of the period: '1' reported, '0' not, '-' before it was first heard */
};
struct sum_change { const char *day, *text; };
struct sum_subdomain { const char *name; int64_t messages; };

struct sum_domain {
	const char *domain;		/* "" where reports named none */
	const char *p, *sp, *np, *adkim, *aspf, *testing;	/* that most receivers tell lately */
	int64_t pct;			/* -1 absent */
	struct counts counts;
	int64_t broken;			/* forwarded, and altered on the way so that they fail; as far as its senders are read */
	int64_t stopped;		/* undecided messages that were refused or junked, strangers' left out */
	const char *newest_day;
	int64_t reporters;		/* heard in the period */
	int64_t not_you_messages, not_you_addresses, not_you_stopped;	/* of senders known to be none of the user's */
	/* What follows only for the first SUMMARY_DOMAINS. */
	const struct sum_day *days; size_t ndays;	/* the period */
	const struct sum_sender *senders; size_t nsenders;	/* worst first */
	int64_t more_senders, more_messages;
	const struct sum_gate *gates; size_t ngates;
	const char *next_policy;	/* NULL: p=reject is in force, for all mail */
	const struct sum_whatif *whatif; size_t nwhatif;
	int64_t whatif_lost, whatif_spared;	/* of the user's own mail, had p=reject been in force; of these probably spared */
	int64_t whatif_open, whatif_let_through;	/* whosever, of which it is not known whether they pass; of the user's own from domains below, failing and let through all the same */
	int whatif_below;		/* 1: had sp=reject been so as well, which is the next step */
	const struct sum_receiver *receivers; size_t nreceivers;	/* most messages first */
	const struct sum_change *changes; size_t nchanges;	/* by day */
	const struct sum_subdomain *subdomains; size_t nsubdomains;	/* most messages first */
	int64_t subdomains_of;		/* the newest messages whose From was looked at; fewer than counts has as with receivers */
};

struct sum_finding {
	const char *code, *domain, *sender, *since, *text, *why, *fix, *confidence;
	const char *first, *last;	/* what the fix says before the records to publish, and of another matter after them; NULL: nothing, or it has none */
	int64_t messages;
	const struct sum_sender *records;	/* the records its fix tells, and where in the account of the service, without anything else; NULL: none */
};
struct sum_intake { const char *origin, *state, *reason; };

struct summary {
	struct arena *arena;		/* holds all of it; NULL where it was filled by hand */
	const char *generated_at;	/* RFC 3339 */
	const char *version, *database;
	const char *begin, *end;	/* the period, both days within */
	struct counts counts;
	int64_t asked;			/* undecided messages that were refused or junked, of senders it is asked about whose they are (DECIDE) */
	const char *newest_day;		/* NULL: no report at all */
	const char *reports_until;	/* day the newest report ends, also of one that holds no message; NULL: none */
	const char *mail_until;		/* newest day with mail of the domains asked for, where the period has none; NULL: none, or not asked */
	const char *asked_begin, *asked_end;	/* the days the findings count, where they are others than the period; NULL: they are not */
	int64_t gap_days;		/* from it to generated_at */
	int stale;			/* 1: longer than is usual */
	int64_t reporters;
	const struct sum_domain *domains; size_t ndomains;	/* most lost first */
	const struct sum_finding *findings; size_t nfindings;	/* of the last analysis, in its order */
	const struct sum_intake *intake; size_t nintake;
	int64_t intake_more;
	const char *const *foreign; size_t nforeign;
	const char *const *unheard; size_t nunheard;	/* configured domains of which there is no report */
	const char *catalogue_date;
	int links;			/* 1: names of vendors' pages are links on the page */
};

/* Reads the summary of a period from the store; caller frees with summary_free. STOP with err. */
enum outcome summarise(struct store *s, const struct report_options *o, struct summary **out, struct err *err);
/*
 * Of the same, for an answer at once: only the domains a word (lower case) names, whole as far as SUMMARY_OF_DOMAIN, and the senders it names under
 * any domain, about SUMMARY_CALLED in all, and all findings; without totals, conditions, receivers of domains. address 1: the word is an
 * address, and only a sender of that id is meant.
 */
enum outcome summarise_called(struct store *s, const struct report_options *o, const char *word, int address, struct summary **out, struct err *err);
/* 1: the word names this sender. */
int summary_is_called(const struct sum_sender *s, const char *word);
int summary_is_labelled(const struct sum_sender *s);	/* 1: by the user, so nothing is asked about it */
/*
 * The streams that mail of this domain (of one above or below it; NULL: any) may belong to: the senders with these ids, and in the domains that
 * stand worst the user's own, also those that pass, with all findings; totals and sentences only. everybody 1: in SUMMARY_DOMAINS that stand worst,
 * and as many where it is asked whose failing mail is, also those that are not known to be the user's.
 */
enum outcome summarise_streams(struct store *s, const struct report_options *o, const char *domain, const char *const *senders, size_t count,
    int everybody, struct summary **out, struct err *err);
/* 1: the finding asks about the addresses of one network together, and this is one of it. */
int summary_asks_together(const struct sum_finding *f, const char *address);
/* 1: what is so since this day (NULL: 0) began before the days that the findings count. */
int summary_is_older(const struct summary *s, const char *since);
/* How much of a finding's text is the names of receivers that fell silent; 0: it is of something else. */
size_t summary_silent(const struct sum_finding *f);
/* What is to be said beside a finding's text of when it began: nothing; since its day; or that it was on that day, before the days of which it counts the messages. */
enum summary_since { SINCE_TOLD, SINCE_DAY, SINCE_BEFORE };
enum summary_since summary_since(const struct summary *s, const struct sum_finding *f);
/* Of a finding and one told above it, x: 1: that told the reason; or the fix, in the same words. */
int summary_told_why(const struct sum_finding *x, const struct sum_finding *f);
int summary_told_fix(const struct sum_finding *x, const struct sum_finding *f);
/* Whose records the fix of a finding is to publish: its sender's (s, NULL where the summary does not have it), else as the fix tells them. NULL: it asks for none. */
const struct sum_sender *summary_records(const struct sum_finding *f, const struct sum_sender *s);
int summary_has_blanks(const struct sum_sender *records);	/* 1: some of them have <angle> parts */
void summary_free(struct summary *s);	/* NULL is fine */

#endif
