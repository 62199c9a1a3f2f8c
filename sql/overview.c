/* SPDX-License-Identifier: MIT */
/*
 * See overview.h: every question is a file of its own, with ?1 domain, ?2 from, ?3 to, ?4 most, where it tells senders apart ?5 to ?6 senders, and given(?7) what was
 * summed up or picked for it; columns are texts, then numbers. Only the series come as they are summed up (period.c).
 */
#include "sql/overview.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sql/db.h"
#include "sql/given.h"
#include "sql/period.h"
#include "sql/received.h"

enum { REPORT, RECORDS, NEWEST_WIDTH };

static sqlite3_stmt *
query_of(struct store *s, enum overview question, struct err *err)
{
	switch (question) {
	case OVERVIEW_DOMAINS:
		return db_query(s, "overview_domains", err);
	case OVERVIEW_DAYS:
		return db_query(s, "overview_days", err);
	case OVERVIEW_SENDERS:
		return db_query(s, "overview_senders", err);
	case OVERVIEW_SILENT:
		return db_query(s, "overview_silent", err);
	case OVERVIEW_SERIES:
		break;
	case OVERVIEW_DONE:
		return db_query(s, "overview_done", err);
	case OVERVIEW_ADDRESSES:
		return db_query(s, "overview_addresses", err);
	case OVERVIEW_RESULTS:
		return db_query(s, "overview_results", err);
	case OVERVIEW_HEARD:
		return db_query(s, "overview_heard", err);
	case OVERVIEW_RECEIVED:
		return db_query(s, "overview_received", err);
	case OVERVIEW_REPORTERS:
		return db_query(s, "overview_reporters", err);
	case OVERVIEW_POLICIES:
		return db_query(s, "overview_policies", err);
	case OVERVIEW_FINDINGS:
		return db_query(s, "overview_findings", err);
	case OVERVIEW_TROUBLES:
		return db_query(s, "overview_troubles", err);
	case OVERVIEW_FOREIGN:
		return db_query(s, "overview_foreign", err);
	case OVERVIEW_UNHEARD:
		return db_query(s, "overview_unheard", err);
	}
	err_stop(err, "no such question");
	return NULL;
}

/* Numbers are named n_... in the queries, everything else is text. */
static void
read_row(sqlite3_stmt *st, int columns, struct overview_row *row)
{
	size_t texts = 0, numbers = 0;
	int i;

	memset(row, 0, sizeof(*row));
	for (i = 0; i < columns; i++) {
		if (strncmp(sqlite3_column_name(st, i), "n_", 2) != 0) {
			if (texts < sizeof(row->text) / sizeof(*row->text))
				row->text[texts++] = db_column(st, i);
		} else if (numbers < sizeof(row->number) / sizeof(*row->number)) {
			row->number[numbers++] = sqlite3_column_int64(st, i);
		}
	}
}

/* The reports that hold the `most` newest records, and how many of each these are. Caller frees *own. */
static enum outcome
newest_reports(struct store *s, int64_t domain, const char *from, const char *to, int64_t most, struct given *g, int64_t **own, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "newest_reports", err);
	int64_t *rows = NULL, *row, left = most;
	enum outcome r = st == NULL ? STOP : OK;
	size_t room = 0;

	*g = (struct given){ NULL, 0, NEWEST_WIDTH };
	if (st == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, domain);
	db_text(st, 2, from);
	db_text(st, 3, to);
	for (; left > 0 && (r = db_step(s, st, err)) == OK; left -= row[RECORDS]) {
		if (g->count == room) {
			room = room ? room * 2 : 64;
			rows = mem_grow(rows, room * NEWEST_WIDTH, sizeof(*rows));
		}
		row = rows + g->count++ * NEWEST_WIDTH;
		row[REPORT] = sqlite3_column_int64(st, 0);
		row[RECORDS] = sqlite3_column_int64(st, 1) < left ? sqlite3_column_int64(st, 1) : left;
	}
	sqlite3_reset(st);
	g->at = *own = rows;
	return r == STOP ? STOP : OK;
}

/* What the question gets as given(?7). Caller frees *own. */
static enum outcome
rows_for(struct store *s, enum overview question, const struct period *p, int64_t most, struct given *g, int64_t **own, struct err *err)
{
	*own = NULL;
	if (question == OVERVIEW_DOMAINS)
		return period_rows(walks_period(s), s, p, PERIOD_BY_DOMAIN, g, err);
	if (question == OVERVIEW_DAYS)
		return period_rows(walks_period(s), s, p, PERIOD_BY_DAY, g, err);
	if (question == OVERVIEW_SENDERS || question == OVERVIEW_DONE)
		return period_rows(walks_period(s), s, p, PERIOD_BY_SENDER, g, err);
	if (newest_reports(s, p->domain, p->from, p->to, most, g, own, err) != OK)
		return STOP;
	return question == OVERVIEW_RECEIVED ? received_sum(s, g, own, err) : OK;
}

static void
bind_question(sqlite3_stmt *st, int64_t domain, int64_t sender, const char *from, const char *to, int64_t most)
{
	int parameters = sqlite3_bind_parameter_count(st);

	if (parameters < 4)
		return;
	sqlite3_bind_int64(st, 1, domain);
	db_text(st, 2, from);
	db_text(st, 3, to);
	sqlite3_bind_int64(st, 4, most);
	if (parameters >= 6) {
		sqlite3_bind_int64(st, 5, sender);
		sqlite3_bind_int64(st, 6, sender > 0 ? sender : INT64_MAX);
	}
}

enum outcome
store_overview_of(struct store *s, enum overview question, int64_t domain, int64_t sender, const char *from, const char *to, int64_t most,
    overview_each *each, void *ctx, struct err *err)
{
	const struct period period = { domain, sender, from, to };
	struct given rows = { NULL, 0, 1 };
	int64_t *own = NULL;
	struct overview_row row;
	enum outcome got = OK;
	char last_day[11];
	sqlite3_stmt *st;
	int columns;

	if (question == OVERVIEW_SERIES)
		return (got = period_series(walks_period(s), s, &period, each, ctx, err)) == END ? OK : got;
	if ((st = query_of(s, question, err)) == NULL)
		return STOP;
	columns = sqlite3_column_count(st);
	bind_question(st, domain, sender, from, to, most);
	if (question == OVERVIEW_DOMAINS)
		db_text(st, 5, db_last_day(s, last_day));
	if (sqlite3_bind_parameter_count(st) == 7 && ((got = rows_for(s, question, &period, most, &rows, &own, err)) != OK || given_bind(st, 7, &rows) != SQLITE_OK))
		got = got != OK ? got : db_fail(s, "summary", err);
	while (got == OK && (got = db_step(s, st, err)) == OK) {
		read_row(st, columns, &row);
		got = each(ctx, &row, err);
	}
	sqlite3_reset(st);
	sqlite3_clear_bindings(st);
	free(own);
	return got == END ? OK : got;
}

enum outcome
store_overview(struct store *s, enum overview question, int64_t domain, const char *from, const char *to, int64_t most,
    overview_each *each, void *ctx, struct err *err)
{
	return store_overview_of(s, question, domain, 0, from, to, most, each, ctx, err);
}

static enum outcome
each_domain(struct store *s, sqlite3_stmt *st, enum outcome (*each)(void *ctx, int64_t id, const char *name, struct err *err), void *ctx, struct err *err)
{
	enum outcome r, done = OK;

	if (st == NULL)
		return STOP;
	while (done == OK && (r = db_step(s, st, err)) == OK)
		done = each(ctx, sqlite3_column_int64(st, 0), db_column(st, 1), err);
	sqlite3_reset(st);
	return done != OK ? done : r == STOP ? STOP : OK;
}

enum outcome
store_each_domain(struct store *s, enum outcome (*each)(void *ctx, int64_t id, const char *name, struct err *err), void *ctx, struct err *err)
{
	return each_domain(s, db_query(s, "domains_own", err), each, ctx, err);
}

enum outcome
store_each_policy_domain(struct store *s, enum outcome (*each)(void *ctx, int64_t id, const char *name, struct err *err), void *ctx, struct err *err)
{
	return each_domain(s, db_query(s, "domain_names", err), each, ctx, err);
}
