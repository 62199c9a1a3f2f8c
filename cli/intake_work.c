/* SPDX-License-Identifier: MIT */
/*
 * A worker of the pipeline: unpacks, parses and judges one item after the other, and hands over what the writer is to
 * store, as pieces. A small report goes over whole (its result is known before its first row is written); a large one
 * streams, batch by batch.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/ahead.h"
#include "cli/pipeline.h"
#include "report/verdict.h"

/* One worker: its tools and the document it is at. */
struct worker {
	struct pipeline *p;
	struct unpacker *unpacker;
	struct parser *parser;
	struct job *job;
	uint64_t number;
	struct document *doc;
	struct ahead *ahead;
	struct feedback head;		/* its text lies in the job's arena, or in head_text */
	struct arena *head_text;
	size_t counted;			/* bytes of the job's arena that pieces account for */
	struct piece *held, *held_last;	/* pieces of a report not yet known to be large */
	int held_batches, streaming;
	const unsigned char *raw;	/* the item's bytes, once asked for: its own, or one copy in the job's arena for all its documents; NULL */
	size_t rawlen;
	int kept;			/* the item's bytes were given to one of its damaged documents, which is enough to read it again */
};

/* --- handing over --- */

static struct arena *
job_text(struct worker *w)
{
	return w->job->item->text;
}

/* The last piece of a document accounts for what its pieces take of the job's arena. */
static void
count_text(struct worker *w, struct piece *last)
{
	size_t bytes = arena_bytes(job_text(w));

	last->bytes += bytes - w->counted;
	w->counted = bytes;
}

static int
push(struct worker *w, struct piece *first, struct piece *last)
{
	return pipeline_push(w->p, w->job, w->number, first, last);
}

/* A piece that says all by its kind. */
static int
push_bare(struct worker *w, enum piece_kind kind)
{
	struct piece *x = piece_new(kind, job_text(w));

	return push(w, x, x);
}

/* Pieces of a report are held back until it is known to be large, or whole. */
static int
hold(struct worker *w, struct piece *x)
{
	struct piece *first;

	if (w->held_last != NULL)
		w->held_last->next = x;
	else
		w->held = x;
	w->held_last = x;
	if (!w->streaming)
		return 1;
	first = w->held;
	w->held = w->held_last = NULL;
	return push(w, first, x);
}

static void
drop_held(struct worker *w)
{
	struct piece *x, *next;

	for (x = w->held; x != NULL; x = next) {
		next = x->next;
		piece_free(x);
	}
	w->held = w->held_last = NULL;
	w->held_batches = 0;
}

/* --- the work on one document --- */

/* A piece that begins with the row of the ledger. */
static struct piece *
piece_with_row(struct worker *w, enum piece_kind kind)
{
	struct arena *text = job_text(w);
	struct piece *x = piece_new(kind, text);
	const struct document *d = w->doc;

	if (w->p->feed->item_key != NULL)
		x->row.item = w->p->feed->item_key(w->p->feed->ctx, w->job->item);
	x->row.place = w->job->item->place;
	x->row.digest = w->job->digest;
	x->row.origin = arena_str(text, d != NULL ? d->origin : w->job->item->origin);
	if (d != NULL) {
		x->row.mail_from = arena_str(text, d->mail_from);
		x->row.mail_auth = arena_str(text, d->mail_auth);
		x->row.notes = arena_str(text, d->notes);
	}
	return x;
}

static void
keep_raw(struct worker *w, struct piece *x)
{
	const unsigned char *bytes;
	size_t len;

	if (w->doc == NULL)
		return;
	if (w->raw == NULL) {
		document_raw(w->doc, &bytes, &len);
		if (len == 0)
			return;
		w->raw = bytes == w->job->item->bytes ? bytes : (const unsigned char *)arena_strn(job_text(w), (const char *)bytes, len);
		w->rawlen = len;
	}
	x->raw = w->raw;
	x->rawlen = w->rawlen;
}

/* The reason without the origin in front, which has a column of its own. */
static const char *
bare(const char *text, const char *origin)
{
	size_t len = strlen(origin);

	if (strncmp(text, origin, len) == 0 && text[len] == ':')
		return text + len + (text[len + 1] == ' ' ? 2 : 1);
	return text;
}

static void
ledger(struct worker *w, enum intake_state state, const char *reason, int raw)
{
	struct piece *x = piece_with_row(w, PIECE_LEDGER);

	x->state = state;
	x->reason = arena_str(job_text(w), bare(reason, x->row.origin));
	if (raw && !w->kept)
		keep_raw(w, x);
	if (raw)
		w->kept |= state == INTAKE_DAMAGED || state == INTAKE_RETRY;
	count_text(w, x);
	push(w, x, x);
}

static enum outcome
read_bytes(void *ctx, void *bytes, size_t cap, size_t *got, struct err *err)
{
	return ahead_read(ctx, bytes, cap, got, err);
}

static enum outcome
rewind_bytes(void *ctx, struct err *err)
{
	return ahead_rewind(ctx, err);
}

static void
copy_words(struct arena *a, struct feedback *f)
{
	const char **texts[] = { &f->version, &f->org_name, &f->email, &f->extra_contact_info, &f->report_id, &f->generator,
		&f->errors, &f->domain, &f->adkim.text, &f->aspf.text, &f->p.text, &f->sp.text, &f->np.text, &f->testing.text,
		&f->fo, &f->discovery_method };
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		*texts[i] = arena_str(a, *texts[i]);
}

/* Of a large report the head may come many times: each in an arena that goes once it is written. */
static enum outcome
on_head(void *ctx, const struct feedback *f, struct err *err)
{
	struct worker *w = ctx;
	struct arena *text = w->streaming ? arena_new() : job_text(w);
	struct piece *x = piece_new(PIECE_HEAD, text);

	(void)err;
	x->head = *f;
	copy_words(text, &x->head);
	w->head = x->head;
	if (w->streaming) {
		x->owner = text;
		x->bytes = arena_bytes(text);
		arena_reset(w->head_text);
		copy_words(w->head_text, &w->head);
	}
	return hold(w, x) ? OK : STOP;
}

static enum outcome
on_batch(void *ctx, const struct record *records, size_t count, struct arena *owner, struct err *err)
{
	struct worker *w = ctx;
	struct piece *x = piece_new(PIECE_BATCH, owner);
	size_t i;

	(void)err;
	x->owner = owner;
	x->records = records;
	x->count = count;
	x->judgements = arena_alloc(owner, count * sizeof(*x->judgements));
	for (i = 0; i < count; i++)
		verdict_of(&w->head, &records[i], &x->judgements[i]);
	x->bytes = arena_bytes(owner);
	if (++w->held_batches > 1)
		w->streaming = 1;
	return hold(w, x) ? OK : STOP;
}

/* Before the second try: what the first brought goes. */
static enum outcome
on_again(void *ctx, struct err *err)
{
	struct worker *w = ctx;

	(void)err;
	ahead_stop(w->ahead);
	if (!w->streaming) {
		/* The piece BEGIN comes first and stays. */
		struct piece *begin = w->held;

		w->held = begin->next;
		drop_held(w);
		begin->next = NULL;
		w->held = w->held_last = begin;
		return OK;
	}
	if (!push_bare(w, PIECE_DROP))
		return STOP;
	w->streaming = 0;
	w->held_batches = 0;
	return hold(w, piece_with_row(w, PIECE_BEGIN)) ? OK : STOP;
}

/* With no more room for notes than there are of them. */
static struct parse_result *
result_copy(struct arena *a, const struct parse_result *r)
{
	size_t size = offsetof(struct parse_result, notes) + strlen(r->notes) + 1;

	return memcpy(arena_alloc(a, size), r, size);
}

/* Ends the report that was begun: whole (state 0) or cut short. */
static void
end_report(struct worker *w, const struct parse_result *r, enum intake_state state, const char *reason)
{
	struct arena *text = job_text(w);
	struct piece *x = piece_new(PIECE_END, text);

	x->state = state;
	x->result = result_copy(text, r);
	x->reason = arena_str(text, reason != NULL ? bare(reason, w->doc->origin) : NULL);
	/* A large report is seldom a conflict, and a copy of its bytes would double what it takes. */
	if (state != 0 ? !w->kept : !w->streaming)
		keep_raw(w, x);
	w->kept |= state != 0;
	/* What unpacking had to repair is known only now. */
	x->row.notes = arena_str(text, w->doc->notes);
	count_text(w, x);
	if (!w->streaming) {
		w->held->result = x->result;	/* BEGIN: known beforehand */
		w->streaming = 1;
	}
	hold(w, x);
}

/* A report that was begun comes to nothing. */
static void
drop_report(struct worker *w)
{
	if (w->streaming)
		push_bare(w, PIECE_DROP);
	else
		drop_held(w);
}

static void
parse_document(struct worker *w)
{
	struct bytes_in bytes = { w->ahead, read_bytes, rewind_bytes, w->doc->origin };
	struct sink sink = { w, on_head, on_batch };
	struct parse_result result;
	struct err err = { "", 0 };
	int is_report = 0;
	enum outcome r;

	memset(&result, 0, sizeof(result));
	memset(&w->head, 0, sizeof(w->head));
	w->streaming = w->held_batches = 0;
	hold(w, piece_with_row(w, PIECE_BEGIN));
	ahead_begin(w->ahead, w->doc);
	r = feedback_parse(w->parser, &bytes, &sink, on_again, &result, &is_report, &err);
	ahead_stop(w->ahead);
	if (r == OK) {
		end_report(w, &result, 0, NULL);
	} else if (r == SKIP && result.cut_short && is_report && w->head.format != 0 && !err.retry) {
		end_report(w, &result, INTAKE_DAMAGED, err.text);
	} else {
		drop_report(w);
		if (r == SKIP)
			ledger(w, err.retry ? INTAKE_RETRY : is_report ? INTAKE_DAMAGED : INTAKE_NOT_A_REPORT, err.text,
			    is_report || err.retry);
	}
}

static void
work_document(struct worker *w)
{
	switch (w->doc->kind) {
	case DOC_XML:
		parse_document(w);
		break;
	case DOC_TLS_REPORT:
	case DOC_FAILURE:
	case DOC_BOUNCE:
		ledger(w, INTAKE_NOT_A_REPORT, w->doc->reason, 1);
		break;
	case DOC_DAMAGED:
		ledger(w, w->doc->retry ? INTAKE_RETRY : INTAKE_DAMAGED, w->doc->reason, 1);
		break;
	case DOC_OTHER:
		ledger(w, INTAKE_NOT_A_REPORT, w->doc->reason, 0);
		break;
	}
}

/* Known bytes at a known place are not read again. */
static int
is_known(struct worker *w)
{
	struct pipeline *p = w->p;

	if (p->lookup == NULL)
		return 0;
	pthread_mutex_lock(&p->look);
	w->job->known = store_knows(p->lookup, w->job->item->place, w->job->digest);
	pthread_mutex_unlock(&p->look);
	return w->job->known == KNOWN;
}

static void
work_item(struct worker *w)
{
	struct err err = { "", 0 };

	w->doc = NULL;
	w->raw = NULL;
	w->kept = 0;
	w->counted = arena_bytes(job_text(w));
	if (w->job->item->refused != NULL) {
		ledger(w, w->job->item->refused_retry ? INTAKE_RETRY : INTAKE_DAMAGED, w->job->item->refused, 0);
		return;
	}
	if (unpacker_open(w->unpacker, w->job->item, w->job->digest, &err) != OK) {
		ledger(w, err.retry ? INTAKE_RETRY : INTAKE_DAMAGED, err.text, 0);
		if (w->job->item->named) {
			pthread_mutex_lock(&w->p->lock);
			w->p->in->unopened++;
			pthread_mutex_unlock(&w->p->lock);
		}
		return;
	}
	if (is_known(w)) {
		push_bare(w, PIECE_KNOWN);
	} else {
		while (unpacker_next(w->unpacker, &w->doc, &err) == OK && !w->p->failed)
			work_document(w);
	}
	unpacker_close(w->unpacker);
}

void *
worker_main(void *arg)
{
	struct worker w = { .p = arg };

	pipeline_give_way();
	w.unpacker = unpacker_new(&w.p->in->ingest);
	w.parser = parser_new(&w.p->in->parse);
	w.ahead = ahead_new();
	w.head_text = arena_new();
	while ((w.job = pipeline_take(w.p, &w.number)) != NULL) {
		work_item(&w);
		pipeline_done(w.p, w.job, w.number);
	}
	drop_held(&w);
	arena_free(w.head_text);
	ahead_free(w.ahead);
	parser_free(w.parser);
	unpacker_free(w.unpacker);
	return NULL;
}
