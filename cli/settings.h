/* SPDX-License-Identifier: MIT */
/* What the configuration means for the rooms: limits for ingest and parse, domains and labels for the store and the analysis. */
#ifndef CLI_SETTINGS_H
#define CLI_SETTINGS_H

#include "cli/command.h"
#include "ingest/ingest.h"
#include "parse/parse.h"

void settings_limits(const struct config *c, struct ingest_limits *ingest, struct parse_limits *parse);
/* After opening for writing: mirrors domains and labels, sets who attributes and buckets. */
enum outcome settings_apply(struct app *app, struct err *err);
/* After a change of rows: standings and findings anew for what was touched, and commit. */
enum outcome settings_analyse(struct app *app, struct err *err);
void settings_free(void);

#endif
