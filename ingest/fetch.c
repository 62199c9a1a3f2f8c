/* SPDX-License-Identifier: MIT */
/*
 * The fetcher: mails of a folder in batches, several asked for at once, over one or more sessions. A batch is asked for
 * again until each of its mails came, is gone, or was refused often enough; batches are given out in their order, so what was
 * given out is everything up to some UID. See fetch.h.
 */
#include "ingest/fetch.h"

#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "ingest/imap_session.h"
#include "ingest/oauth.h"

enum {
	BATCH_MAILS = 100,
	BATCH_BYTES = 8 << 20,
	AT_ONCE = 4,			/* commands in flight in one session */
	WINDOW_BYTES = 16 << 20,	/* asked for and not yet given out, over all sessions */
	SESSIONS = 4,
	SETTLE_MAILS = 200,
	TRIES = 3,			/* of one mail that ends the session or is refused */
	FRUITLESS = 6,			/* connections in a row that bring nothing */
	FIRST_TRIES = 2,		/* of the first connection */
	THROTTLED = 10,			/* times in a row to wait as told */
	WAIT_MOST_MS = 15 * 60 * 1000
};
static const int64_t MAIL_BYTES = 50 << 20;

enum mail_state { WANTED, MENTIONED, GOT, GIVEN_UP };	/* MENTIONED: answered for, but without its bytes */

struct mail {
	int64_t uid, size;
	enum mail_state state;
	unsigned char *bytes;
	size_t len;
	char *why;		/* GIVEN_UP */
	int for_good;		/* 1: given up as damaged, not to be tried again */
};

struct batch {
	struct batch *next;
	struct mail *mails;
	size_t count, given;
	int64_t bytes;		/* sizes together */
	int session;		/* -1: not asked for */
	char tag[16];
	int tries, done;
};

struct fetcher {
	const struct account *account;
	struct ingest_limits limits;
	const volatile int *stop;
	struct secret secret;
	int have_secret;
	struct imap_session *sessions[SESSIONS];
	int nsessions, at_once, fruitless, throttled;
	char *folder, *wire;		/* name in UTF-8; quoted on the wire */
	int64_t uidvalidity, top;
	struct mail *mails;		/* all to be read of this folder */
	size_t count, planned;
	struct batch *first, *last;
	int64_t in_flight;
	atomic_llong done_bytes, total_bytes;
	char *target;			/* quoted name of move_to; NULL: not looked up */
	int no_move, idling, only_marked;
	char idle_tag[16];
};

static struct imap_session *
main_session(const struct fetcher *f)
{
	return f->sessions[0];
}

static int64_t
mail_cap(const struct fetcher *f)
{
	return f->limits.mail_bytes > 0 ? f->limits.mail_bytes : MAIL_BYTES;
}

/* --- life --- */

struct fetcher *
fetcher_new(const struct account *a, const struct ingest_limits *limits, const volatile int *stop)
{
	struct fetcher *f = mem_alloc(sizeof(*f));

	f->account = a;
	f->limits = *limits;
	f->stop = stop;
	f->at_once = AT_ONCE;
	return f;
}

static void
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

static void
drop_folder(struct fetcher *f)
{
	struct batch *b;

	while ((b = f->first) != NULL) {
		f->first = b->next;
		batch_free(b);
	}
	f->last = NULL;
	free(f->mails);
	free(f->folder);
	free(f->wire);
	f->mails = NULL;
	f->folder = f->wire = NULL;
	f->count = f->planned = 0;
	f->in_flight = 0;
	f->uidvalidity = f->top = 0;
	atomic_store(&f->done_bytes, 0);
	atomic_store(&f->total_bytes, 0);
}

static void
close_session(struct fetcher *f, int n)
{
	imap_session_close(f->sessions[n]);
	f->sessions[n] = NULL;
}

void
fetcher_free(struct fetcher *f)
{
	int i;

	if (f == NULL)
		return;
	for (i = 0; i < SESSIONS; i++)
		close_session(f, i);
	drop_folder(f);
	if (f->have_secret)
		secret_free(&f->secret);
	free(f->target);
	free(f);
}

/* --- connecting --- */

/* Sleeps, unless it is to stop. */
static int
wait_ms(const struct fetcher *f, int64_t ms)
{
	int64_t until = imap_now_ms() + ms;
	const struct timespec nap = { 0, 50000000 };

	while (imap_now_ms() < until) {
		if (f->stop != NULL && *f->stop)
			return 0;
		nanosleep(&nap, NULL);
	}
	return 1;
}

/* The password once; a token for each session, since it may have run out. */
static enum outcome
fresh_secret(struct fetcher *f, struct err *err)
{
	if (f->have_secret && !f->secret.is_token)
		return OK;
	if (f->have_secret)
		secret_free(&f->secret);
	f->have_secret = secret_get(f->account, &f->secret, err) == OK;
	return f->have_secret ? OK : STOP;
}

static enum outcome
open_session(struct fetcher *f, int n, struct err *err)
{
	struct err why = { "", 0 };
	int tries;
	enum outcome r = STOP;

	/* A cached token that is refused is renewed once. */
	for (tries = 0; tries < 2; tries++) {
		if (fresh_secret(f, err) != OK)
			return STOP;
		r = imap_session_open(f->account, &f->secret, mail_cap(f) + (1 << 20), f->stop, &f->sessions[n], &why);
		if (r == OK || why.retry || f->account->oauth == NULL)
			break;
		oauth_forget(f->account);
	}
	if (r != OK && err != NULL)
		*err = why;
	return r;
}

/* A session with the folder open, made anew with growing patience where the network fails. */
static enum outcome
connect_again(struct fetcher *f, int n, struct err *err)
{
	struct err why = { "", 0 };
	enum outcome r;

	for (;;) {
		why.retry = 0;
		r = open_session(f, n, &why);
		if (r == OK && f->wire != NULL)
			r = imap_open_folder(f->sessions[n], f->wire, f->account->after == AFTER_KEEP, &why);
		why.retry |= r == STOP && f->sessions[n] != NULL;	/* it broke again */
		if (r == OK && f->wire != NULL && f->sessions[n]->uidvalidity != f->uidvalidity)
			r = err_stop(&why, "account %s: folder %s was made anew while it was read; the next run reads it again", f->account->name, f->folder);
		if (r == OK)
			return OK;
		close_session(f, n);
		/* Before anything was read there is no hurry: the next run is another chance. */
		if (!why.retry || ++f->fruitless >= (f->wire != NULL ? FRUITLESS : FIRST_TRIES) || !wait_ms(f, 250LL << f->fruitless)) {
			if (err != NULL)
				*err = why;
			return STOP;
		}
	}
}

/* --- opening a folder and listing what is new --- */

struct listing { struct fetcher *f; int64_t above; };

static void
on_size(void *ctx, const struct imap_response *r)
{
	struct listing *l = ctx;
	struct fetcher *f = l->f;
	struct imap_fetched got;
	struct mail *m;

	/* n:* names the last mail even where n is above it. */
	if (!imap_fetched(r, &got) || got.uid <= l->above || got.size < 0)
		return;
	if ((f->count & (f->count - 1)) == 0)
		f->mails = mem_grow(f->mails, f->count > 0 ? f->count * 2 : 1, sizeof(*f->mails));
	m = &f->mails[f->count++];
	memset(m, 0, sizeof(*m));
	m->uid = got.uid;
	m->size = got.size;
}

static int
by_uid(const void *x, const void *y)
{
	const struct mail *a = x, *b = y;

	return (a->uid > b->uid) - (a->uid < b->uid);
}

/* "3,5:9" of rising numbers from *at on, until the text is long enough; *at moves on. */
static char *
uid_set(const int64_t *uids, size_t count, size_t *at)
{
	struct buf b;
	char *set;

	buf_init(&b, 8192);
	while (*at < count && b.len < 4000) {
		size_t to = *at;

		while (to + 1 < count && uids[to + 1] == uids[to] + 1)
			to++;
		buf_fmt(&b, to > *at ? "%s%lld:%lld" : "%s%lld", b.len > 0 ? "," : "", (long long)uids[*at], (long long)uids[to]);
		*at = to + 1;
	}
	set = mem_str(b.at);
	buf_free(&b);
	return set;
}

static enum outcome
list_command(struct fetcher *f, int64_t above, const char *set, struct err *err)
{
	struct listing l = { f, above };
	struct imap_reply reply;
	int tries;

	for (tries = 0; ; tries++) {
		if (imap_command(main_session(f), on_size, &l, &reply, err, "UID FETCH %s (UID RFC822.SIZE)", set) != OK)
			return STOP;
		if (reply.status == IMAP_OK)
			return OK;
		if (reply.wait_ms < 0 || tries == THROTTLED || !wait_ms(f, reply.wait_ms < WAIT_MOST_MS ? reply.wait_ms : WAIT_MOST_MS))
			return err_stop(err, "the server does not list the mails: %s", reply.text);
	}
}

static enum outcome
list_mails(struct fetcher *f, const struct folder_state *state, struct err *err)
{
	int same = state->uidvalidity == f->uidvalidity;
	size_t at = 0, i, n;
	char *set;
	enum outcome r = OK;

	while (same && r == OK && at < state->nretry) {
		set = uid_set(state->retry, state->nretry, &at);
		r = list_command(f, 0, set, err);
		free(set);
	}
	f->top = same ? state->last_uid : 0;
	main_session(f)->grown = 0;
	if (r == OK && main_session(f)->exists > 0) {
		set = mem_fmt("%lld:*", (long long)f->top + 1);
		r = list_command(f, f->top, set, err);
		free(set);
	}
	if (f->count > 1)
		qsort(f->mails, f->count, sizeof(*f->mails), by_uid);
	for (i = n = 0; i < f->count; i++)	/* a server may tell one twice */
		if (n == 0 || f->mails[n - 1].uid != f->mails[i].uid)
			f->mails[n++] = f->mails[i];
	f->count = n;
	if (n > 0 && f->mails[n - 1].uid > f->top)
		f->top = f->mails[n - 1].uid;
	for (i = 0; i < n; i++)
		atomic_fetch_add(&f->total_bytes, f->mails[i].size);
	return r;
}

static enum outcome
no_folder(struct fetcher *f, const char *folder, const char *why, struct err *err)
{
	char *names = NULL;

	(void)imap_folder_names(main_session(f), &names, NULL);
	err_skip(err, "account %s: folder %s cannot be opened: %s%s%s", f->account->name, folder, why, names != NULL ? "; there are: " : "",
	    names != NULL ? names : "");
	free(names);
	return SKIP;
}

static enum outcome
open_and_list(struct fetcher *f, const char *folder, const struct folder_state *state, struct err *err)
{
	struct err why = { "", 0 };
	char *wire = NULL;
	int found;
	enum outcome r;

	if (imap_folder(main_session(f), folder, &wire, &found, err) != OK)
		return STOP;
	r = imap_open_folder(main_session(f), wire, f->account->after == AFTER_KEEP, &why);
	if (r == SKIP)
		r = no_folder(f, folder, why.text, err);
	else if (r == STOP)
		err_stop(err, "%s", why.text);
	if (r != OK) {
		free(wire);
		return r;
	}
	f->wire = wire;
	f->folder = mem_str(folder);
	f->uidvalidity = main_session(f)->uidvalidity;
	return list_mails(f, state, err);
}

enum outcome
fetcher_begin(struct fetcher *f, const char *folder, const struct folder_state *state, struct err *err)
{
	struct err why = { "", 0 };
	enum outcome r;

	f->fruitless = 0;
	for (;;) {
		drop_folder(f);
		if (main_session(f) == NULL && connect_again(f, 0, err) != OK)
			return STOP;
		r = open_and_list(f, folder, state, &why);
		if (r == OK)
			return OK;
		if (r == SKIP || ++f->fruitless >= FRUITLESS || (f->stop != NULL && *f->stop)) {
			drop_folder(f);
			return r == SKIP ? err_skip(err, "%s", why.text) :
			    err_stop(err, "account %s: folder %s: %s", f->account->name, folder, why.text);
		}
		close_session(f, 0);
	}
}

enum outcome
fetcher_try(struct fetcher *f, const char *folder, int64_t *mails, struct err *err)
{
	struct err why = { "", 0 };
	char *wire = NULL;
	int found;
	enum outcome r;

	if (main_session(f) == NULL && open_session(f, 0, err) != OK)
		return STOP;
	if (imap_folder(main_session(f), folder, &wire, &found, err) != OK)
		return STOP;
	r = imap_open_folder(main_session(f), wire, 1, &why);
	free(wire);
	if (r == OK)
		*mails = main_session(f)->exists;
	return r == SKIP ? no_folder(f, folder, why.text, err) : r == STOP ? err_stop(err, "%s", why.text) : OK;
}

enum outcome
fetch_device_login(const struct account *a, void (*tell)(const char *address, const char *code), const volatile int *stop, struct err *err)
{
	return oauth_device_login(a, tell, stop, err);
}

int
fetcher_only_marked(const struct fetcher *f)
{
	return f->only_marked;
}

int
fetcher_is_connected(const struct fetcher *f)
{
	return main_session(f) != NULL;
}

int64_t
fetcher_uidvalidity(const struct fetcher *f)
{
	return f->uidvalidity;
}

char *
fetcher_place(const struct fetcher *f, int64_t uid)
{
	return mem_fmt("imap:%s/%s;UIDVALIDITY=%lld;UID=%lld", f->account->name, f->folder, (long long)f->uidvalidity, (long long)uid);
}

int64_t
fetcher_top(const struct fetcher *f)
{
	return f->top;
}

void
fetcher_progress(const struct fetcher *f, int64_t *done, int64_t *total)
{
	*done = atomic_load(&f->done_bytes);
	*total = atomic_load(&f->total_bytes);
}

/* --- batches --- */

static void
give_up(struct mail *m, int for_good, const char *why)
{
	m->state = GIVEN_UP;
	m->for_good = for_good;
	m->why = mem_str(why);
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

/* The next batch of the plan, as long as the window has room. */
static void
plan(struct fetcher *f)
{
	int64_t cap = mail_cap(f);

	while (f->planned < f->count && (f->first == NULL || f->in_flight < WINDOW_BYTES)) {
		struct batch *b = mem_alloc(sizeof(*b));
		size_t from = f->planned;

		while (f->planned < f->count && b->count < BATCH_MAILS && (b->count == 0 || b->bytes + f->mails[f->planned].size <= BATCH_BYTES)) {
			int64_t size = f->mails[f->planned++].size;

			b->bytes += size <= cap ? size : 0;
			b->count++;
		}
		b->mails = mem_alloc(b->count * sizeof(*b->mails));
		memcpy(b->mails, &f->mails[from], b->count * sizeof(*b->mails));
		for (from = 0; from < b->count; from++) {
			if (b->mails[from].size > cap) {
				char why[120];

				snprintf(why, sizeof(why), "the mail has %lld bytes; the cap is %lld", (long long)b->mails[from].size, (long long)cap);
				give_up(&b->mails[from], 1, why);
			}
		}
		add_batch(f, b);
	}
}

static size_t
open_mails(const struct batch *b)
{
	size_t i, n = 0;

	for (i = 0; i < b->count; i++)
		n += b->mails[i].state <= MENTIONED;
	return n;
}

/* Cuts a batch in two, so that what spoils it is found. */
static void
halve(struct fetcher *f, struct batch *b)
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
		rest->bytes += rest->mails[i].state == GIVEN_UP ? 0 : rest->mails[i].size;
	b->bytes -= rest->bytes;
	b->count = keep;
	b->next = rest;
	b->tries = 0;
	if (f->last == b)
		f->last = rest;
}

static int
in_session(const struct fetcher *f, int n)
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
	enum outcome r;

	for (i = 0; i < b->count; i++)
		if (b->mails[i].state <= MENTIONED)
			uids[count++] = b->mails[i].uid;
	set = uid_set(uids, count, &at);	/* 100 numbers always fit */
	r = imap_send(f->sessions[n], b->tag, err, "UID FETCH %s (UID BODY.PEEK[])", set);
	b->session = n;
	free(set);
	free(uids);
	return r;
}

/* Sends what may be sent, round the sessions. */
static enum outcome
ask(struct fetcher *f, int n, struct err *err)
{
	struct batch *b;

	for (b = f->first; b != NULL; b = b->next) {
		if (b->done || b->session >= 0)
			continue;
		if (open_mails(b) == 0) {
			b->done = 1;
			continue;
		}
		if (in_session(f, n) >= f->at_once)
			break;
		if (in_session(f, n) == 0)
			f->sessions[n]->heard_at = imap_now_ms();
		if (ask_for(f, b, n, err) != OK)
			return STOP;
	}
	return OK;
}

/* --- answers --- */

static struct mail *
mail_of(struct batch *b, int64_t uid)
{
	struct mail key = { .uid = uid };

	return bsearch(&key, b->mails, b->count, sizeof(*b->mails), by_uid);
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
	if (open_mails(b) == 0 || b->tries++ > 0) {
		for (i = 0; i < b->count; i++)
			if (b->mails[i].state == MENTIONED)
				give_up(&b->mails[i], 0, "the server answers without the mail");
		b->done = 1;
	}
	(void)f;
}

/* A throttling server is obeyed; then it is asked for less at once. 0: it was too often, or it is to stop. */
static int
obey(struct fetcher *f, int64_t ms)
{
	f->at_once = 1;
	return ++f->throttled < THROTTLED && wait_ms(f, ms < WAIT_MOST_MS ? ms : WAIT_MOST_MS);
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
		halve(f, b);
	} else if (++b->tries >= TRIES && open_mails(b) > 0) {
		snprintf(why, sizeof(why), "the server does not give the mail: %s", reply->text);
		give_up(&b->mails[0], 0, why);
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

/* Goes on with one session less. */
static enum outcome
without(struct fetcher *f, int n)
{
	int last = --f->nsessions;
	struct batch *b;

	f->sessions[n] = f->sessions[last];
	f->sessions[last] = NULL;
	for (b = f->first; b != NULL; b = b->next)
		if (b->session == last)
			b->session = n;
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
	close_session(f, n);
	if (f->stop != NULL && *f->stop)
		return err_stop(err, "account %s: stopped", f->account->name);
	if (oldest != NULL && open_mails(oldest) > 0 && ++oldest->tries > 1) {
		if (oldest->count > 1) {
			halve(f, oldest);
			oldest->tries = 1;
			oldest->next->tries = 1;
		} else if (oldest->tries >= TRIES) {
			snprintf(text, sizeof(text), "each time it is asked for the session ends: %s", why->text);
			give_up(&oldest->mails[0], 0, text);
			oldest->done = 1;
			f->fruitless = 0;
		}
	}
	if (++f->fruitless >= FRUITLESS || !wait_ms(f, 100LL << f->fruitless))
		return err_stop(err, "account %s: folder %s: %s", f->account->name, f->folder, why->text);
	if (connect_again(f, n, err) == OK)
		return OK;
	return f->nsessions > 1 ? without(f, n) : STOP;
}

/* One round of a session: send, take what has come. *moved 1: something came. */
static enum outcome
work_session(struct fetcher *f, int n, int *moved, struct err *err)
{
	struct imap_session *s = f->sessions[n];
	struct imap_response r;
	struct err why = { "", 0 };
	enum outcome got = ask(f, n, &why), stopped = OK;

	while (got == OK && stopped == OK && (got = imap_receive(s, 0, &r, &why)) == OK) {
		*moved = 1;
		stopped = on_response(f, n, &r, err);
	}
	if (stopped != OK)
		return STOP;
	if (got == END && in_session(f, n) > 0 && imap_now_ms() - s->heard_at > IMAP_IDLE_SECONDS * 1000)
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

/* Extra sessions where the account wants them and there is enough to do; one that cannot be had is done without. */
static void
more_sessions(struct fetcher *f)
{
	int wanted = f->account->connections > SESSIONS ? SESSIONS : f->account->connections;

	for (f->nsessions = 1; f->nsessions < wanted && f->count > (size_t)f->nsessions * BATCH_MAILS; f->nsessions++) {
		int n = f->nsessions;

		if (f->sessions[n] == NULL && open_session(f, n, NULL) != OK)
			return;
		if (imap_open_folder(f->sessions[n], f->wire, f->account->after == AFTER_KEEP, NULL) != OK ||
		    f->sessions[n]->uidvalidity != f->uidvalidity) {
			close_session(f, n);
			return;
		}
	}
}

/* Works until the first batch is complete. */
static enum outcome
complete_first(struct fetcher *f, struct err *err)
{
	int i, moved;

	while (!f->first->done) {
		moved = 0;
		for (i = 0; i < f->nsessions; i++)
			if (work_session(f, i, &moved, err) != OK)
				return STOP;
		plan(f);
		if (!moved && !f->first->done)
			wait_for_bytes(f);
	}
	return OK;
}

static struct item *
item_of(const struct fetcher *f, struct mail *m)
{
	struct item *it = mem_alloc(sizeof(*it));

	it->origin = fetcher_place(f, m->uid);
	it->place = mem_str(it->origin);
	it->bytes = m->bytes;
	it->len = m->len;
	it->size = m->size;
	it->is_mail = 1;
	it->tag = m->uid;
	it->refused = m->why;
	it->refused_retry = m->why != NULL && !m->for_good;
	m->bytes = NULL;
	m->why = NULL;
	return it;
}

enum outcome
fetcher_next(struct fetcher *f, struct item **item, struct err *err)
{
	struct batch *b;
	struct mail *m;

	if (f->planned == 0)
		more_sessions(f);
	for (;;) {
		plan(f);
		if ((b = f->first) == NULL)
			return END;
		if (complete_first(f, err) != OK)
			return STOP;
		while (b->given < b->count) {
			m = &b->mails[b->given++];
			atomic_fetch_add(&f->done_bytes, m->size);
			if (m->state == GOT || m->state == GIVEN_UP) {
				*item = item_of(f, m);
				return OK;
			}
		}
		f->first = b->next;
		if (f->first == NULL)
			f->last = NULL;
		f->in_flight -= b->bytes;
		batch_free(b);
	}
}

/* --- after the commit --- */

static enum outcome
said_no(const struct fetcher *f, const char *what, const struct imap_reply *reply, struct err *err)
{
	return err_skip(err, "account %s: folder %s: %s is refused: %s; the mails stay where they are, and the next run tries again", f->account->name,
	    f->folder, what, reply->text);
}

/* MOVE or COPY to the target, made where it is missing. SKIP: refused, reply says how. */
static enum outcome
transfer(struct fetcher *f, const char *verb, const char *set, struct imap_reply *reply, struct err *err)
{
	struct imap_session *s = main_session(f);
	struct imap_reply made;

	if (imap_command(s, NULL, NULL, reply, err, "UID %s %s %s", verb, set, f->target) != OK)
		return STOP;
	if (reply->status == IMAP_NO && reply->trycreate) {
		if (imap_command(s, NULL, NULL, &made, err, "CREATE %s", f->target) != OK)
			return STOP;
		if (imap_command(s, NULL, NULL, reply, err, "UID %s %s %s", verb, set, f->target) != OK)
			return STOP;
	}
	return reply->status == IMAP_OK ? OK : SKIP;
}

static enum outcome
remove_mails(struct fetcher *f, const char *set, struct err *err)
{
	struct imap_session *s = main_session(f);
	struct imap_reply reply;

	if (imap_command(s, NULL, NULL, &reply, err, "UID STORE %s +FLAGS.SILENT (\\Deleted)", set) != OK)
		return STOP;
	if (reply.status != IMAP_OK)
		return said_no(f, "deleting", &reply, err);
	if (!s->can_uidplus) {	/* a bare EXPUNGE would remove other people's mails, too */
		f->only_marked = 1;
		return OK;
	}
	if (imap_command(s, NULL, NULL, &reply, err, "UID EXPUNGE %s", set) != OK)
		return STOP;
	return reply.status == IMAP_OK ? OK : said_no(f, "UID EXPUNGE", &reply, err);
}

static enum outcome
move_mails(struct fetcher *f, const char *set, struct err *err)
{
	struct imap_session *s = main_session(f);
	struct imap_reply reply;
	enum outcome r;
	int found;

	if (f->target == NULL && imap_folder(s, f->account->move_to, &f->target, &found, err) != OK)
		return STOP;
	if (s->can_move && !f->no_move) {
		r = transfer(f, "MOVE", set, &reply, err);
		if (r != SKIP || reply.wait_ms >= 0 || reply.trycreate)
			return r == SKIP ? said_no(f, "moving", &reply, err) : r;
		f->no_move = 1;	/* announced, but not understood: some Exchange servers */
	}
	r = transfer(f, "COPY", set, &reply, err);
	if (r == SKIP)
		return said_no(f, "copying", &reply, err);
	return r == OK ? remove_mails(f, set, err) : r;
}

static enum outcome
settle_set(struct fetcher *f, const char *set, struct err *err)
{
	struct imap_reply reply;

	switch (f->account->after) {
	case AFTER_SEEN:
		if (imap_command(main_session(f), NULL, NULL, &reply, err, "UID STORE %s +FLAGS.SILENT (\\Seen)", set) != OK)
			return STOP;
		return reply.status == IMAP_OK ? OK : said_no(f, "marking as seen", &reply, err);
	case AFTER_MOVE:
		return move_mails(f, set, err);
	case AFTER_DELETE:
		return remove_mails(f, set, err);
	case AFTER_KEEP:
		break;
	}
	return OK;
}

enum outcome
fetcher_settle(struct fetcher *f, const int64_t *uids, size_t count, size_t *done, struct err *err)
{
	struct err why = { "", 0 };
	enum outcome r;
	char *set;

	*done = 0;
	f->fruitless = 0;
	while (*done < count) {
		size_t at = 0, most = count - *done < SETTLE_MAILS ? count - *done : SETTLE_MAILS;

		if (main_session(f) == NULL && connect_again(f, 0, err) != OK)
			return STOP;
		set = uid_set(uids + *done, most, &at);
		r = settle_set(f, set, &why);
		free(set);
		if (r == OK) {
			*done += at;
			f->fruitless = 0;
			continue;
		}
		if (r == SKIP)
			return err_skip(err, "%s", why.text);
		close_session(f, 0);
		if (++f->fruitless >= FRUITLESS || !wait_ms(f, 100LL << f->fruitless))
			return err_stop(err, "account %s: folder %s: %s", f->account->name, f->folder, why.text);
	}
	return OK;
}

/* --- waiting for news --- */

int
fetcher_can_idle(const struct fetcher *f)
{
	return main_session(f) != NULL && main_session(f)->can_idle && f->wire != NULL;
}

enum outcome
fetcher_idle(struct fetcher *f, struct err *err)
{
	struct imap_response r;
	enum outcome got;

	if (imap_send(main_session(f), f->idle_tag, err, "IDLE") != OK)
		return STOP;
	do {
		got = imap_receive(main_session(f), IMAP_IDLE_SECONDS * 1000, &r, err);
		if (got == END)
			return err_stop(err, "the server is silent");
	} while (got == OK && r.kind == IMAP_UNTAGGED);
	if (got == OK && r.kind == IMAP_TAGGED)
		return err_stop(err, "the server refuses IDLE");
	f->idling = got == OK;
	return got == OK ? OK : STOP;
}

int
fetcher_idle_fd(const struct fetcher *f)
{
	return imap_conn_fd(main_session(f)->conn);
}

enum outcome
fetcher_idle_look(struct fetcher *f, int *news, struct err *err)
{
	struct imap_response r;
	enum outcome got;

	while ((got = imap_receive(main_session(f), 0, &r, err)) == OK)
		*news |= imap_is(&r, "EXISTS", NULL) || imap_is(&r, "RECENT", NULL);
	*news |= main_session(f)->grown;	/* also what came while the folder was worked on */
	return got == END ? OK : STOP;
}

enum outcome
fetcher_idle_end(struct fetcher *f, struct err *err)
{
	struct imap_response r;
	enum outcome got = STOP;

	if (!f->idling)
		return OK;
	f->idling = 0;
	if (imap_conn_send(main_session(f)->conn, "DONE\r\n", 6, err) == OK)
		do
			got = imap_receive(main_session(f), IMAP_IDLE_SECONDS * 1000, &r, err);
		while (got == OK && (r.kind != IMAP_TAGGED || strcmp(r.tag, f->idle_tag) != 0));
	if (got != OK)
		close_session(f, 0);
	return got == OK ? OK : STOP;
}
