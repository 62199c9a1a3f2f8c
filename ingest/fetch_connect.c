/* SPDX-License-Identifier: MIT */
/* Sessions of a fetcher: opened, opened again with growing patience, more of them where the account wants that. */
#include "ingest/fetch_private.h"

#include "ingest/oauth.h"

enum { FIRST_TRIES = 2 };	/* of the first connection */

void
fetcher_close(struct fetcher *f, int n)
{
	imap_session_close(f->sessions[n]);
	f->sessions[n] = NULL;
}

/* The password once; a token for each session, since it may have run out. */
static enum outcome
fresh_secret(struct fetcher *f, struct err *err)
{
	if (f->have_secret && !f->secret.is_token)
		return OK;
	if (f->have_secret)
		secret_free(&f->secret);
	f->have_secret = secret_get(f->account, f->stop, &f->secret, err) == OK;
	return f->have_secret ? OK : fetcher_stopped(f) ? fetcher_tell_stop(f, err) : STOP;
}

enum outcome
fetcher_open(struct fetcher *f, int n, struct err *err)
{
	struct err why = { "", 0 };
	int tries;
	enum outcome r = STOP;

	/* A cached token that is refused is renewed once. */
	for (tries = 0; tries < 2; tries++) {
		if (fresh_secret(f, err) != OK)
			return STOP;
		r = imap_session_open(f->account, &f->secret, &f->patience, f->stop, &f->sessions[n], &why);
		if (r != SKIP || f->account->oauth == NULL)
			break;
		oauth_forget(f->account);
	}
	if (r != OK && err != NULL)
		*err = why;
	return r == OK ? OK : STOP;
}

/* Whether what is open now is the folder that was listed: its UIDs name the same mails. */
static int
is_the_same(const struct fetcher *f, const struct imap_session *s)
{
	return s->uidvalidity == f->uidvalidity && (s->uidnext <= 0 || s->uidnext > f->top);	/* NOLINT: there is one where opening it said OK */
}

/* A session with the folder open, made anew with growing patience where the network fails. */
enum outcome
fetcher_connect(struct fetcher *f, int n, struct err *err)
{
	struct err why = { "", 0 };
	enum outcome r;

	for (;;) {
		why.retry = 0;
		r = fetcher_open(f, n, &why);
		if (r == OK && f->wire != NULL)
			r = imap_open_folder(f->sessions[n], f->wire, f->account->after == AFTER_KEEP, &why);
		why.retry |= r == STOP && f->sessions[n] != NULL;	/* it broke again */
		if (r == OK && f->wire != NULL && !is_the_same(f, f->sessions[n]))
			r = err_stop(&why, "account %s: folder %s was made anew while it was read; the next run reads it again", f->account->name, f->folder);
		if (r == OK)
			return OK;
		fetcher_close(f, n);
		/* Before anything was read there is no hurry: the next run is another chance. */
		if (!why.retry || ++f->fruitless >= (f->wire != NULL ? FRUITLESS : FIRST_TRIES) || !imap_sleep(f->stop, 250LL << f->fruitless)) {
			if (err != NULL)
				*err = why;
			return STOP;
		}
	}
}

/* Extra sessions where the account wants them and there is enough to do; one that cannot be had is done without. */
void
fetcher_more(struct fetcher *f)
{
	int wanted = f->account->connections > SESSIONS ? SESSIONS : f->account->connections;

	for (f->nsessions = 1; f->nsessions < wanted && f->count > (size_t)f->nsessions * BATCH_MAILS; f->nsessions++) {
		int n = f->nsessions;

		if (f->sessions[n] == NULL && fetcher_open(f, n, NULL) != OK)
			return;
		if (imap_open_folder(f->sessions[n], f->wire, f->account->after == AFTER_KEEP, NULL) != OK ||
		    !is_the_same(f, f->sessions[n])) {
			fetcher_close(f, n);
			return;
		}
	}
}

/* Goes on with one session less. */
void
fetcher_without(struct fetcher *f, int n)
{
	int last = --f->nsessions;
	struct batch *b;

	f->sessions[n] = f->sessions[last];
	f->sessions[last] = NULL;
	for (b = f->first; b != NULL; b = b->next)
		if (b->session == last)
			b->session = n;
}
