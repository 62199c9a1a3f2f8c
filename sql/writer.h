/* SPDX-License-Identifier: MIT */
/*
 * Private to the writing side of the room sql (writer.c: the side itself; write.c: reports; ledger.c: the intake ledger;
 * dictionary.c: rows that are kept once; tally.c and flow.c: totals; results.c: what ids mean): what they share.
 */
#ifndef SQL_WRITER_H
#define SQL_WRITER_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "sql/db.h"
#include "sql/intern.h"
#include "sql/waiting.h"

/* One (domain, address, auth results, outcome, day) to be added to the totals; messages may be negative. */
struct tally {
	int32_t domain, source, auth_set, outcome;
	int32_t day;		/* days since 1970-01-01, NO_DAY unreadable */
	int64_t messages;
};
enum {
	NO_DAY = INT32_MIN,
	TALLIES = 131072,	/* tallies held before they are flushed: 4 MiB, and as much of those that are being flushed */
};

struct writer {
	struct intern *names, *sources, *idents, *auth_sets, *reason_sets, *outcomes, *reporters, *mails, *policies, *domains, *senders;
	struct buf key;			/* scratch for keys */
	int64_t next_record, next_report, next_intake;	/* ids to be given next */
	char *configured;		/* domains of the configuration, lower case, a line each; NULL: all count */

	/* the item last asked about by store_seen; seen_place is only compared */
	const char *seen_place;
	unsigned char seen_digest[32], seen_item[DIGEST];

	/* the report being written */
	const struct intake_row *row;
	const struct parse_result *known;
	int open, savepoint, skip;	/* skip: known to be a duplicate, its records are passed over */
	struct arena *head;		/* text of the fields below */
	const char *report_id, *version, *errors, *email;
	enum format format;
	int64_t reporter, policy, domain, begin_at, end_at;
	int have_head;
	char day[11];			/* "" unreadable */
	int32_t day_number;
	unsigned char key_digest[DIGEST];
	int64_t same;			/* a report of this key and content, 0 none */
	struct rival { int64_t id; int authenticated, sound, gone; } rival;	/* the counted report of this key; id 0 none; gone: its records are */
	int copies;			/* reports of this key */
	int64_t raw_held;			/* bytes kept of documents, about; -1 not asked yet */
	int64_t report, first_record, last_record, intake;
	int64_t saved_record, saved_report, saved_intake;	/* at begin */

	struct waiting waiting;		/* rows not yet written */
	int64_t next_source, next_set;	/* ids to be given next */
	int64_t saved_source, saved_set;
	int64_t unsummed;		/* addresses from this id on are in no total yet */

	/* totals waiting to be flushed */
	struct tally *tallies;
	size_t count, saved_count;
	int64_t tallied;		/* by this process */
	struct flush *flush;		/* tally.c: those being added to the totals; NULL none */
	size_t since;			/* records written since the last chunk of it */
	int64_t tallied_to, flushed_to;	/* the last record tallied; the last whose tally was given to a flush */
	int64_t earlier;		/* the last record that had been added to the totals before the present flush */
	struct moves *moves;		/* moves.c; NULL none */
	size_t nmoves, saved_moves;
	struct taken *taken;		/* taken.c: what was taken out of the totals in this transaction */
	size_t ntaken, taken_room;
	int out_of_order;		/* 1: tallies come from old records, too */
	int relabel;			/* 1: addresses are attributed anew though they brought nothing new */
	int32_t days_from;		/* the daily roll-up of days before is left as it is; NO_DAY: none is */
	int undated;			/* 1: some report's day could not be read */
	int32_t pruned_day;		/* records of days before are gone, and their sums stay as they are; NO_DAY: none */

	/* results.c: what outcomes mean, by id; verdict 0: not looked up yet */
	struct outcome_facts { enum verdict verdict; int flags; } *facts;
	size_t nfacts;

	/* results.c: results of auth sets, by id */
	struct intern *set_slots;	/* id to index in sets */
	struct intern *set_names;	/* text to where it lies in set_text */
	struct { struct auth *auths; size_t count; } *sets;
	size_t nsets;
	struct arena *set_text;

	int reread;			/* the item is read again: rows of the same origin are refreshed, not added */
};

/* dictionary.c: ids of rows kept once; text NULL is absent. 0 or OK on success as said, -1 or STOP with err set on failure. */
int64_t source_id(struct store *s, const char *address, struct err *err);
int64_t domain_id(struct store *s, const char *name, struct err *err);
int64_t reporter_id(struct store *s, const struct feedback *f, struct err *err);
int64_t mail_id(struct store *s, const struct intake_row *row, struct err *err);	/* 0: no mail */
int64_t policy_id(struct store *s, const struct feedback *f, struct err *err);
int64_t ident_id(struct store *s, const struct record *r, int64_t reasons, struct err *err);	/* reasons: id of its set */
int64_t auth_set_id(struct store *s, const struct record *r, struct err *err);
int64_t reason_set_id(struct store *s, const struct record *r, struct err *err);	/* 0: none */
int64_t outcome_id(struct store *s, const struct record *r, const struct judgement *j, struct err *err);
int64_t sender_id(struct store *s, const struct flow_row *row, struct err *err);
/* Shortened SHA-256 of bytes. */
void digest_of(const void *bytes, size_t len, unsigned char out[DIGEST]);
/* 1: no domains are configured, or name is one of them or lies below one. */
int is_configured(const struct writer *w, const char *name);

/*
 * ledger.c: writes one row of the ledger, report 0: none; raw NULL: nothing is kept. Its id is in writer.intake. A document read again
 * whose row is there already only has that row refreshed.
 */
enum outcome ledger_add(struct store *s, const struct intake_row *row, enum intake_state state, const char *reason, int64_t report,
    const void *raw, size_t rawlen, struct err *err);
/* ledger.c: place and bytes as one key. */
void ledger_item(const char *place, const unsigned char digest[32], unsigned char out[DIGEST]);
/* writer.c: forgets what the caches know of rows that may be gone. */
void writer_clear_caches(struct store *s);
/* writer.c: runs the statement NAME once with ?1 given(count rows of width numbers). */
enum outcome given_run(struct store *s, const char *name, const int64_t *rows, size_t count, int width, struct err *err);
/* writer.c: the same with text and bytes in them (given.h); a letter of types for each column. */
enum outcome given_run_typed(struct store *s, const char *name, const int64_t *rows, size_t count, const char *types, struct err *err);

/* results.c: remembers the results of a set that was just written, so that they need not be read back. */
void prime_set(struct writer *w, int64_t id, const struct auth *auths, size_t count);
/* results.c: the results of a set, without human_result; they live until sets_room makes room for `need` further ones, by forgetting all. */
enum outcome set_auths(struct store *s, int64_t id, const struct auth **auths, size_t *count, struct err *err);
void sets_room(struct store *s, size_t need);
/* results.c: forgets them now; so does the attributor. */
void sets_forget(struct store *s);
/* results.c: what an outcome is; NULL with err set on failure. It moves with the next call for another outcome. */
const struct outcome_facts *outcome_facts(struct store *s, int64_t outcome, struct err *err);

/* tally.c: begins a flush of the tallies gathered, which leaves them empty; what was being flushed is finished first. */
enum outcome flush_begin(struct store *s, struct err *err);
/* tally.c: adds one chunk of what is being flushed: OK, END nothing is left to add. */
enum outcome flush_some(struct store *s, struct err *err);
/* write.c: adds a report, whose records are there, to the sums and the counted ones, or takes it out; the note says why. */
enum outcome report_count(struct store *s, int64_t report, int counted, const char *note, struct err *err);
/* tally.c: forgets what is being flushed (its transaction is rolled back). */
void flush_drop(struct writer *w);
/* tally.c: adds the records of a stored report to the totals (sign 1) or takes them out (-1). */
enum outcome tally_report(struct store *s, int64_t report, int sign, struct err *err);
/* tally.c: the same, leaving the last tallies to a later flush: for many reports in a row. */
enum outcome tally_more(struct store *s, int64_t report, int sign, struct err *err);
/* keep.c: removes the records of ranges; columns of the query: first, last, in the order they lie. Resets it. */
enum outcome records_drop(struct store *s, sqlite3_stmt *ranges, struct err *err);

#endif
