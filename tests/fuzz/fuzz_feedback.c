/* SPDX-License-Identifier: MIT */
/* The parser over any bytes: nothing may crash, hang or read beyond. */
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "parse/parse.h"
#include "report/verdict.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input { const uint8_t *at; size_t len, pos; };
static struct feedback head;

static enum outcome
take(void *ctx, void *to, size_t cap, size_t *got, struct err *err)
{
	struct input *in = ctx;

	(void)err;
	*got = in->len - in->pos < cap ? in->len - in->pos : cap;
	memcpy(to, in->at + in->pos, *got);
	in->pos += *got;
	return OK;
}

static enum outcome
back(void *ctx, struct err *err)
{
	(void)err;
	((struct input *)ctx)->pos = 0;
	return OK;
}

static enum outcome
on_head(void *ctx, const struct feedback *f, struct err *err)
{
	(void)ctx;
	(void)err;
	head = *f;
	return OK;
}

static enum outcome
on_batch(void *ctx, const struct record *r, size_t n, struct arena *owner, struct err *err)
{
	struct judgement j;

	(void)ctx;
	(void)err;
	while (n-- > 0)
		verdict_of(&head, &r[n], &j);
	arena_free(owner);
	return OK;
}

static enum outcome
again(void *ctx, struct err *err)
{
	(void)ctx;
	(void)err;
	return OK;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct parser *parser;
	struct input in = { data, size, 0 };
	struct bytes_in bytes = { &in, take, back, "fuzz" };
	struct sink sink = { NULL, on_head, on_batch };
	struct parse_result result;
	struct err err;
	int is_report;

	if (parser == NULL)
		parser = parser_new(NULL);
	(void)feedback_parse(parser, &bytes, &sink, again, &result, &is_report, &err);
	return 0;
}
