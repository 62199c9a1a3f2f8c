/* SPDX-License-Identifier: MIT */
/* The parser over reports as the world sends them: each habit of parse/DEVIATIONS.md, damage at every byte, hostile files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <iconv.h>
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
	int heads;
	struct parse_result result;
	struct err err;
	int is_report;
	enum outcome outcome;
};

struct bytes { const char *at; size_t len, pos, step; };

static enum outcome
read_some(void *ctx, void *out, size_t cap, size_t *got, struct err *err)
{
	struct bytes *b = ctx;
	size_t n = b->len - b->pos;

	(void)err;
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
	(void)err;
	((struct bytes *)ctx)->pos = 0;
	return OK;
}

static enum outcome
on_head(void *ctx, const struct feedback *f, struct err *err)
{
	struct got *g = ctx;

	(void)err;
	g->head = *f;
	g->head.org_name = arena_str(g->text, f->org_name);
	g->head.email = arena_str(g->text, f->email);
	g->head.report_id = arena_str(g->text, f->report_id);
	g->head.domain = arena_str(g->text, f->domain);
	g->head.p.text = arena_str(g->text, f->p.text);
	g->head.sp.text = arena_str(g->text, f->sp.text);
	g->head.errors = arena_str(g->text, f->errors);
	g->heads++;
	return OK;
}

static enum outcome
on_batch(void *ctx, const struct record *records, size_t count, struct arena *owner, struct err *err)
{
	struct got *g = ctx;
	size_t i;

	(void)err;
	for (i = 0; i < count && g->nrecords < 8; i++)
		g->records[g->nrecords++] = records[i];
	if (g->nbatches < 8)
		g->batches[g->nbatches++] = owner;
	else
		arena_free(owner);
	return OK;
}

static enum outcome
on_again(void *ctx, struct err *err)
{
	struct got *g = ctx;

	(void)err;
	while (g->nbatches > 0)
		arena_free(g->batches[--g->nbatches]);
	g->nrecords = 0;
	return OK;
}

static void
parse_within(struct got *g, const struct parse_limits *limits, const char *xml, size_t len, size_t step)
{
	struct parser *p = parser_new(limits);
	struct bytes bytes = { xml, len, 0, step };
	struct bytes_in in = { &bytes, read_some, again_from_start, "x.xml" };
	struct sink sink = { g, on_head, on_batch };

	memset(g, 0, sizeof(*g));
	g->text = arena_new();
	g->outcome = feedback_parse(p, &in, &sink, on_again, &g->result, &g->is_report, &g->err);
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
	COUNT("10000000000", NULL, 1, 10000000000),
	COUNT("10000000001", "impossible count", 0, 0),
	/* addresses with something around them, and what is none */
	ADDRESS("[2001:db8::1]", "taken off", "2001:db8::1"),
	ADDRESS("[2001:DB8::1]:25", "taken off", "2001:db8::1"),
	ADDRESS("192.0.2.1:2525", "taken off", "192.0.2.1"),
	ADDRESS("fe80::1%eth0", "taken off", "fe80::1"),
	ADDRESS("IPv6:2001:db8::1", "taken off", "2001:db8::1"),
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
	/* CDATA, comments and instructions within values */
	{ "<feedback><report_metadata><org_name><![CDATA[Rec]]><!-- x -->ei<?y z?>ver</org_name></report_metadata>" POLICY RECORD "</feedback>",
	  "begin or end unreadable", 1, 3, "example.org", "Receiver", "192.0.2.1" },
	/* references in a malformed report: decimal, hexadecimal, and what is none */
	{ "<feedback><report_metadata><org_name>a &#233;&#xE9;&#x1; & b</org_name></report_metadata>" POLICY RECORD "</feedback>", "recovered", 1, 3,
	  "example.org", "a \xc3\xa9\xc3\xa9&#x1; & b", "192.0.2.1" },
	/* a prefix nobody declared; something before it; two marks */
	{ "<d:feedback>" HEAD POLICY RECORD "</d:feedback>", "prefix", 1, 3, "example.org", "Receiver", "192.0.2.1" },
	{ "Dear reader,\n" WHOLE, "recovered", 1, 3, "example.org", "Receiver", "192.0.2.1" },
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
	/* no record at all */
	{ "<feedback>" HEAD POLICY "</feedback>", "no record", 0, 0, "example.org", "Receiver", NULL },
};

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
		len = (size_t)sprintf(xml, broken ? "<feedback>" POLICY "<version>1 & 2</version>" : "<feedback>" HEAD);
		for (i = 0; i < RECORDS; i++)
			len += (size_t)sprintf(xml + len, "%s", RECORD);
		len += (size_t)sprintf(xml + len, "%s</feedback>", broken ? HEAD : POLICY);
		parse(&g, xml, len, 4096);
		assert_int_equal(g.outcome, OK);
		assert_int_equal(g.result.records, RECORDS);
		assert_int_equal(g.result.messages, 3 * RECORDS);
		assert_int_equal(g.heads, 1);
		assert_string_equal(g.head.domain, "example.org");
		assert_string_equal(g.head.org_name, "Receiver");
		assert_int_equal(g.head.begin_at, 1795132800);
		assert_int_equal(strstr(g.result.notes, "recovered") != NULL, broken);
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
		assert_string_equal(g.head.domain, h->domain);
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
		{ "2026-13-20", NO_TIME, "unreadable" },
		{ "20 Nov 2026", NO_TIME, "unreadable" },
		{ "-1", NO_TIME, "unreadable" },
		{ "99999999999999999999", NO_TIME, "unreadable" },
		{ "0", 0, "before 2010" },
		{ "4102444801", 4102444801, "after 2100" },
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
	assert_non_null(strstr(g.result.notes, "without anything in them"));
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
	char *xml = large("<feedback><report_metadata><org_name>a", "\xc3\xb6", "</org_name></report_metadata>" POLICY RECORD "</feedback>", 100000);
	struct got g;

	(void)state;
	parse(&g, xml, strlen(xml), 4096);
	assert_int_equal(g.outcome, OK);
	assert_int_equal(strlen(g.head.org_name), 4095);
	assert_non_null(strstr(g.result.notes, "longer than is kept"));
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_report_is_read_in_full),
		cmocka_unit_test(a_report_cut_anywhere_is_never_whole),
		cmocka_unit_test(each_habit_of_real_reporters_is_read_and_noted),
		cmocka_unit_test(a_result_without_its_end_tag_loses_neither_itself_nor_the_next), cmocka_unit_test(records_before_the_head_are_read_with_it),
		cmocka_unit_test(an_element_of_very_many_attributes_ends_the_parse),
		cmocka_unit_test(times_are_seconds_and_what_is_plainly_a_time),
		cmocka_unit_test(each_cap_is_a_setting),
		cmocka_unit_test(a_doctype_with_an_internal_subset_is_damage),
		cmocka_unit_test(utf16_with_and_without_mark_is_read),
		cmocka_unit_test(what_is_no_report_is_told_apart_from_damage),
		cmocka_unit_test(hostile_files_end_in_a_refusal),
		cmocka_unit_test(a_field_is_cut_at_its_cap_between_characters),
		cmocka_unit_test(of_a_result_with_fields_given_twice_the_first_stand),
		cmocka_unit_test(all_results_up_to_the_caps_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
