/* SPDX-License-Identifier: MIT */
/* See width.h. */
#include "base/width.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct range { uint32_t first, last; };

static const struct range wide[] = {
	{ 0x1100, 0x115f }, { 0x231a, 0x231b }, { 0x2329, 0x232a }, { 0x23e9, 0x23ec }, { 0x25fd, 0x25fe }, { 0x2614, 0x2615 },
	{ 0x2648, 0x2653 }, { 0x26a1, 0x26a1 }, { 0x26bd, 0x26be }, { 0x2705, 0x2705 }, { 0x270a, 0x270b }, { 0x2728, 0x2728 },
	{ 0x274c, 0x274c }, { 0x2753, 0x2755 }, { 0x2795, 0x2797 }, { 0x2b1b, 0x2b1c }, { 0x2b50, 0x2b50 }, { 0x2e80, 0x303e },
	{ 0x3041, 0x33ff }, { 0x3400, 0x4dbf }, { 0x4e00, 0x9fff }, { 0xa000, 0xa4cf }, { 0xa960, 0xa97c }, { 0xac00, 0xd7a3 },
	{ 0xf900, 0xfaff }, { 0xfe10, 0xfe19 }, { 0xfe30, 0xfe6f }, { 0xff00, 0xff60 }, { 0xffe0, 0xffe6 }, { 0x16fe0, 0x18cff },
	{ 0x1b000, 0x1b2ff }, { 0x1f004, 0x1f004 }, { 0x1f0cf, 0x1f0cf }, { 0x1f18e, 0x1f18e }, { 0x1f191, 0x1f19a },
	{ 0x1f200, 0x1f265 }, { 0x1f300, 0x1f64f }, { 0x1f680, 0x1f6ff }, { 0x1f7e0, 0x1f7eb }, { 0x1f900, 0x1faff }, { 0x20000, 0x3fffd },
};
static const struct range none[] = {
	{ 0x0300, 0x036f }, { 0x0483, 0x0489 }, { 0x0591, 0x05bd }, { 0x0610, 0x061a }, { 0x064b, 0x065f }, { 0x0900, 0x0902 },
	{ 0x093c, 0x093c }, { 0x0941, 0x0948 }, { 0x094d, 0x094d }, { 0x0e31, 0x0e31 }, { 0x0e34, 0x0e3a }, { 0x0e47, 0x0e4e },
	{ 0x1160, 0x11ff }, { 0x1ab0, 0x1aff }, { 0x1dc0, 0x1dff }, { 0x200b, 0x200f }, { 0x20d0, 0x20ff }, { 0x302a, 0x302d },
	{ 0x3099, 0x309a }, { 0xfe00, 0xfe0f }, { 0xfe20, 0xfe2f }, { 0xe0100, 0xe01ef },
};

static int
is_in(const struct range *table, size_t n, uint32_t c)
{
	size_t i;

	for (i = 0; i < n && table[i].first <= c; i++)
		if (c <= table[i].last)
			return 1;
	return 0;
}

size_t
text_bytes(const char *s)
{
	unsigned char c = (unsigned char)*s;
	size_t want = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1, n = c != 0;

	while (n > 0 && n < want && ((unsigned char)s[n] & 0xc0) == 0x80)
		n++;
	return n;
}

size_t
text_columns(const char *s)
{
	size_t n = text_bytes(s), i;
	uint32_t c = (unsigned char)*s;

	if (n < 2)
		return n;
	for (c &= 0x7fu >> n, i = 1; i < n; i++)
		c = c << 6 | ((unsigned char)s[i] & 0x3f);
	if (is_in(none, sizeof(none) / sizeof(*none), c))
		return 0;
	return is_in(wide, sizeof(wide) / sizeof(*wide), c) ? 2 : 1;
}

size_t
text_fitting(const char *s, size_t columns)
{
	size_t n, width = 0;

	for (n = 0; s[n] != '\0' && width + text_columns(s + n) <= columns && n + text_bytes(s + n) <= 4 * columns; n += text_bytes(s + n))
		width += text_columns(s + n);
	return n;
}

char *
text_short(const char *name, char out[TEXT_SHORT_BYTES])
{
	size_t n = text_fitting(name, TEXT_SHORT);

	(void)snprintf(out, TEXT_SHORT_BYTES, "%.*s%s", (int)n, name, name[n] != '\0' ? "..." : "");
	return out;
}

const char *
text_line_end(const char *p, size_t room, int whole)
{
	const char *blank = NULL, *at = p;
	size_t width = 0;

	for (; *at != '\0' && width + text_columns(at) <= room; at += text_bytes(at)) {
		if (*at == ' ')
			blank = at;
		width += text_columns(at);
	}
	if (blank == NULL && whole)
		return at + strcspn(at, " ");
	return *at == '\0' || *at == ' ' || blank == NULL ? at : blank;
}
