/* SPDX-License-Identifier: MIT */
/* See imap_session.h. */
#include "ingest/imap_session.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"

enum {
	PIECE = 64 << 10, SLICE_MS = 200, ROUND_MS = 1000,
	THROTTLED = 10,			/* times in a row to wait for as long as the server says */
	THROTTLED_VAGUELY = 4,		/* where it does not say how long */
	WAIT_MOST_MS = 15 * 60 * 1000, VAGUE_MOST_MS = 60 * 1000
};

int64_t
imap_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int
imap_sleep(const volatile int *stop, int64_t ms)
{
	int64_t until = imap_now_ms() + ms;
	const struct timespec nap = { 0, 50000000 };

	while (imap_now_ms() < until) {
		if (stop != NULL && *stop)
			return 0;
		nanosleep(&nap, NULL);
	}
	return 1;
}

int64_t
imap_patience(int64_t wait_ms, int nth)
{
	if (wait_ms > 0)
		return wait_ms < WAIT_MOST_MS ? wait_ms : WAIT_MOST_MS;
	return nth < 6 ? 1000LL << nth : VAGUE_MOST_MS;
}

/* --- bytes --- */

enum outcome
imap_send(struct imap_session *s, char tag[16], struct err *err, const char *fmt, ...)
{
	struct buf b;
	char *line;
	va_list ap;
	int n;
	enum outcome r;

	snprintf(tag, 16, "d%u", ++s->tags);
	buf_init(&b, 1 << 20);
	buf_fmt(&b, "%s ", tag);
	va_start(ap, fmt);
	n = vasprintf(&line, fmt, ap);
	va_end(ap);
	if (n < 0)
		abort();
	buf_str(&b, line);
	buf_str(&b, "\r\n");
	free(line);
	r = imap_conn_send(s->conn, b.at, b.len, err);
	buf_free(&b);
	return r;
}

/* Takes what the connection has; waits up to wait_ms for it. *got 0: nothing came. */
static enum outcome
take_bytes(struct imap_session *s, int wait_ms, size_t *got, struct err *err)
{
	char piece[PIECE];
	int64_t until = imap_now_ms() + wait_ms;

	for (;;) {
		struct pollfd p = { imap_conn_fd(s->conn), POLLIN, 0 };
		int64_t left;

		if (s->stop != NULL && *s->stop)	/* asked first: a server may talk without end */
			return err_stop(err, "ended by a signal");
		if (imap_conn_receive(s->conn, piece, sizeof(piece), got, err) != OK)
			return STOP;
		if (*got > 0) {
			s->heard_at = imap_now_ms();
			return imap_reader_feed(&s->reader, piece, *got, err);
		}
		if ((left = until - imap_now_ms()) <= 0)
			return OK;
		(void)poll(&p, 1, left < SLICE_MS ? (int)left : SLICE_MS);
	}
}

/* EXISTS and EXPUNGE may be told at any time. */
static void
count_mails(struct imap_session *s, const struct imap_response *r)
{
	int64_t n;

	if (imap_is(r, "EXISTS", &n)) {
		s->grown |= n > s->exists;
		s->exists = n;
	} else if (imap_is(r, "EXPUNGE", &n) && s->exists > 0) {
		s->exists--;
	}
}

enum outcome
imap_receive(struct imap_session *s, int wait_ms, struct imap_response *out, struct err *err)
{
	/* Bytes that never make a response must not hold up whoever looks at the clock. */
	int64_t until = imap_now_ms() + (wait_ms > ROUND_MS ? wait_ms : ROUND_MS);
	struct imap_reply bye;
	enum outcome r;
	size_t got;

	for (;;) {
		r = imap_reader_next(&s->reader, out, err);
		if (r == OK && out->status == IMAP_BYE) {
			imap_reply_of(out, &bye);
			s->broken = 1;
			s->wait_ms = bye.wait_ms;
			return err_stop(err, "the server ends the session: %s", bye.text);
		}
		if (r == OK)
			count_mails(s, out);
		if (r != END) {
			s->broken |= r == STOP;
			return r;
		}
		if (take_bytes(s, wait_ms, &got, err) != OK) {
			s->broken = 1;
			return STOP;
		}
		if (got == 0 || imap_now_ms() > until)
			return END;
	}
}

void
imap_reply_of(const struct imap_response *r, struct imap_reply *reply)
{
	struct buf b;

	reply->status = r->status;
	reply->trycreate = imap_code(r, "TRYCREATE", NULL);
	reply->gone = r->status == IMAP_NO && imap_code(r, "EXPUNGEISSUED", NULL);
	reply->limited = imap_code(r, "MESSAGELIMIT", NULL);
	reply->wait_ms = imap_wanted_wait(r);
	buf_init(&b, sizeof(reply->text) - 1);
	text_clean(&b, r->at, r->len < 400 ? r->len : 400);
	memcpy(reply->text, b.at, b.len + 1);
	buf_free(&b);
}

/* Waits for the end of the command with this tag. */
static enum outcome
await(struct imap_session *s, const char *tag, imap_each *each, void *ctx, struct imap_reply *reply, struct err *err)
{
	int64_t until = imap_now_ms() + s->limits.command_seconds * 1000LL;
	struct imap_response r;
	enum outcome got;

	s->heard_at = imap_now_ms();
	for (;;) {
		got = imap_receive(s, 1000, &r, err);
		if (got == STOP)
			return STOP;
		if (got == END && imap_now_ms() - s->heard_at > s->limits.idle_seconds * 1000LL)
			return err_stop(err, "the server is silent for %d s", s->limits.idle_seconds);
		if (imap_now_ms() > until)
			return err_stop(err, "a command took more than %d s", s->limits.command_seconds);
		if (s->stop != NULL && *s->stop)
			return err_stop(err, "ended by a signal");
		if (got == END)
			continue;
		if (r.kind == IMAP_TAGGED && strcmp(r.tag, tag) == 0) {
			imap_reply_of(&r, reply);
			if (each != NULL)
				each(ctx, &r);
			return OK;
		}
		if (each != NULL)
			each(ctx, &r);
	}
}

enum outcome
imap_command(struct imap_session *s, imap_each *each, void *ctx, struct imap_reply *reply, struct err *err, const char *fmt, ...)
{
	char tag[16], *line;
	va_list ap;
	int n, tries = 0;
	enum outcome r;

	va_start(ap, fmt);
	n = vasprintf(&line, fmt, ap);
	va_end(ap);
	if (n < 0)
		abort();
	do {
		r = imap_send(s, tag, err, "%s", line);
		if (r == OK)
			r = await(s, tag, each, ctx, reply, err);
	} while (r == OK && reply->wait_ms >= 0 && tries < (reply->wait_ms > 0 ? THROTTLED : THROTTLED_VAGUELY) &&
	    imap_sleep(s->stop, imap_patience(reply->wait_ms, tries++)));
	free(line);
	return r;
}

/* --- beginning and end --- */

static void
on_capability(void *ctx, const struct imap_response *r)
{
	struct imap_session *s = ctx;
	int all;

	if (!imap_is(r, "CAPABILITY", NULL))
		return;
	/* IMAP4rev2 has these within it (RFC 9051); a server that speaks rev1, too, may want ENABLE first. */
	all = imap_has_word(r, "IMAP4rev2") && !imap_has_word(r, "IMAP4rev1");
	s->can_move = all || imap_has_word(r, "MOVE");
	s->can_uidplus = all || imap_has_word(r, "UIDPLUS");
	s->can_idle = all || imap_has_word(r, "IDLE");
	s->can_namespace = all || imap_has_word(r, "NAMESPACE");
}

/* The server's last words before it went, where it said any. */
static enum outcome
gone(const struct imap_session *s, struct err *err)
{
	struct buf b;

	if (s->reader.in.len == 0)
		return STOP;
	buf_init(&b, 400);
	text_clean(&b, s->reader.in.at, strcspn(s->reader.in.at, "\r\n"));	/* NOLINT: a buffer's text is never NULL */
	err_stop(err, "%s", b.at);
	buf_free(&b);
	return STOP;
}

/* The line that begins with this tag. NULL: not there. */
static char *
line_with(const struct buf *b, const char *tag)
{
	size_t len = strlen(tag);
	char *at = b->at, *end = b->at + b->len;

	while (at < end && (strncmp(at, tag, len) != 0 || at[len] != ' ')) {
		at = memchr(at, '\n', (size_t)(end - at));
		if (at == NULL)
			return NULL;
		at++;
	}
	return at < end ? at : NULL;
}

static void
on_delimiter(void *ctx, const struct imap_response *r)
{
	struct imap_session *s = ctx;
	char *name;
	int selectable;

	if (imap_listed(r, &s->delimiter, &name, &selectable))
		free(name);
}

/* A throttling server gets the time it wants, then the question once more. */
static enum outcome
ask_again(struct imap_session *s, const struct imap_reply *said, imap_each *each, const char *question, struct err *err)
{
	struct imap_reply reply;

	if (said->wait_ms < 0 || !imap_sleep(s->stop, imap_patience(said->wait_ms, 0)))
		return OK;
	return imap_command(s, each, s, &reply, err, "%s", question);
}

/*
 * After the login libcurl may have swallowed bytes, and what comes first may be the rest of a cut line: everything
 * before the answer to a command of ours is dropped unread. Nothing is sent behind that command: a server that says why it goes and closes
 * would have its last words overtaken by a reset.
 */
static enum outcome
take_over(struct imap_session *s, struct err *err)
{
	int64_t until = imap_now_ms() + s->limits.idle_seconds * 1000LL;
	struct imap_reply reply, can, listed;
	enum outcome r;
	char first[16], capability[16], list[16], *mark, *end = NULL;
	size_t got;

	if (imap_send(s, first, err, "NOOP") != OK)
		return STOP;
	while (end == NULL) {
		if (take_bytes(s, 1000, &got, err) != OK)
			return gone(s, err);
		mark = line_with(&s->reader.in, first);
		if (mark != NULL)
			end = strchr(mark, '\n');
		if (imap_now_ms() > until)
			return err_stop(err, "the server is silent for %d s", s->limits.idle_seconds);
	}
	s->reader.at = (size_t)(mark - s->reader.in.at);
	if (await(s, first, NULL, NULL, &reply, err) != OK || ask_again(s, &reply, NULL, "NOOP", err) != OK)
		return STOP;
	if (reply.status != IMAP_OK && reply.wait_ms < 0)
		return err_stop(err, "%s", reply.text);
	if (imap_send(s, capability, err, "CAPABILITY") != OK || imap_send(s, list, err, "LIST \"\" \"\"") != OK)
		return STOP;
	/* Both answers are taken before either question is put again: who waits for another tag passes over theirs. */
	r = await(s, capability, on_capability, s, &can, err);
	if (r == OK)
		r = await(s, list, on_delimiter, s, &listed, err);
	if (r == OK)
		r = ask_again(s, &can, on_capability, "CAPABILITY", err);
	return r == OK ? ask_again(s, &listed, on_delimiter, "LIST \"\" \"\"", err) : r;
}

enum outcome
imap_session_open(const struct account *a, const struct secret *secret, const struct imap_limits *limits, const volatile int *stop,
    struct imap_session **out, struct err *err)
{
	struct imap_session *s = mem_alloc(sizeof(*s));
	struct err why = { "", 0 };
	enum outcome r;

	s->account = a;
	s->limits = *limits;
	s->stop = stop;
	s->wait_ms = -1;
	imap_reader_init(&s->reader, limits->literal_most);
	r = imap_conn_open(a, secret, limits->idle_seconds, stop, &s->conn, err);
	if (r == OK) {
		r = take_over(s, &why);
		if (r != OK) {
			err_stop(err, "account %s: %s: %s%s", a->name, a->server, why.text, text_find(why.text, "authenticated but not connected") != NULL ?
			    "; the login is right, but the mailbox is not open to it: check that IMAP is enabled for it, the token's scope or permission "
			    "(IMAP.AccessAsUser.All or IMAP.AccessAsApp with the mailbox permission), and that `user` is the mailbox's address" : "");
			if (err != NULL)
				err->retry = text_find(why.text, "authenticated but not connected") == NULL;
		}
	}
	if (r == OK)
		*out = s;
	else
		imap_session_close(s);
	return r;
}

void
imap_session_close(struct imap_session *s)
{
	char tag[16];

	if (s == NULL)
		return;
	if (s->conn != NULL && !s->broken)
		(void)imap_send(s, tag, NULL, "LOGOUT");
	imap_conn_close(s->conn);
	imap_reader_free(&s->reader);
	free(s->prefix);
	free(s);
}
