/* SPDX-License-Identifier: MIT */
/* Private to summarise*.c: what is kept while the store's answers become a summary. */
#ifndef REPORT_SUMMARISE_H
#define REPORT_SUMMARISE_H

#include "report/summary.h"
#include "sql/store.h"

struct list { void *at; size_t n, room, size; };
void *list_push(struct list *l);	/* a zeroed element; pointers to others may move */
void *list_settle(struct list *l, struct arena *a, size_t *n);	/* into the arena; the list is empty again */

struct sender_ids {		/* a sender while it is read */
	struct sum_sender s;
	int64_t id, stopped, permerror;
	int undecided;		/* 1: so over the whole database */
	int drill;		/* 1: details are kept */
	int64_t *daily, *daily_bad;
	struct list top, combos, heard, reports;
};

struct reading {
	struct store *store;
	const struct report_options *options;
	struct arena *arena;
	struct summary *summary;
	size_t ndays;
	int64_t only;		/* questions that tell senders apart are about this one; 0: about all */
	struct list found, rows;
	const struct sum_finding **about; size_t nabout;	/* findings on a domain, by it and the sender, in their order */
	/* of the domain being read: */
	struct sum_domain *domain;	/* NULL: not about one */
	int64_t domain_id;
	struct sum_day *days;
	int campaign;			/* 1: many addresses are asked about as one: they hold no policy back */
	size_t policy_since;		/* number of the day from which receivers saw the policy of now; 0: all the period */
	struct list senders;		/* struct sender_ids */
	struct sender_ids **index;	/* the same by id */
	int64_t all_senders;
	struct list receivers, subdomains, changes;	/* receivers: private to summarise_drill.c */
	int64_t summed;			/* records summed up so far, of all domains */
};

/* Most lost first, then at risk, then most messages: less than, equal to, greater than 0. */
int counts_order(const struct counts *c, const struct counts *e);
enum outcome reading_ask(struct reading *r, enum overview question, int64_t most, overview_each *each, void *ctx, struct err *err);
size_t reading_day(const struct reading *r, const char *day);	/* its number in the period; ndays where outside */
struct sender_ids *reading_sender(const struct reading *r, int64_t id);	/* NULL: not among those kept */

/* Findings come before the domains: what is told to repair a sender's mail depends on them. */
enum outcome read_findings(struct reading *r, struct err *err);
/* The first of the findings on a sender of a domain, and how many; sender "": on the domain as such, NULL: all on the domain. */
const struct sum_finding *const *reading_findings(const struct reading *r, const char *domain, const char *sender, size_t *n);
/* The finding of this code on a sender of the domain being read, "": on the domain as such; NULL. */
const struct sum_finding *reading_finding(const struct reading *r, const char *sender, const char *code);
/* Senders of the domain, worst first, at most `most`, added to r->senders; then the index by id; then their days; at last, into the summary. */
enum outcome read_senders(struct reading *r, int64_t most, struct err *err);
void index_senders(struct reading *r);
enum outcome read_series(struct reading *r, const char *from, const char *to, struct err *err);	/* of these days, added */
void settle_senders(struct reading *r);

/* summarise_words.c: name, evidence, sentence, fix of a sender; its results are those of its largest stream. */
void sender_words(struct reading *r, struct sender_ids *s, const char *dkim, const char *spf);
/* summarise_fixes.c: what is known of a sender's service beside the records to publish; and the records a finding's fix tells, in a sender's place. NULL: none. */
struct sender;
void sender_facts(struct arena *a, struct sum_sender *s, const struct sender *c, const char *domain);
const struct sum_sender *records_told(struct arena *a, const struct sum_finding *f);
/* summarise_changes.c: what changed, by day. */
enum outcome read_changes(struct reading *r, struct err *err);
/* summarise_silent.c: names of the user's own senders of the domain whose mail failed when they last sent, and that sent nothing in the period; into the list, in the arena. */
enum outcome read_silent(struct reading *r, struct list *names, struct err *err);
/* Changes, conditions, what p=reject would do, strangers. After read_drill. */
enum outcome domain_words(struct reading *r, struct err *err);
/* Strangers alone, and what of the senders' forwarded mail was altered on the way. */
void read_strangers(struct reading *r);
/* summarise_drill.c: addresses, results, receivers of senders, where a summary is about so many domains; receivers and subdomains of the domain. */
enum outcome read_opened(struct reading *r, size_t domains, struct err *err);
enum outcome read_combos(struct reading *r, size_t domains, struct err *err);	/* of the senders that were read, their combos alone */
enum outcome read_drill(struct reading *r, struct err *err);
/* How many different reporters were heard over all domains. */
void settle_reporters(struct reading *r);

#endif
