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
	THROTTLED = 10,			/* times in a row to wait for a throttling server */
	ROUND = 1000,			/* responses taken before the clock is looked at */
	SLOWEST = 4,			/* bytes a millisecond: a server that brings less is given up in the end */
	STAND_IN = 4			/* a body so many times smaller than announced may be the server's own, for a mail that is gone: asked for twice */
};

static struct mail *
mail_of(struct batch *b, int64_t uid)
{
	struct mail key = { .uid = uid };

	return bsearch(&key, b->mails, b->count, sizeof(*b->mails), mail_by_uid);
}

/* A quoted string's text in place; its length. */
static size_t
unescape(unsigned char *at, size_t len)
{
	size_t i, n = 0;

	for (i = 0; i < len; i++) {
		if (at[i] == '\\' && i + 1 < len)
			i++;
		at[n++] = at[i];
	}
	return n;
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
	if (got->body == NULL || (b->tries == 0 && (int64_t)got->bodylen < m->size / STAND_IN)) {
		if (got->size < 0)
			m->state = MENTIONED;
		return;
	}
	f->fruitless = 0;
	f->throttled = 0;
	if ((int64_t)got->bodylen > fetcher_cap(f)) {
		mail_over_cap(f, m, (int64_t)got->bodylen);
		return;
	}
	if ((int64_t)got->bodylen > m->size) {	/* it was announced smaller: what is here counts */
		b->bytes += (int64_t)got->bodylen - m->size;
		f->in_flight += (int64_t)got->bodylen - m->size;
	}
	m->bytes = (unsigned char *)mem_strn(got->body, got->bodylen);
	m->len = got->escaped ? unescape(m->bytes, got->bodylen) : got->bodylen;
	m->state = GOT;
}

/* The batch was answered: what is still open is gone, or was not given. */
static void
on_answered(struct batch *b)
{
	size_t i;

	b->session = -1;
	if (batch_open(b) == 0 || b->tries++ > 0) {
		for (i = 0; i < b->count; i++)
			if (b->mails[i].state == MENTIONED)
				mail_give_up(&b->mails[i], 0, "the server answers without the mail");
		b->done = 1;
	}
}

/* A throttling server is obeyed; then it is asked for less at once. 0: it was too often, or it is to stop. */
static int
obey(struct fetcher *f, int64_t ms)
{
	int go_on = f->throttled < THROTTLED && imap_sleep(f->stop, imap_patience(ms, f->throttled++)), i;

	f->at_once = 1;
	for (i = 0; i < f->nsessions; i++)	/* nobody listened meanwhile */
		if (f->sessions[i] != NULL)
			f->sessions[i]->heard_at = f->sessions[i]->began_at = imap_now_ms();
	return go_on;
}

/*
 * NO or BAD to a batch: halved down to the mail the server cannot give. "Try again later" without a time may mean either: it is
 * waited for and halved.
 */
static enum outcome
on_refused(struct fetcher *f, struct batch *b, const struct imap_reply *reply, struct err *err)
{
	char why[600];

	b->session = -1;
	if (reply->wait_ms >= 0 && !obey(f, reply->wait_ms))
		return fetcher_stopped(f) ? fetcher_tell_stop(f, err) : err_stop(err, "account %s: folder %s: the server throttles: %s",
		    f->account->name, f->folder, reply->text);
	if (reply->wait_ms > 0)
		return OK;
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
	f->sessions[n]->began_at = imap_now_ms();
	imap_reply_of(r, &reply);
	if (reply.status != IMAP_OK)
		return on_refused(f, b, &reply, err);
	on_answered(b);
	return OK;
}

/* The session ended while this batch was asked for: after the second time it is halved, a lone mail given up after TRIES. */
static void
blame(struct fetcher *f, struct batch *b, const char *why)
{
	char text[1100];

	if (batch_open(b) == 0 || ++b->tries <= 1)
		return;
	if (b->count > 1) {
		batch_halve(f, b);
		b->tries = b->next->tries = 1;
	} else if (b->tries >= TRIES) {
		snprintf(text, sizeof(text), "each time it is asked for the session ends: %s", why);
		mail_give_up(&b->mails[0], 0, text);
		b->done = 1;
		f->fruitless = 0;
	}
}

/* The session broke. Its oldest batch may be to blame, unless the server only wants to be left alone for a while. */
static enum outcome
on_broken(struct fetcher *f, int n, const struct err *why, struct err *err)
{
	int64_t asked = f->sessions[n]->wait_ms;
	struct batch *b, *oldest = NULL;

	for (b = f->first; b != NULL; b = b->next) {
		if (b->session != n || b->done)
			continue;
		b->session = -1;
		if (oldest == NULL)
			oldest = b;
	}
	fetcher_close(f, n);
	if (fetcher_stopped(f))
		return fetcher_tell_stop(f, err);
	if (asked < 0 && oldest != NULL)
		blame(f, oldest, why->text);
	if (++f->fruitless >= FRUITLESS || (asked >= 0 && !obey(f, asked)) || !imap_sleep(f->stop, 100LL << f->fruitless))
		return fetcher_stopped(f) ? fetcher_tell_stop(f, err) :
		    err_stop(err, "account %s: folder %s: %s", f->account->name, f->folder, why->text);
	if (fetcher_connect(f, n, err) == OK)
		return OK;
	if (f->nsessions == 1)
		return STOP;
	fetcher_without(f, n);
	return OK;
}

/* Silent for too long, or too slow to ever end? */
static enum outcome
look_at_clock(struct fetcher *f, int n, struct err *err)
{
	const struct imap_session *s = f->sessions[n];
	const struct batch *b = f->first;
	int64_t now = imap_now_ms();

	while (b != NULL && (b->session != n || b->done))
		b = b->next;
	if (b == NULL)
		return OK;
	if (now - s->heard_at > s->limits.idle_seconds * 1000LL)
		return err_stop(err, "the server is silent for %d s", s->limits.idle_seconds);
	if (now - s->began_at > s->limits.command_seconds * 1000LL + b->bytes / SLOWEST)
		return err_stop(err, "the server takes more than %lld s over a command", (long long)(now - s->began_at) / 1000);
	return OK;
}

/* One round of a session: send, take what has come. *moved becomes 1 where there was any of it. */
static enum outcome
work_session(struct fetcher *f, int n, int *moved, struct err *err)
{
	struct imap_response r;
	struct err why = { "", 0 };
	enum outcome got = batch_ask(f, n, moved, &why), stopped = OK;
	int taken = 0;

	while (got == OK && stopped == OK && taken++ < ROUND && (got = imap_receive(f->sessions[n], 0, &r, &why)) == OK) {
		*moved = 1;
		stopped = on_response(f, n, &r, err);
	}
	if (stopped != OK)
		return STOP;
	if (got != STOP)
		got = look_at_clock(f, n, &why);
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
