/* SPDX-License-Identifier: MIT */
/* Whatever text comes, no markup and no hidden character of it leaves out_text. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "report/out.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf b;
	struct out *o;
	size_t i;

	buf_init(&b, 1 << 20);
	o = out_open_buf(&b);
	out_textn(o, (const char *)data, size);
	out_close(o, NULL);
	for (i = 0; i < b.len; i++)
		if (strchr("<>\"'", b.at[i]) != NULL || (unsigned char)b.at[i] < 0x20 || b.at[i] == 0x7f)
			abort();
	if (strstr(b.at, "\xe2\x80\xae") != NULL || strstr(b.at, "\xe2\x80\x8b") != NULL)
		abort();
	buf_free(&b);
	return 0;
}
