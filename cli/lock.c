/* SPDX-License-Identifier: MIT */
/* See lock.h. The file stays: removing it would let a third run lock another file of the same name. */
#include "cli/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/place.h"

struct lock {
	int fd;
};

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

/* One that root makes for another's database becomes theirs, who could not take it any more. Never one that was there: it may lead anywhere. */
static int
open_lock(const char *path, const char *db)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	struct stat st;

	if (fd < 0 && errno == EEXIST)
		return open(path, O_RDWR | O_CLOEXEC);
	if (fd >= 0 && geteuid() == 0 && stat(db, &st) == 0 && fchown(fd, st.st_uid, st.st_gid) != 0)
		errno = 0;	/* it is root's then, as before */
	return fd;
}

enum outcome
lock_take(const char *db_path, int wait_s, struct lock **out, struct err *err)
{
	char *db = place_resolved(db_path), *path = mem_fmt("%s.lock", db);
	int fd = open_lock(path, db);
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
