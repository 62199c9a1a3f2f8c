/* SPDX-License-Identifier: MIT */
/*
 * The only user of libxml2. Reads an aggregate report (RFC 7489 appendix C, the draft before it, RFC 9990 appendix A, all at
 * once) with the SAX2 push parser: a table says which element may stand in which, everything else is passed over with all
 * below it. First try strict; when that fails before </feedback>, a second one over a sanitised copy.
 *
 * Guards, because reports come from strangers: nothing external is ever loaded, declarations end the parse, and depth,
 * unknown elements, text, records and silence are capped.
 */
#include <libxml/parser.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "parse/notes.h"
#include "parse/parse.h"
#include "parse/sanitise.h"

enum {
	BATCH = 1000,			/* records handed over at once */
	CHUNK = 32768,			/* bytes fed at once */
	AUTHS_MAX = 110, REASONS_MAX = 10,	/* 100 DKIM and 10 SPF results, RFC 9990 section 3.1.1.11 asks for 100 */
	NAMES_MAX = 1024,		/* names a kept XML parser may have learnt */
	HEAD_BYTES = 1024		/* looked at for white space and a byte order mark */
};
static const int64_t COUNT_MAX = 10000000000;	/* messages of one record: more is no count */

/* Elements we know, by what they mean where they stand. */
enum element {
	E_NONE = 0, E_FEEDBACK, E_VERSION, E_METADATA, E_POLICY, E_RECORD,
	E_ORG_NAME, E_EMAIL, E_EXTRA, E_REPORT_ID, E_DATE_RANGE, E_ERROR, E_GENERATOR, E_BEGIN, E_END,
	E_DOMAIN, E_P, E_SP, E_NP, E_ADKIM, E_ASPF, E_PCT, E_FO, E_TESTING, E_DISCOVERY,
	E_ROW, E_SOURCE_IP, E_COUNT, E_EVALUATED, E_DISPOSITION, E_EV_DKIM, E_EV_SPF, E_REASON, E_TYPE, E_COMMENT,
	E_IDENTIFIERS, E_HEADER_FROM, E_ENVELOPE_FROM, E_ENVELOPE_TO,
	E_AUTH, E_DKIM, E_SPF, E_A_DOMAIN, E_SELECTOR, E_SCOPE, E_RESULT, E_HUMAN,
	E_UNKNOWN
};

/* Which element may stand in which. */
static const struct { enum element parent; const char *name; enum element child; } grammar[] = {
	{ E_FEEDBACK, "record", E_RECORD }, { E_FEEDBACK, "report_metadata", E_METADATA },
	{ E_FEEDBACK, "policy_published", E_POLICY }, { E_FEEDBACK, "version", E_VERSION },
	{ E_METADATA, "org_name", E_ORG_NAME }, { E_METADATA, "email", E_EMAIL }, { E_METADATA, "extra_contact_info", E_EXTRA },
	{ E_METADATA, "report_id", E_REPORT_ID }, { E_METADATA, "date_range", E_DATE_RANGE }, { E_METADATA, "error", E_ERROR },
	{ E_METADATA, "generator", E_GENERATOR },
	{ E_DATE_RANGE, "begin", E_BEGIN }, { E_DATE_RANGE, "end", E_END },
	{ E_POLICY, "domain", E_DOMAIN }, { E_POLICY, "p", E_P }, { E_POLICY, "sp", E_SP }, { E_POLICY, "np", E_NP },
	{ E_POLICY, "adkim", E_ADKIM }, { E_POLICY, "aspf", E_ASPF }, { E_POLICY, "pct", E_PCT }, { E_POLICY, "fo", E_FO },
	{ E_POLICY, "testing", E_TESTING }, { E_POLICY, "discovery_method", E_DISCOVERY },
	{ E_RECORD, "row", E_ROW }, { E_RECORD, "identifiers", E_IDENTIFIERS }, { E_RECORD, "auth_results", E_AUTH },
	{ E_RECORD, "identities", E_IDENTIFIERS },
	{ E_ROW, "source_ip", E_SOURCE_IP }, { E_ROW, "count", E_COUNT }, { E_ROW, "policy_evaluated", E_EVALUATED },
	{ E_EVALUATED, "disposition", E_DISPOSITION }, { E_EVALUATED, "dkim", E_EV_DKIM }, { E_EVALUATED, "spf", E_EV_SPF },
	{ E_EVALUATED, "reason", E_REASON }, { E_REASON, "type", E_TYPE }, { E_REASON, "comment", E_COMMENT },
	{ E_IDENTIFIERS, "header_from", E_HEADER_FROM }, { E_IDENTIFIERS, "envelope_from", E_ENVELOPE_FROM },
	{ E_IDENTIFIERS, "envelope_to", E_ENVELOPE_TO },
	{ E_AUTH, "dkim", E_DKIM }, { E_AUTH, "spf", E_SPF },
	{ E_DKIM, "domain", E_A_DOMAIN }, { E_DKIM, "selector", E_SELECTOR }, { E_DKIM, "result", E_RESULT },
	{ E_DKIM, "human_result", E_HUMAN },
	{ E_SPF, "domain", E_A_DOMAIN }, { E_SPF, "scope", E_SCOPE }, { E_SPF, "result", E_RESULT }, { E_SPF, "human_result", E_HUMAN },
};
enum { GRAMMAR = sizeof(grammar) / sizeof(grammar[0]) };

/* Names come from the parser's dictionary: the same name has the same address, so what it means is looked up once a document. */
enum { CACHE = 512 };
struct cached { const xmlChar *name; enum element parent, child; };

struct parser {
	struct parse_limits limits;
	xmlSAXHandler sax;
	EVP_MD_CTX *md;
	struct cached cache[CACHE];

	/* the document */
	xmlParserCtxtPtr xml;			/* NULL before the first document; kept from one to the next */
	const struct sink *sink;
	struct notes notes;
	struct arena *head_text;
	struct feedback head;
	char *errors;				/* joined error elements, in head_text */
	int metadata_seen, policy_seen, head_told, head_changed, ns_9990;
	int begin_seen, end_seen;

	/* where it is */
	enum element stack[64];
	int depth, feedback_depth;		/* of feedback; 0: not met yet */
	int is_report, complete;
	int passed_over;			/* depth below an element that is passed over; 0: none */
	int64_t unknown, fed, last_event;
	struct buf text;
	int text_cut;

	/* the record */
	struct arena *batch;
	struct record *records;
	size_t nrecords, room;
	struct record record;
	struct auth auths[AUTHS_MAX], *auth;
	size_t nauths, ndkim, nspf, nreasons;
	struct reason reasons[REASONS_MAX], *reason;
	int count_seen, row_seen, identifiers_seen, skip_block;
	int64_t number, delivered, messages;

	/* how it ends */
	enum outcome stopped;			/* SKIP or STOP where a guard or the sink ended the parse; else OK */
	struct err err;
	int hopeless;				/* a second try would meet the same refusal */
	char xml_error[200];
	int xml_line;
	int xml_code;
};

static void
quiet(void *ctx, const char *fmt, ...)
{
	(void)ctx;
	(void)fmt;
}

/* --- ending early --- */

static void
stop(struct parser *p, const char *why)
{
	if (p->stopped != OK)
		return;
	p->stopped = SKIP;
	p->hopeless = 1;
	(void)snprintf(p->err.text, sizeof(p->err.text), "%s", why);
	xmlStopParser(p->xml);
}

static void
sink_said(struct parser *p, enum outcome r)
{
	if (r == OK || p->stopped != OK)
		return;
	p->stopped = r;
	p->hopeless = 1;
	xmlStopParser(p->xml);
}

/* --- text of a field --- */

/* The end of the text that does not cut a character in two. */
static size_t
whole_characters(const char *s, size_t len)
{
	size_t n = len;

	while (n > 0 && len - n < 4 && ((unsigned char)s[n - 1] & 0xc0) == 0x80)
		n--;
	if (n > 0 && (unsigned char)s[n - 1] >= 0xc0) {
		unsigned char c = (unsigned char)s[n - 1];
		size_t need = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;

		return len - (n - 1) < need ? n - 1 : len;
	}
	return len;
}

/* The trimmed text of the element that ends; NULL where empty. Lives in the arena. */
static char *
field(struct parser *p, struct arena *a)
{
	size_t len = p->text.len;
	const char *s = p->text.at;

	if (p->text_cut) {
		len = whole_characters(s, len);
		notes_add(&p->notes, NOTE_CUT_TEXT);
	}
	while (len > 0 && strchr(" \t\r\n\v\f", s[len - 1]) != NULL)
		len--;
	while (len > 0 && strchr(" \t\r\n\v\f", *s) != NULL) {
		s++;
		len--;
	}
	return len > 0 ? arena_strn(a, s, len) : NULL;
}

static char *
folded(struct parser *p, struct arena *a)
{
	char *s = field(p, a);

	if (s != NULL)
		text_lower(s);
	return s;
}

static char *
domain(struct parser *p, struct arena *a)
{
	char *s = field(p, a);

	return s != NULL ? domain_normal(s) : NULL;
}

/* --- the head --- */

static void
set_once(struct parser *p, const char **to)
{
	if (*to == NULL)
		*to = field(p, p->head_text);
	p->head_changed = 1;
}

static void
set_policy(struct parser *p, struct word *to)
{
	if (to->text == NULL)
		to->text = folded(p, p->head_text);
	to->code = (int)policy_of(to->text);
	p->head_changed = 1;
}

/* A one-letter switch: r, s, y, n. */
static void
set_letter(struct parser *p, struct word *to, const char *letters)
{
	if (to->text == NULL)
		to->text = folded(p, p->head_text);
	if (to->text != NULL)
		to->code = to->text[1] == '\0' && strchr(letters, to->text[0]) != NULL ? to->text[0] : '?';
	p->head_changed = 1;
}

/* Leading digits are seconds; a fraction is dropped (RFC 7489 wants an integer). */
static void
set_time(struct parser *p, int64_t *to, int *seen)
{
	const char *s = field(p, p->head_text);
	size_t digits = 0;

	if ((*seen)++ > 0)
		return;
	p->head_changed = 1;
	if (s != NULL)
		digits = strspn(s, "0123456789");
	if (digits == 0 || (s[digits] != '\0' && s[digits] != '.') || !text_int64(s, digits, to) || *to > 253402300799) {
		*to = NO_TIME;
		return;
	}
	if (s[digits] == '.')
		notes_add(&p->notes, NOTE_FRACTION);
}

static void
set_pct(struct parser *p)
{
	const char *s = field(p, p->head_text);
	int64_t n;

	p->head_changed = 1;
	if (s == NULL || p->head.pct != NO_NUMBER)
		return;
	if (text_int64(s, strlen(s), &n) && n >= 0 && n <= 100)
		p->head.pct = n;
	else
		notes_add(&p->notes, NOTE_BAD_PCT);
}

static void
add_error(struct parser *p)
{
	const char *s = field(p, p->head_text);
	char *both;
	size_t len;

	if (s == NULL)
		return;
	len = strlen(s) + (p->errors != NULL ? strlen(p->errors) + 2 : 0) + 1;
	if (len > (size_t)p->limits.text_bytes)
		return;
	both = arena_alloc(p->head_text, len);
	(void)snprintf(both, len, "%s%s%s", p->errors != NULL ? p->errors : "", p->errors != NULL ? "; " : "", s);
	p->head.errors = p->errors = both;
	p->head_changed = 1;
}

static void
head_field(struct parser *p, enum element e)
{
	struct feedback *f = &p->head;

	switch (e) {
	case E_VERSION: set_once(p, &f->version); break;
	case E_ORG_NAME: set_once(p, &f->org_name); break;
	case E_EMAIL: set_once(p, &f->email); break;
	case E_EXTRA: set_once(p, &f->extra_contact_info); break;
	case E_REPORT_ID: set_once(p, &f->report_id); break;
	case E_GENERATOR: set_once(p, &f->generator); break;
	case E_ERROR: add_error(p); break;
	case E_BEGIN: set_time(p, &f->begin_at, &p->begin_seen); break;
	case E_END: set_time(p, &f->end_at, &p->end_seen); break;
	case E_DOMAIN:
		if (f->domain == NULL)
			f->domain = domain(p, p->head_text);
		p->head_changed = 1;
		break;
	case E_P: set_policy(p, &f->p); break;
	case E_SP:
		set_policy(p, &f->sp);
		if (f->sp.text == NULL)
			notes_add(&p->notes, NOTE_SP_EMPTY);
		break;
	case E_NP: set_policy(p, &f->np); break;
	case E_ADKIM: set_letter(p, &f->adkim, "rs"); break;
	case E_ASPF: set_letter(p, &f->aspf, "rs"); break;
	case E_TESTING: set_letter(p, &f->testing, "yn"); break;
	case E_PCT: set_pct(p); break;
	case E_FO: set_once(p, &f->fo); break;
	case E_DISCOVERY:
		if (f->discovery_method == NULL)
			f->discovery_method = folded(p, p->head_text);
		p->head_changed = 1;
		break;
	default: break;
	}
}

/* RFC 9990 shows by its namespace, or by elements only it has; `np` alone is no proof. */
static enum format
format_of(const struct parser *p)
{
	const struct feedback *f = &p->head;

	if (p->ns_9990 || f->testing.text != NULL || f->discovery_method != NULL || f->generator != NULL)
		return FORMAT_RFC9990;
	return f->version != NULL ? FORMAT_RFC7489 : FORMAT_DRAFT;
}

static void
tell_head(struct parser *p)
{
	if (p->head_told && !p->head_changed)
		return;
	p->head.format = format_of(p);
	p->head_told = 1;
	p->head_changed = 0;
	sink_said(p, p->sink->head(p->sink->ctx, &p->head, &p->err));
}

/* --- records --- */

static void
hand_over(struct parser *p)
{
	struct arena *batch = p->batch;
	size_t n = p->nrecords;

	if (n == 0 || p->stopped != OK)
		return;
	tell_head(p);
	if (p->stopped != OK)
		return;
	p->batch = NULL;
	p->nrecords = 0;
	p->delivered += (int64_t)n;
	sink_said(p, p->sink->batch(p->sink->ctx, p->records, n, batch, &p->err));
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

static void
begin_record(struct parser *p)
{
	memset(&p->record, 0, sizeof(p->record));
	p->nauths = p->ndkim = p->nspf = p->nreasons = 0;
	p->count_seen = p->row_seen = p->identifiers_seen = 0;
	p->record.number = ++p->number;
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

static void
end_record(struct parser *p)
{
	struct record *r = &p->record;

	if (!p->count_seen)
		notes_add(&p->notes, NOTE_NO_COUNT);
	if (r->count < 0) {
		notes_add(&p->notes, NOTE_BAD_COUNT);
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
		hand_over(p);
	if (p->number >= p->limits.records)
		stop(p, "more records than are read of one report");
}

static void
set_count(struct parser *p)
{
	const char *s = field(p, p->batch);
	int64_t n;

	if (p->count_seen || s == NULL || strspn(s, "0123456789+-") != strlen(s))
		return;
	/* A number we cannot hold is a bad record; one that is none counts nothing. */
	p->record.count = text_int64(s, strlen(s), &n) && n >= 0 && n <= COUNT_MAX ? n : -1;
	p->count_seen = 1;
}

static void
set_address(struct parser *p)
{
	char text[IP_TEXT], *s = field(p, p->batch);

	if (s == NULL || p->record.source_ip != NULL)
		return;
	if (ip_canonical(s, text) != 0)
		s = arena_str(p->batch, text);
	else
		notes_add(&p->notes, NOTE_BAD_ADDRESS);
	p->record.source_ip = s;
}

#define SET_WORD(to, enum_of) do {			\
	if ((to).text == NULL)				\
		(to).text = folded(p, p->batch);	\
	(to).code = (int)enum_of((to).text);		\
} while (0)

static void
record_field(struct parser *p, enum element e)
{
	struct record *r = &p->record;

	switch (e) {
	case E_SOURCE_IP: set_address(p); break;
	case E_COUNT: set_count(p); break;
	case E_DISPOSITION: SET_WORD(r->disposition, disposition_of); break;
	case E_EV_DKIM: SET_WORD(r->dkim, dmarc_result_of); break;
	case E_EV_SPF: SET_WORD(r->spf, dmarc_result_of); break;
	case E_TYPE: SET_WORD(p->reason->type, reason_type_of); break;
	case E_COMMENT: p->reason->comment = field(p, p->batch); break;
	case E_HEADER_FROM:
		if (r->header_from == NULL)
			r->header_from = domain(p, p->batch);
		break;
	case E_ENVELOPE_FROM:
		if (r->envelope_from == NULL)
			r->envelope_from = domain(p, p->batch);
		r->envelope_from_empty = r->envelope_from == NULL;
		break;
	case E_ENVELOPE_TO:
		if (r->envelope_to == NULL)
			r->envelope_to = domain(p, p->batch);
		break;
	case E_A_DOMAIN: p->auth->domain = domain(p, p->batch); break;
	case E_SELECTOR: p->auth->selector = field(p, p->batch); break;
	case E_SCOPE: SET_WORD(p->auth->scope, spf_scope_of); break;
	case E_RESULT: SET_WORD(p->auth->result, auth_result_of); break;
	case E_HUMAN: p->auth->human_result = field(p, p->batch); break;
	default: break;
	}
}

/* Opens a result or reason; what is beyond the caps is passed over. */
static int
begin_auth(struct parser *p, enum auth_kind kind)
{
	size_t *n = kind == KIND_DKIM ? &p->ndkim : &p->nspf;

	if (++*n > (kind == KIND_DKIM ? 100 : 10)) {
		if (p->ndkim == 101 || p->nspf == 11)
			notes_add(&p->notes, NOTE_MANY_RESULTS);
		return 0;
	}
	p->auth = &p->auths[p->nauths++];
	memset(p->auth, 0, sizeof(*p->auth));
	p->auth->kind = kind;
	return 1;
}

static int
begin_reason(struct parser *p)
{
	if (p->nreasons == REASONS_MAX) {
		notes_add(&p->notes, NOTE_MANY_REASONS);
		return 0;
	}
	p->reason = &p->reasons[p->nreasons++];
	memset(p->reason, 0, sizeof(*p->reason));
	return 1;
}

/* --- elements --- */

static enum element
child_of(struct parser *p, enum element parent, const xmlChar *name)
{
	size_t slot = (((uintptr_t)name >> 3) * 31 + (size_t)parent) % CACHE, i;
	struct cached *c = &p->cache[slot];

	if (c->name == name && c->parent == parent)
		return c->child;
	c->name = name;
	c->parent = parent;
	c->child = E_UNKNOWN;
	for (i = 0; i < GRAMMAR; i++)
		if (grammar[i].parent == parent && strcasecmp(grammar[i].name, (const char *)name) == 0)
			c->child = grammar[i].child;
	return c->child;
}

/* 0: the element is passed over, with all below it. */
static int
enter(struct parser *p, enum element e, const xmlChar *name)
{
	switch (e) {
	case E_METADATA:
		if (p->metadata_seen++ > 0)
			notes_add(&p->notes, NOTE_TWICE_METADATA);
		return p->metadata_seen == 1;
	case E_POLICY:
		if (p->policy_seen++ > 0)
			notes_add(&p->notes, NOTE_TWICE_POLICY);
		return p->policy_seen == 1;
	case E_RECORD:
		begin_record(p);
		return 1;
	case E_ROW:
		return p->row_seen++ == 0;
	case E_IDENTIFIERS:
		if (strcasecmp((const char *)name, "identities") == 0)
			p->notes.counts[NOTE_IDENTITIES] = 1;
		return p->identifiers_seen++ == 0;
	case E_DKIM:
		return begin_auth(p, KIND_DKIM);
	case E_SPF:
		return begin_auth(p, KIND_SPF);
	case E_REASON:
		return begin_reason(p);
	default:
		return e != E_UNKNOWN;
	}
}

static void
on_start(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int nns, const xmlChar **ns, int nattrs,
    int ndefaulted, const xmlChar **attrs)
{
	struct parser *p = ctx;
	enum element parent = p->depth > 0 ? p->stack[p->depth - 1] : E_NONE, e;

	(void)prefix;
	(void)nns;
	(void)ns;
	(void)nattrs;
	(void)ndefaulted;
	(void)attrs;
	p->last_event = p->fed;
	if (p->depth + p->passed_over >= p->limits.depth) {
		stop(p, "elements are nested too deeply");
		return;
	}
	if (p->passed_over > 0) {
		p->passed_over++;
		return;
	}
	buf_reset(&p->text);
	p->text_cut = 0;
	if (!p->is_report && strcasecmp((const char *)name, "feedback") == 0) {
		e = E_FEEDBACK;
		p->is_report = 1;
		p->feedback_depth = p->depth + 1;
		p->ns_9990 = uri != NULL && strcmp((const char *)uri, "urn:ietf:params:xml:ns:dmarc-2.0") == 0;
		if (p->depth > 0)
			p->notes.counts[NOTE_TEXT_BEFORE] = 1;
	} else if (!p->is_report) {
		e = E_NONE;		/* something around the report: gone into */
	} else {
		e = parent == E_NONE ? E_UNKNOWN : child_of(p, parent, name);
		if (e == E_UNKNOWN && ++p->unknown > p->limits.unknown_elements) {
			stop(p, "too many unknown elements");
			return;
		}
		if (!enter(p, e, name)) {
			p->passed_over = 1;
			return;
		}
	}
	p->stack[p->depth++] = e;
}

static void
on_end(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
	struct parser *p = ctx;
	enum element e;

	(void)name;
	(void)prefix;
	(void)uri;
	p->last_event = p->fed;
	if (p->passed_over > 0) {
		p->passed_over--;
		return;
	}
	if (p->depth == 0)
		return;
	e = p->stack[--p->depth];
	if (e == E_RECORD)
		end_record(p);
	else if (e == E_FEEDBACK)
		p->complete = 1;
	else if (e >= E_SOURCE_IP && e != E_IDENTIFIERS && p->batch != NULL)
		record_field(p, e);
	else if (e != E_NONE)
		head_field(p, e);
	buf_reset(&p->text);
	p->text_cut = 0;
}

static int
is_leaf(enum element e)
{
	switch (e) {
	case E_NONE: case E_FEEDBACK: case E_METADATA: case E_POLICY: case E_RECORD: case E_DATE_RANGE: case E_ROW: case E_EVALUATED:
	case E_REASON: case E_IDENTIFIERS: case E_AUTH: case E_DKIM: case E_SPF: case E_UNKNOWN:
		return 0;
	default:
		return 1;
	}
}

static void
on_text(void *ctx, const xmlChar *text, int len)
{
	struct parser *p = ctx;

	p->last_event = p->fed;
	if (p->passed_over > 0 || p->depth == 0 || len <= 0 || !is_leaf(p->stack[p->depth - 1]))
		return;
	if (!buf_add(&p->text, text, (size_t)len))
		p->text_cut = 1;
}

static void
on_doctype(void *ctx, const xmlChar *name, const xmlChar *external, const xmlChar *system)
{
	struct parser *p = ctx;

	(void)name;
	(void)external;
	(void)system;
	p->notes.counts[NOTE_DOCTYPE] = 1;
}

static void
refuse(struct parser *p)
{
	stop(p, "a DOCTYPE with declarations is refused");
}

static void
on_entity(void *ctx, const xmlChar *name, int type, const xmlChar *public, const xmlChar *system, xmlChar *content)
{
	(void)name;
	(void)type;
	(void)public;
	(void)system;
	(void)content;
	refuse(ctx);
}

static void
on_element(void *ctx, const xmlChar *name, int type, xmlElementContentPtr content)
{
	(void)name;
	(void)type;
	(void)content;
	refuse(ctx);
}

static void
on_attribute(void *ctx, const xmlChar *elem, const xmlChar *name, int type, int def, const xmlChar *value, xmlEnumerationPtr tree)
{
	(void)elem;
	(void)name;
	(void)type;
	(void)def;
	(void)value;
	xmlFreeEnumeration(tree);
	refuse(ctx);
}

static void
on_notation(void *ctx, const xmlChar *name, const xmlChar *public, const xmlChar *system)
{
	(void)name;
	(void)public;
	(void)system;
	refuse(ctx);
}

#if LIBXML_VERSION >= 21200
static void
on_error(void *ctx, const xmlError *error)
#else
static void
on_error(void *ctx, xmlErrorPtr error)
#endif
{
	struct parser *p = ctx;

	if (error->level < XML_ERR_ERROR || p->xml_error[0] != '\0' || error->code == XML_ERR_USER_STOP || error->code == XML_NS_ERR_UNDEFINED_NAMESPACE)
		return;
	(void)snprintf(p->xml_error, sizeof(p->xml_error), "%s", error->message != NULL ? error->message : "not well-formed");
	p->xml_error[strcspn(p->xml_error, "\r\n")] = '\0';
	p->xml_line = error->line;
	p->xml_code = error->code;
}

/* --- a parser and its life --- */

static void
init_once(void)
{
	static int done;

	if (done)
		return;
	done = 1;
	xmlInitParser();
	xmlThrDefSetGenericErrorFunc(NULL, quiet);
}

struct parser *
parser_new(const struct parse_limits *limits)
{
	static const struct parse_limits none;
	struct parser *p = mem_alloc(sizeof(*p));
	struct parse_limits *l = &p->limits;

	init_once();
	xmlSetGenericErrorFunc(NULL, quiet);
	*l = limits != NULL ? *limits : none;
	l->depth = l->depth > 0 && l->depth < 64 ? l->depth : 64;
	l->unknown_elements = l->unknown_elements > 0 ? l->unknown_elements : 10000;
	l->quiet_bytes = l->quiet_bytes > 0 ? l->quiet_bytes : 1 << 20;
	l->records = l->records > 0 ? l->records : 5000000;
	l->text_bytes = l->text_bytes > 0 ? l->text_bytes : 4096;
	p->sax.initialized = XML_SAX2_MAGIC;
	p->sax.startElementNs = on_start;
	p->sax.endElementNs = on_end;
	p->sax.characters = p->sax.cdataBlock = p->sax.ignorableWhitespace = on_text;
	p->sax.internalSubset = on_doctype;
	p->sax.entityDecl = on_entity;
	p->sax.elementDecl = on_element;
	p->sax.attributeDecl = on_attribute;
	p->sax.notationDecl = on_notation;
	p->sax.serror = on_error;
	p->md = EVP_MD_CTX_new();
	p->head_text = arena_new();
	buf_init(&p->text, (size_t)l->text_bytes);
	return p;
}

static void
forget_xml(struct parser *p)
{
	if (p->xml == NULL)
		return;
	if (p->xml->myDoc != NULL)
		xmlFreeDoc(p->xml->myDoc);
	xmlFreeParserCtxt(p->xml);
	p->xml = NULL;
}

void
parser_free(struct parser *p)
{
	if (p == NULL)
		return;
	EVP_MD_CTX_free(p->md);
	arena_free(p->head_text);
	arena_free(p->batch);
	buf_free(&p->text);
	forget_xml(p);
	free(p);
}

static void
begin_try(struct parser *p, int options)
{
	arena_reset(p->head_text);
	arena_free(p->batch);
	p->batch = NULL;
	p->nrecords = 0;
	memset(&p->head, 0, sizeof(p->head));
	p->head.begin_at = p->head.end_at = NO_TIME;
	p->head.pct = NO_NUMBER;
	p->errors = NULL;
	p->metadata_seen = p->policy_seen = p->head_told = p->head_changed = p->ns_9990 = p->begin_seen = p->end_seen = 0;
	p->depth = p->feedback_depth = p->is_report = p->complete = p->passed_over = 0;
	p->unknown = p->fed = p->last_event = p->number = p->delivered = p->messages = 0;
	p->stopped = OK;
	p->hopeless = 0;
	p->xml_error[0] = '\0';
	if (p->xml != NULL && xmlCtxtResetPush(p->xml, NULL, 0, NULL, NULL) != 0)
		forget_xml(p);
	if (p->xml == NULL) {
		p->xml = xmlCreatePushParserCtxt(&p->sax, p, NULL, 0, NULL);
		if (p->xml == NULL)
			abort();
		/* The names' addresses are those of the parser's dictionary. */
		memset(p->cache, 0, sizeof(p->cache));
	}
	xmlCtxtUseOptions(p->xml, XML_PARSE_NONET | XML_PARSE_COMPACT | options);
}

/* A sound document leaves its parser to the next one, as long as names from outside have not filled its dictionary. */
static void
end_try(struct parser *p, int options)
{
	if (options != 0 || !p->complete || p->stopped != OK || p->xml->errNo != 0 || p->xml->myDoc != NULL ||
	    xmlDictSize(p->xml->dict) > NAMES_MAX)
		forget_xml(p);
}

/* Feeds the XML parser; 0: no use in going on. */
static int
feed(void *ctx, const char *bytes, size_t len)
{
	struct parser *p = ctx;

	p->fed += (int64_t)len;
	if (xmlParseChunk(p->xml, bytes, (int)len, 0) != 0 && (p->xml->disableSAX || p->stopped != OK))
		return 0;
	if (p->fed - p->last_event > p->limits.quiet_bytes)
		stop(p, "too many bytes without anything in them");
	return p->stopped == OK && !p->complete;
}

/* --- reading the bytes --- */

struct reading {
	struct parser *p;
	const struct bytes_in *in;
	EVP_MD_CTX *md;		/* NULL: not wanted */
	int utf8;		/* 1: valid so far */
	int pending;		/* continuation bytes still due */
	unsigned char least, most;	/* range of the next one */
	int64_t total;
	char head[HEAD_BYTES + 1];	/* first bytes */
	size_t nhead;
	enum outcome ended;	/* SKIP: damage (err), else OK */
	struct err err;
};

/* Follows UTF-8 through the bytes (RFC 3629 section 4). */
static void
check_utf8(struct reading *r, const unsigned char *s, size_t len)
{
	size_t i = 0;

	while (i < len && r->utf8) {
		unsigned char c = s[i];
		uint64_t w;

		if (r->pending == 0 && i + 8 <= len) {
			memcpy(&w, s + i, 8);
			if ((w & 0x8080808080808080u) == 0) {
				i += 8;
				continue;
			}
		}
		i++;
		if (r->pending > 0) {
			r->utf8 = c >= r->least && c <= r->most;
			r->pending--;
			r->least = 0x80;
			r->most = 0xbf;
		} else if (c >= 0x80) {
			r->pending = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
			r->least = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
			r->most = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
			r->utf8 = c >= 0xc2 && c <= 0xf4;
		}
	}
}

/* Next bytes; 0 at the end or at damage. */
static size_t
next_bytes(struct reading *r, char *bytes, size_t cap)
{
	size_t got = 0;

	if (r->ended != OK)
		return 0;
	r->ended = r->in->read(r->in->ctx, bytes, cap, &got, &r->err);
	if (got == 0)
		return 0;
	if (r->md != NULL)
		EVP_DigestUpdate(r->md, bytes, got);
	if (r->nhead < HEAD_BYTES) {
		size_t n = HEAD_BYTES - r->nhead < got ? HEAD_BYTES - r->nhead : got;

		memcpy(r->head + r->nhead, bytes, n);
		r->nhead += n;
	}
	check_utf8(r, (const unsigned char *)bytes, got);
	r->total += (int64_t)got;
	return got;
}

/* White space (and a UTF-8 byte order mark) before the first `<` at the head of the bytes: how many bytes. */
static size_t
blank_head(const char *s, size_t len)
{
	size_t i = 0, bom = 0;

	if (len >= 3 && memcmp(s, "\xef\xbb\xbf", 3) == 0)
		i = bom = 3;
	while (i < len && s[i] != '\0' && strchr(" \t\r\n\v\f", s[i]) != NULL)
		i++;
	return i > bom && i < len && s[i] == '<' ? i : 0;
}

static void
strict_try(struct parser *p, struct reading *r)
{
	char bytes[CHUNK];
	size_t got, skip;
	int first = 1, use = 1;

	begin_try(p, 0);
	while ((got = next_bytes(r, bytes, sizeof(bytes))) > 0) {
		skip = first ? blank_head(bytes, got) : 0;
		if (skip > 0)
			notes_add(&p->notes, NOTE_SPACE_BEFORE);
		first = 0;
		/* What the digest and the encoding check still want is read on, but no longer parsed. */
		if (use)
			use = feed(p, bytes + skip, got - skip);
		else if (p->complete && p->xml_error[0] == '\0')
			(void)xmlParseChunk(p->xml, bytes, (int)got, 0);
		if (p->stopped != OK && p->hopeless && r->md == NULL)
			break;
	}
	if (p->stopped == OK)
		(void)xmlParseChunk(p->xml, NULL, 0, 1);
	end_try(p, 0);
}

/* The encoding for the second try: byte order mark, UTF-16 pattern, valid UTF-8, the declared name, windows-1252. */
static const char *
charset_of(const struct reading *r, char *declared, size_t room)
{
	const char *h = r->head, *e;
	size_t n = 0;

	if (r->nhead >= 2 && (memcmp(h, "\xff\xfe", 2) == 0 || memcmp(h, "<\0", 2) == 0))
		return "UTF-16LE";
	if (r->nhead >= 2 && (memcmp(h, "\xfe\xff", 2) == 0 || memcmp(h, "\0<", 2) == 0))
		return "UTF-16BE";
	if (r->utf8 && r->pending == 0)
		return NULL;
	e = text_find(h, "encoding=");
	if (e != NULL && e - h < 200) {
		e += 9 + (e[9] == '"' || e[9] == '\'');
		while (n + 1 < room && e[n] != '\0' && strchr("\"'?> \t\r\n", e[n]) == NULL) {
			declared[n] = e[n];
			n++;
		}
		declared[n] = '\0';
		if (n > 0 && !text_same(declared, "utf-8") && !text_same(declared, "utf8") && !text_same(declared, "us-ascii") &&
		    !text_same(declared, "ascii"))
			return declared;
	}
	return "windows-1252";
}

static void
sanitised_try(struct parser *p, struct reading *r, const char *charset)
{
	struct sanitiser *s;
	char bytes[CHUNK];
	size_t got;

	begin_try(p, XML_PARSE_RECOVER);
	s = sanitiser_new(charset, feed, p);
	while ((got = next_bytes(r, bytes, sizeof(bytes))) > 0)
		if (!sanitiser_feed(s, bytes, got))
			break;
	(void)sanitiser_end(s);
	if (sanitiser_refused(s))
		refuse(p);
	if (p->stopped == OK)
		(void)xmlParseChunk(p->xml, NULL, 0, 1);
	sanitiser_free(s);
	end_try(p, XML_PARSE_RECOVER);
}

/* --- the whole --- */

static void
check_head(struct parser *p)
{
	const struct feedback *f = &p->head;

	if (f->begin_at == NO_TIME || f->end_at == NO_TIME)
		notes_add(&p->notes, NOTE_BAD_DATES);
	else if (f->begin_at > f->end_at)
		notes_add(&p->notes, NOTE_DATES_ORDER);
	if (f->begin_at != NO_TIME && (f->begin_at < 1262304000 || f->begin_at > 4102444800))
		notes_add(&p->notes, NOTE_DATES_RANGE);
	if (f->domain == NULL)
		notes_add(&p->notes, NOTE_NO_DOMAIN);
	if (p->number == 0)
		notes_add(&p->notes, NOTE_NO_RECORD);
}

/* The last records and the head, once the bytes are at their end. */
static void
finish(struct parser *p)
{
	if (p->stopped != OK || !p->is_report)
		return;
	check_head(p);
	hand_over(p);
	if (p->stopped == OK)
		tell_head(p);
}

static int
needs_second(const struct parser *p, const struct reading *r)
{
	if (p->stopped != OK || p->complete || r->ended != OK)
		return 0;
	/* Well-formed up to its end in the middle of an element: cut, which no second try mends. */
	if (p->is_report && (p->xml_code == XML_ERR_DOCUMENT_END || p->xml_code == XML_ERR_TAG_NOT_FINISHED))
		return 0;
	return p->xml_error[0] != '\0';
}

static void
begin_reading(struct reading *r, struct parser *p, const struct bytes_in *in, EVP_MD_CTX *md)
{
	memset(r, 0, sizeof(*r));
	r->p = p;
	r->in = in;
	r->md = md;
	r->utf8 = 1;
}

static enum outcome
second_try(struct parser *p, struct reading *first, const struct sink *sink,
    enum outcome (*again)(void *ctx, struct err *err), struct parse_result *result, struct err *err)
{
	struct reading second;
	char declared[64] = "", why[256];
	const char *charset = charset_of(first, declared, sizeof(declared));
	enum outcome r;

	(void)snprintf(why, sizeof(why), "line %d: %.200s", p->xml_line, p->xml_error);
	if ((p->head_told || p->delivered > 0) && (r = again(sink->ctx, err)) != OK)
		return r;
	if ((r = first->in->rewind(first->in->ctx, err)) != OK)
		return r;
	memset(&p->notes, 0, sizeof(p->notes));
	notes_add(&p->notes, NOTE_RECOVERED);
	(void)snprintf(p->notes.recovered, sizeof(p->notes.recovered), "%s", why);
	if (charset != NULL && strncmp(charset, "UTF-16", 6) != 0) {
		notes_add(&p->notes, NOTE_CHARSET);
		(void)snprintf(p->notes.charset, sizeof(p->notes.charset), "%s", charset);
	}
	begin_reading(&second, p, first->in, NULL);
	sanitised_try(p, &second, charset);
	result->recovered = 1;
	return OK;
}

static enum outcome
conclude(struct parser *p, const struct reading *r, struct parse_result *result, struct err *err)
{
	const char *origin = r->in->origin;

	if (p->stopped == STOP) {
		*err = p->err;
		return STOP;
	}
	if (r->ended != OK && r->err.retry) {
		*err = r->err;
		return SKIP;
	}
	if (p->stopped == SKIP)
		return err_skip(err, "%s: %s", origin, p->err.text);
	if (!p->is_report)
		return err_skip(err, p->xml_error[0] != '\0' && r->ended == OK ? "%s: no aggregate report: XML without <feedback>, and not well-formed" :
		    r->ended != OK ? "%s: no <feedback> before the damage" : "%s: XML, but no aggregate report: there is no <feedback> in it", origin);
	if (p->complete) {
		if (r->ended != OK)
			notes_add(&p->notes, NOTE_READ);
		else if (p->xml_error[0] != '\0' && !result->recovered && p->notes.counts[NOTE_TEXT_BEFORE] == 0)
			notes_add(&p->notes, NOTE_TEXT_AFTER);
		(void)snprintf(p->notes.read, sizeof(p->notes.read), "%.250s", r->err.text);
		if (p->metadata_seen == 0 && p->policy_seen == 0)
			return err_skip(err, "%s: <feedback> without report_metadata and policy_published", origin);
		return OK;
	}
	result->cut_short = 1;
	if (r->ended != OK)
		return err_skip(err, "%s", r->err.text);
	return err_skip(err, "%s: cut short: it ends before </feedback>, after %lld records", origin, (long long)p->number);
}

enum outcome
feedback_parse(struct parser *p, const struct bytes_in *in, const struct sink *sink,
    enum outcome (*again)(void *ctx, struct err *err), struct parse_result *result, int *is_report, struct err *err)
{
	struct reading reading;
	enum outcome r = OK;

	memset(result, 0, sizeof(*result));
	memset(&p->notes, 0, sizeof(p->notes));
	p->sink = sink;
	p->err.text[0] = '\0';
	p->err.retry = 0;
	EVP_DigestInit_ex(p->md, EVP_sha256(), NULL);
	begin_reading(&reading, p, in, p->md);
	strict_try(p, &reading);
	EVP_DigestFinal_ex(p->md, result->sha256, NULL);
	if (again != NULL && needs_second(p, &reading))
		r = second_try(p, &reading, sink, again, result, err);
	*is_report = p->is_report;
	if (r != OK)
		return r;
	finish(p);
	r = conclude(p, &reading, result, err);
	result->records = p->delivered;
	result->messages = p->messages;
	notes_tell(&p->notes, result->notes, sizeof(result->notes));
	return r;
}
