/* SPDX-License-Identifier: MIT */
/*
 * Global options and exit codes. The commands are in commands.c and cmd_*.c.
 */
#include <curl/curl.h>
#include <errno.h>
#include <jansson.h>
#include <libpsl.h>
#include <libxml/xmlversion.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <openssl/crypto.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zip.h>
#include <zlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/config.h"
#include "cli/ending.h"
#include "cli/opening.h"
#include "cli/say.h"
#include "report/sender.h"

static int
print_usage(FILE *to)
{
	const struct command *const *c;

	fputs("usage: dmarcsift [--config FILE] [--db FILE] [-q|-v] [--now TIME] [--jobs N] COMMAND ...\n       dmarcsift --version\n\n"
	    "Says which of your own mail is lost for your DMARC policy, who sends it, and the record that stops it.\n\n", to);
	for (c = commands; *c != NULL; c++)
		fprintf(to, "  %-9s %s\n", (*c)->name, (*c)->summary);
	fputs("\n`dmarcsift COMMAND --help` shows one command.\n\nexample: dmarcsift ingest Downloads/ && dmarcsift report\n", to);
	return to == stdout ? EXIT_DONE : EXIT_USAGE;
}

static int
print_version(void)
{
	printf("dmarcsift %s\nlibxml2 %s, zlib %s, libzip %s, SQLite %s, %s, libpsl %s, jansson %s, %s\n", DMARCSIFT_VERSION,
	    LIBXML_DOTTED_VERSION, zlibVersion(), zip_libzip_version(), sqlite3_libversion(), curl_version(), psl_get_version(),
	    jansson_version_str(), OpenSSL_version(OPENSSL_VERSION));
	return EXIT_DONE;
}

static const struct command *
find_command(const char *name)
{
	const struct command *const *c, *near = NULL;
	size_t least = 3, d;

	for (c = commands; *c != NULL; c++) {
		if (strcmp((*c)->name, name) == 0)
			return *c;
		if ((d = text_distance((*c)->name, name)) < least) {
			least = d;
			near = *c;
		}
	}
	if (near != NULL)
		say_error("unknown command %s; did you mean %s?", name, near->name);
	else
		say_error("unknown command %s; `dmarcsift --help` lists the commands", name);
	return NULL;
}

struct globals {
	struct app app;
	int at;
	int status;	/* -1: go on */
};

static int
bad(struct globals *g, const char *what, const char *value)
{
	say_error("%s: %s", what, value);
	g->status = EXIT_USAGE;
	return 0;
}

static int
take_global(struct globals *g, int id, const char *value)
{
	int64_t n;

	switch (id) {
	case GLOBAL_CONFIG:
		g->app.config_option = value;
		return 1;
	case GLOBAL_DB:
		g->app.db_option = value;
		return 1;
	case GLOBAL_QUIET:
		g->app.verbose = -1;
		return 1;
	case GLOBAL_VERBOSE:
		g->app.verbose = 1;
		return 1;
	case GLOBAL_NOW:
		return text_when(value, &g->app.now_at) && g->app.now_at >= 0 ? 1 : bad(g, "--now wants a date or an RFC 3339 time since 1970, not", value);
	case GLOBAL_JOBS:
		if (!text_int64(value, strlen(value), &n) || n < 1 || n > 64)
			return bad(g, "--jobs wants a number from 1 to 64, not", value);
		g->app.jobs = (int)n;
		return 1;
	default:
		g->status = print_version();
		return 0;
	}
}

/* Options before the command. */
static void
take_globals(struct globals *g, int argc, char **argv)
{
	static const struct command self = { "", "", "", "", NEED_NOTHING, global_options, NULL };
	const char *value;
	int id;

	g->at = 1;
	while (g->at < argc && argv[g->at][0] == '-' && argv[g->at][1] != '\0') {
		if (strcmp(argv[g->at], "--help") == 0 || strcmp(argv[g->at], "-h") == 0) {
			g->status = print_usage(stdout);
			return;
		}
		if (strcmp(argv[g->at], "--") == 0) {
			g->at++;
			break;
		}
		id = next_option(&self, argc, argv, &g->at, &value);
		if (id < 0) {
			g->status = EXIT_USAGE;
			return;
		}
		if (!take_global(g, id, value))
			return;
	}
	if (g->at >= argc)
		g->status = print_usage(stderr);
}

/* The user's own additions to the catalogue, where there are any. */
static void
find_catalogue(void)
{
	char *path = config_home("senders.tsv");

	if (path != NULL)
		sender_add_file(path);
	free(path);
}

/* What was printed has arrived, or it was for nothing. */
static int
with_output(int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	say_error("standard output: %s", strerror(errno));
	return EXIT_FAILED;
}

int
main(int argc, char **argv)
{
	struct globals g = { .status = -1 };
	const struct command *c;

#ifdef M_TRIM_THRESHOLD
	/* Memory given back after each document is taken again for the next: a fault for every page of it. */
	(void)mallopt(M_TRIM_THRESHOLD, 4 << 20);
	(void)mallopt(M_MMAP_THRESHOLD, 4 << 20);
	/*
	 * What one thread makes another gives back: with an arena for each, what is free in one is not there for the others. The writer, which is the
	 * first thread, has one; the others would wait for one where they are many, so four share it.
	 */
	(void)mallopt(M_ARENA_MAX, 1 + (int)(sysconf(_SC_NPROCESSORS_ONLN) + 3) / 4);
#endif
	g.app.now_at = (int64_t)time(NULL);
	g.app.jobs = (int)sysconf(_SC_NPROCESSORS_ONLN);
	take_globals(&g, argc, argv);
	say_level(g.app.verbose);
	if (g.status >= 0)
		return with_output(g.status);
	c = find_command(argv[g.at]);
	if (c == NULL)
		return EXIT_USAGE;
	ending_watch();
	find_catalogue();
	g.status = c->run(&g.app, argc - g.at, argv + g.at);
	opening_end(&g.app);
	return with_output(g.status);
}
