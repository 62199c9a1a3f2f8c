/* SPDX-License-Identifier: MIT */
/*
 * Private to the room parse: one parser, as its files know it. feedback.c reads the bytes and decides on the tries; xml.c drives
 * libxml2 and knows which element may stand where; head.c and record.c turn the text of elements into fields.
 */
#ifndef PARSE_PARSER_H
#define PARSE_PARSER_H

#include <openssl/evp.h>

#include "base/arena.h"
#include "base/buf.h"
#include "parse/notes.h"
#include "parse/parse.h"

/* RFC 9990 section 3.1.1.11 asks for 100 */
enum { DKIM_MOST = 100, SPF_MOST = 10, AUTHS_MAX = DKIM_MOST + SPF_MOST, REASONS_MAX = 10 };

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

struct parser {
	struct parse_limits limits;
	struct xml *xml;			/* xml.c's own; kept from one document to the next */
	EVP_MD_CTX *md;

	/* the document */
	const struct sink *sink;
	struct notes notes;
	struct arena *head_text;
	struct feedback head;
	char *errors;				/* joined error elements, in head_text */
	int metadata_seen, policy_seen, head_told, head_changed, ns_9990;
	int pass_seen;				/* a record has the disposition `pass`, which RFC 7489 does not know */
	int may_hold_back, held_back;		/* records that came before the head is whole are read once more (feedback.c) */
	const struct feedback *known;		/* the whole head, the second time; else NULL */
	int begin_seen, end_seen, range_seen;

	/* where it is */
	enum element stack[PARSE_DEPTH_MOST];
	int depth;
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
	int record_open;			/* begun and not yet ended */
	int count_seen, row_seen, identifiers_seen, evaluated_seen, auth_seen;
	int64_t number, delivered, messages, refused_records;

	/* how it ends */
	enum outcome stopped;			/* SKIP or STOP where a guard or the sink ended the parse; else OK */
	struct err err;
	int hopeless;				/* a second try would meet the same refusal */
	int refused;				/* it had a DOCTYPE with an internal subset */
	char xml_error[200];
	int xml_line;
	int xml_code;
};

/* --- head.c: text of the element that ends, and the head --- */

/* 1: have is NULL, the field has no value yet; a second value is noted and left. */
int field_is_first(struct parser *p, const void *have);
/* Trimmed; NULL where empty. Lives in the arena. */
char *field_text(struct parser *p, struct arena *a);
/* The same in out, as far as there is room: what is a number or a date is shorter. For fields that strangers could repeat a million times. */
enum { NUMBER_TEXT = 64 };
const char *field_number(struct parser *p, char out[NUMBER_TEXT]);
char *field_folded(struct parser *p, struct arena *a);	/* in lower case */
char *field_domain(struct parser *p, struct arena *a);	/* as domain_normal, in A-labels */
void head_field(struct parser *p, enum element e);	/* an element of the head ends */
int head_gave(const struct parser *p, enum element block);	/* 1: a field of it has a value */
void head_settle(struct parser *p);			/* what follows from all of its fields */
void head_tell(struct parser *p);			/* gives the head to the sink where it is news */

/* --- record.c --- */

void record_begin(struct parser *p);
void record_within(struct parser *p);			/* one begins before another was closed, which ends */
void record_end(struct parser *p);
int record_gave(const struct parser *p, enum element block);	/* 1: a field of it has a value */
void record_field(struct parser *p, enum element e);
/* 0: beyond the caps, to be passed over. */
int record_begin_auth(struct parser *p, enum auth_kind kind);
int record_begin_reason(struct parser *p);
void record_hand_over(struct parser *p);		/* the records gathered so far to the sink */

/* --- xml.c --- */

#define XML_BAD_BYTES "bytes that are not in the encoding it declares"
enum element element_child(enum element parent, const char *name);	/* what an element of this name is there; E_UNKNOWN: nothing of ours */
void xml_stop(struct parser *p, const char *why);	/* a guard ends the parse */
void xml_refuse(struct parser *p);			/* declarations end it */
void xml_sink_said(struct parser *p, enum outcome r);	/* anything but OK ends it */
void xml_begin(struct parser *p, int recover);		/* a fresh try */
int xml_feed(void *parser, const char *bytes, size_t len);	/* 0: no use in going on */
/* Behind the root's end: whether only white space and comments follow is still of interest. */
void xml_feed_tail(struct parser *p, const char *bytes, size_t len);
void xml_end(struct parser *p, int recover);		/* no more bytes */
int xml_is_cut(const struct parser *p);			/* the error was that the bytes ended within an element */

#endif
