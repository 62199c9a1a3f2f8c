/* SPDX-License-Identifier: MIT */
/* Keeping what is derived true: the configuration mirrored into the database, standings and findings anew. */
#ifndef CLI_REFRESH_H
#define CLI_REFRESH_H

#include "base/err.h"
#include "cli/command.h"

/*
 * Mirrors the domains and labels of the configuration into the database that is open for writing, and works out anew what
 * follows from a change of them. Where there is no configuration file the database keeps its own. A label given by command that
 * the configuration contradicts gives way until it is there no more, and that is told.
 */
enum outcome refresh_mirror(struct app *app, struct err *err);

/* Standings and findings brought up to date, with the day and the settings they were made with; all of them made anew. Both commit. */
enum outcome refresh_analysis(struct app *app, struct err *err);
enum outcome refresh_all(struct app *app, struct err *err);

/*
 * After labels on these words were set or taken away: who sent what they concern, with the roll-ups; *addresses: how many addresses that is (0: nothing
 * reported so far). Does not commit.
 */
enum outcome refresh_senders(struct app *app, const char *const *words, size_t count, int64_t *addresses, struct err *err);

/* 1: the findings in the database were made on another day or with other settings than now, or before the last reports came. */
int refresh_is_due(struct app *app);

#endif
