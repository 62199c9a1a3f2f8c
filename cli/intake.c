/* SPDX-License-Identifier: MIT */
/*
 * One thread reads the feed, a pool unpacks, parses and judges (intake_work.c), the caller's thread writes
 * (intake_write.c). Each item is a job with a queue of pieces (pipeline.h); the writer takes the jobs in the order of the feed.
 */
#include "cli/intake.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/pipeline.h"
#include "cli/say.h"

static void *
reader_main(void *arg)
{
	struct pipeline *p = arg;
	struct err err = { "", 0 };
	enum outcome r = OK;

	pipeline_give_way();
	while (!p->failed && (p->stop == NULL || !*p->stop)) {
		struct item *item = NULL;
		int named = 0;

		r = p->feed->next(p->feed->ctx, &item, &named, &err);
		if (r == OK) {
			pipeline_add(p, item);
		} else if (r == SKIP) {
			say_error("%s", err.text);
			pthread_mutex_lock(&p->lock);
			p->in->unopened += named;
			pthread_mutex_unlock(&p->lock);
		} else {
			break;
		}
	}
	pipeline_end(p, r, &err);
	return NULL;
}

/* Begins as many workers as there can be; how many. */
static int
begin_workers(struct pipeline *p, pthread_t *threads, int jobs)
{
	int i, n = 0;

	for (i = 0; i < jobs; i++)
		n += pthread_create(&threads[n], NULL, worker_main, p) == 0;
	return n;
}

enum outcome
intake_run(struct intake *in, struct store *store, const struct feed *feed, const volatile int *stop, struct err *err)
{
	struct pipeline p;
	pthread_t reader, *threads;
	int jobs = in->jobs > 0 ? in->jobs : 1, reads, i;
	enum outcome r;

	pipeline_init(&p);
	p.in = in;
	p.store = store;
	p.feed = feed;
	p.stop = stop;
	/* Into an empty ledger nobody need look. */
	p.retries = !in->keep_known && store_knows_retries(store);
	if (!in->keep_known && store_knows_any(store))
		(void)store_open(&p.lookup, store_path(store), STORE_READ, 0, NULL);
	threads = mem_alloc((size_t)jobs * sizeof(*threads));
	reads = pthread_create(&reader, NULL, reader_main, &p) == 0;
	jobs = reads ? begin_workers(&p, threads, jobs) : 0;
	r = jobs > 0 ? pipeline_write(&p, err) : err_stop(err, "no thread can be had: too many run already, or memory is short");
	if (r != OK) {
		pipeline_stop(&p);
		(void)store_rollback(store, NULL);
	}
	if (reads)
		pthread_join(reader, NULL);
	for (i = 0; i < jobs; i++)
		pthread_join(threads[i], NULL);
	/* The analysis that follows needs the room. */
	if (r == OK && !in->more)
		store_rest(store);
	say_progress_end();
	if (r == OK && p.read_outcome == STOP) {
		*err = p.err;
		r = STOP;
	}
	store_close(p.lookup);
	free(threads);
	pipeline_close(&p);
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
			len += (size_t)snprintf(line + len, sizeof(line) - len, i == INTAKE_NOT_A_REPORT && in->states[i] == 1 ? ", %s %s (%s)" : ", %s %s",
			    text_count(in->states[i], number), words[i], in->no_report);
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
