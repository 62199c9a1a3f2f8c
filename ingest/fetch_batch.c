/* SPDX-License-Identifier: MIT */
/* Batches of mails: planned within the window, asked for, halved. */
#include "ingest/fetch_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum {
	BATCH_BYTES = 8 << 20, WINDOW_BYTES = 16 << 20,
	UNTOLD_BYTES = 1 << 20		/* what a mail whose size is not told is planned with: far above most, so that few are under way */
};

void
batch_free(struct batch *b)
{
	size_t i;

	for (i = 0; i < b->count; i++) {
		free(b->mails[i].bytes);
		free(b->mails[i].why);
	}
	free(b->mails);
	free(b);
}

void
mail_give_up(struct mail *m, int for_good, const char *why)
{
	m->state = GIVEN_UP;
	m->for_good = for_good;
	m->why = mem_str(why);
}

void
mail_over_cap(const struct fetcher *f, struct mail *m, int64_t size)
{
	char why[120];

	snprintf(why, sizeof(why), "the mail has %lld bytes; the cap is %lld", (long long)size, (long long)fetcher_cap(f));
	mail_give_up(m, 1, why);
}

static void
add_batch(struct fetcher *f, struct batch *b)
{
	b->session = -1;
	if (f->last != NULL)
		f->last->next = b;
	else
		f->first = b;
	f->last = b;
	f->in_flight += b->bytes;
}

/* What a mail takes of batch and window; one over the cap is not asked for. */
static int64_t
planned_bytes(const struct mail *m, int64_t cap)
{
	return m->size > cap ? 0 : m->size > 0 ? m->size : UNTOLD_BYTES;
}

/* The next batch of the plan, as long as the window has room. */
void
batch_plan(struct fetcher *f)
{
	int64_t cap = fetcher_cap(f);

	while (f->planned < f->count && (f->first == NULL || f->in_flight < WINDOW_BYTES)) {
		struct batch *b = mem_alloc(sizeof(*b));
		size_t from = f->planned;

		while (f->planned < f->count && b->count < BATCH_MAILS && (b->count == 0 || b->bytes + planned_bytes(&f->mails[f->planned], cap) <= BATCH_BYTES)) {
			b->bytes += planned_bytes(&f->mails[f->planned++], cap);
			b->count++;
		}
		b->mails = mem_alloc(b->count * sizeof(*b->mails));
		memcpy(b->mails, &f->mails[from], b->count * sizeof(*b->mails));
		for (from = 0; from < b->count; from++) {
			if (b->mails[from].size > cap)
				mail_over_cap(f, &b->mails[from], b->mails[from].size);
		}
		add_batch(f, b);
	}
}

size_t
batch_open(const struct batch *b)
{
	size_t i, n = 0;

	for (i = 0; i < b->count; i++)
		n += b->mails[i].state <= MENTIONED;
	return n;
}

/* Cuts a batch in two, so that what spoils it is found. */
void
batch_halve(struct fetcher *f, struct batch *b)
{
	struct batch *rest = mem_alloc(sizeof(*rest));
	size_t keep = b->count / 2, i;

	rest->count = b->count - keep;
	rest->mails = mem_alloc(rest->count * sizeof(*rest->mails));
	memcpy(rest->mails, b->mails + keep, rest->count * sizeof(*rest->mails));
	rest->session = -1;
	rest->next = b->next;
	rest->tries = 0;
	for (i = 0; i < rest->count; i++)
		rest->bytes += rest->mails[i].state == GIVEN_UP ? 0 : planned_bytes(&rest->mails[i], fetcher_cap(f));
	b->bytes -= rest->bytes;
	b->count = keep;
	b->next = rest;
	b->tries = 0;
	if (f->last == b)
		f->last = rest;
}

/* How many are in flight in this session. */
static int
batch_count(const struct fetcher *f, int n)
{
	const struct batch *b;
	int count = 0;

	for (b = f->first; b != NULL; b = b->next)
		count += b->session == n && !b->done;
	return count;
}

static enum outcome
ask_for(struct fetcher *f, struct batch *b, int n, struct err *err)
{
	int64_t *uids = mem_alloc(b->count * sizeof(*uids));
	size_t i, at = 0, count = 0;
	char *set;
	int mentioned = 0;
	enum outcome r = OK;

	for (i = 0; i < b->count; i++) {
		if (b->mails[i].state > MENTIONED)
			continue;
		uids[count++] = b->mails[i].uid;
		mentioned |= b->mails[i].state == MENTIONED;
		b->mails[i].state = WANTED;
	}
	set = uid_set(uids, count, &at);	/* 100 numbers always fit */
	if (mentioned)		/* lets the server tell first what is gone; what it says is not waited for */
		r = imap_send(f->sessions[n], b->tag, err, "NOOP");
	if (r == OK)
		r = imap_send(f->sessions[n], b->tag, err, "UID FETCH %s (UID BODY.PEEK[])", set);
	b->session = n;
	free(set);
	free(uids);
	return r;
}

enum outcome
batch_ask(struct fetcher *f, int n, int *sent, struct err *err)
{
	struct batch *b;

	for (b = f->first; b != NULL; b = b->next) {
		if (b->done || b->session >= 0)
			continue;
		if (batch_open(b) == 0) {
			b->done = 1;
			continue;
		}
		if (batch_count(f, n) >= f->at_once)
			break;
		if (batch_count(f, n) == 0)
			f->sessions[n]->heard_at = f->sessions[n]->began_at = imap_now_ms();
		if (ask_for(f, b, n, err) != OK)
			return STOP;
		*sent = 1;
		if (f->nsessions > 1)	/* in turns, so that each has its share */
			break;
	}
	return OK;
}
