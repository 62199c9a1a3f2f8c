/* SPDX-License-Identifier: MIT */
/* The parser over reports as the world sends them: each habit of parse/DEVIATIONS.md, damage at every byte, hostile files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <iconv.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "parse/parse.h"

/* What one parse brought. */
struct got {
	struct feedback head;
	struct arena *text;
	struct record records[8];
	struct arena *batches[8];
	size_t nrecords, nbatches;
	int64_t last, sum;		/* number of the last record; messages of all of them */
	int heads;
	struct parse_result result;
	struct err err;
	int is_report;
	enum outcome outcome;
	enum failing { FAIL_NONE = 0, FAIL_HEAD, FAIL_BATCH, FAIL_AGAIN, FAIL_REWIND } failing;	/* what has no room left */
};

struct bytes { const char *at; size_t len, pos, step; const char *damage; int passes, stuck; size_t *most; };	/* damage: what they end in; stuck: there is no way back; most: memory in use */

/* Bytes in use, as malloc counts them; 0 where it does not. */
static size_t
in_use(void)
{
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 33)
	struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd;
#else
	return 0;
#endif
}

static enum outcome
read_some(void *ctx, void *out, size_t cap, size_t *got, struct err *err)
{
	struct bytes *b = ctx;
	size_t n = b->len - b->pos;

	if (b->most != NULL && in_use() > *b->most)
		*b->most = in_use();
	if (n == 0 && b->damage != NULL) {
		*got = 0;
		return b->passes ? err_retry(err, "%s", b->damage) : err_skip(err, "%s", b->damage);
	}
	n = n < cap ? n : cap;
	n = n < b->step ? n : b->step;
	memcpy(out, b->at + b->pos, n);
	b->pos += n;
	*got = n;
	return OK;
}

static enum outcome
again_from_start(void *ctx, struct err *err)
{
	struct bytes *b = ctx;

	if (b->stuck)
		return err_stop(err, "no room left");
	b->pos = 0;
	return OK;
}

static enum outcome
on_head(void *ctx, const struct feedback *f, struct err *err)
{
	struct got *g = ctx;

	g->head = *f;
	g->head.version = arena_str(g->text, f->version);
	g->head.org_name = arena_str(g->text, f->org_name);
	g->head.email = arena_str(g->text, f->email);
	g->head.extra_contact_info = arena_str(g->text, f->extra_contact_info);
	g->head.report_id = arena_str(g->text, f->report_id);
	g->head.generator = arena_str(g->text, f->generator);
	g->head.domain = arena_str(g->text, f->domain);
	g->head.p.text = arena_str(g->text, f->p.text);
	g->head.sp.text = arena_str(g->text, f->sp.text);
	g->head.fo = arena_str(g->text, f->fo);
	g->head.discovery_method = arena_str(g->text, f->discovery_method);
	g->head.errors = arena_str(g->text, f->errors);
	g->heads++;
	return g->failing == FAIL_HEAD ? err_stop(err, "no room left") : OK;
}

static enum outcome
on_batch(void *ctx, const struct record *records, size_t count, struct arena *owner, struct err *err)
{
	struct got *g = ctx;
	size_t i;

	assert_true(count > 0 && count <= 1000);
	for (i = 0; i < count; i++) {
		assert_true(records[i].number > g->last);
		g->last = records[i].number;
		g->sum += records[i].count;
		if (g->nrecords < 8)
			g->records[g->nrecords++] = records[i];
	}
	if (g->nbatches < 8)
		g->batches[g->nbatches++] = owner;
	else
		arena_free(owner);
	return g->failing == FAIL_BATCH ? err_stop(err, "no room left") : OK;
}

static enum outcome
on_again(void *ctx, struct err *err)
{
	struct got *g = ctx;

	if (g->failing == FAIL_AGAIN)
		return err_stop(err, "no room left");
	while (g->nbatches > 0)
		arena_free(g->batches[--g->nbatches]);
	g->nrecords = 0;
	g->last = g->sum = 0;
	return OK;
}

static void
parse_bytes(struct got *g, struct parser *p, struct bytes *bytes, enum failing failing)
{
	struct bytes_in in = { bytes, read_some, again_from_start, "x.xml" };
	struct sink sink = { g, on_head, on_batch };

	memset(g, 0, sizeof(*g));
	g->text = arena_new();
	g->failing = failing;
	g->outcome = feedback_parse(p, &in, &sink, on_again, &g->result, &g->is_report, &g->err);
	if (g->outcome == OK)
		assert_int_equal(g->sum, g->result.messages);
}

static void
parse_by(struct got *g, struct parser *p, const char *xml, size_t len, size_t step)
{
	struct bytes bytes = { xml, len, 0, step, NULL, 0, 0, NULL };

	parse_bytes(g, p, &bytes, FAIL_NONE);
}

static void
parse_within(struct got *g, const struct parse_limits *limits, const char *xml, size_t len, size_t step)
{
	struct parser *p = parser_new(limits);

	parse_by(g, p, xml, len, step);
	parser_free(p);
}

/* The bytes end in damage; passes: it may be gone in a later run. */
static void
parse_damaged(struct got *g, const char *xml, size_t len, size_t step, const char *damage, int passes)
{
	struct parser *p = parser_new(NULL);
	struct bytes bytes = { xml, len, 0, step, damage, passes, 0, NULL };

	parse_bytes(g, p, &bytes, FAIL_NONE);
	parser_free(p);
}

static void
parse_failing(struct got *g, const char *xml, size_t len, enum failing failing)
{
	struct parser *p = parser_new(NULL);
	struct bytes bytes = { xml, len, 0, 4096, NULL, 0, failing == FAIL_REWIND, NULL };

	parse_bytes(g, p, &bytes, failing);
	parser_free(p);
}

static void
parse(struct got *g, const char *xml, size_t len, size_t step)
{
	parse_within(g, NULL, xml, len, step);
}

static void
done(struct got *g)
{
	while (g->nbatches > 0)
		arena_free(g->batches[--g->nbatches]);
	arena_free(g->text);
}

#define HEAD "<report_metadata><org_name>Receiver</org_name><email>r@receiver.example</email><report_id>id-1</report_id>" \
	"<date_range><begin>1795132800</begin><end>1795219199</end></date_range></report_metadata>"
#define POLICY "<policy_published><domain>example.org</domain><p>reject</p></policy_published>"
#define RECORD "<record><row><source_ip>192.0.2.1</source_ip><count>3</count><policy_evaluated><disposition>reject</disposition>" \
	"<dkim>fail</dkim><spf>fail</spf></policy_evaluated></row><identifiers><header_from>example.org</header_from></identifiers>" \
	"<auth_results><dkim><domain>mandrillapp.com</domain><selector>mte1</selector><result>pass</result></dkim></auth_results></record>"
#define WHOLE "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<feedback><version>1.0</version>" HEAD POLICY RECORD "</feedback>\n"

static void
a_plain_report_is_read_in_full(void **state)
{
	struct got g;
	size_t step;

	(void)state;
	for (step = 1; step < 5000; step = step * 7) {
		parse(&g, WHOLE, strlen(WHOLE), step);
		assert_int_equal(g.outcome, OK);
		assert_string_equal(g.result.notes, "");
		assert_string_equal(g.head.org_name, "Receiver");
		assert_string_equal(g.head.domain, "example.org");
		assert_int_equal(g.head.begin_at, 1795132800);
		assert_int_equal(g.head.format, FORMAT_RFC7489);
		assert_int_equal(g.nrecords, 1);
		assert_int_equal(g.records[0].count, 3);
		assert_string_equal(g.records[0].auths[0].selector, "mte1");
		assert_int_equal(g.result.messages, 3);
		done(&g);
	}
}

static void
a_report_cut_anywhere_is_never_whole(void **state)
{
	const char *end = strstr(WHOLE, "</feedback>");
	size_t n, whole = (size_t)(end - WHOLE) + strlen("</feedback>");
	struct got g;

	(void)state;
	for (n = 0; n < whole; n++) {
		parse(&g, WHOLE, n, 4096);
		assert_int_equal(g.outcome, SKIP);
		if (g.is_report)
			assert_true(g.result.cut_short);
		assert_true(g.err.text[0] != '\0');
		done(&g);
	}
	parse(&g, WHOLE, whole, 4096);
	assert_int_equal(g.outcome, OK);
	done(&g);
}

struct habit {
	const char *xml;
	const char *note;		/* must be in the notes; NULL: there are none */
	int64_t records, messages;
	const char *domain, *org, *source;
};

#define COUNT(text, note, records, messages) { "<feedback>" HEAD POLICY "<record><row><source_ip>192.0.2.1</source_ip><count>" text \
	"</count></row><identifiers><header_from>example.org</header_from></identifiers></record></feedback>", note, records, messages, "example.org", "Receiver", \
	(records) > 0 ? "192.0.2.1" : NULL }
#define ADDRESS(text, note, source) { "<feedback>" HEAD POLICY "<record><row><source_ip>" text "</source_ip><count>1</count></row><identifiers>" \
	"<header_from>example.org</header_from></identifiers></record></feedback>", note, 1, 1, "example.org", "Receiver", source }
static const struct habit habits[] = {
	/* white space before the declaration; byte order mark */
	{ "  \n" WHOLE, "white space before", 1, 3, "example.org", "Receiver", "192.0.2.1" },
	{ "\xef\xbb\xbf" WHOLE, NULL, 1, 3, "example.org", "Receiver", "192.0.2.1" },
	/* something around the report */
	{ "<x:schema xmlns:x=\"u\"><feedback>" HEAD POLICY RECORD "</feedback>", "text before <feedback>", 1, 3, "example.org", "Receiver", "192.0.2.1" },
	{ "<feedback>" HEAD POLICY RECORD "</feedback><feedback/>", "text after </feedback>", 1, 3, "example.org", "Receiver", "192.0.2.1" },
	/* namespaces and prefixes do not matter */
	{ "<d:feedback xmlns:d=\"urn:ietf:params:xml:ns:dmarc-2.0\"><d:policy_published><d:domain>Example.ORG.</d:domain></d:policy_published>"
	  "<d:record><d:row><d:count>2</d:count><d:source_ip>192.0.2.1</d:source_ip></d:row><d:identifiers><d:header_from>a.example.org</d:header_from>"
	  "</d:identifiers></d:record></d:feedback>", "begin or end unreadable", 1, 2, "example.org", NULL, "192.0.2.1" },
	/* capitals in names and words, blanks around values, wrong order */
	{ "<FEEDBACK><Record><Row><Count> 7 </Count><Source_IP>\n192.0.2.1 </Source_IP></Row><Identifiers><Header_From>EXAMPLE.org</Header_From>"
	  "</Identifiers></Record>" POLICY HEAD "</FEEDBACK>", NULL, 1, 7, "example.org", "Receiver", "192.0.2.1" },
	/* unknown elements are passed over with all below */
	{ "<feedback>" HEAD "<extension><a><count>9</count></a></extension>" POLICY RECORD "</feedback>", NULL, 1, 3, "example.org", "Receiver", "192.0.2.1" },
	/* identities; stray text in complex elements */
	{ "<feedback>" HEAD "<policy_published><domain>example.org</domain><sp>none</sp>11</policy_published><record><row><source_ip>192.0.2.1</source_ip>"
	  "<count>1</count></row><identities><header_from>example.org</header_from></identities></record></feedback>", "identities taken", 1, 1, "example.org", "Receiver", "192.0.2.1" },
	{ "<feedback>" HEAD "<policy_published><domain>example.org</domain><p>none</p><sp></sp></policy_published>" RECORD "</feedback>",
	  "sp empty", 1, 3, "example.org", "Receiver", "192.0.2.1" },
	/* records without a count, with an impossible one, without an address */
	{ "<feedback>" HEAD POLICY "<record><row><source_ip>192.0.2.1</source_ip><count>many</count></row><identifiers><header_from>example.org</header_from>"
	  "</identifiers></record></feedback>", "without a readable count", 1, 0, "example.org", "Receiver", "192.0.2.1" },
	{ "<feedback>" HEAD POLICY "<record><row><source_ip>192.0.2.1</source_ip><count>99999999999999999999</count></row></record>" RECORD "</feedback>",
	  "impossible count", 1, 3, "example.org", "Receiver", "192.0.2.1" },
	{ "<feedback>" HEAD POLICY "<record><row><count>4</count></row><identifiers><header_from>example.org</header_from></identifiers></record></feedback>",
	  "without source_ip", 1, 4, "example.org", "Receiver", NULL },
	/* addresses: mapped, capitals, uncompressed */
	{ "<feedback>" HEAD POLICY "<record><row><count>1</count><source_ip>::FFFF:192.0.2.1</source_ip></row><identifiers><header_from>example.org"
	  "</header_from></identifiers></record></feedback>", NULL, 1, 1, "example.org", "Receiver", "192.0.2.1" },
	{ "<feedback>" HEAD POLICY "<record><row><count>1</count><source_ip>2001:0DB8:0:0::5</source_ip></row><identifiers><header_from>example.org"
	  "</header_from></identifiers></record></feedback>", NULL, 1, 1, "example.org", "Receiver", "2001:db8::5" },
	/* of several addresses the first */
	{ "<feedback>" HEAD "<policy_published><domain>a@example.org, b@example.net</domain></policy_published>" RECORD "</feedback>",
	  "1 domain written as several addresses, the first taken", 1, 3, "example.org", "Receiver", "192.0.2.1" },
	/* blanks of pages around values, and within them */
	{ "<feedback><report_metadata><org_name>Re\xc2\xa0" "ceiver\xe2\x80\x8b</org_name></report_metadata><policy_published><domain>example.org\xc2\xa0</domain></policy_published>"
	  RECORD "</feedback>", "2 fields with no-break spaces", 1, 3, "example.org", "Re\xc2\xa0" "ceiver", "192.0.2.1" },
	/* blocks twice: the first stands */
	{ "<feedback>" HEAD POLICY "<policy_published><domain>other.example</domain></policy_published>" RECORD "</feedback>", "policy_published twice",
	  1, 3, "example.org", "Receiver", "192.0.2.1" },
	/* not well-formed: bare &, bare <, address as a tag, missing and crossed end tags, unknown entity, control characters */
	{ "<feedback>" HEAD POLICY RECORD "<a>x & y</a></feedback>", "recovered", 1, 3, "example.org", "Receiver", "192.0.2.1" },
	{ "<feedback>" HEAD POLICY RECORD "<a>x < y</a></feedback>", "recovered", 1, 3, "example.org", "Receiver", "192.0.2.1" },
	{ "<feedback><report_metadata><org_name>Receiver</org_name><email><r@x.example></email></report_metadata>" POLICY RECORD "</feedback>",
	  "recovered", 1, 3, "example.org", "Receiver", "192.0.2.1" },
	{ "<feedback><report_metadata><org_name>Receiver</report_metadata>" POLICY RECORD "</feedback>", "recovered", 1, 3, "example.org", "Receiver", "192.0.2.1" },
	{ "<feedback>" HEAD "<policy_published><domain>example.org</domain>" RECORD "</feedback>", "recovered", 1, 3, "example.org", "Receiver", "192.0.2.1" },
	{ "<feedback>" HEAD POLICY RECORD "<a>&nbsp;</a></feedback>", "recovered", 1, 3, "example.org", "Receiver", "192.0.2.1" },
	{ "<feedback>" HEAD POLICY RECORD "<a>\x01\x1b</a></feedback>", "recovered", 1, 3, "example.org", "Receiver", "192.0.2.1" },
	{ "<?xml version=\"1.0\" encoding=\"no-such-name\"?><feedback>" HEAD POLICY RECORD "</feedback>", "", 1, 3, "example.org", "Receiver", "192.0.2.1" },
	/* bytes that are not what they are said to be */
	{ "<?xml version=\"1.0\" encoding=\"UTF-8\"?><feedback><report_metadata><org_name>Bj\xf6rk</org_name></report_metadata>" POLICY RECORD "</feedback>",
	  "read as windows-1252", 1, 3, "example.org", "Bj\xc3\xb6rk", "192.0.2.1" },
	/* a bare DOCTYPE */
	{ "<!DOCTYPE feedback><feedback>" HEAD POLICY RECORD "</feedback>", "DOCTYPE", 1, 3, "example.org", "Receiver", "192.0.2.1" },
	/* end before begin, fraction of a second */
	{ "<feedback><report_metadata><org_name>Receiver</org_name><date_range><begin>1795219199.5</begin><end>1795132800</end></date_range></report_metadata>"
	  POLICY RECORD "</feedback>", "end before begin", 1, 3, "example.org", "Receiver", "192.0.2.1" },
	/* counts: a point and zeros; words, exponents and other fractions are none; the cap is 10^10 */
	COUNT("4.0", "decimal point", 1, 4),
	COUNT(" +4 ", NULL, 1, 4),
	COUNT("1e3", "without a readable count", 1, 0),
	COUNT("1.5", "without a readable count", 1, 0),
	COUNT("3,000", "without a readable count", 1, 0),
	COUNT("-2", "impossible count", 0, 0),
	COUNT("1111111111222222222233333333334444444444555555555566666666667777777777", "impossible count", 0, 0),
	COUNT("4.", "decimal point", 1, 4),
	COUNT("", "without a readable count", 1, 0),
	COUNT("10000000000", NULL, 1, 10000000000),
	COUNT("10000000001", "impossible count", 0, 0),
	COUNT("3\xc2\xa0", "1 field with no-break spaces around it", 1, 3),
	COUNT(" \xe2\x80\x8b \xef\xbb\xbf" "3 \xc2\xa0", "1 field with no-break spaces around it", 1, 3),
	COUNT("&#160;3", "no-break spaces", 1, 3),
	COUNT("&nbsp;3", "recovered", 1, 3),
	COUNT("\xc2\xa0", "without a readable count", 1, 0),
	COUNT("3\xc3\xa0", "without a readable count", 1, 0),
	/* addresses with something around them, and what is none */
	ADDRESS("[2001:db8::1]", "taken off", "2001:db8::1"),
	ADDRESS("[2001:DB8::1]:25", "taken off", "2001:db8::1"),
	ADDRESS("192.0.2.1:2525", "taken off", "192.0.2.1"),
	ADDRESS("fe80::1%eth0", "taken off", "fe80::1"),
	ADDRESS("IPv6:2001:db8::1", "taken off", "2001:db8::1"),
	ADDRESS("IPv4:192.0.2.1", "taken off", "192.0.2.1"),
	ADDRESS("[IPv6:2001:db8::1]", "taken off", "2001:db8::1"),
	ADDRESS("[ipv4:192.0.2.1]:25", "taken off", "192.0.2.1"),
	ADDRESS("[IPv6:]", "is no address", "[IPv6:]"),
	ADDRESS("[::ffff:192.0.2.1]", "taken off", "192.0.2.1"),
	ADDRESS("192.0.2.1/32", "taken off", "192.0.2.1"),
	ADDRESS("2001:DB8::1/128", "taken off", "2001:db8::1"),
	ADDRESS("[2001:db8::1]/128", "taken off", "2001:db8::1"),
	ADDRESS("::ffff:192.0.2.1/128", "taken off", "192.0.2.1"),
	ADDRESS("192.0.2.0/24", "no address", "192.0.2.0/24"),
	ADDRESS("192.0.2.1/128", "no address", "192.0.2.1/128"),
	ADDRESS("2001:db8::/32", "no address", "2001:db8::/32"),
	ADDRESS("[2001:db8::1", "is no address", "[2001:db8::1"),
	ADDRESS("192.000.002.001", "is no address", "192.000.002.001"),
	ADDRESS("192.0.2.1, 192.0.2.2", "is no address", "192.0.2.1, 192.0.2.2"),
	/* blocks of a record, and the period, twice */
	{ "<feedback>" HEAD POLICY "<record><row><source_ip>192.0.2.1</source_ip><count>1</count></row><row><count>9</count></row><identifiers><header_from>"
	  "example.org</header_from></identifiers></record></feedback>", "1 block given twice", 1, 1, "example.org", "Receiver", "192.0.2.1" },
	{ "<feedback>" HEAD POLICY "<record><row><source_ip>192.0.2.1</source_ip><count>1</count></row><identifiers><header_from>example.org</header_from>"
	  "</identifiers><auth_results/><auth_results/></record></feedback>", "auth_results twice", 1, 1, "example.org", "Receiver", "192.0.2.1" },
	/* fields twice: the first stands; an empty one is none */
	{ "<feedback>" HEAD "<policy_published><domain></domain><domain>example.org</domain><domain>b.example</domain></policy_published><record><row>"
	  "<source_ip>192.0.2.1</source_ip><source_ip>192.0.2.2</source_ip><count>3</count><count>9</count></row><identifiers><header_from>example.org"
	  "</header_from></identifiers></record></feedback>", "3 fields given twice, the first taken", 1, 3, "example.org", "Receiver", "192.0.2.1" },
	/* a row closed too early */
	{ "<feedback>" HEAD POLICY "<record><row><source_ip>192.0.2.1</source_ip></row><count>3</count><policy_evaluated/><identifiers><header_from>example.org"
	  "</header_from></identifiers></record></feedback>", "2 elements of row outside it, taken", 1, 3, "example.org", "Receiver", "192.0.2.1" },
	/* a row closed too late; a block behind an empty one of its kind */
	{ "<feedback>" HEAD POLICY "<record><row><source_ip>192.0.2.1</source_ip><count>3</count><policy_evaluated/><identities><header_from>example.org</header_from>"
	  "</identities><auth_results/></row></record></feedback>", "2 blocks of record within row, taken; identities", 1, 3, "example.org", "Receiver", "192.0.2.1" },
	{ "<feedback><report_metadata/><report_metadata><date_range> </date_range></report_metadata><policy_published><p></p></policy_published>" HEAD POLICY "<record><row/>" "<row>"
	  "<source_ip>192.0.2.1</source_ip><count>3</count></row><identifiers/><identifiers><header_from>example.org</header_from></identifiers></record></feedback>", NULL, 1, 3,
	  "example.org", "Receiver", "192.0.2.1" },
	{ "<feedback>" HEAD HEAD POLICY POLICY RECORD "</feedback>", "report_metadata twice, the first taken; policy_published twice, the first taken", 1, 3, "example.org", "Receiver",
	  "192.0.2.1" },
	/* records within records, with something before or behind them */
	{ "<feedback>" HEAD POLICY "<record>" RECORD RECORD "</record></feedback>", "2 records within others", 2, 6, "example.org", "Receiver", "192.0.2.1" },
	{ "<feedback>" HEAD POLICY "<record><row><source_ip>192.0.2.1</source_ip><count>50</count></row><identifiers><header_from>example.org</header_from></identifiers>"
	  "<auth_results/>" RECORD "</record>" RECORD "</feedback>", "1 record within another, read as one of its own", 3, 56, "example.org", "Receiver", "192.0.2.1" },
	{ "<feedback>" HEAD POLICY "<record>" RECORD "<x/><row><source_ip>192.0.2.2</source_ip><count>50</count></row><identifiers><header_from>example.org</header_from></identifiers>"
	  "</record></feedback>", "1 record within another, read as one of its own", 2, 53, "example.org", "Receiver", "192.0.2.1" },
	{ "<feedback>" HEAD POLICY "<record><record><record/></record></record></feedback>", "2 records within others", 1, 0, "example.org", "Receiver", NULL },
	/* CDATA, comments and instructions within values */
	{ "<feedback><report_metadata><org_name><![CDATA[Rec]]><!-- x -->ei<?y z?>ver</org_name></report_metadata>" POLICY RECORD "</feedback>",
	  "begin or end unreadable", 1, 3, "example.org", "Receiver", "192.0.2.1" },
	/* references in a malformed report: decimal, hexadecimal, and what is none */
	{ "<feedback><report_metadata><org_name>a &#233;&#xE9;&#x1; & b</org_name></report_metadata>" POLICY RECORD "</feedback>", "recovered", 1, 3,
	  "example.org", "a \xc3\xa9\xc3\xa9&#x1; & b", "192.0.2.1" },
	/* a prefix nobody declared; something before it; two marks */
	{ "<d:feedback>" HEAD POLICY RECORD "</d:feedback>", "prefix", 1, 3, "example.org", "Receiver", "192.0.2.1" },
	/* what looks like a tag and is none; a reference XML does not know; a comment that begins like its end */
	{ "<feedback><report_metadata><org_name>Mail from <fe80:0:0:0:1:2:3:4> & co</org_name></report_metadata>" POLICY RECORD "</feedback>", "recovered", 1, 3,
	  "example.org", "Mail from <fe80:0:0:0:1:2:3:4> & co", "192.0.2.1" },
	{ "<feedback><report_metadata><org_name>a <x:1/> & b</org_name></report_metadata>" POLICY RECORD "</feedback>", "recovered", 1, 3, "example.org", "a <x:1/> & b",
	  "192.0.2.1" },
	{ "<feedback><report_metadata><org_name>Bj&#XF6;rk & Co &#xF6;</org_name></report_metadata>" POLICY RECORD "</feedback>", "recovered", 1, 3, "example.org",
	  "Bj&#XF6;rk & Co \xc3\xb6", "192.0.2.1" },
	{ "<feedback><!--> <domain>x</domain> --><report_metadata><org_name>a & b</org_name></report_metadata>" POLICY RECORD "</feedback>", "recovered", 1, 3, "example.org", "a & b",
	  "192.0.2.1" },
	{ "Dear reader,\n" WHOLE, "recovered", 1, 3, "example.org", "Receiver", "192.0.2.1" },
	{ "Dear &amp; &#233; reader,\n" WHOLE, "recovered", 1, 3, "example.org", "Receiver", "192.0.2.1" },
	{ "\xef\xbb\xbf\xef\xbb\xbf" WHOLE, "before the XML declaration", 1, 3, "example.org", "Receiver", "192.0.2.1" },
	/* a decoder of libxml2 leaves out what it cannot read without a word */
	{ "<?xml version=\"1.0\" encoding=\"us-ascii\"?><feedback><report_metadata><org_name>Bj\xf6rk</org_name></report_metadata>" POLICY RECORD
	  "</feedback>", "read as windows-1252", 1, 3, "example.org", "Bj\xc3\xb6rk", "192.0.2.1" },
	{ "<?xml version=\"1.0\" encoding=\"us-ascii\"?><feedback><report_metadata><org_name>Bj\xc3\xb6rk</org_name></report_metadata>" POLICY RECORD
	  "</feedback>", "recovered", 1, 3, "example.org", "Bj\xc3\xb6rk", "192.0.2.1" },
	{ "<?xml version=\"1.0\" encoding=\"x-none\"?><feedback><report_metadata><org_name>Bj\xf6rk</org_name></report_metadata>" POLICY RECORD
	  "</feedback>", "read as windows-1252", 1, 3, "example.org", "Bj\xc3\xb6rk", "192.0.2.1" },
	{ "<?xml version=\"1.0\" encoding=\"utf-16\"?><feedback>" HEAD POLICY RECORD "</feedback>", "recovered", 1, 3, "example.org", "Receiver", "192.0.2.1" },
	{ "<?xml version=\"1.0\" encoding=\"UTF-16\"?><feedback><report_metadata><org_name>Bj\xf6rk</org_name></report_metadata>" POLICY RECORD
	  "</feedback>", "read as windows-1252", 1, 3, "example.org", "Bj\xc3\xb6rk", "192.0.2.1" },
	{ "<?xml version=\"1.0\" encoding=\"cp037\"?><feedback><report_metadata><org_name>Bj\xf6rk</org_name></report_metadata>" POLICY RECORD
	  "</feedback>", "read as windows-1252", 1, 3, "example.org", "Bj\xc3\xb6rk", "192.0.2.1" },
	/* UTF-8 by the name of an encoding of single bytes; what is in such a one; code pages of DOS, whose words may be UTF-8 by chance */
#define CALLED(name, bytes, note, org) { "<?xml version=\"1.0\" encoding=\"" name "\"?><feedback><report_metadata><org_name>" bytes "</org_name><date_range><begin>1795132800" \
	"</begin><end>1795219199</end></date_range></report_metadata>" POLICY RECORD "</feedback>", note, 1, 3, "example.org", org, "192.0.2.1" }
	CALLED("ISO-8859-1", "Bj\xc3\xb6rk", "line 1: UTF-8, which is not the encoding it declares", "Bj\xc3\xb6rk"),
	CALLED("windows-1252", "Bj\xc3\xb6rk", "encoding it declares", "Bj\xc3\xb6rk"), CALLED("iso-8859-15", "\xe2\x82\xac", "encoding it declares", "\xe2\x82\xac"),
	CALLED("KOI8-R", "\xd0\x9f\xd0\xb8", "encoding it declares", "\xd0\x9f\xd0\xb8"), CALLED("ISO-8859-1", "Bjork", NULL, "Bjork"),
	CALLED("ISO-8859-1", "Bj\xf6rk", NULL, "Bj\xc3\xb6rk"), CALLED("ISO-8859-1", "\xc3\xb6 \xf6", NULL, "\xc3\x83\xc2\xb6 \xc3\xb6"),
	CALLED("CP866", "\xe1\xa0\xac", NULL, "\xd1\x81\xd0\xb0\xd0\xbc"), CALLED("UTF-8", "Bj\xc3\xb6rk", NULL, "Bj\xc3\xb6rk"),
	/* what stands within a field takes nothing from it; of a date given twice the first that is not empty stands */
	{ "<feedback><report_metadata><org_name>Receiver<br/></org_name><date_range><begin></begin><begin>1795132800</begin><end>1795219199</end></date_range>"
	  "</report_metadata>" POLICY RECORD "</feedback>", NULL, 1, 3, "example.org", "Receiver", "192.0.2.1" },
	/* end tags that are missing or mistyped: fields hold no elements, a result no other */
	{ "<feedback><report_metadata><org_name>Receiver<email>r@receiver.example</email></report_metadata><policy_published><domain>example.org<p>reject</p>"
	  "</policy_published>" RECORD "</feedback>", "recovered", 1, 3, "example.org", "Receiver", "192.0.2.1" },
	{ "<feedback>" HEAD POLICY "<record><row><source_ip>192.0.2.1<count>3</cuont><policy_evaluated><disposition>reject</disposition></row><identifiers>"
	  "<header_from>example.org</header_from></identifiers></record></feedback>", "recovered", 1, 3, "example.org", "Receiver", "192.0.2.1" },
	{ "<feedback>" HEAD POLICY "<record><row><policy_evaluated><disposition>reject</disposition><source_ip>192.0.2.1</source_ip><count>3</count></row>"
	  "</record></feedback>", "recovered", 1, 3, "example.org", "Receiver", "192.0.2.1" },
	/* what is missing, and metadata twice */
	{ "<feedback>" HEAD "<policy_published><p>none</p></policy_published>" RECORD "</feedback>", "no policy domain", 1, 3, NULL, "Receiver", "192.0.2.1" },
	{ "<feedback>" HEAD POLICY "<record><row><source_ip>192.0.2.1</source_ip><count>2</count></row></record></feedback>", "1 record without header_from", 1, 2, "example.org",
	  "Receiver", "192.0.2.1" },
	{ "<feedback>" HEAD "<report_metadata><org_name>Other</org_name></report_metadata>" POLICY RECORD "</feedback>", "report_metadata twice", 1, 3, "example.org", "Receiver",
	  "192.0.2.1" },
	/* what stands within an element of a field is none of its text; a block that opens within something unknown closes that */
	{ "<feedback><report_metadata><org_name>Receiver<br>x</br></org_name><date_range><begin>1795132800</begin><end>1795132800</end></date_range></report_metadata>" POLICY RECORD
	  "</feedback>", NULL, 1, 3, "example.org", "Receiver", "192.0.2.1" },
	{ "<feedback>" HEAD POLICY "<extension><x>1" RECORD "</feedback>", "recovered", 1, 3, "example.org", "Receiver", "192.0.2.1" },
	/* a DOCTYPE without a subset is no reason to refuse the second try */
	{ "<!DOCTYPE feedback SYSTEM \"a.dtd\"><feedback>" HEAD POLICY RECORD "<a>x & y</a></feedback>", "recovered", 1, 3, "example.org", "Receiver", "192.0.2.1" },
	/* the note says on which line, and what libxml2 does not tell */
	{ "<feedback>\n" HEAD POLICY RECORD "\n<a>x & y</a></feedback>", "recovered: line 3: ", 1, 3, "example.org", "Receiver", "192.0.2.1" },
	{ "<?xml version=\"1.0\" encoding=\"us-ascii\"?><feedback><report_metadata><org_name>Bj\xf6rk</org_name></report_metadata>" POLICY RECORD "</feedback>",
	  "bytes that are not in the encoding it declares", 1, 3, "example.org", "Bj\xc3\xb6rk", "192.0.2.1" },
	/* no record at all */
	{ "<feedback>" HEAD POLICY "</feedback>", "no record", 0, 0, "example.org", "Receiver", NULL },
};

/* libxml2 ends there, and tells nobody; however far it is to the end. */
static void
bytes_that_are_not_in_the_encoding_do_not_end_a_report(void **state)
{
	static const char *const names[] = { "GB2312", "Big5", "EUC-JP", "ISO-2022-JP" };
	static const size_t steps[] = { 4096, 1, 7 }, behind[] = { 1, 300, 50000 };
	char *xml = mem_alloc(60000), note[64];
	struct got g;
	size_t i, k, n;

	(void)state;
	for (i = 0; i < 4; i++)
		for (k = 0; k < 3; k++)
			for (n = 0; n < 3; n++) {
				(void)snprintf(xml, 60000, "<?xml version=\"1.0\" encoding=\"%s\"?><feedback><report_metadata><org_name>A\xff\xff</org_name></report_metadata>"
				    POLICY RECORD "</feedback><!--%*s-->", names[i], (int)behind[n], "x");
				(void)snprintf(note, sizeof(note), "read as %s; recovered: ", names[i]);
				parse(&g, xml, strlen(xml), steps[k]);
				assert_int_equal(g.outcome, OK);
				assert_int_equal(g.result.messages, 3);
				assert_non_null(strstr(g.result.notes, note));
				done(&g);
			}
	free(xml);
}

/* The blocks of one closed too late are those of its record. */
static void
a_row_closed_too_late_keeps_what_is_in_it(void **state)
{
	static const char xml[] = "<feedback>" HEAD POLICY "<record><row><source_ip>192.0.2.1</source_ip><count>3</count><identifiers><header_from>mail.example.org</header_from>"
	    "</identifiers><auth_results><dkim><domain>esp.example</domain><result>pass</result></dkim></auth_results></row></record></feedback>";
	struct got g;

	(void)state;
	parse(&g, xml, strlen(xml), 4096);
	assert_int_equal(g.outcome, OK);
	assert_string_equal(g.records[0].header_from, "mail.example.org");
	assert_int_equal(g.records[0].nauths, 1);
	assert_string_equal(g.records[0].auths[0].domain, "esp.example");
	done(&g);
}

/* Its two results, in a sanitised try. */
static void
a_result_without_its_end_tag_loses_neither_itself_nor_the_next(void **state)
{
	static const char xml[] = "<feedback>" HEAD POLICY "<record><row><source_ip>192.0.2.1</source_ip><count>3</count></row><identifiers><header_from>example.org"
	    "</header_from></identifiers><auth_results><dkim><domain>a.example</domain><result>fail</result><dkim><domain>example.org</domain><result>pass</result></dkim>"
	    "<spf><domain>b.example</domain><result>pass</result></auth_results></record></feedback>";
	struct got g;

	(void)state;
	parse(&g, xml, strlen(xml), 4096);
	assert_int_equal(g.outcome, OK);
	assert_int_equal(g.records[0].nauths, 3);
	assert_string_equal(g.records[0].auths[0].domain, "a.example");
	assert_string_equal(g.records[0].auths[1].domain, "example.org");
	assert_int_equal(g.records[0].auths[1].result.code, AUTH_PASS);
	assert_int_equal(g.records[0].auths[2].kind, KIND_SPF);
	done(&g);
}

/* The sink hears of the whole head before the first of them, and of each once. */
static void
records_before_the_head_are_read_with_it(void **state)
{
	enum { RECORDS = 2500 };
	char *xml = malloc(RECORDS * sizeof(RECORD) + 2000);
	size_t len, i;
	struct got g;
	int broken;

	(void)state;
	for (broken = 0; broken < 2; broken++) {
		len = (size_t)sprintf(xml, broken ? "<feedback>" POLICY "<version>1 & 2\xf6</version>" : "<feedback>" HEAD);
		for (i = 0; i < RECORDS; i++)
			len += (size_t)sprintf(xml + len, "%s", i == 0 ? "<record><row><source_ip>192.0.2.1</source_ip><count>3</count></row></record>" : RECORD);
		len += (size_t)sprintf(xml + len, "%s</feedback>", broken ? HEAD : POLICY);
		parse(&g, xml, len, 4096);
		assert_int_equal(g.outcome, OK);
		assert_int_equal(g.result.records, RECORDS);
		assert_int_equal(g.result.messages, 3 * RECORDS);
		assert_int_equal(g.heads, 1);
		assert_string_equal(g.head.domain, "example.org");
		assert_string_equal(g.head.org_name, "Receiver");
		assert_int_equal(g.head.begin_at, 1795132800);
		assert_int_equal(g.head.format, broken ? FORMAT_RFC7489 : FORMAT_DRAFT);
		assert_int_equal(strstr(g.result.notes, "recovered: line 1: ") != NULL, broken);
		assert_non_null(strstr(g.result.notes, "1 record without header_from"));
		assert_int_equal(strstr(g.result.notes, "read as windows-1252") != NULL, broken);
		assert_int_equal(strstr(g.result.notes, "twice") != NULL, 0);
		done(&g);
	}
	free(xml);
}

/* libxml2 compares each attribute with all before it. */
static void
an_element_of_very_many_attributes_ends_the_parse(void **state)
{
	char *xml = malloc(200000);
	size_t len = (size_t)sprintf(xml, "<feedback><x"), i;
	struct got g;

	(void)state;
	for (i = 0; i < 100; i++)
		len += (size_t)sprintf(xml + len, " a%zu=''", i);
	len += (size_t)sprintf(xml + len, "/>" HEAD POLICY RECORD "</feedback>");
	parse(&g, xml, len, 4096);
	assert_int_equal(g.outcome, SKIP);
	assert_non_null(strstr(g.err.text, "attributes"));
	done(&g);
	free(xml);
}

static void
each_habit_of_real_reporters_is_read_and_noted(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(habits) / sizeof(habits[0]); i++) {
		const struct habit *h = &habits[i];
		struct got g;

		parse(&g, h->xml, strlen(h->xml), 4096);
		if (g.outcome != OK || g.result.records != h->records || (h->note == NULL ? g.result.notes[0] != '\0' : strstr(g.result.notes, h->note) == NULL))
			print_message("# habit %zu: outcome %d, %lld records, notes \"%s\", %s\n", i, (int)g.outcome, (long long)g.result.records,
			    g.result.notes, g.err.text);
		assert_int_equal(g.outcome, OK);
		assert_int_equal(g.result.records, h->records);
		assert_int_equal(g.result.messages, h->messages);
		if (h->domain != NULL)
			assert_string_equal(g.head.domain, h->domain);
		else
			assert_null(g.head.domain);
		if (h->org != NULL)
			assert_string_equal(g.head.org_name, h->org);
		if (h->source != NULL)
			assert_string_equal(g.records[0].source_ip, h->source);
		else if (h->records > 0)
			assert_null(g.records[0].source_ip);
		if (h->note == NULL)
			assert_string_equal(g.result.notes, "");
		else
			assert_non_null(strstr(g.result.notes, h->note));
		assert_null(strpbrk(g.result.notes, "\r\n"));
		done(&g);
	}
}

static void
times_are_seconds_and_what_is_plainly_a_time(void **state)
{
	static const struct { const char *text; int64_t at; const char *note; } times[] = {
		{ "1795132800", 1795132800, NULL },
		{ " 1795132800\n", 1795132800, NULL },
		{ "1795132800.123", 1795132800, "fraction" },
		{ "1795132800000", 1795132800, "milliseconds" },
		{ "2026-11-20", 1795132800, "written as a date" },
		{ "2026-11-20T00:00:00Z", 1795132800, "written as a date" },
		{ "2026-11-20T01:00:00+01:00", 1795132800, "written as a date" },
		{ "2026-11-20 00:00:00", 1795132800, "written as a date" },
		{ "2026-11-20T01:00:00+0100", 1795132800, "written as a date" },
		{ "2026-11-19T23:00:00-0100", 1795132800, "written as a date" },
		{ "2026-11-20 00:00:00 +0000", 1795132800, "written as a date" },
		{ "2026-11-20 00:00:00 UTC", 1795132800, "written as a date" },
		{ "2026-11-20 00:00:00 UTC+01:00", NO_TIME, "unreadable" },
		{ "2026-11-20 00:00:00 CET", NO_TIME, "unreadable" },
		{ "2026-11-20T00:00:00+01", NO_TIME, "unreadable" },
		{ "2026-11-20T00:00:00+010", NO_TIME, "unreadable" },
		{ "2026-13-20", NO_TIME, "unreadable" },
		{ "20 Nov 2026", NO_TIME, "unreadable" },
		{ "-1", NO_TIME, "unreadable" },
		{ "99999999999999999999", NO_TIME, "unreadable" },
		{ "0", 0, "before 2010" },
		{ "1262303999", 1262303999, "before 2010" },
		{ "1262304000", 1262304000, NULL },
		{ "4102444800", 4102444800, NULL },
		{ "4102444801", 4102444801, "after 2100" },
		{ "999999999999", NO_TIME, "unreadable" },
		{ "1000000000000", 1000000000, "milliseconds" },
		{ "4102444800000", 4102444800, "milliseconds" },
		{ "4102444800001", NO_TIME, "unreadable" },
		{ "253402300799", 253402300799, "after 2100" },
		{ "253402300800", NO_TIME, "unreadable" },
		{ "1795132800.", 1795132800, "fraction" },
		{ "1795132800.5x", NO_TIME, "unreadable" },
		{ ".5", NO_TIME, "unreadable" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		char xml[2048];
		struct got g;

		(void)snprintf(xml, sizeof(xml), "<feedback><report_metadata><org_name>R</org_name><date_range><begin>%s</begin><end>4102444800</end></date_range>"
		    "</report_metadata>" POLICY RECORD "</feedback>", times[i].text);
		parse(&g, xml, strlen(xml), 4096);
		assert_int_equal(g.outcome, OK);
		if (g.head.begin_at != times[i].at)
			print_message("# time %s\n", times[i].text);
		assert_int_equal(g.head.begin_at, times[i].at);
		if (times[i].note == NULL)
			assert_string_equal(g.result.notes, "");
		else
			assert_non_null(strstr(g.result.notes, times[i].note));
		done(&g);
	}
}

static void
the_end_of_the_period_is_judged_as_its_begin(void **state)
{
	static const struct { const char *begin, *end, *notes; } periods[] = {
		{ "1795132800", "1795132800", "" }, { "1795132800", "1795132799", "end before begin" }, { "1795132800", "", "begin or end unreadable" },
		{ "", "1795132800", "begin or end unreadable" }, { "1795132800", "4102444801", "begin or end before 2010 or after 2100" },
		{ "4102444801", "4102444802", "begin or end before 2010 or after 2100" }, { "", "4102444801", "begin or end unreadable; begin or end before 2010 or after 2100" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(periods) / sizeof(periods[0]); i++) {
		char xml[2048];
		struct got g;

		(void)snprintf(xml, sizeof(xml), "<feedback><report_metadata><org_name>R</org_name><date_range><begin>%s</begin><end>%s</end></date_range></report_metadata>" POLICY RECORD
		    "</feedback>", periods[i].begin, periods[i].end);
		parse(&g, xml, strlen(xml), 4096);
		assert_int_equal(g.outcome, OK);
		assert_string_equal(g.result.notes, periods[i].notes);
		done(&g);
	}
}

static void
each_cap_is_a_setting(void **state)
{
	static const struct { struct parse_limits limits; const char *xml, *why; } caps[] = {
		{ { .depth = 3 }, WHOLE, "nested too deeply" },
		{ { .unknown_elements = 1 }, "<feedback><a/><b/>" HEAD POLICY RECORD "</feedback>", "too many unknown elements" },
		{ { .records = 1 }, "<feedback>" HEAD POLICY RECORD RECORD "</feedback>", "more records than are read" },
	};
	static const char quiet[] = "<feedback><!-- 12345678901234567890 -->" HEAD POLICY RECORD "</feedback>";
	const struct parse_limits small = { .text_bytes = 4, .count = 2, .records = 1 }, few = { .quiet_bytes = 10 };
	struct got g;
	size_t i;

	(void)state;
	/* Silence ends the first try only. */
	parse_within(&g, &few, quiet, strlen(quiet), 8);
	assert_int_equal(g.outcome, OK);
	assert_string_equal(g.result.notes, "recovered: line 1: too many bytes without anything in them");
	done(&g);
	for (i = 0; i < sizeof(caps) / sizeof(caps[0]); i++) {
		parse(&g, caps[i].xml, strlen(caps[i].xml), 8);
		assert_int_equal(g.outcome, OK);
		done(&g);
		parse_within(&g, &caps[i].limits, caps[i].xml, strlen(caps[i].xml), 8);
		if (g.outcome != SKIP || strstr(g.err.text, caps[i].why) == NULL)
			print_message("# cap %zu: %d %s\n", i, (int)g.outcome, g.err.text);
		assert_int_equal(g.outcome, SKIP);
		assert_int_equal(g.is_report, 1);
		assert_non_null(strstr(g.err.text, caps[i].why));
		done(&g);
	}
	parse_within(&g, &small, WHOLE, strlen(WHOLE), 4096);
	assert_int_equal(g.outcome, OK);
	assert_string_equal(g.head.org_name, "Rece");
	assert_non_null(strstr(g.result.notes, "impossible count"));
	done(&g);
}

static void
a_doctype_with_an_internal_subset_is_damage(void **state)
{
	static const char *const files[] = { "<!DOCTYPE feedback []>" , "<!DOCTYPE feedback [ <!-- a --> ]>", "<!DOCTYPE feedback [ %x; ]>",
		"<!DOCTYPE feedback SYSTEM \"a.dtd\" [<!ENTITY a \"b\">]>" };
	char xml[4096];
	struct got g;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		(void)snprintf(xml, sizeof(xml), "%s<feedback>" HEAD POLICY RECORD "<a>%s</a></feedback>", files[i], i % 2 ? "x & y" : "");
		parse(&g, xml, strlen(xml), 4096);
		assert_int_equal(g.outcome, SKIP);
		assert_int_equal(g.is_report, 1);
		assert_non_null(strstr(g.err.text, "internal subset"));
		done(&g);
	}
}

static void
utf16_with_and_without_mark_is_read(void **state)
{
	static const char *const names[] = { "UTF-16LE", "UTF-16BE", "UTF-16" };
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		static char plain[] = "<?xml version=\"1.0\"?><feedback>" HEAD POLICY RECORD "</feedback>";
		char out[8192], *from = plain, *to = out;
		size_t left = strlen(plain), room = sizeof(out);
		iconv_t cd = iconv_open(names[i], "UTF-8");
		struct got g;

		assert_true(iconv(cd, &from, &left, &to, &room) != (size_t)-1);
		iconv_close(cd);
		parse(&g, out, sizeof(out) - room, 4096);
		assert_int_equal(g.outcome, OK);
		assert_string_equal(g.result.notes, "");
		assert_int_equal(g.result.messages, 3);
		assert_string_equal(g.head.domain, "example.org");
		done(&g);
	}
}

static void
what_is_no_report_is_told_apart_from_damage(void **state)
{
	struct got g;

	(void)state;
	parse(&g, "<html><body>x</body></html>", 27, 4096);
	assert_int_equal(g.outcome, SKIP);
	assert_int_equal(g.is_report, 0);
	done(&g);
	parse(&g, "<feedback><a/></feedback>", 25, 4096);
	assert_int_equal(g.outcome, SKIP);
	assert_int_equal(g.is_report, 1);
	assert_non_null(strstr(g.err.text, "x.xml: "));
	done(&g);
}

/* `text` repeated until at least `size` bytes, between before and after. */
static char *
large(const char *before, const char *text, const char *after, size_t size)
{
	size_t n = strlen(text), i, b = strlen(before), a = strlen(after);
	char *s = mem_alloc(b + (size / n + 1) * n + a + 1), *p = s;

	memcpy(p, before, b);
	p += b;
	for (i = 0; i <= size / n; i++, p += n)
		memcpy(p, text, n);
	memcpy(p, after, a);
	return s;
}

static void
hostile_files_end_in_a_refusal(void **state)
{
	static const struct { const char *before, *text, *after; size_t size; } files[] = {
		{ "<!DOCTYPE f [<!ENTITY a \"x\"><!ENTITY b \"&a;&a;\">]><feedback>", "&b;", "</feedback>", 100 },
		{ "<!DOCTYPE f [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><feedback>", "&a;", "</feedback>", 10 },
		{ "<!DOCTYPE f [<!ELEMENT feedback ANY>]><feedback>", " ", "</feedback>", 10 },
		{ "<feedback>", "<a>", "", 300000 },
		{ "<feedback>", "<q/>", "</feedback>", 200000 },
		{ "<feedback><a b=\"", "xxxxxxxx", "\"/></feedback>", 4 << 20 },
		{ "<feedback><!--", "xxxxxxxx", "--></feedback>", 4 << 20 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char *xml = large(files[i].before, files[i].text, files[i].after, files[i].size);
		struct got g;

		parse(&g, xml, strlen(xml), 32768);
		if (g.outcome != SKIP)
			print_message("# file %zu: outcome %d notes %s\n", i, (int)g.outcome, g.result.notes);
		assert_int_equal(g.outcome, SKIP);
		assert_true(g.err.text[0] != '\0');
		done(&g);
		free(xml);
	}
}

static void
a_field_is_cut_at_its_cap_between_characters(void **state)
{
	char *xml = large("<feedback><report_metadata><org_name>a", "\xc3\xb6", "</org_name></report_metadata>" POLICY RECORD "</feedback>", 300000);
	struct got g;

	(void)state;
	parse(&g, xml, strlen(xml), 4096);
	assert_int_equal(g.outcome, OK);
	assert_int_equal(strlen(g.head.org_name), 4095);
	assert_string_equal(g.result.notes, "begin or end unreadable; 1 field longer than is kept, cut");
	done(&g);
	free(xml);
}

static void
of_a_result_with_fields_given_twice_the_first_stand(void **state)
{
	static const char xml[] = "<feedback>" HEAD POLICY "<record><row><source_ip>192.0.2.1</source_ip><count>1</count><policy_evaluated><reason><type>other</type>"
	    "<comment>one</comment><comment>two</comment></reason></policy_evaluated></row><identifiers><header_from>example.org</header_from></identifiers>"
	    "<auth_results><dkim><domain>a.example</domain><selector>s</selector><result>fail</result><domain>b.example</domain><selector>t</selector>"
	    "<result>pass</result></dkim></auth_results></record></feedback>";
	struct got g;

	(void)state;
	parse(&g, xml, strlen(xml), 4096);
	assert_int_equal(g.outcome, OK);
	assert_string_equal(g.result.notes, "4 fields given twice, the first taken");
	assert_string_equal(g.records[0].auths[0].domain, "a.example");
	assert_string_equal(g.records[0].auths[0].selector, "s");
	assert_string_equal(g.records[0].auths[0].result.text, "fail");
	assert_string_equal(g.records[0].reasons[0].comment, "one");
	done(&g);
}

static void
all_results_up_to_the_caps_are_kept(void **state)
{
	char *xml = large("<feedback>" HEAD POLICY "<record><row><count>1</count><source_ip>192.0.2.1</source_ip></row><identifiers><header_from>example.org"
	    "</header_from></identifiers><auth_results>", "<dkim><domain>a.example</domain><result>pass</result></dkim>", "</auth_results></record></feedback>", 10000);
	struct got g;

	(void)state;
	parse(&g, xml, strlen(xml), 4096);
	assert_int_equal(g.outcome, OK);
	assert_int_equal(g.records[0].nauths, 100);
	assert_non_null(strstr(g.result.notes, "more results than are kept"));
	done(&g);
	free(xml);
}

/* Every element there is, each with a text of its own. */
static void
each_field_arrives_where_it_belongs(void **state)
{
	static const char xml[] = "<feedback xmlns=\"urn:ietf:params:xml:ns:dmarc-2.0\"><version>1.0</version><report_metadata><org_name>\tReceiver\r\n</org_name>"
	    "<email>r@receiver.example</email><extra_contact_info>http://receiver.example/</extra_contact_info><report_id>&lt;id-1&gt;</report_id>"
	    "<date_range><begin>1795132800</begin><end>1795219199</end></date_range><error>one</error><error> </error><error>two &amp; three</error>"
	    "<generator>maker 2.0</generator></report_metadata><policy_published><domain>Example.ORG.</domain><p>Reject</p><sp>quarantine</sp><np>none</np>"
	    "<adkim>s</adkim><aspf>R</aspf><pct>50</pct><fo>1:d</fo><testing>y</testing><discovery_method>TreeWalk</discovery_method></policy_published>"
	    "<record><row><source_ip>192.0.2.1</source_ip><count>3</count><policy_evaluated><disposition>quarantine</disposition><dkim>pass</dkim><spf>fail</spf>"
	    "<reason><type>mailing_list</type><comment>a list</comment></reason><reason><type>odd</type></reason></policy_evaluated></row>"
	    "<identifiers><header_from>a.Example.org</header_from><envelope_from>bounce@b.example</envelope_from><envelope_to>c.example</envelope_to></identifiers>"
	    "<auth_results><dkim><domain>d.example</domain><selector>Sel</selector><result>permerror</result><human_result>broken</human_result></dkim>"
	    "<spf><domain>e.example</domain><scope>helo</scope><result>hardfail</result><human_result>no</human_result></spf></auth_results></record>"
	    "<record><row><source_ip>192.0.2.2</source_ip><count>1</count></row><identifiers><header_from>example.org</header_from><envelope_from/></identifiers></record>"
	    "</feedback>";
	const struct record *r;
	struct got g;

	(void)state;
	parse(&g, xml, strlen(xml), 4096);
	assert_int_equal(g.outcome, OK);
	assert_string_equal(g.result.notes, "");
	assert_int_equal(g.head.format, FORMAT_RFC9990);
	assert_string_equal(g.head.version, "1.0");
	assert_string_equal(g.head.org_name, "Receiver");
	assert_string_equal(g.head.email, "r@receiver.example");
	assert_string_equal(g.head.extra_contact_info, "http://receiver.example/");
	assert_string_equal(g.head.report_id, "<id-1>");
	assert_string_equal(g.head.errors, "one; two & three");
	assert_string_equal(g.head.generator, "maker 2.0");
	assert_int_equal(g.head.begin_at, 1795132800);
	assert_int_equal(g.head.end_at, 1795219199);
	assert_string_equal(g.head.domain, "example.org");
	assert_int_equal(g.head.p.code, POLICY_REJECT);
	assert_string_equal(g.head.p.text, "reject");
	assert_int_equal(g.head.sp.code, POLICY_QUARANTINE);
	assert_int_equal(g.head.np.code, POLICY_NONE);
	assert_int_equal(g.head.adkim.code, 's');
	assert_int_equal(g.head.aspf.code, 'r');
	assert_int_equal(g.head.pct, 50);
	assert_string_equal(g.head.fo, "1:d");
	assert_int_equal(g.head.testing.code, 'y');
	assert_string_equal(g.head.discovery_method, "treewalk");
	assert_int_equal(g.nrecords, 2);
	r = &g.records[0];
	assert_int_equal(r->number, 1);
	assert_string_equal(r->source_ip, "192.0.2.1");
	assert_int_equal(r->disposition.code, DISP_QUARANTINE);
	assert_int_equal(r->dkim.code, DMARC_PASS);
	assert_int_equal(r->spf.code, DMARC_FAIL);
	assert_int_equal(r->nreasons, 2);
	assert_int_equal(r->reasons[0].type.code, REASON_MAILING_LIST);
	assert_string_equal(r->reasons[0].comment, "a list");
	assert_int_equal(r->reasons[1].type.code, REASON_UNKNOWN);
	assert_string_equal(r->reasons[1].type.text, "odd");
	assert_null(r->reasons[1].comment);
	assert_string_equal(r->header_from, "a.example.org");
	assert_string_equal(r->envelope_from, "b.example");
	assert_int_equal(r->envelope_from_empty, 0);
	assert_string_equal(r->envelope_to, "c.example");
	assert_int_equal(r->nauths, 2);
	assert_int_equal(r->auths[0].kind, KIND_DKIM);
	assert_string_equal(r->auths[0].domain, "d.example");
	assert_string_equal(r->auths[0].selector, "Sel");
	assert_int_equal(r->auths[0].result.code, AUTH_PERMERROR);
	assert_string_equal(r->auths[0].human_result, "broken");
	assert_int_equal(r->auths[1].kind, KIND_SPF);
	assert_string_equal(r->auths[1].domain, "e.example");
	assert_int_equal(r->auths[1].scope.code, SCOPE_HELO);
	assert_int_equal(r->auths[1].result.code, AUTH_FAIL);
	assert_string_equal(r->auths[1].result.text, "hardfail");
	assert_string_equal(r->auths[1].human_result, "no");
	r = &g.records[1];
	assert_int_equal(r->number, 2);
	assert_null(r->envelope_from);
	assert_int_equal(r->envelope_from_empty, 1);
	assert_null(r->envelope_to);
	done(&g);
}

/* The format shows by a record, whether it comes before the policy, among the first thousand or not at all. */
static void
a_disposition_pass_without_pct_is_of_rfc_9990(void **state)
{
	static const struct { int before, after, late; const char *pct; enum format format; int heads; } cases[] = {
		{ 0, 0, 0, "", FORMAT_RFC9990, 1 }, { 0, 0, 1, "", FORMAT_RFC9990, 1 }, { 0, 0, 0, "<pct>100</pct>", FORMAT_DRAFT, 1 },
		{ 0, 0, 1, "<pct>100</pct>", FORMAT_DRAFT, 1 }, { 1500, 0, 0, "", FORMAT_RFC9990, 2 }, { 1500, 0, 1, "", FORMAT_RFC9990, 1 },
		{ 0, 1500, 1, "", FORMAT_RFC9990, 1 }, { 1500, 0, 0, "<pct>100</pct>", FORMAT_DRAFT, 2 },
	};
	char *xml = mem_alloc(1600 * (sizeof(RECORD) + 1)), policy[256];
	struct got g;
	size_t i, len;
	int k;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		(void)snprintf(policy, sizeof(policy), "<policy_published><domain>example.org</domain><p>none</p>%s</policy_published>", cases[i].pct);
		len = (size_t)sprintf(xml, "<feedback>" HEAD "%s", cases[i].late ? "" : policy);
		for (k = 0; k < cases[i].before; k++)
			len += (size_t)sprintf(xml + len, "%s", RECORD);
		len += (size_t)sprintf(xml + len, "<record><row><source_ip>192.0.2.2</source_ip><count>1</count><policy_evaluated><disposition>Pass</disposition></policy_evaluated></row></record>");
		for (k = 0; k < cases[i].after; k++)
			len += (size_t)sprintf(xml + len, "%s", RECORD);
		len += (size_t)sprintf(xml + len, "%s</feedback>", cases[i].late ? policy : "");
		parse(&g, xml, len, 4096);
		if (g.head.format != cases[i].format || g.heads != cases[i].heads)
			print_message("# case %zu: format %d, %d heads\n", i, (int)g.head.format, g.heads);
		assert_int_equal(g.outcome, OK);
		assert_int_equal(g.head.format, cases[i].format);
		assert_int_equal(g.heads, cases[i].heads);
		done(&g);
	}
	free(xml);
}

/* What only reports of RFC 9990 have tells them; a policy says what it does not say, and no more. */
static void
the_format_and_what_is_absent_show(void **state)
{
	static const struct { const char *head, *policy; enum format format; int64_t pct; int adkim, testing; const char *note; } heads[] = {
		{ "", "", FORMAT_DRAFT, NO_NUMBER, 0, 0, NULL },
		{ "<version>1.0</version>", "<np>none</np><adkim></adkim>", FORMAT_RFC7489, NO_NUMBER, 0, 0, NULL },
		{ "<version>1.0</version>", "<testing>n</testing>", FORMAT_RFC9990, NO_NUMBER, 0, 'n', NULL },
		{ "<version>1.0</version>", "<discovery_method>psl</discovery_method>", FORMAT_RFC9990, NO_NUMBER, 0, 0, NULL },
		{ "<version>1.0</version>", "<adkim>strict</adkim><testing>maybe</testing>", FORMAT_RFC9990, NO_NUMBER, '?', '?', NULL },
		{ "", "<p>reject</p><adkim>r</adkim><adkim>s</adkim>", FORMAT_DRAFT, NO_NUMBER, 'r', 0, "2 fields given twice" },
		{ "", "<pct>0</pct>", FORMAT_DRAFT, 0, 0, 0, NULL },
		{ "", "<pct>100</pct><pct>50</pct>", FORMAT_DRAFT, 100, 0, 0, "1 field given twice" },
		{ "", "<pct>101</pct>", FORMAT_DRAFT, NO_NUMBER, 0, 0, "pct unreadable" },
		{ "", "<pct>-1</pct>", FORMAT_DRAFT, NO_NUMBER, 0, 0, "pct unreadable" },
		{ "", "<pct>half</pct>", FORMAT_DRAFT, NO_NUMBER, 0, 0, "pct unreadable" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		char xml[2048];
		struct got g;

		(void)snprintf(xml, sizeof(xml), "<feedback>%s" HEAD "<policy_published><domain>example.org</domain><p>none</p>%s</policy_published>" RECORD "</feedback>",
		    heads[i].head, heads[i].policy);
		parse(&g, xml, strlen(xml), 4096);
		if (g.head.format != heads[i].format || g.head.pct != heads[i].pct)
			print_message("# head %zu\n", i);
		assert_int_equal(g.outcome, OK);
		assert_int_equal(g.head.format, heads[i].format);
		assert_int_equal(g.head.pct, heads[i].pct);
		assert_int_equal(g.head.p.code, POLICY_NONE);
		assert_int_equal(g.head.adkim.code, heads[i].adkim);
		assert_int_equal(g.head.testing.code, heads[i].testing);
		if (heads[i].note == NULL)
			assert_string_equal(g.result.notes, "");
		else
			assert_non_null(strstr(g.result.notes, heads[i].note));
		done(&g);
	}
}

/* The name of the receiver, in a report that is not well-formed for something else. */
static void
the_second_try_keeps_the_text_as_it_was_meant(void **state)
{
	enum { WHOLE_ONLY = 2 };	/* these are known only where their bytes come together */
	static const char *const texts[][2] = {
		{ "a\xef\xbb\xbf" "b", "ab" }, { "a\xef\xbf\xbe\xef\xbf\xbf" "b", "ab" },
		{ "a < b", "a < b" }, { "a <1> b", "a <1> b" }, { "a <<b/>c", "a <c" }, { "a > b", "a > b" }, { "a & b", "a & b" }, { "a &amp; b", "a & b" },
		{ "a &lt;b&gt; &quot;&apos;", "a <b> \"'" }, { "a &nbsp; b", "a \xc2\xa0 b" }, { "a &nbs; &nbspx; &NBSP; b", "a &nbs; &nbspx; &NBSP; b" }, { "a &averylongnameofnothing; b", "a &averylongnameofnothing; b" },
		{ "a<z0/>b", "ab" }, { "a<A/>b", "ab" }, { "a<Z-9.z_:x a='1'/>b", "ab" }, { "a<br>x</br>b", "ab" },
		{ "a<!-- x > y -- <z> -->b", "ab" }, { "a<!---->b", "ab" }, { "a<?x y?>b", "ab" }, { "a<?x <y> ?>b", "a ?>b" }, { "a<!x>b", "ab" },
		{ "<![CDATA[a <b> & c]]>d", "a <b> & cd" }, { "a<![CDATA[]]>b", "ab" }, { "<![CDATA[a]] ]> b]]]>", "a]] ]> b]" },
		{ "a&#32;b", "a b" }, { "a&#x20;b", "a b" }, { "a&#31;b", "a&#31;b" }, { "a&#x1F;b", "a&#x1F;b" }, { "&#xD7FF;", "\xed\x9f\xbf" }, { "a&#xD800;b", "a&#xD800;b" },
		{ "a&#xDFFF;b", "a&#xDFFF;b" }, { "&#xE000;", "\xee\x80\x80" }, { "&#xAF;&#xfa;", "\xc2\xaf\xc3\xba" }, { "&#xFFFD;", "\xef\xbf\xbd" }, { "a&#xFFFE;b", "a&#xFFFE;b" }, { "a&#xFFFF;b", "a&#xFFFF;b" },
		{ "&#x10000;", "\xf0\x90\x80\x80" }, { "&#x10ffff;", "\xf4\x8f\xbf\xbf" }, { "a&#x110000;b", "a&#x110000;b" }, { "a&#x;b", "a&#x;b" },
		{ "a&#;b", "a&#;b" }, { "a&#xg;b", "a&#xg;b" }, { "a&#-32;b", "a&#-32;b" },
		{ "a\x01\x1f\x7f" "b", "ab" }, { "a\tb", "a\tb" }, { "a\xef\xbf\xbd" "b", "a\xef\xbf\xbd" "b" },
		{ "a<b title='[x]'/>c", "ac" }, { "a<b$c/>d", "a<b$c/>d" }, { "a<b", "a<b" },
		{ "a<b123456789b123456789b123456789b123456789b123456789b123456789b12/>c", "ac" },
		{ "a<b123456789b123456789b123456789b123456789b123456789b123456789b123/>c", "a<b123456789b123456789b123456789b123456789b123456789b123456789b123/>c" }, { "a &", "a &" }, { "a <", "a <" },
	};
	static const size_t steps[] = { 4096, 1, 7 };
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		for (k = 0; k < (i < WHOLE_ONLY ? 1 : 3); k++) {
			char xml[2048];
			struct got g;

			(void)snprintf(xml, sizeof(xml), "<feedback><a>x & y</a><report_metadata><org_name>%s</org_name></report_metadata>" POLICY RECORD "</feedback>", texts[i][0]);
			parse(&g, xml, strlen(xml), steps[k]);
			if (g.outcome != OK || g.head.org_name == NULL || strcmp(g.head.org_name, texts[i][1]) != 0)
				print_message("# text \"%s\" at %zu: %s, %s\n", texts[i][0], steps[k], g.head.org_name, g.err.text);
			assert_int_equal(g.outcome, OK);
			assert_string_equal(g.head.org_name, texts[i][1]);
			assert_int_equal(g.result.messages, 3);
			assert_string_equal(g.head.domain, "example.org");
			assert_non_null(strstr(g.result.notes, "recovered: line 1: "));
			done(&g);
		}
}

/* In what encoding the second try reads: all have a bare & besides. */
static void
the_second_try_reads_the_encoding_that_is_meant(void **state)
{
	static const struct { const char *declared, *bytes, *text, *note; } cases[] = {
		{ "ISO-8859-2", "\xb1", "\xc4\x85", "read as ISO-8859-2" }, { "koi8-r", "\xc1\xc2", "\xd0\xb0\xd0\xb1", "read as koi8-r" },
		{ "iso-8859-2", "\xc3\xb6", "\xc3\xb6", NULL },	/* what is sound UTF-8 is it */
		{ "utf-8", "\xf6", "\xc3\xb6", "read as windows-1252" }, { "UTF8", "\xf6", "\xc3\xb6", "read as windows-1252" },
		{ "US-ASCII", "\xf6", "\xc3\xb6", "read as windows-1252" }, { "ascii", "\xf6", "\xc3\xb6", "read as windows-1252" },
		{ "", "\xf6", "\xc3\xb6", "read as windows-1252" }, { "utf-16", "\xf6", "\xc3\xb6", "read as windows-1252" },
		/* the least and the largest of each length */
		{ "utf-8", "\xc2\x80" "a", "\xc2\x80" "a", NULL }, { "utf-8", "\xdf\xbf", "\xdf\xbf", NULL }, { "utf-8", "\xe0\xa0\x80", "\xe0\xa0\x80", NULL },
		{ "utf-8", "\xed\x9f\xbf", "\xed\x9f\xbf", NULL }, { "utf-8", "\xee\x80\x80", "\xee\x80\x80", NULL }, { "utf-8", "\xf0\x90\x80\x80", "\xf0\x90\x80\x80", NULL },
		{ "utf-8", "\xf4\x8f\xbf\xbd", "\xf4\x8f\xbf\xbd", NULL }, { "utf-8", "\xf1\x80\x80\x80", "\xf1\x80\x80\x80", NULL },
		/* and what is beside them */
		{ "utf-8", "\xc1\xbf", "\xc3\x81\xc2\xbf", "read as windows-1252" }, { "utf-8", "\xe0\x9f\xbf", "\xc3\xa0\xc5\xb8\xc2\xbf", "read as windows-1252" },
		{ "utf-8", "\xed\xa0\xa1", "\xc3\xad\xc2\xa0\xc2\xa1", "read as windows-1252" }, { "utf-8", "\xf0\x8f\xbf\xbf", "\xc3\xb0?\xc2\xbf\xc2\xbf", "read as windows-1252" },
		{ "utf-8", "\xf4\x90\xbf\xbf", "\xc3\xb4?\xc2\xbf\xc2\xbf", "read as windows-1252" }, { "utf-8", "\xf5\xa1\xa1\xa1", "\xc3\xb5\xc2\xa1\xc2\xa1\xc2\xa1", "read as windows-1252" },
		{ "utf-8", "\xe2\x82", "\xc3\xa2\xe2\x80\x9a", "read as windows-1252" }, { "utf-8", "\xc3\xc3\xb6", "\xc3\x83\xc3\x83\xc2\xb6", "read as windows-1252" },
	};
	static const size_t steps[] = { 4096, 1, 7 };
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (k = 0; k < 3; k++) {
			char xml[2048];
			struct got g;

			(void)snprintf(xml, sizeof(xml), i % 2 ? "<?xml version=\"1.0\" encoding=\"%s\"?><feedback><report_metadata><org_name>%s & a</org_name></report_metadata>" POLICY
			    RECORD "</feedback>" : "<?xml version='1.0' encoding='%s' ?><feedback><report_metadata><org_name>%s & a</org_name></report_metadata>" POLICY RECORD
			    "</feedback>", cases[i].declared, cases[i].bytes);
			parse(&g, xml, strlen(xml), steps[k]);
			assert_int_equal(g.outcome, OK);
			if (strncmp(g.head.org_name, cases[i].text, strlen(cases[i].text)) != 0)
				print_message("# encoding %zu at %zu: %s, %s\n", i, steps[k], g.head.org_name, g.result.notes);
			assert_memory_equal(g.head.org_name, cases[i].text, strlen(cases[i].text));
			assert_string_equal(g.head.org_name + strlen(cases[i].text), " & a");
			if (cases[i].note == NULL)
				assert_null(strstr(g.result.notes, "read as"));
			else
				assert_non_null(strstr(g.result.notes, cases[i].note));
			assert_int_equal(g.result.messages, 3);
			done(&g);
		}
}

/* Malformed, with and without mark, said to be something else, and with half a pair in it (which becomes a question mark). */
static void
utf16_is_read_whatever_it_says_and_however_it_is_broken(void **state)
{
	static const struct { const char *name; int little, mark; } kinds[] = { { "UTF-16LE", 1, 0 }, { "UTF-16BE", 0, 0 }, { "UTF-16LE", 1, 1 }, { "UTF-16BE", 0, 1 } };
	static const struct { const char *xml, *org, *note; } files[] = {
		{ "<?xml version=\"1.0\"?><feedback><report_metadata><org_name>Bj\xc3\xb6rk & \xf0\x9f\x98\x80~</org_name></report_metadata>" POLICY RECORD "</feedback>",
		  "Bj\xc3\xb6rk & \xf0\x9f\x98\x80?", "recovered" },
		{ "<?xml version=\"1.0\" encoding=\"utf-8\"?><feedback><report_metadata><org_name>Bj\xc3\xb6rk</org_name></report_metadata>" POLICY RECORD "</feedback>",
		  "Bj\xc3\xb6rk", "read as UTF-16" },
	};
	static const size_t steps[] = { 4096, 1, 7 };
	size_t i, f, k;

	(void)state;
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		for (f = 0; f < 2; f++)
			for (k = 0; k < 3; k++) {
				char out[8192], plain[2048], *from = plain, *to = out;
				size_t left, room = sizeof(out), len, at;
				iconv_t cd = iconv_open(kinds[i].name, "UTF-8");
				struct got g;

				left = (size_t)snprintf(plain, sizeof(plain), "%s%s", kinds[i].mark ? "\xef\xbb\xbf" : "", files[f].xml);
				assert_true(iconv(cd, &from, &left, &to, &room) != (size_t)-1);
				iconv_close(cd);
				len = sizeof(out) - room;
				for (at = 0; at < len; at += 2)		/* ~ stands for the half of a pair */
					if (out[at] + out[at + 1] == '~') {
						out[at] = kinds[i].little ? 0 : '\xdc';
						out[at + 1] = kinds[i].little ? '\xdc' : 0;
					}
				parse(&g, out, len, steps[k]);
				if (g.outcome != OK || strcmp(g.head.org_name, files[f].org) != 0)
					print_message("# kind %zu, file %zu at %zu: %s, %s, %s\n", i, f, steps[k], g.head.org_name, g.result.notes, g.err.text);
				assert_int_equal(g.outcome, OK);
				assert_string_equal(g.head.org_name, files[f].org);
				assert_non_null(strstr(g.result.notes, files[f].note));
				assert_int_equal(g.result.messages, 3);
				done(&g);
			}
}

/* A mark within the text goes, wherever the pieces end; what begins like one stays. */
static void
marks_within_the_text_go_however_the_bytes_come(void **state)
{
	static const char xml[] = "<feedback><report_metadata><org_name>A\xef\xbb\xbf" "B\xef\xbf\xbe" "C\xef\xbd\x81 & co</org_name></report_metadata>" POLICY RECORD "</feedback>";
	static const size_t steps[] = { 4096, 1, 2, 3 };
	struct got g;
	size_t k;

	(void)state;
	for (k = 0; k < sizeof(steps) / sizeof(steps[0]); k++) {
		parse(&g, xml, sizeof(xml) - 1, steps[k]);
		assert_int_equal(g.outcome, OK);
		assert_int_equal(strncmp(g.head.org_name, "ABC", 3), 0);
		assert_int_equal(g.result.messages, 3);
		done(&g);
	}
}

/* Where the bytes end in damage, after the report, within it, before it, and where it may pass. */
static void
damage_is_told_and_a_passing_fault_is_none(void **state)
{
	static const char whole[] = WHOLE;
	static const size_t steps[] = { 4096, 7 };
	const size_t begun = (size_t)(strstr(whole, "<record>") - whole);
	struct got g;
	size_t k;

	(void)state;
	for (k = 0; k < 2; k++) {
		parse_damaged(&g, whole, strlen(whole), steps[k], "x.xml: crc error", 0);
		assert_int_equal(g.outcome, OK);
		assert_string_equal(g.result.notes, "crc error");
		assert_int_equal(g.result.cut_short, 0);
		assert_int_equal(g.result.messages, 3);
		done(&g);
		parse_damaged(&g, whole, strlen(whole), steps[k], "elsewhere: crc error", 0);
		assert_string_equal(g.result.notes, "elsewhere: crc error");
		done(&g);
		parse_damaged(&g, whole, begun, steps[k], "x.xml: crc error", 0);
		assert_int_equal(g.outcome, SKIP);
		assert_string_equal(g.err.text, "x.xml: crc error");
		assert_int_equal(g.result.cut_short, 1);
		assert_int_equal(g.is_report, 1);
		done(&g);
		parse_damaged(&g, whole, 20, steps[k], "x.xml: crc error", 0);
		assert_int_equal(g.outcome, SKIP);
		assert_string_equal(g.err.text, "x.xml: crc error");
		assert_int_equal(g.result.cut_short, 0);
		assert_int_equal(g.is_report, 1);
		done(&g);
		parse_damaged(&g, whole, strlen(whole), steps[k], "x.xml: timed out", 1);
		assert_int_equal(g.outcome, SKIP);
		assert_string_equal(g.err.text, "x.xml: timed out");
		assert_int_equal(g.err.retry, 1);
		assert_int_equal(g.result.cut_short, 0);
		done(&g);
	}
}

/* Nothing more is handed over once the sink, or going back, has failed. */
static void
what_the_sink_cannot_take_ends_the_parse(void **state)
{
	enum { RECORDS = 1500 };
	static const struct { enum failing at; int late, broken, heads; size_t batches; } cases[] = {
		{ FAIL_HEAD, 0, 0, 1, 0 }, { FAIL_BATCH, 0, 0, 1, 1 }, { FAIL_AGAIN, 0, 1, 1, 1 }, { FAIL_REWIND, 0, 1, 1, 0 }, { FAIL_REWIND, 1, 0, 0, 0 },
	};
	char *xml = malloc(RECORDS * sizeof(RECORD) + 2000);
	size_t i, k, len;
	struct got g;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		len = (size_t)sprintf(xml, "<feedback>" HEAD "%s", cases[i].late ? "" : POLICY);
		for (k = 0; k < RECORDS; k++)
			len += (size_t)sprintf(xml + len, "%s", RECORD);
		len += (size_t)sprintf(xml + len, "%s%s</feedback>", cases[i].late ? POLICY : "", cases[i].broken ? "x & y" : "");
		parse_failing(&g, xml, len, cases[i].at);
		if (g.outcome != STOP)
			print_message("# case %zu\n", i);
		assert_int_equal(g.outcome, STOP);
		assert_string_equal(g.err.text, "no room left");
		assert_int_equal(g.heads, cases[i].heads);
		assert_int_equal(g.nbatches, cases[i].batches);
		done(&g);
	}
	free(xml);
}

/* Documents one after the other by one parser, each as by a fresh one. */
static void
a_parser_keeps_nothing_of_one_document_for_the_next(void **state)
{
	static const char *const files[] = {
		WHOLE, "\xef\xbb\xbf" WHOLE, WHOLE, "<?xml version=\"1.0\" encoding=\"iso-8859-1\"?><feedback>" HEAD POLICY RECORD "</feedback>", WHOLE, "<feedback xmlns=\"urn:ietf:params:xml:ns:dmarc-2.0\">" HEAD "<policy_published><domain>b.example</domain><pct>7</pct><sp>none</sp></policy_published>" RECORD RECORD
		"</feedback>", WHOLE, "<feedback><report_metadata><org_name>Bj\xf6rk & b</org_name><error>one</error></report_metadata>" POLICY RECORD "</feedback>", WHOLE,
		"<feedback>" HEAD POLICY RECORD "<record><row><count>2</count>", WHOLE,
		"<feedback>" HEAD POLICY "<record><row><policy_evaluated><disposition>pass</disposition></policy_evaluated></row></record></feedback>", WHOLE, "<html/>", "<!DOCTYPE feedback []><feedback/>", WHOLE, "<feedback><a><b><record/></b></a>", WHOLE,
		"<!DOCTYPE feedback><feedback>" HEAD POLICY "</feedback><feedback/>", WHOLE,
	};
	struct parser *p = parser_new(NULL);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct got fresh, g;

		parse(&fresh, files[i], strlen(files[i]), 4096);
		parse_by(&g, p, files[i], strlen(files[i]), 4096);
		if (g.outcome != fresh.outcome || strcmp(g.result.notes, fresh.result.notes) != 0 || strcmp(g.err.text, fresh.err.text) != 0)
			print_message("# document %zu: %s, %s\n", i, g.result.notes, g.err.text);
		assert_int_equal(g.outcome, fresh.outcome);
		assert_int_equal(g.is_report, fresh.is_report);
		assert_int_equal(g.heads, fresh.heads);
		assert_int_equal(g.nrecords, fresh.nrecords);
		assert_memory_equal(&g.result, &fresh.result, sizeof(g.result));
		assert_string_equal(g.err.text, fresh.err.text);
		assert_int_equal(g.head.format, fresh.head.format);
		assert_int_equal(g.head.pct, fresh.head.pct);
		assert_int_equal(g.head.begin_at, fresh.head.begin_at);
		assert_int_equal(g.head.sp.code, fresh.head.sp.code);
		assert_int_equal(g.head.errors == NULL, fresh.head.errors == NULL);
		done(&fresh);
		done(&g);
	}
	parser_free(p);
}

static void
what_is_refused_says_why(void **state)
{
	static const struct { const char *xml, *why; int heads; } files[] = {	/* heads: told of to the sink */
		{ "<html><body>x</body></html>", "x.xml: XML, but no aggregate report: there is no <feedback> in it", 0 },
		{ "<html><body>x</html>", "x.xml: XML, but no aggregate report: there is no <feedback> in it", 0 },
		{ "no XML at all", "x.xml: no aggregate report: XML without <feedback>, and not well-formed", 0 },
		{ "<feedback>" RECORD "</feedback>", "x.xml: <feedback> without report_metadata and policy_published", 1 },
		{ "<feedback>" HEAD POLICY "<record><row>", "x.xml: cut short: it ends before </feedback>, after 0 records", 1 },
		{ "<feedback>" HEAD POLICY RECORD, "x.xml: cut short: it ends before </feedback>, after 1 record", 1 },
		{ "<feedback>" HEAD POLICY RECORD RECORD, "x.xml: cut short: it ends before </feedback>, after 2 records", 1 },
		/* something before it keeps the first try from seeing the subset */
		{ "Dear & reader <!DOCTYPE feedback [<!ENTITY a 'b'>]>" WHOLE, "x.xml: a DOCTYPE with an internal subset is refused", 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct got g;

		parse(&g, files[i].xml, strlen(files[i].xml), 4096);
		assert_int_equal(g.outcome, SKIP);
		assert_string_equal(g.err.text, files[i].why);
		assert_int_equal(g.heads, files[i].heads);
		assert_null(strstr(g.result.notes, files[i].heads > 0 ? "recovered" : "no record"));
		done(&g);
	}
}

/* A malformed report larger than what the second try gathers before it hands it on. */
static void
a_long_malformed_report_loses_nothing(void **state)
{
	static const struct { const char *before, *after; } files[] = {	/* things longer than is held of them */
		{ "<feedback>" HEAD POLICY "<a>x & y</a><!-- ", "-->" RECORD "</feedback>" }, { "<feedback>" HEAD POLICY "<a>x & y</a><?a ", "?>" RECORD "</feedback>" },
		{ "<feedback>" HEAD POLICY "<a>x & y</a><a b='", "'/>" RECORD "</feedback>" }, { "<feedback>" HEAD POLICY "<a>x & y<![CDATA[", "]]></a>" RECORD "</feedback>" },
	};
	char *xml = large("<feedback>" HEAD POLICY "<a>x & y</a>", RECORD, "</feedback>", 3 << 20);
	struct got g;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char *other = large(files[i].before, "x ", files[i].after, 30000);

		parse(&g, other, strlen(other), 4096);
		assert_int_equal(g.outcome, OK);
		assert_int_equal(g.result.messages, 3);
		assert_string_equal(g.head.org_name, "Receiver");
		done(&g);
		free(other);
	}
	parse(&g, xml, strlen(xml), 32768);
	assert_int_equal(g.outcome, OK);
	assert_int_equal(g.result.records, (3 << 20) / strlen(RECORD) + 1);
	assert_int_equal(g.result.messages, 3 * g.result.records);
	done(&g);
	free(xml);
}

/* Only the last bytes of a comment are kept, and what comes right after these were cut down is no end of it. */
static void
a_comment_ends_where_it_ends(void **state)
{
	static const char many[] = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
	int n;

	(void)state;
	for (n = 1; n < 50; n++) {
		char xml[2048];
		struct got g;

		(void)snprintf(xml, sizeof(xml), "<feedback><a>x & y</a><report_metadata><org_name>a<!--%.*s>y->%.*s--%.*s-->b</org_name></report_metadata>" POLICY RECORD "</feedback>", n, many, n, many,
		    n, many);
		parse(&g, xml, strlen(xml), 4096);
		assert_int_equal(g.outcome, OK);
		assert_string_equal(g.head.org_name, "ab");
		done(&g);
	}
}

/* Elements of ours within something unknown close nothing, in either try. */
static void
within_something_unknown_anything_may_stand(void **state)
{
	static const char *const files[] = { "<feedback>", "<feedback><a>x & y</a>" };
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		char xml[2048];
		struct got g;

		(void)snprintf(xml, sizeof(xml), "%s<extension><version>9</version><x><version>8</version></x></extension><version>1.0</version>" HEAD POLICY RECORD "</feedback>", files[i]);
		parse(&g, xml, strlen(xml), 4096);
		assert_int_equal(g.outcome, OK);
		assert_string_equal(g.head.version, "1.0");
		assert_int_equal(g.result.messages, 3);
		done(&g);
	}
}

/* Beyond its depth the second try opens nothing more. */
static void
the_second_try_has_a_depth_of_its_own(void **state)
{
	char *nested = large("<feedback>" HEAD POLICY "<a>x & y</a>", "<a>", "", 300), *xml = large(nested, "</a>", RECORD "</feedback>", 400);
	struct got g;

	(void)state;
	parse(&g, xml, strlen(xml), 4096);
	assert_int_equal(g.outcome, OK);
	assert_int_equal(g.result.messages, 3);
	done(&g);
	free(xml);
	free(nested);
}

/* Caps and what is just within them. */
static void
what_is_within_a_cap_is_read(void **state)
{
	static const struct { struct parse_limits limits; const char *xml; } files[] = {
		{ { .depth = 5 }, WHOLE }, { { .unknown_elements = 2 }, "<feedback><a/><b/>" HEAD POLICY RECORD "</feedback>" },
		{ { .records = 2 }, "<feedback>" HEAD POLICY RECORD RECORD "</feedback>" }, { { .text_bytes = 23 }, WHOLE }, { { .count = 3 }, WHOLE },
	};
	struct parse_limits deep = { .depth = 1 << 20 }, shallow = { .depth = 4 };
	char *xml = large("<feedback>", "<a>", "", 3000);
	size_t i, len;
	struct got g;
	int n;

	(void)state;
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		parse_within(&g, &files[i].limits, files[i].xml, strlen(files[i].xml), 4096);
		if (g.outcome != OK || g.result.notes[0] != '\0')
			print_message("# cap %zu: %s, %s\n", i, g.result.notes, g.err.text);
		assert_int_equal(g.outcome, OK);
		assert_string_equal(g.result.notes, "");
		done(&g);
	}
	parse_within(&g, &shallow, WHOLE, strlen(WHOLE), 4096);
	assert_int_equal(g.outcome, SKIP);
	done(&g);
	/* However deep the setting, no deeper than there is room for. */
	parse_within(&g, &deep, xml, strlen(xml), 4096);
	assert_int_equal(g.outcome, SKIP);
	done(&g);
	free(xml);
	xml = malloc(4096);
	for (n = 64; n < 66; n++) {		/* attributes of an element */
		len = (size_t)sprintf(xml, "<feedback><x");
		for (i = 0; i < (size_t)n; i++)
			len += (size_t)sprintf(xml + len, " a%zu=''", i);
		len += (size_t)sprintf(xml + len, "/>" HEAD POLICY RECORD "</feedback>");
		parse(&g, xml, len, 4096);
		assert_int_equal(g.outcome, n == 64 ? OK : SKIP);
		done(&g);
	}
	free(xml);
}

#define FIVE(x) x x x x x
#define REASON "<reason><type>other</type></reason>"
#define DKIM "<dkim><domain>a.example</domain><result>pass</result></dkim>"
#define SPF "<spf><domain>a.example</domain><result>pass</result></spf>"
#define OF(reasons, auths) "<feedback>" HEAD POLICY "<record><row><source_ip>192.0.2.1</source_ip><count>1</count><policy_evaluated>" reasons "</policy_evaluated></row>" \
	"<identifiers><header_from>example.org</header_from></identifiers><auth_results>" auths "</auth_results></record></feedback>"

static void
results_and_reasons_have_caps_of_their_own_and_are_noted_once_a_record(void **state)
{
	static const struct { const char *xml; size_t nreasons, nauths; const char *notes; } files[] = {
		{ OF(FIVE(REASON) FIVE(REASON), FIVE(FIVE(DKIM FIVE(DKIM) DKIM DKIM)) ), 10, 100, "1 record with more results than are kept" },
		{ OF("", FIVE(FIVE(DKIM DKIM DKIM DKIM)) FIVE(SPF SPF)), 0, 110, "" },
		{ OF("", FIVE(FIVE(DKIM DKIM DKIM DKIM)) FIVE(SPF SPF) SPF SPF), 0, 110, "1 record with more results than are kept" },
		{ OF("", FIVE(FIVE(DKIM DKIM DKIM DKIM)) FIVE(SPF SPF) SPF SPF DKIM DKIM), 0, 110, "1 record with more results than are kept" },
		{ OF("", FIVE(SPF SPF) SPF DKIM), 0, 11, "1 record with more results than are kept" },
		{ OF(FIVE(REASON) FIVE(REASON), ""), 10, 0, "" },
		{ OF(FIVE(REASON) FIVE(REASON) REASON, ""), 10, 0, "1 record with more reasons than are kept" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct got g;

		parse(&g, files[i].xml, strlen(files[i].xml), 4096);
		if (strcmp(g.result.notes, files[i].notes) != 0)
			print_message("# file %zu: %s\n", i, g.result.notes);
		assert_int_equal(g.outcome, OK);
		assert_int_equal(g.records[0].nreasons, files[i].nreasons);
		assert_int_equal(g.records[0].nauths, files[i].nauths);
		assert_string_equal(g.result.notes, files[i].notes);
		done(&g);
	}
}

/* Fields, and errors joined, are cut where a character ends. */
static void
no_character_is_cut_in_two(void **state)
{
	static const struct { const char *one; size_t size; } characters[] = { { "\xc3\xb6", 2 }, { "\xe2\x82\xac", 3 }, { "\xf0\x9f\x98\x80", 4 } };
	size_t i;
	int room;

	(void)state;
	for (i = 0; i < 3; i++)
		for (room = 1; room < 20; room++) {
			const struct parse_limits limits = { .text_bytes = room };
			char xml[2048], text[64] = "", errors[64];
			size_t whole = (size_t)room / characters[i].size, k;
			struct got g;

			for (k = 0; k < 10; k++)
				strcat(text, characters[i].one);
			(void)snprintf(xml, sizeof(xml), "<feedback><report_metadata><org_name>%s</org_name><error>e</error><error>%s</error></report_metadata>" POLICY "</feedback>", text, text);
			parse_within(&g, &limits, xml, strlen(xml), 4096);
			assert_int_equal(g.outcome, OK);
			(void)snprintf(errors, sizeof(errors), "e%s%.*s", room >= 3 + (int)characters[i].size ? "; " : "",
			    room > 3 ? (int)((size_t)(room - 3) / characters[i].size * characters[i].size) : 0, text);
			if (whole == 0)
				assert_null(g.head.org_name);
			else if (room < 10 * (int)characters[i].size) {
				assert_int_equal(strlen(g.head.org_name), whole * characters[i].size);
				assert_memory_equal(g.head.org_name, text, whole * characters[i].size);
			}
			if (strcmp(g.head.errors, errors) != 0)
				print_message("# room %d, size %zu: %s, not %s\n", room, characters[i].size, g.head.errors, errors);
			assert_string_equal(g.head.errors, errors);
			assert_non_null(strstr(g.result.notes, "longer than is kept"));
			done(&g);
		}
}

/* White space between elements is nothing worth a note, wherever the bytes come apart. */
static void
where_the_bytes_come_apart_changes_nothing(void **state)
{
	static const char spaced[] = "<?xml version=\"1.0\"?>\n\n\n  <feedback>\n\n\n  <report_metadata>\n\n\n  <org_name>a  <![CDATA[b]]></org_name>\n\n\n  <date_range>\n\n\n  "
	    "<begin>1795132800</begin>\n\n\n  <end>1795219199</end>\n\n\n  </date_range>\n\n\n  </report_metadata>\n\n\n  " POLICY "\n\n\n  " RECORD "\n\n\n  </feedback>\n\n\n  <!-- x -->";
	static const char undecoded[] = "<?xml version=\"1.0\" encoding=\"us-ascii\"?><feedback><report_metadata><org_name>Bj\xf6rk</org_name></report_metadata>" POLICY RECORD "</feedback>";
	struct got g;
	size_t step;

	(void)state;
	for (step = 1; step < 80; step++) {
		parse(&g, spaced, strlen(spaced), step);
		assert_int_equal(g.outcome, OK);
		assert_string_equal(g.result.notes, "");
		assert_string_equal(g.head.org_name, "a  b");
		done(&g);
		parse(&g, WHOLE "<feedback/>", strlen(WHOLE "<feedback/>"), step);
		assert_int_equal(g.outcome, OK);
		assert_string_equal(g.result.notes, "text after </feedback> ignored");
		done(&g);
		/* libxml2 leaves out what it cannot decode; that the end is there shows that it was not cut. */
		parse(&g, undecoded, strlen(undecoded), step);
		assert_int_equal(g.outcome, OK);
		assert_string_equal(g.head.org_name, "Bj\xc3\xb6rk");
		done(&g);
	}
}

/* Of documents of every kind, and of records that are skipped, nothing stays. */
static void
memory_does_not_grow_with_what_was_read(void **state)
{
	static const char *const files[] = {
		WHOLE, "<feedback>" HEAD POLICY "<a>x & y</a>" RECORD "</feedback>", "<?xml version='1.0' encoding='koi8-r'?><feedback>" HEAD POLICY "<a>x & \xc1</a>" RECORD "</feedback>",
		"<feedback>" HEAD POLICY RECORD "<record>", "<!DOCTYPE feedback []><feedback/>", "<html/>", "no XML at all",
	};
	char *skipped = large("<feedback>" HEAD POLICY, "<record><row><count>-1</count><policy_evaluated><reason><comment>" FIVE(FIVE("0123456789 0123456789")) "</comment></reason>"
	    "</policy_evaluated></row></record>", "</feedback>", 4 << 20);
	struct parser *kept = parser_new(NULL);
	size_t turn, i, before = 0, most = 0;
	struct bytes bytes = { skipped, strlen(skipped), 0, 32768, NULL, 0, 0, &most };
	struct got g;

	(void)state;
	for (turn = 0; turn < 220; turn++) {
		if (turn == 20)
			before = in_use();
		for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
			parse(&g, files[i], strlen(files[i]), 4096);
			done(&g);
			parse_by(&g, kept, files[i], strlen(files[i]), 4096);
			done(&g);
		}
	}
	assert_true(in_use() <= before + 50000);
	/* Names nobody knows, others in each document. */
	for (turn = 0; turn < 200; turn++) {
		char xml[8192];
		size_t len = (size_t)sprintf(xml, "<feedback>" HEAD POLICY RECORD);

		for (i = 0; i < 60; i++)
			len += (size_t)sprintf(xml + len, "<a-name-that-nobody-knows-%zu-%zu/>", turn, i);
		len += (size_t)sprintf(xml + len, "</feedback>");
		parse_by(&g, kept, xml, len, 4096);
		assert_string_equal(g.result.notes, "");
		done(&g);
	}
	assert_true(in_use() <= before + 300000);
	parse_bytes(&g, kept, &bytes, FAIL_NONE);
	assert_int_equal(g.outcome, OK);
	assert_true(most <= before + (2 << 20));
	done(&g);
	parser_free(kept);
	free(skipped);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_report_is_read_in_full),
		cmocka_unit_test(a_report_cut_anywhere_is_never_whole),
		cmocka_unit_test(each_habit_of_real_reporters_is_read_and_noted),
		cmocka_unit_test(bytes_that_are_not_in_the_encoding_do_not_end_a_report),
		cmocka_unit_test(a_row_closed_too_late_keeps_what_is_in_it),
		cmocka_unit_test(a_result_without_its_end_tag_loses_neither_itself_nor_the_next), cmocka_unit_test(records_before_the_head_are_read_with_it),
		cmocka_unit_test(an_element_of_very_many_attributes_ends_the_parse),
		cmocka_unit_test(times_are_seconds_and_what_is_plainly_a_time),
		cmocka_unit_test(the_end_of_the_period_is_judged_as_its_begin),
		cmocka_unit_test(each_cap_is_a_setting),
		cmocka_unit_test(a_doctype_with_an_internal_subset_is_damage),
		cmocka_unit_test(utf16_with_and_without_mark_is_read),
		cmocka_unit_test(what_is_no_report_is_told_apart_from_damage),
		cmocka_unit_test(hostile_files_end_in_a_refusal),
		cmocka_unit_test(a_field_is_cut_at_its_cap_between_characters),
		cmocka_unit_test(of_a_result_with_fields_given_twice_the_first_stand),
		cmocka_unit_test(all_results_up_to_the_caps_are_kept),
		cmocka_unit_test(each_field_arrives_where_it_belongs),
		cmocka_unit_test(the_format_and_what_is_absent_show),
		cmocka_unit_test(a_disposition_pass_without_pct_is_of_rfc_9990),
		cmocka_unit_test(the_second_try_keeps_the_text_as_it_was_meant),
		cmocka_unit_test(the_second_try_reads_the_encoding_that_is_meant),
		cmocka_unit_test(utf16_is_read_whatever_it_says_and_however_it_is_broken),
		cmocka_unit_test(marks_within_the_text_go_however_the_bytes_come),
		cmocka_unit_test(damage_is_told_and_a_passing_fault_is_none),
		cmocka_unit_test(what_the_sink_cannot_take_ends_the_parse),
		cmocka_unit_test(a_parser_keeps_nothing_of_one_document_for_the_next),
		cmocka_unit_test(what_is_refused_says_why),
		cmocka_unit_test(a_long_malformed_report_loses_nothing),
		cmocka_unit_test(a_comment_ends_where_it_ends),
		cmocka_unit_test(within_something_unknown_anything_may_stand),
		cmocka_unit_test(the_second_try_has_a_depth_of_its_own),
		cmocka_unit_test(what_is_within_a_cap_is_read),
		cmocka_unit_test(results_and_reasons_have_caps_of_their_own_and_are_noted_once_a_record),
		cmocka_unit_test(no_character_is_cut_in_two),
		cmocka_unit_test(where_the_bytes_come_apart_changes_nothing),
		cmocka_unit_test(memory_does_not_grow_with_what_was_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
