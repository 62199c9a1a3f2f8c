/* SPDX-License-Identifier: MIT */
/* What the user removes: a policy domain with all its sums, or one report, whose sums are taken back by reading its records. */
#include <stdio.h>

#include "sql/writer.h"

/* NAME for a domain or for a report; the other is 0, which is no row's number. */
static sqlite3_stmt *
query_for(struct store *s, const char *name, int64_t domain, int64_t report, struct err *err)
{
	sqlite3_stmt *st = db_query(s, name, err);

	if (st == NULL)
		return NULL;
	sqlite3_bind_int64(st, 1, domain);
	sqlite3_bind_int64(st, 2, report);
	return st;
}

static enum outcome
run_for(struct store *s, const char *name, int64_t domain, int64_t report, struct err *err)
{
	sqlite3_stmt *st = query_for(s, name, domain, report, err);

	s->pending++;
	return st != NULL ? db_run(s, st, err) : STOP;
}

/* All reports of a domain at once, since the ledger is walked for them. */
static enum outcome
remove_reports(struct store *s, int64_t domain, int64_t report, struct err *err)
{
	static const char *const steps[] = { "forget_raw", "forget_known", "forget_intake", "forget_report" };
	sqlite3_stmt *st = query_for(s, "forget_ranges", domain, report, err);
	size_t i;

	if (st == NULL || records_drop(s, st, err) != OK)
		return STOP;
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (run_for(s, steps[i], domain, report, err) != OK)
			return STOP;
	return OK;
}

enum outcome
store_forget_domain(struct store *s, const char *domain, int64_t *reports, struct err *err)
{
	static const char *const rest[] = { "forget_rollups", "forget_flows", "forget_said" };
	sqlite3_stmt *st;
	int64_t id;
	enum outcome r;
	size_t i;

	*reports = 0;
	if (writer_get(s, err) == NULL || writer_flush(s, err) != OK || (st = db_query(s, "forget_domain", err)) == NULL)
		return STOP;
	db_text(st, 1, domain);
	if ((r = db_step(s, st, err)) != OK)
		return r == STOP ? STOP : OK;
	id = sqlite3_column_int64(st, 0);
	sqlite3_reset(st);
	if (remove_reports(s, id, 0, err) != OK)
		return STOP;
	*reports = sqlite3_changes64(s->db);	/* the reports themselves go last */
	if (analysed_touch_all(s, err) != OK)
		return STOP;
	for (i = 0; i < sizeof(rest) / sizeof(rest[0]); i++)
		if (run_for(s, rest[i], id, 0, err) != OK)
			return STOP;
	return OK;
}

enum outcome
store_each_called(struct store *s, const char *what, enum outcome (*each)(void *ctx, const struct called_report *r), void *ctx, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "reports_called", err);
	struct called_report x;
	enum outcome r;

	if (st == NULL)
		return STOP;
	db_text(st, 1, what);
	while ((r = db_step(s, st, err)) == OK) {
		x.id = sqlite3_column_int64(st, 0);
		x.reporter = db_column(st, 1);
		x.domain = db_column(st, 2);
		x.day = db_column(st, 3);
		x.counted = sqlite3_column_int(st, 4);
		/* A number comes first, and means nothing else. */
		if (each(ctx, &x) != OK || sqlite3_column_int(st, 5))
			break;
	}
	sqlite3_reset(st);
	return r == STOP ? STOP : OK;
}

/* The copy that is counted when this report goes, 0 none. */
static enum outcome
find_heir(struct store *s, int64_t report, int64_t *heir, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "forget_heir", err);
	enum outcome r;

	*heir = 0;
	if (st == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, report);
	if ((r = db_step(s, st, err)) == OK)
		*heir = sqlite3_column_int64(st, 0);
	sqlite3_reset(st);
	return r == STOP ? STOP : OK;
}

static enum outcome
count_heir(struct store *s, int64_t heir, int64_t report, struct err *err)
{
	char note[96];
	sqlite3_stmt *st;

	(void)snprintf(note, sizeof(note), "counted since report %lld was forgotten", (long long)report);
	if (report_count(s, heir, 1, note, err) != OK || (st = db_query(s, "forget_heir_reason", err)) == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, heir);
	db_text(st, 2, note);
	return db_run(s, st, err);
}

enum outcome
store_forget_report(struct store *s, int64_t report, struct err *err)
{
	sqlite3_stmt *st;
	int64_t heir = 0;
	enum outcome r;
	int counted, gone;

	if (writer_get(s, err) == NULL || records_write(s, err) != OK || (st = db_query(s, "forget_which", err)) == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, report);
	if ((r = db_step(s, st, err)) != OK)
		return r == STOP ? STOP : err_skip(err, "there is no report %lld", (long long)report);
	counted = sqlite3_column_int(st, 0);
	gone = sqlite3_column_int(st, 1);
	sqlite3_reset(st);
	if (counted && gone)
		return err_skip(err, "the records of report %lld were removed (keep), so what it adds to the sums cannot be taken back; "
		    "only its whole domain can be forgotten", (long long)report);
	if ((counted && (find_heir(s, report, &heir, err) != OK || tally_report(s, report, -1, err) != OK)) || remove_reports(s, 0, report, err) != OK ||
	    (heir > 0 && count_heir(s, heir, report, err) != OK))
		return STOP;
	return analysed_touch_all(s, err);
}
