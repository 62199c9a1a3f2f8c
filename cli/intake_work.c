/* SPDX-License-Identifier: MIT */
/*
 * A worker of the pipeline: unpacks, parses and judges one item after the other, and hands over what the writer is to
 * store, as pieces. A small report goes over whole (its result is known before its first row is written); a large one
 * streams, batch by batch.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
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
	struct feedback head;
	struct arena *head_text;
	struct piece *held, *held_last;	/* pieces of a report not yet known to be large */
	int held_batches, streaming;
	int kept;			/* the item's bytes were given to one of its damaged documents, which is enough to read it again */
};

/* --- handing over --- */

static int
push(struct worker *w, struct piece *first, struct piece *last)
{
	return pipeline_push(w->p, w->job, w->number, first, last);
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

static void
fill_row(struct worker *w, struct piece *x)
{
	const struct document *d = w->doc;
	const unsigned char *key = NULL;

	if (x->owner == NULL)
		x->owner = arena_new();
	if (w->p->feed->item_key != NULL)
		key = w->p->feed->item_key(w->p->feed->ctx, w->job->item);
	x->row.place = w->job->item->place;
	x->row.digest = w->job->digest;
	x->row.item = key;
	x->row.origin = arena_str(x->owner, d != NULL ? d->origin : w->job->item->origin);
	if (d != NULL) {
		x->row.mail_from = arena_str(x->owner, d->mail_from);
		x->row.mail_auth = arena_str(x->owner, d->mail_auth);
		x->row.notes = arena_str(x->owner, d->notes);
	}
	x->bytes += arena_bytes(x->owner);
}

static void
keep_raw(struct worker *w, struct piece *x)
{
	const unsigned char *bytes = NULL;
	size_t len = 0;

	if (w->doc == NULL)
		return;
	document_raw(w->doc, &bytes, &len);
	if (len == 0)
		return;
	if (x->owner == NULL)
		x->owner = arena_new();
	x->raw = arena_strn(x->owner, (const char *)bytes, len);
	x->rawlen = len;
	x->bytes += len;
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
	struct piece *x = piece_new(PIECE_LEDGER);

	fill_row(w, x);
	x->state = state;
	x->reason = arena_str(x->owner, bare(reason, x->row.origin));
	if (raw && !w->kept)
		keep_raw(w, x);
	if (raw)
		w->kept |= state == INTAKE_DAMAGED || state == INTAKE_RETRY;
	push(w, x, x);
}

static enum outcome
read_bytes(void *ctx, void *bytes, size_t cap, size_t *got, struct err *err)
{
	return document_read(ctx, bytes, cap, got, err);
}

static enum outcome
rewind_bytes(void *ctx, struct err *err)
{
	return document_rewind(ctx, err);
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

static enum outcome
on_head(void *ctx, const struct feedback *f, struct err *err)
{
	struct worker *w = ctx;
	struct piece *x = piece_new(PIECE_HEAD);

	(void)err;
	arena_reset(w->head_text);
	w->head = *f;
	copy_words(w->head_text, &w->head);
	x->owner = arena_new();
	x->head = *f;
	copy_words(x->owner, &x->head);
	x->bytes = arena_bytes(x->owner);
	return hold(w, x) ? OK : STOP;
}

static enum outcome
on_batch(void *ctx, const struct record *records, size_t count, struct arena *owner, struct err *err)
{
	struct worker *w = ctx;
	struct piece *x = piece_new(PIECE_BATCH);
	size_t i;

	(void)err;
	x->owner = owner;
	x->records = records;
	x->count = count;
	x->judgements = mem_alloc(count * sizeof(*x->judgements));
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
	struct piece *x;

	(void)err;
	if (!w->streaming) {
		/* The piece BEGIN comes first and stays. */
		struct piece *begin = w->held;

		w->held = begin->next;
		drop_held(w);
		begin->next = NULL;
		w->held = w->held_last = begin;
		return OK;
	}
	x = piece_new(PIECE_DROP);
	if (!push(w, x, x))
		return STOP;
	w->streaming = 0;
	w->held_batches = 0;
	x = piece_new(PIECE_BEGIN);
	fill_row(w, x);
	return hold(w, x) ? OK : STOP;
}

static struct parse_result *
result_copy(const struct parse_result *r)
{
	struct parse_result *copy = mem_alloc(sizeof(*copy));

	*copy = *r;
	return copy;
}

/* Ends the report that was begun: whole (state 0) or cut short. */
static void
end_report(struct worker *w, const struct parse_result *r, enum intake_state state, const char *reason)
{
	struct piece *x = piece_new(PIECE_END);

	x->owner = arena_new();
	x->state = state;
	x->result = result_copy(r);
	x->reason = arena_str(x->owner, reason != NULL ? bare(reason, w->doc->origin) : NULL);
	/* A large report is seldom a conflict, and a copy of its bytes would double what it takes. */
	if (state != 0 ? !w->kept : !w->streaming)
		keep_raw(w, x);
	w->kept |= state != 0;
	/* What unpacking had to repair is known only now. */
	x->row.notes = arena_str(x->owner, w->doc->notes);
	x->bytes += sizeof(*r);
	if (!w->streaming) {
		w->held->result = result_copy(r);	/* BEGIN: known beforehand */
		w->streaming = 1;
	}
	hold(w, x);
}

/* A report that was begun comes to nothing. */
static void
drop_report(struct worker *w)
{
	struct piece *x;

	if (!w->streaming) {
		drop_held(w);
		return;
	}
	x = piece_new(PIECE_DROP);
	push(w, x, x);
}

static void
parse_document(struct worker *w)
{
	struct bytes_in bytes = { w->doc, read_bytes, rewind_bytes, w->doc->origin };
	struct sink sink = { w, on_head, on_batch };
	struct piece *begin = piece_new(PIECE_BEGIN);
	struct parse_result result;
	struct err err = { "", 0 };
	int is_report = 0;
	enum outcome r;

	memset(&result, 0, sizeof(result));
	memset(&w->head, 0, sizeof(w->head));
	w->streaming = w->held_batches = 0;
	fill_row(w, begin);
	hold(w, begin);
	r = feedback_parse(w->parser, &bytes, &sink, on_again, &result, &is_report, &err);
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
	int known = 0;

	if (p->in->keep_known)
		return 0;
	pthread_mutex_lock(&p->look);
	known = p->lookup != NULL && store_knows(p->lookup, w->job->item->place, w->job->digest);
	pthread_mutex_unlock(&p->look);
	return known;
}

static void
work_item(struct worker *w)
{
	struct err err = { "", 0 };
	struct piece *x;

	w->doc = NULL;
	w->kept = 0;
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
		x = piece_new(PIECE_KNOWN);
		push(w, x, x);
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

	w.unpacker = unpacker_new(&w.p->in->ingest);
	w.parser = parser_new(&w.p->in->parse);
	w.head_text = arena_new();
	while ((w.job = pipeline_take(w.p, &w.number)) != NULL) {
		work_item(&w);
		pipeline_done(w.p, w.job, w.number);
	}
	drop_held(&w);
	arena_free(w.head_text);
	parser_free(w.parser);
	unpacker_free(w.unpacker);
	return NULL;
}
