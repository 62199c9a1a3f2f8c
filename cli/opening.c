/* SPDX-License-Identifier: MIT */
/* See opening.h. */
#include "cli/opening.h"

#include "cli/lock.h"
#include "cli/refresh.h"
#include "report/attribute.h"
#include "report/verdict.h"
#include "sql/store.h"

static enum outcome
open_writing(struct app *app, struct err *err)
{
	if (store_open(&app->store, app->db_path, STORE_WRITE, app->now_at, err) != OK ||
	    attribution_new(&app->attribution, app->store, err) != OK)
		return STOP;
	store_attributor(app->store, attribution_attributor(app->attribution));
	store_bucketer(app->store, verdict_bucket);
	return refresh_mirror(app, err);
}

enum outcome
opening_take(struct app *app, enum need need, int wait_s, struct err *err)
{
	enum outcome r = OK;

	if (need <= NEED_CONFIG)
		return OK;
	if (app->db_path == NULL)
		return err_stop(err, "no place for the database: HOME is not set; name a file with --db");
	if (need == NEED_READ)
		return store_open(&app->store, app->db_path, STORE_READ, app->now_at, err);
	r = lock_take(app->db_path, wait_s, &app->lock, err);
	if (r == OK)
		r = open_writing(app, err);
	if (r != OK)
		opening_release(app);
	return r;
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
