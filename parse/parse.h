/* SPDX-License-Identifier: MIT */
/*
 * Door of the room parse: bytes of an aggregate report in, its head and records out.
 *
 * Reads the dialects of RFC 7489 appendix C, the earlier draft and RFC 9990 appendix A at once, by
 * local names. Nothing here judges mail: it only says what the report says, and notes each repair.
 * Text is as the reporter wrote it, trimmed; enumerations and domains are lower-cased, domains
 * without a trailing dot. Absent and empty are NULL. Times are seconds UTC.
 */
#ifndef PARSE_PARSE_H
#define PARSE_PARSE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct arena;

/* Values of a time or number that is absent or unreadable. */
#define NO_TIME INT64_MIN
#define NO_NUMBER INT64_MIN

/* --- values of the field --- */

enum policy { POLICY_ABSENT = 0, POLICY_NONE, POLICY_QUARANTINE, POLICY_REJECT, POLICY_UNKNOWN };
enum disposition { DISP_ABSENT = 0, DISP_NONE, DISP_PASS, DISP_QUARANTINE, DISP_REJECT, DISP_UNKNOWN };
enum dmarc_result { DMARC_ABSENT = 0, DMARC_PASS, DMARC_FAIL, DMARC_UNKNOWN };	/* policy_evaluated/dkim, spf */
/* Raw results; aliases folded: hardfail to fail, error to permerror, unknown to temperror. */
enum auth_result {
	AUTH_ABSENT = 0, AUTH_NONE, AUTH_PASS, AUTH_FAIL, AUTH_SOFTFAIL, AUTH_POLICY, AUTH_NEUTRAL,
	AUTH_TEMPERROR, AUTH_PERMERROR, AUTH_UNKNOWN
};
enum spf_scope { SCOPE_ABSENT = 0, SCOPE_MFROM, SCOPE_HELO, SCOPE_UNKNOWN };
enum reason_type {
	REASON_ABSENT = 0, REASON_FORWARDED, REASON_SAMPLED_OUT, REASON_TRUSTED_FORWARDER, REASON_MAILING_LIST,
	REASON_LOCAL_POLICY, REASON_POLICY_TEST_MODE, REASON_OTHER, REASON_UNKNOWN
};
enum auth_kind { KIND_DKIM = 1, KIND_SPF };
enum format { FORMAT_DRAFT = 1, FORMAT_RFC7489, FORMAT_RFC9990 };	/* draft: no version element */

/* One table for each enum (vocab.c). From trimmed lower-case text; NULL or "" gives ABSENT, other words UNKNOWN. */
enum policy policy_of(const char *s);
enum disposition disposition_of(const char *s);
enum dmarc_result dmarc_result_of(const char *s);
enum auth_result auth_result_of(const char *s);
enum spf_scope spf_scope_of(const char *s);
enum reason_type reason_type_of(const char *s);

/* --- the report --- */

/* A word of an enumeration: its code and, always when present, its text (lower case; kept where unknown). */
struct word { int code; const char *text; };

/* report_metadata and policy_published, RFC 9990 sections 3.1.1.3 to 3.1.1.5. All text borrowed from the parser's arena. */
struct feedback {
	enum format format;
	const char *version;
	const char *org_name;		/* NULL if absent; nobody fills it in */
	const char *email, *extra_contact_info, *report_id;	/* report_id as written, <> kept */
	const char *generator;
	const char *errors;		/* error elements, "; " between them */
	int64_t begin_at, end_at;	/* NO_TIME where unreadable */
	const char *domain;		/* policy domain */
	struct word adkim, aspf;	/* code 'r' or 's', 0 absent, '?' unknown */
	struct word p, sp, np;		/* enum policy */
	int64_t pct;			/* 0..100, NO_NUMBER where absent or unreadable */
	struct word testing;		/* code 'y' or 'n', 0 absent, '?' unknown */
	const char *fo, *discovery_method;
};

struct reason { struct word type; const char *comment; };	/* enum reason_type */

struct auth {
	enum auth_kind kind;
	const char *domain, *selector, *human_result;	/* selector: DKIM only */
	struct word scope;		/* enum spf_scope; SPF only */
	struct word result;		/* enum auth_result; text as written (lower case) */
};

struct record {
	int64_t number;			/* 1 for the first <record> of the report, skipped ones counted */
	const char *source_ip;		/* canonical text, IPv4-mapped as IPv4; as written where unreadable; NULL absent */
	int64_t count;			/* 0..limits.count; 0 also where a record without readable count is kept */
	struct word disposition, dkim, spf;	/* enum disposition, enum dmarc_result */
	const char *header_from, *envelope_from, *envelope_to;
	int envelope_from_empty;	/* 1: the element was there and empty (null reverse-path) */
	struct reason *reasons;
	size_t nreasons;
	struct auth *auths;		/* DKIM and SPF results in their order in the report */
	size_t nauths;
};

/*
 * Where the parse goes. Calls come in the order head, batch*, then feedback_parse returns. A
 * callback that returns other than OK ends the parse with that outcome (err set by the callback).
 * head is called before the first batch, or at the end of a report without records; what
 * stands after the first record of a report (a late policy_published) arrives by a second call of head.
 */
struct sink {
	void *ctx;
	enum outcome (*head)(void *ctx, const struct feedback *f, struct err *err);
	/* At most 1,000 records. `owner` holds all their text: the callback takes it over (arena_free it). */
	enum outcome (*batch)(void *ctx, const struct record *records, size_t count, struct arena *owner, struct err *err);
};

/* Caps against hostile input, each a setting too. */
enum {
	PARSE_DEPTH = 64,		/* elements within elements; reports need 6 */
	PARSE_DEPTH_MOST = 256,		/* what the setting may be raised to; libxml2's own cap is the same */
	PARSE_UNKNOWN = 10000,		/* unknown elements: their names fill the parser's dictionary */
	PARSE_QUIET_BYTES = 1 << 17,	/* fed without any event: one endless tag or comment, or a bare &; a second try follows */
	PARSE_RECORDS = 5000000,	/* of one report */
	PARSE_TEXT_BYTES = 4096,	/* kept of one field */
	PARSE_TEXT_BYTES_MOST = 65536
};
#define PARSE_COUNT ((int64_t)10000000000)	/* messages of one record: more is no count */
#define PARSE_COUNT_MOST (100 * PARSE_COUNT)	/* what the setting may be raised to: sums of nine million such records fit into 64 bits */

struct parse_limits {	/* 0 means the default above */
	int depth;
	int unknown_elements;
	int64_t quiet_bytes;
	int64_t records;
	int text_bytes;
	int64_t count;
};

/* What came of it besides the records. */
struct parse_result {
	int64_t records;	/* records delivered */
	int64_t messages;	/* sum of their counts */
	int cut_short;		/* 1: it ended before </feedback>; never to be stored as whole */
	int recovered;		/* 1: only the second, sanitised try read it */
	unsigned char sha256[32];	/* of all bytes of the document; valid when OK, or when cut_short */
	char notes[2048];	/* repairs, "; " between them; empty: sound */
};

struct parser;	/* reusable per thread */
struct parser *parser_new(const struct parse_limits *limits);	/* NULL: defaults */
void parser_free(struct parser *p);				/* NULL is fine */

/* The document, as this room sees it: ingest's document_read and document_rewind fit behind these. */
struct bytes_in {
	void *ctx;
	enum outcome (*read)(void *ctx, void *bytes, size_t cap, size_t *got, struct err *err);
	enum outcome (*rewind)(void *ctx, struct err *err);
	const char *origin;
};

/*
 * Parses one document. `again` is called before the second try, so that the caller can drop what it took from
 * the first (NULL: there is no second try). Returns OK: a report, all of it was read
 * (notes tell repairs). SKIP: not usable; err says "ORIGIN: line N: reason". *is_report tells
 * whether a <feedback> root was seen, or damage so that nobody knows (0: the ledger says not_a_report, 1: damaged). With SKIP and
 * cut_short the records delivered stand and may be kept apart. STOP: a callback said so.
 */
enum outcome feedback_parse(struct parser *p, const struct bytes_in *in, const struct sink *sink,
    enum outcome (*again)(void *ctx, struct err *err), struct parse_result *result, int *is_report, struct err *err);

#include "parse/domain.h"
#include "parse/ip.h"

#endif
