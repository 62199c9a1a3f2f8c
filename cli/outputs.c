/* SPDX-License-Identifier: MIT */
/* See outputs.h. */
#include "cli/outputs.h"

#include <string.h>

#include "base/text.h"
#include "cli/say.h"
#include "report/csv.h"
#include "report/html.h"
#include "report/json.h"
#include "report/out.h"

/* "30d" before `end`, or a date. */
static int
day_of(const char *text, int64_t end, char day[11])
{
	size_t len = strlen(text);
	int64_t n, at;

	if (len > 1 && text[len - 1] == 'd' && text_int64(text, len - 1, &n) && n > 0 && n <= 36500)
		return text_day(end - (n - 1) * 86400, day);
	return text_when(text, &at) && text_day(at, day);
}

int
outputs_period(const struct app *app, const char *since, const char *until, const char *newest, struct report_options *o)
{
	int64_t end = app->now_at;

	if (until != NULL) {
		if (!day_of(until, app->now_at, o->to)) {
			say_error("--until wants a date or a number of days such as 7d, not %s", until);
			return 0;
		}
	} else {
		(void)text_day(app->now_at, o->to);
		if (since == NULL && *newest != '\0')
			memcpy(o->to, newest, sizeof(o->to));
	}
	if (since == NULL)
		(void)text_when(o->to, &end);
	if (!day_of(since != NULL ? since : "30d", end, o->from)) {
		say_error("--since wants a date or a number of days such as 30d, not %s", since);
		return 0;
	}
	if (strcmp(o->from, o->to) > 0) {
		say_error("the period ends before it begins: %s to %s", o->from, o->to);
		return 0;
	}
	return 1;
}

int
outputs_nightly_period(const struct app *app, const char *since, const char *newest, struct report_options *o)
{
	int64_t end = app->now_at;

	(void)text_when(newest, &end);
	if (!text_day(end, o->to) || !day_of(since, end, o->from))
		return 0;
	if (strcmp(o->from, o->to) > 0) {
		say_warning("output: since = %s is after the newest reported day: only %s is shown", since, o->to);
		memcpy(o->from, o->to, sizeof(o->from));
	}
	return 1;
}

static enum outcome
write_file(const char *path, const struct summary *s, int json, struct err *err)
{
	struct out *out;

	if (out_open(&out, path, err) != OK)
		return STOP;
	if (json)
		json_write(out, s);
	else
		html_write(out, s);
	return out_close(out, err);
}

enum outcome
outputs_html(struct app *app, const char *path, const struct report_options *o, struct err *err)
{
	struct report_options full = *o;
	struct summary *s;
	enum outcome done;

	full.brief = 0;
	if (summarise(app->store, &full, &s, err) != OK)
		return STOP;
	done = write_file(path, s, 0, err);
	summary_free(s);
	return done;
}

enum outcome
outputs_json(const char *path, const struct summary *s, struct err *err)
{
	return write_file(path, s, 1, err);
}

/* Two of the tables are made from records: of days whose records are removed they have nothing. */
static enum outcome
warn_removed(struct app *app, const struct report_options *o, int records, struct err *err)
{
	char since[11], oldest[11];

	if (store_records_since(app->store, since, err) != OK || store_oldest_day(app->store, oldest, err) != OK)
		return STOP;
	if (strcmp(o->from, since) < 0 && *oldest != '\0' && strcmp(oldest, since) < 0)
		say_warning("sources.csv%s without what was reported before %s, whose records `keep` has removed; daily.csv has its sums", records ? " and records.csv are" : " is", since);
	return OK;
}

enum outcome
outputs_csv(struct app *app, const char *folder, const struct report_options *o, int records, struct err *err)
{
	const struct csv_options options = { folder, o->from, o->to, o->domains, o->ndomains, records };

	return csv_write(app->store, &options, err) == OK ? warn_removed(app, o, records, err) : STOP;
}
