/* SPDX-License-Identifier: MIT */
/* `run`: the nightly job. Fetch, analyse, write the configured outputs, mail the digest if there is something to say, apply retention; all under the lock. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/command.h"
#include "base/mem.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/config.h"
#include "cli/ending.h"
#include "cli/fetching.h"
#include "cli/opening.h"
#include "cli/outputs.h"
#include "cli/refresh.h"
#include "cli/say.h"
#include "report/digest.h"
#include "sql/store.h"

enum { LOCK_SECONDS = 60, MAIL_MOST = 512 << 10, WORDS = 32 };

/* The exit code that comes first of two, design.md section 3. */
static int
worse(int a, int b)
{
	static const int order[] = { EXIT_USAGE, EXIT_FAILED, EXIT_FINDINGS, EXIT_PARTLY };
	size_t i;

	for (i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (a == order[i] || b == order[i])
			return order[i];
	return EXIT_DONE;
}

/* --- fetching --- */

static enum outcome
fetch_all(struct app *app, struct fetch_sum *sum, int *status, struct err *err)
{
	const struct config *c = app->config;
	enum outcome r = OK;
	size_t i;

	for (i = 0; i < c->naccounts && r == OK && !*ending_asked(); i++) {
		struct fetcher *f = fetcher_new(&c->accounts[i], &c->ingest, ending_asked());

		fetch_warn(&c->accounts[i]);
		r = fetch_account(app, &c->accounts[i], f, sum, err);
		fetcher_free(f);
	}
	if (r == OK && c->naccounts > 0)
		*status = fetch_tell(sum);
	return r;
}

/* --- outputs --- */

static void
tell_output(enum outcome r, const struct err *told, int *status)
{
	if (r == OK)
		return;
	say_error("%s", told->text);
	*status = worse(*status, EXIT_FAILED);
}

/* An output that cannot be written keeps the others not back. */
static void
write_outputs(struct app *app, const struct summary *s, const struct report_options *o, int *status)
{
	const struct config *c = app->config;
	struct err told = { "", 0 };

	if (c->output.html != NULL)
		tell_output(outputs_html(app, c->output.html, o, &told), &told, status);
	if (c->output.json != NULL)
		tell_output(outputs_json(c->output.json, s, &told), &told, status);
	if (c->output.csv != NULL)
		tell_output(outputs_csv(app, c->output.csv, o, c->output.csv_records, &told), &told, status);
}

/* --- the digest --- */

struct memory { struct said *said; size_t count; };

static enum outcome
take_said(void *ctx, const char *code, const char *domain, const char *sender, int64_t messages, int64_t said_at)
{
	struct memory *m = ctx;

	m->said = mem_grow(m->said, m->count + 1, sizeof(*m->said));
	m->said[m->count++] = (struct said){ mem_str(code), mem_str(domain), mem_str(sender), messages, said_at };
	return OK;
}

static void
memory_free(struct memory *m)
{
	size_t i;

	for (i = 0; i < m->count; i++) {
		free((void *)(uintptr_t)m->said[i].code);
		free((void *)(uintptr_t)m->said[i].domain);
		free((void *)(uintptr_t)m->said[i].sender);
	}
	free(m->said);
}

/* Hands the mail to the configured command, its words split at blanks, without a shell. */
static enum outcome
send_mail(const struct config *c, const struct buf *mail, struct err *err)
{
	char *command = mem_str(c->digest.command != NULL ? c->digest.command : ""), *words[WORDS + 1], *at = command, *word;
	size_t n = 0;
	enum outcome r = OK;

	while (n < WORDS && (word = strsep(&at, " \t")) != NULL)
		if (*word != '\0')
			words[n++] = word;
	words[n] = NULL;
	if (c->digest.to != NULL)
		r = n > 0 ? command_feed(words, mail->at, mail->len, err) : err_stop(err, "digest: command is empty");
	free(command);
	return r;
}

/* Says what there is to say; what was said is kept only when it was sent. SKIP: it could not be sent. */
static enum outcome
tell_digest(struct app *app, const struct summary *s, const struct fetch_sum *sum, int *status, struct err *told, struct err *err)
{
	const struct config *c = app->config;
	struct err saved = { "", 0 };
	struct memory memory = { NULL, 0 };
	struct digest_options o = { &c->thresholds, app->now_at, NULL, 0, c->output.html, sum->accounts, sum->failed,
		sum->in.states[INTAKE_DAMAGED] + sum->in.states[INTAKE_RETRY] };
	struct digest d;
	struct buf mail;
	enum outcome r;
	size_t i;

	if (store_forget_said(app->store, app->now_at - (int64_t)(c->thresholds.digest_repeat_days * 86400), err) != OK ||
	    store_each_said(app->store, take_said, &memory, err) != OK)
		return STOP;
	o.said = memory.said;
	o.nsaid = memory.count;
	digest_make(s, &o, &d);
	buf_init(&mail, MAIL_MOST);
	r = OK;
	if (d.wanted) {
		digest_mail(&d, c->digest.to, c->digest.from, app->now_at, &mail);
		r = send_mail(c, &mail, told) == OK ? OK : SKIP;
		if (c->digest.file != NULL && digest_save(c->digest.file, &mail, &saved) != OK) {
			if (c->digest.to != NULL)
				say_error("%s", saved.text);
			else
				*told = saved;
			*status = worse(*status, EXIT_FAILED);
			r = c->digest.to != NULL ? r : SKIP;
		}
		if (r == OK)
			say_result("digest: %s", d.subject);
	}
	for (i = 0; r == OK && i < d.nsaid; i++)
		r = store_put_said(app->store, d.said[i].code, d.said[i].domain, d.said[i].sender, d.said[i].messages, err);
	if (r == OK)
		r = store_commit(app->store, err);
	buf_free(&mail);
	digest_free(&d);
	memory_free(&memory);
	return r;
}

/* --- retention --- */

static enum outcome
retain(struct app *app, struct err *err)
{
	char before[11], number[28];
	int64_t reports = 0;

	if (app->config->keep_days == 0)
		return OK;
	(void)text_day(app->now_at - (int64_t)app->config->keep_days * 86400, before);
	if (store_prune(app->store, before, &reports, err) != OK || store_commit(app->store, err) != OK)
		return STOP;
	if (reports > 0)
		say_result("records of %s report%s from before %s removed; their sums stay", text_count(reports, number), reports == 1 ? "" : "s", before);
	return OK;
}

/* --- the job --- */

static enum outcome
tell_all(struct app *app, const struct fetch_sum *sum, int *status, struct err *err)
{
	const struct config *c = app->config;
	struct report_options o = { .thresholds = &c->thresholds, .now_at = app->now_at, .brief = 1 };
	struct err told = { "", 0 };
	struct summary *s;
	char newest[11];
	enum outcome r;

	if (store_newest_day(app->store, newest, err) != OK)
		return STOP;
	if (!outputs_nightly_period(app, c->output.since, newest, &o))
		return err_stop(err, "output: since cannot be read");
	if (summarise(app->store, &o, &s, err) != OK)
		return STOP;
	write_outputs(app, s, &o, status);
	r = OK;
	if (c->digest.to != NULL || c->digest.file != NULL) {
		r = tell_digest(app, s, sum, status, &told, err);
		if (r == SKIP) {
			say_error("the digest was not sent: %s; the next run tries again", told.text);
			*status = worse(*status, EXIT_FAILED);
		}
	}
	summary_free(s);
	return r == STOP ? STOP : OK;
}

/* A configuration as init wrote it and nobody filled in would be silent each night. */
static void
warn_of_nothing(const struct config *c)
{
	if (c->naccounts == 0 && c->output.html == NULL && c->output.csv == NULL && c->output.json == NULL && c->digest.to == NULL && c->digest.file == NULL)
		say_warning("run: %s names no account, output or digest: nothing was fetched, written or mailed", c->path);
}

static int
job(struct app *app)
{
	struct fetch_sum sum = { .accounts = 0 };
	struct err err = { "", 0 };
	int status = EXIT_DONE;
	enum outcome r = OK;

	if (opening_take(app, NEED_WRITE, LOCK_SECONDS, &err) != OK || fetch_all(app, &sum, &status, &err) != OK || refresh_analysis(app, &err) != OK)
		r = STOP;
	if (r == OK && *ending_asked()) {	/* what was not read would be missed in every output */
		say_error("run: ended by a signal; what was read is stored, outputs and digest are left to the next run");
		status = worse(status, EXIT_PARTLY);
	} else if (r == OK && (tell_all(app, &sum, &status, &err) != OK || retain(app, &err) != OK)) {
		r = STOP;
	}
	if (r != OK) {
		say_error("%s", err.text);
		status = EXIT_FAILED;
	}
	opening_release(app);
	return status;
}

static int
run(struct app *app, int argc, char **argv)
{
	const char *value;
	int at = 1, got = next_option(&cmd_run, argc, argv, &at, &value);

	if (got == -3)
		return EXIT_DONE;
	if (got != -1) {
		if (got == 0)
			say_error("run: takes no arguments; the configuration says what is to be done");
		return EXIT_USAGE;
	}
	if (!opening_begin(app, &cmd_run))
		return EXIT_FAILED;
	if (app->config->path == NULL) {
		say_error("run: there is no configuration; `dmarcsift init` writes one");
		return EXIT_FAILED;
	}
	warn_of_nothing(app->config);
	return job(app);
}

const struct command cmd_run = {
	"run", "", "The nightly job: fetch, analyse, write the outputs, mail the digest if there is something to say, apply retention.",
	"Everything comes from the configuration. For cron, which wants the whole path:\n15 6 * * * /usr/local/bin/dmarcsift -q run\n"
	"The digest comes at once where mail is lost, broke or reports stop, on Monday for the rest, and never twice in a week.\n\n"
	"example: dmarcsift -q run\n", NEED_CONFIG, NULL, run
};
