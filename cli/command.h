/* SPDX-License-Identifier: MIT */
/*
 * The commands and what main gives them.
 *
 * To add a command: write cli/cmd_NAME.c with one `const struct command cmd_NAME` (it reads as the
 * pipeline, top to bottom), name it in the table of commands.c, add its section to doc/dmarcsift.1, its tests and a changelog line.
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <stdint.h>

#include "base/err.h"

struct attribution;
struct config;
struct lock;
struct store;

/* Exit codes, design.md section 3; the first that applies. */
enum exit_code { EXIT_DONE = 0, EXIT_FINDINGS = 1, EXIT_USAGE = 2, EXIT_PARTLY = 3, EXIT_FAILED = 4 };

enum need {
	NEED_NOTHING,	/* neither configuration nor database */
	NEED_CONFIG,	/* the configuration; the database is opened by the command itself (cli/opening.h) */
	NEED_READ,	/* an existing database, read only */
	NEED_WRITE	/* the database for writing, made where missing, under the lock */
};

struct app {
	const char *config_option, *db_option;	/* --config and --db; NULL: not given */
	char *db_path;			/* database file; NULL: no place for one, or not begun */
	struct config *config;		/* what the configuration says; NULL under NEED_NOTHING, or not begun */
	struct store *store;		/* NULL where none is open */
	struct attribution *attribution;	/* who sent what, for the store; with a store for writing */
	struct lock *lock;		/* held while the database is open for writing */
	int64_t now_at;			/* --now, else the clock */
	int jobs;			/* --jobs, else the cores */
	int verbose;			/* -1 quiet, 0, 1 */
};

/* One option of a command; the last has name NULL. */
struct option_spec {
	const char *name;	/* "--since" */
	int takes_value;
	int id;			/* what next_option returns; above 0 */
};

struct command {
	const char *name;
	const char *arguments;	/* for the usage line: "PATH..." */
	const char *summary;	/* one line */
	const char *help;	/* options and an example */
	enum need need;		/* what opening_begin, which run calls once its arguments are understood, is to open */
	const struct option_spec *options;	/* NULL: none but --help */
	int (*run)(struct app *app, int argc, char **argv);	/* argv[0] is the name; returns an exit code */
};

/*
 * Walks argv from *at (start with 1): the id of an option with *value set where it takes one
 * ("--x=v" and "--x v"), 0 for an operand (in *value), -1 at the end, -2 for an unknown option (told, with where it
 * belongs or the nearest name) or a missing value. "--" ends the options; "--help" prints the command's help and returns -3.
 */
int next_option(const struct command *c, int argc, char **argv, int *at, const char **value);

extern const struct command *const commands[];	/* ended by NULL */
/* The options before the command, and what next_option returns for them. */
enum { GLOBAL_CONFIG = 1, GLOBAL_DB, GLOBAL_QUIET, GLOBAL_VERBOSE, GLOBAL_NOW, GLOBAL_JOBS, GLOBAL_VERSION };
extern const struct option_spec global_options[];
extern const struct command cmd_init, cmd_ingest, cmd_fetch, cmd_run, cmd_report, cmd_status, cmd_retry, cmd_forget, cmd_label, cmd_senders, cmd_explain, cmd_analyse;

#endif
