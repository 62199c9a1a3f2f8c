/* SPDX-License-Identifier: MIT */
/* See guard.h. */
#include "base/guard.h"

#include <unistd.h>

enum outcome
guard_file(const char *path, const struct stat *st, int secret, struct err *err)
{
	if (!S_ISREG(st->st_mode) && !S_ISCHR(st->st_mode) && !S_ISFIFO(st->st_mode))
		return err_stop(err, "%s: not a file", path);
	if (S_ISCHR(st->st_mode))	/* a terminal, or nothing: who may open it decides nothing on what comes from it */
		return OK;
	if (st->st_uid != 0 && st->st_uid != geteuid())
		return err_stop(err, "%s: owned by neither root nor you; refused", path);
	if ((st->st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return err_stop(err, "%s: others may write it; refused. chmod %s %s", path, secret ? "600" : "go-w", path);
	if (secret && ((st->st_mode & S_IROTH) != 0 || ((st->st_mode & S_IRGRP) != 0 && st->st_uid != 0)))
		return err_stop(err, "%s: holds a secret that others may read; refused. chmod 600 %s", path, path);
	return OK;
}
