/* SPDX-License-Identifier: MIT */
/* `analyse [--again]`: standings and findings anew; with --again also verdicts, senders and roll-ups of all records. */
#include "base/text.h"
#include "cli/command.h"
#include "cli/opening.h"
#include "cli/refresh.h"
#include "cli/say.h"
#include "report/verdict.h"
#include "sql/store.h"

enum { OPT_AGAIN = 1 };

static int
work(struct app *app, int again)
{
	struct err err = { "", 0 };
	int64_t changed = 0;
	char number[28];

	if ((again && store_again(app->store, verdict_of, &changed, &err) != OK) || refresh_all(app, &err) != OK) {
		say_error("%s", err.text);
		return EXIT_FAILED;
	}
	if (again)
		say_result("everything is analysed again; %s record%s judged otherwise than before", text_count(changed, number),
		    changed == 1 ? " is" : "s are");
	return EXIT_DONE;
}

static const struct option_spec specs[] = { { "--again", 0, OPT_AGAIN }, { NULL, 0, 0 } };

static int
run(struct app *app, int argc, char **argv)
{
	const char *value;
	int at = 1, got, again = 0;

	while ((got = next_option(&cmd_analyse, argc, argv, &at, &value)) > 0)
		again = 1;
	if (got == -3)
		return EXIT_DONE;
	if (got != -1) {
		if (got == 0)
			say_error("analyse: takes no arguments");
		return EXIT_USAGE;
	}
	if (!opening_begin(app, &cmd_analyse))
		return EXIT_FAILED;
	return work(app, again);
}

const struct command cmd_analyse = {
	"analyse", "[--again]", "Works standings and findings out anew.",
	"  --again        also the verdicts of all records, the senders and the roll-ups: after an upgrade that\n"
	"                 changes rules, or after a change of the catalogue\n\nexample: dmarcsift analyse --again\n", NEED_WRITE, specs, run
};
