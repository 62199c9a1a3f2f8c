/* SPDX-License-Identifier: MIT */
/* See ahead.h: a ring of pieces between the thread that reads and the one that parses. */
#include "cli/ahead.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum {
	LARGE = 1 << 20,	/* bytes read before a thread is worth its start */
	PIECE = 1 << 19,	/* threads change seldom: with pieces of 64 KiB the gain is lost on it */
	PIECES = 4		/* the reader is woken when half of them are empty */
};

struct chunk { unsigned char bytes[PIECE]; size_t len; enum outcome outcome; };	/* outcome: what the read after these bytes came to */

struct ahead {
	struct document *doc;
	size_t direct;			/* bytes read without a thread */
	int running;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t filled, emptied;
	struct chunk *ring;		/* PIECES of them, while there is a thread */
	unsigned read, taken;		/* pieces filled, and used up */
	size_t at;			/* of the piece being used */
	int ended, stop;		/* ended: the last piece was read */
	struct err err;			/* of the last piece */
};

struct ahead *
ahead_new(void)
{
	struct ahead *a = mem_alloc(sizeof(*a));

	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->filled, NULL);
	pthread_cond_init(&a->emptied, NULL);
	return a;
}

void
ahead_free(struct ahead *a)
{
	if (a == NULL)
		return;
	ahead_stop(a);
	free(a->ring);
	pthread_cond_destroy(&a->filled);
	pthread_cond_destroy(&a->emptied);
	pthread_mutex_destroy(&a->lock);
	free(a);
}

void
ahead_begin(struct ahead *a, struct document *doc)
{
	a->doc = doc;
	a->direct = 0;
}

/* Fills a piece: what cannot be read any more is told after the bytes before it. */
static void
fill(struct ahead *a, struct chunk *x)
{
	size_t got = 1;

	x->len = 0;
	x->outcome = OK;
	while (x->outcome == OK && got > 0 && x->len < PIECE) {
		x->outcome = document_read(a->doc, x->bytes + x->len, PIECE - x->len, &got, &a->err);
		x->len += x->outcome == OK ? got : 0;
	}
	if (x->outcome == OK && got == 0)
		x->outcome = END;
}

static void *
run(void *ctx)
{
	struct ahead *a = ctx;
	enum outcome r = OK;

	while (r == OK) {
		struct chunk *x = &a->ring[a->read % PIECES];

		pthread_mutex_lock(&a->lock);
		while (!a->stop && a->read - a->taken == PIECES)
			pthread_cond_wait(&a->emptied, &a->lock);
		r = a->stop ? STOP : OK;
		pthread_mutex_unlock(&a->lock);
		if (r != OK)
			break;
		fill(a, x);
		r = x->outcome;
		pthread_mutex_lock(&a->lock);
		a->read++;
		a->ended = r != OK;
		pthread_cond_signal(&a->filled);
		pthread_mutex_unlock(&a->lock);
	}
	return NULL;
}

static int
start(struct ahead *a)
{
	if (a->ring == NULL)
		a->ring = mem_grow(NULL, PIECES, sizeof(*a->ring));
	a->read = a->taken = 0;
	a->at = 0;
	a->ended = a->stop = 0;
	a->running = pthread_create(&a->thread, NULL, run, a) == 0;
	return a->running;
}

void
ahead_stop(struct ahead *a)
{
	if (!a->running)
		return;
	pthread_mutex_lock(&a->lock);
	/* All that can be read ahead is: so what unpacking finds to note does not depend on who is faster. */
	pthread_cond_signal(&a->emptied);
	while (!a->ended && a->read - a->taken < PIECES)
		pthread_cond_wait(&a->filled, &a->lock);
	a->stop = 1;
	pthread_cond_signal(&a->emptied);
	pthread_mutex_unlock(&a->lock);
	pthread_join(a->thread, NULL);
	a->running = 0;
}

enum outcome
ahead_read(struct ahead *a, void *bytes, size_t cap, size_t *got, struct err *err)
{
	struct chunk *x;

	if (!a->running && (a->direct < LARGE || !start(a))) {
		enum outcome r = document_read(a->doc, bytes, cap, got, err);

		a->direct += r == OK ? *got : 0;
		return r;
	}
	x = &a->ring[a->taken % PIECES];
	pthread_mutex_lock(&a->lock);
	while (a->read == a->taken)
		pthread_cond_wait(&a->filled, &a->lock);
	pthread_mutex_unlock(&a->lock);
	*got = x->len - a->at < cap ? x->len - a->at : cap;
	if (*got == 0 && x->outcome != OK) {	/* the last piece stays, so that this is told again */
		if (x->outcome != END)
			*err = a->err;
		return x->outcome == END ? OK : x->outcome;
	}
	memcpy(bytes, x->bytes + a->at, *got);
	a->at += *got;
	if (a->at < x->len || x->outcome != OK)
		return OK;
	pthread_mutex_lock(&a->lock);
	a->taken++;
	if (a->read - a->taken <= PIECES / 2)
		pthread_cond_signal(&a->emptied);
	pthread_mutex_unlock(&a->lock);
	a->at = 0;
	return OK;
}

enum outcome
ahead_rewind(struct ahead *a, struct err *err)
{
	ahead_stop(a);
	a->direct = 0;
	return document_rewind(a->doc, err);
}
