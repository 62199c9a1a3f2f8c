/* SPDX-License-Identifier: MIT */
/* Opening and closing the database as a command asks, under its lock. */
#ifndef CLI_OPENING_H
#define CLI_OPENING_H

#include "base/err.h"
#include "cli/command.h"

/*
 * Opens app->db_path as `need` says: sets app->store, for writing also app->attribution and (NEED_WRITE) the lock, waited for
 * up to wait_s seconds; the configuration is mirrored. STOP: err says why; then nothing stays open.
 */
enum outcome opening_take(struct app *app, enum need need, int wait_s, struct err *err);
/* Closes what is open, gives the lock back. To be called once for each opening_take; harmless where nothing is open. */
void opening_release(struct app *app);

#endif
