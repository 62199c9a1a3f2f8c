/* SPDX-License-Identifier: MIT */
/*
 * Private to the sums of senders: what sums.c (senders and their days), sums_tell.c (their sums), totals.c (what the totals of addresses say) and grown.c (the
 * same, where most of it is kept from the last analysis) share.
 */
#ifndef SQL_SUMS_PARTS_H
#define SQL_SUMS_PARTS_H

#include "sql/facts.h"
#include "sql/signers.h"
#include "sql/sums.h"

enum { OWN_WAY = 2 };	/* ways up to here are guesses from what the address did: passes by its signature alone, or fails beside such mail */

enum {
	TOP = 10,		/* addresses kept of a sender (standing_address) */
	TOPS_MAX = 32		/* and held of it at a time: of those with equally many messages as the last of TOP all, until the order of their text decides */
};
struct top { int64_t source, messages; };

struct largest { int64_t messages; int32_t set, source; };	/* a stream: what one address sent with these results; set 0: none */

/* One sender: what the totals of its addresses say. */
struct one {
	int64_t sender, addresses;
	int64_t source, source_messages;	/* the address being counted */
	struct largest of_all, failing, broken;	/* largest streams; broken: of mail that was forwarded, unless it is the sender's own */
	struct top first_top, *tops;	/* addresses with most messages: the only one, or a list, most messages first */
	unsigned char ntops, tops_room;
	uint32_t slot;		/* slot: where slots has it */
	uint32_t parts;			/* index + 1 of its first row of days */
	char own_way, stranger;		/* stranger: as in struct sender_sum */
	char kept;			/* 1: all of this is as the last analysis kept it: of the largest streams only the results, no addresses */
	char was_known, was_stranger;	/* to the last analysis, where it is not walked whole */
	char listed;			/* addresses the last analysis kept of it */
	char merged;			/* 1: touched, and what is kept of it is added to; 0: it is summed up anew */
};

/* A row of the daily roll-up; next: index + 1 of the sender's next one. */
struct part { int64_t messages; uint32_t sender, next, kind; int32_t day; };	/* kind: outcome * 4 + way */

struct names { const char *texts[4]; };	/* of a sender: itself, name, kind, category; NULL where they were not asked for */

struct sums {
	struct store *store;
	struct signers *signers;
	struct facts_list facts;
	/* the pass: senders from low up to high */
	int64_t domain, low, high;	/* domain 0: none */
	struct one *list;
	size_t count, room;
	uint32_t *slots;		/* sender id to index + 1 in list; open addressing */
	size_t mask;
	struct part *parts;
	size_t nparts, parts_room;
	struct names *names;		/* of the senders being told */
	struct arena *text;		/* theirs */
	int64_t *owners;		/* senders that own a selector */
	size_t nowners;
	int32_t recent_from, newest;	/* first and last of the recent days */
	int crowd;			/* 1: strangers the last analysis found are a crowd by themselves still, so only their recent days are looked at */
	int64_t *out, *streams;		/* rows of standing_address and of standing_stream to be written */
	size_t nout, nstreams;
};

/* What taking a row of the totals needs (told.h). */
struct sums_told { struct sums *sums; struct err *err; };

/* sums.c: the sender's entry, NULL where it has none; made where it is new, NULL: it is not of this pass. Entries move when one is made. */
struct one *sums_find(const struct sums *s, int64_t sender);
struct one *sums_sender(struct sums *s, int64_t sender);

/* sums_tell.c: adds up the senders of the pass and hands them over. */
enum outcome sums_tell(struct sums *s, const struct sender_walk *w, struct err *err);

/* totals.c: one walk over the totals of the domain. */
enum outcome totals_walk(struct sums *s, const struct sender_walk *w, struct err *err);
/* What the last analysis kept of the senders instead, but for strangers whose mail is not their own, where they are a crowd. */
enum outcome totals_kept(struct sums *s, struct err *err);
/* Adds one stream of one address; streams of an address come together. */
enum outcome totals_add(struct sums *s, struct one *o, int64_t source, int64_t set, int64_t messages, const struct facts *f, int way, struct err *err);
/* An address takes its place among the largest of the sender, which has a list of them. */
void totals_top(struct one *o, int64_t source, int64_t messages);
/* The last address of a sender takes its place among its largest. */
enum outcome totals_end(struct sums *s, struct one *o, struct err *err);
/* Notes that the sender owns a selector (a callback of signers.c). */
void totals_note_owner(void *ctx, int64_t sender);
/* The largest failing stream, by the sender's ways. */
enum outcome totals_failing(struct sums *s, const struct one *o, struct largest *out, struct err *err);
/* What is kept of a sender until the next analysis: its addresses, and where they are more than that its largest streams. totals_write: what waits. */
enum outcome totals_put(struct sums *s, struct one *o, const char *kind, struct err *err);
enum outcome totals_write(struct sums *s, struct err *err);

/* grown.c: what is kept, and added to it what came since: OK; SKIP: what is kept is not enough for that, the domain must be walked whole. */
enum outcome grown_load(struct sums *s, const struct sender_walk *w, struct err *err);
/* Forgets what was kept of a sender that is touched; with its standing where nothing is left of it. */
enum outcome grown_drop(struct sums *s, const struct one *o, struct err *err);

#endif
