/* SPDX-License-Identifier: MIT */
/*
 * Splits an mbox into its mails, streaming (RFC 4155 and the mboxrd and mboxo habits): a mail begins at a From_ line at the
 * start of the file or behind an empty line. `>From ` at the start of a line loses one `>`. Reading only.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ingest/private.h"

struct mbox {
	FILE *f;
	char *origin;
	int64_t cap, number;
	char *line;
	size_t room;
	ssize_t pending;	/* length of a From_ line read ahead; -1 none */
	char *owned;		/* bytes f reads, where it reads memory */
};

static struct mbox *
mbox_new(FILE *f, char *owned, const char *origin, int64_t cap)
{
	struct mbox *m = mem_alloc(sizeof(*m));

	m->f = f;
	m->owned = owned;
	m->origin = mem_str(origin);
	m->cap = cap;
	m->pending = -1;
	return m;
}

struct mbox *
mbox_open(const char *path, const char *origin, int64_t cap, struct err *err)
{
	FILE *f = fopen(path, "rbe");

	if (f == NULL) {
		err_retry(err, "%s: cannot be opened: %s", origin, strerror(errno));
		return NULL;
	}
	return mbox_new(f, NULL, origin, cap);
}

struct mbox *
mbox_of(char *bytes, size_t len, const char *origin, int64_t cap, struct err *err)
{
	FILE *f = fmemopen(bytes, len, "rb");

	if (f == NULL) {
		err_skip(err, "%s: %s", origin, strerror(errno));
		free(bytes);
		return NULL;
	}
	return mbox_new(f, bytes, origin, cap);
}

void
mbox_close(struct mbox *m)
{
	if (m == NULL)
		return;
	fclose(m->f);
	free(m->owned);
	free(m->origin);
	free(m->line);
	free(m);
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

enum outcome
mbox_next(struct mbox *m, struct item **out, struct err *err)
{
	struct buf body;
	struct item *item;
	ssize_t n;
	int blank = 0, any = m->pending >= 0;
	int64_t size = 0;
	size_t skip;

	buf_init(&body, (size_t)m->cap + 1);
	m->pending = -1;
	while ((n = getline(&m->line, &m->room, m->f)) > 0) {
		if ((blank || (m->number == 0 && !any)) && is_from_line(m->line, (size_t)n)) {
			if (any) {
				m->pending = n;
				break;
			}
			any = 1;
			continue;
		}
		any = 1;
		blank = n == 1 || (n == 2 && m->line[0] == '\r');
		skip = quoting(m->line, (size_t)n);
		size += n - (ssize_t)skip;
		buf_add(&body, m->line + skip, (size_t)n - skip);
	}
	if (ferror(m->f)) {
		buf_free(&body);
		return err_retry(err, "%s: cannot be read: %s", m->origin, strerror(errno));
	}
	if (!any) {
		buf_free(&body);
		return END;
	}
	item = mem_alloc(sizeof(*item));
	item->origin = mem_fmt("%s#%lld", m->origin, (long long)++m->number);
	item->place = mem_str(item->origin);
	item->bytes = (unsigned char *)body.at;
	item->len = body.len;
	item->size = size;
	item->is_mail = 1;
	*out = item;
	return OK;
}
