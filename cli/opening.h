/* SPDX-License-Identifier: MIT */
/* Opening and closing the database as a command asks, under its lock. */
#ifndef CLI_OPENING_H
#define CLI_OPENING_H

#include "base/err.h"
#include "cli/command.h"

/*
 * For a command whose arguments are understood (wrong usage comes before what cannot be opened, design.md section 3): reads the
 * configuration and opens what c->need says, in app. 0: it could not, and the reason is told; the command ends with EXIT_FAILED.
 */
int opening_begin(struct app *app, const struct command *c);

/*
 * Opens app->db_path as `need` says: sets app->store, for writing also app->attribution and (NEED_WRITE) the lock, waited for
 * up to wait_s seconds (with some, a minute for other programs that hold the file); the configuration is mirrored. STOP: err says why; then nothing stays open.
 */
enum outcome opening_take(struct app *app, enum need need, int wait_s, struct err *err);
/* Closes what is open, gives the lock back. To be called once for each opening_take; harmless where nothing is open. */
void opening_release(struct app *app);

/* All that opening_begin has set goes, also where it failed. To be called once, at the end. */
void opening_end(struct app *app);

#endif
