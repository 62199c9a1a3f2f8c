/* SPDX-License-Identifier: MIT */
/* See lock.h. The file stays: removing it would let a third run lock another file of the same name. */
#include "cli/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"

enum { LINKS_MOST = 40 };	/* as the system follows: a ring of links ends */

struct lock {
	int fd;
};

/* `name`, in the folder of `path` where it is relative. Caller frees. */
static char *
beside(const char *path, const char *name)
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
	return beside(path, to);
}

/*
 * The one name of the file, by whatever links it and its folder are named. It need not be there: where a link leads is where it
 * will be made. What cannot be followed stays as it is; opening it says why. Caller frees.
 */
static char *
resolved(const char *path)
{
	char *at = mem_str(path), *next, *dot, *folder;
	const char *slash;
	int steps;

	for (steps = 0; steps < LINKS_MOST && (next = linked(at)) != NULL; steps++) {
		free(at);
		at = next;
	}
	dot = beside(at, ".");
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

static int
wait_for(int fd, int wait_s)
{
	static const struct timespec pause = { 0, 200 * 1000 * 1000 };
	int tries;

	for (tries = 0; ; tries++) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return 1;
		if (errno != EWOULDBLOCK || tries >= wait_s * 5)
			return 0;
		(void)nanosleep(&pause, NULL);
	}
}

/* The lock of another user, who may be working. */
static int
is_there(const char *path)
{
	struct stat st;
	int error = errno, yes = stat(path, &st) == 0;

	errno = error;
	return yes;
}

enum outcome
lock_take(const char *db_path, int wait_s, struct lock **out, struct err *err)
{
	char *db = resolved(db_path), *path = mem_fmt("%s.lock", db);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	enum outcome r = OK;

	/* Where the folder is missing or read-only, opening the database says so in its own words. */
	if (fd < 0 && errno != ENOENT && errno != EROFS && (errno != EACCES || is_there(path))) {
		r = err_stop(err, "%s: the lock cannot be made: %s", path, strerror(errno));
	} else if (fd >= 0 && !wait_for(fd, wait_s)) {
		r = err_stop(err, "%s: another dmarcsift is working on this database; try again when it has ended", db_path);
		close(fd);
	} else {
		*out = mem_alloc(sizeof(**out));
		(*out)->fd = fd;
	}
	free(path);
	free(db);
	return r;
}

void
lock_release(struct lock *l)
{
	if (l == NULL)
		return;
	if (l->fd >= 0)
		close(l->fd);
	free(l);
}
