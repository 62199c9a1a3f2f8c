/* SPDX-License-Identifier: MIT */
/* `fetch [ACCOUNT...] [--watch]`: the configured accounts into the database, once, or staying and waiting for new mail. */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "cli/command.h"
#include "cli/config.h"
#include "cli/ending.h"
#include "cli/fetching.h"
#include "cli/opening.h"
#include "cli/refresh.h"
#include "cli/say.h"
#include "sql/store.h"

enum { OPT_WATCH = 1, OPT_AGAIN };
enum {
	LOCK_SECONDS = 60,		/* of several accounts the second and later ones wait for the lock */
	BUSY_SECONDS = 10,		/* until a watcher looks again whether another run has ended */
	LOST_SECONDS = 5,		/* until a watcher looks again for a server it lost, each time twice as long */
	STEADY_SECONDS = 60		/* a connection that lasts so long is made anew at once */
};

struct watched {
	const struct account *account;
	struct fetcher *fetcher;
	int idling, due;
	int lost, wait;			/* how often in a row the server was lost; seconds until it is looked again */
	int64_t looked_at, not_before;	/* monotonic seconds */
	struct err said, trouble;	/* the last one of the database, of the server: told once */
};

static int64_t
now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec;
}

/* One account under the lock. STOP: the database failed, or another run is at work. */
static enum outcome
work(struct app *app, struct watched *w, int wait_s, struct fetch_sum *sum, struct err *err)
{
	int64_t before = sum->mails;
	enum outcome r;

	if (opening_take(app, NEED_WRITE, wait_s, err) != OK)
		return STOP;
	r = fetch_account(app, w->account, w->fetcher, sum, err);
	if (r == OK && (sum->mails > before || store_awaits_analysis(app->store)))	/* a run before may have ended after its commit */
		r = refresh_analysis(app, err);
	opening_release(app);
	return r;
}

static int
fetch_once(struct app *app, struct watched *list, size_t count, int again)
{
	struct fetch_sum sum = { .again = again };
	struct err err = { "", 0 };
	size_t i;

	for (i = 0; i < count && !*ending_asked(); i++) {
		if (work(app, &list[i], i > 0 ? LOCK_SECONDS : 0, &sum, &err) != OK) {
			say_error("%s", err.text);
			return EXIT_FAILED;
		}
	}
	return fetch_tell(&sum);
}

/* --- staying --- */

/* A server that was lost, as by a restart, is looked for again sooner than the mail of one without IDLE. */
static void
wait_for_server(struct watched *w, int poll_seconds)
{
	int wait = LOST_SECONDS << (w->lost < 16 ? w->lost++ : 16);

	w->wait = wait < poll_seconds ? wait : poll_seconds;
}

static void
begin_waiting(struct watched *w, const struct ingest_limits *limits)
{
	struct err err = { "", 0 };

	w->due = 0;
	w->looked_at = now_s();
	w->wait = limits->poll_seconds;
	w->idling = fetcher_can_idle(w->fetcher) && w->account->nfolders == 1 && fetcher_idle(w->fetcher, &err) == OK;
	if (w->idling) {
		w->wait = limits->reissue_seconds;
		say_detail("account %s: waiting for new mail", w->account->name);
		return;
	}
	if (w->trouble.retry || (w->trouble.text[0] == '\0' && !fetcher_is_connected(w->fetcher)))
		wait_for_server(w, limits->poll_seconds);
	else
		w->lost = 0;
	say_detail("account %s: looking again in %d s", w->account->name, w->wait);
}

static void
end_waiting(struct watched *w)
{
	if (w->idling)
		(void)fetcher_idle_end(w->fetcher, NULL);
	w->idling = 0;
}

/* The connection that was waited on is gone. */
static void
on_lost(struct watched *w, int poll_seconds)
{
	w->idling = 0;
	if (now_s() - w->looked_at >= STEADY_SECONDS) {
		w->lost = 0;
		w->due = 1;
		return;
	}
	wait_for_server(w, poll_seconds);
	w->looked_at = now_s();
	say_detail("account %s: looking again in %d s", w->account->name, w->wait);
}

/* Waits up to a second for a word of any server, then marks whose turn it is. */
static void
wait_for_news(struct watched *list, size_t count, const struct ingest_limits *limits)
{
	struct pollfd *fds = mem_alloc((count + 1) * sizeof(*fds));
	size_t i, n = 0;

	for (i = 0; i < count; i++)
		if (list[i].idling)
			fds[n++] = (struct pollfd){ fetcher_idle_fd(list[i].fetcher), POLLIN, 0 };
	(void)poll(fds, (nfds_t)n, 1000);
	for (i = 0; i < count; i++) {
		if (list[i].idling && fetcher_idle_look(list[i].fetcher, &list[i].due, NULL) != OK)
			on_lost(&list[i], limits->poll_seconds);
		if (now_s() - list[i].looked_at >= list[i].wait)
			list[i].due = 1;
	}
	free(fds);
}

/* Its turn. Where another run holds the lock the news are not forgotten: it is tried again soon. */
static void
take_turn(struct app *app, struct watched *w)
{
	struct fetch_sum sum = { .trouble = w->trouble };
	struct err err = { "", 0 };

	end_waiting(w);
	app->now_at = (int64_t)time(NULL);
	if (work(app, w, 0, &sum, &err) != OK) {
		if (strcmp(w->said.text, err.text) != 0)
			say_error("%s; trying again", err.text);
		w->said = err;
		w->not_before = now_s() + BUSY_SECONDS;
		return;
	}
	w->said.text[0] = '\0';
	if (w->trouble.text[0] != '\0' && sum.trouble.text[0] == '\0')
		say_result("account %s: works again", w->account->name);
	w->trouble = sum.trouble;
	if (sum.mails > 0)
		(void)fetch_tell(&sum);
	if (!*ending_asked())
		begin_waiting(w, &app->config->ingest);
}

static int
fetch_for_ever(struct app *app, struct watched *list, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		list[i].due = 1;
	while (!*ending_asked()) {
		for (i = 0; i < count && !*ending_asked(); i++)
			if (list[i].due && now_s() >= list[i].not_before)
				take_turn(app, &list[i]);
		wait_for_news(list, count, &app->config->ingest);
	}
	for (i = 0; i < count; i++)
		end_waiting(&list[i]);
	return EXIT_DONE;
}

static int
fetch(struct app *app, const struct account *const *accounts, size_t count, int watch, int again)
{
	struct watched *list = mem_alloc((count + 1) * sizeof(*list));
	size_t i;
	int status;

	for (i = 0; i < count; i++) {
		fetch_warn(accounts[i]);
		list[i].account = accounts[i];
		list[i].fetcher = fetcher_new(accounts[i], &app->config->ingest, ending_asked());
	}
	status = watch ? fetch_for_ever(app, list, count) : fetch_once(app, list, count, again);
	for (i = 0; i < count; i++)
		fetcher_free(list[i].fetcher);
	free(list);
	return status;
}

/* The accounts of these names; all there are where none is named. */
static int
fetch_named(struct app *app, const char **names, size_t count, int watch, int again)
{
	const struct config *c = app->config;
	const struct account **accounts = mem_alloc((count + c->naccounts + 1) * sizeof(*accounts));
	int status = EXIT_USAGE;
	size_t i, n = 0;

	while (n < count && (accounts[n] = fetch_find(app, names[n])) != NULL)
		n++;
	if (count == 0 && c->naccounts == 0) {
		say_error("fetch: no account is configured; `dmarcsift init` writes a configuration to fill in");
		status = EXIT_FAILED;
	} else if (n == count) {
		for (i = 0; count == 0 && i < c->naccounts; i++)
			accounts[n++] = &c->accounts[i];
		status = fetch(app, accounts, n, watch, again);
	}
	free(accounts);
	return status;
}

static const struct option_spec specs[] = { { "--watch", 0, OPT_WATCH }, { "--again", 0, OPT_AGAIN }, { NULL, 0, 0 } };

static int
run(struct app *app, int argc, char **argv)
{
	const char **names = mem_alloc((size_t)argc * sizeof(*names)), *value;
	int at = 1, got, watch = 0, again = 0, status = EXIT_USAGE;
	size_t count = 0;

	while ((got = next_option(&cmd_fetch, argc, argv, &at, &value)) >= 0) {
		if (got == OPT_WATCH)
			watch = 1;
		else if (got == OPT_AGAIN)
			again = 1;
		else
			names[count++] = value;
	}
	if (got == -3)
		status = EXIT_DONE;
	else if (got == -1 && watch && again)
		say_error("fetch: --again and --watch do not go together");
	else if (got == -1)
		status = opening_begin(app, &cmd_fetch) ? fetch_named(app, names, count, watch, again) : EXIT_FAILED;
	free(names);
	return status;
}

const struct command cmd_fetch = {
	"fetch", "[ACCOUNT...] [--watch | --again]", "Fetches reports by IMAP from the configured accounts.",
	"Without a name all accounts. What was fetched before is not fetched again. The mailbox is changed only as the account's\n"
	"`after` says (keep: not at all), and only after the rows are safe.\n"
	"  --watch        stays, and fetches when new mail arrives, until a signal ends it\n"
	"  --again        reads the folders from their beginning, as after `forget` or with higher limits; what is known is recognised\n\n"
	"example: dmarcsift fetch main\n", NEED_CONFIG, specs, run
};
