/* SPDX-License-Identifier: MIT */
/* See place.h. */
#include "base/place.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

enum { LINKS_MOST = 40 };	/* as the system follows: a ring of links ends */

char *
place_beside(const char *path, const char *name)
{
	const char *slash = strrchr(path, '/');

	return *name == '/' || slash == NULL ? mem_str(name) : mem_fmt("%.*s%s", (int)(slash + 1 - path), path, name);
}

/* What the link `path` leads to, one step; NULL where it is none. Caller frees. */
static char *
linked(const char *path)
{
	char to[PATH_MAX];
	ssize_t n = readlink(path, to, sizeof(to) - 1);

	if (n <= 0)
		return NULL;
	to[n] = '\0';
	return place_beside(path, to);
}

char *
place_resolved(const char *path)
{
	char *at = mem_str(path), *next, *dot, *folder;
	const char *slash;
	int steps;

	for (steps = 0; steps < LINKS_MOST && (next = linked(at)) != NULL; steps++) {
		free(at);
		at = next;
	}
	dot = place_beside(at, ".");
	folder = realpath(dot, NULL);
	free(dot);
	if (folder == NULL)
		return at;
	slash = strrchr(at, '/');
	next = mem_fmt("%s/%s", strcmp(folder, "/") == 0 ? "" : folder, slash != NULL ? slash + 1 : at);
	free(folder);
	free(at);
	return next;
}

int
place_same(const char *one, const char *other)
{
	char *a = place_resolved(one), *b = place_resolved(other);
	struct stat st;
	int same = strcmp(a, b) == 0 && (stat(a, &st) != 0 || S_ISREG(st.st_mode));

	free(a);
	free(b);
	return same;
}
