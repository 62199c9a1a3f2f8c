/* SPDX-License-Identifier: MIT */
/* The bounce reader over any bytes. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "report/bounce.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_strn((const char *)data, size);
	struct bounce b;

	bounce_read(text, size, &b);
	if (strlen(b.domain) >= sizeof(b.domain) || b.meaning == NULL)
		abort();
	free(text);
	return 0;
}
