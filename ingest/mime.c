/* SPDX-License-Identifier: MIT */
/*
 * Mail by GMime: its bytes to decoded leaves, the few header fields we want, and what kind of mail it
 * is. What is encoded without being declared is encoded.c's.
 */
#include <gmime/gmime.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "ingest/private.h"

enum { HEADER_MOST = 1 << 20, HEADERS_MOST = 4 << 20, BOUNDARY_LINES = 10000, PARTS_MAX = 1000, DEPTH_MAX = 10, BAD_LINES = 100, LOOK = 8192 };

static pthread_once_t once = PTHREAD_ONCE_INIT;

/* Whether a line has these letters in any case. */
static int
has_word(const unsigned char *line, const unsigned char *end, const char *word)
{
	size_t n = strlen(word);

	for (; (size_t)(end - line) >= n; line++)
		if (strncasecmp((const char *)line, word, n) == 0)
			return 1;
	return 0;
}

/*
 * What would cost time and memory out of proportion: GMime counts nested multiparts by lines that begin with `--`, and keeps forty times what headers
 * hold. A header ends with an empty line, whatever its lines are; it begins behind a boundary, or, of a mail within, behind the header of its part
 * (RFC 2046 section 5.1.5: all parts of a digest are mails).
 */
static enum outcome
look_for_excess(const unsigned char *bytes, size_t len, struct err *err)
{
	const unsigned char *p = bytes, *end = bytes + len, *next;
	int lines = 0, in_header = 1, holds_mail = 0, digest = 0;
	size_t headers = 0;

	for (; p < end; p = next) {
		const unsigned char *lf = memchr(p, '\n', (size_t)(end - p));

		next = lf != NULL ? lf + 1 : end;
		if (end - p > 2 && p[0] == '-' && p[1] == '-') {
			if (++lines > BOUNDARY_LINES)
				return err_skip(err, "more than %d lines that begin with --: refused", BOUNDARY_LINES);
			in_header = 1;
			holds_mail = 0;
		} else if (lf == p || (lf == p + 1 && *p == '\r')) {
			in_header = in_header && (holds_mail || digest);
			holds_mail = 0;
		} else if (in_header) {
			headers += (size_t)(next - p);
			holds_mail |= has_word(p, next, "message/");
			digest |= has_word(p, next, "/digest");
			if (headers > HEADERS_MOST)
				return err_skip(err, "more than %d KiB of headers: refused", HEADERS_MOST >> 10);
		}
	}
	return OK;
}

/* The header of the mail itself. */
static size_t
header_bytes(const unsigned char *bytes, size_t len)
{
	const unsigned char *lf = memmem(bytes, len, "\n\n", 2), *crlf = memmem(bytes, lf != NULL ? (size_t)(lf - bytes) : len, "\n\r\n", 3);

	return crlf != NULL ? (size_t)(crlf - bytes) : lf != NULL ? (size_t)(lf - bytes) : len;
}

enum outcome
mime_start(const unsigned char *bytes, size_t len, struct err *err)
{
	if (header_bytes(bytes, len) > HEADER_MOST)
		return err_skip(err, "a header of more than %d KiB: refused", HEADER_MOST >> 10);
	if (look_for_excess(bytes, len, err) != OK)
		return SKIP;
	pthread_once(&once, g_mime_init);
	return OK;
}

/* What GMime decodes wrongly is decoded once more: NULL: it is sound. */
static unsigned char *
decoded_again(GMimeDataWrapper *content, size_t *len)
{
	GMimeContentEncoding how = g_mime_data_wrapper_get_encoding(content);
	GMimeStream *stream = g_mime_data_wrapper_get_stream(content);
	GByteArray *text;

	if ((how != GMIME_CONTENT_ENCODING_BASE64 && how != GMIME_CONTENT_ENCODING_UUENCODE) || !GMIME_IS_STREAM_MEM(stream))
		return NULL;
	text = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
	return text != NULL && text->len > 0 ? encoded_again(text->data, text->len, how == GMIME_CONTENT_ENCODING_UUENCODE, len) : NULL;
}

static void
add_part(struct mail *m, GMimePart *part)
{
	GMimeContentType *type = g_mime_object_get_content_type(GMIME_OBJECT(part));
	GMimeDataWrapper *content = g_mime_part_get_content(part);
	const char *name = g_mime_part_get_filename(part);
	GMimeStream *stream;
	GByteArray *bytes;
	struct part *p;
	char *mime;

	if (content == NULL || m->count >= PARTS_MAX)
		return;
	bytes = g_byte_array_new();
	stream = g_mime_stream_mem_new_with_byte_array(bytes);
	g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), FALSE);
	(void)g_mime_data_wrapper_write_to_stream(content, stream);
	g_object_unref(stream);
	m->parts = mem_grow(m->parts, m->count + 1, sizeof(*m->parts));
	p = &m->parts[m->count++];
	memset(p, 0, sizeof(*p));
	p->len = bytes->len;
	p->bytes = decoded_again(content, &p->len);
	if (p->bytes == NULL)
		p->bytes = (unsigned char *)mem_strn(bytes->len > 0 ? (const char *)bytes->data : "", bytes->len);
	else
		p->mended = p->len != bytes->len || (p->len > 0 && memcmp(p->bytes, bytes->data, p->len) != 0);
	g_byte_array_free(bytes, TRUE);
	p->name = mem_str(name);
	mime = type != NULL ? g_mime_content_type_get_mime_type(type) : NULL;
	p->type = mem_str(mime != NULL ? mime : "");
	text_lower(p->type);
	g_free(mime);
	p->number = (int)m->count;
}

/* OpenPGP (RFC 3156) or S/MIME (RFC 8551); what is signed only can be read. */
static int
is_encrypted(GMimeContentType *type)
{
	const char *what = g_mime_content_type_get_parameter(type, "smime-type");

	if (g_mime_content_type_is_type(type, "multipart", "encrypted"))
		return 1;
	return (g_mime_content_type_is_type(type, "application", "pkcs7-mime") || g_mime_content_type_is_type(type, "application", "x-pkcs7-mime")) &&
	    what != NULL && text_find(what, "enveloped") != NULL;
}

/* What a multipart/report says it is (RFC 6522), whatever the types of its parts. */
static enum mail_kind
kind_of_report(GMimeContentType *type)
{
	static const struct { const char *word; enum mail_kind kind; } kinds[] = {
		{ "feedback-report", MAIL_FAILURE }, { "delivery-status", MAIL_BOUNCE }, { "tlsrpt", MAIL_TLS_REPORT }
	};
	const char *what = g_mime_content_type_is_type(type, "multipart", "report") ? g_mime_content_type_get_parameter(type, "report-type") : NULL;
	size_t i;

	for (i = 0; what != NULL && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (text_same(what, kinds[i].word))
			return kinds[i].kind;
	return MAIL_PLAIN;
}

static void
note_kind(struct mail *m, GMimeObject *o)
{
	GMimeContentType *type = g_mime_object_get_content_type(o);

	if (type == NULL)
		return;
	if (g_mime_content_type_is_type(type, "message", "feedback-report"))
		m->kind = MAIL_FAILURE;
	else if (g_mime_content_type_is_type(type, "application", "tlsrpt+*") ||
	    g_mime_content_type_is_type(type, "application", "tlsrpt+gzip") ||
	    g_mime_content_type_is_type(type, "application", "tlsrpt+json"))
		m->kind = MAIL_TLS_REPORT;
	else if (m->kind == MAIL_PLAIN && (g_mime_content_type_is_type(type, "message", "delivery-status") ||
	    g_mime_content_type_is_type(type, "message", "global-delivery-status")))
		m->kind = MAIL_BOUNCE;
	else if (m->kind == MAIL_PLAIN && is_encrypted(type))
		m->kind = MAIL_ENCRYPTED;
	else if (m->kind == MAIL_PLAIN)
		m->kind = kind_of_report(type);
}

static void
walk(struct mail *m, GMimeObject *o, int depth)
{
	GMimeMessage *inner;
	int i, n;

	if (o == NULL || depth > DEPTH_MAX)
		return;
	note_kind(m, o);
	if (GMIME_IS_MULTIPART(o)) {
		n = g_mime_multipart_get_count(GMIME_MULTIPART(o));
		for (i = 0; i < n && m->count < PARTS_MAX; i++)
			walk(m, g_mime_multipart_get_part(GMIME_MULTIPART(o), i), depth + 1);
	} else if (GMIME_IS_MESSAGE_PART(o)) {
		inner = g_mime_message_part_get_message(GMIME_MESSAGE_PART(o));
		if (inner != NULL)
			walk(m, g_mime_message_get_mime_part(inner), depth + 1);
	} else if (GMIME_IS_PART(o)) {
		add_part(m, GMIME_PART(o));
	}
}

static char *
from_domain(GMimeMessage *message)
{
	InternetAddressList *list = g_mime_message_get_from(message);
	InternetAddress *first = list != NULL && internet_address_list_length(list) > 0 ? internet_address_list_get_address(list, 0) : NULL;
	const char *address, *at;
	char *domain;

	if (first == NULL || !INTERNET_ADDRESS_IS_MAILBOX(first))
		return NULL;
	address = internet_address_mailbox_get_idn_addr(INTERNET_ADDRESS_MAILBOX(first));
	if (address == NULL || (at = strrchr(address, '@')) == NULL || at[1] == '\0')
		return NULL;
	domain = mem_strn(at + 1, strnlen(at + 1, 253));
	text_lower(domain);
	return domain;
}

static int
is_from_daemon(GMimeMessage *message)
{
	InternetAddressList *list = g_mime_message_get_from(message);
	InternetAddress *first = list != NULL && internet_address_list_length(list) > 0 ? internet_address_list_get_address(list, 0) : NULL;
	const char *address = first != NULL && INTERNET_ADDRESS_IS_MAILBOX(first) ? internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(first)) : NULL;

	return address != NULL && strncasecmp(address, "mailer-daemon", 13) == 0 && (address[13] == '@' || address[13] == '\0');
}

/* Sent with no address to come back to, as vacation mail is, too, and with such a subject. */
static int
is_returned(GMimeMessage *message, const char *subject)
{
	static const char *const words[] = {
		"delivery status notification", "undeliver", "delivery fail", "failure notice", "returned mail", "returned to sender", "could not be delivered"
	};
	const char *path = g_mime_object_get_header(GMIME_OBJECT(message), "Return-Path");
	size_t i;

	for (i = 0; path != NULL && subject != NULL && text_same(path, "<>") && i < sizeof(words) / sizeof(words[0]); i++)
		if (text_find(subject, words[i]) != NULL)
			return 1;
	return 0;
}

/* What Exim's failure reports say, which are plain text. */
static int
tells_failure(const struct mail *m)
{
	static const char says[] = "has failed the published DMARC policy for your domain";
	size_t i;

	for (i = 0; i < m->count; i++)
		if (strncmp(m->parts[i].type, "text/", 5) == 0)
			return memmem(m->parts[i].bytes, m->parts[i].len < LOOK ? m->parts[i].len : LOOK, says, sizeof(says) - 1) != NULL;
	return 0;
}

/* Of a mail whose parts do not say what it is for. */
static enum mail_kind
kind_by_words(GMimeMessage *message, const struct mail *m)
{
	if (is_from_daemon(message) || g_mime_object_get_header(GMIME_OBJECT(message), "X-Failed-Recipients") != NULL || is_returned(message, m->subject))
		return MAIL_BOUNCE;
	return tells_failure(m) ? MAIL_FAILURE : MAIL_PLAIN;
}

/* Only fields above the Received of the server that took the mail from another are its own; a forger can write those below. */
static char *
trusted_result(GMimeMessage *message, const char *id, const char *from)
{
	GMimeHeaderList *list = g_mime_object_get_header_list(GMIME_OBJECT(message));
	int i, n = g_mime_header_list_get_count(list);
	char *result = NULL;

	for (i = 0; id != NULL && i < n && result == NULL; i++) {
		GMimeHeader *h = g_mime_header_list_get_header_at(list, i);
		const char *name = g_mime_header_get_name(h), *value = g_mime_header_get_raw_value(h);	/* decoded, a word of the sender's could end a quoted string */

		if (text_same(name, "Received") && (value == NULL || !is_local_hop(value)))
			break;
		if (text_same(name, "Authentication-Results") && value != NULL)
			result = dmarc_result(value, id, from);
	}
	if (result == NULL)
		return mem_str("unknown");
	text_lower(result);
	return result;
}

/* Whether a line of a header may stand there: a field, the rest of one, or an mbox's From_ line. */
static int
is_header_line(const unsigned char *line, size_t len, int first)
{
	size_t i = 0;

	if (first ? len > 5 && memcmp(line, "From ", 5) == 0 : line[0] == ' ' || line[0] == '\t')
		return 1;
	while (i < len && line[i] > ' ' && line[i] < 127 && line[i] != ':')
		i++;
	return i > 0 && i < len && line[i] == ':';
}

/*
 * The mail without the lines in its header that are none (and the empty ones before it), at which GMime would take the header
 * for ended: NULL where there are none. Caller frees.
 */
static unsigned char *
without_bad_lines(const unsigned char *bytes, size_t len, size_t *left)
{
	const unsigned char *p = bytes, *end = bytes + len, *eol;
	struct buf good;
	int bad = 0, any = 0;

	buf_init(&good, len);
	for (; p < end; p = eol) {
		size_t n;

		eol = memchr(p, '\n', (size_t)(end - p));
		eol = eol != NULL ? eol + 1 : end;
		n = (size_t)(eol - p);
		if (any && (n == 1 || (n == 2 && p[0] == '\r')))
			break;
		if (is_header_line(p, n, !any)) {
			any = 1;
			buf_add(&good, p, n);
		} else if (++bad > BAD_LINES) {
			break;
		}
	}
	if (bad == 0 || bad > BAD_LINES || !any || p == end) {
		buf_free(&good);
		return NULL;
	}
	buf_add(&good, p, (size_t)(end - p));
	*left = good.len;
	return (unsigned char *)good.at;
}

/* The next line; `end` at the last. */
static const unsigned char *
next_line(const unsigned char *p, const unsigned char *end)
{
	const unsigned char *lf = memchr(p, '\n', (size_t)(end - p));

	return lf != NULL ? lf + 1 : end;
}

/* The first field of this name in a header: its value, up to the next field; NULL. */
static const char *
field_value(const char *header, const char *name, size_t *len)
{
	size_t n = strlen(name);
	const char *p, *end;

	for (p = header; p != NULL; p = strchr(p, '\n')) {
		p += *p == '\n';
		if (strncasecmp(p, name, n) != 0 || p[n] != ':')
			continue;
		for (end = p + n; (end = strchr(end, '\n')) != NULL && (end[1] == ' ' || end[1] == '\t'); end++)
			;
		*len = end != NULL ? (size_t)(end - p) - n - 1 : strlen(p + n + 1);
		return p + n + 1;
	}
	return NULL;
}

/* The boundary of a multipart, owned; NULL: it is none. *base64: the body is one run of it. */
static char *
boundary_of(const unsigned char *bytes, size_t len, int *base64)
{
	char *header = mem_strn((const char *)bytes, len), *value, *boundary = NULL;
	size_t n = 0;
	const char *p = field_value(header, "Content-Type", &n), *at;
	GMimeContentType *type;

	value = mem_strn(p != NULL ? p : "", n);
	pthread_once(&once, g_mime_init);
	if ((type = g_mime_content_type_parse(NULL, value)) != NULL) {	/* NULL of an empty text */
		if ((at = g_mime_content_type_get_parameter(type, "boundary")) != NULL && *at != '\0')
			boundary = mem_str(at);
		g_object_unref(type);
	}
	free(value);
	n = 0;
	p = field_value(header, "Content-Transfer-Encoding", &n);
	value = mem_strn(p != NULL ? p : "", n);
	*base64 = boundary == NULL && text_find(value, "base64") != NULL;
	free(value);
	free(header);
	return boundary;
}

/* Where a mail ends by itself: behind the last boundary, or where lines of base64 give way to a header. 0: with its bytes. */
static size_t
end_of_parts(const unsigned char *bytes, size_t len)
{
	const unsigned char *p = bytes, *end = bytes + len;
	size_t header, n, found = 0;
	int base64;
	char *boundary;

	while (p < end && (*p == '\r' || *p == '\n'))
		p++;
	header = header_bytes(p, (size_t)(end - p));
	boundary = boundary_of(p, header < HEADER_MOST ? header : HEADER_MOST, &base64);
	n = boundary != NULL ? strlen(boundary) : 0;
	p += header;
	for (p = next_line(p, end); p < end && found == 0 && (boundary != NULL || base64); p = next_line(p, end)) {
		if (boundary == NULL && (field_name((const char *)p, (size_t)(end - p)) > 0 || ((size_t)(end - p) > 5 && memcmp(p, "From ", 5) == 0)))
			found = (size_t)(p - bytes);
		if (boundary != NULL && (size_t)(end - p) > n + 4 && p[0] == '-' && p[1] == '-' && memcmp(p + 2, boundary, n) == 0 && p[n + 2] == '-' && p[n + 3] == '-')
			found = (size_t)(next_line(p, end) - bytes);
	}
	free(boundary);
	return found;
}

/* What goes on with a boundary is a mail's whose end came too early. */
size_t
mail_behind(const unsigned char *bytes, size_t len)
{
	size_t end = end_of_parts(bytes, len), at = end;

	while (at < len && strchr(" \t\r\n", bytes[at]) != NULL && bytes[at] != '\0')
		at++;
	return end > 0 && bytes_find(bytes + at, len - at < 2 ? len - at : 2, "--", 0) == NULL && another_thing(bytes + at, len - at < LOOK ? len - at : LOOK) ? end : 0;
}

enum outcome
mail_parse(const unsigned char *bytes, size_t len, const char *authserv_id, struct mail *out, struct err *err)
{
	GMimeStream *stream;
	GMimeParser *parser;
	GMimeMessage *message;
	unsigned char *good;

	memset(out, 0, sizeof(*out));
	if (mime_start(bytes, len, err) != OK)
		return SKIP;
	good = without_bad_lines(bytes, len, &len);
	stream = g_mime_stream_mem_new_with_buffer((const char *)(good != NULL ? good : bytes), len);
	parser = g_mime_parser_new_with_stream(stream);
	g_mime_parser_set_persist_stream(parser, FALSE);
	message = g_mime_parser_construct_message(parser, NULL);
	if (message != NULL) {
		walk(out, g_mime_message_get_mime_part(message), 0);
		out->from = from_domain(message);
		out->auth = trusted_result(message, authserv_id, out->from);
		out->subject = mem_str(g_mime_message_get_subject(message));
		if (out->kind == MAIL_PLAIN)
			out->kind = kind_by_words(message, out);
		g_object_unref(message);
	} else {
		out->auth = mem_str("unknown");
	}
	g_object_unref(parser);
	g_object_unref(stream);
	free(good);
	return OK;
}

void
mail_free(struct mail *m)
{
	size_t i;

	for (i = 0; i < m->count; i++) {
		free(m->parts[i].bytes);
		free(m->parts[i].name);
		free(m->parts[i].type);
	}
	free(m->parts);
	free(m->from);
	free(m->auth);
	free(m->subject);
	memset(m, 0, sizeof(*m));
}
