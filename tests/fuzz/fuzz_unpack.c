/* SPDX-License-Identifier: MIT */
/* Archives and mails of any bytes, opened and read to their ends; the first byte says whether it is taken as a mail. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ingest/ingest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct ingest_limits limits = { .out_bytes = 8 << 20, .authserv_id = "mx.example.org" };
	struct unpacker *u = unpacker_new(&limits);
	struct item item;
	struct document *doc;
	unsigned char digest[32], bytes[4096];
	const unsigned char *raw;
	struct err err;
	size_t got;

	memset(&item, 0, sizeof(item));
	item.origin = item.place = mem_str("fuzz");
	item.is_mail = size > 0 && data[0] == 'M';
	item.bytes = (unsigned char *)mem_strn((const char *)data + item.is_mail, size - (size_t)item.is_mail);
	item.len = size - (size_t)item.is_mail;
	if (unpacker_open(u, &item, digest, &err) == OK)
		while (unpacker_next(u, &doc, &err) == OK) {
			while (doc->kind == DOC_XML && document_read(doc, bytes, sizeof(bytes), &got, &err) == OK && got > 0)
				;
			document_raw(doc, &raw, &got);
		}
	unpacker_free(u);
	free(item.origin);
	free(item.bytes);
	return 0;
}
