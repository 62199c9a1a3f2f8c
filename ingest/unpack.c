/* SPDX-License-Identifier: MIT */
/*
 * Opens an item into documents: the stack of frames, what a blob's first bytes say, and the door's functions. All is streamed but
 * mails and nested zips, which are needed whole; caps count the bytes that come out.
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/mem.h"
#include "base/text.h"
#include "ingest/unpack.h"

struct unpacker *
unpacker_new(const struct ingest_limits *limits)
{
	struct unpacker *u = mem_alloc(sizeof(*u));

	u->limits = *limits;
	if (u->limits.mail_bytes <= 0)
		u->limits.mail_bytes = INGEST_MAIL_BYTES;
	if (u->limits.archive_bytes <= 0)
		u->limits.archive_bytes = INGEST_ARCHIVE_BYTES;
	if (u->limits.out_bytes <= 0)
		u->limits.out_bytes = INGEST_OUT_BYTES;
	if (u->limits.members <= 0)
		u->limits.members = INGEST_MEMBERS;
	if (u->limits.nesting <= 0)
		u->limits.nesting = INGEST_NESTING;
	if (u->limits.nesting > INGEST_NESTING_MOST)
		u->limits.nesting = INGEST_NESTING_MOST;
	u->fd = -1;
	buf_init(&u->origin, 8192);
	buf_init(&u->reason, 1024);
	buf_init(&u->notes, 1024);
	return u;
}

void
unpacker_free(struct unpacker *u)
{
	int i;

	if (u == NULL)
		return;
	unpacker_close(u);
	for (i = 0; i < LAYERS; i++)
		if (u->layers[i].made)
			inflateEnd(&u->layers[i].z);
	free(u->whole);
	buf_free(&u->origin);
	buf_free(&u->reason);
	buf_free(&u->notes);
	free(u);
}

/* --- what a document is --- */

const char *
unpack_bare(const struct unpacker *u, const char *text)
{
	size_t n = u->origin.len;

	return strncmp(text, u->origin.at, n) == 0 && strncmp(text + n, ": ", 2) == 0 ? text + n + 2 : text;
}

void
unpack_note(struct unpacker *u, const char *text)
{
	if (strstr(u->notes.at, text) != NULL)
		return;
	buf_str(&u->notes, u->notes.len > 0 ? "; " : "");
	buf_str(&u->notes, text);
}

enum outcome
unpack_yield(struct unpacker *u, enum document_kind kind, const char *reason, struct document **doc)
{
	struct document *d = &u->doc;

	memset(d, 0, sizeof(*d));
	d->kind = kind;
	d->origin = u->origin.at;
	if (reason != NULL && reason != u->reason.at) {
		buf_reset(&u->reason);
		buf_str(&u->reason, reason);
	}
	d->reason = kind != DOC_XML ? u->reason.at : NULL;
	d->notes = u->notes.len > 0 ? u->notes.at : NULL;
	d->mail_from = u->mail_from;
	d->mail_auth = u->mail_auth;
	d->sound = 1;
	u->yielded++;
	if (u->nframes > 0)
		u->frames[u->nframes - 1].found++;
	*doc = d;
	return OK;
}

/* Name of a stranger's making, as part of an origin: cleaned and capped. */
void
unpack_add_name(struct buf *to, const char *name)
{
	struct buf clean;

	buf_init(&clean, NAME_BYTES);
	text_clean(&clean, name, strnlen(name, NAME_BYTES));
	buf_str(to, clean.at);
	buf_free(&clean);
}

/* --- frames --- */

struct frame *
frame_push(struct unpacker *u, int kind)
{
	struct frame *f = &u->frames[u->nframes];
	int base = blob_is_base(u);

	u->nframes++;
	memset(f, 0, sizeof(*f));
	f->kind = kind;
	f->origin = mem_str(u->origin.at);
	f->notes = u->notes.len > 0 ? mem_str(u->notes.at) : NULL;
	f->depth = u->depth;
	f->base = u->blob;
	f->base.from = base ? f->base.from : FROM_NOTHING;
	f->behind = u->behind;
	f->stem = u->stem;
	u->behind = 0;
	return f;
}

void
frame_behind(struct frame *f, size_t at)
{
	f->lost = f->base.layers > 0 || f->base.from == FROM_NOTHING;
	f->behind = f->lost ? 0 : (int64_t)(f->base.skip + at);
}

void
frame_pop(struct unpacker *u)
{
	struct frame *f = &u->frames[--u->nframes];
	size_t i;

	if (u->nframes > 0)
		u->frames[u->nframes - 1].found += f->found;
	blob_close(u);
	if (f->kind == ZIP && f->zip != NULL)
		zip_discard(f->zip);
	if (f->kind == MAIL)
		mail_free(&f->mail);
	if (f->kind == MBOX)
		mbox_close(f->mbox);
	item_free(f->item);
	if (f->behind > 0 || f->lost) {
		u->blob = f->behind > 0 ? f->base : u->blob;
		u->behind = f->behind;
		u->lost |= f->lost;
		buf_reset(&u->origin);
		buf_str(&u->origin, f->origin);
		u->stem = f->stem;
	}
	for (i = 0; i < f->nruns; i++)
		buf_free(&f->runs[i]);
	free(f->runs);
	free(f->owned);
	free(f->origin);
	free(f->notes);
}

static int
mentions(const unsigned char *bytes, size_t len, const char *word)
{
	return memmem(bytes, len, word, strlen(word)) != NULL;
}

static int
is_tls_report(const unsigned char *head, size_t len)
{
	return mentions(head, len, "\"organization-name\"") || mentions(head, len, "\"policy-type\"");
}

static enum outcome
look_json(struct unpacker *u, const unsigned char *head, size_t len, struct document **doc)
{
	if (is_tls_report(head, len) || u->mail_kind == MAIL_TLS_REPORT)
		return unpack_yield(u, DOC_TLS_REPORT, "an SMTP TLS report, not an aggregate report", doc);
	return unpack_yield(u, DOC_OTHER, "JSON, not an aggregate report", doc);
}

static enum outcome
failed_blob(struct unpacker *u, const struct err *err, struct document **doc)
{
	(void)unpack_yield(u, DOC_DAMAGED, unpack_bare(u, err->text), doc);
	(*doc)->retry = err->retry;
	return OK;
}

static enum outcome
too_large(struct unpacker *u, const char *what, int64_t size, const char *limit, int64_t cap, struct document **doc)
{
	char text[160];

	if (size > 0)
		(void)snprintf(text, sizeof(text), "%s of %lld bytes: larger than the %lld MiB that are read (%s)", what, (long long)size, (long long)(cap >> 20), limit);
	else
		(void)snprintf(text, sizeof(text), "%s: larger than the %lld MiB that are read (%s)", what, (long long)(cap >> 20), limit);
	return unpack_yield(u, DOC_DAMAGED, text, doc);
}

/* The same with LF where lines end in CR alone, as a copy or in what is owned; the bytes themselves where they do not. */
static const unsigned char *
with_line_feeds(struct unpacker *u, const unsigned char *bytes, size_t len, unsigned char **owned)
{
	unsigned char *p;

	if (line_end(bytes, len) == '\n' || memchr(bytes, '\r', len) == NULL)
		return bytes;
	if (*owned == NULL)
		*owned = (unsigned char *)mem_strn((const char *)bytes, len);
	for (p = *owned; (p = memchr(p, '\r', len - (size_t)(p - *owned))) != NULL; p++)
		*p = '\n';
	unpack_note(u, "lines that end in CR alone");
	return *owned;
}

/* Into a blob that is a mail (bare: text with an encoded run in it), a mailbox or a zip, which are needed whole. */
static enum outcome
go_into(struct unpacker *u, enum magic magic, int bare, struct document **doc)
{
	struct blob *b = &u->blob;
	int64_t cap = magic == MAGIC_MAIL ? u->limits.mail_bytes : u->limits.archive_bytes;
	const char *limit = magic == MAGIC_MAIL ? "mail_bytes" : "archive_bytes";
	const char *what = magic == MAGIC_MAIL ? "a mail" : magic == MAGIC_MBOX ? "a mailbox within something else" : "a zip archive";
	unsigned char *owned = NULL;
	const unsigned char *bytes;
	struct err err = { "", 0 };
	enum outcome r;
	size_t len = 0;

	if (u->nframes == FRAMES)
		return unpack_yield(u, DOC_DAMAGED, "containers are nested too deeply", doc);
	if (magic == MAGIC_ZIP && b->from == FROM_FD && b->layers == 0 && b->skip == 0) {
		r = zip_frame_file(u, doc);
		if (r != SKIP)
			return r;
	}
	if (b->from == FROM_MEMORY && b->layers == 0) {
		bytes = b->bytes + b->skip;
		len = b->len - b->skip;
		if ((int64_t)len > cap)
			return too_large(u, what, (int64_t)len, limit, cap, doc);
	} else if (b->from == FROM_FD && b->layers == 0 && u->size - (int64_t)b->skip > cap) {
		return too_large(u, what, u->size - (int64_t)b->skip, limit, cap, doc);
	} else {
		bytes = owned = blob_slurp(u, (size_t)cap, &len, &err);
		if (owned == NULL && err.text[0] == '\0')
			return too_large(u, what, 0, limit, cap, doc);
		if (owned == NULL)
			return failed_blob(u, &err, doc);
	}
	if (magic != MAGIC_ZIP)
		bytes = with_line_feeds(u, bytes, len, &owned);
	if (magic == MAGIC_MBOX)
		return mbox_frame_open(u, bytes, len, owned, doc);
	if (magic == MAGIC_ZIP)
		return zip_frame_open(u, bytes, len, owned, doc);
	r = mail_frame_open(u, bare, bytes, len, owned, doc);
	if (r == END)
		u->frames[u->nframes - 1].damaged = err.text[0] != '\0';
	return r;
}

/* White space before the magic of an archive. */
static size_t
blanks(const unsigned char *head, size_t len)
{
	size_t n = 0;

	while (n < len && strchr("\r\n\t ", head[n]) != NULL && head[n] != '\0')
		n++;
	return n;
}

/* Whether a mail's part that is XML of some kind (pages are) may be a report: only parse knows UTF-16, and what stands behind much else. */
static int
may_be_report(const unsigned char *head, size_t len, const char *type)
{
	if (strstr(type, "xml") != NULL || mentions(head, len, "feedback"))
		return 1;
	return strcmp(type, "text/html") != 0 && (memchr(head, '\0', len < 4 ? len : 4) != NULL || mentions(head, len < 16 ? len : 16, "<?xml"));
}

static enum outcome
look(struct unpacker *u, int must_be_mail, int part, const char *type, struct document **doc)
{
	unsigned char head[HEAD];
	struct err err = { "", 0 };
	enum magic magic;
	enum outcome r;
	size_t n;

	for (;;) {
		r = blob_rewind(u, &err);
		if (r == OK)
			r = blob_read_full(u, head, sizeof(head), &n, &err);
		else
			n = 0;
		if (r != OK && n == 0)
			return failed_blob(u, &err, doc);
		magic = magic_of(head, n);
		if (must_be_mail && u->blob.layers == 0 && magic != MAGIC_GZIP && magic != MAGIC_ZIP && magic != MAGIC_XML)
			magic = MAGIC_MAIL;
		if (magic != MAGIC_GZIP && magic != MAGIC_ZLIB)
			break;
		if (u->depth >= u->limits.nesting)
			return unpack_yield(u, DOC_DAMAGED, "compressed more often than is followed", doc);
		u->depth++;
		if (u->blob.layers == 0 && u->blob.from != FROM_MEMBER && blanks(head, n) > 0) {
			u->blob.skip += blanks(head, n);
			unpack_note(u, "white space before the compressed data ignored");
		}
		layer_reset(&u->layers[u->blob.layers], 0);
		u->blob.layers++;
	}
	switch (magic) {
	case MAGIC_XML:
		if (part && u->blob.layers == 0 && u->blob.from == FROM_MEMORY && !may_be_report(head, n, type))
			return END;
		/* What was read is given once more, not inflated once more; damage is met again. */
		if (r == OK) {
			split_begin(u, head, n);
			return unpack_yield(u, DOC_XML, NULL, doc);
		}
		r = blob_rewind(u, &err);
		split_begin(u, NULL, 0);
		return r == OK ? unpack_yield(u, DOC_XML, NULL, doc) : failed_blob(u, &err, doc);
	case MAGIC_ZIP:
		if (u->depth >= u->limits.nesting)
			return unpack_yield(u, DOC_DAMAGED, "compressed more often than is followed", doc);
		return go_into(u, magic, 0, doc);
	case MAGIC_MAIL:
		/* The text of a mail may quote another's header. */
		if (part && u->blob.layers == 0 && strncmp(type, "text/", 5) == 0)
			return END;
		/* A mail of a maildir or mailbox is one, whatever its text quotes. */
		return go_into(u, (!must_be_mail || u->blob.layers > 0) && looks_like_mbox(head, n, line_end(head, n)) ? MAGIC_MBOX : magic, 0, doc);
	case MAGIC_JSON:
		return part && u->blob.layers == 0 && strstr(type, "json") == NULL && !is_tls_report(head, n) ? END : look_json(u, head, n, doc);
	case MAGIC_OTHER_ARCHIVE:
		buf_reset(&u->reason);
		buf_fmt(&u->reason, "%s, which is not read; unpack it first", archive_name(head, n));
		return unpack_yield(u, DOC_OTHER, u->reason.at, doc);
	case MAGIC_EMPTY:
		if (r != OK)
			return failed_blob(u, &err, doc);
		return part ? END : unpack_yield(u, DOC_OTHER, "empty", doc);
	default:
		if (part && u->blob.layers == 0)
			return END;
		if (!part && encoded_begins(head, n))
			return go_into(u, MAGIC_MAIL, 1, doc);
		if (r != OK)
			return failed_blob(u, &err, doc);
		return unpack_yield(u, DOC_OTHER, "neither XML nor mail nor an archive", doc);
	}
}

/*
 * Looks at the blob: a document (OK), something that was gone into (END), or a mail's part that is of no interest
 * (END too, `part` set).
 */
enum outcome
unpack_look(struct unpacker *u, int must_be_mail, int part, const char *type, struct document **doc)
{
	if (u->blob.skip == 0)
		u->stem = u->origin.len;
	return look(u, must_be_mail, part, type, doc);
}

/* What begins behind something else in the same file or part. */
static enum outcome
look_behind(struct unpacker *u, struct document **doc)
{
	struct blob base = u->blob;
	int64_t at = u->behind;

	u->behind = 0;
	blob_close(u);
	if (++u->looks > u->limits.members) {	/* said as of so many documents */
		u->yielded = u->limits.members;
		return unpack_yield(u, DOC_DAMAGED, "", doc);
	}
	if (u->nframes == 0) {
		free(u->mail_from);
		free(u->mail_auth);
		u->mail_from = u->mail_auth = NULL;
		u->mail_kind = MAIL_PLAIN;
	}
	base.layers = 0;
	base.at = 0;
	base.skip = (size_t)at;
	u->blob = base;
	u->depth = u->nframes > 0 ? u->frames[u->nframes - 1].depth : 0;
	u->origin.len = u->stem;
	u->origin.at[u->stem] = '\0';
	buf_fmt(&u->origin, "/at %lld", (long long)at);
	buf_reset(&u->notes);
	return unpack_look(u, 0, 0, "", doc);
}

/* What lies behind something else where it cannot be looked at has its row. */
static enum outcome
tell_lost(struct unpacker *u, struct document **doc)
{
	u->lost = 0;
	u->origin.len = u->stem;
	u->origin.at[u->stem] = '\0';
	buf_str(&u->origin, "/behind");
	buf_reset(&u->notes);
	return unpack_yield(u, DOC_DAMAGED, "it lies behind something else within a compressed file or an archive and is not read; unpack that first", doc);
}

void
frame_origin(struct unpacker *u, const struct frame *f)
{
	buf_reset(&u->origin);
	buf_str(&u->origin, f->origin);
	buf_reset(&u->notes);
	buf_str(&u->notes, f->notes != NULL ? f->notes : "");
	u->depth = f->depth;
}

/* --- the item --- */

static enum outcome
hash_fd(int fd, unsigned char digest[32], int64_t *size, const char *origin, struct err *err)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	unsigned char *bytes = mem_grow(NULL, SMALL, 1);
	ssize_t n;

	*size = 0;
	EVP_DigestInit_ex(md, digest_sha256(), NULL);
	while ((n = pread(fd, bytes, SMALL, (off_t)*size)) > 0 || (n < 0 && errno == EINTR)) {
		if (n < 0)
			continue;
		EVP_DigestUpdate(md, bytes, (size_t)n);
		*size += n;
	}
	EVP_DigestFinal_ex(md, digest, NULL);
	EVP_MD_CTX_free(md);
	free(bytes);
	return n < 0 ? err_retry(err, "%s: cannot be read: %s", origin, strerror(errno)) : OK;
}

/* A small file is read once, into a buffer that is reused. */
static enum outcome
open_path(struct unpacker *u, unsigned char digest[32], struct err *err)
{
	const struct item *item = u->item;
	struct stat st;
	size_t got = 0;
	ssize_t n;

	u->fd = open(item->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (u->fd < 0 || fstat(u->fd, &st) != 0)
		return err_retry(err, "%s: cannot be opened: %s", item->origin, strerror(errno));
	if (st.st_size > SMALL - 1) {
		if (hash_fd(u->fd, digest, &u->size, item->origin, err) != OK)
			return SKIP;
		blob_close(u);
		u->blob.from = FROM_FD;
		u->blob.fd = u->fd;
		return OK;
	}
	if (u->whole == NULL)
		u->whole = mem_grow(NULL, SMALL, 1);
	while (got < SMALL && ((n = read(u->fd, u->whole + got, SMALL - got)) > 0 || (n < 0 && errno == EINTR)))
		got += n > 0 ? (size_t)n : 0;
	if (n < 0)
		return err_retry(err, "%s: cannot be read: %s", item->origin, strerror(errno));
	digest_bytes(u->whole, got, digest);
	blob_of_memory(u, u->whole, got);
	u->size = (int64_t)got;
	return OK;
}

enum outcome
unpacker_open(struct unpacker *u, const struct item *item, unsigned char digest[32], struct err *err)
{
	unpacker_close(u);
	u->item = item;
	buf_reset(&u->origin);
	buf_str(&u->origin, item->origin);
	buf_reset(&u->notes);
	if (item->path != NULL)
		return open_path(u, digest, err);
	digest_bytes(item->bytes, item->len, digest);
	blob_of_memory(u, item->bytes, item->len);
	u->size = (int64_t)item->len;
	return OK;
}

/* Another document in the stream of the one before. */
static int
next_of_stream(struct unpacker *u, struct document **doc)
{
	struct err err = { "", 0 };
	size_t kept = u->origin.len;

	if (u->doc.kind != DOC_XML || u->spent || !split_next(u, &err))
		return 0;
	if (u->split.number > 2)
		kept = (size_t)(strrchr(u->origin.at, '#') - u->origin.at);
	u->origin.len = kept;
	u->origin.at[kept] = '\0';
	buf_fmt(&u->origin, "#%d", u->split.number);
	(void)unpack_yield(u, DOC_XML, NULL, doc);
	return 1;
}

static enum outcome
next_of_frame(struct unpacker *u, struct frame *f, struct document **doc)
{
	return f->kind == MAIL ? mail_frame_next(u, f, doc) : f->kind == MBOX ? mbox_frame_next(u, f, doc) :
	    f->kind == ZIP ? zip_frame_next(u, f, doc) : zip_frame_rescue(u, f, doc);
}

enum outcome
unpacker_next(struct unpacker *u, struct document **doc, struct err *err)
{
	enum outcome r = END;

	(void)err;
	if (u->spent || u->yielded > u->limits.members)
		return END;
	if (!u->started) {
		u->started = 1;
		if (u->item->is_mail && u->item->size > u->limits.mail_bytes)
			return too_large(u, "a mail", u->item->size, "mail_bytes", u->limits.mail_bytes, doc);
		r = unpack_look(u, u->item->is_mail, 0, "", doc);
	} else if (next_of_stream(u, doc)) {
		r = OK;
	}
	while (r == END && (u->lost || u->behind > 0 || u->nframes > 0))
		r = u->lost ? tell_lost(u, doc) : u->behind > 0 ? look_behind(u, doc) : next_of_frame(u, &u->frames[u->nframes - 1], doc);
	if (r == OK && u->yielded > u->limits.members) {
		char text[96];

		buf_reset(&u->origin);
		buf_str(&u->origin, u->item->origin);
		(void)snprintf(text, sizeof(text), "more than %d documents in it: the rest is not read", u->limits.members);
		return unpack_yield(u, DOC_DAMAGED, text, doc);
	}
	return r;
}

void
unpacker_close(struct unpacker *u)
{
	while (u->nframes > 0)
		frame_pop(u);
	blob_close(u);
	if (u->fd >= 0)
		close(u->fd);
	free(u->raw);
	free(u->mail_from);
	free(u->mail_auth);
	u->raw = NULL;
	u->mail_from = u->mail_auth = NULL;
	u->mail_kind = MAIL_PLAIN;
	u->fd = -1;
	u->started = u->yielded = u->looks = u->depth = u->spent = u->lost = 0;
	u->out = u->out_most = u->out_before = u->behind = 0;
	u->doc.kind = DOC_OTHER;
	u->item = NULL;
}

/* --- documents --- */

static struct unpacker *
unpacker_of(struct document *doc)
{
	return (struct unpacker *)(void *)((char *)doc - offsetof(struct unpacker, doc));
}

enum outcome
document_read(struct document *doc, void *bytes, size_t cap, size_t *got, struct err *err)
{
	struct unpacker *u = unpacker_of(doc);
	enum outcome r = split_read(u, bytes, cap, got, err);

	doc->notes = u->notes.len > 0 ? u->notes.at : NULL;
	if (r == SKIP)
		doc->sound = 0;
	return r;
}

enum outcome
document_rewind(struct document *doc, struct err *err)
{
	return split_rewind(unpacker_of(doc), err);
}

void
document_raw(struct document *doc, const unsigned char **bytes, size_t *len)
{
	struct unpacker *u = unpacker_of(doc);
	ssize_t n;

	*len = 0;
	*bytes = NULL;
	if (u->item == NULL || u->size <= 0 || u->size > RAW_BYTES)
		return;
	if (u->item->bytes != NULL) {
		*bytes = u->item->bytes;
	} else if (u->size < SMALL) {
		*bytes = u->whole;
	} else {
		if (u->raw == NULL)
			u->raw = mem_grow(NULL, (size_t)u->size, 1);
		n = pread(u->fd, u->raw, (size_t)u->size, 0);
		if (n != u->size)
			return;
		*bytes = u->raw;
	}
	*len = (size_t)u->size;
}
