/* SPDX-License-Identifier: MIT */
/*
 * What lies between the threads of the pipeline: see pipeline.h. Bytes in flight are bounded: who is ahead of the
 * writer waits, each on a condition of its own kind, so that nobody is woken in vain.
 */
#include "cli/pipeline.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"

enum {
	BATCH = 128,		/* small jobs the writer waits for, so that threads change seldom, */
	BATCH_MS = 20,			/* but never longer than this while there is something to write */
	IN_FLIGHT = 8 << 20,		/* bytes of items and batches waiting; design: below 32 MiB with what is being worked on */
	AHEAD = 4 << 20,		/* bytes the job being written may be ahead of the writer */
	NICER = 5			/* than the writer: a third of its share */
};

void
pipeline_give_way(void)
{
	/* A nice value is a thread's own on Linux; elsewhere this does no harm. */
	(void)!nice(NICER);
}

/* --- pieces --- */

void
piece_free(struct piece *x)
{
	arena_free(x->owner);
}

struct piece *
piece_new(enum piece_kind kind, struct arena *in)
{
	struct piece *x = arena_alloc(in, sizeof(*x));

	x->kind = kind;
	return x;
}

/* --- jobs --- */

static void
free_job(struct job *job)
{
	struct piece *x, *next;

	for (x = job->first; x != NULL; x = next) {
		next = x->next;
		piece_free(x);
	}
	item_free(job->item);
}

void
pipeline_init(struct pipeline *p)
{
	memset(p, 0, sizeof(*p));
	pthread_mutex_init(&p->lock, NULL);
	pthread_mutex_init(&p->look, NULL);
	pthread_cond_init(&p->work, NULL);
	pthread_cond_init(&p->ready, NULL);
	pthread_cond_init(&p->room, NULL);
	pthread_cond_init(&p->space, NULL);
}

void
pipeline_close(struct pipeline *p)
{
	while (p->written < p->read)
		pipeline_written(p);
	pthread_cond_destroy(&p->work);
	pthread_cond_destroy(&p->ready);
	pthread_cond_destroy(&p->room);
	pthread_cond_destroy(&p->space);
	pthread_mutex_destroy(&p->look);
	pthread_mutex_destroy(&p->lock);
}

void
pipeline_stop(struct pipeline *p)
{
	pthread_mutex_lock(&p->lock);
	p->failed = 1;
	pthread_cond_broadcast(&p->work);
	pthread_cond_broadcast(&p->room);
	pthread_cond_broadcast(&p->space);
	pthread_mutex_unlock(&p->lock);
}

/* --- the reader's side --- */

void
pipeline_add(struct pipeline *p, struct item *item)
{
	struct job *job = arena_alloc(item->text, sizeof(*job));

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

void
pipeline_end(struct pipeline *p, enum outcome r, const struct err *err)
{
	pthread_mutex_lock(&p->lock);
	p->ended = 1;
	p->read_outcome = r == STOP ? STOP : OK;
	p->err = *err;
	pthread_cond_broadcast(&p->work);
	pthread_cond_signal(&p->ready);
	pthread_mutex_unlock(&p->lock);
}

/* --- the workers' side --- */

struct job *
pipeline_take(struct pipeline *p, uint64_t *number)
{
	struct job *job = NULL;

	pthread_mutex_lock(&p->lock);
	while (!p->failed && p->taken == p->read && !p->ended)
		pthread_cond_wait(&p->work, &p->lock);
	if (!p->failed && p->taken < p->read) {
		*number = p->taken++;
		job = p->jobs[*number % WINDOW];
	}
	pthread_mutex_unlock(&p->lock);
	return job;
}

int
pipeline_push(struct pipeline *p, struct job *job, uint64_t number, struct piece *first, struct piece *last)
{
	size_t bytes = 0;
	struct piece *x;

	for (x = first; x != NULL; x = x->next)
		bytes += x->bytes;
	pthread_mutex_lock(&p->lock);
	/* The job being written may go on a little even when others fill the room: so there is always progress. */
	while (!p->failed && ((p->in_flight + bytes > IN_FLIGHT && number != p->written) ||
	    (number == p->written && job->queued > AHEAD))) {
		p->crowded++;
		pthread_cond_signal(&p->ready);
		pthread_cond_wait(&p->room, &p->lock);
		p->crowded--;
	}
	if (job->last != NULL)
		job->last->next = first;
	else
		job->first = first;
	job->last = last;
	job->queued += bytes;
	p->in_flight += bytes;
	if (number == p->written)
		pthread_cond_signal(&p->ready);
	pthread_mutex_unlock(&p->lock);
	return !p->failed;
}

void
pipeline_done(struct pipeline *p, struct job *job, uint64_t number)
{
	pthread_mutex_lock(&p->lock);
	job->done = 1;
	if (++p->complete >= BATCH || number == p->written)
		pthread_cond_signal(&p->ready);
	pthread_mutex_unlock(&p->lock);
}

/* --- the writer's side --- */

struct piece *
pipeline_piece(struct pipeline *p, struct job *job)
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

/* Whether the job to be written has something for the writer. */
static int
head_has_some(const struct pipeline *p)
{
	const struct job *job = p->written < p->read ? p->jobs[p->written % WINDOW] : NULL;

	return job != NULL && (job->done || job->first != NULL);
}

struct job *
pipeline_next(struct pipeline *p)
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

void
pipeline_written(struct pipeline *p)
{
	struct job *job = p->jobs[p->written % WINDOW];

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
