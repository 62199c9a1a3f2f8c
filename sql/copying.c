/* SPDX-License-Identifier: MIT */
/* See copying.h. */
#include "sql/copying.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/embed.h"
#include "base/mem.h"

enum { MUCH = 1 << 20 };	/* bytes of a WAL worth a thread */

struct copying {
	pthread_t thread;
	const char *path;
};

static void *
copy(void *arg)
{
	const struct copying *c = arg;
	const struct embed *e = embed_find("sql/copy_wal.sql");
	sqlite3 *db = NULL;

	if (e != NULL && sqlite3_open_v2(c->path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK)
		(void)sqlite3_exec(db, (const char *)e->bytes, NULL, NULL, NULL);
	(void)sqlite3_close(db);
	return NULL;
}

struct copying *
copying_begin(const char *path)
{
	char *wal = mem_fmt("%s-wal", path);
	struct copying *c = NULL;
	struct stat st;

	if (stat(wal, &st) == 0 && st.st_size >= MUCH) {
		c = mem_alloc(sizeof(*c));
		c->path = path;
		if (pthread_create(&c->thread, NULL, copy, c) != 0) {
			free(c);
			c = NULL;
		}
	}
	free(wal);
	return c;
}

void
copying_end(struct copying *c)
{
	if (c == NULL)
		return;
	pthread_join(c->thread, NULL);
	free(c);
}
