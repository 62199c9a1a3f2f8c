/* SPDX-License-Identifier: MIT */
/* Mails of any bytes: read by GMime, searched for encoded runs, and their text undone of quoted-printable. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ingest/private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
found(void *ctx, unsigned char *bytes, size_t len)
{
	*(size_t *)ctx += len;
	free(bytes);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned char *copy = (unsigned char *)mem_strn((const char *)data, size);
	size_t len = size, total = 0, i;
	struct mail mail;
	struct err err = { "", 0 };

	if (mail_parse(data, size, "mx.example.org", &mail, &err) == OK) {
		for (i = 0; i < mail.count; i++)
			(void)encoded_find(mail.parts[i].bytes, mail.parts[i].len, 8, found, &total);
		mail_free(&mail);
	}
	(void)encoded_begins(data, size);
	(void)encoded_find(data, size, 8, found, &total);
	/* Decoded, text never grows. */
	if (quoted_undo(copy, &len) && len > size)
		abort();
	if (total > 8 * (size + 4) * 2)
		abort();
	free(copy);
	return 0;
}
