/* SPDX-License-Identifier: MIT */
/* Names the user gives (options, arguments, configuration), as the database has them. */
#ifndef CLI_NAMED_H
#define CLI_NAMED_H

/* Lower case, addresses and networks canonical, domains in A-labels without the dot at the end. Never NULL; the caller frees. */
char *named_as_stored(const char *given);
/* 0: nothing is called so, for it has blanks in it, or looks like an address or network and is none. */
int named_can_be_labelled(const char *name);
/* 1: imaps://HOST[:PORT] or imap://HOST[:PORT], nothing behind it. */
int named_is_server(const char *url);
/* 1: a domain, however it is written. */
int named_is_domain(const char *name);

#endif
