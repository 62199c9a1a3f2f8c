/* SPDX-License-Identifier: MIT */
/* `ingest PATH...`: files, directories, maildirs, mboxes and standard input into the database. */
#include <stdlib.h>

#include "base/mem.h"
#include "cli/command.h"
#include "cli/ending.h"
#include "cli/config.h"
#include "cli/intake.h"
#include "cli/opening.h"
#include "cli/refresh.h"
#include "cli/say.h"

static enum outcome
next(void *ctx, struct item **item, int *named, struct err *err)
{
	return source_next(ctx, item, named, err);
}

static void
progress(void *ctx, int64_t *done, int64_t *total)
{
	source_progress(ctx, done, total);
}

static int
ingest_paths(struct app *app, char **paths, size_t count)
{
	struct intake in = { .ingest = app->config->ingest, .parse = app->config->parse, .jobs = app->jobs, .verb = "reading" };
	struct err err = { "", 0 };
	struct feed feed = { .next = next, .progress = progress };
	enum outcome r;

	feed.ctx = source_open(paths, count, &in.ingest);
	source_stop_at(feed.ctx, ending_asked());
	r = intake_run(&in, app->store, &feed, ending_asked(), &err);
	source_close(feed.ctx);
	if (r == OK)
		r = refresh_analysis(app, &err);
	if (r != OK) {
		say_error("%s", err.text);
		return EXIT_FAILED;
	}
	intake_tell(&in);
	if (*ending_asked()) {
		say_error("interrupted: the rest was not read; what was read before is recognised the next time");
		return EXIT_PARTLY;
	}
	return intake_exit(&in);
}

static int
run(struct app *app, int argc, char **argv)
{
	char **paths = mem_alloc((size_t)argc * sizeof(*paths));
	size_t count = 0;
	const char *value;
	int at = 1, got, status = EXIT_USAGE;

	while ((got = next_option(&cmd_ingest, argc, argv, &at, &value)) == 0)
		paths[count++] = argv[at - 1];
	if (got == -3) {
		status = EXIT_DONE;
	} else if (got == -1 && count == 0) {
		say_error("ingest: name what to read: files, directories, maildirs, mboxes, or - for standard input");
	} else if (got == -1) {
		status = opening_begin(app, &cmd_ingest) ? ingest_paths(app, paths, count) : EXIT_FAILED;
	}
	free(paths);
	return status;
}

const struct command cmd_ingest = {
	"ingest", "PATH...", "Reads reports from files, directories, maildirs, mboxes and standard input into the database.",
	"PATH is any mix of mails (.eml), reports (.xml), archives (.gz, .zip), mbox files, maildirs and directories\n"
	"(read recursively), known by their content and not by their name; - is standard input. What was read before\n"
	"is recognised and skipped. What cannot be read is named with the reason and kept for `dmarcsift retry`.\n\n"
	"example: dmarcsift ingest ~/Maildir/.dmarc reports.zip\n", NEED_WRITE, NULL, run
};
