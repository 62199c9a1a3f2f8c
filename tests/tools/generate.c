/* SPDX-License-Identifier: MIT */
/*
 * Makes work for tests and benchmarks, deterministically. usage:
 *   generate small OUT REPORTS [DAYS [FROM]]   .xml.gz reports, few records each, a few large ones; over 365 days, from day 0 on
 *   generate even OUT REPORTS RECORDS      .xml.gz reports of RECORDS records each, over a year
 *   generate huge FILE RECORDS             one report .xml.gz, streamed
 *   generate maildir OUT MAILS             mails with a .xml.gz report each, in OUT/cur
 *   generate mbox FILE MAILS               the same as one mbox
 *   generate tiny FILE REPORTS             mbox of reports of one record, 25 domains
 *   generate domains FILE DOMAINS          mbox of reports of one record, each on a domain of its own
 *   generate addresses FILE ADDRESSES      one report .xml.gz, each record from an address of its own
 *   generate flood OUT ADDRESSES           one report a day: ADDRESSES spoofing addresses, and a real stream of 20 messages a week
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"

enum { DOMAINS = 25, DAY0 = 1763596800 };	/* 2025-11-20 */

static uint64_t state = 20261124;
static int64_t from;	/* day of the first report */

static uint32_t
chance(uint32_t below)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(state >> 33) % below;
}

static const char *const services[] = { "mandrillapp.com", "sendgrid.net", "mcsv.net", "amazonses.com", "mailgun.org", "mtasv.net" };
static const char *const receivers[] = { "northmail.example", "postbridge.example", "harbormail.example", "lumeninbox.example", "quarrypost.example" };

static void
add_head(struct buf *b, const char *receiver, const char *domain, const char *id, int64_t begin)
{
	buf_fmt(b, "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n<feedback>\n  <version>1.0</version>\n  <report_metadata>\n"
	    "    <org_name>%s</org_name>\n    <email>noreply-dmarc@%s</email>\n    <report_id>%s</report_id>\n"
	    "    <date_range>\n      <begin>%lld</begin>\n      <end>%lld</end>\n    </date_range>\n  </report_metadata>\n"
	    "  <policy_published>\n    <domain>%s</domain>\n    <adkim>r</adkim>\n    <aspf>r</aspf>\n    <p>reject</p>\n    <sp>reject</sp>\n"
	    "    <pct>100</pct>\n  </policy_published>\n", receiver, receiver, id, (long long)begin, (long long)begin + 86399, domain);
}

/* A record: mostly the domain's own mail, some services, forwarders and strangers; 2.25 results each. */
static void
add_record(struct buf *b, const char *domain)
{
	uint32_t kind = chance(100), host = chance(chance(3) == 0 ? 60000 : 400), count = 1 + chance(chance(8) == 0 ? 900 : 4);
	const char *service = services[chance(6)];
	int own = kind < 55, served = kind >= 55 && kind < 75, forwarded = kind >= 75 && kind < 85;
	int pass = own || forwarded || (served && chance(3) != 0);

	buf_fmt(b, "  <record>\n    <row>\n      <source_ip>%u.%u.%u.%u</source_ip>\n      <count>%u</count>\n      <policy_evaluated>\n"
	    "        <disposition>%s</disposition>\n        <dkim>%s</dkim>\n        <spf>%s</spf>\n      </policy_evaluated>\n    </row>\n"
	    "    <identifiers>\n      <header_from>%s%s</header_from>\n    </identifiers>\n    <auth_results>\n", 11 + host % 180,
	    host >> 8 & 255, host & 255, 1 + host % 250, count, pass ? "none" : "reject", pass ? "pass" : "fail", own ? "pass" : "fail",
	    chance(12) == 0 ? "news." : "", domain);
	if (pass)
		buf_fmt(b, "      <dkim>\n        <domain>%s</domain>\n        <result>pass</result>\n        <selector>s%u</selector>\n      </dkim>\n",
		    domain, 1 + chance(4));
	if (served)
		buf_fmt(b, "      <dkim>\n        <domain>%s</domain>\n        <result>pass</result>\n        <selector>k%u</selector>\n      </dkim>\n",
		    service, 1 + chance(3));
	if (served)
		buf_fmt(b, "      <spf>\n        <domain>b%u.%s</domain>\n        <result>pass</result>\n      </spf>\n", chance(40), service);
	else
		buf_fmt(b, "      <spf>\n        <domain>%s%s</domain>\n        <result>%s</result>\n      </spf>\n", forwarded ? "relay" : "",
		    forwarded ? ".example" : domain, own || forwarded ? "pass" : "softfail");
	buf_str(b, "    </auth_results>\n  </record>\n");
}

static void
die(const char *what)
{
	fprintf(stderr, "generate: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void
write_gz(const char *path, const struct buf *b)
{
	gzFile f = gzopen(path, "wb6");

	if (f == NULL || gzwrite(f, b->at, (unsigned)b->len) != (int)b->len || gzclose(f) != Z_OK)
		die(path);
}

/* records 0: few, and many in some. */
static void
make_report(struct buf *b, int64_t n, int64_t days, int64_t total, uint32_t records)
{
	char domain[32], id[32];
	uint32_t i;

	if (records == 0)
		records = n % 997 == 0 ? 200 : n % 10 == 0 ? 1 + chance(30) : 1 + chance(6);

	(void)snprintf(domain, sizeof(domain), "domain%lld.example", (long long)(n % DOMAINS));
	(void)snprintf(id, sizeof(id), "r%lld.%u", (long long)n, chance(1000000));
	buf_reset(b);
	add_head(b, receivers[n % 5], domain, id, DAY0 + (from + n * days / total) * 86400);
	for (i = 0; i < records; i++)
		add_record(b, domain);
	buf_str(b, "</feedback>\n");
}

static void
reports(const char *out, int64_t count, int64_t days, uint32_t records)
{
	struct buf b;
	char path[4096];
	int64_t n;

	buf_init(&b, 1 << 24);
	if (mkdir(out, 0777) != 0 && errno != EEXIST)
		die(out);
	for (n = 0; n < count; n++) {
		make_report(&b, n, days, count, records);
		(void)snprintf(path, sizeof(path), "%s/%s!domain%lld.example!%06lld.xml.gz", out, receivers[n % 5], (long long)(n % DOMAINS),
		    (long long)n);
		write_gz(path, &b);
	}
	buf_free(&b);
}

static void
huge(const char *path, int64_t count)
{
	gzFile f = gzopen(path, "wb6");
	struct buf b;
	int64_t n;

	if (f == NULL)
		die(path);
	buf_init(&b, 1 << 20);
	add_head(&b, receivers[0], "domain0.example", "huge", DAY0);
	for (n = 0; n < count; n++) {
		add_record(&b, "domain0.example");
		if (b.len > 1 << 19) {
			if (gzwrite(f, b.at, (unsigned)b.len) != (int)b.len)
				die(path);
			buf_reset(&b);
		}
	}
	buf_str(&b, "</feedback>\n");
	if (gzwrite(f, b.at, (unsigned)b.len) != (int)b.len || gzclose(f) != Z_OK)
		die(path);
	buf_free(&b);
}

static void
put_base64(FILE *f, const unsigned char *s, size_t len)
{
	static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t i;
	int column = 0;

	for (i = 0; i < len; i += 3) {
		uint32_t v = (uint32_t)s[i] << 16 | (uint32_t)(i + 1 < len ? s[i + 1] : 0) << 8 | (i + 2 < len ? s[i + 2] : 0);

		fputc(set[v >> 18], f);
		fputc(set[v >> 12 & 63], f);
		fputc(i + 1 < len ? set[v >> 6 & 63] : '=', f);
		fputc(i + 2 < len ? set[v & 63] : '=', f);
		if ((column += 4) == 76) {
			fputc('\n', f);
			column = 0;
		}
	}
	fputc('\n', f);
}

/* A report of one record; domains: of how many. */
static void
make_tiny(struct buf *b, int64_t n, int64_t total, int64_t domains)
{
	char domain[48], id[48];

	(void)snprintf(domain, sizeof(domain), "domain%lld.example", (long long)(n % domains));
	(void)snprintf(id, sizeof(id), "t%lld.%u", (long long)n, chance(1000000));
	buf_reset(b);
	add_head(b, receivers[n % 5], domain, id, DAY0 + n * 365 / total * 86400);
	add_record(b, domain);
	buf_str(b, "</feedback>\n");
}

static void
addresses(const char *path, int64_t count)
{
	gzFile f = gzopen(path, "wb6");
	struct buf b;
	int64_t n;

	if (f == NULL)
		die(path);
	buf_init(&b, 1 << 20);
	add_head(&b, receivers[0], "example.org", "addresses", DAY0);
	for (n = 0; n < count; n++) {
		buf_fmt(&b, "<record><row><source_ip>%lld.%lld.%lld.%lld</source_ip><count>1</count><policy_evaluated><disposition>reject</disposition>"
		    "<dkim>fail</dkim><spf>fail</spf></policy_evaluated></row><identifiers><header_from>example.org</header_from></identifiers>"
		    "<auth_results><spf><domain>example.org</domain><result>fail</result></spf></auth_results></record>\n",
		    (long long)(11 + n % 180), (long long)(n / 180 % 250), (long long)(n / 45000 % 250), (long long)(1 + n % 250));
		if (b.len > 1 << 19) {
			if (gzwrite(f, b.at, (unsigned)b.len) != (int)b.len)
				die(path);
			buf_reset(&b);
		}
	}
	buf_str(&b, "</feedback>\n");
	if (gzwrite(f, b.at, (unsigned)b.len) != (int)b.len || gzclose(f) != Z_OK)
		die(path);
	buf_free(&b);
}

/* The report in b as a mail. */
static void
put_mail(FILE *f, const struct buf *b, int64_t n)
{
	unsigned char packed[1 << 16];
	z_stream z;

	memset(&z, 0, sizeof(z));
	if (deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		die("zlib");
	z.next_in = (unsigned char *)b->at;
	z.avail_in = (uInt)b->len;
	z.next_out = packed;
	z.avail_out = sizeof(packed);
	if (deflate(&z, Z_FINISH) != Z_STREAM_END)
		die("zlib");
	fprintf(f, "From: reports@%s\nTo: dmarc@example.org\nSubject: Report Domain: domain%lld.example Submitter: %s Report-ID: <%lld>\n"
	    "Date: Tue, 24 Nov 2026 10:00:00 +0000\nMIME-Version: 1.0\nContent-Type: application/gzip; name=\"r%lld.xml.gz\"\n"
	    "Content-Transfer-Encoding: base64\n\n", receivers[n % 5], (long long)(n % DOMAINS), receivers[n % 5], (long long)n, (long long)n);
	put_base64(f, packed, z.total_out);
	deflateEnd(&z);
}

static void
maildir(const char *out, int64_t count)
{
	static const char *const parts[] = { "cur", "new", "tmp" };
	struct buf b;
	char path[4096];
	int64_t n;
	FILE *f;

	buf_init(&b, 1 << 24);
	(void)mkdir(out, 0777);
	for (n = 0; n < 3; n++) {
		(void)snprintf(path, sizeof(path), "%s/%s", out, parts[n]);
		(void)mkdir(path, 0777);
	}
	for (n = 0; n < count; n++) {
		(void)snprintf(path, sizeof(path), "%s/cur/%08lld.host:2,S", out, (long long)n);
		make_report(&b, n, 365, count, 0);
		if ((f = fopen(path, "w")) == NULL)
			die(path);
		put_mail(f, &b, n);
		if (fclose(f) != 0)
			die(path);
	}
	buf_free(&b);
}

/* domains 0: reports as in small, else of one record each on so many domains. */
static void
mbox(const char *path, int64_t count, int64_t domains)
{
	FILE *f = fopen(path, "w");
	struct buf b;
	int64_t n;

	if (f == NULL)
		die(path);
	buf_init(&b, 1 << 24);
	for (n = 0; n < count; n++) {
		if (domains == 0)
			make_report(&b, n, 365, count, 0);
		else
			make_tiny(&b, n, count, domains);
		fprintf(f, "From reports@example.net Tue Nov 24 10:00:00 2026\n");
		put_mail(f, &b, n);
		fputc('\n', f);
	}
	if (fclose(f) != 0)
		die(path);
	buf_free(&b);
}

static void
flood(const char *out, int64_t addresses)
{
	char path[4096], id[32];
	struct buf b;
	int64_t day, n;

	buf_init(&b, 1 << 28);
	if (mkdir(out, 0777) != 0 && errno != EEXIST)
		die(out);
	for (day = 0; day < 28; day++) {
		(void)snprintf(id, sizeof(id), "flood%lld", (long long)day);
		buf_reset(&b);
		add_head(&b, receivers[0], "example.org", id, DAY0 + day * 86400);
		for (n = day; n < addresses; n += 28)
			buf_fmt(&b, "<record><row><source_ip>%lld.%lld.%lld.%lld</source_ip><count>1</count><policy_evaluated><disposition>reject</disposition>"
			    "<dkim>fail</dkim><spf>fail</spf></policy_evaluated></row><identifiers><header_from>example.org</header_from></identifiers>"
			    "<auth_results><spf><domain>example.org</domain><result>fail</result></spf></auth_results></record>\n",
			    (long long)(20 + n % 170), (long long)(n / 170 % 250), (long long)(n / 42500 % 250), (long long)(1 + n % 250));
		if (day % 7 < 5)
			buf_str(&b, "<record><row><source_ip>192.0.2.25</source_ip><count>4</count><policy_evaluated><disposition>reject</disposition>"
			    "<dkim>fail</dkim><spf>fail</spf></policy_evaluated></row><identifiers><header_from>example.org</header_from></identifiers>"
			    "<auth_results><dkim><domain>mandrillapp.com</domain><selector>mte1</selector><result>pass</result></dkim>"
			    "<spf><domain>mandrillapp.com</domain><result>pass</result></spf></auth_results></record>\n");
		buf_str(&b, "</feedback>\n");
		(void)snprintf(path, sizeof(path), "%s/flood-%02lld.xml.gz", out, (long long)day);
		write_gz(path, &b);
	}
	buf_free(&b);
}

int
main(int argc, char **argv)
{
	int64_t n, more = 365;

	if (argc < 4 || !text_int64(argv[3], strlen(argv[3]), &n) || n < 1 ||
	    (argc > 4 && !text_int64(argv[4], strlen(argv[4]), &more)) || (argc > 5 && !text_int64(argv[5], strlen(argv[5]), &from))) {
		fputs("usage: generate small|even|huge|maildir|mbox|tiny|domains|addresses|flood OUT COUNT [DAYS|RECORDS [FROM]]\n", stderr);
		return 2;
	}
	if (strcmp(argv[1], "small") == 0)
		reports(argv[2], n, more, 0);
	else if (strcmp(argv[1], "even") == 0)
		reports(argv[2], n, 365, (uint32_t)more);
	else if (strcmp(argv[1], "huge") == 0)
		huge(argv[2], n);
	else if (strcmp(argv[1], "maildir") == 0)
		maildir(argv[2], n);
	else if (strcmp(argv[1], "mbox") == 0)
		mbox(argv[2], n, 0);
	else if (strcmp(argv[1], "tiny") == 0)
		mbox(argv[2], n, DOMAINS);
	else if (strcmp(argv[1], "domains") == 0)
		mbox(argv[2], n, n);
	else if (strcmp(argv[1], "addresses") == 0)
		addresses(argv[2], n);
	else if (strcmp(argv[1], "flood") == 0)
		flood(argv[2], n);
	else
		return 2;
	return 0;
}
