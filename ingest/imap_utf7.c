/* SPDX-License-Identifier: MIT */
/* Modified UTF-7: printable ASCII stands for itself, "&-" for "&", the rest is UTF-16 in base64 with "," for "/" between & and -. */
#include "ingest/imap_utf7.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

/* One code point from UTF-8; *at moves on. 0xfffd where it is broken. */
static uint32_t
next_point(const unsigned char **at)
{
	static const unsigned char lead[] = { 0, 0x80, 0xe0, 0xf0, 0xf8 };
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *p = *at;
	int n = *p < 0x80 ? 1 : *p >= 0xc2 && *p < 0xe0 ? 2 : *p >= 0xe0 && *p < 0xf0 ? 3 : *p >= 0xf0 && *p < 0xf5 ? 4 : 0, i;
	uint32_t c;

	(*at)++;
	if (n <= 1)
		return n == 1 ? *p : 0xfffd;
	c = *p & (unsigned char)~lead[n];
	c &= n == 2 ? 0x1f : n == 3 ? 0x0f : 0x07;
	for (i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0xfffd;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < least[n] || (c >= 0xd800 && c < 0xe000) || c > 0x10ffff)
		return 0xfffd;
	*at = p + n;
	return c;
}

struct bits { uint32_t held; int count; };

static void
put_unit(struct buf *b, struct bits *s, uint32_t unit)
{
	s->held = s->held << 16 | unit;
	for (s->count += 16; s->count >= 6; s->count -= 6)
		buf_add(b, &digits[s->held >> (s->count - 6) & 63], 1);
}

static void
put_end(struct buf *b, struct bits *s)
{
	if (s->count > 0)
		buf_add(b, &digits[s->held << (6 - s->count) & 63], 1);
	buf_str(b, "-");
	s->held = 0;
	s->count = 0;
}

char *
imap_utf7_encode(const char *utf8)
{
	const unsigned char *p = (const unsigned char *)utf8;
	struct bits s = { 0, 0 };
	struct buf b;
	char *name;
	int shifted = 0;

	buf_init(&b, 1 << 16);
	while (*p != '\0') {
		uint32_t c = next_point(&p);
		int plain = c >= 0x20 && c < 0x7f;

		if (plain && shifted) {
			put_end(&b, &s);
			shifted = 0;
		}
		if (plain) {
			buf_add(&b, &(char){ (char)c }, 1);
			if (c == '&')
				buf_str(&b, "-");
			continue;
		}
		if (!shifted)
			buf_str(&b, "&");
		shifted = 1;
		if (c >= 0x10000) {
			put_unit(&b, &s, 0xd800 + ((c - 0x10000) >> 10));
			c = 0xdc00 + ((c - 0x10000) & 0x3ff);
		}
		put_unit(&b, &s, c);
	}
	if (shifted)
		put_end(&b, &s);
	name = mem_str(b.at);
	buf_free(&b);
	return name;
}

static void
put_utf8(struct buf *b, uint32_t c)
{
	unsigned char o[4];
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4, i;

	for (i = n - 1; i > 0; i--, c >>= 6)
		o[i] = (unsigned char)(0x80 | (c & 0x3f));
	o[0] = (unsigned char)(n == 1 ? c : n == 2 ? 0xc0 | c : n == 3 ? 0xe0 | c : 0xf0 | c);
	buf_add(b, o, n);
}

/* Between & and -; 0: broken. */
static int
decode_run(struct buf *b, const char *p, size_t len)
{
	uint32_t held = 0, high = 0, unit;
	int count = 0;
	size_t i;

	for (i = 0; i < len; i++) {
		const char *d = memchr(digits, p[i], 64);

		if (d == NULL)
			return 0;
		held = held << 6 | (uint32_t)(d - digits);
		if ((count += 6) < 16)
			continue;
		count -= 16;
		unit = held >> count & 0xffff;
		if (unit >= 0xd800 && unit < 0xdc00) {
			high = unit;
		} else if (unit >= 0xdc00 && unit < 0xe000) {
			if (high == 0)
				return 0;
			put_utf8(b, 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00));
			high = 0;
		} else {
			put_utf8(b, unit);
		}
	}
	return high == 0;
}

char *
imap_utf7_decode(const char *utf7)
{
	const char *p, *end;
	struct buf b;
	char *name;

	buf_init(&b, 1 << 16);
	for (p = utf7; *p != '\0'; p++) {
		if (*p != '&' || (end = strchr(p, '-')) == NULL) {
			buf_add(&b, p, 1);
		} else if (end == p + 1) {
			buf_str(&b, "&");
			p = end;
		} else {
			size_t before = b.len;

			if (!decode_run(&b, p + 1, (size_t)(end - p - 1))) {
				b.len = before;
				buf_add(&b, p, (size_t)(end - p + 1));
			}
			p = end;
		}
	}
	name = mem_str(b.at);
	buf_free(&b);
	return name;
}
