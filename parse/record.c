/* SPDX-License-Identifier: MIT */
/* Records: the text of their elements into fields (RFC 9990 sections 3.1.1.7 to 3.1.1.14), gathered in batches for the sink. */
#include <string.h>

#include "base/text.h"
#include "parse/parser.h"

enum { BATCH = 1000 };	/* records handed over at once */

static void
drop(struct parser *p)
{
	arena_free(p->batch);
	p->batch = NULL;
	p->records = NULL;
	p->nrecords = 0;
}

void
record_hand_over(struct parser *p)
{
	struct arena *batch = p->batch;
	size_t n = p->nrecords;

	if (n == 0 || p->stopped != OK)
		return;
	if (p->may_hold_back && (!head_gave(p, E_METADATA) || !head_gave(p, E_POLICY)))
		p->held_back = 1;
	if (p->held_back) {
		drop(p);
		return;
	}
	head_tell(p);
	if (p->stopped != OK)
		return;
	p->batch = NULL;
	p->nrecords = 0;
	p->delivered += (int64_t)n;
	xml_sink_said(p, p->sink->batch(p->sink->ctx, p->records, n, batch, &p->err));
	p->records = NULL;
}

/* Most reports hold few records: room for a whole batch would cost more than to read them. */
static void
more_room(struct parser *p)
{
	size_t room = p->room == 0 ? 8 : p->room * 4 < BATCH ? p->room * 4 : BATCH;
	struct record *more = arena_alloc(p->batch, room * sizeof(*more));

	if (p->nrecords > 0)
		memcpy(more, p->records, p->nrecords * sizeof(*more));
	p->records = more;
	p->room = room;
}

void
record_begin(struct parser *p)
{
	memset(&p->record, 0, sizeof(p->record));
	p->nauths = p->ndkim = p->nspf = p->nreasons = 0;
	p->count_seen = p->row_seen = p->identifiers_seen = p->evaluated_seen = p->auth_seen = 0;
	p->record_open = 1;
	p->record.number = ++p->number;
	if (p->number > p->limits.records)
		xml_stop(p, "more records than are read of one report");
	if (p->batch == NULL) {
		p->batch = arena_new();
		p->room = 0;
	}
	if (p->nrecords == p->room)
		more_room(p);
}

static void *
keep(struct arena *a, const void *from, size_t size)
{
	void *to = arena_alloc(a, size);

	memcpy(to, from, size);
	return to;
}

void
record_end(struct parser *p)
{
	struct record *r = &p->record;

	p->record_open = 0;
	if (!p->count_seen)
		notes_add(&p->notes, NOTE_NO_COUNT);
	if (r->count < 0) {
		notes_add(&p->notes, NOTE_BAD_COUNT);
		/* What they brought along is in the batch, too. */
		if (++p->refused_records % BATCH == 0) {
			record_hand_over(p);
			drop(p);
		}
		return;
	}
	if (r->source_ip == NULL)
		notes_add(&p->notes, NOTE_NO_ADDRESS);
	if (r->header_from == NULL)
		notes_add(&p->notes, NOTE_NO_FROM);
	if (p->nauths > 0)
		r->auths = keep(p->batch, p->auths, p->nauths * sizeof(*r->auths));
	r->nauths = p->nauths;
	if (p->nreasons > 0)
		r->reasons = keep(p->batch, p->reasons, p->nreasons * sizeof(*r->reasons));
	r->nreasons = p->nreasons;
	p->messages += r->count;
	p->records[p->nrecords++] = *r;
	if (p->nrecords == BATCH)
		record_hand_over(p);
}

int
record_gave(const struct parser *p, enum element block)
{
	const struct record *r = &p->record;
	int evaluated = r->disposition.text != NULL || r->dkim.text != NULL || r->spf.text != NULL || p->nreasons > 0;

	if (block == E_EVALUATED)
		return evaluated;
	if (block == E_ROW)
		return evaluated || r->source_ip != NULL || p->count_seen;
	return r->header_from != NULL || r->envelope_from != NULL || r->envelope_to != NULL;
}

/* The one around it may have been its list only. */
void
record_within(struct parser *p)
{
	notes_add(&p->notes, NOTE_RECORD_WITHIN);
	if (p->record_open && (record_gave(p, E_ROW) || record_gave(p, E_IDENTIFIERS) || p->nauths > 0))
		record_end(p);
	else if (p->record_open)
		p->number--;
}

/* "3", and "3.0" where nothing but zeros follows the point. */
static void
set_count(struct parser *p)
{
	char text[NUMBER_TEXT];
	const char *s = field_number(p, text);
	size_t digits;
	int64_t n;

	if (s == NULL || !field_is_first(p, p->count_seen ? &p->count_seen : NULL))
		return;
	digits = strspn(s, "0123456789+-");
	if (digits == 0 || (s[digits] != '\0' && (s[digits] != '.' || s[digits + 1 + strspn(s + digits + 1, "0")] != '\0')))
		return;
	if (s[digits] != '\0')
		notes_add(&p->notes, NOTE_COUNT_POINT);
	/* A number we cannot hold is a bad record; one that is none counts nothing. */
	p->record.count = text_int64(s, digits, &n) && n >= 0 && n <= p->limits.count ? n : -1;
	p->count_seen = 1;
}

static void
set_address(struct parser *p)
{
	char text[IP_TEXT], *s;

	if (!field_is_first(p, p->record.source_ip) || (s = field_text(p, p->batch)) == NULL)
		return;
	if (ip_canonical(s, text) != 0) {
		s = arena_str(p->batch, text);
	} else if (ip_dressed(s, text) != 0) {
		s = arena_str(p->batch, text);
		notes_add(&p->notes, NOTE_DRESSED_ADDRESS);
	} else {
		notes_add(&p->notes, NOTE_BAD_ADDRESS);
	}
	p->record.source_ip = s;
}

/* The first text stands. */
static void
set_text(struct parser *p, const char **to, char *(*text)(struct parser *p, struct arena *a))
{
	if (field_is_first(p, *to))
		*to = text(p, p->batch);
}

#define SET_WORD(to, enum_of) do {			\
	if (field_is_first(p, (to).text))		\
		(to).text = field_folded(p, p->batch);	\
	(to).code = (int)enum_of((to).text);		\
} while (0)

void
record_field(struct parser *p, enum element e)
{
	struct record *r = &p->record;

	switch (e) {
	case E_SOURCE_IP: set_address(p); break;
	case E_COUNT: set_count(p); break;
	case E_DISPOSITION:
		SET_WORD(r->disposition, disposition_of);
		if (r->disposition.code == DISP_PASS && !p->pass_seen)
			p->pass_seen = p->head_changed = 1;
		break;
	case E_EV_DKIM: SET_WORD(r->dkim, dmarc_result_of); break;
	case E_EV_SPF: SET_WORD(r->spf, dmarc_result_of); break;
	case E_TYPE: SET_WORD(p->reason->type, reason_type_of); break;
	case E_COMMENT: set_text(p, &p->reason->comment, field_text); break;
	case E_HEADER_FROM: set_text(p, &r->header_from, field_domain); break;
	case E_ENVELOPE_FROM:
		set_text(p, &r->envelope_from, field_domain);
		r->envelope_from_empty = r->envelope_from == NULL;
		break;
	case E_ENVELOPE_TO: set_text(p, &r->envelope_to, field_domain); break;
	case E_A_DOMAIN: set_text(p, &p->auth->domain, field_domain); break;
	case E_SELECTOR: set_text(p, &p->auth->selector, field_text); break;
	case E_SCOPE: SET_WORD(p->auth->scope, spf_scope_of); break;
	case E_RESULT: SET_WORD(p->auth->result, auth_result_of); break;
	case E_HUMAN: set_text(p, &p->auth->human_result, field_text); break;
	default: break;
	}
}

/* Opens a result or reason; what is beyond the caps is passed over. */
int
record_begin_auth(struct parser *p, enum auth_kind kind)
{
	size_t *n = kind == KIND_DKIM ? &p->ndkim : &p->nspf;

	size_t most = kind == KIND_DKIM ? DKIM_MOST : SPF_MOST;

	if (++*n > most) {
		if (*n == most + 1 && (p->ndkim <= DKIM_MOST || p->nspf <= SPF_MOST))	/* once a record */
			notes_add(&p->notes, NOTE_MANY_RESULTS);
		return 0;
	}
	p->auth = &p->auths[p->nauths++];
	memset(p->auth, 0, sizeof(*p->auth));
	p->auth->kind = kind;
	return 1;
}

int
record_begin_reason(struct parser *p)
{
	if (p->nreasons == REASONS_MAX) {
		notes_add(&p->notes, NOTE_MANY_REASONS);
		return 0;
	}
	p->reason = &p->reasons[p->nreasons++];
	memset(p->reason, 0, sizeof(*p->reason));
	return 1;
}
