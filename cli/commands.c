/* SPDX-License-Identifier: MIT */
/* The table of commands, and the options that stand before them. */
#include <stddef.h>

#include "cli/command.h"

const struct command *const commands[] = {
	&cmd_init, &cmd_ingest, &cmd_fetch, &cmd_run, &cmd_report, &cmd_explain, &cmd_label, &cmd_senders, &cmd_analyse, &cmd_status, &cmd_retry, &cmd_forget, NULL
};

const struct option_spec global_options[] = {
	{ "--config", 1, GLOBAL_CONFIG }, { "--db", 1, GLOBAL_DB }, { "-q", 0, GLOBAL_QUIET }, { "--quiet", 0, GLOBAL_QUIET },
	{ "-v", 0, GLOBAL_VERBOSE }, { "--verbose", 0, GLOBAL_VERBOSE }, { "--now", 1, GLOBAL_NOW }, { "--jobs", 1, GLOBAL_JOBS },
	{ "--version", 0, GLOBAL_VERSION }, { NULL, 0, 0 }
};
