/* SPDX-License-Identifier: MIT */
/*
 * The only user of libxml2: its SAX2 push parser, the table which element may stand in which, and the life of a parser.
 *
 * Guards, because reports come from strangers: nothing external is ever loaded, declarations end the parse, and depth,
 * unknown elements, text and silence are capped.
 */
#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "parse/parser.h"

enum {
	NAMES_MAX = 1024,	/* names a kept XML parser may have learnt */
	ATTRIBUTES_MAX = 64	/* of an element, declarations of namespaces among them: libxml2 compares each with all before it */
};

/* Names come from the parser's dictionary: the same name has the same address, so what it means is looked up once a document. */
enum { CACHE = 512 };
struct cached { const xmlChar *name; enum element parent, child; };

struct xml {
	xmlSAXHandler sax;
	xmlParserCtxtPtr ctxt;		/* NULL before the first document */
	struct cached cache[CACHE];
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
	/* A row closed before its end leaves these to the record. */
	{ E_RECORD, "source_ip", E_SOURCE_IP }, { E_RECORD, "count", E_COUNT }, { E_RECORD, "policy_evaluated", E_EVALUATED },
	/* One closed too late has these. */
	{ E_ROW, "identifiers", E_IDENTIFIERS }, { E_ROW, "identities", E_IDENTIFIERS }, { E_ROW, "auth_results", E_AUTH },
	/* So has a record. */
	{ E_RECORD, "record", E_RECORD },
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

static void
quiet(void *ctx, const char *fmt, ...)
{
	(void)ctx;
	(void)fmt;
}

/* --- ending early --- */

void
xml_stop(struct parser *p, const char *why)
{
	if (p->stopped != OK)
		return;
	p->stopped = SKIP;
	p->hopeless = 1;
	(void)snprintf(p->err.text, sizeof(p->err.text), "%s", why);
	xmlStopParser(p->xml->ctxt);
}

void
xml_sink_said(struct parser *p, enum outcome r)
{
	if (r == OK || p->stopped != OK)
		return;
	p->stopped = r;
	p->hopeless = 1;
	xmlStopParser(p->xml->ctxt);
}

/* 1: a field, which holds text and no elements. */
static int
element_is_leaf(enum element e)
{
	switch (e) {
	case E_NONE: case E_FEEDBACK: case E_METADATA: case E_POLICY: case E_RECORD: case E_DATE_RANGE: case E_ROW: case E_EVALUATED:
	case E_REASON: case E_IDENTIFIERS: case E_AUTH: case E_DKIM: case E_SPF: case E_UNKNOWN:
		return 0;
	default:
		return 1;
	}
}

enum element
element_child(enum element parent, const char *name)
{
	size_t i;

	for (i = 0; i < GRAMMAR; i++)
		if (grammar[i].parent == parent && strcasecmp(grammar[i].name, name) == 0)
			return grammar[i].child;
	return E_UNKNOWN;
}

static enum element
child_of(struct parser *p, enum element parent, const xmlChar *name)
{
	size_t slot = (((uintptr_t)name >> 3) * 31 + (size_t)parent) % CACHE;
	struct cached *c = &p->xml->cache[slot], *other = &p->xml->cache[slot ^ 1];

	if (c->name == name && c->parent == parent)
		return c->child;
	if (other->name == name && other->parent == parent)
		return other->child;
	/* Of two names that meet in one place neither pushes the other out for ever. */
	if (c->parent != E_NONE)
		*other = *c;
	c->name = name;
	c->parent = parent;
	return c->child = element_child(parent, (const char *)name);
}

/* Of a block that stands twice the first that gave a field is taken. */
static int
first_of(struct parser *p, enum element block, int *seen, enum note twice)
{
	if ((*seen)++ == 0 || !(block <= E_DATE_RANGE ? head_gave(p, block) : record_gave(p, block)))
		return 1;
	notes_add(&p->notes, twice);
	return 0;
}

/* 0: the element is passed over, with all below it. */
static int
enter(struct parser *p, enum element parent, enum element e, const xmlChar *name)
{
	if (parent == E_RECORD) {
		if (!p->record_open && e != E_RECORD && e != E_UNKNOWN)		/* it goes on behind one within it */
			record_begin(p);
		if (e == E_SOURCE_IP || e == E_COUNT || e == E_EVALUATED)
			notes_add(&p->notes, NOTE_OUTSIDE_ROW);
	}
	switch (e) {
	case E_METADATA:
		return first_of(p, e, &p->metadata_seen, NOTE_TWICE_METADATA);
	case E_POLICY:
		return first_of(p, e, &p->policy_seen, NOTE_TWICE_POLICY);
	case E_RECORD:
		if (parent == E_RECORD)
			record_within(p);
		record_begin(p);
		return 1;
	case E_DATE_RANGE:
		return first_of(p, e, &p->range_seen, NOTE_TWICE_BLOCK);
	case E_ROW:
		return first_of(p, e, &p->row_seen, NOTE_TWICE_BLOCK);
	case E_EVALUATED:
		return first_of(p, e, &p->evaluated_seen, NOTE_TWICE_BLOCK);
	case E_AUTH:
		if (parent == E_ROW)
			notes_add(&p->notes, NOTE_WITHIN_ROW);
		/* A second one is read on: results split over two blocks are all there is. */
		if (p->auth_seen++ == 1)
			notes_add(&p->notes, NOTE_TWICE_AUTH);
		return 1;
	case E_IDENTIFIERS:
		if (strcasecmp((const char *)name, "identities") == 0)
			p->notes.counts[NOTE_IDENTITIES] = 1;
		if (parent == E_ROW)
			notes_add(&p->notes, NOTE_WITHIN_ROW);
		return first_of(p, e, &p->identifiers_seen, NOTE_TWICE_BLOCK);
	case E_DKIM:
		return record_begin_auth(p, KIND_DKIM);
	case E_SPF:
		return record_begin_auth(p, KIND_SPF);
	case E_REASON:
		return record_begin_reason(p);
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
	(void)ns;
	(void)ndefaulted;
	(void)attrs;
	p->last_event = p->fed;
	if (nattrs + nns > ATTRIBUTES_MAX) {
		xml_stop(p, "an element has too many attributes");
		return;
	}
	if (p->depth + p->passed_over >= p->limits.depth) {
		xml_stop(p, "elements are nested too deeply");
		return;
	}
	if (p->passed_over > 0) {
		p->passed_over++;
		return;
	}
	if (!element_is_leaf(parent)) {		/* what stands within a field takes nothing from it */
		buf_reset(&p->text);
		p->text_cut = 0;
	}
	if (!p->is_report && strcasecmp((const char *)name, "feedback") == 0) {
		e = E_FEEDBACK;
		p->is_report = 1;
		p->ns_9990 |= uri != NULL && strcmp((const char *)uri, "urn:ietf:params:xml:ns:dmarc-2.0") == 0;
		if (p->depth > 0)
			p->notes.counts[NOTE_TEXT_BEFORE] = 1;
	} else if (!p->is_report) {
		e = E_NONE;		/* something around the report: gone into */
	} else {
		e = parent == E_NONE ? E_UNKNOWN : child_of(p, parent, name);
		if (e == E_UNKNOWN && ++p->unknown > p->limits.unknown_elements) {
			xml_stop(p, "too many unknown elements");
			return;
		}
		if (!enter(p, parent, e, name)) {
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
	if (e == E_RECORD && p->record_open)
		record_end(p);
	else if (e == E_FEEDBACK)
		p->complete = 1;
	else if (e >= E_SOURCE_IP && e != E_IDENTIFIERS && p->batch != NULL)
		record_field(p, e);
	else if (e != E_NONE)
		head_field(p, e);
	buf_reset(&p->text);
	p->text_cut = 0;
}

static void
on_text(void *ctx, const xmlChar *text, int len)
{
	struct parser *p = ctx;

	p->last_event = p->fed;
	if (p->passed_over > 0 || p->depth == 0 || len <= 0 || !element_is_leaf(p->stack[p->depth - 1]))
		return;
	if (!buf_add(&p->text, text, (size_t)len))
		p->text_cut = 1;
}

void
xml_refuse(struct parser *p)
{
	p->refused = 1;
	xml_stop(p, "a DOCTYPE with an internal subset is refused");
}

static void
on_doctype(void *ctx, const xmlChar *name, const xmlChar *external, const xmlChar *system)
{
	struct parser *p = ctx;

	(void)name;
	(void)external;
	(void)system;
	p->notes.counts[NOTE_DOCTYPE] = 1;
	/* The subset, even an empty one, comes next. */
	if (p->xml->ctxt->input != NULL && p->xml->ctxt->input->cur != NULL && *p->xml->ctxt->input->cur == '[')
		xml_refuse(p);
}

static void
on_entity(void *ctx, const xmlChar *name, int type, const xmlChar *public, const xmlChar *system, xmlChar *content)
{
	(void)name;
	(void)type;
	(void)public;
	(void)system;
	(void)content;
	xml_refuse(ctx);
}

static void
on_element(void *ctx, const xmlChar *name, int type, xmlElementContentPtr content)
{
	(void)name;
	(void)type;
	(void)content;
	xml_refuse(ctx);
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
	xml_refuse(ctx);
}

static void
on_notation(void *ctx, const xmlChar *name, const xmlChar *public, const xmlChar *system)
{
	(void)name;
	(void)public;
	(void)system;
	xml_refuse(ctx);
}

static void
keep_error(struct parser *p, const xmlError *error)
{
	(void)snprintf(p->xml_error, sizeof(p->xml_error), "%s", error->message != NULL ? error->message : "not well-formed");
	p->xml_error[strcspn(p->xml_error, "\r\n")] = '\0';
	p->xml_line = error->line;
	p->xml_code = error->code;
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

	if (error->code == XML_NS_ERR_UNDEFINED_NAMESPACE)
		p->notes.counts[NOTE_PREFIX] = 1;
	else if (error->level >= XML_ERR_ERROR && p->xml_error[0] == '\0' && error->code != XML_ERR_USER_STOP)
		keep_error(p, error);
}

/* --- libxml2's memory --- */

/*
 * It takes a buffer of 8 KiB for each document and gives it back. That is more than malloc keeps for a thread, so all parsers would meet at one
 * lock; each thread keeps its own. AddressSanitizer is to see each.
 */
enum {
	KEPT_LEAST = 8 << 10,
#if defined(__SANITIZE_ADDRESS__)
	KEPT_MOST = 0
#else
	KEPT_MOST = 16 << 10
#endif
};
static _Thread_local struct { void *at; size_t size; } kept;

static void *
take_block(size_t size)
{
	void *at = kept.at;

	if (size < KEPT_LEAST || size > kept.size)
		return malloc(size);
	kept.at = NULL;
	kept.size = 0;
	return at;
}

static void
give_block(void *at)
{
	size_t size = at != NULL ? malloc_usable_size(at) : 0;

	if (size <= KEPT_LEAST || size > KEPT_MOST || kept.at != NULL) {
		free(at);
		return;
	}
	kept.at = at;
	kept.size = size;
}

static void
forget_block(void)
{
	free(kept.at);
	kept.at = NULL;
	kept.size = 0;
}

/* --- a parser and its life --- */

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
init(void)
{
	(void)xmlMemSetup(give_block, take_block, realloc, strdup);	/* before anything else of it */
	xmlInitParser();
	xmlThrDefSetGenericErrorFunc(NULL, quiet);
}

struct parser *
parser_new(const struct parse_limits *limits)
{
	static const struct parse_limits none;
	struct parser *p = mem_alloc(sizeof(*p));
	struct parse_limits *l = &p->limits;

	pthread_once(&once, init);
	xmlSetGenericErrorFunc(NULL, quiet);
	*l = limits != NULL ? *limits : none;
	l->depth = l->depth <= 0 ? PARSE_DEPTH : l->depth < PARSE_DEPTH_MOST ? l->depth : PARSE_DEPTH_MOST;
	l->unknown_elements = l->unknown_elements > 0 ? l->unknown_elements : PARSE_UNKNOWN;
	l->quiet_bytes = l->quiet_bytes > 0 ? l->quiet_bytes : PARSE_QUIET_BYTES;
	l->records = l->records > 0 ? l->records : PARSE_RECORDS;
	l->text_bytes = l->text_bytes > 0 ? l->text_bytes : PARSE_TEXT_BYTES;
	l->count = l->count > 0 ? l->count : PARSE_COUNT;
	p->xml = mem_alloc(sizeof(*p->xml));
	p->xml->sax.initialized = XML_SAX2_MAGIC;
	p->xml->sax.startElementNs = on_start;
	p->xml->sax.endElementNs = on_end;
	p->xml->sax.characters = p->xml->sax.cdataBlock = p->xml->sax.ignorableWhitespace = on_text;
	p->xml->sax.internalSubset = on_doctype;
	p->xml->sax.entityDecl = on_entity;
	p->xml->sax.elementDecl = on_element;
	p->xml->sax.attributeDecl = on_attribute;
	p->xml->sax.notationDecl = on_notation;
	p->xml->sax.serror = on_error;
	p->md = EVP_MD_CTX_new();
	p->head_text = arena_new();
	buf_init(&p->text, (size_t)l->text_bytes);
	return p;
}

static void
forget_xml(struct parser *p)
{
	if (p->xml->ctxt == NULL)
		return;
	if (p->xml->ctxt->myDoc != NULL)
		xmlFreeDoc(p->xml->ctxt->myDoc);
	xmlFreeParserCtxt(p->xml->ctxt);
	p->xml->ctxt = NULL;
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
	forget_block();
	free(p->xml);
	free(p);
}

void
xml_begin(struct parser *p, int recover)
{
	arena_reset(p->head_text);
	arena_free(p->batch);
	p->batch = NULL;
	p->nrecords = 0;
	memset(&p->head, 0, sizeof(p->head));
	p->head.begin_at = p->head.end_at = NO_TIME;
	p->head.pct = NO_NUMBER;
	p->errors = NULL;
	p->metadata_seen = p->policy_seen = p->head_told = p->head_changed = p->begin_seen = p->end_seen = p->range_seen = 0;
	p->held_back = p->pass_seen = 0;
	/* The second try has no namespaces. */
	if (!recover)
		p->ns_9990 = 0;
	p->depth = p->is_report = p->complete = p->passed_over = 0;
	p->unknown = p->fed = p->last_event = p->number = p->delivered = p->messages = p->refused_records = 0;
	p->stopped = OK;
	p->hopeless = 0;
	p->xml_error[0] = '\0';
	p->xml_code = p->refused = 0;
	if (p->xml->ctxt != NULL && xmlCtxtResetPush(p->xml->ctxt, NULL, 0, NULL, NULL) != 0)
		forget_xml(p);
	/* A reset one takes what comes for UTF-8, and would neither see a byte order mark nor UTF-16. */
	if (p->xml->ctxt != NULL)
		p->xml->ctxt->charset = XML_CHAR_ENCODING_NONE;
	if (p->xml->ctxt == NULL) {
		p->xml->ctxt = xmlCreatePushParserCtxt(&p->xml->sax, p, NULL, 0, NULL);
		if (p->xml->ctxt == NULL)
			abort();
		/* The names' addresses are those of the parser's dictionary. */
		memset(p->xml->cache, 0, sizeof(p->xml->cache));
	}
	xmlCtxtUseOptions(p->xml->ctxt, XML_PARSE_NONET | XML_PARSE_COMPACT | (recover ? XML_PARSE_RECOVER : 0));
}

/* A sound document leaves its parser to the next one, as long as names from outside have not filled its dictionary. */
void
xml_end(struct parser *p, int recover)
{
	if (p->stopped == OK)
		(void)xmlParseChunk(p->xml->ctxt, NULL, 0, 1);
	/* It ends at what its decoder cannot read, and may tell nobody. */
	if (p->stopped == OK && !p->complete && p->xml_error[0] == '\0' && p->xml->ctxt->disableSAX != 0) {
		(void)snprintf(p->xml_error, sizeof(p->xml_error), XML_BAD_BYTES);
		p->xml_line = xmlSAX2GetLineNumber(p->xml->ctxt);
	}
	if (recover || !p->complete || p->stopped != OK || p->xml->ctxt->errNo != 0 || p->xml->ctxt->myDoc != NULL ||
	    xmlDictSize(p->xml->ctxt->dict) > NAMES_MAX)
		forget_xml(p);
}

/* Feeds the XML parser; 0: no use in going on. */
int
xml_feed(void *ctx, const char *bytes, size_t len)
{
	struct parser *p = ctx;

	p->fed += (int64_t)len;
	if (xmlParseChunk(p->xml->ctxt, bytes, (int)len, 0) != 0 && (p->xml->ctxt->disableSAX || p->stopped != OK))
		return 0;
	if (p->fed - p->last_event > p->limits.quiet_bytes) {
		/* A bare `&` is one: libxml2 waits for its `;`. The second try has neither such nor endless tags. */
		if (p->xml_error[0] == '\0')
			(void)snprintf(p->xml_error, sizeof(p->xml_error), "too many bytes without anything in them");
		p->xml_line = xmlSAX2GetLineNumber(p->xml->ctxt);
		xmlStopParser(p->xml->ctxt);
		return 0;
	}
	return p->stopped == OK && !p->complete;
}

void
xml_feed_tail(struct parser *p, const char *bytes, size_t len)
{
	if (p->complete && p->xml_error[0] == '\0')
		(void)xmlParseChunk(p->xml->ctxt, bytes, (int)len, 0);
}

int
xml_is_cut(const struct parser *p)
{
	return p->xml_code == XML_ERR_DOCUMENT_END || p->xml_code == XML_ERR_TAG_NOT_FINISHED;
}
