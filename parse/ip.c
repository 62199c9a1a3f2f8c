/* SPDX-License-Identifier: MIT */
/* See ip.h. inet_pton and inet_ntop know the grammar of RFC 3986 section 3.2.2 and the form of RFC 5952. */
#include "parse/ip.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

/* 16 bytes of the address, IPv4 as IPv4-mapped; returns 4, 6 or 0. */
static int
bytes_of(const char *s, unsigned char out[16])
{
	static const unsigned char mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
	unsigned char v4[4], v6[16];

	if (inet_pton(AF_INET, s, v4) == 1) {
		memcpy(out, mapped, 12);
		memcpy(out + 12, v4, 4);
		return 4;
	}
	if (inet_pton(AF_INET6, s, v6) != 1)
		return 0;
	memcpy(out, v6, 16);
	return memcmp(v6, mapped, 12) == 0 ? 4 : 6;
}

/* Four numbers to 255 without leading zeros, as nearly all addresses are written, are canonical already: their length; 0 another form. */
static size_t
plain_v4(const char *s)
{
	const char *p = s;
	int n, i, digits;

	for (i = 0; i < 4; i++) {
		for (n = digits = 0; *p >= '0' && *p <= '9' && digits < 3; p++, digits++)
			n = n * 10 + (*p - '0');
		if (digits == 0 || n > 255 || (digits > 1 && p[-digits] == '0') || *p++ != (i < 3 ? '.' : '\0'))
			return 0;
	}
	return (size_t)(p - s) - 1;
}

int
ip_canonical(const char *s, char out[IP_TEXT])
{
	unsigned char bytes[16];
	char text[IP_TEXT];
	size_t plain = plain_v4(s);
	int kind;

	if (plain > 0) {
		memmove(out, s, plain + 1);
		return 4;
	}
	kind = bytes_of(s, bytes);
	if (kind == 0 ||
	    inet_ntop(kind == 4 ? AF_INET : AF_INET6, kind == 4 ? bytes + 12 : bytes, text, sizeof(text)) == NULL)
		return 0;
	memcpy(out, text, strlen(text) + 1);
	return kind;
}

static const char *
without_kind(const char *s)
{
	return strncasecmp(s, "ipv6:", 5) == 0 || strncasecmp(s, "ipv4:", 5) == 0 ? s + 5 : s;
}

/* Takes off what may stand around an address: "IPv6:", brackets, a port behind them or behind IPv4, a zone, the length of a network of this one. */
int
ip_dressed(const char *s, char out[IP_TEXT])
{
	const char *slash;
	char text[IP_TEXT];
	size_t len;

	s = without_kind(s);
	if (*s == '[') {
		s = without_kind(s + 1);	/* RFC 5321, 4.1.3 */
		len = strcspn(s, "]%");
		if (s[len] == '\0')
			return 0;
	} else {
		len = strcspn(s, "%");
		if ((slash = strchr(s, '/')) != NULL && strcmp(slash, strchr(s, ':') != NULL ? "/128" : "/32") == 0)
			len = len < (size_t)(slash - s) ? len : (size_t)(slash - s);
		else if (s[len] == '\0' && strchr(s, '.') != NULL && strchr(s, ':') == strrchr(s, ':'))
			len = strcspn(s, ":");
	}
	if (len == 0 || len >= sizeof(text))
		return 0;
	memcpy(text, s, len);
	text[len] = '\0';
	return ip_canonical(text, out);
}

int
ip_within(const char *address, const char *network)
{
	unsigned char a[16], n[16];
	const char *slash = strchr(network, '/');
	size_t len = slash != NULL ? (size_t)(slash - network) : strlen(network), whole;
	char text[IP_TEXT];
	int64_t bits;
	int kind;

	if (len >= sizeof(text))
		return 0;
	memcpy(text, network, len);
	text[len] = '\0';
	kind = bytes_of(text, n);
	if (kind == 0 || bytes_of(address, a) != kind)
		return 0;
	bits = kind == 4 ? 32 : 128;
	if (slash != NULL) {
		int64_t given;

		if (!text_int64(slash + 1, strlen(slash + 1), &given) || given < 0 || given > bits)
			return 0;
		bits = given;
	}
	bits += kind == 4 ? 96 : 0;
	whole = (size_t)bits / 8;
	if (memcmp(a, n, whole) != 0)
		return 0;
	return bits % 8 == 0 || ((a[whole] ^ n[whole]) & (0xff00 >> (bits % 8) & 0xff)) == 0;
}

int
ip_prefix(const char *text, char out[IP_NETWORK_TEXT])
{
	const char *slash = strchr(text, '/');
	unsigned char a[16] = { 0 };
	char address[IP_TEXT];
	int64_t bits;
	size_t i;
	int kind;

	if (slash == NULL || (size_t)(slash - text) >= sizeof(address) || !text_int64(slash + 1, strlen(slash + 1), &bits))
		return 0;
	(void)snprintf(address, sizeof(address), "%.*s", (int)(slash - text), text);
	kind = bytes_of(address, a);
	if (kind == 0 || bits < 0 || bits > (kind == 4 ? 32 : 128))
		return 0;
	for (i = (size_t)bits + (kind == 4 ? 96 : 0); i < 128; i++)
		a[i / 8] &= (unsigned char)~(0x80 >> i % 8);
	(void)inet_ntop(kind == 4 ? AF_INET : AF_INET6, kind == 4 ? a + 12 : a, address, sizeof(address));
	(void)snprintf(out, IP_NETWORK_TEXT, "%s/%d", address, (int)bits);
	return 1;
}

void
ip_network(const char *address, char *out, size_t size)
{
	unsigned char a[16] = { 0 };
	char text[IP_TEXT];
	int kind = bytes_of(address, a);

	if (kind == 0) {
		(void)snprintf(out, size, "%s", address);
		return;
	}
	memset(a + (kind == 4 ? 15 : 6), 0, kind == 4 ? 1 : 10);
	(void)inet_ntop(kind == 4 ? AF_INET : AF_INET6, kind == 4 ? a + 12 : a, text, sizeof(text));
	(void)snprintf(out, size, "%s/%d", text, kind == 4 ? 24 : 48);
}
