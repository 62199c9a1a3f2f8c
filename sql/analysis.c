/* SPDX-License-Identifier: MIT */
/* What the analysis reads and writes beside the sums (sums.c) and the walks (walks.c): standings, findings, labels. Deciding is report's. */
#include <string.h>

#include "sql/db.h"

enum outcome
store_results(struct store *s, int64_t set, enum outcome (*each)(void *ctx, const char *dkim, const char *spf), void *ctx, struct err *err)
{
	sqlite3_stmt *st;
	enum outcome r;

	if (set == 0)
		return each(ctx, NULL, NULL);
	if ((st = db_query(s, "auth_set_words", err)) == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, set);
	if (db_step(s, st, err) != OK)
		return STOP;
	r = each(ctx, db_column(st, 0), db_column(st, 1));
	sqlite3_reset(st);
	return r;
}

enum outcome
store_each_policy(struct store *s, int64_t domain_id, enum outcome (*each)(void *ctx, const struct policy_row *r), void *ctx, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "policy_days", err);
	struct policy_row x;
	enum outcome r;

	if (st == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, domain_id);
	while ((r = db_step(s, st, err)) == OK) {
		x.day = db_column(st, 0);
		x.p = db_column(st, 1);
		x.sp = db_column(st, 2);
		x.adkim = db_column(st, 3);
		x.aspf = db_column(st, 4);
		if (each(ctx, &x) != OK)
			break;
	}
	sqlite3_reset(st);
	return r == STOP ? STOP : OK;
}

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

enum outcome
store_each_address_report(struct store *s, const char *address, int64_t most, enum outcome (*each)(void *ctx, const struct address_report *r),
    void *ctx, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "address_reports", err);
	struct address_report x;
	const char **const texts[] = { &x.domain, &x.org_name, &x.report_id, &x.day, &x.header_from, &x.envelope_from, &x.disposition };
	enum outcome r;
	int i;

	if (st == NULL)
		return STOP;
	db_text(st, 1, address);
	sqlite3_bind_int64(st, 2, most);
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

enum outcome
store_each_whatif(struct store *s, const struct whatif *w, const char *from, const char *to,
    enum outcome (*each)(void *ctx, const struct whatif_row *r), void *ctx, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "whatif", err);
	struct whatif_row x;
	enum outcome r;

	if (st == NULL)
		return STOP;
	db_text(st, 1, from);
	db_text(st, 2, to);
	sqlite3_bind_int(st, 3, w->policy);
	sqlite3_bind_int(st, 4, w->subpolicy);
	sqlite3_bind_int(st, 5, w->strict);
	while ((r = db_step(s, st, err)) == OK) {
		x.domain = db_column(st, 0);
		x.sender = db_column(st, 1);
		x.name = db_column(st, 2);
		x.mine = sqlite3_column_int(st, 3);
		x.class = db_column(st, 4);
		x.rejected = sqlite3_column_int64(st, 5);
		x.spared = sqlite3_column_int64(st, 6);
		x.quarantined = sqlite3_column_int64(st, 7);
		if (each(ctx, &x) != OK)
			break;
	}
	sqlite3_reset(st);
	return r == STOP ? STOP : OK;
}

static enum outcome
run(struct store *s, const char *name, struct err *err)
{
	sqlite3_stmt *st = db_query(s, name, err);

	return st == NULL ? STOP : db_run(s, st, err);
}

enum outcome
store_clear_analysis(struct store *s, struct err *err)
{
	/* What is direct mail depends on the standings. */
	walks_free(s);
	if (db_write(s, err) != OK || run(s, "standing_clear", err) != OK)
		return STOP;
	s->pending++;
	return run(s, "finding_clear", err);
}

enum outcome
store_put_standing(struct store *s, const struct standing *x, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "standing_put", err);

	if (st == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, x->domain_id);
	sqlite3_bind_int64(st, 2, x->sender_id);
	sqlite3_bind_int(st, 3, x->mine);
	db_text(st, 4, x->basis);
	db_text(st, 5, x->confidence);
	db_text(st, 6, x->class);
	db_text(st, 7, x->evidence);
	sqlite3_bind_int64(st, 8, x->addresses);
	sqlite3_bind_int64(st, 9, x->auth_set);
	db_text(st, 10, x->first_day);
	db_text(st, 11, x->last_day);
	sqlite3_bind_int(st, 12, x->own_way);
	return db_run(s, st, err);
}

enum outcome
store_put_finding(struct store *s, const struct finding *f, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "finding_put", err);
	const char *texts[] = { f->since, f->text, f->why, f->fix, f->confidence };
	int i;

	if (st == NULL)
		return STOP;
	db_text(st, 1, f->code);
	db_text(st, 2, f->domain);
	db_text(st, 3, f->sender);
	sqlite3_bind_int64(st, 4, f->messages);
	for (i = 0; i < 5; i++)
		db_text(st, 5 + i, texts[i]);
	return db_run(s, st, err);
}

enum outcome
store_set_label(struct store *s, const char *what, const char *class, const char *name, const char *origin, struct err *err)
{
	sqlite3_stmt *st;

	if (db_write(s, err) != OK || (st = db_query(s, class != NULL ? "label_put" : "label_drop", err)) == NULL)
		return STOP;
	db_text(st, 1, what);
	if (class != NULL) {
		db_text(st, 2, class);
		db_text(st, 3, name);
		db_text(st, 4, origin);
	}
	s->pending++;
	return db_run(s, st, err);
}

enum outcome
store_put_stamp(struct store *s, const char *stamp, struct err *err)
{
	sqlite3_stmt *st;

	if (db_write(s, err) != OK || (st = db_query(s, "stamp_put", err)) == NULL)
		return STOP;
	db_text(st, 1, stamp);
	s->pending++;
	return db_run(s, st, err);
}

int
store_has_stamp(struct store *s, const char *stamp)
{
	sqlite3_stmt *st = db_query(s, "stamp", NULL);
	int same;

	if (st == NULL)
		return 0;
	same = db_step(s, st, NULL) == OK && strcmp(db_column(st, 0), stamp) == 0;
	sqlite3_reset(st);
	return same;
}

enum outcome
store_each_label(struct store *s, enum outcome (*each)(void *ctx, const char *what, const char *class, const char *name, const char *origin),
    void *ctx, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "labels", err);
	enum outcome r;

	if (st == NULL)
		return STOP;
	while ((r = db_step(s, st, err)) == OK)
		if (each(ctx, db_column(st, 0), db_column(st, 1), db_column(st, 2), db_column(st, 3)) != OK)
			break;
	sqlite3_reset(st);
	return r == STOP ? STOP : OK;
}
