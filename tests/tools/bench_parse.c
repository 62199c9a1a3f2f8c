/* SPDX-License-Identifier: MIT */
/*
 * How fast are documents unpacked, parsed and judged, with nothing stored? usage: bench_parse PATH...
 * The program's own reader in one thread. Prints: reports, records, seconds. Part of `make bench`.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "ingest/ingest.h"
#include "report/verdict.h"

static struct feedback head;
static long long reports, records, sum;

static enum outcome
on_head(void *ctx, const struct feedback *f, struct err *err)
{
	(void)ctx, (void)err;
	head = *f;
	return OK;
}

static enum outcome
on_batch(void *ctx, const struct record *batch, size_t count, struct arena *owner, struct err *err)
{
	struct judgement j;
	size_t i;

	(void)ctx, (void)err;
	for (i = 0; i < count; i++) {
		verdict_of(&head, &batch[i], &j);
		sum += j.flags;
	}
	records += (long long)count;
	arena_free(owner);
	return OK;
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
parse_item(struct unpacker *u, struct parser *p, struct item *item)
{
	const struct sink sink = { NULL, on_head, on_batch };
	struct document *doc = NULL;
	struct err err = { "", 0 };
	unsigned char digest[32];

	if (unpacker_open(u, item, digest, &err) != OK)
		return;
	while (unpacker_next(u, &doc, &err) == OK) {
		struct bytes_in in = { doc, read_bytes, rewind_bytes, doc->origin };
		struct parse_result result;
		int is_report = 0;

		if (doc->kind == DOC_XML && feedback_parse(p, &in, &sink, NULL, &result, &is_report, &err) == OK)
			reports++;
	}
	unpacker_close(u);
}

int
main(int argc, char **argv)
{
	struct ingest_limits limits;
	struct source *source = NULL;
	struct unpacker *u;
	struct parser *p;
	struct item *item;
	struct err err = { "", 0 };
	struct timespec from, to;
	enum outcome r;
	int named = 0;

	if (argc < 2) {
		fputs("usage: bench_parse PATH...\n", stderr);
		return 2;
	}
	memset(&limits, 0, sizeof(limits));
	clock_gettime(CLOCK_MONOTONIC, &from);
	u = unpacker_new(&limits);
	p = parser_new(NULL);
	source = source_open((char *const *)argv + 1, (size_t)argc - 1, &limits);
	while ((r = source_next(source, &item, &named, &err)) == OK || r == SKIP)
		if (r == OK) {
			parse_item(u, p, item);
			item_free(item);
		}
	clock_gettime(CLOCK_MONOTONIC, &to);
	printf("%lld %lld %.4f\n", reports, records, (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9);
	source_close(source);
	parser_free(p);
	unpacker_free(u);
	return sum < 0;
}
