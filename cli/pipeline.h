/* SPDX-License-Identifier: MIT */
/*
 * Private to the pipeline (intake.c: its threads and the reader; intake_work.c: a worker; intake_write.c: the
 * writer; pipeline.c: what lies between them): jobs in the order of the feed, each with a queue of pieces.
 *
 * Threads: the reader puts jobs in, workers take them and push pieces, the writer takes the pieces of the oldest job.
 * A job's queue, and all counters of the pipeline, are under its lock; what a piece holds belongs to whoever has the piece.
 */
#ifndef CLI_PIPELINE_H
#define CLI_PIPELINE_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/arena.h"
#include "cli/intake.h"

enum { WINDOW = 1024 };			/* jobs between reader and writer: what is read and parsed while totals are written */

enum piece_kind { PIECE_KNOWN = 1, PIECE_LEDGER, PIECE_BEGIN, PIECE_HEAD, PIECE_BATCH, PIECE_DROP, PIECE_END };

/* A piece lies, with all it points at, in an arena of its own, which goes with it, or in its job's. */
struct piece {
	struct piece *next;
	enum piece_kind kind;
	size_t bytes;			/* counted in flight */
	struct arena *owner;		/* of its own; NULL: the job's */
	/* LEDGER, BEGIN */
	struct intake_row row;
	enum intake_state state;	/* LEDGER; END: 0 whole, INTAKE_DAMAGED cut short */
	const char *reason;		/* LEDGER, END */
	const void *raw;		/* LEDGER, END; borrowed from the job: the bytes of its item, of which there is one copy at most */
	size_t rawlen;
	struct parse_result *result;	/* BEGIN: known beforehand or NULL; END */
	struct feedback head;		/* HEAD */
	const struct record *records;	/* BATCH */
	struct judgement *judgements;
	size_t count;
};

struct job {
	struct item *item;		/* in its arena lie this job and, once its worker has it, its pieces */
	unsigned char digest[32];
	enum acquaintance known;	/* what the worker found of these bytes; 0: nobody looked */
	struct piece *first, *last;	/* queue; under the lock */
	size_t queued;			/* bytes in the queue */
	int done;
	size_t bytes;			/* of the item, counted in flight */
	enum settlement what;
};

struct pipeline {
	struct intake *in;
	struct store *store, *lookup;	/* lookup: a second, reading connection for the workers; under look */
	const struct feed *feed;
	const volatile int *stop;
	pthread_mutex_t lock, look;
	/* Who waits for what; each is signalled only where somebody can go on: */
	pthread_cond_t work;		/* workers: a job to take */
	pthread_cond_t ready;		/* the writer: its job has something, or a batch of jobs is done */
	pthread_cond_t room;		/* workers: bytes in flight went down, or their job is the one being written */
	pthread_cond_t space;		/* the reader: the window is half empty */
	int crowded;			/* workers waiting for room */
	uint64_t complete;		/* jobs done and not yet written */
	int draining;			/* the writer is at a batch */
	struct job *jobs[WINDOW];	/* ring: job n lies in jobs[n % WINDOW] */
	uint64_t read, taken, written;	/* next number to read, to work on, to write */
	size_t in_flight;
	int retries;			/* the ledger had something to be read again when the run began */
	int ended;			/* the feed is at its end */
	atomic_int failed;		/* everybody is to stop: looked at without the lock, too */
	struct err err;			/* of the reader */
	enum outcome read_outcome;
	int64_t uncommitted;
};

/* The calling thread lets the writer go first where both want a core: what comes last is done by the writer alone, so it must not lag behind. */
void pipeline_give_way(void);

/* --- pieces --- */

struct piece *piece_new(enum piece_kind kind, struct arena *in);	/* zeroed; caller frees with piece_free or hands it over */
void piece_free(struct piece *x);	/* what lies in the job's arena stays until that goes */

/* --- jobs; each call takes the lock itself --- */

void pipeline_init(struct pipeline *p);
void pipeline_close(struct pipeline *p);	/* once all threads have ended: frees the jobs that are left */
/* Everybody is to stop: who waits goes on at once. */
void pipeline_stop(struct pipeline *p);

/* Reader: a job for this item (taken over), once there is room. */
void pipeline_add(struct pipeline *p, struct item *item);
/* Reader: the feed is at its end, with this outcome (STOP: err says why). */
void pipeline_end(struct pipeline *p, enum outcome r, const struct err *err);

/* Workers: the next job and its number, once there is one; NULL: there are no more. */
struct job *pipeline_take(struct pipeline *p, uint64_t *number);
/* Workers: hands a chain of pieces to the writer; waits while too much is under way. 0 where all is to stop. */
int pipeline_push(struct pipeline *p, struct job *job, uint64_t number, struct piece *first, struct piece *last);
/* Workers: the job has all its pieces. */
void pipeline_done(struct pipeline *p, struct job *job, uint64_t number);

/* Writer: the next job in order, NULL at the end. Small jobs are waited for until there is a batch of them, but not long. */
struct job *pipeline_next(struct pipeline *p);
/* Writer: the next piece of this job (the caller's now), once there is one; NULL: that was all. */
struct piece *pipeline_piece(struct pipeline *p, struct job *job);
/* Writer: the oldest job is written; it is freed. */
void pipeline_written(struct pipeline *p);

/* intake_work.c: a worker thread; arg is the pipeline. */
void *worker_main(void *arg);
/* intake_write.c: writes all jobs in their order and commits; STOP: the environment failed. */
enum outcome pipeline_write(struct pipeline *p, struct err *err);

#endif
