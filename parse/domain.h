/* SPDX-License-Identifier: MIT */
/*
 * Domain names as values: comparison and the organisational domain
 * (RFC 7489 section 3.2, public suffix list by libpsl). Names are lower case, A-labels (RFC 5890), without a trailing dot.
 */
#ifndef PARSE_DOMAIN_H
#define PARSE_DOMAIN_H

#include <stddef.h>

/*
 * Organisational domain of `name`: points into name (it is always a suffix of it). A public suffix, an
 * address or a name without a dot is its own. NULL or "" gives NULL. Thread-safe.
 */
const char *domain_org(const char *name);
/* 1: letters, digits, hyphens, underscores, points and what is not ASCII, at most 253 octets (RFC 1035 section 2.3.4): what can be looked up. Lower case. */
int domain_is_name(const char *name);
/* 1: name equals base or lies below it, on a label boundary. */
int domain_within(const char *name, const char *base);
/* 1: aligned, RFC 7489 section 3.1: strict wants equal names, relaxed the same organisational domain. */
int domain_aligned(const char *a, const char *b, int strict);
/*
 * Lower case, one trailing dot off, "@" part before it off; in place; returns s moved, or NULL where nothing is left. *several: it was a list of addresses, of
 * which the first is taken.
 */
char *domain_normal(char *s, int *several);
/* 1: the name is not ASCII, and `out` is the same in A-labels (RFC 5891, UTS 46 nontransitional); else 0: it stays as it is. */
enum { DOMAIN_TEXT = 254 };	/* longest name with its NUL */
int domain_ascii(const char *name, char out[DOMAIN_TEXT]);

#endif
