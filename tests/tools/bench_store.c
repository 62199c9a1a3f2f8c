/* SPDX-License-Identifier: MIT */
/*
 * How fast does the store take reports that are already parsed? usage: bench_store DB REPORTS RECORDS [ADDRESSES]
 * Writes REPORTS reports of RECORDS records each (realistic spread of addresses, results and outcomes, a fixed
 * seed), judged and attributed as the program does, and prints records a second. Part of `make bench`.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "report/attribute.h"
#include "report/verdict.h"
#include "sql/store.h"

static uint64_t seed = 42;

static uint32_t
chance(uint32_t below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % below;
}

enum { BATCH = 1000 };
static struct record records[BATCH];
static struct judgement judgements[BATCH];
static struct auth auths[BATCH][3];
static char addresses[BATCH][32], names[64][32], selectors[16][16];

static struct word
dmarc_word(int pass)
{
	return (struct word){ pass ? DMARC_PASS : DMARC_FAIL, pass ? "pass" : "fail" };
}

static struct word
result(const char *text)
{
	return (struct word){ (int)auth_result_of(text), text };
}

static void
fill(struct record *r, int i, int64_t number, uint32_t naddresses)
{
	uint32_t a = chance(3) == 0 ? chance(naddresses) : chance(naddresses / 20 + 1);
	int pass = chance(10) < 8;

	memset(r, 0, sizeof(*r));
	(void)snprintf(addresses[i], sizeof(addresses[i]), "%u.%u.%u.%u", 10 + (a >> 24), a >> 16 & 255, a >> 8 & 255, a & 255);
	r->number = number;
	r->source_ip = addresses[i];
	r->count = 1 + (int64_t)chance(chance(10) == 0 ? 5000 : 4);
	r->disposition = (struct word){ pass ? DISP_NONE : DISP_REJECT, pass ? "none" : "reject" };
	r->dkim = dmarc_word(pass);
	r->spf = dmarc_word(pass && chance(4) != 0);
	r->header_from = names[0];
	r->envelope_from = names[chance(chance(5) == 0 ? 64 : 4)];
	auths[i][0] = (struct auth){ KIND_DKIM, names[a % 40], selectors[a % 16], NULL, { 0, NULL }, result(pass ? "pass" : "fail") };
	auths[i][1] = (struct auth){ KIND_SPF, r->envelope_from, NULL, NULL, { SCOPE_MFROM, "mfrom" }, result(pass ? "pass" : "softfail") };
	auths[i][2] = (struct auth){ KIND_DKIM, names[chance(8)], selectors[chance(16)], NULL, { 0, NULL }, result("pass") };
	r->auths = auths[i];
	r->nauths = 2 + (chance(4) == 0);
}

int
main(int argc, char **argv)
{
	struct attribution *attribution = NULL;
	struct err err = { "", 0 };
	struct store *s = NULL;
	struct timespec from, to;
	int64_t reports, count, naddresses = 100000, n, i;

	if (argc < 4 || !text_int64(argv[2], strlen(argv[2]), &reports) || !text_int64(argv[3], strlen(argv[3]), &count) ||
	    (argc > 4 && !text_int64(argv[4], strlen(argv[4]), &naddresses))) {
		fputs("usage: bench_store DB REPORTS RECORDS [ADDRESSES]\n", stderr);
		return 2;
	}
	for (i = 0; i < 64; i++)
		(void)snprintf(names[i], sizeof(names[i]), "host%d.example%d.net", (int)i, (int)i % 9);
	for (i = 0; i < 16; i++)
		(void)snprintf(selectors[i], sizeof(selectors[i]), "sel%d", (int)i);
	if (store_open(&s, argv[1], STORE_WRITE, 1795132800, &err) != OK || attribution_new(&attribution, s, &err) != OK)
		goto failed;
	store_attributor(s, attribution_attributor(attribution));
	store_bucketer(s, verdict_bucket);
	clock_gettime(CLOCK_MONOTONIC, &from);
	for (n = 0; n < reports; n++) {
		char id[32], domain[32];
		unsigned char digest[32];
		struct intake_row row = { .place = id, .origin = id, .digest = digest };
		struct feedback f = { .format = FORMAT_RFC7489, .version = "1.0", .org_name = "Receiver", .email = "r@receiver.example",
			.report_id = id, .domain = domain, .pct = 100 };
		struct parse_result r;
		enum intake_state state;
		char reason[256];

		(void)snprintf(id, sizeof(id), "report-%lld", (long long)n);
		(void)snprintf(domain, sizeof(domain), "domain%d.example", (int)(n % 25));
		memset(&r, 0, sizeof(r));
		memcpy(r.sha256, &n, sizeof(n));
		memset(digest, 0, sizeof(digest));
		memcpy(digest, &n, sizeof(n));
		f.begin_at = 1795132800 - n * 365 / reports * 86400;
		f.end_at = f.begin_at + 86399;
		r.records = count;
		if (store_report_begin(s, &row, count <= BATCH ? &r : NULL, &err) != OK || store_report_head(s, &f, &err) != OK)
			goto failed;
		for (i = 0; i < count; i++) {
			fill(&records[i % BATCH], (int)(i % BATCH), i + 1, (uint32_t)naddresses);
			verdict_of(&f, &records[i % BATCH], &judgements[i % BATCH]);
			if ((i + 1) % BATCH == 0 || i + 1 == count)
				if (store_report_batch(s, records, judgements, (size_t)(i % BATCH) + 1, &err) != OK)
					goto failed;
		}
		if (store_report_end(s, &r, NULL, 0, &state, reason, &err) != OK)
			goto failed;
		if (store_pending(s) > 250000 && store_commit(s, &err) != OK)
			goto failed;
	}
	if (store_settle(s, &err) != OK || store_commit(s, &err) != OK)
		goto failed;
	clock_gettime(CLOCK_MONOTONIC, &to);
	printf("%lld reports, %lld records, %.0f records/s\n", (long long)reports, (long long)(reports * count),
	    (double)(reports * count) / ((double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9));
	store_close(s);
	attribution_free(attribution);
	return 0;
failed:
	fprintf(stderr, "bench_store: %s\n", err.text);
	store_close(s);
	return 4;
}
