/* SPDX-License-Identifier: MIT */
/*
 * One lock for each database: flock on DB.lock, so that two runs never work at once. It goes with the process, however that ends.
 * DB is the file itself, by whatever link or folder it was named.
 */
#ifndef CLI_LOCK_H
#define CLI_LOCK_H

#include "base/err.h"

struct lock;

/*
 * Takes the lock of this database, waiting up to wait_s seconds (0: not at all). STOP: another run holds it
 * (err says so), or the file cannot be made. Caller releases with lock_release.
 */
enum outcome lock_take(const char *db_path, int wait_s, struct lock **out, struct err *err);
void lock_release(struct lock *l);	/* NULL is fine */

#endif
