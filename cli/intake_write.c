/* SPDX-License-Identifier: MIT */
/*
 * The writer of the pipeline, in the caller's thread: takes the jobs in the order of the feed, so that the result does not depend
 * on the number of workers, stores their pieces, tells what became of them, and commits.
 */
#include "cli/pipeline.h"
#include "cli/say.h"

#include <stdio.h>
#include <string.h>

enum {
	COMMIT_ROWS = 250000,		/* rows: totals of a large database are scattered, and each commit writes their pages anew; */
	COMMIT_ITEMS = 25000,		/* or items, written in one transaction: each writes most pages of the indices anew; */
	COMMIT_MAILS = 5000		/* less where something waits for it: mails to be moved */
};

static void
settle(struct job *job, enum intake_state state)
{
	enum settlement what = state == INTAKE_RETRY ? AGAIN : state == INTAKE_NOT_A_REPORT || state == INTAKE_DAMAGED ? LEFT : SETTLED;

	if (what > job->what)
		job->what = what;
}

static void
told(struct pipeline *p, struct job *job, enum intake_state state, const char *origin, const char *reason)
{
	settle(job, state);
	if (state == INTAKE_RETRY && job->item->again) {	/* old failures never repeat */
		p->in->still_retry++;
		say_detail("%s: still %s: %s", origin, intake_state_str(state), reason);
		return;
	}
	if (state == INTAKE_NOT_A_REPORT && p->in->states[state] == 0)
		(void)snprintf(p->in->no_report, sizeof(p->in->no_report), "%s", reason);
	p->in->states[state]++;
	if (state == INTAKE_DAMAGED || state == INTAKE_RETRY)
		say_error("%s: %s: %s", origin, intake_state_str(state), reason);
	else if (state != INTAKE_STORED)
		say_detail("%s: %s: %s", origin, intake_state_str(state), reason);
}

struct writing {
	struct piece *begin;		/* lies in the job's arena: the row is borrowed by the store until its report ends */
	int kept;			/* the item's bytes are kept with one of its conflicts, which is enough */
};

static enum outcome
write_end(struct pipeline *p, struct job *job, struct writing *at, struct piece *x, struct err *err)
{
	enum intake_state state = INTAKE_DAMAGED;
	char reason[256] = "";
	enum outcome r;

	at->begin->row.notes = x->row.notes;
	if (x->state == INTAKE_DAMAGED)
		r = store_report_spoil(p->store, x->result, x->reason, x->raw, x->rawlen, err);
	else
		r = store_report_end(p->store, x->result, x->raw, at->kept ? 0 : x->rawlen, &state, reason, err);
	at->kept |= state == INTAKE_CONFLICT;
	if (r == OK) {
		if (state == INTAKE_STORED)
			p->in->records += x->result->records;
		told(p, job, state, at->begin->row.origin, x->reason != NULL ? x->reason : reason);
	}
	return r;
}

/* Known while it was read; or found known only now (the same path given twice). */
static enum outcome
write_known(struct pipeline *p, struct job *job, struct err *err)
{
	int known = 0;

	p->in->known++;
	return store_seen(p->store, job->item->place, job->digest, 0, &known, err);
}

static enum outcome
write_piece(struct pipeline *p, struct job *job, struct writing *at, struct piece *x, struct err *err)
{
	enum outcome r = OK;

	switch (x->kind) {
	case PIECE_KNOWN:
		return write_known(p, job, err);
	case PIECE_LEDGER:
		r = store_intake_add(p->store, &x->row, x->state, x->reason, x->raw, x->rawlen, err);
		if (r == OK)
			told(p, job, x->state, x->row.origin, x->reason);
		return r;
	case PIECE_BEGIN:
		at->begin = x;
		return store_report_begin(p->store, &x->row, x->result, err);
	case PIECE_HEAD:
		return store_report_head(p->store, &x->head, err);
	case PIECE_BATCH:
		return store_report_batch(p->store, x->records, x->judgements, x->count, err);
	case PIECE_DROP:
		return store_report_drop(p->store, err);
	case PIECE_END:
		return write_end(p, job, at, x, err);
	}
	return r;
}

static enum outcome
commit(struct pipeline *p, enum outcome (*how)(struct store *s, struct err *err), struct err *err)
{
	if (p->feed->before_commit != NULL && p->feed->before_commit(p->feed->ctx, p->store, err) != OK)
		return STOP;
	if (how(p->store, err) != OK)
		return STOP;
	p->uncommitted = 0;
	if (p->feed->after_commit != NULL)
		p->feed->after_commit(p->feed->ctx);
	return OK;
}

/* Whether the item is known already, seen from the writer's side; then its pieces are only counted off. */
static enum outcome
seen_before(struct pipeline *p, struct job *job, const struct piece *x, int *known, struct err *err)
{
	const char *refused = x->kind == PIECE_LEDGER && x->state == INTAKE_DAMAGED ? x->reason : NULL;
	enum outcome r;

	*known = 0;
	if (p->in->keep_known)
		return OK;
	/* What is asked for once more, and cannot be had now, was read before. */
	if (p->feed->again && job->item->refused_retry)
		return store_knows_place(p->store, job->item->place, known, err);
	r = store_seen(p->store, job->item->place, job->digest, job->known == FRESH, known, err);
	return r != OK || *known || p->feed->elsewhere == NULL ? r :
	    store_seen_elsewhere(p->store, p->feed->elsewhere, job->item->place, job->digest, job->item->len, refused, known, err);
}

/* What could not be opened in an earlier run, and has bytes now, leaves the ledger as such. */
static enum outcome
came_after_all(struct pipeline *p, const struct job *job, struct err *err)
{
	static const unsigned char none[32];

	return memcmp(job->digest, none, sizeof(none)) == 0 ? OK : store_came_after_all(p->store, job->item->place, err);
}

static enum outcome
write_job(struct pipeline *p, struct job *job, struct err *err)
{
	struct writing at = { NULL, 0 };
	enum outcome r = OK;
	int known = 0, first = 1;
	struct piece *x;

	while (r == OK && (x = pipeline_piece(p, job)) != NULL) {
		if (first && x->kind != PIECE_KNOWN)
			r = seen_before(p, job, x, &known, err);
		if (first && known)
			p->in->known++;
		if (known || x->kind == PIECE_KNOWN)
			job->what = LEFT;
		if (r == OK && first && (p->retries || p->feed->again))
			r = came_after_all(p, job, err);
		first = 0;
		if (r == OK && !known)
			r = write_piece(p, job, &at, x, err);
		piece_free(x);
	}
	return r;
}

static void
progress(struct pipeline *p)
{
	int64_t done = 0, total = -1;

	if (p->feed->progress != NULL)
		p->feed->progress(p->feed->ctx, &done, &total);
	say_progress(p->in->verb, done, total, p->in->items, "document", "documents");
}

enum outcome
pipeline_write(struct pipeline *p, struct err *err)
{
	int64_t most = p->feed->after_commit != NULL ? COMMIT_MAILS : COMMIT_ITEMS;
	struct job *job;

	while ((job = pipeline_next(p)) != NULL) {
		enum outcome r = write_job(p, job, err);

		if (r != OK)
			return STOP;
		p->in->items++;
		p->uncommitted++;
		if (p->feed->settled != NULL)
			p->feed->settled(p->feed->ctx, job->item, job->what);
		pipeline_written(p);
		progress(p);
		if ((store_pending(p->store) > COMMIT_ROWS || p->uncommitted >= most) && commit(p, store_commit, err) != OK)
			return STOP;
	}
	if (store_settle(p->store, err) != OK)
		return STOP;
	return commit(p, p->in->more ? store_commit : store_commit_last, err);
}
