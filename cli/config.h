/* SPDX-License-Identifier: MIT */
/*
 * The configuration file, design.md section 3, as plain data. Read by libconfuse; every key has a default,
 * an unknown one is an error with its line and the nearest name. The file is refused where others could have
 * written it, or could read secrets in it.
 */
#ifndef CLI_CONFIG_H
#define CLI_CONFIG_H

#include <stddef.h>

#include "base/err.h"
#include "ingest/fetch.h"
#include "ingest/ingest.h"
#include "parse/parse.h"
#include "report/thresholds.h"

struct label_setting { const char *what, *class, *name; };	/* what in lower case; name NULL */

struct config {			/* all text is owned by it */
	const char *path;		/* the file; NULL: there is none, and everything is at its default */
	const char *database;		/* NULL: the user's data folder */
	char **domains;			/* lower case */
	size_t ndomains;
	struct account *accounts;
	size_t naccounts;
	struct {
		const char *html, *csv, *json;	/* NULL: not written */
		int csv_records;
		const char *since;
	} output;
	struct {
		const char *to, *from;		/* NULL: nobody; the user who runs it */
		const char *command;		/* program and its arguments, no shell */
		const char *file;		/* instead of mailing; NULL */
	} digest;
	int keep_days;			/* records and kept bytes; 0: for ever */
	struct label_setting *labels;
	size_t nlabels;
	struct ingest_limits ingest;
	struct parse_limits parse;
	struct thresholds thresholds;
	void *owner;			/* of everything above */
};

/*
 * The file at path, or where path is NULL the first of $XDG_CONFIG_HOME/dmarcsift/dmarcsift.conf and
 * /etc/dmarcsift/dmarcsift.conf that is there; defaults where none is. STOP: named but not there, refused, or wrong
 * (err says file, line and reason). Caller frees with config_free.
 */
enum outcome config_load(const char *path, struct config **out, struct err *err);
void config_free(struct config *c);	/* NULL is fine */

/* 1: the label of the configuration is of another class, or says another name where one is given. */
int label_differs(const struct label_setting *l, const char *class, const char *name);

/* Where the user's own file lies, there or not; caller frees. NULL: no HOME. */
char *config_home(const char *name);

#endif
