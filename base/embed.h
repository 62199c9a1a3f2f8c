/* SPDX-License-Identifier: MIT */
/* Text files of the tree that live inside the program (made by embed.awk). */
#ifndef BASE_EMBED_H
#define BASE_EMBED_H

#include <stddef.h>

struct embed {
	const char *path;		/* as in the tree: "sql/schema.sql" */
	const unsigned char *bytes;	/* followed by a NUL that does not count */
	size_t len;
};
extern const struct embed embed_files[];	/* ended by a NULL path */

const struct embed *embed_find(const char *path);	/* NULL: no such file */

#endif
