/* SPDX-License-Identifier: MIT */
/* See opening.h. */
#include "cli/opening.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/config.h"
#include "cli/lock.h"
#include "cli/refresh.h"
#include "cli/say.h"
#include "report/attribute.h"
#include "report/verdict.h"
#include "sql/store.h"

static enum outcome
open_writing(struct app *app, int wait_s, struct err *err)
{
	if (store_open(&app->store, app->db_path, wait_s > 0 ? STORE_WRITE_WAIT : STORE_WRITE, app->now_at, err) != OK ||
	    attribution_new(&app->attribution, app->store, err) != OK)
		return STOP;
	store_attributor(app->store, attribution_attributor(app->attribution));
	store_bucketer(app->store, verdict_bucket);
	return refresh_mirror(app, err);
}

/* Nothing made the database yet: what does. */
static enum outcome
tell_missing(const struct app *app, struct err *err)
{
	return err_stop(err, "%s: there is no database yet: nothing was ingested. `dmarcsift ingest FILE...` reads reports and makes it%s", app->db_path,
	    app->config->naccounts > 0 ? "; `dmarcsift fetch` gets them from your mailbox" : "");
}

/* What can be no database is refused before a lock is left beside it. */
static enum outcome
refuse_place(const char *path, struct err *err)
{
	struct stat st;

	if (*path == '\0')
		return err_stop(err, "--db names no file");
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return err_stop(err, "%s: is a folder; the database is a file", path);
	return OK;
}

enum outcome
opening_take(struct app *app, enum need need, int wait_s, struct err *err)
{
	enum outcome r = OK;

	if (need <= NEED_CONFIG)
		return OK;
	if (app->db_path == NULL)
		return err_stop(err, "no place for the database: HOME is not set; name a file with --db");
	if (refuse_place(app->db_path, err) != OK)
		return STOP;
	if (need == NEED_READ && access(app->db_path, F_OK) != 0 && errno == ENOENT)
		return tell_missing(app, err);
	if (need == NEED_READ)
		return store_open(&app->store, app->db_path, STORE_READ, app->now_at, err);
	r = lock_take(app->db_path, wait_s, &app->lock, err);
	if (r == OK)
		r = open_writing(app, wait_s, err);
	if (r != OK)
		opening_release(app);
	return r;
}

/* The database file: --db, else the configuration's, else in the user's data folder. */
static char *
database_path(const char *option, const struct config *config)
{
	const char *home;

	if (option != NULL || config->database != NULL)
		return mem_str(option != NULL ? option : config->database);
	if ((home = getenv("XDG_DATA_HOME")) != NULL && *home == '/')
		return mem_fmt("%s/dmarcsift/dmarc.db", home);
	if ((home = getenv("HOME")) != NULL && *home != '\0')
		return mem_fmt("%s/.local/share/dmarcsift/dmarc.db", home);
	return NULL;
}

int
opening_begin(struct app *app, const struct command *c)
{
	struct err err = { "", 0 };

	if (c->need == NEED_NOTHING)
		return 1;
	if (config_load(app->config_option, &app->config, &err) == OK) {
		app->db_path = database_path(app->db_option, app->config);
		if (opening_take(app, c->need, 0, &err) == OK)
			return 1;
	}
	say_error("%s", err.text);
	return 0;
}

void
opening_release(struct app *app)
{
	store_close(app->store);
	app->store = NULL;
	attribution_free(app->attribution);
	app->attribution = NULL;
	lock_release(app->lock);
	app->lock = NULL;
}

void
opening_end(struct app *app)
{
	opening_release(app);
	free(app->db_path);
	app->db_path = NULL;
	config_free(app->config);
	app->config = NULL;
}
