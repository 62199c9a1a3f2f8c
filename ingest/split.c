/* SPDX-License-Identifier: MIT */
/*
 * Several reports one after the other in one stream (files put together by cat, gzip members of which each is whole): a document
 * ends where an end tag of <feedback> is followed by the beginning of another, at once or after something else; or, cut short, where the XML declaration of
 * another stands. Only that is looked for, in bytes or (the former) in UTF-16; XML is parse's.
 */
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "ingest/unpack.h"

enum {
	BETWEEN = 4096, LOOK = 160,	/* bytes behind a document, and of the next one, that are looked at at once */
	PREFIX = 32,			/* characters of a prefix */
	DECLARED = 72			/* bytes from a declaration to the name */
};
#define NAME "feedback"
enum { NAME_LEN = sizeof(NAME) - 1 };

static int
is_blank(unsigned char c)
{
	return c == '\0' || c == ' ' || (c >= '\t' && c <= '\r');
}

/* Characters of two bytes where the bytes begin in UTF-16 (a byte order mark is one), and where in them the one of ASCII lies. */
static struct width
width_of(const unsigned char *bytes, size_t len)
{
	struct width w = { 1, 0 };

	if (len >= 2 && ((bytes[0] == '<' && bytes[1] == '\0') || (bytes[0] == 0xff && bytes[1] == 0xfe)))
		w.unit = 2;
	else if (len >= 2 && ((bytes[0] == '\0' && bytes[1] == '<') || (bytes[0] == 0xfe && bytes[1] == 0xff)))
		w = (struct width){ 2, 1 };
	return w;
}

void
split_begin(struct unpacker *u, const unsigned char *bytes, size_t len)
{
	struct split *s = &u->split;

	memset(s, 0, offsetof(struct split, ahead));
	s->nahead = len;
	s->from = 0;
	if (len > 0)
		memcpy(s->ahead, bytes, len);
	s->width = width_of(s->ahead, len);
	s->after = OK;
	s->number = 1;
}

static enum outcome
stream_read(struct unpacker *u, unsigned char *bytes, size_t cap, size_t *got, struct err *err)
{
	struct split *s = &u->split;

	if (s->from == s->nahead) {
		if (s->after != OK) {
			*got = 0;
			*err = s->err;
			return s->after;
		}
		s->from = s->nahead = 0;
		return blob_read(u, u->blob.layers, bytes, cap, got, err);
	}
	*got = s->nahead - s->from < cap ? s->nahead - s->from : cap;
	memcpy(bytes, s->ahead + s->from, *got);
	s->from += *got;
	return OK;
}

/* Gives bytes that were read back, in front of what is ahead. */
static void
unread(struct split *s, const unsigned char *bytes, size_t len)
{
	if (s->from >= len) {		/* they came from there */
		s->from -= len;
		return;
	}
	memcpy(s->ahead, bytes, len);
	s->from = 0;
	s->nahead = len;
}

/* Reads on until n bytes lie ahead, or all that there are. */
static void
look_ahead(struct unpacker *u, size_t n)
{
	struct split *s = &u->split;
	size_t got = 1;

	memmove(s->ahead, s->ahead + s->from, s->nahead - s->from);
	s->nahead -= s->from;
	s->from = 0;
	while (s->nahead < n && s->after == OK && got > 0) {
		got = 0;
		s->after = blob_read(u, u->blob.layers, s->ahead + s->nahead, sizeof(s->ahead) - 1 - s->nahead, &got, &s->err);
		s->nahead += got;
	}
	s->ahead[s->nahead] = '\0';
}

/* Whether a document begins here: a declaration, or <feedback> with or without a prefix, each perhaps behind a byte order mark. */
static int
text_begins(const char *p)
{
	size_t name;

	if (strncmp(p, "\xef\xbb\xbf", 3) == 0)
		p += 3;
	if (*p++ != '<')
		return 0;
	if (strncasecmp(p, "?xml", 4) == 0 && is_blank(p[4]))
		return 1;
	name = strncasecmp(p, NAME, NAME_LEN) == 0 ? 0 : strcspn(p, ":/<> \t\r\n");
	if (name > 0 && (name > PREFIX || p[name++] != ':'))
		return 0;
	return strncasecmp(p + name, NAME, NAME_LEN) == 0 && p[name + NAME_LEN] != '\0' && strchr(" \t\r\n/>", p[name + NAME_LEN]) != NULL;
}

/* The same of bytes or UTF-16, which *width tells. A NUL is behind len. */
static int
begins(const unsigned char *bytes, size_t len, struct width *width)
{
	char text[LOOK / 2 + 1] = "";
	size_t i, n = 0;

	*width = width_of(bytes, len);
	if (width->unit == 1)
		return text_begins((const char *)bytes);
	for (i = bytes[0] >= 0xfe ? 2 : 0; i + 1 < len && n + 1 < sizeof(text); i += 2)
		text[n++] = bytes[i + 1 - width->low] == '\0' ? (char)bytes[i + width->low] : '?';
	text[n] = '\0';
	return text_begins(text);
}

/* A gzip or zip file. A NUL is behind the bytes. */
static int
is_archive(const unsigned char *bytes)
{
	return strncmp((const char *)bytes, "\x1f\x8b\x08", 3) == 0 || strncmp((const char *)bytes, "PK\3\4", 4) == 0;
}

/* Whether one of those may begin here: nearly all bytes are done with so. A NUL is behind them. */
static int
may_begin(const unsigned char *p)
{
	return *p == '<' || *p == '\x1f' || *p == 'P' || *p >= 0xef || (*p == '\0' && p[1] == '<');
}

/* Whether all that lies ahead, but for blanks, is a mail; a mail's own text is not asked. */
static int
mail_follows(const struct unpacker *u)
{
	const struct split *s = &u->split;
	const unsigned char *p = s->ahead + s->from, *end = s->ahead + s->nahead;

	while (p < end && is_blank(*p))
		p++;
	return u->nframes == 0 && !u->item->is_mail && u->blob.layers == 0 && looks_like_mail(p, (size_t)(end - p)) &&
	    (field_name((const char *)p, (size_t)(end - p)) > 0 || strncmp((const char *)p, "From ", 5) == 0);
}

/*
 * Whether another one begins ahead, or an archive or a mail of them: *between bytes on; else none begins in so many. What lies before it (blanks, a comment, a
 * line that separates) belongs to the one that ends.
 */
static int
another_begins(struct unpacker *u, size_t *between)
{
	struct split *s = &u->split;
	size_t most;

	look_ahead(u, BETWEEN + LOOK);
	most = s->nahead < BETWEEN + LOOK ? s->nahead : BETWEEN;
	*between = 0;
	if (s->deciding == 1 && mail_follows(u))
		return s->other = 1;
	for (; *between < most; *between += s->width.unit) {
		if (!may_begin(s->ahead + *between))
			continue;
		if (begins(s->ahead + *between, s->nahead - *between, &s->next))
			return 1;
		if (u->blob.layers == 0 && blob_is_base(u) && is_archive(s->ahead + *between))
			return s->other = 1;
	}
	return 0;
}

static int
is_name(const unsigned char *p, size_t unit)
{
	size_t i;

	for (i = 0; i < NAME_LEN; i++)
		if ((p[i * unit] | 0x20) != NAME[i] || (unit == 2 && i > 0 && p[i * 2 - 1] != '\0'))
			return 0;
	return 1;
}

/* Where the name stands first in any case; NULL nowhere. Its `b` is looked for, which is rare. */
static const unsigned char *
find_name(const unsigned char *bytes, size_t len, size_t unit)
{
	const size_t rare = 4 * unit, size = (NAME_LEN - 1) * unit + 1;
	const unsigned char *found = NULL, *at, *end = bytes + len;
	size_t i;

	for (i = 0; i < 2; i++)
		for (at = bytes; at < end && (at = memchr(at, "bB"[i], (size_t)(end - at))) != NULL; at++)
			if ((size_t)(end - at) >= size - rare && (at[unit] | 0x20) == 'a' && (size_t)(at - bytes) >= rare && is_name(at - rare, unit)) {
				found = at - rare;
				end = found + size - 1;	/* an earlier one only */
				break;
			}
	return found;
}

/* The character so many before the name. */
static unsigned char
before(const unsigned char *name, size_t n, size_t unit)
{
	return *(name - n * unit);
}

/* Whether the name, prefixed or not, stands behind `</`. */
static int
is_ended(const unsigned char *bytes, const unsigned char *name, size_t unit)
{
	size_t most = (size_t)(name - bytes) / unit, n = 2;

	if (most >= n && before(name, 1, unit) == ':')
		while (n < most && n < PREFIX + 3 && before(name, n, unit) != '<')
			n++;
	return most >= n && before(name, n, unit) == '<' && before(name, n - 1, unit) == '/';
}

/* The declaration before the tag of this name, at once or after blanks; NULL: none, or no tag that begins. */
static const unsigned char *
declared_before(const unsigned char *bytes, const unsigned char *name, int *is_tag)
{
	const unsigned char *from = name - bytes > DECLARED ? name - DECLARED : bytes, *end = memrchr(from, '<', (size_t)(name - from)), *p;

	*is_tag = end != NULL && (end + 1 == name || name[-1] == ':') && strchr(" \t\r\n/>", name[NAME_LEN]) != NULL;
	if (!*is_tag)
		return NULL;
	while (end > from && is_blank(end[-1]))
		end--;
	if (end - from < 8 || end[-1] != '>' || end[-2] != '?')
		return NULL;
	p = memrchr(from, '<', (size_t)(end - from));
	return p != NULL && end - p > 7 && memcmp(p, "<?xml", 5) == 0 && is_blank(p[5]) ? p : NULL;
}

/* Follows comments and CDATA sections from one byte to the other: what is in them is no markup. */
static void
follow(struct split *s, const unsigned char *bytes, const unsigned char *p, const unsigned char *end)
{
	for (; p < end; p++) {
		if (s->hidden == '!') {		/* behind "<!" */
			s->hidden = *p == '-' ? '-' : *p == '[' ? ']' : '\0';
			continue;
		}
		if ((p = memchr(p, s->hidden == '\0' ? '!' : '>', (size_t)(end - p))) == NULL)
			return;
		if (s->hidden == '\0')
			s->hidden = p > bytes && p[-1] == '<' ? '!' : '\0';
		else if (p - bytes >= 2 && p[-1] == s->hidden && p[-2] == s->hidden)
			s->hidden = '\0';
	}
}

/*
 * The first place where the document may end: behind an end tag, or at the declaration of another one (*cut), of which what tells it lies in the bytes from one
 * offset to the other. NULL: none.
 */
static const unsigned char *
border_in(struct split *s, const unsigned char *bytes, size_t len, size_t from, size_t to, int *cut)
{
	const unsigned char *in = bytes, *end = bytes + len, *seen = bytes + from, *hit, *behind, *other;
	const struct width w = s->width;
	int is_tag;

	while ((hit = find_name(in, (size_t)(end - in), w.unit)) != NULL) {
		for (behind = hit + NAME_LEN * w.unit; behind < end && is_blank(*behind); behind += w.unit)
			;
		if (behind < end && *behind == '>' && is_ended(bytes, hit, w.unit)) {
			behind += w.unit - w.low;
			if (behind > bytes + from && behind <= bytes + to)
				return behind;
		}
		if (w.unit == 1 && hit + NAME_LEN >= bytes + from && hit + NAME_LEN < bytes + to) {
			other = declared_before(bytes, hit, &is_tag);
			if (other != NULL && s->begun) {
				follow(s, bytes, seen, hit);
				seen = hit > seen ? hit : seen;
				*cut = s->hidden == '\0';
				if (*cut)
					return other;
			}
			s->begun |= is_tag;
		}
		in = hit + 1;
	}
	if (w.unit == 1)
		follow(s, bytes, seen, bytes + to);
	return NULL;
}

/* The same of what was just read, where a tag may begin in the bytes before: how far behind those, which may be less than nothing. 0: none, or at once. */
static ptrdiff_t
border(struct split *s, const unsigned char *bytes, size_t len, int *cut)
{
	unsigned char seam[2 * sizeof(s->last)];
	const unsigned char *at;
	size_t n = len < sizeof(s->last) ? len : sizeof(s->last), own = 0;

	if (s->nlast > 0) {
		memcpy(seam, s->last, s->nlast);
		memcpy(seam + s->nlast, bytes, n);
		own = n < DECLARED + NAME_LEN ? n : DECLARED + NAME_LEN;
		at = border_in(s, seam, s->nlast + n, s->nlast, s->nlast + own, cut);
		if (at != NULL)
			return at - (seam + s->nlast);
	}
	at = border_in(s, bytes, len, own, len, cut);
	return at != NULL ? at - bytes : 0;
}

static void
keep_last(struct split *s, const unsigned char *bytes, size_t len)
{
	size_t room = sizeof(s->last), n = len < room ? len : room, kept = s->nlast + n > room ? room - n : s->nlast;

	memmove(s->last, s->last + s->nlast - kept, kept);
	memcpy(s->last + kept, bytes + len - n, n);
	s->nlast = kept + n;
}

/* Ends what was read so far; what is behind it is given back. */
static void
end_here(struct split *s, const unsigned char *bytes, size_t *got, ptrdiff_t end, enum outcome *r, const struct err *err)
{
	size_t kept = end > 0 ? (size_t)end : 0;

	if (*r != OK) {
		s->after = *r;
		s->err = *err;
		*r = OK;
	}
	if (kept < *got)
		unread(s, bytes + kept, *got - kept);
	*got = kept;
}

enum outcome
split_read(struct unpacker *u, unsigned char *bytes, size_t cap, size_t *got, struct err *err)
{
	struct split *s = &u->split;
	enum outcome r;
	size_t between = 0;
	ptrdiff_t end;
	int cut = 0;

	*got = 0;
	if (s->deciding > 0) {
		if (another_begins(u, &between)) {
			s->end = s->at + (int64_t)between;
			s->ended = 1;
			if (s->other)
				u->behind = (int64_t)u->blob.skip + s->end;
		}
		s->deciding = s->ended ? 0 : 2;
		cap = between > 0 && between < cap ? between : cap;
	}
	if (s->ended) {
		*got = s->at < s->end ? (size_t)(s->end - s->at) : 0;
		*got = *got < cap ? *got : cap;
		memcpy(bytes, s->ahead + s->from, *got);
		s->from += *got;
		s->at += (int64_t)*got;
		return OK;
	}
	/* What is given back must find room ahead. */
	r = stream_read(u, bytes, cap < IN ? cap : IN, got, err);
	if (*got == 0)
		return r;
	end = s->deciding > 0 ? 0 : border(s, bytes, *got, &cut);
	if (cut) {
		s->end = s->at + end;
		s->ended = 1;
		s->next = s->width;
	} else if (end > 0) {
		s->deciding = 1;
	}
	if (cut || end > 0)
		end_here(s, bytes, got, end, &r, err);
	keep_last(s, bytes, *got);
	s->at += (int64_t)*got;
	return r;
}

/* Reads and drops what lies before the document. */
static enum outcome
to_start(struct unpacker *u, struct err *err)
{
	struct split *s = &u->split;
	unsigned char bytes[IN];
	enum outcome r = OK;
	size_t got = 1, want;

	while (r == OK && s->at < s->start && got > 0) {
		want = s->start - s->at < IN ? (size_t)(s->start - s->at) : IN;
		r = blob_read(u, u->blob.layers, bytes, want, &got, err);
		s->at += (int64_t)got;
	}
	return r;
}

enum outcome
split_rewind(struct unpacker *u, struct err *err)
{
	struct split *s = &u->split;

	s->at = 0;
	s->ended = s->deciding = s->begun = s->hidden = 0;
	s->nlast = s->nahead = s->from = 0;
	s->after = OK;
	return blob_rewind(u, err) == OK ? to_start(u, err) : SKIP;
}

int
split_next(struct unpacker *u, struct err *err)
{
	struct split *s = &u->split;

	if (s->end == 0 || s->other)
		return 0;
	s->start = s->end;
	s->end = 0;
	s->number++;
	s->width = s->next;
	if (s->ended && s->at == s->start) {	/* it lies ahead */
		s->ended = s->begun = s->hidden = 0;
		s->nlast = 0;
		return 1;
	}
	return split_rewind(u, err) == OK;
}
