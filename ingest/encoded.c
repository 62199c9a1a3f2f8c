/* SPDX-License-Identifier: MIT */
/*
 * Encoded runs in text whose MIME headers are broken or missing: base64 (RFC 2045 section 6.8), uuencode (POSIX), and
 * quoted-printable (RFC 2045 section 6.7) nobody declared. A run counts only where its first decoded bytes are known.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ingest/private.h"

enum {
	RUN_LEAST = 16,		/* characters of a base64 line that may begin a run */
	RUN_HEAD = 1024		/* decoded bytes looked at */
};

static int
sextet(unsigned char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static int
is_base64_line(const unsigned char *p, const unsigned char *end, size_t least)
{
	size_t n = 0;

	while (p + n < end && sextet(p[n]) >= 0)
		n++;
	return n >= least && (p + n == end || strchr(n < RUN_LEAST ? "=\r\n" : "=\r\n \t", p[n]) != NULL);
}

/* Where a run goes on behind its padding: in the same line, or in the next where that is one of so many characters; NULL: it ends. */
static const unsigned char *
behind_padding(const unsigned char *p, const unsigned char *end, size_t least)
{
	while (p < end && *p == '=')
		p++;
	if (p < end && sextet(*p) >= 0)
		return p;
	p += p < end && *p == '\r';
	p += p < end && *p == '\n';
	return is_base64_line(p, end, least) ? p : NULL;
}

static size_t
base64_room(size_t len)
{
	return len / 4 * 3 + 4;
}

/* The bytes of a group of n characters that is not whole. */
static void
put_rest(unsigned bits, int n, unsigned char *out, size_t cap, size_t *len)
{
	if (n >= 2 && *len < cap)
		out[(*len)++] = (unsigned char)(bits >> (n * 6 - 8));
	if (n == 3 && *len < cap)
		out[(*len)++] = (unsigned char)(bits >> 2);
}

/*
 * Decodes a base64 run: until an empty line, bytes that are none, or padding behind which it does not go on (some pad each piece they encode), at most cap
 * bytes. Returns where it ended.
 */
static const unsigned char *
base64_run(const unsigned char *p, const unsigned char *end, unsigned char *out, size_t cap, size_t *len)
{
	const unsigned char *next;
	size_t least = RUN_LEAST;
	unsigned bits = 0;
	int n = 0, v, newlines = 0;

	for (*len = 0; p < end && *len + 3 <= cap; p++) {
		if (*p == '=') {
			if ((next = behind_padding(p, end, least)) == NULL)
				break;
			least = 2;		/* the last piece may be short */
			put_rest(bits, n, out, cap, len);
			bits = 0;
			n = newlines = 0;
			p = next - 1;
			continue;
		}
		if (*p == '\n' && ++newlines == 2)
			break;
		if (*p == '\r' || *p == '\n' || *p == ' ' || *p == '\t')
			continue;
		if ((v = sextet(*p)) < 0)
			break;
		newlines = 0;
		bits = bits << 6 | (unsigned)v;
		if (++n == 4) {
			out[(*len)++] = (unsigned char)(bits >> 16);
			out[(*len)++] = (unsigned char)(bits >> 8);
			out[(*len)++] = (unsigned char)bits;
			bits = 0;
			n = 0;
		}
	}
	put_rest(bits, n, out, cap, len);
	return p;
}

/* Whether decoded bytes are what a report comes in; chance makes a `<` or `{` of any word, so more must be there. */
static int
is_wanted(const unsigned char *head, size_t len)
{
	switch (magic_of(head, len)) {
	case MAGIC_GZIP:
		return len > 3 && head[2] == 8;		/* RFC 1952: deflate is the only method */
	case MAGIC_ZIP:
	case MAGIC_MAIL:
		return 1;
	case MAGIC_XML:
		return memmem(head, len, "<?xml", 5) != NULL || memmem(head, len, "feedback", 8) != NULL || memmem(head, len, "<\0?\0", 4) != NULL ||
		    memmem(head, len, "\0<\0?", 4) != NULL;
	default:
		return 0;
	}
}

/* "begin 644 name": where its data begins; NULL where it is none. */
static const unsigned char *
uu_begins(const unsigned char *p, const unsigned char *end)
{
	size_t i = 6;

	if (end - p < 12 || memcmp(p, "begin ", 6) != 0)
		return NULL;
	while (i < 10 && p[i] >= '0' && p[i] <= '7')
		i++;
	if (i < 9 || p[i] != ' ')
		return NULL;
	p = memchr(p, '\n', (size_t)(end - p));
	return p != NULL ? p + 1 : NULL;
}

/* Bytes uuencoded text may hold: of its lines a good half may be blanks that were taken off. */
static size_t
uu_room(size_t len)
{
	return len / 2 * 3 + 4;
}

/* Decodes uuencoded lines up to `end` or to a line that is none; blanks at their ends may have been taken off. Returns where it ended. */
static const unsigned char *
uu_run(const unsigned char *p, const unsigned char *end, unsigned char *out, size_t cap, size_t *len)
{
	*len = 0;
	while (p < end && *p > ' ' && *p < '`') {
		const unsigned char *eol = memchr(p, '\n', (size_t)(end - p));
		size_t want = (*p - ' ') & 63, have = (size_t)((eol != NULL ? eol : end) - p - 1), i;
		unsigned char line[4 * 21 + 1];

		have -= have > 0 && p[have] == '\r';
		if (have * 2 + 4 < (want * 4 + 2) / 3 || *len + want > cap)
			break;
		memset(line, ' ', sizeof(line));
		memcpy(line, p + 1, have < sizeof(line) ? have : sizeof(line));
		for (i = 0; i < want; i++) {
			const unsigned char *q = line + i / 3 * 4 + i % 3;
			unsigned a = (*q - ' ') & 63, b = (q[1] - ' ') & 63;

			out[(*len)++] = (unsigned char)(i % 3 == 0 ? a << 2 | b >> 4 : i % 3 == 1 ? a << 4 | b >> 2 : a << 6 | b);
		}
		if (eol == NULL)
			return end;
		p = eol + 1;
	}
	return p;
}

int
encoded_begins(const unsigned char *bytes, size_t len)
{
	const unsigned char *p = bytes, *end = bytes + len;

	while (p < end && strchr(" \t\r\n", *p) != NULL)
		p++;
	return p < end && (uu_begins(p, end) != NULL || is_base64_line(p, end, RUN_LEAST));
}

int
encoded_find(const unsigned char *bytes, size_t len, int most, void (*found)(void *ctx, unsigned char *bytes, size_t len), void *ctx)
{
	const unsigned char *p = bytes, *end = bytes + len, *run, *after;
	unsigned char head[RUN_HEAD], *out;
	int count = 0;
	size_t n, room;

	/* Runs begin a line. */
	while (p < end && count < most) {
		int uu = (run = uu_begins(p, end)) != NULL;

		if (uu || is_base64_line(p, end, RUN_LEAST)) {
			run = uu ? run : p;
			after = uu ? uu_run(run, end, head, sizeof(head), &n) : base64_run(run, end, head, sizeof(head), &n);
			if (is_wanted(head, n)) {
				room = uu ? uu_room((size_t)(end - run)) : base64_room((size_t)(end - run));
				out = mem_alloc(room);
				after = uu ? uu_run(run, end, out, room, &n) : base64_run(run, end, out, room, &n);
				found(ctx, out, n);
				count++;
			}
			p = after > p ? after : p;
		}
		p = memchr(p, '\n', (size_t)(end - p));
		if (p == NULL)
			break;
		p++;
	}
	return count;
}

/* The first run of uuencode in the text; NULL none. */
static const unsigned char *
first_uu(const unsigned char *p, const unsigned char *end)
{
	const unsigned char *run;

	for (; p < end; p++) {
		if ((run = uu_begins(p, end)) != NULL)
			return run;
		if ((p = memchr(p, '\n', (size_t)(end - p))) == NULL)
			break;
	}
	return NULL;
}

unsigned char *
encoded_again(const unsigned char *text, size_t len, int uu, size_t *outlen)
{
	const unsigned char *end = text + len, *run = uu ? first_uu(text, end) : memchr(text, '=', len);
	size_t room = uu ? uu_room(len) : base64_room(len), n = 0;
	unsigned char *out;
	int whole;

	if (run == NULL || (!uu && behind_padding(run, end, RUN_LEAST) == NULL))
		return NULL;
	out = mem_alloc(room);
	whole = uu ? uu_run(run, end, out, room, &n) > run : base64_run(text, end, out, room, &n) > run;
	if (!whole) {
		free(out);
		return NULL;
	}
	*outlen = n;
	return out;
}

static int
hex(unsigned char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The length of a quoted-printable escape or soft line break at p; 0 where `=` is none. */
static size_t
quoted_at(const unsigned char *p, const unsigned char *end)
{
	if (end - p >= 3 && hex(p[1]) >= 0 && hex(p[2]) >= 0)
		return 3;
	if (end - p >= 2 && p[1] == '\n')
		return 2;
	return end - p >= 3 && p[1] == '\r' && p[2] == '\n' ? 3 : 0;
}

int
quoted_undo(unsigned char *bytes, size_t *len)
{
	unsigned char *from, *to = bytes, *end = bytes + *len;
	size_t n, any = 0;

	for (from = bytes; (from = memchr(from, '=', (size_t)(end - from))) != NULL; from += n, any++)
		if ((n = quoted_at(from, end)) == 0)
			return 0;
	if (any == 0)
		return 0;
	for (from = bytes; from < end; from += n) {
		n = *from == '=' ? quoted_at(from, end) : 1;
		if (n == 1)
			*to++ = *from;
		else if (hex(from[1]) >= 0)
			*to++ = (unsigned char)(hex(from[1]) << 4 | hex(from[2]));
	}
	*len = (size_t)(to - bytes);
	return 1;
}
