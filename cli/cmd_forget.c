/* SPDX-License-Identifier: MIT */
/* `forget DOMAIN|REPORT`: removes what was stored of it. */
#include <stdlib.h>

#include "base/text.h"
#include "cli/command.h"
#include "cli/named.h"
#include "cli/opening.h"
#include "cli/refresh.h"
#include "cli/say.h"
#include "sql/store.h"

static int
forget(struct app *app, const char *what)
{
	struct err err = { "", 0 };
	int64_t reports = 0;
	char number[28], *named = named_as_stored(what);
	enum outcome r = store_forget(app->store, what, &reports, &err);

	if (r == OK && reports == 0)
		r = store_forget(app->store, named, &reports, &err);
	free(named);
	if (r != OK || refresh_analysis(app, &err) != OK) {
		say_error("%s", err.text);
		return EXIT_FAILED;
	}
	if (reports == 0) {
		say_error("forget: %s: no such policy domain, report id or report number; v_reports lists them", what);
		return EXIT_USAGE;
	}
	say_result("%s report%s forgotten", text_count(reports, number), reports == 1 ? "" : "s");
	return EXIT_DONE;
}

static int
run(struct app *app, int argc, char **argv)
{
	static const struct option_spec specs[] = { { NULL, 0, 0 } };
	const char *value, *what = NULL;
	int at = 1, got;

	while ((got = next_option(&cmd_forget, specs, argc, argv, &at, &value)) == 0) {
		if (what != NULL)
			break;
		what = value;
	}
	if (got == -3)
		return EXIT_DONE;
	if (got != -1 || what == NULL) {
		if (got != -2)	/* told already */
			say_error("forget: name one policy domain, report id or report number");
		return EXIT_USAGE;
	}
	if (!opening_begin(app, &cmd_forget))
		return EXIT_FAILED;
	return forget(app, what);
}

const struct command cmd_forget = {
	"forget", "DOMAIN|REPORT", "Removes what was stored of a policy domain or of one report.",
	"REPORT is a report id as the reporter wrote it, or the number in v_reports. The records, sums, ledger rows and\n"
	"kept bytes go; what is ingested again later is stored again.\n\nexample: dmarcsift forget old.example.org\n", NEED_WRITE, run
};
