/* SPDX-License-Identifier: MIT */
/*
 * One thread reads the feed, a pool unpacks, parses and judges, the caller's thread writes. Each item is a
 * job with a queue of pieces; the writer takes the jobs in the order of the feed, so that the result does not
 * depend on the number of workers. Bytes in flight are bounded: who is ahead of the writer waits.
 *
 * A small report reaches the writer whole (its result is known before its first row is
 * written); a large one streams, batch by batch.
 */
#include "cli/intake.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/say.h"
#include "report/verdict.h"

enum {
	WINDOW = 128,			/* jobs between reader and writer */
	BATCH = 32,			/* small jobs the writer waits for, so that threads change seldom, */
	BATCH_MS = 20,			/* but never longer than this while there is something to write */
	IN_FLIGHT = 8 << 20,		/* bytes of items and batches waiting; design: below 32 MiB with what is being worked on */
	AHEAD = 1 << 20,		/* bytes the job being written may be ahead of the writer */
	COMMIT_ROWS = 250000,		/* rows: totals of a large database are scattered, and each commit writes their pages anew; */
	COMMIT_ITEMS = 5000		/* or items, written in one transaction */
};

enum piece_kind { PIECE_KNOWN = 1, PIECE_LEDGER, PIECE_BEGIN, PIECE_HEAD, PIECE_BATCH, PIECE_DROP, PIECE_END };

struct piece {
	struct piece *next;
	enum piece_kind kind;
	size_t bytes;			/* counted in flight */
	struct arena *owner;		/* text of what follows; freed with the piece; NULL none */
	/* LEDGER, BEGIN */
	struct intake_row row;
	enum intake_state state;	/* LEDGER; END: 0 whole, INTAKE_DAMAGED cut short */
	const char *reason;		/* LEDGER, END */
	const void *raw;		/* LEDGER, END */
	size_t rawlen;
	struct parse_result *result;	/* BEGIN: known beforehand or NULL; END */
	struct feedback head;		/* HEAD */
	const struct record *records;	/* BATCH */
	struct judgement *judgements;
	size_t count;
};

struct job {
	struct item *item;
	unsigned char digest[32];
	struct piece *first, *last;	/* queue; under the lock */
	size_t queued;			/* bytes in the queue */
	int taken, done;
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
	int ended, failed;		/* the feed is at its end; everybody is to stop */
	struct err err;			/* of the reader */
	enum outcome read_outcome;
	int64_t uncommitted;
};

/* One worker: its tools and the document it is at. */
struct worker {
	struct pipeline *p;
	struct unpacker *unpacker;
	struct parser *parser;
	struct job *job;
	uint64_t number;
	struct document *doc;
	struct feedback head;
	struct arena *head_text;
	struct piece *held, *held_last;	/* pieces of a report not yet known to be large */
	int held_batches, streaming;
	int kept;			/* the item's bytes were given to one of its damaged documents, which is enough to read it again */
};

/* --- pieces and their queue --- */

static void
piece_free(struct piece *x)
{
	arena_free(x->owner);
	free(x->judgements);
	free(x->result);
	free(x);
}

static struct piece *
piece_new(enum piece_kind kind)
{
	struct piece *x = mem_alloc(sizeof(*x));

	x->kind = kind;
	return x;
}

/* Hands a chain of pieces to the writer; waits while too much is under way. Returns 0 where all is to stop. */
static int
push(struct worker *w, struct piece *first, struct piece *last)
{
	struct pipeline *p = w->p;
	size_t bytes = 0;
	struct piece *x;

	for (x = first; x != NULL; x = x->next)
		bytes += x->bytes;
	pthread_mutex_lock(&p->lock);
	/* The job being written may go on a little even when others fill the room: so there is always progress. */
	while (!p->failed && ((p->in_flight + bytes > IN_FLIGHT && w->number != p->written) ||
	    (w->number == p->written && w->job->queued > AHEAD))) {
		p->crowded++;
		pthread_cond_signal(&p->ready);
		pthread_cond_wait(&p->room, &p->lock);
		p->crowded--;
	}
	if (w->job->last != NULL)
		w->job->last->next = first;
	else
		w->job->first = first;
	w->job->last = last;
	w->job->queued += bytes;
	p->in_flight += bytes;
	if (w->number == p->written)
		pthread_cond_signal(&p->ready);
	pthread_mutex_unlock(&p->lock);
	return !p->failed;
}

/* Pieces of a report are held back until it is known to be large, or whole. */
static int
hold(struct worker *w, struct piece *x)
{
	struct piece *first;

	if (w->held_last != NULL)
		w->held_last->next = x;
	else
		w->held = x;
	w->held_last = x;
	if (!w->streaming)
		return 1;
	first = w->held;
	w->held = w->held_last = NULL;
	return push(w, first, x);
}

static void
drop_held(struct worker *w)
{
	struct piece *x, *next;

	for (x = w->held; x != NULL; x = next) {
		next = x->next;
		piece_free(x);
	}
	w->held = w->held_last = NULL;
	w->held_batches = 0;
}

/* --- the work on one document --- */

static void
fill_row(struct worker *w, struct piece *x)
{
	const struct document *d = w->doc;
	const unsigned char *key = NULL;

	if (x->owner == NULL)
		x->owner = arena_new();
	if (w->p->feed->item_key != NULL)
		key = w->p->feed->item_key(w->p->feed->ctx, w->job->item);
	x->row.place = w->job->item->place;
	x->row.digest = w->job->digest;
	x->row.item = key;
	x->row.origin = arena_str(x->owner, d != NULL ? d->origin : w->job->item->origin);
	if (d != NULL) {
		x->row.mail_from = arena_str(x->owner, d->mail_from);
		x->row.mail_auth = arena_str(x->owner, d->mail_auth);
		x->row.notes = arena_str(x->owner, d->notes);
	}
	x->bytes += arena_bytes(x->owner);
}

static void
keep_raw(struct worker *w, struct piece *x)
{
	const unsigned char *bytes = NULL;
	size_t len = 0;

	if (w->doc == NULL)
		return;
	document_raw(w->doc, &bytes, &len);
	if (len == 0)
		return;
	if (x->owner == NULL)
		x->owner = arena_new();
	x->raw = arena_strn(x->owner, (const char *)bytes, len);
	x->rawlen = len;
	x->bytes += len;
}

/* The reason without the origin in front, which has a column of its own. */
static const char *
bare(const char *text, const char *origin)
{
	size_t len = strlen(origin);

	if (strncmp(text, origin, len) == 0 && text[len] == ':')
		return text + len + (text[len + 1] == ' ' ? 2 : 1);
	return text;
}

static void
ledger(struct worker *w, enum intake_state state, const char *reason, int raw)
{
	struct piece *x = piece_new(PIECE_LEDGER);

	fill_row(w, x);
	x->state = state;
	x->reason = arena_str(x->owner, bare(reason, x->row.origin));
	if (raw && !w->kept)
		keep_raw(w, x);
	if (raw)
		w->kept |= state == INTAKE_DAMAGED || state == INTAKE_RETRY;
	push(w, x, x);
}

static enum outcome
read_bytes(void *ctx, void *bytes, size_t cap, size_t *got, struct err *err)
{
	return document_read(ctx, bytes, cap, got, err);
}

static enum outcome
rewind_bytes(void *ctx, struct err *err)
{
	return document_rewind(ctx, err);
}

static void
copy_words(struct arena *a, struct feedback *f)
{
	const char **texts[] = { &f->version, &f->org_name, &f->email, &f->extra_contact_info, &f->report_id, &f->generator,
		&f->errors, &f->domain, &f->adkim.text, &f->aspf.text, &f->p.text, &f->sp.text, &f->np.text, &f->testing.text,
		&f->fo, &f->discovery_method };
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		*texts[i] = arena_str(a, *texts[i]);
}

static enum outcome
on_head(void *ctx, const struct feedback *f, struct err *err)
{
	struct worker *w = ctx;
	struct piece *x = piece_new(PIECE_HEAD);

	(void)err;
	arena_reset(w->head_text);
	w->head = *f;
	copy_words(w->head_text, &w->head);
	x->owner = arena_new();
	x->head = *f;
	copy_words(x->owner, &x->head);
	x->bytes = arena_bytes(x->owner);
	return hold(w, x) ? OK : STOP;
}

static enum outcome
on_batch(void *ctx, const struct record *records, size_t count, struct arena *owner, struct err *err)
{
	struct worker *w = ctx;
	struct piece *x = piece_new(PIECE_BATCH);
	size_t i;

	(void)err;
	x->owner = owner;
	x->records = records;
	x->count = count;
	x->judgements = mem_alloc(count * sizeof(*x->judgements));
	for (i = 0; i < count; i++)
		verdict_of(&w->head, &records[i], &x->judgements[i]);
	x->bytes = arena_bytes(owner);
	if (++w->held_batches > 1)
		w->streaming = 1;
	return hold(w, x) ? OK : STOP;
}

/* Before the second try: what the first brought goes. */
static enum outcome
on_again(void *ctx, struct err *err)
{
	struct worker *w = ctx;
	struct piece *x;

	(void)err;
	if (!w->streaming) {
		/* The piece BEGIN comes first and stays. */
		struct piece *begin = w->held;

		w->held = begin->next;
		drop_held(w);
		begin->next = NULL;
		w->held = w->held_last = begin;
		return OK;
	}
	x = piece_new(PIECE_DROP);
	if (!push(w, x, x))
		return STOP;
	w->streaming = 0;
	w->held_batches = 0;
	x = piece_new(PIECE_BEGIN);
	fill_row(w, x);
	return hold(w, x) ? OK : STOP;
}

static struct parse_result *
result_copy(const struct parse_result *r)
{
	struct parse_result *copy = mem_alloc(sizeof(*copy));

	*copy = *r;
	return copy;
}

/* Ends the report that was begun: whole (state 0) or cut short. */
static void
end_report(struct worker *w, const struct parse_result *r, enum intake_state state, const char *reason)
{
	struct piece *x = piece_new(PIECE_END);

	x->owner = arena_new();
	x->state = state;
	x->result = result_copy(r);
	x->reason = arena_str(x->owner, reason != NULL ? bare(reason, w->doc->origin) : NULL);
	/* A large report is seldom a conflict, and a copy of its bytes would double what it takes. */
	if (state != 0 ? !w->kept : !w->streaming)
		keep_raw(w, x);
	w->kept |= state != 0;
	/* What unpacking had to repair is known only now. */
	x->row.notes = arena_str(x->owner, w->doc->notes);
	x->bytes += sizeof(*r);
	if (!w->streaming) {
		w->held->result = result_copy(r);	/* BEGIN: known beforehand */
		w->streaming = 1;
	}
	hold(w, x);
}

/* A report that was begun comes to nothing. */
static void
drop_report(struct worker *w)
{
	struct piece *x;

	if (!w->streaming) {
		drop_held(w);
		return;
	}
	x = piece_new(PIECE_DROP);
	push(w, x, x);
}

static void
parse_document(struct worker *w)
{
	struct bytes_in bytes = { w->doc, read_bytes, rewind_bytes, w->doc->origin };
	struct sink sink = { w, on_head, on_batch };
	struct piece *begin = piece_new(PIECE_BEGIN);
	struct parse_result result;
	struct err err = { "", 0 };
	int is_report = 0;
	enum outcome r;

	memset(&result, 0, sizeof(result));
	memset(&w->head, 0, sizeof(w->head));
	w->streaming = w->held_batches = 0;
	fill_row(w, begin);
	hold(w, begin);
	r = feedback_parse(w->parser, &bytes, &sink, on_again, &result, &is_report, &err);
	if (r == OK) {
		end_report(w, &result, 0, NULL);
	} else if (r == SKIP && result.cut_short && is_report && w->head.format != 0 && !err.retry) {
		end_report(w, &result, INTAKE_DAMAGED, err.text);
	} else {
		drop_report(w);
		if (r == SKIP)
			ledger(w, err.retry ? INTAKE_RETRY : is_report ? INTAKE_DAMAGED : INTAKE_NOT_A_REPORT, err.text,
			    is_report || err.retry);
	}
}

static void
work_document(struct worker *w)
{
	switch (w->doc->kind) {
	case DOC_XML:
		parse_document(w);
		break;
	case DOC_TLS_REPORT:
	case DOC_FAILURE:
	case DOC_BOUNCE:
		ledger(w, INTAKE_NOT_A_REPORT, w->doc->reason, 1);
		break;
	case DOC_DAMAGED:
		ledger(w, w->doc->retry ? INTAKE_RETRY : INTAKE_DAMAGED, w->doc->reason, 1);
		break;
	case DOC_OTHER:
		ledger(w, INTAKE_NOT_A_REPORT, w->doc->reason, 0);
		break;
	}
}

/* Known bytes at a known place are not read again. */
static int
is_known(struct worker *w)
{
	struct pipeline *p = w->p;
	int known = 0;

	if (p->in->keep_known)
		return 0;
	pthread_mutex_lock(&p->look);
	known = p->lookup != NULL && store_knows(p->lookup, w->job->item->place, w->job->digest);
	pthread_mutex_unlock(&p->look);
	return known;
}

static void
work_item(struct worker *w)
{
	struct err err = { "", 0 };
	struct piece *x;

	w->doc = NULL;
	w->kept = 0;
	if (w->job->item->refused != NULL) {
		ledger(w, w->job->item->refused_retry ? INTAKE_RETRY : INTAKE_DAMAGED, w->job->item->refused, 0);
		return;
	}
	if (unpacker_open(w->unpacker, w->job->item, w->job->digest, &err) != OK) {
		ledger(w, err.retry ? INTAKE_RETRY : INTAKE_DAMAGED, err.text, 0);
		if (w->job->item->named) {
			pthread_mutex_lock(&w->p->lock);
			w->p->in->unopened++;
			pthread_mutex_unlock(&w->p->lock);
		}
		return;
	}
	if (is_known(w)) {
		x = piece_new(PIECE_KNOWN);
		push(w, x, x);
	} else {
		while (unpacker_next(w->unpacker, &w->doc, &err) == OK && !w->p->failed)
			work_document(w);
	}
	unpacker_close(w->unpacker);
}

static struct job *
take_job(struct worker *w)
{
	struct pipeline *p = w->p;
	struct job *job = NULL;

	pthread_mutex_lock(&p->lock);
	while (!p->failed && p->taken == p->read && !p->ended)
		pthread_cond_wait(&p->work, &p->lock);
	if (!p->failed && p->taken < p->read) {
		w->number = p->taken++;
		job = p->jobs[w->number % WINDOW];
	}
	pthread_mutex_unlock(&p->lock);
	return job;
}

static void *
worker_main(void *arg)
{
	struct worker *w = arg;

	w->unpacker = unpacker_new(&w->p->in->ingest);
	w->parser = parser_new(&w->p->in->parse);
	w->head_text = arena_new();
	while ((w->job = take_job(w)) != NULL) {
		work_item(w);
		pthread_mutex_lock(&w->p->lock);
		w->job->done = 1;
		if (++w->p->complete >= BATCH || w->number == w->p->written)
			pthread_cond_signal(&w->p->ready);
		pthread_mutex_unlock(&w->p->lock);
	}
	drop_held(w);
	arena_free(w->head_text);
	parser_free(w->parser);
	unpacker_free(w->unpacker);
	return NULL;
}

/* --- reading the feed --- */

static void
add_job(struct pipeline *p, struct item *item)
{
	struct job *job = mem_alloc(sizeof(*job));

	job->item = item;
	job->bytes = item->bytes != NULL ? item->len : 0;
	job->what = SETTLED;
	pthread_mutex_lock(&p->lock);
	/* An item larger than the room waits until it is alone. */
	while (!p->failed && (p->read - p->written == WINDOW || (p->in_flight + job->bytes > IN_FLIGHT && p->read > p->written)))
		pthread_cond_wait(&p->space, &p->lock);
	p->jobs[p->read % WINDOW] = job;
	p->read++;
	p->in_flight += job->bytes;
	pthread_cond_signal(&p->work);
	pthread_mutex_unlock(&p->lock);
}

static void *
reader_main(void *arg)
{
	struct pipeline *p = arg;
	struct err err = { "", 0 };
	enum outcome r = OK;

	while (!p->failed && (p->stop == NULL || !*p->stop)) {
		struct item *item = NULL;
		int named = 0;

		r = p->feed->next(p->feed->ctx, &item, &named, &err);
		if (r == OK) {
			add_job(p, item);
		} else if (r == SKIP) {
			say_error("%s", err.text);
			p->in->unopened += named;
		} else {
			break;
		}
	}
	pthread_mutex_lock(&p->lock);
	p->ended = 1;
	p->read_outcome = r == STOP ? STOP : OK;
	p->err = err;
	pthread_cond_broadcast(&p->work);
	pthread_cond_signal(&p->ready);
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

/* --- writing --- */

static struct piece *
next_piece(struct pipeline *p, struct job *job)
{
	struct piece *x;

	pthread_mutex_lock(&p->lock);
	while (job->first == NULL && !job->done)
		pthread_cond_wait(&p->ready, &p->lock);
	x = job->first;
	if (x != NULL) {
		job->first = x->next;
		if (job->first == NULL)
			job->last = NULL;
		job->queued -= x->bytes;
		p->in_flight -= x->bytes;
		/* Half of it must be free, so that who waited can do more than one piece. */
		if (p->crowded > 0 && (p->in_flight <= IN_FLIGHT / 2 || (!job->done && job->queued <= AHEAD / 2)))
			pthread_cond_broadcast(&p->room);
	}
	pthread_mutex_unlock(&p->lock);
	return x;
}

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
	p->in->states[state]++;
	if (state == INTAKE_DAMAGED || state == INTAKE_RETRY)
		say_warning("%s: %s: %s", origin, intake_state_str(state), reason);
	else if (state != INTAKE_STORED)
		say_detail("%s: %s: %s", origin, intake_state_str(state), reason);
}

struct writing {
	struct piece *begin;		/* kept until its report ends: the row is borrowed by the store */
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
		r = store_report_end(p->store, x->result, x->raw, x->rawlen, &state, reason, err);
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
	(void)job;
	return store_seen(p->store, job->item->place, job->digest, &known, err);
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
commit(struct pipeline *p, struct err *err)
{
	if (p->feed->before_commit != NULL && p->feed->before_commit(p->feed->ctx, p->store, err) != OK)
		return STOP;
	if (store_commit(p->store, err) != OK)
		return STOP;
	p->uncommitted = 0;
	if (p->feed->after_commit != NULL)
		p->feed->after_commit(p->feed->ctx);
	return OK;
}

/* Whether the item is known already, seen from the writer's side; then its pieces are only counted off. */
static enum outcome
seen_before(struct pipeline *p, struct job *job, int *known, struct err *err)
{
	*known = 0;
	if (p->in->keep_known)
		return OK;
	return store_seen(p->store, job->item->place, job->digest, known, err);
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
	struct writing at = { NULL };
	enum outcome r = OK;
	int known = 0, first = 1;
	struct piece *x;

	while (r == OK && (x = next_piece(p, job)) != NULL) {
		if (first && x->kind != PIECE_KNOWN)
			r = seen_before(p, job, &known, err);
		if (first && known)
			p->in->known++;
		if (r == OK && first && p->retries)
			r = came_after_all(p, job, err);
		first = 0;
		if (r == OK && !known)
			r = write_piece(p, job, &at, x, err);
		if (at.begin == x)
			continue;
		if (x->kind == PIECE_END || x->kind == PIECE_DROP) {
			if (at.begin != NULL)
				piece_free(at.begin);
			at.begin = NULL;
		}
		piece_free(x);
	}
	if (at.begin != NULL)
		piece_free(at.begin);
	return r;
}

static void
progress(struct pipeline *p)
{
	int64_t done = 0, total = -1;

	if (p->feed->progress != NULL)
		p->feed->progress(p->feed->ctx, &done, &total);
	say_progress(p->in->verb, done, total, p->in->items, "documents");
}

static void
free_job(struct job *job)
{
	struct piece *x, *next;

	for (x = job->first; x != NULL; x = next) {
		next = x->next;
		piece_free(x);
	}
	item_free(job->item);
	free(job);
}

/* Whether the job to be written has something for the writer. */
static int
head_has_some(const struct pipeline *p)
{
	const struct job *job = p->written < p->read ? p->jobs[p->written % WINDOW] : NULL;

	return job != NULL && (job->done || job->first != NULL);
}

/* The next job in order, NULL at the end. Small jobs are waited for until there is a batch of them, but not long. */
static struct job *
next_job(struct pipeline *p)
{
	struct timespec until;
	struct job *job = NULL;

	pthread_mutex_lock(&p->lock);
	if (!head_has_some(p))
		p->draining = 0;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += BATCH_MS * 1000000L;
	if (until.tv_nsec >= 1000000000L) {
		until.tv_nsec -= 1000000000L;
		until.tv_sec++;
	}
	while (!p->draining && !(p->ended && p->written == p->read)) {
		if (!head_has_some(p))
			pthread_cond_wait(&p->ready, &p->lock);
		else if (p->complete >= BATCH || p->crowded > 0 || p->ended || p->jobs[p->written % WINDOW]->queued >= AHEAD / 4 ||
		    pthread_cond_timedwait(&p->ready, &p->lock, &until) == ETIMEDOUT)
			p->draining = 1;
	}
	if (p->written < p->read)
		job = p->jobs[p->written % WINDOW];
	pthread_mutex_unlock(&p->lock);
	return job;
}

static void
finish_job(struct pipeline *p, struct job *job)
{
	pthread_mutex_lock(&p->lock);
	p->jobs[p->written % WINDOW] = NULL;
	p->written++;
	p->complete -= (uint64_t)job->done;
	p->in_flight -= job->bytes;
	/* The worker of the job that is written next need not wait for room any more. */
	if (p->crowded > 0 && (p->written == p->read || !p->jobs[p->written % WINDOW]->done))
		pthread_cond_broadcast(&p->room);
	if (p->read - p->written <= WINDOW / 2)
		pthread_cond_signal(&p->space);
	pthread_mutex_unlock(&p->lock);
	free_job(job);
}

static enum outcome
write_all(struct pipeline *p, struct err *err)
{
	struct job *job;

	while ((job = next_job(p)) != NULL) {
		enum outcome r = write_job(p, job, err);

		if (r != OK)
			return STOP;
		p->in->items++;
		p->uncommitted++;
		if (p->feed->settled != NULL)
			p->feed->settled(p->feed->ctx, job->item, job->what);
		finish_job(p, job);
		progress(p);
		if ((store_pending(p->store) > COMMIT_ROWS || p->uncommitted >= COMMIT_ITEMS) && commit(p, err) != OK)
			return STOP;
	}
	if (store_settle(p->store, err) != OK)
		return STOP;
	return commit(p, err);
}

static void
stop_all(struct pipeline *p)
{
	pthread_mutex_lock(&p->lock);
	p->failed = 1;
	pthread_cond_broadcast(&p->work);
	pthread_cond_broadcast(&p->room);
	pthread_cond_broadcast(&p->space);
	pthread_mutex_unlock(&p->lock);
}

enum outcome
intake_run(struct intake *in, struct store *store, const struct feed *feed, const volatile int *stop, struct err *err)
{
	struct pipeline p;
	struct worker *workers;
	pthread_t reader, *threads;
	int jobs = in->jobs > 0 ? in->jobs : 1, i;
	enum outcome r;

	memset(&p, 0, sizeof(p));
	p.in = in;
	p.store = store;
	p.feed = feed;
	p.stop = stop;
	pthread_mutex_init(&p.lock, NULL);
	pthread_mutex_init(&p.look, NULL);
	pthread_cond_init(&p.work, NULL);
	pthread_cond_init(&p.ready, NULL);
	pthread_cond_init(&p.room, NULL);
	pthread_cond_init(&p.space, NULL);
	/* Into an empty ledger nobody need look. */
	p.retries = !in->keep_known && store_knows_retries(store);
	if (!in->keep_known && store_knows_any(store))
		(void)store_open(&p.lookup, store_path(store), STORE_READ, 0, NULL);
	workers = mem_alloc((size_t)jobs * sizeof(*workers));
	threads = mem_alloc((size_t)jobs * sizeof(*threads));
	pthread_create(&reader, NULL, reader_main, &p);
	for (i = 0; i < jobs; i++) {
		workers[i].p = &p;
		pthread_create(&threads[i], NULL, worker_main, &workers[i]);
	}
	r = write_all(&p, err);
	if (r != OK) {
		stop_all(&p);
		(void)store_rollback(store, NULL);
	}
	pthread_join(reader, NULL);
	for (i = 0; i < jobs; i++)
		pthread_join(threads[i], NULL);
	/* The analysis that follows needs the room. */
	if (r == OK)
		store_rest(store);
	while (p.written < p.read)
		finish_job(&p, p.jobs[p.written % WINDOW]);
	say_progress_end();
	if (r == OK && p.read_outcome == STOP) {
		*err = p.err;
		r = STOP;
	}
	store_close(p.lookup);
	free(workers);
	free(threads);
	pthread_cond_destroy(&p.work);
	pthread_cond_destroy(&p.ready);
	pthread_cond_destroy(&p.room);
	pthread_cond_destroy(&p.space);
	pthread_mutex_destroy(&p.look);
	pthread_mutex_destroy(&p.lock);
	return r;
}

/* --- telling --- */

void
intake_tell(const struct intake *in)
{
	static const char *const words[] = { "", "stored", "duplicate", "conflicting", "not a report", "damaged", "to be read again" };
	char line[512], number[28];
	size_t len = 0;
	int i;

	len += (size_t)snprintf(line, sizeof(line), "%s report%s stored", text_count(in->states[INTAKE_STORED], number),
	    in->states[INTAKE_STORED] == 1 ? "" : "s");
	if (in->records > 0)
		len += (size_t)snprintf(line + len, sizeof(line) - len, " (%s record%s)", text_count(in->records, number),
		    in->records == 1 ? "" : "s");
	for (i = INTAKE_DUPLICATE; i <= INTAKE_RETRY; i++)
		if (in->states[i] > 0)
			len += (size_t)snprintf(line + len, sizeof(line) - len, ", %s %s", text_count(in->states[i], number), words[i]);
	if (in->still_retry > 0)
		len += (size_t)snprintf(line + len, sizeof(line) - len, ", %s still to be read again", text_count(in->still_retry, number));
	if (in->known > 0)
		(void)snprintf(line + len, sizeof(line) - len, ", %s known already", text_count(in->known, number));
	say_result("%s", line);
}

int
intake_exit(const struct intake *in)
{
	return in->unopened > 0 || in->states[INTAKE_DAMAGED] > 0 || in->states[INTAKE_RETRY] > 0 ? EXIT_PARTLY : EXIT_DONE;
}
