/* SPDX-License-Identifier: MIT */
/*
 * Reports, written. A report whose result is known before its first row
 * (all small ones) needs no savepoint: whether it is a duplicate is decided first. A larger one is
 * written as it comes and rolled back when its end shows a duplicate or damage.
 *
 * The key of a report stands against the RFC's (see DECISIONS.md): reporter (organisation and e-mail), policy
 * domain, report id without <>, begin and end.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "sql/given.h"
#include "sql/growth.h"
#include "sql/reporter.h"
#include "sql/tally.h"

static enum outcome
run_named(struct store *s, const char *name, struct err *err)
{
	sqlite3_stmt *st = db_query(s, name, err);

	return st == NULL ? STOP : db_run(s, st, err);
}

enum { COPIES = 100 };		/* of one report, stored though they differ */
static const int64_t DAY = 86400;

#ifndef TALLIES_FEW
#define TALLIES_FEW 12288	/* a test has fewer */
#endif

/*
 * Whether enough is gathered to be added to the totals while others still read and parse: a quarter of all so far, so that little is left
 * for the end, when nobody else has anything to do, and an address that comes often is not looked at too often.
 */
static int
is_enough(const struct writer *w)
{
	return w->count >= TALLIES_FEW && ((int64_t)w->count >= w->tallied / 4 || w->count == TALLIES);
}

/* The totals look up what the tallies point at. */
static enum outcome
begin_totals(struct store *s, struct err *err)
{
	return records_write(s, err) == OK ? flush_begin(s, err) : STOP;
}

enum outcome
store_report_begin(struct store *s, const struct intake_row *row, const struct parse_result *known, struct err *err)
{
	struct writer *w = writer_get(s, err);

	if (w == NULL)
		return STOP;
	/* Tallies of one report whose result is known stay together, so that they can be taken back. */
	if (known != NULL && known->records > TALLIES)
		known = NULL;
	if (known != NULL && (known->records > (int64_t)(TALLIES - w->count) || is_enough(w)) && begin_totals(s, err) != OK)
		return STOP;
	if (known == NULL) {
		/* What is rolled back later must not take the totals of earlier reports with it. */
		if (writer_flush(s, err) != OK || run_named(s, "savepoint", err) != OK)
			return STOP;
	}
	w->row = row;
	w->known = known;
	w->savepoint = known == NULL;
	w->open = 1;
	w->skip = w->have_head = 0;
	w->saved_count = w->count;
	w->saved_moves = w->nmoves;
	w->saved_record = w->next_record;
	w->saved_report = w->next_report;
	w->saved_intake = w->next_intake;
	w->saved_source = w->next_source;
	w->saved_set = w->next_set;
	w->report = w->next_report++;
	w->first_record = w->next_record;
	w->last_record = w->first_record - 1;
	arena_reset(w->head);
	return OK;
}

/* report_id without one pair of <>. */
static const char *
bare_id(struct arena *a, const char *id)
{
	size_t len = id != NULL ? strlen(id) : 0;

	if (len >= 2 && id[0] == '<' && id[len - 1] == '>')
		return text_trim(arena_strn(a, id + 1, len - 2));
	return id;
}

static void
key_of(struct writer *w, const struct feedback *f, int cut)
{
	const char *parts[] = { f->org_name, f->email, f->domain, bare_id(w->head, f->report_id) };
	char *folded;
	size_t i;

	buf_reset(&w->key);
	for (i = 0; i < 4; i++) {
		folded = arena_str(w->head, parts[i] != NULL ? parts[i] : "");
		if (i < 2)
			text_lower(folded);
		buf_str(&w->key, folded);
		buf_add(&w->key, "", 1);
	}
	buf_fmt(&w->key, "%lld-%lld%s", (long long)f->begin_at, (long long)f->end_at, cut ? " cut" : "");
	digest_of(w->key.at, w->key.len, w->key_digest);
}

/* What there is of this key already: the report of this content, and the counted one (w->same, w->rival). */
static enum outcome
look_for_key(struct store *s, const unsigned char sha256[32], struct err *err)
{
	struct writer *w = s->writer;
	sqlite3_stmt *st;
	enum outcome r;

	w->same = w->copies = 0;
	memset(&w->rival, 0, sizeof(w->rival));
	if (!digests_has(&w->waiting.keys, w->key_digest)) {
		if (w->waiting.keys.whole)
			return OK;
	} else if (records_write(s, err) != OK) {
		return STOP;
	}
	if ((st = db_query(s, "report_key", err)) == NULL)
		return STOP;
	sqlite3_bind_blob(st, 1, w->key_digest, DIGEST, SQLITE_STATIC);
	sqlite3_bind_blob(st, 2, sha256, 32, SQLITE_STATIC);
	for (; (r = db_step(s, st, err)) == OK; w->copies++) {
		if (w->same == 0 && sqlite3_column_int(st, 1))
			w->same = sqlite3_column_int64(st, 0);
		if (w->rival.id == 0 && sqlite3_column_int(st, 2)) {
			w->rival.id = sqlite3_column_int64(st, 0);
			w->rival.authenticated = sqlite3_column_int(st, 3);
			w->rival.sound = sqlite3_column_int(st, 4);
			w->rival.gone = sqlite3_column_int(st, 5);
		}
	}
	return r == STOP ? STOP : OK;
}

/* Two lists of notes as one; each may be empty or NULL. */
static const char *
joined(struct writer *w, const char *a, const char *b)
{
	char *both;
	size_t len;

	if (a == NULL || *a == '\0')
		return b;
	if (b == NULL || *b == '\0')
		return a;
	len = strlen(a) + strlen(b) + 3;
	both = arena_alloc(w->head, len);
	(void)snprintf(both, len, "%s; %s", a, b);
	return both;
}

/* What is told of dates that no report should have; it is stored all the same. NULL: nothing. */
static const char *
date_note(struct store *s)
{
	struct writer *w = s->writer;

	if (w->begin_at == NO_TIME || w->end_at == NO_TIME)
		return NULL;
	if (w->end_at > s->now_at + 2 * DAY)
		return "dated in the future, and not told of before that";
	if (w->end_at - w->begin_at > DAY + DAY / 2)
		return arena_fmt(w->head, "covers %d days, whose mail stands on the first", (int)((w->end_at - w->begin_at + DAY / 2) / DAY));
	return NULL;
}

/* What is kept of the repairs: the unpacker's, then the parser's. */
static const char *
all_notes(struct writer *w, const struct parse_result *r)
{
	return joined(w, w->row->notes, r->notes);
}

/* Better than the counted one of this key: its mail is authenticated as the reporter's, or it is sound without repair. */
static int
is_better(const struct writer *w, const char *notes)
{
	const struct rival *old = &w->rival;
	int authenticated = w->row->mail_auth != NULL && strcmp(w->row->mail_auth, "pass") == 0 && reporter_is_from(w->row->mail_from, w->email), sound = *notes == '\0';

	return authenticated != old->authenticated ? authenticated : sound > old->sound;
}

/* Somebody makes copies of this report that differ: what is not to be counted is not stored any more, for each would be looked at with the next. */
static int
is_too_many(struct writer *w, const struct parse_result *r)
{
	return w->copies >= COPIES && (r->cut_short || (w->rival.id > 0 && !is_better(w, all_notes(w, r))));
}

enum outcome
store_report_head(struct store *s, const struct feedback *f, struct err *err)
{
	struct writer *w = s->writer;

	w->report_id = arena_str(w->head, f->report_id);
	w->version = arena_str(w->head, f->version);
	w->errors = arena_str(w->head, f->errors);
	w->email = arena_str(w->head, f->email);
	w->format = f->format;
	w->begin_at = f->begin_at;
	w->end_at = f->end_at;
	if (f->begin_at == NO_TIME || !text_day(f->begin_at, w->day))
		w->day[0] = '\0';
	w->day_number = w->day[0] != '\0' ? (int32_t)(f->begin_at / 86400 - (f->begin_at % 86400 < 0)) : NO_DAY;
	w->undated |= w->day_number == NO_DAY;
	key_of(w, f, w->known != NULL && w->known->cut_short);
	w->skip = 0;
	if (w->known != NULL) {
		if (look_for_key(s, w->known->sha256, err) != OK)
			return STOP;
		w->skip = w->same > 0 || is_too_many(w, w->known);
	}
	if (!w->skip) {
		w->reporter = reporter_id(s, f, err);
		w->policy = policy_id(s, f, err);
		w->domain = domain_id(s, f->domain, err);
		if (w->reporter < 0 || w->policy < 0 || w->domain < 0)
			return STOP;
	}
	w->have_head = 1;
	return OK;
}

static enum outcome
add_tally(struct store *s, const struct record *r, int64_t source, int64_t set, int64_t outcome, struct err *err)
{
	struct writer *w = s->writer;
	struct tally *t;

	if ((w->savepoint ? is_enough(w) : w->count == TALLIES) && begin_totals(s, err) != OK)
		return STOP;
	w->tallied++;
	t = &w->tallies[w->count++];
	t->source = (int32_t)source;
	t->auth_set = (int32_t)set;
	t->outcome = (int32_t)outcome;
	t->domain = (int32_t)w->domain;
	t->day = w->day_number;
	t->messages = r->count;
	w->tallied_to = w->last_record;
	return OK;
}

static enum outcome
add_record(struct store *s, const struct record *r, const struct judgement *j, int counted, struct err *err)
{
	struct writer *w = s->writer;
	int64_t source = source_id(s, r->source_ip, err), reasons = reason_set_id(s, r, err), set = auth_set_id(s, r, err);
	int64_t ident = reasons < 0 ? -1 : ident_id(s, r, reasons, err), outcome = outcome_id(s, r, j, err), *x;

	if (source < 0 || ident < 0 || set < 0 || outcome < 0 || (x = wait_row(s, WAIT_RECORD, err)) == NULL)
		return STOP;
	w->last_record = w->first_record + r->number - 1;
	x[0] = w->last_record;
	x[1] = source;
	x[2] = r->count;
	x[3] = ident;
	x[4] = set;
	x[5] = outcome;
	return counted ? add_tally(s, r, source, set, outcome, err) : OK;
}

enum outcome
store_report_batch(struct store *s, const struct record *records, const struct judgement *judgements, size_t count,
    struct err *err)
{
	struct writer *w = s->writer;
	int counted = w->known == NULL || !w->known->cut_short;
	size_t i;

	for (i = 0; i < count && !w->skip; i++)
		if (add_record(s, &records[i], &judgements[i], counted, err) != OK)
			return STOP;
	w->next_record = w->last_record + 1;
	/* What is being flushed goes on little by little, so that nobody who brings records waits for all of it. */
	w->since += count;
	if (w->since < FLOW_CHUNK)
		return OK;
	w->since = 0;
	return flush_some(s, err) == STOP ? STOP : OK;
}

enum outcome
store_report_drop(struct store *s, struct err *err)
{
	struct writer *w = s->writer;

	if (!w->open)
		return OK;
	w->open = 0;
	if (!w->savepoint) {
		/* Nothing was written of a skipped report; any other has its result already and is not dropped. */
		w->next_report = w->saved_report;
		return OK;
	}
	if (run_named(s, "rollback_to", err) != OK || run_named(s, "release", err) != OK)
		return STOP;
	writer_clear_caches(s);
	growth_forget(s);
	flush_drop(w);
	moves_drop(w, w->saved_moves);
	w->tallied_to = w->flushed_to = w->saved_record - 1;
	w->count = w->saved_count;
	waiting_drop(&w->waiting);
	w->next_record = w->saved_record;
	w->next_report = w->saved_report;
	w->next_intake = w->saved_intake;
	w->next_source = w->saved_source;
	w->next_set = w->saved_set;
	return OK;
}

static enum outcome
add_report(struct store *s, const struct parse_result *r, int counted, const char *notes, struct err *err)
{
	struct writer *w = s->writer;
	const char *all = joined(w, notes, date_note(s));
	int64_t mail = mail_id(s, w->row, err), *x = mail < 0 ? NULL : wait_row(s, WAIT_REPORT, err);

	if (x == NULL)
		return STOP;
	x[0] = w->report;
	x[1] = wait_bytes(&w->waiting, w->key_digest, DIGEST);
	x[2] = w->intake;
	x[3] = w->reporter;
	x[4] = w->policy;
	x[5] = w->domain;
	x[6] = wait_text(&w->waiting, w->day[0] != '\0' ? w->day : NULL);
	x[7] = w->begin_at != NO_TIME ? w->begin_at : GIVEN_NULL;
	x[8] = w->end_at != NO_TIME ? w->end_at : GIVEN_NULL;
	x[9] = wait_text(&w->waiting, w->report_id);
	x[10] = wait_text(&w->waiting, w->version);
	x[11] = w->format;
	x[12] = wait_text(&w->waiting, w->errors);
	x[13] = r->records;
	x[14] = r->messages;
	x[15] = w->first_record;
	x[16] = w->last_record;
	x[17] = wait_text(&w->waiting, all != NULL && *all != '\0' ? all : NULL);
	x[18] = wait_bytes(&w->waiting, r->sha256, sizeof(r->sha256));
	x[19] = mail > 0 ? mail : GIVEN_NULL;
	x[20] = s->now_at;
	x[21] = counted;
	digests_add(&w->waiting.keys, w->key_digest);
	/* Records touch the domain when they are summed. */
	return r->records == 0 ? growth_open(s, w->domain, err) : OK;
}

enum outcome
report_count(struct store *s, int64_t report, int counted, const char *note, struct err *err)
{
	sqlite3_stmt *st;

	if (tally_report(s, report, counted ? 1 : -1, err) != OK || (st = db_query(s, "report_count", err)) == NULL)
		return STOP;
	sqlite3_bind_int64(st, 1, report);
	sqlite3_bind_int(st, 2, counted);
	db_text(st, 3, note);
	s->pending++;
	return db_run(s, st, err);
}

static enum outcome
uncount(struct store *s, int64_t report, int64_t better, struct err *err)
{
	char note[96];

	(void)snprintf(note, sizeof(note), "no longer counted: report %lld, a better copy, is", (long long)better);
	return report_count(s, report, 0, note, err);
}

/*
 * Of two copies that differ the better one is counted: mail authenticated, then sound without repair, then first. But one whose records
 * retention has removed stays counted, for nothing tells any more what to take out of the sums. reason says the outcome.
 */
static enum outcome
settle_conflict(struct store *s, const struct parse_result *r, const struct rival *old, const void *raw, size_t rawlen,
    char reason[256], struct err *err)
{
	struct writer *w = s->writer;
	const char *notes = all_notes(w, r);
	int best = is_better(w, notes), better = best && !old->gone;
	const char *outcome = better ? "this copy is counted now" : best ? "the first is counted, as its records were removed and its sums stay" :
	    "the first is counted";
	char *noted;
	size_t len = strlen(notes) + 96;

	(void)snprintf(reason, 256, "same report as report %lld (%s), with other content; %s", (long long)old->id,
	    "reporter, domain, id and period are equal", outcome);
	noted = arena_alloc(w->head, len);
	(void)snprintf(noted, len, "%s%s%s %lld", notes, *notes != '\0' ? "; " : "",
	    better ? "counted in place of report" : "not counted: conflicts with report", (long long)old->id);
	if (ledger_add(s, w->row, INTAKE_CONFLICT, reason, w->report, raw, rawlen, err) != OK ||
	    add_report(s, r, better, noted, err) != OK)
		return STOP;
	if (better)
		return uncount(s, old->id, w->report, err);
	/* Its records were gathered into the totals as they came: out again. */
	if (!w->savepoint) {
		w->count = w->saved_count;
		return OK;
	}
	return writer_flush(s, err) == OK ? tally_report(s, w->report, -1, err) : STOP;
}

static enum outcome
end_duplicate(struct store *s, int64_t same, char reason[256], struct err *err)
{
	const struct intake_row *row = s->writer->row;

	(void)snprintf(reason, 256, "the same report was stored before, as report %lld", (long long)same);
	if (store_report_drop(s, err) != OK)
		return STOP;
	return ledger_add(s, row, INTAKE_DUPLICATE, reason, same, NULL, 0, err);
}

static enum outcome
end_ledger_only(struct store *s, const void *raw, size_t rawlen, char reason[256], struct err *err)
{
	const struct intake_row *row = s->writer->row;

	(void)snprintf(reason, 256, "same report as report %lld, with other content, as more than %d others: not stored", (long long)s->writer->rival.id, COPIES - 1);
	if (store_report_drop(s, err) != OK)
		return STOP;
	return ledger_add(s, row, INTAKE_CONFLICT, reason, 0, raw, rawlen, err);
}

enum outcome
store_report_end(struct store *s, const struct parse_result *r, const void *raw, size_t rawlen, enum intake_state *state,
    char reason[256], struct err *err)
{
	struct writer *w = s->writer;

	reason[0] = '\0';
	/* Of a report known beforehand the head has looked already. */
	if ((w->known == NULL || !w->have_head) && look_for_key(s, r->sha256, err) != OK)
		return STOP;
	if (w->same > 0) {
		*state = INTAKE_DUPLICATE;
		return end_duplicate(s, w->same, reason, err);
	}
	*state = w->rival.id > 0 ? INTAKE_CONFLICT : INTAKE_STORED;
	if (w->rival.id > 0 && is_too_many(w, r))
		return end_ledger_only(s, raw, rawlen, reason, err);
	if (w->rival.id > 0) {
		if (settle_conflict(s, r, &w->rival, raw, rawlen, reason, err) != OK)
			return STOP;
	} else if (ledger_add(s, w->row, INTAKE_STORED, NULL, w->report, NULL, 0, err) != OK ||
	    add_report(s, r, 1, all_notes(w, r), err) != OK) {
		return STOP;
	}
	w->open = 0;
	return w->savepoint ? run_named(s, "release", err) : OK;
}

enum outcome
store_report_spoil(struct store *s, const struct parse_result *r, const char *reason, const void *raw, size_t rawlen,
    struct err *err)
{
	struct writer *w = s->writer;

	if (!w->have_head) {
		const struct intake_row *row = w->row;

		if (store_report_drop(s, err) != OK)
			return STOP;
		return ledger_add(s, row, INTAKE_DAMAGED, reason, 0, raw, rawlen, err);
	}
	if (w->savepoint) {
		/* The key of a cut copy is its own, so that the whole report can still come. */
		buf_str(&w->key, " cut");
		digest_of(w->key_digest, DIGEST, w->key_digest);
	}
	if (look_for_key(s, r->sha256, err) != OK)
		return STOP;
	if (w->same > 0 || (w->copies >= COPIES && (w->savepoint || w->skip))) {
		const struct intake_row *row = w->row;
		int64_t same = w->same;

		if (store_report_drop(s, err) != OK)
			return STOP;
		return ledger_add(s, row, INTAKE_DAMAGED, reason, same, raw, rawlen, err);
	}
	if (ledger_add(s, w->row, INTAKE_DAMAGED, reason, w->report, raw, rawlen, err) != OK)
		return STOP;
	if (w->savepoint && (writer_flush(s, err) != OK))
		return STOP;
	if (add_report(s, r, 0, joined(w, all_notes(w, r), reason), err) != OK)
		return STOP;
	if (w->savepoint && tally_report(s, w->report, -1, err) != OK)
		return STOP;
	w->open = 0;
	return w->savepoint ? run_named(s, "release", err) : OK;
}

/* --- words --- */

const char *
verdict_str(enum verdict v)
{
	static const char *const names[] = { "", "pass", "fail", "undetermined", "unknown" };

	return names[v];
}

const char *
verdict_basis_str(enum verdict_basis v)
{
	static const char *const names[] = { "", "reported", "recomputed", "none" };

	return names[v];
}

const char *
under_reject_str(enum under_reject v)
{
	static const char *const names[] = { "", "delivered", "rejected", "likely_spared", "quarantined", "delivered_failing",
		"undetermined", "unknown" };

	return names[v];
}
