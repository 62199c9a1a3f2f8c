/* SPDX-License-Identifier: MIT */
/* See sanitise.h. Bytes are brought to UTF-8 by iconv, then go through a small machine that knows text, tags and
 * the things that are dropped. A tag is held until its `>`, at most TAG_MAX bytes; what is longer is text. */
#include "parse/sanitise.h"

#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "parse/parser.h"

enum { TAG_MAX = 8192, DEPTH_MAX = 64, NAME_MAX_LEN = 64, OUT_MAX = 32768 };

enum state { TEXT, TAG, COMMENT, CDATA, INSTRUCTION };

struct sanitiser {
	int (*put)(void *ctx, const char *bytes, size_t len);
	void *ctx;
	iconv_t cd;
	int converts;
	size_t unit;		/* bytes of the smallest piece of a character */
	char carry[16];		/* bytes of a character cut by the end of the input */
	size_t ncarry;
	char mark[3];		/* bytes that may be one XML does not want */
	size_t nmark;
	enum state state;
	struct buf held;	/* a tag, entity or dropped thing so far */
	struct buf out;
	char names[DEPTH_MAX][NAME_MAX_LEN];	/* open elements */
	enum element means[DEPTH_MAX];		/* what they are */
	int depth, started, refused, stopped;
};

int
sanitiser_knows(const char *charset)
{
	iconv_t cd = *charset != '\0' ? iconv_open("UTF-8", charset) : (iconv_t)-1;
	char tag[] = "<feedback>", utf8[64], *in = tag, *out = utf8;
	size_t left = sizeof(tag) - 1, room = sizeof(utf8);
	int same;

	if (cd == (iconv_t)-1)
		return 0;
	same = iconv(cd, &in, &left, &out, &room) == 0 && out - utf8 == (ptrdiff_t)sizeof(tag) - 1 && memcmp(tag, utf8, sizeof(tag) - 1) == 0;
	iconv_close(cd);
	return same;
}

struct sanitiser *
sanitiser_new(const char *charset, int (*out)(void *ctx, const char *bytes, size_t len), void *ctx)
{
	struct sanitiser *s = mem_alloc(sizeof(*s));

	s->put = out;
	s->ctx = ctx;
	s->converts = charset != NULL;
	s->unit = charset != NULL && strncmp(charset, "UTF-16", 6) == 0 ? 2 : 1;
	if (s->converts) {
		s->cd = iconv_open("UTF-8", charset);
		if (s->cd == (iconv_t)-1)
			s->cd = iconv_open("UTF-8", "WINDOWS-1252");
	}
	buf_init(&s->held, TAG_MAX);
	buf_init(&s->out, (size_t)1 << 20);
	return s;
}

void
sanitiser_free(struct sanitiser *s)
{
	if (s == NULL)
		return;
	if (s->converts)
		iconv_close(s->cd);
	buf_free(&s->held);
	buf_free(&s->out);
	free(s);
}

int
sanitiser_refused(const struct sanitiser *s)
{
	return s->refused;
}

static void
flush(struct sanitiser *s)
{
	if (s->out.len > 0 && !s->stopped && !s->put(s->ctx, s->out.at, s->out.len))
		s->stopped = 1;
	buf_reset(&s->out);
}

static void
write_out(struct sanitiser *s, const char *bytes, size_t len)
{
	buf_add(&s->out, bytes, len);
	if (s->out.len >= OUT_MAX)
		flush(s);
}

static void
write_str(struct sanitiser *s, const char *text)
{
	write_out(s, text, strlen(text));
}

/* One byte of character data. Outside any element nothing is written. */
static void
text_byte(struct sanitiser *s, char c)
{
	if (s->depth == 0)
		return;
	if (c == '<')
		write_str(s, "&lt;");
	else if (c == '&')
		write_str(s, "&amp;");
	else if (c == '>')
		write_str(s, "&gt;");
	else
		write_out(s, &c, 1);
}

static void
text_bytes(struct sanitiser *s, const char *bytes, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		text_byte(s, bytes[i]);
}

static int
is_name_byte(char c, int first)
{
	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':')
		return 1;
	return !first && ((c >= '0' && c <= '9') || c == '-' || c == '.');
}

/* The local name at s: its length, 0 where it is none or followed by what cannot follow a name. */
static size_t
name_at(const char *p, const char **name)
{
	size_t n = 0;
	const char *colon;

	while (is_name_byte(p[n], n == 0))
		n++;
	if (n == 0 || n >= NAME_MAX_LEN || strchr(" \t\r\n/>", p[n]) == NULL)
		return 0;
	colon = memchr(p, ':', n);
	*name = colon != NULL ? colon + 1 : p;
	n -= (size_t)(*name - p);
	/* What is left without a prefix is a name, too: "fe80:0:0" is none. */
	return n > 0 && is_name_byte(**name, 1) && memchr(*name, ':', n) == NULL ? n : 0;
}

static void
write_tag(struct sanitiser *s, const char *open, const char *name)
{
	write_str(s, open);
	write_str(s, name);
	write_str(s, ">");
}

/* Where the blocks of a report belong: one that opens elsewhere shows that an end tag is missing before it. */
static void
close_before_block(struct sanitiser *s, const char *name, size_t len)
{
	static const struct { const char *block, *parent; } blocks[] = {
		{ "record", "feedback" }, { "report_metadata", "feedback" }, { "policy_published", "feedback" },
		{ "row", "record" }, { "identifiers", "record" }, { "auth_results", "record" },
	};
	size_t i;
	int d;

	for (i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++)
		if (strlen(blocks[i].block) == len && strncasecmp(blocks[i].block, name, len) == 0)
			break;
	if (i == sizeof(blocks) / sizeof(blocks[0]))
		return;
	for (d = s->depth - 1; d >= 0 && strcasecmp(s->names[d], blocks[i].parent) != 0; d--)
		;
	while (d >= 0 && s->depth > d + 1)
		write_tag(s, "</", s->names[--s->depth]);
}

/*
 * An element that does not belong where it opens, but in one that is open further out, shows that end tags are missing: a field holds none, a
 * result not a second one. Within something unknown anything may stand.
 */
static void
close_before_child(struct sanitiser *s, const char *name)
{
	int d = s->depth - 1;

	if (d < 0 || s->means[d] == E_UNKNOWN || s->means[d] == E_NONE || element_child(s->means[d], name) != E_UNKNOWN)
		return;
	while (d >= 0 && element_child(s->means[d], name) == E_UNKNOWN)
		d--;
	while (d >= 0 && s->depth > d + 1)
		write_tag(s, "</", s->names[--s->depth]);
}

static enum element
meaning(const struct sanitiser *s, const char *name)
{
	enum element parent = s->depth > 0 ? s->means[s->depth - 1] : E_NONE;

	if (parent == E_NONE)
		return strcasecmp(name, "feedback") == 0 ? E_FEEDBACK : E_NONE;
	return element_child(parent, name);
}

static void
open_element(struct sanitiser *s, const char *name, size_t len, int empty)
{
	char kept[NAME_MAX_LEN];

	memcpy(kept, name, len);
	kept[len] = '\0';
	close_before_block(s, name, len);
	close_before_child(s, kept);
	if (s->depth == DEPTH_MAX)
		return;
	memcpy(s->names[s->depth], kept, len + 1);
	s->means[s->depth] = meaning(s, kept);
	write_tag(s, "<", kept);
	if (empty)
		write_tag(s, "</", kept);
	else
		s->depth++;
}

/* An end tag closes what is open inside its element; one that fits nothing is dropped. */
static void
close_element(struct sanitiser *s, const char *name, size_t len)
{
	int i;

	for (i = s->depth - 1; i >= 0; i--)
		if (strlen(s->names[i]) == len && strncasecmp(s->names[i], name, len) == 0)
			break;
	if (i < 0)
		return;
	while (s->depth > i)
		write_tag(s, "</", s->names[--s->depth]);
}

/* A whole `<...>`; what is no tag after all is text. */
static void
tag(struct sanitiser *s)
{
	const char *t = s->held.at, *name;
	size_t len;

	if (t[1] == '/' && (len = name_at(t + 2, &name)) > 0)
		close_element(s, name, len);
	else if ((len = name_at(t + 1, &name)) > 0)
		open_element(s, name, len, t[s->held.len - 2] == '/');
	else
		text_bytes(s, t, s->held.len);
}

/* The character a numeric reference "&#233" or "&#xE9" stands for; -1 where it is none. */
static int64_t
reference(const char *e, size_t len)
{
	int64_t n = 0;
	size_t i;

	if (len < 3 || e[1] != '#')
		return -1;
	if (e[2] != 'x')	/* XML knows no X */
		return text_int64(e + 2, len - 2, &n) ? n : -1;
	for (i = 3; i < len && i < 11; i++) {
		static const char digits[] = "0123456789abcdef";
		const char *d = strchr(digits, e[i] >= 'A' && e[i] <= 'F' ? e[i] + 32 : e[i]);

		if (d == NULL || *d == '\0')
			return -1;
		n = n * 16 + (d - digits);
	}
	return i == len && len > 3 ? n : -1;
}

/* The five entities XML has, and references to characters it allows (XML 1.0, 2.2). */
static int
is_entity(const char *e, size_t len)
{
	static const char *const known[] = { "&amp", "&lt", "&gt", "&quot", "&apos" };
	size_t i;
	int64_t n;

	for (i = 0; i < 5; i++)
		if (strlen(known[i]) == len && strncmp(known[i], e, len) == 0)
			return 1;
	n = reference(e, len);
	return (n >= 32 && n < 0xd800) || (n >= 0xe000 && n < 0xfffe) || (n >= 0x10000 && n <= 0x10ffff);
}

/* Pages have more; of theirs one is seen in reports. */
static int
is_no_break_space(const char *e, size_t len)
{
	return len == 5 && memcmp(e, "&nbsp", 5) == 0;
}

/* What is held cannot become markup any more. */
static void
give_up(struct sanitiser *s)
{
	struct buf held = s->held;
	size_t i;

	buf_init(&s->held, TAG_MAX);
	s->state = TEXT;
	text_byte(s, held.at[0]);
	for (i = 1; i < held.len; i++)
		text_byte(s, held.at[i]);
	buf_free(&held);
}

static int
ends_with(const struct buf *b, const char *end)
{
	size_t n = strlen(end);

	return b->len >= n && memcmp(b->at + b->len - n, end, n) == 0;
}

/* Inside `<`: which kind of thing is it? */
static void
in_tag(struct sanitiser *s, char c)
{
	if (c == '<') {		/* the one before was text */
		give_up(s);
		s->state = TAG;
		buf_reset(&s->held);
		buf_add(&s->held, &c, 1);
		return;
	}
	if (!buf_add(&s->held, &c, 1)) {
		give_up(s);
		return;
	}
	if (strcmp(s->held.at, "<!--") == 0) {
		s->state = COMMENT;
		buf_reset(&s->held);	/* <!--> ends none */
	} else if (strcmp(s->held.at, "<![CDATA[") == 0) {
		s->state = CDATA;
		buf_reset(&s->held);
	} else if (strcmp(s->held.at, "<?") == 0) {
		s->state = INSTRUCTION;
	} else if (c == '[' && s->held.len > 9 && strncasecmp(s->held.at, "<!DOCTYPE", 9) == 0) {
		s->refused = s->stopped = 1;
	} else if (c == '>') {
		if (s->held.at[1] != '!')
			tag(s);
		buf_reset(&s->held);
		s->state = TEXT;
	}
}

/* Comments and instructions are dropped; only their last bytes are needed to see their end. */
static void
in_dropped(struct sanitiser *s, char c, const char *end)
{
	if (s->held.len > 16) {
		memmove(s->held.at, s->held.at + s->held.len - 4, 4);
		s->held.len = 4;
	}
	buf_add(&s->held, &c, 1);
	if (ends_with(&s->held, end)) {
		buf_reset(&s->held);
		s->state = TEXT;
	}
}

static void
in_cdata(struct sanitiser *s, char c)
{
	buf_add(&s->held, &c, 1);
	if (ends_with(&s->held, "]]>")) {
		text_bytes(s, s->held.at, s->held.len - 3);
		buf_reset(&s->held);
		s->state = TEXT;
	} else if (s->held.len > 3) {
		text_bytes(s, s->held.at, s->held.len - 3);
		memmove(s->held.at, s->held.at + s->held.len - 3, 3);
		s->held.len = 3;
	}
}

/* Text, with an entity perhaps under way in held. */
static void
in_text(struct sanitiser *s, char c)
{
	if (s->held.len > 0) {
		if (c == ';' && is_entity(s->held.at, s->held.len)) {
			if (s->depth > 0) {
				write_out(s, s->held.at, s->held.len);
				write_str(s, ";");
			}
			buf_reset(&s->held);
			return;
		}
		if (c == ';' && is_no_break_space(s->held.at, s->held.len)) {
			buf_reset(&s->held);
			text_bytes(s, "\xc2\xa0", 2);
			return;
		}
		if (s->held.len < 12 && (is_name_byte(c, 0) || c == '#')) {
			buf_add(&s->held, &c, 1);
			return;
		}
		give_up(s);
	}
	if (c == '<')
		s->state = TAG;
	if (c == '<' || c == '&')
		buf_add(&s->held, &c, 1);
	else
		text_byte(s, c);
}

static void
clean_byte(struct sanitiser *s, char c)
{
	unsigned char u = (unsigned char)c;

	if ((u < 0x20 && c != '\t' && c != '\n' && c != '\r') || u == 0x7f)
		return;
	switch (s->state) {
	case TEXT:
		in_text(s, c);
		break;
	case TAG:
		in_tag(s, c);
		break;
	case COMMENT:
		in_dropped(s, c, "-->");
		break;
	case INSTRUCTION:
		in_dropped(s, c, ">");
		break;
	case CDATA:
		in_cdata(s, c);
		break;
	}
}

/* Whether the bytes held back may begin one of the three that XML does not want: U+FFFE, U+FFFF, a byte order mark. */
static int
may_be_mark(const struct sanitiser *s)
{
	return memcmp(s->mark, "\xef\xbf\xbe", s->nmark) == 0 || memcmp(s->mark, "\xef\xbf\xbf", s->nmark) == 0 || memcmp(s->mark, "\xef\xbb\xbf", s->nmark) == 0;
}

/* Lets go of the first byte that was held back. */
static void
no_mark(struct sanitiser *s)
{
	char c = s->mark[0];

	memmove(s->mark, s->mark + 1, --s->nmark);
	clean_byte(s, c);
}

static void
clean(struct sanitiser *s, const char *bytes, size_t len)
{
	size_t i;

	for (i = 0; i < len && !s->stopped; i++) {
		s->mark[s->nmark++] = bytes[i];
		while (s->nmark > 0 && !may_be_mark(s))
			no_mark(s);
		if (s->nmark == sizeof(s->mark))
			s->nmark = 0;
	}
}

/* Through iconv; what it refuses becomes a question mark. */
static void
convert(struct sanitiser *s, const char *bytes, size_t len)
{
	char in[4096 + sizeof(s->carry)], out[16384], *from, *to;
	size_t left, room, take;

	while (len > 0 && !s->stopped) {
		take = len < 4096 ? len : 4096;
		memcpy(in, s->carry, s->ncarry);
		memcpy(in + s->ncarry, bytes, take);
		left = s->ncarry + take;
		s->ncarry = 0;
		bytes += take;
		len -= take;
		for (from = in; left > 0;) {
			size_t r;
			int why;

			to = out;
			room = sizeof(out);
			r = iconv(s->cd, &from, &left, &to, &room);
			why = errno;
			clean(s, out, sizeof(out) - room);
			if (r == (size_t)-1 && why == EINVAL && left < sizeof(s->carry)) {
				memcpy(s->carry, from, left);
				s->ncarry = left;
				break;
			}
			if (r == (size_t)-1 && why != E2BIG && left > 0) {
				size_t unit = left < s->unit ? left : s->unit;

				clean(s, "?", 1);
				from += unit;
				left -= unit;
			}
		}
	}
}

int
sanitiser_feed(struct sanitiser *s, const char *bytes, size_t len)
{
	if (s->converts)
		convert(s, bytes, len);
	else
		clean(s, bytes, len);
	return !s->stopped;
}

int
sanitiser_end(struct sanitiser *s)
{
	while (s->nmark > 0)
		no_mark(s);
	if (s->state == TEXT && s->held.len > 0)
		give_up(s);
	flush(s);
	return !s->stopped;
}
