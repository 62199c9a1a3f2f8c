/* SPDX-License-Identifier: MIT */
/*
 * Door of the room sql: the database. The only room that knows SQLite.
 *
 * One writer. Work is done in transactions that cover many reports; each report is one
 * savepoint inside, so it is in the file whole or not at all. Nothing here decides: verdicts and
 * attribution come from the caller.
 */
#ifndef SQL_STORE_H
#define SQL_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "parse/parse.h"

struct store;

enum store_mode {
	STORE_READ = 1, STORE_WRITE,	/* another program that holds the file is waited for some seconds */
	STORE_WRITE_WAIT		/* for a minute: a nightly job is not lost to somebody's long query */
};

/*
 * Opens (for writing: makes where missing, mode 0600, directories too; migrates an older file after
 * a backup copy FILE.bak-VERSION). STOP with a clear message: not ours, newer version, locked, no permission, read-only disk.
 * STORE_READ of a file that is not there is STOP. now_at stamps what is written.
 */
enum outcome store_open(struct store **out, const char *path, enum store_mode mode, int64_t now_at, struct err *err);
/* Ends; the last writer leaves journal_mode=DELETE. NULL is fine. An open transaction is rolled back. */
void store_close(struct store *s);
const char *store_path(const struct store *s);

/* --- transactions: begin is implied by the first write ---------------------------------------- */
enum outcome store_commit(struct store *s, struct err *err);
/* The same before store_rest: what it writes is copied into the file from there on, by a thread, and not while the caller waits. */
enum outcome store_commit_last(struct store *s, struct err *err);
enum outcome store_rollback(struct store *s, struct err *err);
/*
 * Until store_moment_end all answers are of one moment, whatever others write meanwhile; nothing is written. In an open transaction nothing else can be. STOP
 * with err: no moment has begun.
 */
enum outcome store_moment(struct store *s, struct err *err);
void store_moment_end(struct store *s);
/*
 * Records are not written for a while: the caches of writing are given back, and what is committed is copied into the file meanwhile (after
 * a commit; else nothing happens).
 */
void store_rest(struct store *s);
/* Rows written since the last commit (a measure for when to commit). */
int64_t store_pending(const struct store *s);

/* --- what the caller makes of a record (report/verdict.h) ------------------------------------- */

enum verdict { VERDICT_PASS = 1, VERDICT_FAIL, VERDICT_UNDETERMINED, VERDICT_UNKNOWN };
enum verdict_basis { BASIS_REPORTED = 1, BASIS_RECOMPUTED, BASIS_NONE };
enum under_reject {
	UNDER_DELIVERED = 1, UNDER_REJECTED, UNDER_LIKELY_SPARED, UNDER_QUARANTINED, UNDER_DELIVERED_FAILING,
	UNDER_UNDETERMINED, UNDER_UNKNOWN
};
enum outcome_flag {	/* stored in outcome.flags: numbers never change their meaning */
	FLAG_DKIM = 1,			/* passes by DKIM, aligned */
	FLAG_SPF = 2,			/* passes by SPF, aligned */
	FLAG_DKIM_STRICT = 4,		/* ... also under strict alignment (raw results say so) */
	FLAG_SPF_STRICT = 8,
	FLAG_SUBDOMAIN = 16,		/* From lies below the policy domain */
	FLAG_NO_FROM = 32,		/* header_from empty */
	FLAG_FOREIGN_FROM = 64,		/* header_from outside the policy domain */
	FLAG_HARSHER = 128,		/* receiver did more than asked */
	FLAG_OVERRIDE = 256,		/* receiver did less than asked */
	FLAG_FORWARD_REASON = 512,	/* reason forwarded, trusted_forwarder, mailing_list, or local_policy with arc=pass */
	FLAG_SPF_PERMERROR = 1024,	/* SPF of the From's own domain could not be evaluated */
	FLAG_SUB_INHERITS = 2048,	/* sp absent or equal to p: taken as inherited */
	FLAG_QUARANTINED_HERE = 4096	/* override by quarantining instead of rejecting */
};
struct judgement {
	enum verdict verdict;
	enum verdict_basis basis;
	enum under_reject under_reject;
	int disputed;		/* bit 0: C1 ... bit 3: C4 */
	int flags;		/* enum outcome_flag */
};
const char *verdict_str(enum verdict v);
const char *verdict_basis_str(enum verdict_basis v);
const char *under_reject_str(enum under_reject v);

/* --- who sent it: asked once for each touched (domain, address), at commit ---------------------- */

struct flow_row {		/* one (auth results, outcome) of one address under one policy domain */
	const struct auth *auths;	/* the set's results; text as in parse.h; borrowed until `forget`, where set is not 0 */
	size_t nauths;
	int64_t set;			/* rows of equal set have equal results; 0: nothing is known of that */
	enum verdict verdict;
	int flags;			/* enum outcome_flag */
	/* to be filled in: */
	const char *sender;		/* id, name, kind, category as in table sender; borrowed until the next call */
	const char *sender_name, *sender_kind, *sender_category;
	/* 0 direct; for all we know 1 forwarded (it passes by its signature alone), 2 forwarded and broken; 3 broken: a forwarder, or the receiver says so */
	int way;
};
struct attributor {
	void *ctx;
	/*
	 * Flow rows of one address (with its stored reverse name or NULL) under one policy domain: all, old and new, or new ones with an old one that
	 * decides.
	 */
	void (*attribute)(void *ctx, const char *domain, const char *address, const char *ptr, struct flow_row *rows, size_t count);
	/* 1: where an address has a row with these flags, no other row of it changes what is made of any. NULL: there are none such. */
	int (*decides)(void *ctx, const char *domain, int flags);
	/* What was remembered by the numbers of sets is void from now on. NULL: nothing is remembered. */
	void (*forget)(void *ctx);
};
/* Must be set before the first report is added. Borrowed. */
void store_attributor(struct store *s, const struct attributor *a);

/* --- writing reports ---------------------------------------------------------------------------- */

enum intake_state { INTAKE_STORED = 1, INTAKE_DUPLICATE, INTAKE_CONFLICT, INTAKE_NOT_A_REPORT, INTAKE_DAMAGED, INTAKE_RETRY };
const char *intake_state_str(enum intake_state s);

/*
 * Known bytes at a known place? *known = 1, and their rows' seen and last_seen_at rise; *known = 0 also where one of
 * their rows is in state retry (those rows are then replaced by what comes). fresh 1: store_knows found that they were never met, after this
 * store was opened for writing.
 */
enum outcome store_seen(struct store *s, const char *place, const unsigned char digest[32], int fresh, int *known, struct err *err);

/* Of what has no bytes this time: 1 where the ledger has what lay at this place, and it was read. */
enum outcome store_knows_place(struct store *s, const char *place, int *known, struct err *err);

/*
 * Mails of a folder that were damaged at places under another UIDVALIDITY than this (0: at any), the 4,096 newest of them; anew 1: the folder is read
 * anew, so they are looked for also where nothing is left that tells their size. Caller frees.
 */
struct elsewhere;
enum outcome store_elsewhere(struct store *s, const char *account, const char *folder, int64_t uidvalidity, int anew, struct elsewhere **out, struct err *err);
void elsewhere_free(struct elsewhere *e);	/* NULL is fine */
/*
 * To be asked of what store_seen does not know: is it one of those, by its bytes? Then *known = 1 and its rows are at this place from now on; seen
 * and last_seen_at rise. size: its bytes. refused: why there are none (digest all 0); NULL else.
 */
enum outcome store_seen_elsewhere(struct store *s, struct elsewhere *e, const char *place, const unsigned char digest[32], size_t size, const char *refused, int *known,
    struct err *err);

/* The item of this place, of which there were no bytes before, was read now: that row goes. */
enum outcome store_came_after_all(struct store *s, const char *place, struct err *err);

/* The mail of this place, in state retry, is no longer in its mailbox: it cannot be read any more (state damaged). */
enum outcome store_mail_gone(struct store *s, const char *place, struct err *err);

/* Were these bytes met at this place? Reads only; for a second connection beside the writer. */
enum acquaintance {
	FRESH = 1,		/* they were not */
	KNOWN,			/* they were, and none of their rows is to be read again */
	UNSURE			/* one of their rows is to be read again, or the database cannot be asked */
};
enum acquaintance store_knows(struct store *s, const char *place, const unsigned char digest[32]);

/* 1: the ledger has rows at all. */
int store_knows_any(struct store *s);
/* 1: something in the ledger is to be read again. */
int store_knows_retries(struct store *s);

struct intake_row {
	const char *place, *origin;
	const unsigned char *digest;	/* SHA-256 of the item, 32 bytes */
	const char *mail_from, *mail_auth;	/* NULL: no mail */
	const char *notes;		/* repairs while unpacking; NULL */
	const unsigned char *item;	/* 16 bytes of a kept document read again (store_kept_next); NULL: from place and digest */
};

/*
 * Life of a report: begin, head (again where more of it comes later), batch*, then exactly one of end, spoil, drop.
 * `known`: the result, where the whole report was parsed before its first row is written
 * (small reports: no savepoint is needed, and a duplicate is seen before anything is written); else NULL. The row is borrowed until the end.
 */
enum outcome store_report_begin(struct store *s, const struct intake_row *row, const struct parse_result *known, struct err *err);
enum outcome store_report_head(struct store *s, const struct feedback *f, struct err *err);
enum outcome store_report_batch(struct store *s, const struct record *records, const struct judgement *judgements,
    size_t count, struct err *err);
/* Whole: becomes stored, duplicate or conflict; *state and reason (256 bytes, "" for stored) say which. raw kept for a conflict. */
enum outcome store_report_end(struct store *s, const struct parse_result *r, const void *raw, size_t rawlen,
    enum intake_state *state, char reason[256], struct err *err);
/* Cut short: records kept with counted = 0, ledger row damaged with this reason, raw kept. */
enum outcome store_report_spoil(struct store *s, const struct parse_result *r, const char *reason,
    const void *raw, size_t rawlen, struct err *err);
/* Forgets all since begin, without a ledger row (before the second try, or for a document of another kind). */
enum outcome store_report_drop(struct store *s, struct err *err);

/* verdict_bucket of report/verdict.h: the bucket of mail that was not forwarded. Must be set before the first batch. */
typedef const char *store_bucket(const char *disposition, const struct judgement *j, int mine);
void store_bucketer(struct store *s, store_bucket *fn);

/* A ledger row for what is no report. raw NULL: not kept. */
enum outcome store_intake_add(struct store *s, const struct intake_row *row, enum intake_state state, const char *reason,
    const void *raw, size_t rawlen, struct err *err);

/*
 * Everything derived anew: verdicts of all records by `judge` (verdict_of of report/verdict.h; NULL: they stay), then senders and
 * roll-ups by the attributor. *changed: records judged otherwise. The caller commits.
 */
typedef void store_judge(const struct feedback *f, const struct record *r, struct judgement *out);
enum outcome store_again(struct store *s, store_judge *judge, int64_t *changed, struct err *err);
/*
 * After a label on `what` (address, network, sender id or signing domain; `also`: the sender id that signs as it, NULL none) was set or taken away:
 * what it concerns is attributed anew by the attributor that is set now, and *addresses rises by how many addresses (of each domain) that
 * is. Needs no records but of days whose mail moves.
 */
enum outcome store_relabel(struct store *s, const char *what, const char *also, int64_t *addresses, struct err *err);

/* Builds anew what a changed attribution made stale of the daily roll-up. To be called before the last commit of a run. */
enum outcome store_settle(struct store *s, struct err *err);

/* --- kept documents, for retry --------------------------------------------------------------------- */

struct kept {			/* all text owned by the caller's arena */
	int64_t intake;
	unsigned char item[16];
	const char *origin;
	unsigned char *bytes;	/* uncompressed */
	size_t len;
};
/*
 * The next kept document after ledger row `after` whose state is damaged or retry: OK, END. SKIP: its kept bytes are
 * broken. The caller then reads it as an item, after store_kept_forget.
 */
enum outcome store_kept_next(struct store *s, int64_t after, struct arena *a, struct kept *out, struct err *err);
/* The ledger row of the last of them; 0: there is none. */
enum outcome store_kept_last(struct store *s, int64_t *last, struct err *err);
/* How many documents are damaged, or to be read again, without kept bytes. */
enum outcome store_count_unkept(struct store *s, int64_t *damaged, int64_t *again, struct err *err);
/* Removes the ledger rows of the item that are damaged or to be retried, with what a cut copy left, so that it can be read anew. */
enum outcome store_kept_forget(struct store *s, const unsigned char item[16], struct err *err);

/* --- fetching: the state of a folder, written together with the rows its mails brought ---------------- */

struct mailbox {
	int64_t uidvalidity, last_uid;	/* 0: never read; every UID up to last_uid is done but for those in retry */
	int64_t last_at;		/* when the mail last_uid arrived; 0: not known */
	int64_t *retry, *settled;	/* rising; settled ones wait to be marked, moved or deleted; owned */
	size_t nretry, nsettled;
};
enum outcome store_mailbox(struct store *s, const char *account, const char *folder, struct mailbox *out, struct err *err);
void mailbox_free(struct mailbox *m);	/* its lists */
enum outcome store_mailbox_put(struct store *s, const char *account, const char *folder, int64_t uidvalidity, int64_t last_uid, struct err *err);
/* Keeps when the mail with this UID, the last one read, arrived. */
enum outcome store_mailbox_last_at(struct store *s, const char *account, const char *folder, int64_t uidvalidity, int64_t uid, int64_t at, struct err *err);
/* Whether a folder was another mailbox last time, by user and host: *moved 1; -1: it is not known whose it was. UIDs of one mean nothing in the other. */
enum outcome store_mailbox_moved(struct store *s, const char *account, const char *folder, const char *whose, int *moved, struct err *err);
/* Keeps whose it is; moved above 0: and forgets how far the other was read, what is to be read again or changed there. */
enum outcome store_mailbox_whose(struct store *s, const char *account, const char *folder, const char *whose, int moved, struct err *err);
enum mailbox_uid_state { UID_DONE, UID_RETRY, UID_SETTLED };
enum outcome store_mailbox_uid(struct store *s, const char *account, const char *folder, int64_t uid, enum mailbox_uid_state state,
    struct err *err);
/*
 * What is done with the settled mails of a folder from now on ("seen", "move", "delete"), to be said before one is put down: those that wait for something
 * else are left alone, *left of them.
 */
enum outcome store_mailbox_after(struct store *s, const char *account, const char *folder, const char *after, int64_t *left, struct err *err);
/*
 * Keeps, where another word stood or another UIDVALIDITY, that from now on mails are dealt with so ("keep" too): all behind last_uid are fetched under it.
 * To be called before anything of the folder is put down. And whether this mail was.
 */
enum outcome store_mailbox_begins(struct store *s, const char *account, const char *folder, const char *after, int64_t uidvalidity, int64_t last_uid, struct err *err);
enum outcome store_mailbox_began(struct store *s, const char *account, const char *folder, const char *after, int64_t uidvalidity, int64_t uid, int *began, struct err *err);
/*
 * The mail of this item (struct kept) was read after all (`retry`): it waits to be marked, moved or deleted where all its documents are stored,
 * duplicate or conflict and the folder still has this UIDVALIDITY.
 */
enum outcome store_mailbox_settles(struct store *s, const char *account, const char *folder, int64_t uidvalidity, int64_t uid,
    const unsigned char item[16], struct err *err);
struct account_run { const char *account; int64_t started_at, ended_at, mails; const char *error; };	/* error NULL: it went well */
enum outcome store_account_run(struct store *s, const struct account_run *run, struct err *err);

/* --- what the digest has said ----------------------------------------------------------------------- */

/* Text borrowed until the callback returns. */
enum outcome store_each_said(struct store *s,
    enum outcome (*each)(void *ctx, const char *code, const char *domain, const char *sender, int64_t messages, int64_t said_at), void *ctx,
    struct err *err);
/* Keeps that this was said at now_at; of code POLICY only the newest of a domain is kept. */
enum outcome store_put_said(struct store *s, const char *code, const char *domain, const char *sender, int64_t messages, struct err *err);
/* Forgets what was said before this time of findings that are no more: when they come again they are news. */
enum outcome store_forget_said(struct store *s, int64_t before, struct err *err);

/* --- housekeeping ---------------------------------------------------------------------------------- */

/* Mirrors the configured domains (lower case) into the database; count 0: all domains count. *changed is set to 1 where they were others. */
enum outcome store_set_domains(struct store *s, char *const *domains, size_t count, int *changed, struct err *err);
/* The configured domains as they are mirrored, a line each; caller frees; NULL: none. */
enum outcome store_users_domains(struct store *s, char **list, struct err *err);
/* 1: name is one of such a list, or lies below one. */
int store_is_listed(const char *list, const char *name);
/* Removes the reports of a policy domain and all its sums. *reports: how many went. */
enum outcome store_forget_domain(struct store *s, const char *domain, int64_t *reports, struct err *err);
/*
 * What a user may mean by a report: the one of this number; where there is none, those of this report id, which several reporters may use. Stops when
 * each returns other than OK; text (NULL: none) is borrowed until it returns.
 */
struct called_report { int64_t id; const char *reporter, *domain, *day; int counted; };
enum outcome store_each_called(struct store *s, const char *what, enum outcome (*each)(void *ctx, const struct called_report *r), void *ctx, struct err *err);
/* Removes one report, by its number, and what it adds to the sums; another copy of it is counted then. SKIP: it cannot go, err says why. */
enum outcome store_forget_report(struct store *s, int64_t report, struct err *err);
/* Removes records and kept bytes of reports that began before this day; the reports and the roll-ups stay. Gives space back. */
enum outcome store_prune(struct store *s, const char *before_day, int64_t *reports, struct err *err);
/* Gives the space of what was removed back to the file system; after a commit. */
enum outcome store_give_back(struct store *s, struct err *err);
/* Records of reports that began before this day were removed so: day "" where none were. */
enum outcome store_records_since(struct store *s, char day[11], struct err *err);

/* One line of `status`: a heading or a figure, in order; called until it returns other than OK (END at the end). */
struct status_line { const char *section, *what, *value; };	/* borrowed until the next call */
enum outcome store_status(struct store *s, const char *section, enum outcome (*each)(void *ctx, const struct status_line *line), void *ctx,
    struct err *err);

/* --- reading: one function for each question (read.c) ----------------------------------------------- */

/* Newest reported day of counted, not foreign reports: *day "" where there is none. */
enum outcome store_newest_day(struct store *s, char day[11], struct err *err);
enum outcome store_newest_day_of(struct store *s, int64_t domain, char day[11], struct err *err);	/* of this domain, by its id */
enum outcome store_oldest_day(struct store *s, char day[11], struct err *err);	/* the first one */

/* When reports come, over all domains that are not foreign. */
struct freshness {
	int64_t newest_end;	/* of a counted report; 0: there is none */
	int usual_gap;		/* days from one reported day to the next, the median of the last 60 days; at least 1 */
};
enum outcome store_freshness(struct store *s, struct freshness *out, struct err *err);

/* --- the analysis (analysis.c) -------------------------------------------------------------------------- */

/* Everything the roll-up holds of one sender under one domain, over the whole database. Text borrowed until the callback returns. */
struct sender_sum {
	int64_t domain_id, sender_id;
	const char *domain, *org;
	const char *p, *sp, *adkim, *aspf, *testing;	/* policy that most receivers tell lately; NULL absent */
	int64_t pct;				/* of it; -1 absent */
	const char *sender, *name, *kind, *category;	/* not looked up (NULL) of a stranger */
	int stranger;				/* 1: one of the crowd of strangers, as in the last analysis */
	int kept;				/* 1: its totals are those of the last analysis */
	int was_stranger;			/* 1: the last analysis found it one of the crowd */
	int64_t messages, passing, by_dkim, by_spf, failing, refused, undetermined, forwarded, broken, permerror;	/* failing: not refused */
	int64_t pass_days, spf_pass_days, fail_days, weeks;	/* with such mail; weeks: with any */
	int64_t most, most_failing;				/* messages of any 30 days in a row: of all, and that failed directly */
	int64_t recent_messages, recent_passing, recent_by_dkim, recent_by_spf;	/* recent: of the last 30 reported days */
	int64_t recent_stopped;					/* of recent_passing: refused or junked all the same */
	int64_t bare, recent_bare;				/* passed by SPF only, after all that passed by DKIM; 0 where none did */
	int64_t recent_below, recent_refused_below;	/* of recent_failing, of recent_refused: From lies below the policy domain */
	int64_t recent_refused, recent_failing, recent_forwarded, recent_broken, recent_permerror;
	const char *first_day, *last_day, *first_fail, *first_refused, *first_permerror, *first_bare;	/* NULL: none */
	const char *first_forwarded, *first_broken;	/* of what still passed, and of what did not; likewise */
	const char *last_spf;				/* last day with mail that passed by SPF; likewise */
	int64_t addresses;				/* it sent from */
	int own_way;					/* 2: mail that seems forwarded (way 1 and 2) is its own: it has a selector of its own */
	int64_t auth_set, fail_set;			/* results of its largest stream, and of its largest failing one; 0: none */
};
/* 1: such a sender may have this selector of its own, so that what it signs is no forwarded mail; asked before its sum is given. */
typedef int store_may_sign(void *ctx, const char *sender, const char *kind, const char *category, const char *selector);
/* A domain to be analysed. Text borrowed until the next one. */
struct due_domain {
	int64_t id;
	const char *name, *org;
	const char *p, *sp, *adkim, *aspf, *testing;	/* policy that most receivers tell lately; NULL absent */
	int64_t pct;			/* -1 absent */
	const char *beginning, *ending;	/* first and last reported day; NULL: no day can be read */
	int settled;			/* 1: nothing has changed since its last analysis but the newest day of all */
	int grown;			/* 1: not settled, but it is known which senders' totals have changed */
};
/*
 * Prepares an analysis with these settings and this newest day. Where the last one had other settings, or `again` is set, all is dropped and all
 * domains are due; else those whose totals have changed, and with another newest day the others as well, settled.
 */
enum outcome store_analysis_begin(struct store *s, const char *settings, const char *newest, int again, int *moved, struct err *err);
/* The next one after this id: OK, END. moved: as store_analysis_begin said. */
enum outcome store_next_due(struct store *s, int64_t after, int moved, struct due_domain *out, struct err *err);
/* Drops what the last analysis found of it, and, unless it is settled or grown, what it kept of its senders. */
enum outcome store_drop_due(struct store *s, const struct due_domain *d, struct err *err);
/* The domain is done: what was put of it is written, and it is settled from now on. */
enum outcome store_domain_analysed(struct store *s, const struct due_domain *d, struct err *err);
/*
 * All senders of a domain, one by one. Of one whose totals have changed what is kept for the next analysis is written, but for its standing.
 * SKIP: the domain is grown in a way that what is kept does not tell; it is to be begun again, dropped, as one that is not grown.
 */
struct sender_walk {
	const struct due_domain *domain;
	const char *recent_from, *newest;	/* first and last of the recent days; what is dated later is passed over, until its day has come */
	double crowd;			/* addresses of strangers that are a crowd */
	int64_t *strangers;		/* of a grown domain: set to crowd or more where those the last analysis found are a crowd still, else to 0; */
					/* they are told only where they have recent days then */
	enum outcome (*each)(void *ctx, const struct sender_sum *sum, struct err *err);
	store_may_sign *may;
	void *ctx;
};
enum outcome store_each_sender(struct store *s, const struct sender_walk *w, struct err *err);
/* Days of one sender, in order: messages that passed and that failed directly (not forwarded), and what of these was refused. Cheap while it is told. */
struct day_row { const char *day; int64_t passed, failed, refused; };
enum outcome store_each_sender_day(struct store *s, const struct sender_sum *x, enum outcome (*each)(void *ctx, const struct day_row *row), void *ctx,
    struct err *err);
/*
 * How many receivers refused or junked a sender's mail in a period, among the newest `most` records of a domain? Cheap for further senders of the same.
 * *only: the name of the one where it is one, in the arena; else NULL.
 */
struct refusal { int64_t domain_id, sender_id; const char *from, *to; int64_t most; };
enum outcome store_count_refusers(struct store *s, const struct refusal *q, struct arena *arena, size_t *count, const char **only, struct err *err);
/* Why mail of the domain broke, as the last analysis found it. */
enum outcome store_each_break(struct store *s, const char *domain, enum outcome (*each)(void *ctx, const char *sender, const char *since, const char *why),
    void *ctx, struct err *err);
/* 1: the reverse name of some address is known. */
int store_knows_reverse(struct store *s);
/* What a set of results reads like ('mandrillapp.com/mte1=pass'), NULL none; of set 0 none. Text borrowed until the callback returns. */
enum outcome store_results(struct store *s, int64_t set, enum outcome (*each)(void *ctx, const char *dkim, const char *spf), void *ctx, struct err *err);
/* Domains whose SPF records receivers could not evaluate (permerror) for mail of a domain since a day, most messages first. Text borrowed until the callback returns. */
enum outcome store_each_spf_broken(struct store *s, int64_t domain_id, const char *since, enum outcome (*each)(void *ctx, const char *name), void *ctx, struct err *err);
/* Of mail of a day, as the first records of each report tell it: the sets of results of each sender, of what failed or (passing) passed by DKIM; and the addresses of one failing set of a sender. */
struct set_row { int64_t sender, set, messages; int way; };	/* most messages first */
enum outcome store_each_set_of_day(struct store *s, int64_t domain_id, const char *day, int passing, enum outcome (*each)(void *ctx, const struct set_row *row), void *ctx,
    struct err *err);
enum outcome store_each_failing_address(struct store *s, const struct sender_sum *x, const char *day, int64_t set, enum outcome (*each)(void *ctx, const char *address),
    void *ctx, struct err *err);
/* The Froms of a sender's failing mail of a day, as far as it has the results of fail_set, most messages first. Text borrowed likewise. */
enum outcome store_each_from(struct store *s, const struct sender_sum *x, const char *day, enum outcome (*each)(void *ctx, const char *from), void *ctx,
    struct err *err);
/* What one sender sent directly, passing or failing, most messages first. Text borrowed until the callback returns. */
struct stream_row {
	int passing, has_days;
	const char *address, *ptr;
	int64_t auth_set, messages, first_day, last_day;	/* days since 1970-01-01, where it has any */
};
enum outcome store_each_stream(struct store *s, const struct sender_sum *x, enum outcome (*each)(void *ctx, const struct stream_row *r), void *ctx,
    struct err *err);
/* Receivers that reported a domain in the HEARING_DAYS before `to` (days since 1970-01-01) and on it, by name ("": they give none). Text borrowed likewise. */
enum { HEARING_DAYS = 90 };
struct hearing_row { const char *name, *email, *first_day, *last_day; int64_t days, messages; };	/* email: of most of it, lower case, "" none; days: on which it reported */
enum outcome store_each_hearing(struct store *s, int64_t domain_id, int64_t to, enum outcome (*each)(void *ctx, const struct hearing_row *r), void *ctx,
    struct err *err);
/* *differ: 1 where receivers saw more than one policy of a domain in its whole time, 0 where they did not. */
enum outcome store_policies_differ(struct store *s, int64_t domain_id, int *differ, struct err *err);
/* How a domain's policy changed from one time to another (first and last days), as most receivers tell that reported in both; the two are equal where it did not. */
struct policy_row { const char *p, *sp, *adkim, *aspf; };	/* what is absent as what holds then; in the arena; NULL: no receiver tells */
struct policy_change { const char *before[2], *since[2]; struct policy_row old, new; };
enum outcome store_policy_change(struct store *s, int64_t domain_id, struct policy_change *c, struct arena *arena, struct err *err);

/* One address in full: a row for each stream of it, most messages first. Text borrowed until the callback returns. */
struct address_row { const char *domain, *sender, *dkim, *spf, *disposition, *first_day, *last_day; int64_t messages; };
enum outcome store_each_address(struct store *s, const char *address, enum outcome (*each)(void *ctx, const struct address_row *r), void *ctx,
    struct err *err);
/* The newest reports that hold mail from an address, newest first, until `most` records were looked at or each returns END. Text borrowed likewise. */
struct address_report { const char *domain, *org_name, *report_id, *day, *header_from, *envelope_from, *disposition; int64_t messages; };
enum outcome store_each_address_report(struct store *s, const char *address, int64_t most,
    enum outcome (*each)(void *ctx, const struct address_report *r), void *ctx, struct err *err);

/* What a policy would stop in a period, by domain and sender; the user's own first, most first. The crowd of strangers of a domain is one row without a name. */
struct whatif {			/* dispositions asked for: 0 none, 1 quarantine, 2 reject */
	int policy, subpolicy;	/* for the policy domain itself, and for From domains below it; -1: a published sp that differs from p stays */
	int strict;		/* 1: alignment strict for both mechanisms */
	int64_t domain;		/* id of the one asked about; 0: all that are not kept apart */
};
struct whatif_row {
	const char *domain, *sender, *name, *class;
	int mine, labelled;
	int64_t rejected, spared, quarantined;	/* spared: of the rejected, receivers would probably let through */
	int64_t open, let_through;	/* of which the reports do not tell whether it passes; of From domains below, failing and let through all the same */
};
enum outcome store_each_whatif(struct store *s, const struct whatif *w, const char *from, const char *to,
    enum outcome (*each)(void *ctx, const struct whatif_row *r), void *ctx, struct err *err);

struct standing {
	int64_t domain_id, sender_id;
	int mine;
	const char *basis, *confidence, *class, *evidence;
	int64_t addresses, auth_set, fail_set;	/* as in struct sender_sum */
	const char *first_day, *last_day;
	int own_way;			/* the same */
};
struct finding { const char *code, *domain, *sender; int64_t messages; const char *since, *text, *why, *fix, *confidence; };
enum outcome store_drop_findings(struct store *s, const char *domain, struct err *err);	/* domain NULL: those about none */
enum outcome store_put_standing(struct store *s, const struct standing *st, struct err *err);	/* text is copied; written by store_domain_analysed at the latest */
/* What the findings were made with (one line, the settings alone, the newest day), and whether they were made with this line. */
enum outcome store_put_stamp(struct store *s, const char *stamp, const char *settings, const char *newest, struct err *err);
int store_has_stamp(struct store *s, const char *stamp);
/* 1: reports came on which no analysis has looked, as where a run was killed after its commit. */
int store_awaits_analysis(struct store *s);
enum outcome store_put_finding(struct store *s, const struct finding *f, int place, struct err *err);	/* place: of its code in the order */
/* A label of the user, for `what` (address, network, sender id or DKIM domain). class NULL removes it. One of origin "config"
 * stands before one of "command", which is kept and stands again once the other is removed. store_relabel or store_again is to follow before the commit. */
enum outcome store_set_label(struct store *s, const char *what, const char *class, const char *name, const char *origin, struct err *err);
enum outcome store_each_label(struct store *s, enum outcome (*each)(void *ctx, const char *what, const char *class, const char *name, const char *origin),
    void *ctx, struct err *err);

#include "sql/export.h"		/* whole tables for CSV */
#include "sql/overview.h"	/* the questions behind the summary */

#endif
