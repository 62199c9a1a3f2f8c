/* SPDX-License-Identifier: MIT */
/* `forget DOMAIN|REPORT`: removes what was stored of it. */
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/config.h"
#include "cli/named.h"
#include "cli/opening.h"
#include "cli/refresh.h"
#include "cli/say.h"
#include "sql/store.h"

enum { LISTED = 10 };	/* enough to choose from on one screen */

/* Reports that are called so: how many, the first, and lines that tell them apart. */
struct choice { int64_t count, first; char *lines[LISTED]; };

static enum outcome
take_called(void *ctx, const struct called_report *r)
{
	struct choice *c = ctx;

	if (c->count == 0)
		c->first = r->id;
	if (c->count < LISTED)
		c->lines[c->count] = mem_fmt("%lld: by %s, on %s, %s%s", (long long)r->id, r->reporter != NULL ? r->reporter : "(no name)",
		    r->domain != NULL ? r->domain : "(no domain)", r->day != NULL ? r->day : "(no day)", r->counted ? "" : ", not counted");
	c->count++;
	return OK;
}

static void
say_choice(const char *what, const struct choice *c)
{
	char number[28];
	int64_t i;

	say_error("forget: %s is the report id of %s reports, none is forgotten; name one by its number:", what, text_count(c->count, number));
	for (i = 0; i < c->count && i < LISTED; i++)
		say_error("%s", c->lines[i]);
	if (c->count > LISTED)
		say_error("%s more; v_reports lists them", text_count(c->count - LISTED, number));
}

/* The report that is called so. SKIP: there are several, or it cannot go; that is said. */
static enum outcome
forget_called(struct app *app, const char *what, int64_t *reports, struct err *err)
{
	struct choice c = { 0 };
	enum outcome r = store_each_called(app->store, what, take_called, &c, err);
	size_t i;

	if (r == OK && c.count > 1) {
		say_choice(what, &c);
		r = SKIP;
	} else if (r == OK && c.count == 1) {
		if ((r = store_forget_report(app->store, c.first, err)) == SKIP)
			say_error("forget: %s", err->text);
		*reports = r == OK;
	}
	for (i = 0; i < LISTED; i++)
		free(c.lines[i]);
	return r;
}

static int
forget(struct app *app, const char *what)
{
	struct err err = { "", 0 };
	int64_t reports = 0;
	char number[28], *named = named_as_stored(what);
	enum outcome r = store_forget_domain(app->store, what, &reports, &err);

	if (r == OK && reports == 0)
		r = store_forget_domain(app->store, named, &reports, &err);
	free(named);
	if (r == OK && reports == 0)
		r = forget_called(app, what, &reports, &err);
	if (r == SKIP)
		return EXIT_USAGE;
	if (r != OK || refresh_analysis(app, &err) != OK || (reports > 0 && store_give_back(app->store, &err) != OK)) {
		say_error("%s", err.text);
		return EXIT_FAILED;
	}
	if (reports == 0) {
		say_error("forget: %s: no such policy domain, report number or report id; v_reports lists them", what);
		return EXIT_USAGE;
	}
	say_result("%s report%s forgotten", text_count(reports, number), reports == 1 ? "" : "s");
	if (app->config->naccounts > 0)
		say_result("mail that is still in its folder is not fetched again by itself; `dmarcsift fetch --again` does");
	return EXIT_DONE;
}

static int
run(struct app *app, int argc, char **argv)
{
	const char *value, *what = NULL;
	int at = 1, got;

	while ((got = next_option(&cmd_forget, argc, argv, &at, &value)) == 0) {
		if (what != NULL)
			break;
		what = value;
	}
	if (got == -3)
		return EXIT_DONE;
	if (got != -1 || what == NULL) {
		if (got != -2)	/* told already */
			say_error("forget: name one policy domain, report number or report id");
		return EXIT_USAGE;
	}
	if (!opening_begin(app, &cmd_forget))
		return EXIT_FAILED;
	return forget(app, what);
}

const struct command cmd_forget = {
	"forget", "DOMAIN|REPORT", "Removes what was stored of a policy domain or of one report.",
	"REPORT is the number in v_reports, or a report id as the reporter wrote it; where several reports have this id they\n"
	"are listed and none goes. The records, sums, ledger rows and kept bytes go. A file that is ingested again brings its\n"
	"report back; mail is not fetched again by itself, but by `fetch --again` where it still is in its folder.\n\nexample: dmarcsift forget old.example.org\n", NEED_WRITE, NULL, run
};
