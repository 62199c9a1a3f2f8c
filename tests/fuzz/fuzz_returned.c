/* SPDX-License-Identifier: MIT */
/* Bounce mails of any bytes, and the bounce reader over what they say. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/ingest.h"
#include "report/bounce.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = { "", 0 };
	struct returned m;
	struct bounce b;

	if (returned_read(data, size, &m, &err) == OK && m.words != NULL) {
		bounce_read(m.words, strlen(m.words), &b);
		if (b.meaning == NULL)
			abort();
	}
	returned_free(&m);
	return 0;
}
