/* SPDX-License-Identifier: MIT */
/*
 * Reads an aggregate report (RFC 7489 appendix C, the draft before it, RFC 9990 appendix A, all at once) from its bytes: first try
 * strict; when that fails before </feedback>, a second one over a sanitised copy. What was read is judged whole, cut short or no report.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/digest.h"
#include "base/text.h"
#include "parse/parser.h"
#include "parse/sanitise.h"

enum {
	CHUNK = 32768,			/* bytes fed at once */
	HEAD_BYTES = 1024,		/* looked at for white space and a byte order mark */
	TAIL_BYTES = 256		/* looked at for the end tag of the root */
};

/* --- reading the bytes --- */

struct reading {
	struct parser *p;
	const struct bytes_in *in;
	EVP_MD_CTX *md;		/* NULL: not wanted */
	int utf8, wide;		/* 1: valid so far; bytes beyond ASCII were met */
	int pending;		/* continuation bytes still due */
	unsigned char least, most;	/* range of the next one */
	int64_t total;
	char head[HEAD_BYTES + 1];	/* first bytes */
	size_t nhead;
	char tail[TAIL_BYTES + 1];	/* last bytes */
	size_t ntail;
	enum outcome ended;	/* SKIP: damage (err), else OK */
	struct err err;
};

/* Follows UTF-8 through the bytes (RFC 3629 section 4). */
static void
check_utf8(struct reading *r, const unsigned char *s, size_t len)
{
	size_t i = 0;

	while (i < len && r->utf8) {
		unsigned char c = s[i];
		uint64_t w;

		if (r->pending == 0 && i + 8 <= len) {
			memcpy(&w, s + i, 8);
			if ((w & 0x8080808080808080u) == 0) {
				i += 8;
				continue;
			}
		}
		i++;
		if (r->pending > 0) {
			r->utf8 = c >= r->least && c <= r->most;
			r->pending--;
			r->least = 0x80;
			r->most = 0xbf;
		} else if (c >= 0x80) {
			r->wide = 1;
			r->pending = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
			r->least = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
			r->most = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
			r->utf8 = c >= 0xc2 && c <= 0xf4;
		}
	}
}

static void
keep_tail(struct reading *r, const char *bytes, size_t len)
{
	size_t take = len < TAIL_BYTES ? len : TAIL_BYTES, kept = r->ntail + take > TAIL_BYTES ? TAIL_BYTES - take : r->ntail;

	memmove(r->tail, r->tail + r->ntail - kept, kept);
	memcpy(r->tail + kept, bytes + len - take, take);
	r->ntail = kept + take;
}

/* Next bytes; 0 at the end or at damage. */
static size_t
next_bytes(struct reading *r, char *bytes, size_t cap)
{
	size_t got = 0;

	if (r->ended != OK)
		return 0;
	r->ended = r->in->read(r->in->ctx, bytes, cap, &got, &r->err);
	if (got == 0)
		return 0;
	if (r->md != NULL)
		EVP_DigestUpdate(r->md, bytes, got);
	if (r->nhead < HEAD_BYTES) {
		size_t n = HEAD_BYTES - r->nhead < got ? HEAD_BYTES - r->nhead : got;

		memcpy(r->head + r->nhead, bytes, n);
		r->nhead += n;
	}
	keep_tail(r, bytes, got);
	check_utf8(r, (const unsigned char *)bytes, got);
	r->total += (int64_t)got;
	return got;
}

/* White space (and a UTF-8 byte order mark) before the first `<` at the head of the bytes: how many bytes. */
static size_t
blank_head(const char *s, size_t len)
{
	size_t i = 0, bom;

	if (len >= 3 && memcmp(s, "\xef\xbb\xbf", 3) == 0)
		i = 3;
	bom = i;
	while (len - i >= 3 && memcmp(s + i, "\xef\xbb\xbf", 3) == 0)
		i += 3;
	while (i < len && s[i] != '\0' && strchr(" \t\r\n\v\f", s[i]) != NULL)
		i++;
	return i > bom && i < len && s[i] == '<' ? i : 0;
}

static void
strict_try(struct parser *p, struct reading *r)
{
	char bytes[CHUNK];
	size_t got, skip;
	int first = 1, use = 1;

	xml_begin(p, 0);
	while ((got = next_bytes(r, bytes, sizeof(bytes))) > 0) {
		skip = first ? blank_head(bytes, got) : 0;
		if (skip > 0)
			notes_add(&p->notes, NOTE_SPACE_BEFORE);
		first = 0;
		/* What the digest and the encoding check still want is read on, but no longer parsed. */
		if (use)
			use = xml_feed(p, bytes + skip, got - skip);
		else
			xml_feed_tail(p, bytes, got);
		if (p->stopped != OK && p->hopeless && r->md == NULL)
			break;
	}
	xml_end(p, 0);
}

/* The encoding an XML declaration names; 0: none. */
static int
declared_name(const char *head, char *name, size_t room)
{
	const char *e = text_find(head, "encoding=");
	size_t n = 0;

	if (e == NULL || e - head >= 200)
		return 0;
	e += 9 + (e[9] == '"' || e[9] == '\'');
	while (n + 1 < room && e[n] != '\0' && strchr("\"'?> \t\r\n", e[n]) == NULL) {
		name[n] = e[n];
		n++;
	}
	name[n] = '\0';
	return n > 0;
}

/* UTF-16 is known by its pattern, whatever it says of itself: a repair where it says something else. */
static void
check_utf16(struct parser *p, const struct reading *r)
{
	char ascii[HEAD_BYTES + 1], name[64];
	size_t i, n = 0;

	if (r->nhead < 4 || (memchr(r->head, '\0', 4) == NULL))
		return;
	for (i = 0; i < r->nhead; i++)
		if (r->head[i] != '\0')
			ascii[n++] = r->head[i];
	ascii[n] = '\0';
	if (!declared_name(ascii, name, sizeof(name)) || strncasecmp(name, "utf-16", 6) == 0 || strncasecmp(name, "utf16", 5) == 0)
		return;
	notes_add(&p->notes, NOTE_CHARSET);
	(void)snprintf(p->notes.charset, sizeof(p->notes.charset), "UTF-16");
}

/* The encoding for the second try: byte order mark, UTF-16 pattern, valid UTF-8, the declared name, windows-1252. */
static const char *
charset_of(const struct reading *r, char *declared, size_t room)
{
	const char *h = r->head;

	if (r->nhead >= 2 && (memcmp(h, "\xff\xfe", 2) == 0 || memcmp(h, "<\0", 2) == 0))
		return "UTF-16LE";
	if (r->nhead >= 2 && (memcmp(h, "\xfe\xff", 2) == 0 || memcmp(h, "\0<", 2) == 0))
		return "UTF-16BE";
	if (r->utf8 && r->pending == 0)
		return NULL;
	if (declared_name(h, declared, room)) {
		if (sanitiser_knows(declared) && !text_same(declared, "utf-8") && !text_same(declared, "utf8") && !text_same(declared, "us-ascii") &&
		    !text_same(declared, "ascii"))
			return declared;
	}
	return "windows-1252";
}

static void
sanitised_try(struct parser *p, struct reading *r, const char *charset)
{
	struct sanitiser *s;
	char bytes[CHUNK];
	size_t got;

	xml_begin(p, 1);
	s = sanitiser_new(charset, xml_feed, p);
	while ((got = next_bytes(r, bytes, sizeof(bytes))) > 0)
		if (!sanitiser_feed(s, bytes, got))
			break;
	(void)sanitiser_end(s);
	if (sanitiser_refused(s))
		xml_refuse(p);
	sanitiser_free(s);
	xml_end(p, 1);
}

/* --- the whole --- */

static void
check_head(struct parser *p)
{
	const struct feedback *f = &p->head;

	if (f->begin_at == NO_TIME || f->end_at == NO_TIME)
		notes_add(&p->notes, NOTE_BAD_DATES);
	else if (f->begin_at > f->end_at)
		notes_add(&p->notes, NOTE_DATES_ORDER);
	if ((f->begin_at != NO_TIME && (f->begin_at < 1262304000 || f->begin_at > 4102444800)) || f->end_at > 4102444800)
		notes_add(&p->notes, NOTE_DATES_RANGE);
	if (f->domain == NULL)
		notes_add(&p->notes, NOTE_NO_DOMAIN);
	if (p->number == 0)
		notes_add(&p->notes, NOTE_NO_RECORD);
}

/* The last records and the head, once the bytes are at their end. */
static void
finish(struct parser *p, const struct reading *r)
{
	if (p->stopped != OK || !p->is_report)
		return;
	check_head(p);
	check_utf16(p, r);
	p->may_hold_back = 0;		/* all of the head there is has come */
	record_hand_over(p);
	if (p->stopped == OK)
		head_tell(p);
}

/* 1: the last bytes hold the end tag of the root, or of its prefix's. */
static int
ends_whole(const struct reading *r)
{
	char tail[TAIL_BYTES + 1];
	const char *end, *tag;
	size_t i, n = 0;

	for (i = 0; i < r->ntail; i++)		/* UTF-16 without its zeros */
		if (r->tail[i] != '\0')
			tail[n++] = r->tail[i];
	tail[n] = '\0';
	for (end = tail; (end = text_find(end, "feedback>")) != NULL; end++)
		if ((tag = memrchr(tail, '<', (size_t)(end - tail))) != NULL && tag[1] == '/')
			return 1;
	return 0;
}

/*
 * Sound UTF-8 is no text in an encoding of single bytes, though each byte has its character there: letters beside letters would hardly make it. (Of code
 * pages of DOS they do.)
 */
static int
is_mislabelled(const struct reading *r)
{
	static const char *const families[] = { "iso-8859-", "iso8859-", "iso_8859-", "latin", "windows-125", "cp125", "koi8-" };
	char name[64];
	size_t i;

	if (!r->wide || !r->utf8 || r->pending > 0 || !declared_name(r->head, name, sizeof(name)))
		return 0;
	for (i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		if (strncasecmp(name, families[i], strlen(families[i])) == 0)
			return 1;
	return 0;
}

static int
needs_second(struct parser *p, const struct reading *r)
{
	if (p->stopped == OK && p->complete && r->ended == OK && is_mislabelled(r)) {
		(void)snprintf(p->xml_error, sizeof(p->xml_error), "UTF-8, which is not the encoding it declares");
		p->xml_line = 1;
		return 1;
	}
	if (p->stopped != OK || p->complete || r->ended != OK || (p->xml_error[0] == '\0' && !ends_whole(r)))
		return 0;
	/* Well-formed up to its end in the middle of an element: cut, which no second try mends. */
	if (p->is_report && xml_is_cut(p) && !ends_whole(r))
		return 0;
	if ((xml_is_cut(p) || p->xml_error[0] == '\0') && ends_whole(r))	/* libxml2 left out, and told nobody of, what its decoder could not read */
		(void)snprintf(p->xml_error, sizeof(p->xml_error), XML_BAD_BYTES);
	return 1;
}

static void
begin_reading(struct reading *r, struct parser *p, const struct bytes_in *in, EVP_MD_CTX *md)
{
	memset(r, 0, sizeof(*r));
	r->p = p;
	r->in = in;
	r->md = md;
	r->utf8 = 1;
}

static enum outcome
second_try(struct parser *p, struct reading *first, const struct sink *sink,
    enum outcome (*again)(void *ctx, struct err *err), struct parse_result *result, struct err *err)
{
	struct reading second;
	char declared[64] = "", why[256];
	const char *charset = charset_of(first, declared, sizeof(declared));
	enum outcome r;

	(void)snprintf(why, sizeof(why), "line %d: %.200s", p->xml_line, p->xml_error);
	if ((p->head_told || p->delivered > 0) && (r = again(sink->ctx, err)) != OK)
		return r;
	if ((r = first->in->rewind(first->in->ctx, err)) != OK)
		return r;
	memset(&p->notes, 0, sizeof(p->notes));
	notes_add(&p->notes, NOTE_RECOVERED);
	(void)snprintf(p->notes.recovered, sizeof(p->notes.recovered), "%s", why);
	if (charset != NULL && strncmp(charset, "UTF-16", 6) != 0) {
		notes_add(&p->notes, NOTE_CHARSET);
		(void)snprintf(p->notes.charset, sizeof(p->notes.charset), "%s", charset);
	}
	begin_reading(&second, p, first->in, NULL);
	sanitised_try(p, &second, charset);
	result->recovered = 1;
	return OK;
}

/*
 * A thousand records and more stood before policy_published or report_metadata. They cannot be judged without these, nor all be kept: now that the head is
 * known, all is read once more.
 */
static enum outcome
once_more(struct parser *p, struct reading *first, int recovered, struct feedback *known, struct err *err)
{
	struct notes before = p->notes;
	struct reading again;
	char declared[64] = "";
	enum outcome r;

	head_settle(p);
	*known = p->head;
	p->known = known;
	p->may_hold_back = 0;
	p->head_text = arena_new();
	if ((r = first->in->rewind(first->in->ctx, err)) != OK)
		return r;
	memset(&p->notes, 0, sizeof(p->notes));
	p->notes.counts[NOTE_RECOVERED] = before.counts[NOTE_RECOVERED];
	p->notes.counts[NOTE_CHARSET] = before.counts[NOTE_CHARSET];
	memcpy(p->notes.recovered, before.recovered, sizeof(before.recovered));
	memcpy(p->notes.charset, before.charset, sizeof(before.charset));
	begin_reading(&again, p, first->in, NULL);
	if (recovered)
		sanitised_try(p, &again, charset_of(first, declared, sizeof(declared)));
	else
		strict_try(p, &again);
	return OK;
}

/* The reason without the origin in front. */
static const char *
bare(const char *text, const char *origin)
{
	size_t len = strlen(origin);

	return strncmp(text, origin, len) == 0 && strncmp(text + len, ": ", 2) == 0 ? text + len + 2 : text;
}

static enum outcome
conclude(struct parser *p, const struct reading *r, struct parse_result *result, struct err *err)
{
	const char *origin = r->in->origin;

	if (p->stopped == STOP) {
		*err = p->err;
		return STOP;
	}
	if (r->ended != OK && r->err.retry) {
		*err = r->err;
		return SKIP;
	}
	if (p->stopped == SKIP)
		return err_skip(err, "%s: %s", origin, p->err.text);
	if (!p->is_report && r->ended != OK)		/* what it was nobody knows */
		return err_skip(err, "%s", r->err.text);
	if (!p->is_report)
		return err_skip(err, p->xml_error[0] != '\0' ? "%s: no aggregate report: XML without <feedback>, and not well-formed" :
		    "%s: XML, but no aggregate report: there is no <feedback> in it", origin);
	if (p->complete) {
		if (r->ended != OK)
			notes_add(&p->notes, NOTE_READ);
		else if (p->xml_error[0] != '\0' && !result->recovered && p->notes.counts[NOTE_TEXT_BEFORE] == 0)
			notes_add(&p->notes, NOTE_TEXT_AFTER);
		(void)snprintf(p->notes.read, sizeof(p->notes.read), "%.250s", bare(r->err.text, origin));
		if (p->metadata_seen == 0 && p->policy_seen == 0)
			return err_skip(err, "%s: <feedback> without report_metadata and policy_published", origin);
		return OK;
	}
	result->cut_short = 1;
	if (r->ended != OK)
		return err_skip(err, "%s", r->err.text);
	return err_skip(err, "%s: cut short: it ends before </feedback>, after %lld record%s", origin, (long long)p->delivered, p->delivered == 1 ? "" : "s");
}

enum outcome
feedback_parse(struct parser *p, const struct bytes_in *in, const struct sink *sink,
    enum outcome (*again)(void *ctx, struct err *err), struct parse_result *result, int *is_report, struct err *err)
{
	struct arena *head_text = NULL;
	struct feedback known;
	struct reading reading;
	enum outcome r = OK;

	p->known = NULL;
	p->may_hold_back = again != NULL;
	memset(result, 0, sizeof(*result));
	memset(&p->notes, 0, sizeof(p->notes));
	p->sink = sink;
	p->err.text[0] = '\0';
	p->err.retry = 0;
	EVP_DigestInit_ex(p->md, digest_sha256(), NULL);
	begin_reading(&reading, p, in, p->md);
	strict_try(p, &reading);
	EVP_DigestFinal_ex(p->md, result->sha256, NULL);
	if (again != NULL && needs_second(p, &reading))
		r = second_try(p, &reading, sink, again, result, err);
	if (r == OK && p->held_back && p->stopped == OK && reading.ended == OK) {
		head_text = p->head_text;
		r = once_more(p, &reading, result->recovered, &known, err);
	}
	*is_report = p->is_report || p->refused || reading.ended != OK;
	if (r == OK) {
		finish(p, &reading);
		r = conclude(p, &reading, result, err);
		result->records = p->delivered;
		result->messages = p->messages;
		notes_tell(&p->notes, result->notes, sizeof(result->notes));
	}
	p->known = NULL;
	arena_free(head_text);
	return r;
}
