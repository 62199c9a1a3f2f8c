/* SPDX-License-Identifier: MIT */
/* Private to the room sql: who sent a report, by what its metadata says. */
#ifndef SQL_REPORTER_H
#define SQL_REPORTER_H

#include "sql/db.h"

/* 1: mail from this domain is that of the reporter with this contact address: anybody's mail is authenticated as somebody's. NULL: it is not. */
int reporter_is_from(const char *domain, const char *email);

/*
 * Makes functions known to the connection of s: is_from(domain, email), the same; shown(name), short enough for a line; and reporter_name(org_name, email), what a reporter is called:
 * org_name, else the domain of the address (dmarc-facts: empty org_name), else "(no name)". SQLITE_OK or an error.
 */
int reporter_register(struct store *s);

#endif
