/* SPDX-License-Identifier: MIT */
/* What bytes are, by their first ones; names and declared types are never asked. */
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "ingest/private.h"

enum { HEADER_BYTES = 8192, HEADER_LINES = 40 };	/* of a mail's header that are looked at */

static int
starts(const unsigned char *b, size_t len, const char *magic, size_t n)
{
	return len >= n && memcmp(b, magic, n) == 0;
}

static int
is_zlib(const unsigned char *b, size_t len)
{
	return len >= 6 && (b[0] & 0x0f) == 8 && (b[0] >> 4) <= 7 && ((unsigned)b[0] * 256 + b[1]) % 31 == 0 && (b[1] & 0x20) == 0 &&
	    (b[0] == 0x78 || b[0] == 0x58 || b[0] == 0x48 || b[0] == 0x38 || b[0] == 0x68);
}

const char *
archive_name(const unsigned char *b, size_t len)
{
	static const struct { const char *magic; size_t len; const char *name; } kinds[] = {
		{ "BZh", 3, "a bzip2 file" }, { "\xfd" "7zXZ", 5, "an xz file" }, { "\x28\xb5\x2f\xfd", 4, "a zstd file" },
		{ "7z\xbc\xaf\x27\x1c", 6, "a 7z archive" }, { "Rar!\x1a\x07", 6, "a rar archive" }, { "\x1f\x9d", 2, "a file of compress (.Z)" },
		{ "LZIP", 4, "an lzip file" }, { "MSCF", 4, "a cabinet archive" }, { "\x04\x22\x4d\x18", 4, "an lz4 file" },
		{ "\x78\x9f\x3e\x22", 4, "a TNEF container (winmail.dat)" },
	};
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (starts(b, len, kinds[i].magic, kinds[i].len))
			return kinds[i].name;
	return len >= 262 && memcmp(b + 257, "ustar", 5) == 0 ? "a tar archive" : NULL;
}

enum magic
magic_of(const unsigned char *b, size_t len)
{
	size_t i = 0, white = 0;

	if (len == 0)
		return MAGIC_EMPTY;
	while (white < len && white < 64 && strchr(" \t\r\n", b[white]) != NULL && b[white] != '\0')
		white++;
	if (starts(b + white, len - white, "\x1f\x8b", 2))
		return MAGIC_GZIP;
	if (starts(b, len, "PK\3\4", 4) || starts(b, len, "PK\5\6", 4) || starts(b, len, "PK00PK\3\4", 8))
		return MAGIC_ZIP;
	if (archive_name(b, len) != NULL)
		return MAGIC_OTHER_ARCHIVE;
	if (starts(b, len, "\xff\xfe<\0", 4) || starts(b, len, "\xfe\xff\0<", 4) || starts(b, len, "<\0", 2) || starts(b, len, "\0<", 2))
		return MAGIC_XML;
	if (starts(b, len, "\xff\xfe", 2) || starts(b, len, "\xfe\xff", 2))
		i = 2;
	while (starts(b + i, len - i, "\xef\xbb\xbf", 3))
		i += 3;
	while (i < len && (b[i] == 0 || strchr(" \t\r\n\v\f", b[i]) != NULL))
		i++;
	if (i < len && b[i] == '<')
		return MAGIC_XML;
	if (i < len && (b[i] == '{' || b[i] == '['))
		return MAGIC_JSON;
	if (i == len && len < 4096)
		return MAGIC_EMPTY;
	if (looks_like_mail(b, len))
		return MAGIC_MAIL;
	if (bytes_find(b, len < 1024 ? len : 1024, "PK\3\4", 0) != NULL)	/* something stands before it */
		return MAGIC_ZIP;
	if (is_zlib(b, len))
		return MAGIC_ZLIB;
	/* Something may stand before it. */
	return memmem(b, len, "<?xml ", 6) != NULL || memmem(b, len, "<feedback", 9) != NULL ? MAGIC_XML : MAGIC_UNKNOWN;
}

int
another_thing(const unsigned char *b, size_t len)
{
	enum magic magic = magic_of(b, len);

	return magic == MAGIC_ZIP || magic == MAGIC_XML || magic == MAGIC_MAIL ||
	    (magic == MAGIC_GZIP && bytes_find(b, len < 67 ? len : 67, "\x1f\x8b\x08", 0) != NULL);
}

size_t
field_name(const char *s, size_t len)
{
	size_t i = 0;

	while (i < len && s[i] > ' ' && s[i] < 127 && s[i] != ':')
		i++;
	return i > 0 && i < len && s[i] == ':' ? i : 0;
}

static int
is_mail_field(const char *s, size_t n)
{
	static const char *const known[] = { "received", "from", "to", "subject", "date", "message-id", "mime-version", "content-type",
		"return-path", "delivered-to", "x-original-to", "dkim-signature", "authentication-results", "arc-seal", "reply-to", "sender",
		"content-transfer-encoding", "content-disposition", "content-description", "envelope-to", "x-apparently-to", "x-mozilla-status",
		"received-spf", "x-received", "x-sender", "x-mailer", "cc", "apparently-to", "status", "x-uidl", "x-gmail-labels" };
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strlen(known[i]) == n && strncasecmp(known[i], s, n) == 0)
			return 1;
	return 0;
}

/* A field that servers and filters add above all others. */
static int
is_added_field(const char *s, size_t n)
{
	return (n > 2 && strncasecmp(s, "x-", 2) == 0) || (n > 4 && strncasecmp(s, "arc-", 4) == 0);
}

int
line_end(const unsigned char *bytes, size_t len)
{
	return memchr(bytes, '\n', len) != NULL ? '\n' : '\r';
}

/*
 * Several header lines among the first ones, one of them a mail's; a line that is none is passed over. Or nothing but header lines, of which servers added
 * several, or one so long that no other is seen.
 */
int
looks_like_mail(const unsigned char *bytes, size_t len)
{
	const char *s = (const char *)bytes, *end;
	int fields = 0, known = 0, added = 0, others = 0, lines = 0, ended = 0;
	size_t n, left = len > HEADER_BYTES ? HEADER_BYTES : len;
	int eol = line_end(bytes, left);

	while (left > 0 && lines < HEADER_LINES) {
		end = memchr(s, eol, left);
		n = end != NULL ? (size_t)(end - s) : left;
		if (n == 0 || (n == 1 && s[0] == '\r')) {
			ended = fields > 0;
		} else if (field_name(s, n) > 0) {
			fields++;
			known += is_mail_field(s, field_name(s, n));
			added += is_added_field(s, field_name(s, n));
		} else if (fields == 0 || (*s != ' ' && *s != '\t')) {
			others++;
		}
		if (ended || end == NULL)
			break;
		lines += *s != ' ' && *s != '\t';	/* a folded field is one */
		left -= n + 1;
		s = end + 1;
	}
	if (others == 0 && (added > 1 || (added == 1 && !ended && (lines == HEADER_LINES || len >= HEADER_BYTES))))
		return 1;
	return known > 0 && (fields > 1 || known == fields);
}

/* "From sender ... Thu Nov 24 10:00:00 2026": a weekday or a clock and a year must be in it. */
int
is_from_line(const char *line, size_t len)
{
	size_t i, colons = 0, digits = 0, year = 0;

	if (len < 12 || strncmp(line, "From ", 5) != 0)
		return 0;
	for (i = 5; i < len; i++) {
		if (line[i] == ':' && i + 1 < len && line[i + 1] >= '0' && line[i + 1] <= '9' && line[i - 1] >= '0' && line[i - 1] <= '9')
			colons++;
		digits = line[i] >= '0' && line[i] <= '9' ? digits + 1 : 0;
		if (digits == 4)
			year++;
	}
	return colons >= 1 && year >= 1;
}

int
looks_like_mbox(const unsigned char *bytes, size_t len, int eol)
{
	const unsigned char *end;

	if (starts(bytes, len, "\xef\xbb\xbf", 3)) {
		bytes += 3;
		len -= 3;
	}
	while (len > 0 && (*bytes == '\n' || *bytes == '\r')) {
		bytes++;
		len--;
	}
	end = memchr(bytes, eol, len > 1024 ? 1024 : len);

	return end != NULL && is_from_line((const char *)bytes, (size_t)(end - bytes));
}
