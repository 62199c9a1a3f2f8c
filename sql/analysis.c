/* SPDX-License-Identifier: MIT */
/* What the analysis reads and writes: sums of each sender, its days, standings, findings, labels. Deciding is report's. */
#include <stdio.h>
#include <string.h>

#include "sql/db.h"

enum outcome
store_each_sender(struct store *s, const char *recent_from,
    enum outcome (*each)(void *ctx, const struct sender_sum *sum, struct err *err), void *ctx, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "sender_sums", err);
	struct sender_sum x;
	int64_t *const numbers[] = { &x.domain_id, &x.sender_id, &x.messages, &x.passing, &x.by_dkim, &x.by_spf, &x.failing, &x.refused,
		&x.undetermined, &x.forwarded, &x.broken, &x.permerror, &x.pass_days, &x.spf_pass_days, &x.fail_days, &x.recent_messages,
		&x.recent_refused, &x.recent_failing, &x.recent_forwarded, &x.recent_broken, &x.recent_permerror };
	const char **const texts[] = { &x.domain, &x.org, &x.p, &x.sender, &x.name, &x.kind, &x.category, &x.first_day, &x.last_day,
		&x.first_fail, &x.first_refused };
	enum { NUMBERS = sizeof(numbers) / sizeof(numbers[0]), TEXTS = sizeof(texts) / sizeof(texts[0]) };
	enum outcome r;
	int i;

	if (st == NULL)
		return STOP;
	db_text(st, 1, recent_from);
	while ((r = db_step(s, st, err)) == OK) {
		for (i = 0; i < NUMBERS; i++)
			*numbers[i] = sqlite3_column_int64(st, i);
		for (i = 0; i < TEXTS; i++)
			*texts[i] = db_column(st, NUMBERS + i);
		if ((r = each(ctx, &x, err)) != OK)
			break;
	}
	sqlite3_reset(st);
	return r == STOP ? STOP : OK;
}

enum outcome
store_each_sender_day(struct store *s, int64_t domain_id, int64_t sender_id,
    enum outcome (*each)(void *ctx, const char *day, int64_t passed, int64_t failed), void *ctx, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "sender_days", err);
	enum outcome r;

	if (st == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, domain_id);
	sqlite3_bind_int64(st, 2, sender_id);
	while ((r = db_step(s, st, err)) == OK)
		if (each(ctx, db_column(st, 0), sqlite3_column_int64(st, 1), sqlite3_column_int64(st, 2)) != OK)
			break;
	sqlite3_reset(st);
	return r == STOP ? STOP : OK;
}

enum outcome
store_stream(struct store *s, int64_t domain_id, int64_t sender_id, int passing, char dkim[512], char spf[512], struct err *err)
{
	sqlite3_stmt *st = db_query(s, "sender_stream", err);
	enum outcome r;

	dkim[0] = spf[0] = '\0';
	if (st == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, domain_id);
	sqlite3_bind_int64(st, 2, sender_id);
	sqlite3_bind_int(st, 3, passing);
	if ((r = db_step(s, st, err)) == OK) {
		(void)snprintf(dkim, 512, "%s", db_column(st, 0) != NULL ? db_column(st, 0) : "");
		(void)snprintf(spf, 512, "%s", db_column(st, 1) != NULL ? db_column(st, 1) : "");
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
		x.lost = sqlite3_column_int64(st, 3);
		x.spared = sqlite3_column_int64(st, 4);
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
store_each_label(struct store *s, enum outcome (*each)(void *ctx, const char *what, const char *class, const char *name),
    void *ctx, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "labels", err);
	enum outcome r;

	if (st == NULL)
		return STOP;
	while ((r = db_step(s, st, err)) == OK)
		if (each(ctx, db_column(st, 0), db_column(st, 1), db_column(st, 2)) != OK)
			break;
	sqlite3_reset(st);
	return r == STOP ? STOP : OK;
}
