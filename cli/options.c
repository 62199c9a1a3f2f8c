/* SPDX-License-Identifier: MIT */
/* Walking the options of a command; see next_option in command.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/say.h"

static void
print_help(const struct command *c)
{
	printf("usage: dmarcsift [global options] %s%s%s\n\n%s\n\n%s", c->name, *c->arguments != '\0' ? " " : "", c->arguments,
	    c->summary, c->help);
}

/* The option of specs that is nearest to the unknown one, NULL where none is near. */
static const char *
nearest(const struct option_spec *specs, const char *name)
{
	size_t least = text_distance("--help", name), d;
	const char *best = least < 4 ? "--help" : NULL;

	least = least < 4 ? least : 4;
	for (; specs != NULL && specs->name != NULL; specs++)
		if ((d = text_distance(specs->name, name)) < least) {
			least = d;
			best = specs->name;
		}
	return best;
}

static const struct option_spec *
named(const struct option_spec *specs, const char *name)
{
	for (; specs != NULL && specs->name != NULL; specs++)
		if (strcmp(specs->name, name) == 0)
			return specs;
	return NULL;
}

/* The command an option belongs to: of several the one that follows, else the last; NULL: none. */
static const struct command *
owner(const char *name, char **after)
{
	const struct command *const *c, *any = NULL;
	char **arg;

	for (c = commands; *c != NULL; c++) {
		if (named((*c)->options, name) == NULL)
			continue;
		for (arg = after; *arg != NULL; arg++)
			if (strcmp(*arg, (*c)->name) == 0)
				return *c;
		any = *c;
	}
	return any;
}

/* An option that stands in the wrong place, or that is none. `after`: the arguments behind it. */
static void
unknown(const struct command *c, const char *name, char **after)
{
	const struct option_spec *global = named(global_options, name);
	const struct command *other = owner(name, after);
	const char *near = nearest(c->options, name), *colon = *c->name != '\0' ? ": " : "";

	if (global != NULL)
		say_error("%s: %s stands before the command: dmarcsift %s%s %s", c->name, name, name, global->takes_value ? " ..." : "", c->name);
	else if (other != NULL)
		say_error("%s%s%s belongs to %s: dmarcsift %s %s%s", c->name, colon, name, other->name, other->name, name, named(other->options, name)->takes_value ? " ..." : "");
	else if (near != NULL)
		say_error("%s%sunknown option %s; did you mean %s?", c->name, colon, name, near);
	else if (*c->name == '\0')
		say_error("unknown option %s; `dmarcsift --help` lists the options", name);
	else
		say_error("%s: unknown option %s; `dmarcsift %s --help` lists the options", c->name, name, c->name);
}

/* Whether a "--" before this argument ended the options. */
static int
is_ended(char **argv, int at)
{
	int i;

	for (i = 1; i < at; i++)
		if (strcmp(argv[i], "--") == 0)
			return 1;
	return 0;
}

int
next_option(const struct command *c, int argc, char **argv, int *at, const char **value)
{
	const struct option_spec *o;
	const char *arg, *equals;
	char *name;
	size_t len;

	*value = NULL;
	if (*at >= argc)
		return -1;
	if (strcmp(argv[*at], "--") == 0 && !is_ended(argv, *at) && ++*at >= argc)
		return -1;
	arg = argv[(*at)++];
	if (is_ended(argv, *at - 1) || arg[0] != '-' || arg[1] == '\0') {
		*value = arg;
		return 0;
	}
	if (strcmp(arg, "--help") == 0 || strcmp(arg, "-h") == 0) {
		print_help(c);
		return -3;
	}
	equals = strchr(arg, '=');
	len = equals != NULL ? (size_t)(equals - arg) : strlen(arg);
	name = mem_strn(arg, len);
	o = named(c->options, name);
	if (o == NULL)
		unknown(c, name, argv + *at);
	free(name);
	if (o == NULL)
		return -2;
	if (!o->takes_value) {
		if (equals == NULL)
			return o->id;
		say_error("%s: %s takes no value", c->name, o->name);
		return -2;
	}
	*value = equals != NULL ? equals + 1 : *at < argc ? argv[(*at)++] : NULL;
	if (*value != NULL)
		return o->id;
	say_error("%s%s%s needs a value", c->name, *c->name != '\0' ? ": " : "", o->name);
	return -2;
}
