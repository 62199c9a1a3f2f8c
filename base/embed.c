/* SPDX-License-Identifier: MIT */
/* See embed.h. */
#include "base/embed.h"

#include <string.h>

const struct embed *
embed_find(const char *path)
{
	const struct embed *e;

	for (e = embed_files; e->path != NULL; e++)
		if (strcmp(e->path, path) == 0)
			return e;
	return NULL;
}
