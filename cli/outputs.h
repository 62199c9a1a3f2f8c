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
enum outcome outputs_html(const char *path, const struct summary *s, struct err *err);
/* s: the summary of o; where it is not brief, and so bounded for the page, a complete one is made. */
enum outcome outputs_json(struct app *app, const char *path, const struct report_options *o, const struct summary *s, struct err *err);
enum outcome outputs_csv(struct app *app, const char *folder, const struct report_options *o, int records, struct err *err);

#endif
