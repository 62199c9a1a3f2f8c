/* SPDX-License-Identifier: MIT */
/* The digest as a mail: headers that nothing can be added to, and the file it may be written to. See digest.h. */
#include "report/digest.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "report/out.h"
#include "report/out_raw.h"

enum { DAY = 86400 };

/* A header's text: as it is where it is short ASCII, else in encoded words (RFC 2047, Q) that end at whole characters. */
static void
put_header(struct buf *out, const char *name, const char *text)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t i, len = strlen(text), column;

	for (i = 0; i < len && p[i] >= 0x20 && p[i] < 0x7f; i++)
		;
	buf_fmt(out, "%s: ", name);
	if (i == len && len < 900 && strstr(text, "=?") == NULL) {
		buf_fmt(out, "%s\n", text);
		return;
	}
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
	buf_str(out, "?=\n");
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
		put_header(out, "From", from);
	if (to != NULL)
		put_header(out, "To", to);
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
