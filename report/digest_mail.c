/* SPDX-License-Identifier: MIT */
/* The digest as a mail: headers that nothing can be added to, and the file it may be written to. See digest.h. */
#include "report/digest.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "report/out.h"
#include "report/out_raw.h"

enum { DAY = 86400 };

static int
is_plain(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if ((unsigned char)text[i] < 0x20 || (unsigned char)text[i] >= 0x7f)
			return 0;
	return 1;
}

/* In encoded words (RFC 2047, Q) that end at whole characters. */
static void
put_encoded(struct buf *out, const char *text, size_t len)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t i, column;

	buf_str(out, "=?UTF-8?Q?");
	for (i = 0, column = 30; i < len; i++) {
		if (column > 60 && (p[i] & 0xc0) != 0x80) {	/* a word of at most 75, whatever character comes next */
			buf_str(out, "?=\n =?UTF-8?Q?");
			column = 12;
		}
		if ((p[i] >= 'a' && p[i] <= 'z') || (p[i] >= 'A' && p[i] <= 'Z') || (p[i] >= '0' && p[i] <= '9')) {
			buf_add(out, p + i, 1);
			column++;
		} else if (p[i] == ' ') {
			buf_str(out, "_");
			column++;
		} else {
			buf_fmt(out, "=%02X", p[i]);
			column += 3;
		}
	}
	buf_str(out, "?=");
}

/* A header's text: as it is where it is short ASCII. */
static void
put_header(struct buf *out, const char *name, const char *text)
{
	size_t len = strlen(text);

	buf_fmt(out, "%s: ", name);
	if (is_plain(text, len) && len < 900 && strstr(text, "=?") == NULL)
		buf_str(out, text);
	else
		put_encoded(out, text, len);
	buf_str(out, "\n");
}

/* Where the mailbox that begins here ends: at a comma outside quotes, or with the text. */
static size_t
mailbox_length(const char *text)
{
	int quoted = 0;
	size_t i;

	for (i = 0; text[i] != '\0' && (quoted || text[i] != ','); i++)
		quoted ^= text[i] == '"';
	return i;
}

/* Mailboxes, as `Name <address>, address`: only a name may be encoded (RFC 2047 section 5), and no byte of any ends the line. */
static void
put_mailboxes(struct buf *out, const char *name, const char *text)
{
	size_t len, i, lead;

	buf_fmt(out, "%s: ", name);
	for (;;) {
		text += strspn(text, " \t");
		len = mailbox_length(text);
		for (lead = 0; lead < len && text[lead] != '<'; lead++)
			;
		if (lead < len && !is_plain(text, lead)) {
			size_t from = *text == '"', end = lead;

			while (end > from && (text[end - 1] == ' ' || text[end - 1] == '"'))
				end--;
			put_encoded(out, text + from, end - from);
			buf_str(out, " ");
		} else {
			lead = 0;
		}
		for (i = lead; i < len; i++)
			if ((unsigned char)text[i] >= 0x20 && text[i] != 0x7f)
				buf_add(out, text + i, 1);
		if (text[len] == '\0')
			break;
		buf_str(out, ",\n ");
		text += len + 1;
	}
	buf_str(out, "\n");
}

void
digest_mail(const struct digest *d, const char *to, const char *from, int64_t now_at, struct buf *out)
{
	static const char *const days[] = { "Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	char time[21];
	int64_t month = 1;

	(void)text_time(now_at, time);
	(void)text_int64(time + 5, 2, &month);
	if (from != NULL)
		put_mailboxes(out, "From", from);
	if (to != NULL)
		put_mailboxes(out, "To", to);
	put_header(out, "Subject", d->subject);
	buf_fmt(out, "Date: %s, %.2s %s %.4s %.8s +0000\n", days[now_at / DAY % 7], time + 8, months[(month - 1) % 12], time, time + 11);
	if (d->thread != NULL)
		buf_fmt(out, "References: <%s@dmarcsift.invalid>\n", d->thread);
	buf_fmt(out, "Auto-Submitted: auto-generated\nMIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\n"
	    "Content-Transfer-Encoding: 8bit\n\n%s", d->body);
}

enum outcome
digest_save(const char *path, const struct buf *mail, struct err *err)
{
	struct out *out;

	if (out_open(&out, path, err) != OK)
		return STOP;
	out_raw(out, mail->at, mail->len);
	return out_close(out, err);
}
