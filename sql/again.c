/* SPDX-License-Identifier: MIT */
/*
 * Everything derived, derived anew from what is stored: verdicts of all records, then the roll-ups with their
 * attribution. Needed after a change of rules or of labels. Totals of records that retention has removed stay as they are
 * in the daily roll-up; of an address all of whose records are gone they stay in flow too.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sql/tally.h"

enum { SLICE = 5000, RESULTS = 256, REASONS = 32 };

struct change { int64_t record, outcome; };

/* A report being judged anew. */
struct again {
	struct store *store;
	store_judge *judge;
	struct arena *head_text;	/* the report's own */
	struct arena *text;	/* of the records at hand, at most SLICE */
	struct feedback head;
	int64_t first, last;
	struct change *changes;
	size_t count, room;
	int64_t changed;
};

static struct word
policy_word(struct arena *a, const char *text)
{
	struct word w = { (int)policy_of(text), arena_str(a, text) };

	return w;
}

static struct word
letter_word(struct arena *a, const char *text)
{
	struct word w = { text != NULL && text[0] != '\0' && text[1] == '\0' ? text[0] : 0, arena_str(a, text) };

	return w;
}

/* Takes the report the query stands at. */
static void
take_report(struct again *a, sqlite3_stmt *st)
{
	struct feedback *f = &a->head;

	arena_reset(a->head_text);
	memset(f, 0, sizeof(*f));
	a->first = sqlite3_column_int64(st, 0);
	a->last = sqlite3_column_int64(st, 1);
	f->domain = arena_str(a->head_text, db_column(st, 2));
	f->adkim = letter_word(a->head_text, db_column(st, 3));
	f->aspf = letter_word(a->head_text, db_column(st, 4));
	f->p = policy_word(a->head_text, db_column(st, 5));
	f->sp = policy_word(a->head_text, db_column(st, 6));
	f->np = policy_word(a->head_text, db_column(st, 7));
	f->pct = sqlite3_column_type(st, 8) == SQLITE_NULL ? NO_NUMBER : sqlite3_column_int64(st, 8);
	f->testing = letter_word(a->head_text, db_column(st, 9));
	f->version = arena_str(a->head_text, db_column(st, 10));
	f->report_id = arena_str(a->head_text, db_column(st, 11));
}

static enum outcome
load_reasons(struct again *a, int64_t set, struct record *r, struct reason *reasons, struct err *err)
{
	sqlite3_stmt *st;
	enum outcome o = OK;

	if (set == 0)
		return OK;
	if ((st = db_query(a->store, "again_reasons", err)) == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, set);
	while (r->nreasons < REASONS && (o = db_step(a->store, st, err)) == OK) {
		struct reason *x = &reasons[r->nreasons++];

		x->type.text = arena_str(a->text, db_column(st, 0));
		x->type.code = (int)reason_type_of(x->type.text);
		x->comment = arena_str(a->text, db_column(st, 1));
	}
	sqlite3_reset(st);
	r->reasons = reasons;
	return o == STOP ? STOP : OK;
}

/* One stored record as the parser would have given it; sets: its auth and reason sets; old: its outcome; by_spf: which was a pass by raw SPF. */
struct row { struct record r; int64_t id, auth_set, reason_set, old; int by_spf; };

static void
read_row(struct again *a, sqlite3_stmt *st, struct row *x)
{
	memset(x, 0, sizeof(*x));
	x->id = sqlite3_column_int64(st, 0);
	x->r.count = sqlite3_column_int64(st, 1);
	x->auth_set = sqlite3_column_int64(st, 2);
	x->old = sqlite3_column_int64(st, 3);
	x->reason_set = sqlite3_column_int64(st, 4);
	x->r.header_from = arena_str(a->text, db_column(st, 5));
	x->r.envelope_from = arena_str(a->text, db_column(st, 6));
	x->r.disposition.text = arena_str(a->text, db_column(st, 7));
	x->r.disposition.code = (int)disposition_of(x->r.disposition.text);
	x->r.dkim.text = arena_str(a->text, db_column(st, 8));
	x->r.dkim.code = (int)dmarc_result_of(x->r.dkim.text);
	x->r.spf.text = arena_str(a->text, db_column(st, 9));
	x->r.spf.code = (int)dmarc_result_of(x->r.spf.text);
	x->by_spf = sqlite3_column_int(st, 10);
	x->r.envelope_from_empty = x->r.envelope_from == NULL;
}

static enum outcome
judge_row(struct again *a, struct row *x, struct err *err)
{
	struct reason reasons[REASONS];
	const struct auth *auths;
	struct judgement j;
	int64_t outcome;

	sets_room(a->store, 1);
	if (set_auths(a->store, x->auth_set, &auths, &x->r.nauths, err) != OK || load_reasons(a, x->reason_set, &x->r, reasons, err) != OK)
		return STOP;
	x->r.auths = mem_alloc((x->r.nauths + 1) * sizeof(*x->r.auths));
	memcpy(x->r.auths, auths, x->r.nauths * sizeof(*x->r.auths));
	a->judge(&a->head, &x->r, &j);
	outcome = outcome_id(a->store, &x->r, &j, err);
	/* Whether a missing reverse-path was an empty one is not stored. It was, where the outcome is then that of before, or one by HELO's pass. */
	if (outcome >= 0 && outcome != x->old && x->r.envelope_from_empty && !x->by_spf) {
		x->r.envelope_from_empty = 0;
		a->judge(&a->head, &x->r, &j);
		outcome = outcome_id(a->store, &x->r, &j, err);
	}
	free(x->r.auths);
	if (outcome < 0)
		return STOP;
	if (outcome == x->old)
		return OK;
	if (a->count == a->room) {
		a->room = a->room ? a->room * 2 : 256;
		a->changes = mem_grow(a->changes, a->room, sizeof(*a->changes));
	}
	a->changes[a->count].record = x->id;
	a->changes[a->count++].outcome = outcome;
	return OK;
}

/* Records of the report from a->first on, at most SLICE: END after the last. */
static enum outcome
judge_slice(struct again *a, struct err *err)
{
	struct row *rows = mem_alloc(SLICE * sizeof(*rows));
	sqlite3_stmt *st = db_query(a->store, "again_records", err);
	size_t n = 0, i;
	enum outcome r = STOP;

	arena_reset(a->text);
	if (st == NULL)
		goto out;
	sqlite3_bind_int64(st, 1, a->first);
	sqlite3_bind_int64(st, 2, a->last);
	sqlite3_bind_int64(st, 3, SLICE);
	while ((r = db_step(a->store, st, err)) == OK)
		read_row(a, st, &rows[n++]);
	if (r == STOP)
		goto out;
	for (i = 0; i < n; i++)
		if ((r = judge_row(a, &rows[i], err)) != OK)
			goto out;
	r = n < SLICE ? END : OK;
	if (n > 0)
		a->first = rows[n - 1].id + 1;
out:
	free(rows);
	return r;
}

static enum outcome
write_changes(struct again *a, struct err *err)
{
	sqlite3_stmt *st;
	size_t i;

	for (i = 0; i < a->count; i++) {
		if ((st = db_query(a->store, "again_update", err)) == NULL)
			return STOP;
		sqlite3_bind_int64(st, 1, a->changes[i].record);
		sqlite3_bind_int64(st, 2, a->changes[i].outcome);
		if (db_run(a->store, st, err) != OK)
			return STOP;
	}
	a->changed += (int64_t)a->count;
	a->store->pending += (int64_t)a->count;
	a->count = 0;
	return OK;
}

static enum outcome
judge_all(struct again *a, struct err *err)
{
	sqlite3_stmt *st = db_query(a->store, "again_report", err);
	enum outcome r, done = OK;

	if (st == NULL)
		return STOP;
	while (done != STOP && (r = db_step(a->store, st, err)) == OK) {
		take_report(a, st);
		do {
			done = judge_slice(a, err);
			if (done != STOP && write_changes(a, err) != OK)
				done = STOP;
		} while (done == OK);
	}
	sqlite3_reset(st);
	return done == STOP || r == STOP ? STOP : OK;
}

static enum outcome
tally_all(struct store *s, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "again_counted", err);
	enum outcome r;

	if (st == NULL)
		return STOP;
	while ((r = db_step(s, st, err)) == OK)
		if (tally_more(s, sqlite3_column_int64(st, 0), 1, err) != OK)
			break;
	sqlite3_reset(st);
	return r == END ? OK : STOP;
}

/* What retention has left nothing of but sums stays: before records are judged anew, for then they may count elsewhere. */
static enum outcome
keep_pruned(struct store *s, struct err *err)
{
	static const char *const steps[] = { "again_keep_pruned", "again_narrow_pruned", "again_drop_empty" };
	sqlite3_stmt *st;
	size_t i;

	for (i = 0; s->writer->pruned_day != NO_DAY && i < sizeof(steps) / sizeof(steps[0]); i++) {
		if ((st = db_query(s, steps[i], err)) == NULL)
			return STOP;
		sqlite3_bind_int64(st, 1, s->writer->pruned_day);
		if (db_run(s, st, err) != OK)
			return STOP;
	}
	return OK;
}

enum outcome
store_again(struct store *s, store_judge *judge, int64_t *changed, struct err *err)
{
	static const char *const clear[] = { "again_clear_flow", "again_clear_daily", "again_clear_stale" };
	struct again a = { .store = s, .judge = judge };
	sqlite3_stmt *st;
	enum outcome r = STOP;
	size_t i;

	if (writer_get(s, err) == NULL || writer_flush(s, err) != OK || taken_settle(s, err) != OK || moves_settle(s, err) != OK)
		return STOP;
	a.head_text = arena_new();
	a.text = arena_new();
	if (keep_pruned(s, err) != OK || (judge != NULL && judge_all(&a, err) != OK))
		goto out;
	for (i = 0; i < sizeof(clear) / sizeof(clear[0]); i++)
		if ((st = db_query(s, clear[i], err)) == NULL || db_run(s, st, err) != OK)
			goto out;
	/* Days before retention's keep their sums, those of reports that came later and still have their records, too. */
	s->writer->days_from = s->writer->pruned_day;
	if (analysed_touch_all(s, err) != OK || tally_all(s, err) != OK || store_settle(s, err) != OK ||
	    (st = db_query(s, "again_senders", err)) == NULL || db_run(s, st, err) != OK)
		goto out;
	*changed = a.changed;
	r = OK;
out:
	s->writer->days_from = NO_DAY;
	arena_free(a.head_text);
	arena_free(a.text);
	free(a.changes);
	return r;
}
