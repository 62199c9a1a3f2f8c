/* SPDX-License-Identifier: MIT */
/* Blobs: bytes of a file, of memory or of a zip member, inflated (RFC 1950 to 1952) as they are read; streamed with fixed buffers. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "ingest/unpack.h"

static enum outcome
read_base(struct unpacker *u, unsigned char *bytes, size_t cap, size_t *got, struct err *err)
{
	struct blob *b = &u->blob;
	zip_int64_t z;
	ssize_t n;

	*got = 0;
	switch (b->from) {
	case FROM_FD:
		while ((n = pread(b->fd, bytes, cap, (off_t)(b->skip + b->at))) < 0 && errno == EINTR)
			;
		if (n < 0)
			return err_retry(err, "%s: cannot be read: %s", u->origin.at, strerror(errno));
		b->at += (size_t)n;
		*got = (size_t)n;
		return OK;
	case FROM_MEMORY:
		*got = b->len - b->skip - b->at < cap ? b->len - b->skip - b->at : cap;
		memcpy(bytes, b->bytes + b->skip + b->at, *got);
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

static enum outcome
refill(struct unpacker *u, int n, struct err *err)
{
	struct layer *l = &u->layers[n];
	enum outcome r;
	size_t got = 0;

	r = blob_read(u, n, l->in, IN, &got, err);
	l->z.next_in = l->in;
	l->z.avail_in = (uInt)got;
	return r;
}

/* A member that was found by its local header: what lies behind it is the archive's. */
static int
blob_is_rescued(const struct unpacker *u)
{
	return u->nframes > 0 && u->frames[u->nframes - 1].kind == RESCUE;
}

/* Behind the end of a member: another one, or bytes that are counted and ignored. */
static enum outcome
after_end(struct unpacker *u, int n, struct err *err)
{
	struct layer *l = &u->layers[n];
	size_t rest = 0, padding = 0;
	char text[80];

	do {	/* zeros stand between members on tapes and in some mails, line ends behind those of Mimecast */
		while (l->z.avail_in > 0 && (*l->z.next_in == '\0' || strchr(" \t\r\n", *l->z.next_in) != NULL)) {
			l->z.next_in++;
			l->z.avail_in--;
			padding++;
		}
	} while (l->z.avail_in == 0 && padding < SMALL && refill(u, n, err) == OK && l->z.avail_in > 0);
	if (l->z.avail_in > 0 && l->z.avail_in < HEAD) {
		/* What tells what follows may lie in two reads. */
		memmove(l->in, l->z.next_in, l->z.avail_in);
		(void)blob_read(u, n, l->in + l->z.avail_in, IN - l->z.avail_in, &rest, err);
		l->z.next_in = l->in;
		l->z.avail_in += (uInt)rest;
	}
	if (!l->raw && l->z.avail_in >= 2 && l->z.next_in[0] == 0x1f && l->z.next_in[1] == 0x8b) {
		inflateReset(&l->z);
		return OK;
	}
	if (n == 0 && blob_is_base(u) && another_thing(l->z.next_in, l->z.avail_in)) {
		u->behind = (int64_t)(u->blob.skip + u->blob.at - l->z.avail_in);
		l->ended = 1;
		return OK;
	}
	u->lost |= !l->raw && !blob_is_rescued(u) && another_thing(l->z.next_in, l->z.avail_in);
	for (rest = padding + l->z.avail_in; l->z.avail_in > 0 && rest < SMALL; rest += l->z.avail_in)
		if (refill(u, n, err) != OK)
			break;
	if (rest > 0) {
		(void)snprintf(text, sizeof(text), "%zu byte%s after the compressed data ignored", rest, rest == 1 ? "" : "s");
		if (!l->raw)
			unpack_note(u, text);
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

int
blob_is_base(const struct unpacker *u)
{
	return (u->blob.from == FROM_FD || u->blob.from == FROM_MEMORY) && !blob_is_rescued(u);
}

/* Counts bytes that came out. */
static void
blob_spend(struct unpacker *u, int64_t bytes)
{
	u->out += bytes;
	if (u->out > u->out_most)
		u->out_most = u->out;
	u->spent |= u->out_before + u->out_most > u->limits.out_bytes;
}

enum outcome
blob_read(struct unpacker *u, int layers, unsigned char *bytes, size_t cap, size_t *got, struct err *err)
{
	enum outcome r = layers == 0 ? read_base(u, bytes, cap, got, err) : inflate_some(u, layers - 1, bytes, cap, got, err);

	/* A mail or an archive as it lies there was not decompressed. */
	if (layers < u->blob.layers || (layers == 0 && u->blob.from != FROM_MEMBER && u->split.number == 0))
		return r;
	/* What comes out on top counts against the cap; read again after a rewind, it counts once. */
	blob_spend(u, (int64_t)*got);
	if (!u->spent)
		return r;
	*got = 0;
	return err_skip(err, "%s: decompresses to more than %lld bytes, with what came before it in the same file or mail: reading stopped there",
	    u->origin.at, (long long)u->limits.out_bytes);
}

void
layer_reset(struct layer *l, int raw)
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

enum outcome
blob_rewind(struct unpacker *u, struct err *err)
{
	struct blob *b = &u->blob;
	int i;

	b->at = 0;
	u->out = 0;
	for (i = 0; i < b->layers; i++)
		layer_reset(&u->layers[i], u->layers[i].raw);
	if (b->from != FROM_MEMBER)
		return OK;
	if (b->file != NULL)
		zip_fclose(b->file);
	b->file = zip_fopen_index(b->zip, b->member, 0);
	if (b->file == NULL)
		return err_skip(err, "%s: zip member cannot be opened: %s", u->origin.at, zip_strerror(b->zip));
	return OK;
}

void
blob_close(struct unpacker *u)
{
	if (u->blob.file != NULL)
		zip_fclose(u->blob.file);
	memset(&u->blob, 0, sizeof(u->blob));
	u->split.number = 0;
	u->out_before += u->out_most;
	u->out = u->out_most = 0;
}

/* Reads as much as fits; SKIP keeps what came before. */
enum outcome
blob_read_full(struct unpacker *u, unsigned char *bytes, size_t cap, size_t *got, struct err *err)
{
	enum outcome r = OK;
	size_t n = 1;

	for (*got = 0; r == OK && n > 0 && *got < cap; *got += n) {
		n = 0;
		r = blob_read(u, u->blob.layers, bytes + *got, cap - *got, &n, err);
	}
	return r;
}

/* All bytes of the blob, at most cap: caller frees. */
unsigned char *
blob_slurp(struct unpacker *u, size_t cap, size_t *len, struct err *err)
{
	struct buf all;
	unsigned char bytes[IN];
	size_t got;

	buf_init(&all, cap);
	if (blob_rewind(u, err) != OK) {
		buf_free(&all);
		return NULL;
	}
	for (;;) {
		got = 0;
		if (blob_read(u, u->blob.layers, bytes, sizeof(bytes), &got, err) != OK && got == 0) {
			if (all.len > 0 && !u->spent) {		/* what came before the damage is used */
				unpack_note(u, unpack_bare(u, err->text));
				break;
			}
			buf_free(&all);
			return NULL;
		}
		if (got == 0)
			break;
		if (!buf_add(&all, bytes, got)) {
			buf_free(&all);
			err->text[0] = '\0';
			return NULL;
		}
	}
	*len = all.len;
	return (unsigned char *)all.at;
}

void
blob_of_memory(struct unpacker *u, const unsigned char *bytes, size_t len)
{
	blob_close(u);
	u->blob.from = FROM_MEMORY;
	u->blob.bytes = bytes;
	u->blob.len = len;
}
