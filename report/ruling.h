/* SPDX-License-Identifier: MIT */
/*
 * Private to the analysis: what is known of each sender while analyse.c reads, standing.c decides whose it is, and rules.c says what
 * follows (with results.c, failing_mail.c, other_mail.c, words.c, series.c, changed.c). All text lives in the analysis' arena; days are "YYYY-MM-DD".
 */
#ifndef REPORT_RULING_H
#define REPORT_RULING_H

#include "report/analyse.h"
#include "report/label.h"
#include "report/series.h"

/* The findings in the order they are told. A new one is added here, in code_names, in the schema of the JSON and in the manual. */
enum code { LOST, BROKE, RISK, STALE, SPFERR, DECIDE, BLIND, FIXED, FWDBROKEN, SPFONLY, GONE, NEW, FWD, NOTYOU, DKIMONLY, OKAY, LOWDATA, CODES };
extern const char *const code_names[CODES];

struct results {
	const char *dkim, *spf;		/* "mandrillapp.com/mte1=pass, ..."; "" none */
	const char *from;		/* From of the failing mail where its records are those to publish, and not the policy domain's; NULL */
	const char *other_froms;	/* further Froms of which the same is to be published, in words; NULL */
	const char *stranger;		/* who signed it, where it came over a mailbox host and none of the sender's passing mail is signed so; NULL */
	const char *tenant;		/* the user's name as a customer of the host, where the records to publish hold it and one alone is seen; NULL */
	const char *spf_domain, *spf_until;	/* whose SPF record let it pass until which day, and has not since: the mail failed from then on; NULL: not so */
	const char *selector;		/* no key was found for it alone, and mail signed with another of the user's passes to this day: its record is the one to publish; NULL */
	const char *addresses;		/* that the failing mail comes from, as an SPF record has them, where they are few and are nobody's but the user's; NULL */
	const char *published;		/* name of a record of the service at hand that is there, for the user's other mail, of it or of others, passes by it to this day; NULL */
	int passes_beside;		/* 1: not signed by the user, whose other mail of the same service passes by their signature to this day */
	int key_passes;			/* 1: the signature does not verify, or no key was found for it, and to this day the sender's other mail passes with that key */
};

/* One sender of one domain with what was decided of it. */
struct known {
	struct sender_sum sum;
	const char *label;		/* class of the user's label; NULL */
	int mine;
	const char *basis;		/* label, history, vouched, "" */
	const char *confidence, *class, *name;
};

struct note { enum code code; struct finding f; };	/* a finding before it is put */

/* Addresses it is asked about as one (campaign.c): where they are of so many networks, and those that send too little to be asked about. */
enum { CAMPAIGN = 50 };
struct many { int64_t addresses, messages, refused; const char *since; };
struct network {
	char name[IP_NETWORK_TEXT];
	struct many sum, more;		/* all; those that send half of what is asked about at least */
	const char *sender;		/* the address that sent most */
	int64_t most;
};
struct networks {
	struct network at[CAMPAIGN];	/* all of them where they are fewer */
	size_t n;
	struct many all;		/* that send half of what is asked about at least: less is sent by any stranger */
};
struct campaign {
	struct networks asked, few;	/* of addresses that send enough to be asked about by themselves, and too little */
	struct note *held;		/* on each of the former, while they are of fewer networks */
	size_t nheld;
};

/* Sums of one domain that are told as one line each. */
struct domain_sums {
	int64_t id;
	const char *name;
	int64_t forwarded, broken, strangers, addresses, stopped, permerror, messages, passing;
	int64_t forwarders;		/* addresses of senders that brought forwarded mail; one that is several senders' counts for each */
	const char *beginning;		/* its first reported day */
	const char *first_permerror, *first_forwarded, *first_broken;	/* of senders that had some lately, over the whole database; NULL none */
	const char *first_unsigned, *unsigned_sender;	/* whose mail lost its signature, and still passes by SPF: the earliest; NULL none */
	int stopped_reports;		/* 1: senders are gone because no report tells of the domain any more */
};

/* Results of what failed, or passed by DKIM, on a day under a domain (failing_mail.c); domain 0: nothing yet. */
enum { DAYS_KEPT = 16 };
struct day_sets { int64_t domain; char day[11]; int passing; struct set_row *rows; size_t count; };

struct analysis {
	struct store *store;
	struct arena *arena, *kept;	/* of the sender (or rule) at hand; of the domain */
	const struct thresholds *thresholds;
	int64_t now_at;
	char newest[11], recent[11];	/* newest reported day, first of the recent ones */
	struct labels labels;
	char *users;			/* configured domains, a line each; NULL: none */
	struct note *notes;		/* findings to be written */
	size_t nnotes;
	/* of the domain being analysed: */
	const struct due_domain *due;
	struct domain_sums domain;
	struct known *waiting;		/* strangers while it is not sure that they are a crowd */
	size_t nwaiting;
	int64_t crowd;			/* addresses of strangers */
	struct campaign campaign;
	struct said_break { const char *sender, *since, *why; } *breaks;	/* BROKE as it was told, where nothing has changed */
	size_t nbreaks;
	struct day_sets days[DAYS_KEPT];	/* those asked about last */
	size_t ndays;
	enum { UNKNOWN, ONE, SEVERAL } policies;	/* that were ever published; changed_policies finds out */
};

/* store_may_sign: what the catalogue knows forwards or not by its category, and the user's label decides; of all others the selectors tell. */
int standings_may_sign(void *ctx, const char *sender, const char *kind, const char *category, const char *selector);
/* Decides whose the sender is, how sure that is, and its class, but for the crowd: a stranger that is one of many is "not_you". */
enum outcome standing_decide(struct analysis *a, struct known *k, struct err *err);
int standing_is_stranger(const struct thresholds *t, const struct known *k);
/* How it is known, in words; in the arena or static. */
enum outcome standing_evidence(struct analysis *a, const struct known *k, const char **evidence, struct err *err);

/* A new finding among the notes, to be filled in; k NULL: about no sender, and no domain yet. Borrowed until the next. */
struct finding *rules_add(struct analysis *a, enum code code, const struct known *k, int64_t messages, const char *since);
/* What follows of one sender, of a domain as a whole (its sums complete), of everything. Findings are added to the notes. */
enum outcome rules_of_sender(struct analysis *a, const struct known *k, const struct domain_sums *d, struct err *err);
enum outcome rules_of_domain(struct analysis *a, const struct domain_sums *d, struct err *err);
enum outcome rules_of_all(struct analysis *a, struct err *err);

/* --- series.c --- */
enum outcome series_read(struct series *s, struct store *store, const struct known *k, struct err *err);	/* caller frees days */

/* --- campaign.c --- */
void campaign_small(struct analysis *a, const struct known *k);	/* counts one that is not asked about, for it sends too little */
/* 1: a sender that is asked about (DECIDE) counts among those of a campaign. */
int campaign_takes(struct analysis *a, const struct known *k, const struct series *days);
int campaign_is_sure(const struct analysis *a);	/* 1: no words of its own are needed for it */
void campaign_hold(struct analysis *a);		/* the newest note, until it is sure */
/* What is held, or the one finding about all of them, among the notes. */
enum outcome campaign_settle(struct analysis *a, const struct domain_sums *d, struct err *err);

/* --- results.c: results of mail as a summary tells them, "news.example.org/s1=fail, ..." --- */
enum outcome results_read(struct analysis *a, int64_t set, struct results *out, struct err *err);
/* The next passing result of a summary: length of its "domain/selector" at *name, 0 none; *at moves on. */
size_t results_passing(const char **at, const char **name);
/* Domain of the first passing result that is (own 1) or is not (own 0) below the organisational domain; NULL none. */
const char *results_passing_domain(struct analysis *a, const char *results, const char *org, int own);
int results_passed_as(const char *results, const char *domain);	/* 1: one of them passed as this domain */
/*
 * 1 and *out: the first result of the organisational domain, or below it, whose word is one of these (but 0), or is none of them (but 1).
 * selector NULL: not told.
 */
struct own_result { const char *domain, *selector, *word; };
int results_find_own(struct analysis *a, const char *results, const char *org, const char *const *words, int but, struct own_result *out);
/* What became of the user's own signature on failing mail; *out says which. NO_KEY: receivers find none they can use under its selector. */
enum signature { UNSIGNED, NO_KEY, DOES_NOT_VERIFY, KEY_UNREACHABLE };
enum signature results_signature(struct analysis *a, const char *dkim, const char *org, struct own_result *out);
/* What SPF said of failing mail; *out names the domain of the envelope (NULL: not told), for it is that domain's record that counts. */
enum envelope { FOREIGN_ENVELOPE, SPF_ERROR, NO_SPF_RECORD, ADDRESS_NOT_IN_IT, SPF_UNREACHABLE };
enum envelope results_envelope(struct analysis *a, const char *spf, const char *org, struct own_result *out);
/* The name a host of mailboxes signed it with for the user's own domain; NULL: none, or another customer's. */
const char *results_own_account(struct analysis *a, const struct sender_sum *x, const struct results *r);
/* 1: it may be mail of the user that somebody passed on: in another's envelope or from an unknown address, with their signature, which is broken or verifies on other such mail. */
int results_passed_on(struct analysis *a, const struct known *k, const struct results *r);
int results_strict(const char *alignment);	/* 1: strict, as a record's adkim or aspf asks for it */

/* --- failing_mail.c: what the days on which it failed lately tell of it --- */
/*
 * The results of what fails lately, from this day on: of the newest days on which it failed those of the cause that most of it has; 0: no record tells. For
 * the days the sender's series is asked.
 */
enum outcome failing_mail_cause(struct analysis *a, const struct known *k, const struct series *days, const char *from, int64_t *set, struct err *err);
/* What failed, or passed by DKIM, on a day of all senders of k's domain: mostly their days are the same. Until some are asked about after it; NULL with err. */
const struct day_sets *day_sets_of(struct analysis *a, const struct known *k, const char *day, int passing, struct err *err);
/* 1: so many messages of the newest days on which it failed passed as somebody (own 1: by the user's own name at a host of mailboxes), 0, -1 with err. */
int failing_mail_vouches(struct analysis *a, const struct known *k, double messages, int own, struct err *err);
/* Finds addresses, for the results of k's fail_set. */
enum outcome failing_mail_addresses(struct analysis *a, const struct known *k, const struct series *days, const char *from, struct results *r, struct err *err);

/* --- other_mail.c: what the sender's other mail tells of the mail that fails --- */
/* Finds passes_beside and published, where it is not signed by the user, for from. For the days the sender's series is asked; broke as below. */
enum outcome other_mail_beside(struct analysis *a, const struct known *k, const struct series *days, const char *broke, struct results *r, struct err *err);
/* Finds published alone, in what other senders' mail passes by on this day: a record that is there must not be replaced. */
enum outcome other_mail_published(struct analysis *a, const struct known *k, const char *day, struct results *r, struct err *err);
/* Finds key_passes, selector, stranger, tenant, spf_domain, spf_until. broke: day from which all of it failed anew; NULL. */
enum outcome other_mail_compare(struct analysis *a, const struct known *k, const char *broke, struct results *r, struct err *err);
enum outcome other_mail_tenant(struct analysis *a, const struct known *k, struct results *r, struct err *err);	/* finds tenant alone */
/* Results of mail that passes by SPF only, since a day or ever: of the largest stream. "" none. */
enum outcome other_mail_bare(struct analysis *a, const struct known *k, struct results *out, struct err *err);

/* --- words.c: the sentences --- */
struct buf;
const char *words_of(struct analysis *a, struct buf *b);	/* moved into the arena, words too long for a name shortened; NULL where empty; b is freed */
const char *words_short(struct analysis *a, const char *name);	/* a name that anybody may have chosen, to 60 columns; in the arena where it is cut */
const char *words_plural(int64_t n);				/* "" or "s" */
const char *words_mechanism(struct analysis *a, const char *address);	/* an address as an SPF record has it, "ip4:192.0.2.1"; in the arena */
int words_days(const char *from, const char *to);		/* days from one to the other; 0 where one is unknown */
/* 1: it comes from servers of the user's own, or an address that is nobody's: no service's account is behind it. */
int words_own_mail(const struct sender_sum *x);
/* Why mail with these results fails for the sender's domain: sentences. */
const char *words_why(struct analysis *a, const struct known *k, const struct results *r, int64_t messages);
/* What repairs mail with these (failing) results: records to publish, begun with FIX_RECORDS, or what else to do. */
const char *words_fix(struct analysis *a, const struct known *k, const struct results *r);
const char *words_unsigned(struct analysis *a, const struct known *k, const struct results *r);	/* why mail with these results is not signed */
const char *words_sign(struct analysis *a, const struct known *k, const struct results *r);	/* what makes mail that passes by SPF only be signed, too */
/* How the sender is known, from the results of its largest stream. */
const char *words_evidence(struct analysis *a, const struct known *k, const struct results *r);

/* --- changed.c --- */
/* *differ: 1 where receivers ever saw more than one policy of the domain at hand. */
enum outcome changed_policies(struct analysis *a, int *differ, struct err *err);
/* What changed when mail stopped passing on `day`, after it passed on `passed`: selector, address range, envelope, policy; sentences. NULL with err on failure. */
const char *changed_since(struct analysis *a, const struct known *k, const char *passed, const char *day, struct err *err);

#endif
