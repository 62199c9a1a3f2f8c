/* SPDX-License-Identifier: MIT */
/* `label WHAT CLASS [NAME]`: the user's word on a sender; class, findings and wording change at once. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/config.h"
#include "cli/named.h"
#include "cli/opening.h"
#include "cli/refresh.h"
#include "cli/say.h"
#include "sql/store.h"

static int
is_class(const char *word)
{
	static const char *const classes[] = { "mine", "not_mine", "forwarder", "ignore", "none" };
	size_t i;

	for (i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		if (strcmp(word, classes[i]) == 0)
			return 1;
	return 0;
}

/* The configuration has the last word: what it says is told, and nothing is changed. */
static int
says_configuration(const struct config *c, const char *what, const char *class, const char *name)
{
	size_t i;

	for (i = 0; i < c->nlabels; i++) {
		const struct label_setting *l = &c->labels[i];

		if (strcmp(l->what, what) != 0)
			continue;
		if (label_differs(l, class, name))
			say_warning("%s stays %s%s%s: the configuration says so; change it there", what, l->class, l->name != NULL ? " " : "", l->name != NULL ? l->name : "");
		else
			say_result("%s is %s: the configuration says so", what, class);
		return 1;
	}
	return 0;
}

struct looking { const char *what; int found, count; char others[200]; };

static enum outcome
look_at_label(void *ctx, const char *what, const char *class, const char *name, const char *origin)
{
	struct looking *l = ctx;
	size_t len = strlen(l->others);

	(void)class, (void)name, (void)origin;
	l->found |= strcmp(what, l->what) == 0;
	if (l->count++ < 5)
		(void)snprintf(l->others + len, sizeof(l->others) - len, "%s%.35s", len > 0 ? ", " : "", what);
	return OK;
}

/* 0: there is no label to be taken away, which is told. */
static int
has_label(struct app *app, const char *what, struct err *err)
{
	struct looking l = { .what = what };

	if (store_each_label(app->store, look_at_label, &l, err) != OK || l.found)
		return 1;
	say_warning("there is no label on %s; %s%s%s", what, l.count > 0 ? "there are labels on: " : "there are none at all", l.others, l.count > 5 ? ", ..." : "");
	return 0;
}

static int
label(struct app *app, const char *what, const char *class, const char *name)
{
	struct err err = { "", 0 };
	char *folded = named_as_stored(what);
	const char *what_now = folded;
	int64_t addresses;
	int status = EXIT_DONE;

	if (says_configuration(app->config, folded, class, name) || (strcmp(class, "none") == 0 && !has_label(app, folded, &err))) {
		free(folded);
		return EXIT_DONE;
	}
	if (store_set_label(app->store, folded, strcmp(class, "none") == 0 ? NULL : class, name, "command", &err) != OK ||
	    refresh_senders(app, &what_now, 1, &addresses, &err) != OK || refresh_analysis(app, &err) != OK) {
		say_error("%s", err.text);
		status = EXIT_FAILED;
	} else {
		if (addresses == 0)
			say_warning("nothing reported so far is called %s; v_sources lists senders and addresses", folded);
		say_result("%s is %s now", folded, strcmp(class, "none") == 0 ? "without a label" : class);
	}
	free(folded);
	return status;
}

static int
run(struct app *app, int argc, char **argv)
{
	const char *words[3] = { NULL, NULL, NULL }, *value;
	int at = 1, got, n = 0;

	while ((got = next_option(&cmd_label, argc, argv, &at, &value)) == 0 && n < 3)
		words[n++] = value;
	if (got == -3)
		return EXIT_DONE;
	if (got != -1 || n < 2) {
		if (got != -2)	/* told already */
			say_error("label: wants a sender, a class and perhaps a name; `dmarcsift label --help` shows an example");
		return EXIT_USAGE;
	}
	if (!is_class(words[1])) {
		say_error("label: %s is no class; there are mine, not_mine, forwarder, ignore, and none to take a label away", words[1]);
		return EXIT_USAGE;
	}
	if (!named_can_be_labelled(words[0])) {
		say_error("label: '%s' is no address, network, sender or signing domain", words[0]);
		return EXIT_USAGE;
	}
	if (!opening_begin(app, &cmd_label))
		return EXIT_FAILED;
	return label(app, words[0], words[1], words[2]);
}

const struct command cmd_label = {
	"label", "WHAT CLASS [NAME]", "Says whose mail a sender's is: changes its class and the findings at once.",
	"WHAT is an address, a network (192.0.2.0/24), a sender as the views name it, or a signing domain. CLASS is mine, not_mine,\n"
	"forwarder, ignore, or none to take the label away. NAME is what it is called from then on.\n\n"
	"example: dmarcsift label 203.0.113.8 mine payroll\n", NEED_WRITE, NULL, run
};
