/* SPDX-License-Identifier: MIT */
/*
 * Private to the room sql: the policy of a domain, for statements: `policy_now(domain, last day)` is the id of the policy that most receivers tell, each
 * in its newest report of the newest three days; NULL where no report tells one. A single receiver may tell a stale or odd one.
 */
#ifndef SQL_POLICY_H
#define SQL_POLICY_H

#include "sql/db.h"

/* Makes `policy_now` known to the connection of s: SQLITE_OK or an error. */
int policy_register(struct store *s);

#endif
