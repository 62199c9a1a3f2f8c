/* SPDX-License-Identifier: MIT */
/* The IMAP response parser, fed in pieces of a size the first byte chooses. */
#include <stdint.h>
#include <stdlib.h>

#include "ingest/imap_parse.h"
#include "ingest/imap_utf7.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t step = size > 0 ? (size_t)data[0] % 64 + 1 : 1, at;
	struct imap_reader reader;
	struct imap_response r;
	struct imap_fetched fetched;
	char delimiter, *name;
	int64_t n;
	int selectable;

	imap_reader_init(&reader, 1 << 16);
	for (at = 1; at < size; at += step) {
		size_t len = size - at < step ? size - at : step;
		enum outcome got = OK;

		if (imap_reader_feed(&reader, (const char *)data + at, len, NULL) != OK)
			break;
		while ((got = imap_reader_next(&reader, &r, NULL)) == OK) {
			(void)imap_fetched(&r, &fetched);
			(void)imap_is(&r, "EXISTS", &n);
			(void)imap_has_word(&r, "MOVE");
			(void)imap_code(&r, "UIDVALIDITY", &n);
			(void)imap_wanted_wait(&r);
			(void)imap_found(&r);
			if (imap_namespace(&r, &name))
				free(name);
			if (imap_listed(&r, &delimiter, &name, &selectable)) {
				char *utf8 = imap_utf7_decode(name), *again = imap_utf7_encode(utf8);

				free(again);
				free(utf8);
				free(name);
			}
		}
		if (got == STOP)
			break;
	}
	imap_reader_free(&reader);
	return 0;
}
