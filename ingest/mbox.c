/* SPDX-License-Identifier: MIT */
/*
 * Splits an mbox into its mails, streaming (RFC 4155 and the mboxrd and mboxo habits): a mail begins at a From_ line at the
 * start of the file (a byte order mark and empty lines may stand before it) or behind an empty line, or without one where it holds a whole date and a header
 * follows. `>From ` at the start of a line loses one `>`. A line longer than the buffer comes in pieces: memory stays flat. Reading only.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ingest/private.h"

enum { LINE_BYTES = 65536 };

struct mbox {
	FILE *f;
	char *origin;
	int64_t cap, number;
	char *buf;		/* LINE_BYTES */
	size_t len, at;		/* bytes in buf, and taken of them */
	int inside;		/* the piece before did not end its line */
	int pending;		/* a From_ line was met: the next mail begins */
};

static struct mbox *
mbox_new(FILE *f, const char *origin, int64_t cap, struct err *err)
{
	struct mbox *m;

	if (f == NULL) {
		err_retry(err, "%s: cannot be opened: %s", origin, strerror(errno));
		return NULL;
	}
	m = mem_alloc(sizeof(*m));
	m->f = f;
	m->origin = mem_str(origin);
	m->cap = cap;
	m->buf = mem_alloc(LINE_BYTES);
	return m;
}

struct mbox *
mbox_open(const char *path, const char *origin, int64_t cap, struct err *err)
{
	return mbox_new(fopen(path, "rbe"), origin, cap, err);
}

struct mbox *
mbox_of_memory(const unsigned char *bytes, size_t len, const char *origin, int64_t cap, struct err *err)
{
	return mbox_new(fmemopen((void *)(uintptr_t)bytes, len, "rb"), origin, cap, err);
}

void
mbox_close(struct mbox *m)
{
	if (m == NULL)
		return;
	fclose(m->f);
	free(m->origin);
	free(m->buf);
	free(m);
}

/* The next line, or piece of one: 0 at the end. *begins: it is the beginning of a line. Borrowed until the next call. */
static size_t
next_piece(struct mbox *m, const char **piece, int *begins)
{
	const char *eol;
	size_t n;

	/* What follows a line is looked at, too. */
	if (m->len - m->at < LINE_BYTES / 2) {
		memmove(m->buf, m->buf + m->at, m->len - m->at);
		m->len -= m->at;
		m->at = 0;
		m->len += fread(m->buf + m->len, 1, LINE_BYTES - m->len, m->f);
	}
	eol = memchr(m->buf + m->at, '\n', m->len - m->at);
	n = eol != NULL ? (size_t)(eol + 1 - m->buf) - m->at : m->len - m->at;
	*piece = m->buf + m->at;
	*begins = !m->inside;
	m->inside = eol == NULL;
	m->at += n;
	return n;
}

/* `>From ` and `>>From ` lose one `>`. */
static size_t
quoting(const char *line, size_t len)
{
	size_t n = 0;

	while (n < len && line[n] == '>')
		n++;
	return n > 0 && len - n >= 5 && strncmp(line + n, "From ", 5) == 0;
}

/* Whether three letters are one of those. */
static int
is_one_of(const char *names, const char *three)
{
	for (; *names != '\0'; names += 3)
		if (strncmp(names, three, 3) == 0)
			return 1;
	return 0;
}

/* A weekday and a month: "Tue Nov 24 10:00:00 2026" holds them. */
static int
has_whole_date(const char *line, size_t len)
{
	static const char days[] = "MonTueWedThuFriSatSun", months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	size_t i;

	for (i = 4; i + 9 < len; i++)
		if (line[i] == ' ' && line[i + 4] == ' ' && line[i + 8] == ' ' && is_one_of(days, line + i + 1) && is_one_of(months, line + i + 5))
			return 1;
	return 0;
}

/* Whether a From_ line that was just taken begins a mail. A text's own ("From here on, at 10:00 in 2026 ...") has neither a date nor a header behind it. */
static int
begins_mail(const struct mbox *m, const char *line, size_t len, int blank)
{
	const char *next = m->buf + m->at;
	size_t left = m->len - m->at;

	if (!is_from_line(line, len))
		return 0;
	return has_whole_date(line, len) + (field_name(next, left) > 0 || quoting(next, left)) >= (blank ? 1 : 2);
}

/* Takes off a byte order mark; 1: what is left is an empty line. */
static int
before_all(const char **piece, size_t *len)
{
	if (*len >= 3 && memcmp(*piece, "\xef\xbb\xbf", 3) == 0) {
		*piece += 3;
		*len -= 3;
	}
	return *len == 0 || (*len == 1 && **piece == '\n') || (*len == 2 && memcmp(*piece, "\r\n", 2) == 0);
}

enum outcome
mbox_next(struct mbox *m, struct item **out, struct err *err)
{
	struct buf body;
	struct item *item;
	const char *piece;
	int blank = 0, any = m->pending, begins;
	int64_t size = 0;
	size_t n, skip;

	buf_init(&body, (size_t)m->cap + 1);
	m->pending = 0;
	while ((n = next_piece(m, &piece, &begins)) > 0) {
		if (m->number == 0 && !any && before_all(&piece, &n))
			continue;
		if (begins && (m->number == 0 && !any ? is_from_line(piece, n) : begins_mail(m, piece, n, blank))) {
			if (any) {
				m->pending = 1;
				break;
			}
			any = 1;
			continue;
		}
		any = 1;
		blank = begins && (n == 1 || (n == 2 && piece[0] == '\r')) && piece[n - 1] == '\n';
		skip = begins ? quoting(piece, n) : 0;
		size += (int64_t)(n - skip);
		buf_add(&body, piece + skip, n - skip);
	}
	if (ferror(m->f)) {
		buf_free(&body);
		return err_retry(err, "%s: cannot be read: %s", m->origin, strerror(errno));
	}
	if (!any) {
		buf_free(&body);
		return END;
	}
	item = item_new();
	item->origin = item->place = arena_fmt(item->text, "%s#%lld", m->origin, (long long)++m->number);
	item->bytes = item->owned = (unsigned char *)body.at;
	item->len = body.len;
	item->size = size;
	item->is_mail = 1;
	*out = item;
	return OK;
}
