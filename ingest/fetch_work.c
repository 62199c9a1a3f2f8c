/* SPDX-License-Identifier: MIT */
/*
 * Answers taken, faults survived: a batch is asked for again until each of its mails came, is gone, or was refused often enough; a
 * refused batch, and one that ends the session, is halved until the mail that spoils it is alone.
 */
#include "ingest/fetch_private.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum {
	THROTTLED = 10,			/* times in a row to wait as told */
	WAIT_MOST_MS = 15 * 60 * 1000
};

static struct mail *
mail_of(struct batch *b, int64_t uid)
{
	struct mail key = { .uid = uid };

	return bsearch(&key, b->mails, b->count, sizeof(*b->mails), mail_by_uid);
}

static void
on_body(struct fetcher *f, int n, const struct imap_fetched *got)
{
	struct batch *b, *at;
	struct mail *m = NULL;

	for (b = at = f->first; at != NULL && m == NULL; at = at->next) {
		b = at;
		if (b->session == n && !b->done)
			m = mail_of(b, got->uid);
	}
	if (m == NULL || m->state > MENTIONED)
		return;
	if (got->body == NULL) {
		if (got->size < 0)
			m->state = MENTIONED;
		return;
	}
	if ((int64_t)got->bodylen > m->size) {	/* it was announced smaller: what is here counts */
		b->bytes += (int64_t)got->bodylen - m->size;
		f->in_flight += (int64_t)got->bodylen - m->size;
	}
	m->bytes = (unsigned char *)mem_strn(got->body, got->bodylen);
	m->len = got->bodylen;
	m->state = GOT;
	f->fruitless = 0;
	f->throttled = 0;
}

/* The batch was answered: what is still open is gone, or was not given. */
static void
on_answered(struct fetcher *f, struct batch *b)
{
	size_t i;

	b->session = -1;
	if (batch_open(b) == 0 || b->tries++ > 0) {
		for (i = 0; i < b->count; i++)
			if (b->mails[i].state == MENTIONED)
				mail_give_up(&b->mails[i], 0, "the server answers without the mail");
		b->done = 1;
	}
	(void)f;
}

/* A throttling server is obeyed; then it is asked for less at once. 0: it was too often, or it is to stop. */
static int
obey(struct fetcher *f, int64_t ms)
{
	f->at_once = 1;
	return ++f->throttled < THROTTLED && fetcher_wait(f, ms < WAIT_MOST_MS ? ms : WAIT_MOST_MS);
}

/* NO or BAD to a batch: halved down to the mail the server cannot give. */
static enum outcome
on_refused(struct fetcher *f, struct batch *b, const struct imap_reply *reply, struct err *err)
{
	char why[600];

	b->session = -1;
	if (reply->wait_ms >= 0)
		return obey(f, reply->wait_ms) ? OK : err_stop(err, "the server throttles: %s", reply->text);
	if (b->count > 1) {
		batch_halve(f, b);
	} else if (++b->tries >= TRIES && batch_open(b) > 0) {
		snprintf(why, sizeof(why), "the server does not give the mail: %s", reply->text);
		mail_give_up(&b->mails[0], 0, why);
		b->done = 1;
	}
	return OK;
}

static enum outcome
on_response(struct fetcher *f, int n, const struct imap_response *r, struct err *err)
{
	struct imap_fetched got;
	struct imap_reply reply;
	struct batch *b;

	if (imap_fetched(r, &got)) {
		on_body(f, n, &got);
		return OK;
	}
	if (r->kind != IMAP_TAGGED)
		return OK;
	for (b = f->first; b != NULL; b = b->next)
		if (b->session == n && strcmp(b->tag, r->tag) == 0)
			break;
	if (b == NULL)
		return OK;
	imap_reply_of(r, &reply);
	if (reply.status != IMAP_OK)
		return on_refused(f, b, &reply, err);
	on_answered(f, b);
	return OK;
}

/* The session broke. Its oldest batch may be to blame: after the second time it is halved, a lone mail given up after TRIES. */
static enum outcome
on_broken(struct fetcher *f, int n, const struct err *why, struct err *err)
{
	struct batch *b, *oldest = NULL;
	char text[1100];

	for (b = f->first; b != NULL; b = b->next) {
		if (b->session != n || b->done)
			continue;
		b->session = -1;
		if (oldest == NULL)
			oldest = b;
	}
	fetcher_close(f, n);
	if (f->stop != NULL && *f->stop)
		return err_stop(err, "account %s: stopped", f->account->name);
	if (oldest != NULL && batch_open(oldest) > 0 && ++oldest->tries > 1) {
		if (oldest->count > 1) {
			batch_halve(f, oldest);
			oldest->tries = 1;
			oldest->next->tries = 1;
		} else if (oldest->tries >= TRIES) {
			snprintf(text, sizeof(text), "each time it is asked for the session ends: %s", why->text);
			mail_give_up(&oldest->mails[0], 0, text);
			oldest->done = 1;
			f->fruitless = 0;
		}
	}
	if (++f->fruitless >= FRUITLESS || !fetcher_wait(f, 100LL << f->fruitless))
		return err_stop(err, "account %s: folder %s: %s", f->account->name, f->folder, why->text);
	if (fetcher_connect(f, n, err) == OK)
		return OK;
	if (f->nsessions == 1)
		return STOP;
	fetcher_without(f, n);
	return OK;
}

/* One round of a session: send, take what has come. *moved 1: something came. */
static enum outcome
work_session(struct fetcher *f, int n, int *moved, struct err *err)
{
	struct imap_session *s = f->sessions[n];
	struct imap_response r;
	struct err why = { "", 0 };
	enum outcome got = batch_ask(f, n, &why), stopped = OK;

	while (got == OK && stopped == OK && (got = imap_receive(s, 0, &r, &why)) == OK) {
		*moved = 1;
		stopped = on_response(f, n, &r, err);
	}
	if (stopped != OK)
		return STOP;
	if (got == END && batch_count(f, n) > 0 && imap_now_ms() - s->heard_at > IMAP_IDLE_SECONDS * 1000)
		got = err_stop(&why, "the server is silent for %d seconds", IMAP_IDLE_SECONDS);
	return got == STOP ? on_broken(f, n, &why, err) : OK;
}

static void
wait_for_bytes(struct fetcher *f)
{
	struct pollfd fds[SESSIONS];
	nfds_t n = 0;
	int i;

	for (i = 0; i < f->nsessions; i++) {
		fds[n].fd = imap_conn_fd(f->sessions[i]->conn);
		fds[n++].events = POLLIN;
	}
	(void)poll(fds, n, 200);
}

/* Works until the first batch is complete. */
enum outcome
fetcher_complete_first(struct fetcher *f, struct err *err)
{
	int i, moved;

	while (!f->first->done) {
		moved = 0;
		for (i = 0; i < f->nsessions; i++)
			if (work_session(f, i, &moved, err) != OK)
				return STOP;
		batch_plan(f);
		if (!moved && !f->first->done)
			wait_for_bytes(f);
	}
	return OK;
}
