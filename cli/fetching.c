/* SPDX-License-Identifier: MIT */
/*
 * See fetching.h. A folder's state is written in the transaction that holds its rows; the mailbox is changed
 * after that commit, from the UIDs the state names as settled, so a kill at any instant is made good by the next run.
 */
#include "cli/fetching.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "cli/config.h"
#include "cli/ending.h"
#include "cli/say.h"
#include "sql/store.h"

struct uids { int64_t *at; size_t count; };

struct fetching {
	const struct account *account;
	const char *folder;
	struct fetcher *fetcher;
	struct mailbox state;
	int64_t last_uid;
	int64_t before;				/* the last UID that was read by earlier runs; of a folder that is read anew its highest */
	struct uids settled, again;		/* of mails whose rows wait for the commit; */
	struct uids done;			/* of those to be read again that came after all */
	struct uids to_settle;			/* committed: the mailbox may be changed */
	struct elsewhere *elsewhere;		/* what was damaged under UIDs that mean nothing any more */
	char *met;				/* one for each of state.retry: 1 it was tried */
	int lost;				/* 1: the server failed, not the database */
};

static void
push(struct uids *u, int64_t uid)
{
	if ((u->count & (u->count - 1)) == 0)
		u->at = mem_grow(u->at, u->count > 0 ? u->count * 2 : 1, sizeof(*u->at));
	u->at[u->count++] = uid;
}

/* --- the feed --- */

static enum outcome
next(void *ctx, struct item **item, int *named, struct err *err)
{
	struct fetching *g = ctx;
	enum outcome r = fetcher_next(g->fetcher, item, err);

	*named = 0;
	g->lost |= r == STOP;
	return r;
}

static void
progress(void *ctx, int64_t *done, int64_t *total)
{
	fetcher_progress(((struct fetching *)ctx)->fetcher, done, total);
}

/* What is to be read again, for it was forgotten, is not moved before. */
static void
waits_no_more(struct mailbox *m, int64_t uid)
{
	size_t i, n = 0;

	for (i = 0; i < m->nsettled; i++)
		if (m->settled[i] != uid)
			m->settled[n++] = m->settled[i];
	m->nsettled = n;
}

static void
settled(void *ctx, const struct item *item, enum settlement what)
{
	struct fetching *g = ctx;
	int here = what == SETTLED && g->account->after != AFTER_KEEP;
	size_t i;

	if (what == AGAIN || here)
		push(here ? &g->settled : &g->again, item->tag);
	if (what == AGAIN)
		waits_no_more(&g->state, item->tag);
	if (item->tag > g->last_uid)
		g->last_uid = item->tag;
	for (i = 0; i < g->state.nretry; i++) {
		if (g->state.retry[i] != item->tag)
			continue;
		g->met[i] = 1;
		if (what != AGAIN && !here)
			push(&g->done, item->tag);
	}
}

static enum outcome
put_uids(struct fetching *g, struct store *s, const struct uids *u, enum mailbox_uid_state state, struct err *err)
{
	size_t i;

	for (i = 0; i < u->count; i++)
		if (store_mailbox_uid(s, g->account->name, g->folder, u->at[i], state, err) != OK)
			return STOP;
	return OK;
}

const char *
fetch_after(const struct account *a)
{
	static const char *const words[] = { [AFTER_KEEP] = "keep", [AFTER_SEEN] = "seen", [AFTER_MOVE] = "move", [AFTER_DELETE] = "delete" };

	return words[a->after];
}

enum outcome
fetch_leave(struct store *s, const struct account *a, const char *folder, int64_t *left, struct err *err)
{
	const char *after = fetch_after(a);
	char number[28];

	if (store_mailbox_after(s, a->name, folder, after, left, err) != OK)
		return STOP;
	if (*left > 0)
		say_warning("account %s: folder %s: %s mail%s that waited for another `after` than %s stay%s as %s", a->name, folder,
		    text_count(*left, number), *left == 1 ? "" : "s", after, *left == 1 ? "s" : "", *left == 1 ? "it is" : "they are");
	return OK;
}

/* How far the folder is read, and under which word. */
static enum outcome
put_read(struct fetching *g, struct store *s, struct err *err)
{
	const char *account = g->account->name;
	int64_t uidvalidity = fetcher_uidvalidity(g->fetcher);

	if (store_mailbox_begins(s, account, g->folder, fetch_after(g->account), uidvalidity, g->before, err) != OK)
		return STOP;
	return store_mailbox_put(s, account, g->folder, uidvalidity, g->last_uid, err);
}

static enum outcome
before_commit(void *ctx, struct store *s, struct err *err)
{
	struct fetching *g = ctx;
	int64_t left;

	if (g->settled.count > 0 && fetch_leave(s, g->account, g->folder, &left, err) != OK)
		return STOP;
	if (put_read(g, s, err) != OK || put_uids(g, s, &g->again, UID_RETRY, err) != OK || put_uids(g, s, &g->settled, UID_SETTLED, err) != OK)
		return STOP;
	return put_uids(g, s, &g->done, UID_DONE, err);
}

static void
after_commit(void *ctx)
{
	struct fetching *g = ctx;
	size_t i;

	for (i = 0; i < g->settled.count; i++)
		push(&g->to_settle, g->settled.at[i]);
	g->settled.count = g->again.count = g->done.count = 0;
}

/* --- a folder --- */

static enum outcome
tell_gone(struct fetching *g, struct store *s, int64_t uid, struct err *err)
{
	char *place = fetcher_place(g->fetcher, uid);
	enum outcome r = store_mail_gone(s, place, err);

	free(place);
	return r;
}

/* All that was listed is done; mails to be read again that are gone cannot be: the ledger says so. */
static enum outcome
finish_reading(struct fetching *g, struct app *app, struct err *err)
{
	int64_t uidvalidity = fetcher_uidvalidity(g->fetcher), top = fetcher_top(g->fetcher), at = 0;
	size_t i;

	if (g->state.last_at == 0 || g->state.uidvalidity != uidvalidity || g->state.last_uid != top)
		at = fetcher_top_at(g->fetcher);
	g->last_uid = top;
	if (put_read(g, app->store, err) != OK ||
	    (at > 0 && store_mailbox_last_at(app->store, g->account->name, g->folder, uidvalidity, g->last_uid, at, err) != OK))
		return STOP;
	for (i = 0; i < g->state.nretry && g->state.uidvalidity == fetcher_uidvalidity(g->fetcher); i++)
		if (!g->met[i] && (store_mailbox_uid(app->store, g->account->name, g->folder, g->state.retry[i], UID_DONE, err) != OK ||
		    tell_gone(g, app->store, g->state.retry[i], err) != OK))
			return STOP;
	return store_commit(app->store, err);
}

/* Marks, moves or deletes what is committed. SKIP: the server would not, told says why; the next run tries again. */
static enum outcome
settle_mails(struct fetching *g, struct app *app, struct err *told, struct err *err)
{
	struct uids u = { NULL, 0 };
	size_t i, done = 0;
	enum outcome r, kept = OK;

	if (g->account->after == AFTER_KEEP)
		return OK;
	if (g->state.uidvalidity == fetcher_uidvalidity(g->fetcher))
		for (i = 0; i < g->state.nsettled; i++)
			push(&u, g->state.settled[i]);
	for (i = 0; i < g->to_settle.count; i++)
		push(&u, g->to_settle.at[i]);
	r = u.count > 0 ? fetcher_settle(g->fetcher, u.at, u.count, u.count > g->to_settle.count, &done, told) : OK;
	if (done > 0 && fetcher_only_marked(g->fetcher))
		say_warning("account %s: folder %s: the server can only mark mails as deleted; they go when the folder is expunged", g->account->name,
		    g->folder);
	u.count = done;
	if (done > 0) {
		kept = put_uids(g, app->store, &u, UID_DONE, err);
		if (kept == OK)
			kept = store_commit(app->store, err);
	}
	free(u.at);
	return kept != OK ? STOP : r != OK ? SKIP : OK;
}

static void
add_counts(struct fetch_sum *sum, const struct intake *in)
{
	size_t i;

	sum->mails += in->items;
	sum->in.items += in->items;
	sum->in.known += in->known;
	sum->in.records += in->records;
	sum->in.still_retry += in->still_retry;
	for (i = 0; i < sizeof(in->states) / sizeof(in->states[0]); i++)
		sum->in.states[i] += in->states[i];
	if (in->no_report[0] != '\0')
		memcpy(sum->in.no_report, in->no_report, sizeof(in->no_report));
}

/* "user@host"; caller frees. */
static char *
whose(const struct account *a)
{
	const char *host = strstr(a->server, "://");

	host = host != NULL ? host + 3 : a->server;
	return *host == '[' ? mem_fmt("%s@%.*s", a->user, (int)strcspn(host + 1, "]"), host + 1) : mem_fmt("%s@%.*s", a->user, (int)strcspn(host, ":/"), host);
}

/* How far the folder was read, unless it was another mailbox. */
static enum outcome
take_state(struct app *app, struct fetching *g, int *moved, struct err *err)
{
	char *owner = whose(g->account);
	enum outcome r = store_mailbox_moved(app->store, g->account->name, g->folder, owner, moved, err);

	free(owner);
	if (r == OK)
		r = store_mailbox(app->store, g->account->name, g->folder, &g->state, err);
	if (*moved > 0)
		mailbox_free(&g->state);
	return r;
}

static enum outcome
put_whose(struct app *app, struct fetching *g, int moved, struct err *err)
{
	char *owner = whose(g->account);
	enum outcome r = store_mailbox_whose(app->store, g->account->name, g->folder, owner, moved, err);

	if (moved > 0)
		say_warning("account %s: folder %s is another mailbox than before (%s now): it is read from its beginning", g->account->name, g->folder, owner);
	free(owner);
	return r;
}

/* What waits to be moved, say, is not deleted because `after` says so now; with keep it goes on waiting. */
static enum outcome
leave_those_before(struct app *app, struct fetching *g, struct err *err)
{
	int64_t left = 0;

	if (g->state.nsettled > 0 && g->account->after != AFTER_KEEP && fetch_leave(app->store, g->account, g->folder, &left, err) != OK)
		return STOP;
	if (left > 0)
		g->state.nsettled = 0;
	return OK;
}

/* Old mail may come in numbers until a reading of the folder came to its end, which keeps when its last mail arrived; single mails at any time. */
static enum outcome
look_elsewhere(struct app *app, struct fetching *g, int again, struct err *err)
{
	int64_t uidvalidity = fetcher_uidvalidity(g->fetcher);
	int renumbered = fetcher_is_renumbered(g->fetcher), anew = renumbered || again || g->state.uidvalidity != uidvalidity || g->state.last_at == 0;

	return store_elsewhere(app->store, g->account->name, g->folder, renumbered ? 0 : uidvalidity, anew, &g->elsewhere, err);
}

/* The folder is open: what the database has of it means nothing where it is another one. STOP: the database. */
static enum outcome
look_at_identity(struct app *app, struct fetching *g, int moved, int again, struct err *err)
{
	const char *account = g->account->name;
	int known;

	if (look_elsewhere(app, g, again, err) != OK || (moved != 0 && put_whose(app, g, moved, err) != OK))
		return STOP;
	if (fetcher_is_renumbered(g->fetcher)) {
		say_warning("account %s: folder %s gives UIDs out again that were read before, as after a restore from a backup: it is read again, "
		    "what is known is recognised", account, g->folder);
		/* Kept at once: when the next run looks, the server may have given out as many as before. No folder has UIDVALIDITY 0. */
		mailbox_free(&g->state);
		if (store_mailbox_put(app->store, account, g->folder, 0, 0, err) != OK || store_commit(app->store, err) != OK)
			return STOP;
	} else if (g->state.uidvalidity != 0 && g->state.uidvalidity != fetcher_uidvalidity(g->fetcher)) {
		say_warning("account %s: folder %s has a new UIDVALIDITY: it is read again, what is known is recognised", account, g->folder);
	}
	known = g->state.uidvalidity == fetcher_uidvalidity(g->fetcher);
	g->last_uid = known && !again ? g->state.last_uid : 0;
	g->before = known ? g->state.last_uid : fetcher_top(g->fetcher);
	return leave_those_before(app, g, err);
}

/* OK; SKIP: the folder or its server failed, told says how; STOP: the database. */
static enum outcome
fetch_folder(struct app *app, struct fetching *g, struct fetch_sum *sum, struct err *told, struct err *err)
{
	struct intake in = { .ingest = app->config->ingest, .parse = app->config->parse, .jobs = app->jobs, .verb = "fetching" };
	struct feed feed = { .ctx = g, .next = next, .settled = settled, .before_commit = before_commit, .after_commit = after_commit,
		.progress = progress };
	struct folder_state from;
	int moved = 0;
	enum outcome r;

	if (take_state(app, g, &moved, err) != OK)
		return STOP;
	g->met = mem_alloc(g->state.nretry + 1);
	from = (struct folder_state){ g->state.uidvalidity, g->state.last_uid, g->state.last_at, g->state.retry, g->state.nretry, sum->again };
	if (fetcher_begin(g->fetcher, g->folder, &from, told) != OK)
		return SKIP;
	if (look_at_identity(app, g, moved, sum->again, err) != OK)
		return STOP;
	feed.elsewhere = g->elsewhere;
	feed.again = sum->again;
	in.ingest.authserv_id = g->account->authserv_id;
	r = intake_run(&in, app->store, &feed, ending_asked(), told);
	add_counts(sum, &in);
	if (r != OK && !g->lost)
		return err_stop(err, "%s", told->text);
	if (r != OK)
		return SKIP;
	if (*ending_asked())
		return err_skip(told, "account %s: ended by a signal; what was read is stored, the next run goes on", g->account->name);
	if (finish_reading(g, app, err) != OK)
		return STOP;
	return settle_mails(g, app, told, err);
}

static void
folder_free(struct fetching *g)
{
	mailbox_free(&g->state);
	free(g->settled.at);
	free(g->again.at);
	free(g->done.at);
	free(g->to_settle.at);
	free(g->met);
	elsewhere_free(g->elsewhere);
}

/* --- an account --- */

enum outcome
fetch_account(struct app *app, const struct account *a, struct fetcher *f, struct fetch_sum *sum, struct err *err)
{
	struct err told = { "", 0 }, first = { "", 0 }, all = { "", 0 };
	struct account_run run = { a->name, app->now_at, 0, 0, NULL };
	int64_t before = sum->mails;
	enum outcome r = OK;
	size_t i;

	sum->accounts++;
	for (i = 0; i < a->nfolders && r != STOP && !*ending_asked(); i++) {
		struct fetching g = { .account = a, .folder = a->folders[i], .fetcher = f };

		told.retry = 0;
		r = fetch_folder(app, &g, sum, &told, err);
		if (r == SKIP) {
			if (strstr(sum->trouble.text, told.text) == NULL)
				say_error("%s", told.text);
			all.retry |= told.retry;
			(void)snprintf(all.text + strlen(all.text), sizeof(all.text) - strlen(all.text), "%s\n", told.text);
			if (first.text[0] == '\0')
				first = told;
		}
		folder_free(&g);
		if (r == SKIP && !fetcher_is_connected(f))
			break;	/* the next folder would be told the same */
	}
	if (r == STOP)
		return STOP;
	sum->failed += first.text[0] != '\0';
	sum->trouble = all;
	run.ended_at = app->now_at;
	run.mails = sum->mails - before;
	run.error = first.text[0] != '\0' ? first.text : NULL;
	if (store_account_run(app->store, &run, err) != OK)
		return STOP;
	return store_commit(app->store, err);
}

static void
warn_of_file(const struct account *a, const char *key, const char *path)
{
	struct stat st;

	if (path != NULL && stat(path, &st) == 0 && (st.st_mode & (st.st_uid == 0 ? S_IROTH : S_IRGRP | S_IROTH)) != 0)
		say_warning("account %s: %s %s can be read by others: chmod 600 %s", a->name, key, path, path);
}

void
fetch_warn(const struct account *a)
{
	warn_of_file(a, "password_file", a->password_file);
	if (a->oauth != NULL)
		warn_of_file(a, "client_secret_file", a->oauth->client_secret_file);
}

int
fetch_tell(const struct fetch_sum *sum)
{
	char number[28];

	say_result("%s mail%s fetched from %d account%s", text_count(sum->mails, number), sum->mails == 1 ? "" : "s", sum->accounts,
	    sum->accounts == 1 ? "" : "s");
	if (sum->mails > 0)
		intake_tell(&sum->in);
	if (sum->failed > 0 && sum->failed == sum->accounts)
		return EXIT_FAILED;
	return sum->failed > 0 ? EXIT_PARTLY : intake_exit(&sum->in);
}

const struct account *
fetch_find(const struct app *app, const char *name)
{
	const struct config *c = app->config;
	struct buf names;
	size_t i;

	for (i = 0; i < c->naccounts; i++)
		if (strcmp(c->accounts[i].name, name) == 0)
			return &c->accounts[i];
	buf_init(&names, 4096);
	for (i = 0; i < c->naccounts; i++)
		buf_fmt(&names, "%s%s", i > 0 ? ", " : "", c->accounts[i].name);
	say_error("there is no account %s; the configuration has: %s", name, names.len > 0 ? names.at : "none");
	buf_free(&names);
	return NULL;
}
