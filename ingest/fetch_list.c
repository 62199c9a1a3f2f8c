/* SPDX-License-Identifier: MIT */
/* A folder opened, and what is new in it listed with UIDs and sizes. */
#include "ingest/fetch_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

enum {
	SET_MAILS = 500,	/* in one command */
	SIZE_TRIES = 2,		/* before mails are listed without their sizes */
	MAILS_MOST = 10000000	/* of a folder, told as new: no mailbox has as many, a mad server tells any number */
};

static const int64_t SIZE_MOST = 1LL << 40;	/* far above every cap; sums of such sizes stay numbers */

/* above: UIDs up to here are known; where `only` is set, just those in it are meant. */
struct listing {
	struct fetcher *f;
	int64_t above, lowest, highest;	/* told by the last command; -1: none */
	const struct folder_state *only;
	int too_many;
};

static int
by_number(const void *x, const void *y)
{
	const int64_t *a = x, *b = y;

	return (*a > *b) - (*a < *b);
}

/* n:* names the last mail even where n is above it; and a server may tell of any mail at any time. */
static int
is_meant(const struct listing *l, int64_t uid)
{
	if (l->only != NULL)
		return bsearch(&uid, l->only->retry, l->only->nretry, sizeof(uid), by_number) != NULL;
	return uid > l->above;
}

static void
on_size(void *ctx, const struct imap_response *r)
{
	struct listing *l = ctx;
	struct fetcher *f = l->f;
	struct imap_fetched got;
	struct mail *m;

	if (!imap_fetched(r, &got) || got.uid <= 0 || !is_meant(l, got.uid))
		return;
	if (f->count == MAILS_MOST) {
		l->too_many = 1;
		return;
	}
	if ((f->count & (f->count - 1)) == 0)
		f->mails = mem_grow(f->mails, f->count > 0 ? f->count * 2 : 1, sizeof(*f->mails));
	m = &f->mails[f->count++];
	memset(m, 0, sizeof(*m));
	m->uid = got.uid;
	m->size = got.size > 0 ? got.size : 0;	/* told without a size it is asked for all the same */
	m->size = m->size < SIZE_MOST ? m->size : SIZE_MOST;
	m->again = l->only != NULL;
	l->lowest = l->lowest < 0 || got.uid < l->lowest ? got.uid : l->lowest;
	l->highest = got.uid > l->highest ? got.uid : l->highest;
}

int
mail_by_uid(const void *x, const void *y)
{
	const struct mail *a = x, *b = y;

	return (a->uid > b->uid) - (a->uid < b->uid);
}

/* "3,5:9" of rising numbers from *at on, until the text is long enough; *at moves on. */
char *
uid_set(const int64_t *uids, size_t count, size_t *at)
{
	struct buf b;
	char *set;

	buf_init(&b, 8192);
	if (count > *at + SET_MAILS)
		count = *at + SET_MAILS;
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

/*
 * A mail the server cannot read may end each command that asks for its size, and with it the session. So in the end no sizes are asked for,
 * and which mail it is shows when the mails themselves are.
 */
static enum outcome
list_command(struct listing *l, const char *set, int *limited, struct err *err)
{
	struct imap_reply reply;
	int *faults = &l->f->size_faults[l->only != NULL];
	int sized = *faults < SIZE_TRIES;

	l->lowest = l->highest = -1;
	if (imap_command(fetcher_main(l->f), on_size, l, &reply, err, "UID FETCH %s (UID%s)", set, sized ? " RFC822.SIZE" : "") != OK) {
		*faults += sized;
		return STOP;
	}
	if (l->too_many)
		return err_stop(err, "the server tells of more than %d new mails", MAILS_MOST);
	*limited = reply.limited && l->lowest > 0;
	if (reply.status != IMAP_OK && !*limited && sized) {
		*faults = SIZE_TRIES;
		return list_command(l, set, limited, err);
	}
	return reply.status == IMAP_OK || *limited ? OK : err_stop(err, "the server does not list the mails: %s", reply.text);
}

static enum outcome
list_again(struct fetcher *f, const struct folder_state *state, struct err *err)
{
	struct listing l = { .f = f, .only = state };
	size_t at = 0;
	enum outcome r = OK;
	int limited;

	while (r == OK && at < state->nretry) {
		char *set = uid_set(state->retry, state->nretry, &at);

		r = list_command(&l, set, &limited, err);
		free(set);
	}
	return r;
}

/* All above f->top. A server that tells only a part (RFC 9738) begins with the newest: the older ones are asked for until none is left. */
static enum outcome
list_new(struct fetcher *f, struct err *err)
{
	struct listing l = { .f = f, .above = f->top };
	char *set = mem_fmt("%lld:*", (long long)f->top + 1);
	int limited;
	enum outcome r = list_command(&l, set, &limited, err);

	while (r == OK && limited && l.lowest > f->top + 1) {
		free(set);
		set = mem_fmt("%lld:%lld", (long long)f->top + 1, (long long)l.lowest - 1);
		r = list_command(&l, set, &limited, err);
	}
	free(set);
	return r;
}

/* In the order of UIDs, each once; told twice, the larger size counts. */
static void
sort_mails(struct fetcher *f)
{
	size_t i, n;

	if (f->count > 1)
		qsort(f->mails, f->count, sizeof(*f->mails), mail_by_uid);
	for (i = n = 0; i < f->count; i++) {
		struct mail *before = n > 0 ? &f->mails[n - 1] : NULL;

		if (before == NULL || before->uid != f->mails[i].uid) {
			f->mails[n++] = f->mails[i];
			continue;
		}
		before->size = before->size > f->mails[i].size ? before->size : f->mails[i].size;
		before->again |= f->mails[i].again;
	}
	f->count = n;
	for (i = 0; i < n; i++)
		atomic_fetch_add(&f->total_bytes, f->mails[i].size);
}

static enum outcome
list_mails(struct fetcher *f, const struct folder_state *state, struct err *err)
{
	int same = state->uidvalidity == f->uidvalidity && !f->renumbered;
	enum outcome r = same ? list_again(f, state, err) : OK;

	f->top = same && !state->again ? state->last_uid : 0;
	fetcher_main(f)->grown = 0;
	if (r == OK && fetcher_main(f)->exists > 0)
		r = list_new(f, err);
	sort_mails(f);
	if (f->count > 0 && f->mails[f->count - 1].uid > f->top)
		f->top = f->mails[f->count - 1].uid;
	return r;
}

static enum outcome
no_folder(struct fetcher *f, const char *folder, const char *why, struct err *err)
{
	char *names = NULL;

	(void)imap_folder_names(fetcher_main(f), &names, NULL);
	err_skip(err, "account %s: folder %s cannot be opened: %s%s%s", f->account->name, folder, why, names != NULL ? "; there are: " : "",
	    names != NULL ? names : "");
	free(names);
	return SKIP;
}

/* SKIP where mails would be moved into the folder they are read from, however it is spelled: they would be read again and again. */
static enum outcome
refuse_itself(struct fetcher *f, struct err *err)
{
	if (f->account->after != AFTER_MOVE)
		return OK;
	if (fetcher_target(f, err) != OK)
		return STOP;
	return strcmp(f->target, f->wire) != 0 ? OK : err_skip(err, "account %s: mails of folder %s would be moved to %s, which is the same folder (move_to)",
	    f->account->name, f->folder, f->account->move_to);
}

struct arrival { int64_t uid, at; };

static void
on_date(void *ctx, const struct imap_response *r)
{
	struct arrival *mail = ctx;
	struct imap_fetched got;

	if (imap_fetched(r, &got) && got.uid == mail->uid && got.date != NULL)
		mail->at = imap_fetched_at(&got);
}

/* When this mail arrived (INTERNALDATE); 0: it is not there, or the server does not say. */
static enum outcome
ask_date(struct fetcher *f, int64_t uid, int64_t *at, struct err *err)
{
	struct arrival mail = { uid, 0 };
	struct imap_reply reply;

	*at = 0;
	if (uid <= 0 || f->no_dates || fetcher_main(f) == NULL)
		return OK;
	if (imap_command(fetcher_main(f), on_date, &mail, &reply, err, "UID FETCH %lld (UID INTERNALDATE)", (long long)uid) != OK) {
		f->no_dates = 1;
		return STOP;
	}
	*at = mail.at > 0 ? mail.at : 0;
	return OK;
}

int64_t
fetcher_top_at(struct fetcher *f)
{
	int64_t at;

	if (ask_date(f, f->top, &at, NULL) != OK)
		fetcher_close(f, 0);
	return at;
}

/*
 * Are UIDs given out again that were read before? The next one is not above the last that was read; or, where as many came since, another mail
 * has that number now.
 */
static enum outcome
look_for_renumbering(struct fetcher *f, const struct folder_state *state, struct err *err)
{
	const struct imap_session *s = fetcher_main(f);
	int64_t at = 0;

	if (state->uidvalidity != f->uidvalidity)
		return OK;
	f->renumbered = s->uidnext > 0 && s->uidnext <= state->last_uid;
	if (!f->renumbered && state->last_at > 0 && ask_date(f, state->last_uid, &at, err) != OK)
		return STOP;
	f->renumbered |= at > 0 && at != state->last_at;
	return OK;
}

static enum outcome
open_and_list(struct fetcher *f, const char *folder, const struct folder_state *state, struct err *err)
{
	struct err why = { "", 0 };
	char *wire = NULL;
	int found;
	enum outcome r;

	if (imap_folder(fetcher_main(f), folder, &wire, &found, err) != OK)
		return STOP;
	r = imap_open_folder(fetcher_main(f), wire, f->account->after == AFTER_KEEP, &why);
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
	f->uidvalidity = fetcher_main(f)->uidvalidity;
	r = refuse_itself(f, err);
	if (r == OK)
		r = look_for_renumbering(f, state, err);
	return r == OK ? list_mails(f, state, err) : r;
}

enum outcome
fetcher_begin(struct fetcher *f, const char *folder, const struct folder_state *state, struct err *err)
{
	struct err why = { "", 0 };
	enum outcome r;

	f->fruitless = 0;
	memset(f->size_faults, 0, sizeof(f->size_faults));
	f->no_dates = 0;
	for (;;) {
		fetcher_drop_folder(f);
		if (fetcher_main(f) == NULL && fetcher_connect(f, 0, err) != OK)
			return STOP;
		r = open_and_list(f, folder, state, &why);
		if (r == OK)
			return OK;
		if (r == SKIP || ++f->fruitless >= FRUITLESS || (f->stop != NULL && *f->stop)) {
			fetcher_drop_folder(f);
			return r == SKIP ? err_skip(err, "%s", why.text) :
			    err_stop(err, "account %s: folder %s: %s", f->account->name, folder, why.text);
		}
		fetcher_close(f, 0);
	}
}

enum outcome
fetcher_try(struct fetcher *f, const char *folder, int64_t *mails, struct err *err)
{
	struct err why = { "", 0 };
	char *wire = NULL;
	int found;
	enum outcome r;

	if (fetcher_main(f) == NULL && fetcher_open(f, 0, err) != OK)
		return STOP;
	if (imap_folder(fetcher_main(f), folder, &wire, &found, err) != OK)
		return STOP;
	r = imap_open_folder(fetcher_main(f), wire, 1, &why);
	free(wire);
	if (r == OK)
		*mails = fetcher_main(f)->exists;
	return r == SKIP ? no_folder(f, folder, why.text, err) : r == STOP ? err_stop(err, "%s", why.text) : OK;
}
