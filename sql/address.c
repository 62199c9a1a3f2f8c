/* SPDX-License-Identifier: MIT */
/*
 * One address in full: its totals, and the newest reports that hold its mail. No index leads from an address to its records: its totals say on
 * which days of which domains they lie, and these days are looked through, the newest first, until enough was found or looked at.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "sql/db.h"
#include "sql/given.h"

enum outcome
store_each_address(struct store *s, const char *address, enum outcome (*each)(void *ctx, const struct address_row *r), void *ctx,
    struct err *err)
{
	sqlite3_stmt *st = db_query(s, "address_streams", err);
	struct address_row x;
	const char **const texts[] = { &x.domain, &x.sender, &x.dkim, &x.spf, &x.disposition, &x.first_day, &x.last_day };
	enum outcome r;
	int i;

	if (st == NULL)
		return STOP;
	db_text(st, 1, address);
	while ((r = db_step(s, st, err)) == OK) {
		for (i = 0; i < 7; i++)
			*texts[i] = db_column(st, i);
		x.messages = sqlite3_column_int64(st, 7);
		if (each(ctx, &x) != OK)
			break;
	}
	sqlite3_reset(st);
	return r == STOP ? STOP : OK;
}

/* Days on which a domain's reports may hold mail of the address. */
struct span { int64_t domain, first, last; };

struct spans { struct span *at; size_t count; int64_t source; };

static enum outcome
read_spans(struct store *s, const char *address, struct spans *out, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "address_spans", err);
	size_t room = 0;
	enum outcome r;

	if (st == NULL)
		return STOP;
	db_text(st, 1, address);
	while ((r = db_step(s, st, err)) == OK) {
		if (out->count == room) {
			room = room ? room * 2 : 64;
			out->at = mem_grow(out->at, room, sizeof(*out->at));
		}
		out->source = sqlite3_column_int64(st, 0);
		out->at[out->count++] = (struct span){ sqlite3_column_int64(st, 1), sqlite3_column_int64(st, 2), sqlite3_column_int64(st, 3) };
	}
	return r == STOP ? STOP : OK;
}

/* The newest day not after `day` that some span holds: 1, with its domains, each once (spans come domain by domain). 0: there is none. */
static int
newest_of(const struct spans *spans, int64_t *day, int64_t *domains, size_t *count)
{
	int64_t newest = INT64_MIN;
	size_t i;

	for (i = 0; i < spans->count; i++) {
		const struct span *x = &spans->at[i];
		int64_t last = x->last < *day ? x->last : *day;

		if (x->first <= *day && last > newest)
			newest = last;
	}
	*count = 0;
	for (i = 0; i < spans->count; i++) {
		const struct span *x = &spans->at[i];

		if (x->first <= newest && newest <= x->last && (*count == 0 || domains[*count - 1] != x->domain))
			domains[(*count)++] = x->domain;
	}
	*day = newest;
	return *count > 0;
}

/* The reports of one day: OK, END where the caller has enough. *left: records that may still be looked at. */
static enum outcome
tell_day(struct store *s, int64_t source, int64_t day, struct given *domains, int64_t *left,
    enum outcome (*each)(void *ctx, const struct address_report *r), void *ctx, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "address_reports", err);
	struct address_report x;
	const char **const texts[] = { &x.domain, &x.org_name, &x.report_id, &x.day, &x.header_from, &x.envelope_from, &x.disposition };
	enum outcome r, done = OK;
	char text[11];
	int i;

	if (st == NULL || !text_day(day * 86400, text))
		return st == NULL ? STOP : OK;
	if (given_bind(st, 1, domains) != SQLITE_OK)
		return db_fail(s, "reports", err);
	db_text(st, 2, text);
	sqlite3_bind_int64(st, 3, source);
	sqlite3_bind_int64(st, 4, *left);
	while (done == OK && (r = db_step(s, st, err)) == OK) {
		*left -= sqlite3_column_int64(st, 8);
		if (sqlite3_column_type(st, 0) == SQLITE_NULL)
			continue;
		for (i = 0; i < 7; i++)
			*texts[i] = db_column(st, i);
		x.messages = sqlite3_column_int64(st, 7);
		done = each(ctx, &x);
	}
	sqlite3_reset(st);
	sqlite3_clear_bindings(st);
	return done == OK && r == STOP ? STOP : done;
}

enum outcome
store_each_address_report(struct store *s, const char *address, int64_t most, enum outcome (*each)(void *ctx, const struct address_report *r),
    void *ctx, struct err *err)
{
	struct spans spans = { NULL, 0, 0 };
	struct given given = { NULL, 0, 1 };
	int64_t *domains = NULL, day = INT64_MAX;
	enum outcome r = read_spans(s, address, &spans, err);

	if (r == OK)
		given.at = domains = mem_alloc((spans.count + 1) * sizeof(*domains));
	for (; r == OK && most > 0 && newest_of(&spans, &day, domains, &given.count); day--)
		r = tell_day(s, spans.source, day, &given, &most, each, ctx, err);
	free(domains);
	free(spans.at);
	return r == STOP ? STOP : OK;
}
