/* SPDX-License-Identifier: MIT */
/* Runs a fuzz target over the files named as arguments, as TAP: the seed corpora are replayed in every check. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
main(int argc, char **argv)
{
	int i;

	printf("1..%d\n", argc - 1);
	for (i = 1; i < argc; i++) {
		FILE *f = fopen(argv[i], "rb");
		uint8_t *data = NULL;
		size_t len = 0, got = 0;

		if (f == NULL) {
			printf("not ok %d - %s cannot be opened\n", i, argv[i]);
			continue;
		}
		do {
			data = mem_grow(data, len + 65536, 1);
			got = fread(data + len, 1, 65536, f);
			len += got;
		} while (got > 0);
		fclose(f);
		/* An exact-size copy, so that the sanitizer sees a read past the end. */
		data = mem_grow(data, len, 1);
		LLVMFuzzerTestOneInput(data, len);
		free(data);
		printf("ok %d - %s\n", i, argv[i]);
	}
	return 0;
}
