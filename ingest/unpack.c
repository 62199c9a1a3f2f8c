/* SPDX-License-Identifier: MIT */
/*
 * Opens an item into documents: the only user of zlib and libzip. An item is walked depth first; what is being walked
 * (a mail's parts, a zip's members) is a frame on a small stack, what is being looked at is a blob: bytes of a file, of
 * memory or of a zip member, with up to three layers of inflate on top. All is streamed with fixed buffers but mails
 * and nested zips, which are needed whole; caps count the bytes that come out.
 */
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>
#include <zlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "ingest/private.h"

enum { SMALL = 1 << 20, IN = 32768, LAYERS = 3, FRAMES = 6, HEAD = 8192 };

/* One inflate on top of what lies below. */
struct layer {
	z_stream z;
	int made, raw, ended;	/* raw: no header (rescued zip member) */
	unsigned char in[IN];
	int64_t out;		/* bytes produced */
};

struct blob {
	enum { FROM_NOTHING, FROM_FD, FROM_MEMORY, FROM_MEMBER } from;
	int fd;
	const unsigned char *bytes;
	size_t len, at;
	zip_t *zip;
	zip_uint64_t member;
	zip_file_t *file;
	int layers;
};

struct frame {
	enum { MAIL = 1, ZIP, RESCUE } kind;
	char *origin;
	struct mail mail;
	unsigned char *owned;	/* bytes the frame stands on; freed with it */
	const unsigned char *bytes;
	size_t len, at;
	zip_t *zip;
	zip_int64_t next, count;
	int depth;		/* compressing containers around its members */
	int found;		/* documents yielded */
	struct buf *runs;	/* decoded runs of a sniffed mail */
	size_t nruns;
};

struct unpacker {
	struct ingest_limits limits;
	const struct item *item;
	unsigned char *whole;		/* a small file, read once; reused */
	size_t whole_room;
	unsigned char *mail_bytes;	/* a mail read from a file */
	unsigned char *raw;		/* for document_raw */
	int fd;
	int64_t size, out_total;
	struct frame frames[FRAMES];
	int nframes;
	struct blob blob;
	struct layer layers[LAYERS];
	int started, yielded;
	struct document doc;
	struct buf origin, reason, notes;
	char *mail_from, *mail_auth;
	enum mail_kind mail_kind;
	int depth;			/* of the blob */
};

struct unpacker *
unpacker_new(const struct ingest_limits *limits)
{
	struct unpacker *u = mem_alloc(sizeof(*u));

	u->limits = *limits;
	if (u->limits.mail_bytes <= 0)
		u->limits.mail_bytes = MAIL_BYTES;
	if (u->limits.out_bytes <= 0)
		u->limits.out_bytes = OUT_BYTES;
	if (u->limits.members <= 0)
		u->limits.members = MEMBERS;
	if (u->limits.nesting <= 0 || u->limits.nesting > LAYERS)
		u->limits.nesting = NESTING;
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

/* --- reading a blob --- */

static enum outcome
read_base(struct unpacker *u, unsigned char *bytes, size_t cap, size_t *got, struct err *err)
{
	struct blob *b = &u->blob;
	zip_int64_t z;
	ssize_t n;

	*got = 0;
	switch (b->from) {
	case FROM_FD:
		while ((n = pread(b->fd, bytes, cap, (off_t)b->at)) < 0 && errno == EINTR)
			;
		if (n < 0)
			return err_retry(err, "%s: cannot be read: %s", u->origin.at, strerror(errno));
		b->at += (size_t)n;
		*got = (size_t)n;
		return OK;
	case FROM_MEMORY:
		*got = b->len - b->at < cap ? b->len - b->at : cap;
		memcpy(bytes, b->bytes + b->at, *got);
		b->at += *got;
		return OK;
	case FROM_MEMBER:
		z = zip_fread(b->file, bytes, cap);
		if (z < 0)
			return err_skip(err, "%s: damaged zip member after %zu bytes: %s", u->origin.at, b->at, zip_file_strerror(b->file));
		b->at += (size_t)z;
		*got = (size_t)z;
		return OK;
	default:
		return OK;
	}
}

static enum outcome read_blob(struct unpacker *u, int layers, unsigned char *bytes, size_t cap, size_t *got, struct err *err);

static enum outcome
refill(struct unpacker *u, int n, struct err *err)
{
	struct layer *l = &u->layers[n];
	enum outcome r;
	size_t got = 0;

	r = read_blob(u, n, l->in, IN, &got, err);
	l->z.next_in = l->in;
	l->z.avail_in = (uInt)got;
	return r;
}

static void
note(struct unpacker *u, const char *text)
{
	if (strstr(u->notes.at, text) != NULL)
		return;
	buf_str(&u->notes, u->notes.len > 0 ? "; " : "");
	buf_str(&u->notes, text);
}

/* Behind the end of a member: another one, or bytes that are counted and ignored. */
static enum outcome
after_end(struct unpacker *u, int n, struct err *err)
{
	struct layer *l = &u->layers[n];
	unsigned char first;
	size_t rest = 0;
	char text[80];

	if (l->z.avail_in == 0)
		(void)refill(u, n, err);
	if (l->z.avail_in == 1) {
		/* The magic's two bytes may lie in two reads. */
		first = *l->z.next_in;
		(void)read_blob(u, n, l->in + 1, IN - 1, &rest, err);
		l->in[0] = first;
		l->z.next_in = l->in;
		l->z.avail_in = (uInt)rest + 1;
	}
	if (!l->raw && l->z.avail_in >= 2 && l->z.next_in[0] == 0x1f && l->z.next_in[1] == 0x8b) {
		inflateReset(&l->z);
		return OK;
	}
	for (rest = l->z.avail_in; l->z.avail_in > 0 && rest < SMALL; rest += l->z.avail_in)
		if (refill(u, n, err) != OK)
			break;
	if (rest > 0) {
		(void)snprintf(text, sizeof(text), "%zu byte%s after the compressed data ignored", rest, rest == 1 ? "" : "s");
		if (!l->raw)
			note(u, text);
	}
	l->ended = 1;
	return OK;
}

static enum outcome
inflate_some(struct unpacker *u, int n, unsigned char *bytes, size_t cap, size_t *got, struct err *err)
{
	struct layer *l = &u->layers[n];
	enum outcome r;
	int z;

	*got = 0;
	while (*got == 0 && !l->ended) {
		if (l->z.avail_in == 0) {
			if ((r = refill(u, n, err)) != OK && l->z.avail_in == 0)
				return r;
			if (l->z.avail_in == 0)
				return err_skip(err, "%s: cut short: the compressed data ends after %lld bytes of its content",
				    u->origin.at, (long long)l->out);
		}
		l->z.next_out = bytes;
		l->z.avail_out = (uInt)(cap > 1 << 30 ? 1 << 30 : cap);
		z = inflate(&l->z, Z_NO_FLUSH);
		*got = (size_t)(l->z.next_out - bytes);
		l->out += (int64_t)*got;
		if (z == Z_STREAM_END) {
			if ((r = after_end(u, n, err)) != OK)
				return r;
		} else if (z != Z_OK && z != Z_BUF_ERROR) {
			l->ended = 1;
			return err_skip(err, "%s: damaged compressed data after %lld bytes of its content: %s", u->origin.at, (long long)l->out,
			    l->z.msg != NULL ? l->z.msg : "no gzip or zlib stream");
		}
	}
	return OK;
}

static enum outcome
read_blob(struct unpacker *u, int layers, unsigned char *bytes, size_t cap, size_t *got, struct err *err)
{
	if (layers == 0)
		return read_base(u, bytes, cap, got, err);
	return inflate_some(u, layers - 1, bytes, cap, got, err);
}

static void
reset_layer(struct layer *l, int raw)
{
	if (l->made && l->raw != raw) {
		inflateEnd(&l->z);
		l->made = 0;
	}
	if (!l->made) {
		memset(&l->z, 0, sizeof(l->z));
		if (inflateInit2(&l->z, raw ? -15 : 15 + 32) != Z_OK)
			abort();
		l->made = 1;
	} else {
		inflateReset(&l->z);
	}
	l->raw = raw;
	l->ended = 0;
	l->out = 0;
	l->z.avail_in = 0;
}

static enum outcome
rewind_blob(struct unpacker *u, struct err *err)
{
	struct blob *b = &u->blob;
	int i;

	b->at = 0;
	for (i = 0; i < b->layers; i++)
		reset_layer(&u->layers[i], u->layers[i].raw);
	if (b->from != FROM_MEMBER)
		return OK;
	if (b->file != NULL)
		zip_fclose(b->file);
	b->file = zip_fopen_index(b->zip, b->member, 0);
	if (b->file == NULL)
		return err_skip(err, "%s: zip member cannot be opened: %s", u->origin.at, zip_strerror(b->zip));
	return OK;
}

static void
close_blob(struct blob *b)
{
	if (b->file != NULL)
		zip_fclose(b->file);
	memset(b, 0, sizeof(*b));
}

/* Reads as much as fits; SKIP keeps what came before. */
static enum outcome
read_full(struct unpacker *u, unsigned char *bytes, size_t cap, size_t *got, struct err *err)
{
	enum outcome r = OK;
	size_t n = 1;

	for (*got = 0; r == OK && n > 0 && *got < cap; *got += n) {
		n = 0;
		r = read_blob(u, u->blob.layers, bytes + *got, cap - *got, &n, err);
	}
	return r;
}

/* --- what a document is --- */

static enum outcome
yield(struct unpacker *u, enum document_kind kind, const char *reason, struct document **doc)
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
static void
add_name(struct buf *to, const char *name)
{
	struct buf clean;

	buf_init(&clean, NAME_BYTES);
	text_clean(&clean, name, strnlen(name, NAME_BYTES));
	buf_str(to, clean.at);
	buf_free(&clean);
}

/* --- frames --- */

static struct frame *
push_frame(struct unpacker *u, int kind)
{
	struct frame *f = &u->frames[u->nframes++];

	memset(f, 0, sizeof(*f));
	f->kind = kind;
	f->origin = mem_str(u->origin.at);
	f->depth = u->depth;
	return f;
}

static void
pop_frame(struct unpacker *u)
{
	struct frame *f = &u->frames[--u->nframes];
	size_t i;

	if (u->nframes > 0)
		u->frames[u->nframes - 1].found += f->found;
	close_blob(&u->blob);
	if (f->kind == ZIP && f->zip != NULL)
		zip_discard(f->zip);
	if (f->kind == MAIL)
		mail_free(&f->mail);
	for (i = 0; i < f->nruns; i++)
		buf_free(&f->runs[i]);
	free(f->runs);
	free(f->owned);
	free(f->origin);
}

static const char *
mail_words(enum mail_kind kind)
{
	switch (kind) {
	case MAIL_TLS_REPORT:
		return "an SMTP TLS report, not an aggregate report";
	case MAIL_FAILURE:
		return "a failure or abuse report, not an aggregate report";
	case MAIL_BOUNCE:
		return "a bounce (delivery status notification), not an aggregate report";
	default:
		return "a mail without a report in it";
	}
}

static void
add_run(void *ctx, unsigned char *bytes, size_t len)
{
	struct frame *f = ctx;

	f->runs = mem_grow(f->runs, f->nruns + 1, sizeof(*f->runs));
	memset(&f->runs[f->nruns], 0, sizeof(*f->runs));
	f->runs[f->nruns].at = (char *)bytes;
	f->runs[f->nruns++].len = len;
}

static enum outcome
open_mail(struct unpacker *u, const unsigned char *bytes, size_t len, unsigned char *owned, struct document **doc)
{
	struct frame *f;
	struct err err = { "", 0 };

	f = push_frame(u, MAIL);
	f->bytes = bytes;
	f->len = len;
	f->owned = owned;
	close_blob(&u->blob);
	if (mail_parse(bytes, len, u->limits.authserv_id, &f->mail, &err) != OK) {
		pop_frame(u);
		return yield(u, DOC_DAMAGED, err.text, doc);
	}
	if (u->mail_auth == NULL) {
		u->mail_from = mem_str(f->mail.from);
		u->mail_auth = mem_str(f->mail.auth);
		u->mail_kind = f->mail.kind;
	}
	return END;
}

static enum outcome
open_zip(struct unpacker *u, const unsigned char *bytes, size_t len, unsigned char *owned, struct document **doc)
{
	zip_error_t ze;
	zip_source_t *src;
	struct frame *f;
	zip_t *zip = NULL;

	zip_error_init(&ze);
	src = zip_source_buffer_create(bytes, len, 0, &ze);
	if (src != NULL && (zip = zip_open_from_source(src, ZIP_RDONLY, &ze)) == NULL)
		zip_source_free(src);
	f = push_frame(u, zip != NULL ? ZIP : RESCUE);
	f->depth = u->depth + 1;
	f->owned = owned;
	f->bytes = bytes;
	f->len = len;
	close_blob(&u->blob);
	if (zip != NULL) {
		f->zip = zip;
		f->count = zip_get_num_entries(zip, 0);
		if (f->count <= 0) {
			pop_frame(u);
			zip_error_fini(&ze);
			return yield(u, DOC_OTHER, "an empty zip archive", doc);
		}
	} else {
		buf_reset(&u->reason);
		buf_fmt(&u->reason, "a damaged zip archive: %s", zip_error_strerror(&ze));
	}
	zip_error_fini(&ze);
	return END;
}

/* All bytes of the blob, at most cap: caller frees. */
static unsigned char *
slurp(struct unpacker *u, size_t cap, size_t *len, struct err *err)
{
	struct buf all;
	unsigned char bytes[IN];
	size_t got;

	buf_init(&all, cap);
	if (rewind_blob(u, err) != OK) {
		buf_free(&all);
		return NULL;
	}
	for (;;) {
		got = 0;
		if (read_blob(u, u->blob.layers, bytes, sizeof(bytes), &got, err) != OK && got == 0) {
			/* What came before the damage is used. */
			if (all.len > 0)
				break;
			buf_free(&all);
			return NULL;
		}
		if (got == 0)
			break;
		if (!buf_add(&all, bytes, got)) {
			buf_free(&all);
			err_skip(err, "larger than %zu MiB", cap >> 20);
			return NULL;
		}
	}
	*len = all.len;
	return (unsigned char *)all.at;
}

static int
mentions(const unsigned char *bytes, size_t len, const char *word)
{
	return memmem(bytes, len, word, strlen(word)) != NULL;
}

static enum outcome
look_json(struct unpacker *u, const unsigned char *head, size_t len, struct document **doc)
{
	if (mentions(head, len, "organization-name") || mentions(head, len, "policy-type") || u->mail_kind == MAIL_TLS_REPORT)
		return yield(u, DOC_TLS_REPORT, "an SMTP TLS report, not an aggregate report", doc);
	return yield(u, DOC_OTHER, "JSON, not an aggregate report", doc);
}

/* Whole bytes of a blob that is a mail or zip, and into it. */
static enum outcome
go_into(struct unpacker *u, enum magic magic, struct document **doc)
{
	struct blob *b = &u->blob;
	size_t cap = magic == MAGIC_MAIL ? (size_t)u->limits.mail_bytes : ZIP_BYTES, len = 0;
	unsigned char *owned = NULL;
	const unsigned char *bytes;
	struct err err = { "", 0 };

	if (u->nframes == FRAMES)
		return yield(u, DOC_DAMAGED, "containers are nested too deeply", doc);
	if (b->from == FROM_MEMORY && b->layers == 0) {
		bytes = b->bytes;
		len = b->len;
	} else {
		bytes = owned = slurp(u, cap, &len, &err);
		if (owned == NULL)
			return yield(u, DOC_DAMAGED, err.text, doc);
	}
	if (len > cap) {
		char text[96];

		(void)snprintf(text, sizeof(text), "%zu bytes: larger than the %zu MiB that are read", len, cap >> 20);
		free(owned);
		return yield(u, DOC_DAMAGED, text, doc);
	}
	return magic == MAGIC_MAIL ? open_mail(u, bytes, len, owned, doc) : open_zip(u, bytes, len, owned, doc);
}

static enum outcome
failed_blob(struct unpacker *u, const struct err *err, struct document **doc)
{
	const char *text = err->text;
	size_t n = u->origin.len;

	if (strncmp(text, u->origin.at, n) == 0 && text[n] == ':')
		text += n + 2;
	(void)yield(u, DOC_DAMAGED, text, doc);
	(*doc)->retry = err->retry;
	return OK;
}

/*
 * Looks at the blob: a document (OK), something that was gone into (END), or a mail's part that is of no interest
 * (END too, `part` set).
 */
static enum outcome
look(struct unpacker *u, int must_be_mail, int part, const char *type, struct document **doc)
{
	unsigned char head[HEAD];
	struct err err = { "", 0 };
	enum magic magic;
	enum outcome r;
	size_t n;

	for (;;) {
		r = rewind_blob(u, &err);
		if (r == OK)
			r = read_full(u, head, sizeof(head), &n, &err);
		else
			n = 0;
		if (r != OK && n == 0)
			return failed_blob(u, &err, doc);
		magic = must_be_mail && u->blob.layers == 0 ? MAGIC_MAIL : magic_of(head, n);
		if (magic != MAGIC_GZIP && magic != MAGIC_ZLIB)
			break;
		if (u->depth >= u->limits.nesting)
			return yield(u, DOC_DAMAGED, "compressed more often than is followed", doc);
		u->depth++;
		u->layers[u->blob.layers].raw = 0;
		u->layers[u->blob.layers].made = u->layers[u->blob.layers].made ? 1 : 0;
		reset_layer(&u->layers[u->blob.layers], 0);
		u->blob.layers++;
	}
	switch (magic) {
	case MAGIC_XML:
		if (part && !mentions(head, n, "feedback") && strstr(type, "xml") == NULL && u->blob.layers == 0 && u->blob.from == FROM_MEMORY)
			return END;
		r = rewind_blob(u, &err);
		return r == OK ? yield(u, DOC_XML, NULL, doc) : failed_blob(u, &err, doc);
	case MAGIC_ZIP:
		if (u->depth >= u->limits.nesting)
			return yield(u, DOC_DAMAGED, "compressed more often than is followed", doc);
		return go_into(u, magic, doc);
	case MAGIC_MAIL:
		if (part && u->blob.layers == 0)
			return END;
		return go_into(u, magic, doc);
	case MAGIC_JSON:
		return part && u->blob.layers == 0 && strstr(type, "json") == NULL ? END : look_json(u, head, n, doc);
	case MAGIC_OTHER_ARCHIVE:
		return yield(u, DOC_OTHER, "an archive of a kind that is not read (bzip2, xz, zstd, 7z or rar)", doc);
	case MAGIC_EMPTY:
		return part ? END : yield(u, DOC_OTHER, "empty", doc);
	default:
		if (part && u->blob.layers == 0)
			return END;
		return yield(u, DOC_OTHER, "neither XML nor mail nor an archive", doc);
	}
}

static void
blob_of_memory(struct unpacker *u, const unsigned char *bytes, size_t len)
{
	close_blob(&u->blob);
	u->blob.from = FROM_MEMORY;
	u->blob.bytes = bytes;
	u->blob.len = len;
}

static void
set_origin(struct unpacker *u, const struct frame *f)
{
	buf_reset(&u->origin);
	buf_str(&u->origin, f->origin);
	buf_reset(&u->notes);
	u->depth = f->depth;
}

/* --- next member of a frame --- */

static enum outcome
mail_next(struct unpacker *u, struct frame *f, struct document **doc)
{
	struct part *p;

	if (f->next < (zip_int64_t)f->mail.count) {
		p = &f->mail.parts[f->next++];
		set_origin(u, f);
		buf_fmt(&u->origin, "/part %d", p->number);
		if (p->name != NULL) {
			buf_str(&u->origin, "/");
			add_name(&u->origin, p->name);
		}
		blob_of_memory(u, p->bytes, p->len);
		return look(u, 0, 1, p->type, doc);
	}
	if (f->found == 0 && f->runs == NULL && f->next == (zip_int64_t)f->mail.count) {
		const unsigned char *xml;

		f->next++;
		(void)mail_sniff(f->bytes, f->len, add_run, f);
		xml = f->nruns == 0 ? memmem(f->bytes, f->len, "<feedback", 9) : NULL;
		if (xml != NULL) {
			size_t len = f->len - (size_t)(xml - f->bytes);

			add_run(f, (unsigned char *)mem_strn((const char *)xml, len), len);
		}
	}
	if (f->at < f->nruns) {
		set_origin(u, f);
		buf_fmt(&u->origin, "/run %zu", f->at + 1);
		note(u, "found in the raw bytes of a mail whose MIME is broken");
		f->at++;
		blob_of_memory(u, (const unsigned char *)f->runs[f->at - 1].at, f->runs[f->at - 1].len);
		return look(u, 0, 1, "xml", doc);
	}
	if (f->found == 0) {
		enum mail_kind kind = f->mail.kind;
		static const enum document_kind kinds[] = { DOC_OTHER, DOC_TLS_REPORT, DOC_FAILURE, DOC_BOUNCE };

		set_origin(u, f);
		close_blob(&u->blob);
		return yield(u, kinds[kind], mail_words(kind), doc);
	}
	pop_frame(u);
	return END;
}

static int
is_passed_over(const char *name)
{
	size_t n = strlen(name);

	return n == 0 || name[n - 1] == '/' || strncmp(name, "__MACOSX/", 9) == 0 || strstr(name, "/._") != NULL ||
	    strncmp(name, "._", 2) == 0 || strstr(name, ".DS_Store") != NULL;
}

static enum outcome
zip_next(struct unpacker *u, struct frame *f, struct document **doc)
{
	struct zip_stat st;
	const char *name;

	if (f->next >= f->count) {
		if (f->found == 0) {
			set_origin(u, f);
			close_blob(&u->blob);
			return yield(u, DOC_OTHER, "a zip archive with nothing in it to read", doc);
		}
		pop_frame(u);
		return END;
	}
	zip_stat_init(&st);
	name = zip_get_name(f->zip, (zip_uint64_t)f->next, ZIP_FL_ENC_GUESS);
	name = name != NULL ? name : "";
	f->next++;
	if (is_passed_over(name) || zip_stat_index(f->zip, (zip_uint64_t)f->next - 1, 0, &st) != 0)
		return END;
	set_origin(u, f);
	buf_str(&u->origin, ":");
	add_name(&u->origin, name);
	close_blob(&u->blob);
	if ((st.valid & ZIP_STAT_ENCRYPTION_METHOD) && st.encryption_method != ZIP_EM_NONE)
		return yield(u, DOC_DAMAGED, "encrypted: the archive wants a password", doc);
	u->blob.from = FROM_MEMBER;
	u->blob.zip = f->zip;
	u->blob.member = (zip_uint64_t)f->next - 1;
	return look(u, 0, 0, "", doc);
}

static unsigned
little(const unsigned char *p, int n)
{
	unsigned v = 0;

	while (n-- > 0)
		v = v << 8 | p[n];
	return v;
}

/* Members of a zip without a directory, by their local headers (PKWARE APPNOTE section 4.3.7). */
static enum outcome
rescue_next(struct unpacker *u, struct frame *f, struct document **doc)
{
	const unsigned char *h;
	size_t left, start, name, extra;
	unsigned method, flags, size;
	char label[NAME_BYTES + 1];

	while (f->at + 30 <= f->len && (h = memmem(f->bytes + f->at, f->len - f->at, "PK\3\4", 4)) != NULL) {
		left = f->len - (size_t)(h - f->bytes);
		f->at = (size_t)(h - f->bytes) + 4;
		if (left < 30)
			break;
		flags = little(h + 6, 2);
		method = little(h + 8, 2);
		size = little(h + 18, 4);
		name = little(h + 26, 2);
		extra = little(h + 28, 2);
		start = 30 + name + extra;
		if (start >= left || (method != 0 && method != 8) || (flags & 1))
			continue;
		if (size == 0 || size > left - start)
			size = (unsigned)(left - start > UINT32_MAX ? UINT32_MAX : left - start);
		memcpy(label, h + 30, name > NAME_BYTES ? NAME_BYTES : name);
		label[name > NAME_BYTES ? NAME_BYTES : name] = '\0';
		if (is_passed_over(label))
			continue;
		set_origin(u, f);
		buf_str(&u->origin, ":");
		add_name(&u->origin, label);
		note(u, "rescued from a zip archive without a directory");
		blob_of_memory(u, h + start, size);
		if (method == 8) {
			reset_layer(&u->layers[0], 1);
			u->blob.layers = 1;
		}
		return look(u, 0, 0, "", doc);
	}
	if (f->found == 0) {
		set_origin(u, f);
		close_blob(&u->blob);
		return yield(u, DOC_DAMAGED, u->reason.at, doc);
	}
	pop_frame(u);
	return END;
}

/* --- the item --- */

static enum outcome
hash_fd(int fd, unsigned char digest[32], int64_t *size, const char *origin, struct err *err)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	unsigned char *bytes = mem_grow(NULL, SMALL, 1);
	ssize_t n;

	*size = 0;
	EVP_DigestInit_ex(md, EVP_sha256(), NULL);
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
		close_blob(&u->blob);
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
	EVP_Digest(u->whole, got, digest, NULL, EVP_sha256(), NULL);
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
	EVP_Digest(item->bytes, item->len, digest, NULL, EVP_sha256(), NULL);
	blob_of_memory(u, item->bytes, item->len);
	u->size = (int64_t)item->len;
	return OK;
}

static enum outcome
too_large(struct unpacker *u, struct document **doc)
{
	char text[120];

	(void)snprintf(text, sizeof(text), "a mail of %lld bytes: larger than the %lld MiB that are read", (long long)u->item->size,
	    (long long)(u->limits.mail_bytes >> 20));
	return yield(u, DOC_DAMAGED, text, doc);
}

enum outcome
unpacker_next(struct unpacker *u, struct document **doc, struct err *err)
{
	enum outcome r = END;

	(void)err;
	if (!u->started) {
		u->started = 1;
		if (u->item->is_mail && u->item->size > u->limits.mail_bytes)
			return too_large(u, doc);
		r = look(u, u->item->is_mail, 0, "", doc);
	}
	while (r == END && u->nframes > 0) {
		struct frame *f = &u->frames[u->nframes - 1];

		if (u->yielded > u->limits.members) {
			while (u->nframes > 0)
				pop_frame(u);
			return END;
		}
		if (u->yielded == u->limits.members) {
			set_origin(u, f);
			close_blob(&u->blob);
			return yield(u, DOC_DAMAGED, "more documents in one item than are read", doc);
		}
		r = f->kind == MAIL ? mail_next(u, f, doc) : f->kind == ZIP ? zip_next(u, f, doc) : rescue_next(u, f, doc);
	}
	return r;
}

void
unpacker_close(struct unpacker *u)
{
	while (u->nframes > 0)
		pop_frame(u);
	close_blob(&u->blob);
	if (u->fd >= 0)
		close(u->fd);
	free(u->raw);
	free(u->mail_from);
	free(u->mail_auth);
	u->raw = NULL;
	u->mail_from = u->mail_auth = NULL;
	u->mail_kind = MAIL_PLAIN;
	u->fd = -1;
	u->started = u->yielded = u->depth = 0;
	u->out_total = 0;
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
	enum outcome r = read_blob(u, u->blob.layers, bytes, cap, got, err);

	u->out_total += (int64_t)*got;
	doc->notes = u->notes.len > 0 ? u->notes.at : NULL;
	if (r == SKIP)
		doc->sound = 0;
	if (u->out_total > u->limits.out_bytes) {
		*got = 0;
		return err_skip(err, "%s: decompresses to more than %lld MiB: reading stopped there", u->origin.at,
		    (long long)(u->limits.out_bytes >> 20));
	}
	return r;
}

enum outcome
document_rewind(struct document *doc, struct err *err)
{
	return rewind_blob(unpacker_of(doc), err);
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
