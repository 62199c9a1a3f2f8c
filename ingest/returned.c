/* SPDX-License-Identifier: MIT */
/*
 * Reads a bounce mail: what the receiver said (RFC 3464 delivery status, else the words of the mail) and who the returned
 * mail claims to be from. What was returned is never taken for what was said: its headers may quote anything.
 */
#include <gmime/gmime.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "ingest/private.h"

enum { WORDS_MAX = 1 << 18, DEPTH_MAX = 10, DOMAINS_MAX = 1 << 10, VALUE_MAX = 1 << 14 };

struct reading {
	struct buf said, words, signed_by;
	struct returned *out;
	int failed;	/* 1: out holds the fields of a recipient whose Action is `failed` */
};

/* --- the returned mail --- */

/* Domain of the address in a field such as `News <news@example.org>`; NULL. */
static char *
domain_in(const char *value)
{
	const char *at = value != NULL ? strrchr(value, '@') : NULL;
	size_t n = at != NULL ? strspn(at + 1, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") : 0;
	char *domain = n > 0 && n <= 253 ? mem_strn(at + 1, n) : NULL;

	if (domain != NULL)
		text_lower(domain);
	return domain;
}

/* Adds the d= of a DKIM-Signature field (RFC 6376 section 3.5). */
static void
add_signer(struct buf *list, const char *value)
{
	const char *p = value;
	char *domain;
	size_t n;

	while (*p != '\0') {
		p += strspn(p, " \t\r\n;");
		if (p[0] == 'd' && p[1 + strspn(p + 1, " \t\r\n")] == '=') {
			p += strcspn(p, "=") + 1;
			p += strspn(p, " \t\r\n");
			if ((n = strcspn(p, "; \t\r\n")) == 0 || n > 253)
				return;
			domain = mem_strn(p, n);
			text_lower(domain);
			buf_fmt(list, "%s%s", list->len > 0 ? " " : "", domain);
			free(domain);
			return;
		}
		p += strcspn(p, ";");
	}
}

static void
take_returned(struct reading *r, GMimeMessage *message)
{
	GMimeHeaderList *list = g_mime_object_get_header_list(GMIME_OBJECT(message));
	int i, n = g_mime_header_list_get_count(list);

	for (i = 0; i < n; i++) {
		GMimeHeader *h = g_mime_header_list_get_header_at(list, i);
		const char *name = g_mime_header_get_name(h), *value = g_mime_header_get_value(h);

		if (value == NULL)
			continue;
		if (text_same(name, "From") && r->out->from == NULL)
			r->out->from = domain_in(value);
		else if (text_same(name, "Return-Path") && r->out->envelope_from == NULL)
			r->out->envelope_from = domain_in(value);
		else if (text_same(name, "DKIM-Signature"))
			add_signer(&r->signed_by, value);
	}
}

static void
parse_returned(struct reading *r, const char *bytes, size_t len)
{
	GMimeStream *stream = g_mime_stream_mem_new_with_buffer(bytes, len);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);

	if (message != NULL) {
		take_returned(r, message);
		g_object_unref(message);
	}
	g_object_unref(parser);
	g_object_unref(stream);
}

/* --- what was said --- */

/* The value of a field of one group, unfolded; NULL where it is not there. Caller frees. */
static char *
field_of(const char *group, size_t len, const char *name)
{
	const char *p = group, *end = group + len, *line, *stop;
	size_t n = strlen(name);
	struct buf value;
	int mine = 0;

	buf_init(&value, VALUE_MAX);
	for (; p < end; p = stop + 1) {
		line = p;
		if ((stop = memchr(p, '\n', (size_t)(end - p))) == NULL)
			stop = end;
		if (*line == ' ' || *line == '\t') {
			if (mine)
				buf_add(&value, line, (size_t)(stop - line));
			continue;
		}
		if (mine)
			break;
		mine = (size_t)(stop - line) > n && line[n] == ':' && strncasecmp(line, name, n) == 0;
		if (mine)
			buf_add(&value, line + n + 1, (size_t)(stop - line) - n - 1);
	}
	line = mine || value.len > 0 ? text_trim(value.at) : NULL;
	p = line != NULL && *line != '\0' ? mem_str(line) : NULL;
	buf_free(&value);
	return (char *)(uintptr_t)p;
}

/* What follows the type of "rfc822; user@example.org" or "smtp; 550 ...". */
static char *
after_type(char *value)
{
	char *at = value != NULL ? strchr(value, ';') : NULL;
	char *rest = value == NULL ? NULL : mem_str(at != NULL ? text_trim(at + 1) : value);

	free(value);
	return rest;
}

static void
put_field(char **to, char *value)
{
	free(*to);
	*to = value;
}

/* One group of fields; that of the first failed recipient wins, else the first that names a recipient. */
static void
take_group(struct reading *r, const char *group, size_t len)
{
	char *recipient = after_type(field_of(group, len, "Final-Recipient")), *action, *code;
	int failed;

	if (recipient == NULL)
		return;
	action = field_of(group, len, "Action");
	failed = action != NULL && text_same(action, "failed");
	free(action);
	if ((code = after_type(field_of(group, len, "Diagnostic-Code"))) != NULL) {
		buf_str(&r->said, code);
		buf_str(&r->said, "\n");
		free(code);
	}
	if (r->out->recipient != NULL && (r->failed || !failed)) {
		free(recipient);
		return;
	}
	r->failed = failed;
	put_field(&r->out->recipient, recipient);
	put_field(&r->out->status, field_of(group, len, "Status"));
	put_field(&r->out->remote_mta, after_type(field_of(group, len, "Remote-MTA")));
}

static void
take_status(struct reading *r, char *bytes, size_t len)
{
	char *p = bytes, *end = bytes + len, *stop;

	/* Groups are parted by empty lines; returns at line ends only make that harder to see. */
	for (stop = p; p < end; p++)
		if (*p != '\r')
			*stop++ = *p;
	end = stop;
	for (p = bytes; p < end; p = stop + 2) {
		for (stop = p; stop < end && !(stop[0] == '\n' && stop + 1 < end && stop[1] == '\n'); stop++)
			;
		take_group(r, p, (size_t)(stop - p));
	}
}

/* Where a plain-text bounce begins to quote the returned mail: at the first line that is a trace field. NULL: it does not. */
static const char *
quoted_mail(const char *text, size_t len)
{
	static const char *const starts[] = { "Return-Path:", "Received:", "DKIM-Signature:", "X-Google-DKIM-Signature:", "ARC-Seal:" };
	const char *p = text, *end = text + len;
	size_t i;

	while (p != NULL && p < end) {
		for (i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
			if ((size_t)(end - p) > strlen(starts[i]) && strncasecmp(p, starts[i], strlen(starts[i])) == 0)
				return p;
		p = memchr(p, '\n', (size_t)(end - p));
		p = p != NULL ? p + 1 : NULL;
	}
	return NULL;
}

static void
take_words(struct reading *r, const char *text, size_t len)
{
	const char *quoted = quoted_mail(text, len);

	if (quoted != NULL) {
		parse_returned(r, quoted, (size_t)(text + len - quoted));
		len = (size_t)(quoted - text);
	}
	buf_add(&r->words, text, len);
	buf_str(&r->words, "\n");
}

static void
take_leaf(struct reading *r, GMimePart *part)
{
	GMimeContentType *type = g_mime_object_get_content_type(GMIME_OBJECT(part));
	GMimeDataWrapper *content = g_mime_part_get_content(part);
	GMimeStream *stream;
	GByteArray *bytes;

	if (content == NULL || type == NULL)
		return;
	bytes = g_byte_array_new();
	stream = g_mime_stream_mem_new_with_byte_array(bytes);
	g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), FALSE);
	(void)g_mime_data_wrapper_write_to_stream(content, stream);
	g_object_unref(stream);
	if (bytes->len == 0)
		;
	else if (g_mime_content_type_is_type(type, "message", "delivery-status") || g_mime_content_type_is_type(type, "message", "global-delivery-status"))
		take_status(r, (char *)bytes->data, bytes->len);
	else if (g_mime_content_type_is_type(type, "text", "rfc822-headers") || g_mime_content_type_is_type(type, "message", "*"))
		parse_returned(r, (const char *)bytes->data, bytes->len);
	else if (g_mime_content_type_is_type(type, "text", "*"))
		take_words(r, (const char *)bytes->data, bytes->len);
	g_byte_array_free(bytes, TRUE);
}

static void
walk(struct reading *r, GMimeObject *o, int depth)
{
	int i, n;

	if (o == NULL || depth > DEPTH_MAX)
		return;
	if (GMIME_IS_MULTIPART(o)) {
		n = g_mime_multipart_get_count(GMIME_MULTIPART(o));
		for (i = 0; i < n && i < INGEST_MEMBERS; i++)
			walk(r, g_mime_multipart_get_part(GMIME_MULTIPART(o), i), depth + 1);
	} else if (GMIME_IS_MESSAGE_PART(o)) {
		if (g_mime_message_part_get_message(GMIME_MESSAGE_PART(o)) != NULL)
			take_returned(r, g_mime_message_part_get_message(GMIME_MESSAGE_PART(o)));
	} else if (GMIME_IS_PART(o)) {
		take_leaf(r, GMIME_PART(o));
	}
}

enum outcome
returned_read(const unsigned char *bytes, size_t len, struct returned *out, struct err *err)
{
	struct reading r = { .out = out, .failed = 0 };
	GMimeStream *stream;
	GMimeParser *parser;
	GMimeMessage *message;

	memset(out, 0, sizeof(*out));
	if (!looks_like_mail(bytes, len))
		return END;
	if (mime_start(bytes, len, err) != OK)
		return SKIP;
	buf_init(&r.said, WORDS_MAX);
	buf_init(&r.words, WORDS_MAX);
	buf_init(&r.signed_by, DOMAINS_MAX);
	stream = g_mime_stream_mem_new_with_buffer((const char *)bytes, len);
	parser = g_mime_parser_new_with_stream(stream);
	if ((message = g_mime_parser_construct_message(parser, NULL)) != NULL) {
		walk(&r, g_mime_message_get_mime_part(message), 0);
		g_object_unref(message);
	}
	g_object_unref(parser);
	g_object_unref(stream);
	out->said = r.said.len > 0 ? mem_strn(r.said.at, r.said.len) : NULL;
	out->words = r.words.len > 0 ? mem_strn(r.words.at, r.words.len) : NULL;
	out->signed_by = r.signed_by.len > 0 ? mem_strn(r.signed_by.at, r.signed_by.len) : NULL;
	buf_free(&r.said);
	buf_free(&r.words);
	buf_free(&r.signed_by);
	return OK;
}

void
returned_free(struct returned *m)
{
	free(m->said);
	free(m->words);
	free(m->recipient);
	free(m->status);
	free(m->remote_mta);
	free(m->from);
	free(m->envelope_from);
	free(m->signed_by);
	memset(m, 0, sizeof(*m));
}
