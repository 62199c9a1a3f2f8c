/* SPDX-License-Identifier: MIT */
/* What the analysis reads and writes beside the sums (sums.c) and the walks (walks.c): standings, findings, labels. Deciding is report's. */
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"
#include "sql/analysis.h"
#include "sql/growth.h"
#include "sql/told.h"

enum { WORDS_MAX = 4096, WORDS_BYTES = 4 * WORDS_MAX };	/* characters of what a set of one kind reads like, as in view auth_words; and bytes of these at most */

/* A set while it is put into words: of DKIM, of SPF. */
struct words { struct buf text[2]; };

/* Row: 1 spf or 0 dkim, domain, selector, result. */
static enum outcome
take_result(void *ctx, sqlite3_value **row)
{
	const char *selector = (const char *)sqlite3_value_text(row[2]), *result = (const char *)sqlite3_value_text(row[3]);
	struct buf *b = &((struct words *)ctx)->text[sqlite3_value_int(row[0])];

	if (b->len > 0)
		buf_str(b, ", ");
	buf_str(b, (const char *)sqlite3_value_text(row[1]));
	if (*selector != '\0')
		buf_str(b, "/");
	buf_str(b, selector);
	buf_str(b, "=");
	buf_str(b, result != NULL ? result : "?");
	return OK;
}

/* NULL where there is nothing. */
static const char *
words_of(struct buf *b)
{
	size_t i, characters = 0;

	for (i = 0; i < b->len; i++)
		if ((b->at[i] & 0xc0) != 0x80 && ++characters > WORDS_MAX)
			b->at[i] = '\0';
	return b->len > 0 ? b->at : NULL;
}

enum outcome
store_results(struct store *s, int64_t set, enum outcome (*each)(void *ctx, const char *dkim, const char *spf), void *ctx, struct err *err)
{
	struct words words;
	sqlite3_stmt *st;
	enum outcome r;

	if (set == 0)
		return each(ctx, NULL, NULL);
	if ((st = db_query(s, "results_of_set", err)) == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, set);
	buf_init(&words.text[0], WORDS_BYTES);
	buf_init(&words.text[1], WORDS_BYTES);
	r = told_each(s, st, take_result, &words, err);
	if (r == OK)
		r = each(ctx, words_of(&words.text[0]), words_of(&words.text[1]));
	buf_free(&words.text[0]);
	buf_free(&words.text[1]);
	return r;
}

/* Each text that the statement gives, until one is enough. */
static enum outcome
each_text(struct store *s, sqlite3_stmt *st, enum outcome (*each)(void *ctx, const char *text), void *ctx, struct err *err)
{
	enum outcome r;

	while ((r = db_step(s, st, err)) == OK)
		if (each(ctx, db_column(st, 0)) != OK)
			break;
	sqlite3_reset(st);
	return r == STOP ? STOP : OK;
}

/* Looked at of each: a report may have a million, and each sender that fails is asked about. What passes is most of it, and alike. */
enum { RECORDS_OF_REPORT = 4000, PASSING_OF_REPORT = 400 };

enum outcome
store_each_set_of_day(struct store *s, int64_t domain_id, const char *day, int passing, enum outcome (*each)(void *ctx, const struct set_row *row), void *ctx,
    struct err *err)
{
	sqlite3_stmt *st = db_query(s, passing ? "passing_sets_of_day" : "sets_of_day", err);
	enum outcome r;

	if (st == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, domain_id);
	sqlite3_bind_text(st, 2, day, -1, SQLITE_TRANSIENT);
	sqlite3_bind_int(st, 3, passing ? PASSING_OF_REPORT : RECORDS_OF_REPORT);
	while ((r = db_step(s, st, err)) == OK)
		if (each(ctx, &(struct set_row){ sqlite3_column_int64(st, 0), sqlite3_column_int64(st, 2), sqlite3_column_int64(st, 3), sqlite3_column_int(st, 1) }) != OK)
			break;
	sqlite3_reset(st);
	return r == STOP ? STOP : OK;
}

enum outcome
store_each_failing_address(struct store *s, const struct sender_sum *x, const char *day, int64_t set, enum outcome (*each)(void *ctx, const char *address), void *ctx,
    struct err *err)
{
	sqlite3_stmt *st = db_query(s, "addresses_of_day", err);

	if (st == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, x->domain_id);
	sqlite3_bind_text(st, 2, day, -1, SQLITE_TRANSIENT);
	sqlite3_bind_int64(st, 3, x->sender_id);
	sqlite3_bind_int(st, 4, x->own_way);
	sqlite3_bind_int64(st, 5, set);
	sqlite3_bind_int(st, 6, RECORDS_OF_REPORT);
	return each_text(s, st, each, ctx, err);
}

enum outcome
store_each_from(struct store *s, const struct sender_sum *x, const char *day, enum outcome (*each)(void *ctx, const char *from), void *ctx, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "from_of_set", err);

	if (st == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, x->domain_id);
	sqlite3_bind_text(st, 2, day, -1, SQLITE_TRANSIENT);
	sqlite3_bind_int64(st, 3, x->fail_set);
	sqlite3_bind_int64(st, 4, x->sender_id);
	return each_text(s, st, each, ctx, err);
}

enum outcome
store_each_spf_broken(struct store *s, int64_t domain_id, const char *since, enum outcome (*each)(void *ctx, const char *name), void *ctx, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "spf_broken", err);
	int64_t day;

	if (st == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, domain_id);
	sqlite3_bind_int64(st, 2, text_when(since, &day) ? day / 86400 : 0);
	return each_text(s, st, each, ctx, err);
}

enum outcome
store_policies_differ(struct store *s, int64_t domain_id, int *differ, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "policies_several", err);

	if (st == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, domain_id);
	if (db_step(s, st, err) != OK)
		return STOP;
	*differ = sqlite3_column_int(st, 0);
	sqlite3_reset(st);
	return OK;
}

enum outcome
store_policy_change(struct store *s, int64_t domain_id, struct policy_change *c, struct arena *arena, struct err *err)
{
	const char **const columns[] = { &c->old.p, &c->old.sp, &c->old.adkim, &c->old.aspf, &c->new.p, &c->new.sp, &c->new.adkim, &c->new.aspf };
	sqlite3_stmt *st = db_query(s, "policy_change", err);
	enum outcome r;
	int i;

	if (st == NULL)
		return STOP;
	c->old = c->new = (struct policy_row){ NULL, NULL, NULL, NULL };
	sqlite3_bind_int64(st, 1, domain_id);
	for (i = 0; i < 2; i++) {
		db_text(st, 2 + i, c->before[i]);
		db_text(st, 4 + i, c->since[i]);
	}
	if ((r = db_step(s, st, err)) == STOP)
		return STOP;
	for (i = 0; r == OK && i < 8; i++)
		*columns[i] = arena_str(arena, db_column(st, i));
	sqlite3_reset(st);
	return OK;
}

enum outcome
store_each_whatif(struct store *s, const struct whatif *w, const char *from, const char *to,
    enum outcome (*each)(void *ctx, const struct whatif_row *r), void *ctx, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "whatif", err);
	struct whatif_row x;
	char last[11];
	enum outcome r;

	if (st == NULL)
		return STOP;
	db_text(st, 6, db_last_day(s, last));
	db_text(st, 1, from);
	db_text(st, 2, to);
	sqlite3_bind_int(st, 3, w->policy);
	sqlite3_bind_int(st, 4, w->subpolicy);
	sqlite3_bind_int(st, 5, w->strict);
	sqlite3_bind_int64(st, 7, w->domain);
	while ((r = db_step(s, st, err)) == OK) {
		x.domain = db_column(st, 0);
		x.sender = db_column(st, 1);
		x.name = db_column(st, 2);
		x.mine = sqlite3_column_int(st, 3);
		x.class = db_column(st, 4);
		x.labelled = sqlite3_column_int(st, 5);
		x.rejected = sqlite3_column_int64(st, 6);
		x.spared = sqlite3_column_int64(st, 7);
		x.quarantined = sqlite3_column_int64(st, 8);
		x.open = sqlite3_column_int64(st, 9);
		x.let_through = sqlite3_column_int64(st, 10);
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

/* --- which domains --- */

static enum outcome
drop_all(struct store *s, struct err *err)
{
	static const char *const steps[] = { "standing_clear", "standing_addresses_clear", "standing_streams_clear", "passed_on_clear", "finding_clear" };
	size_t i;

	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (run(s, steps[i], err) != OK)
			return STOP;
	return analysed_touch_all(s, err);
}

enum outcome
store_analysis_begin(struct store *s, const char *settings, const char *newest, int again, int *moved, struct err *err)
{
	sqlite3_stmt *st;
	enum outcome r;

	walks_free(s);
	if (db_write(s, err) != OK || (st = db_query(s, "analysis_basis", err)) == NULL || (r = db_step(s, st, err)) == STOP)
		return STOP;
	again |= r == END || strcmp(db_column(st, 0), settings) != 0;
	*moved = again || strcmp(db_column(st, 1), newest) != 0;
	sqlite3_reset(st);
	s->pending++;
	return again ? drop_all(s, err) : OK;
}

enum outcome
store_next_due(struct store *s, int64_t after, int moved, struct due_domain *out, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "domain_next_due", err);
	char last[11];
	enum outcome r;

	if (st == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, after);
	sqlite3_bind_int(st, 2, moved);
	sqlite3_bind_text(st, 3, db_last_day(s, last), -1, SQLITE_TRANSIENT);	/* the row is read after this function */
	if ((r = db_step(s, st, err)) != OK)
		return r;
	out->id = sqlite3_column_int64(st, 0);
	out->name = db_column(st, 1);
	out->org = db_column(st, 2);
	out->p = db_column(st, 3);
	out->sp = db_column(st, 4);
	out->adkim = db_column(st, 5);
	out->aspf = db_column(st, 6);
	out->testing = db_column(st, 7);
	out->beginning = db_column(st, 8);
	out->settled = sqlite3_column_int(st, 9);
	out->pct = sqlite3_column_int64(st, 10);
	out->ending = db_column(st, 11);
	out->grown = growth_mark(s, out->id) != 0;
	return OK;
}

static enum outcome
run_of_domain(struct store *s, const char *name, int64_t domain_id, struct err *err)
{
	sqlite3_stmt *st = db_query(s, name, err);

	if (st == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, domain_id);
	return db_run(s, st, err);
}

enum outcome
store_drop_due(struct store *s, const struct due_domain *d, struct err *err)
{
	static const char *const steps[] = { "standing_forget", "standing_addresses_forget", "standing_streams_forget", "passed_on_forget" };
	size_t i;

	standings_drop(s);
	for (i = 0; !d->settled && !d->grown && i < sizeof(steps) / sizeof(steps[0]); i++)
		if (run_of_domain(s, steps[i], d->id, err) != OK)
			return STOP;
	return store_drop_findings(s, d->name, err);
}

enum outcome
store_domain_analysed(struct store *s, const struct due_domain *d, struct err *err)
{
	if (standings_write(s, err) != OK)
		return STOP;
	if (d->settled)
		return OK;
	growth_drop(s, d->id);
	return run_of_domain(s, "analysed_put", d->id, err);
}

enum outcome
analysed_touch_all(struct store *s, struct err *err)
{
	growth_forget(s);
	return db_write(s, err) == OK ? run(s, "analysed_touch_all", err) : STOP;
}

/* --- findings and standings --- */

enum outcome
store_drop_findings(struct store *s, const char *domain, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "finding_forget", err);

	if (st == NULL)
		return STOP;
	db_text(st, 1, domain);
	return db_run(s, st, err);
}

enum outcome
store_each_break(struct store *s, const char *domain, enum outcome (*each)(void *ctx, const char *sender, const char *since, const char *why),
    void *ctx, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "finding_breaks", err);
	enum outcome r;

	if (st == NULL)
		return STOP;
	db_text(st, 1, domain);
	while ((r = db_step(s, st, err)) == OK)
		if (each(ctx, db_column(st, 0), db_column(st, 1), db_column(st, 2)) != OK)
			break;
	sqlite3_reset(st);
	return r == STOP ? STOP : OK;
}

int
store_knows_reverse(struct store *s)
{
	sqlite3_stmt *st = db_query(s, "reverse_known", NULL);
	int known = st != NULL && db_step(s, st, NULL) == OK;

	if (known)
		sqlite3_reset(st);
	return known;
}

enum outcome
store_put_finding(struct store *s, const struct finding *f, int place, struct err *err)
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
	sqlite3_bind_int(st, 10, place);
	return db_run(s, st, err);
}

static enum outcome
run_of_label(struct store *s, const char *query, const char *what, struct err *err)
{
	sqlite3_stmt *st = db_query(s, query, err);

	if (st == NULL)
		return STOP;
	db_text(st, 1, what);
	s->pending++;
	return db_run(s, st, err);
}

static enum outcome
put_label(struct store *s, const char *what, const char *class, const char *name, const char *origin, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "label_put", err);

	if (st == NULL)
		return STOP;
	db_text(st, 1, what);
	db_text(st, 2, class);
	db_text(st, 3, name);
	db_text(st, 4, origin);
	s->pending++;
	return db_run(s, st, err);
}

enum outcome
store_set_label(struct store *s, const char *what, const char *class, const char *name, const char *origin, struct err *err)
{
	int configured = strcmp(origin, "config") == 0;

	if (db_write(s, err) != OK)
		return STOP;
	if (configured && class != NULL)
		return run_of_label(s, "label_shelve", what, err) == OK ? put_label(s, what, class, name, origin, err) : STOP;
	if ((class != NULL ? put_label(s, what, class, name, origin, err) : run_of_label(s, "label_drop", what, err)) != OK ||
	    (configured && run_of_label(s, "label_restore", what, err) != OK))
		return STOP;
	return run_of_label(s, "label_unshelve", what, err);
}

enum outcome
store_put_stamp(struct store *s, const char *stamp, const char *settings, const char *newest, struct err *err)
{
	sqlite3_stmt *st;

	if (db_write(s, err) != OK || (st = db_query(s, "stamp_put", err)) == NULL)
		return STOP;
	db_text(st, 1, stamp);
	db_text(st, 2, settings);
	db_text(st, 3, newest);
	s->pending++;
	growth_forget(s);
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

int
store_awaits_analysis(struct store *s)
{
	sqlite3_stmt *st = db_query(s, "analysis_due", NULL);
	int due = st != NULL && db_step(s, st, NULL) == OK;

	if (due)
		sqlite3_reset(st);
	return due;
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
