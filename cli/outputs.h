/* SPDX-License-Identifier: MIT */
/* What `report` and `run` write: the period they cover, and files from the summary. */
#ifndef CLI_OUTPUTS_H
#define CLI_OUTPUTS_H

#include "base/err.h"
#include "cli/command.h"
#include "report/report.h"
#include "report/summary.h"

/*
 * Sets o->from and o->to. since: "30d" (so many days back from now) or a date; NULL: the 30 days up to the newest reported day.
 * until NULL: now. 0: one of them is neither; told.
 */
int outputs_period(const struct app *app, const char *since, const char *until, const char *newest, struct report_options *o);
/* The same for `run`: the setting counts back from the newest reported day, as the findings do, so that a page and what it asks are of the same days. */
int outputs_nightly_period(const struct app *app, const char *since, const char *newest, struct report_options *o);
/* The page has a summary of its own: with what only it shows, and of so many domains. All else is made from one that is brief and complete. */
enum outcome outputs_html(struct app *app, const char *path, const struct report_options *o, struct err *err);
enum outcome outputs_json(const char *path, const struct summary *s, struct err *err);
enum outcome outputs_csv(struct app *app, const char *folder, const struct report_options *o, int records, struct err *err);

#endif
