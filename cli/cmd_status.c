/* SPDX-License-Identifier: MIT */
/* `status`: what came in, what did not, and who has gone silent. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/opening.h"
#include "cli/say.h"
#include "sql/store.h"

static const struct { const char *section, *title; } titles[] = {
	{ "intake", "Documents" }, { "accounts", "Accounts" }, { "trouble", "Could not be read (newest first; `dmarcsift retry` reads again what is kept)" },
	{ "twice", "Came twice, it seems, and are counted twice (`dmarcsift forget NUMBER` takes a report out)" }, { "reporters", "Reporters" },
	{ "missing", "Days left out by receivers that report nearly every day" }, { "gaps", "Domains without recent reports" },
	{ "apart", "Domains the configuration does not name, kept apart (add to `domains` what is yours)" },
};

static enum outcome
show(void *ctx, const struct status_line *line)
{
	char *last = ctx;
	struct buf b;
	size_t i;

	if (strcmp(last, line->section) != 0) {
		for (i = 0; i < sizeof(titles) / sizeof(titles[0]); i++)
			if (strcmp(titles[i].section, line->section) == 0)
				printf("%s%s\n", *last != '\0' ? "\n" : "", titles[i].title);
		(void)snprintf(last, 32, "%s", line->section);
	}
	buf_init(&b, 1 << 16);
	text_clean(&b, line->what, strlen(line->what));
	buf_str(&b, ": ");
	text_clean(&b, line->value != NULL ? line->value : "-", strlen(line->value != NULL ? line->value : "-"));
	printf("  %s\n", b.at);
	buf_free(&b);
	return OK;
}

static int
run(struct app *app, int argc, char **argv)
{
	struct err err = { "", 0 };
	const char *value;
	char last[32] = "";
	int at = 1, got = next_option(&cmd_status, argc, argv, &at, &value);

	if (got == -3)
		return EXIT_DONE;
	if (got != -1) {
		if (got == 0)
			say_error("status: takes no arguments");
		return EXIT_USAGE;
	}
	if (!opening_begin(app, &cmd_status))
		return EXIT_FAILED;
	printf("Database %s\n", store_path(app->store));
	if (store_status(app->store, NULL, show, last, &err) != OK) {
		say_error("%s", err.text);
		return EXIT_FAILED;
	}
	return EXIT_DONE;
}

const struct command cmd_status = {
	"status", "", "Shows what came in: counts for each state, accounts, trouble, what came twice, the last report of each reporter, gaps, domains kept apart.",
	"example: dmarcsift status\n", NEED_READ, NULL, run
};
