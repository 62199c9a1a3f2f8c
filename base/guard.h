/* SPDX-License-Identifier: MIT */
/* Files that are trusted: who may have written one, and who may read the secret in it. */
#ifndef BASE_GUARD_H
#define BASE_GUARD_H

#include <sys/stat.h>

#include "base/err.h"

/*
 * STOP: the open file `path` is no file, is owned by neither root nor the user, others may write it; or it holds a secret (1) and others may read it. The
 * group may where root owns it: so a service is given its own. A terminal and /dev/null are no matter of modes.
 */
enum outcome guard_file(const char *path, const struct stat *st, int secret, struct err *err);

#endif
