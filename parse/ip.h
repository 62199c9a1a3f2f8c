/* SPDX-License-Identifier: MIT */
/* IP addresses as values. Never validated with the schema's pattern (RFC 7489 erratum 5221). */
#ifndef PARSE_IP_H
#define PARSE_IP_H

#include <stddef.h>

enum { IP_TEXT = 46 };	/* longest canonical text with its NUL */

/*
 * Canonical text (RFC 5952; IPv4-mapped IPv6 as IPv4) of a trimmed address into out. Returns 4 or 6,
 * or 0 where it is no address (out untouched).
 */
int ip_canonical(const char *s, char out[IP_TEXT]);
/*
 * The same of an address with what may stand around it: "[2001:db8::1]:25", "192.0.2.1:25", "fe80::1%eth0", "IPv6:...", "192.0.2.1/32".
 * What is left is checked as strictly.
 */
int ip_dressed(const char *s, char out[IP_TEXT]);
/* 1: address lies in network ("192.0.2.0/24", "2001:db8::/32" or a single address). */
int ip_within(const char *address, const char *network);
/* 1: text is a network ("192.0.2.7/24"); out: the same in canonical text without what is behind the prefix ("192.0.2.0/24"). */
enum { IP_NETWORK_TEXT = IP_TEXT + 4 };
int ip_prefix(const char *text, char out[IP_NETWORK_TEXT]);

/* The network an address is commonly part of: /24 of IPv4, /48 of IPv6; the text itself where it is no address. */
void ip_network(const char *address, char *out, size_t size);

#endif
