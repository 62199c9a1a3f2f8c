/* SPDX-License-Identifier: MIT */
/* Zip archives: their members by libzip, or by their local headers where the directory is missing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "ingest/unpack.h"

enum {
	ZIP_TAIL = 65536 + 256,	/* a directory's end lies within: its comment has at most 65535 bytes */
	ENDS_MOST = 1000	/* of directories in one file behind which is looked */
};

static unsigned
little(const unsigned char *p, int n)
{
	unsigned v = 0;

	while (n-- > 0)
		v = v << 8 | p[n];
	return v;
}

/*
 * 1: the last directory of a zip does not lie where it says (APPNOTE 4.3.16): several archives were put together by cat. libzip takes the first then, and
 * tells nothing of the others. tail: the last bytes, from this offset.
 */
static int
is_of_several(const unsigned char *tail, size_t len, uint64_t offset)
{
	const unsigned char *p = tail, *hit, *last = NULL;
	uint64_t size, start;

	while ((hit = memmem(p, len - (size_t)(p - tail), "PK\5\6", 4)) != NULL) {
		if (len - (size_t)(hit - tail) >= 22)
			last = hit;
		p = hit + 4;
	}
	if (last == NULL)
		return 0;
	size = little(last + 12, 4);
	start = little(last + 16, 4);
	return size != UINT32_MAX && start != UINT32_MAX && start + size < offset + (uint64_t)(last - tail);
}

/*
 * How many entries a zip says it has, in the last bytes of it (APPNOTE 4.3.14 and 4.3.16): libzip makes room for all of them
 * before anything is read, so the zip64 form, which can name billions, is looked at beforehand.
 */
static uint64_t
entries_of(const unsigned char *tail, size_t len)
{
	const unsigned char *p = tail, *hit;
	uint64_t most = 0, n;
	int i;

	while ((hit = memmem(p, len - (size_t)(p - tail), "PK\6\6", 4)) != NULL) {
		if (len - (size_t)(hit - tail) >= 40) {
			for (n = 0, i = 7; i >= 0; i--)
				n = n << 8 | hit[32 + i];
			most = n > most ? n : most;
		}
		p = hit + 4;
	}
	return most;
}

/* Behind the end of a directory (APPNOTE 4.3.16) at `hit`: the offset of something else that begins there; 0: nothing does. */
static size_t
another_behind(const unsigned char *bytes, size_t len, const unsigned char *hit)
{
	size_t at = (size_t)(hit - bytes), end = at + 22;

	if (len - at < 22 || len - end < little(hit + 20, 2))
		return 0;
	end += little(hit + 20, 2);
	return end < len && another_thing(bytes + end, len - end < HEAD ? len - end : HEAD) ? end : 0;
}

/* The same for the last directory. */
static size_t
another_behind_last(const unsigned char *bytes, size_t len)
{
	const unsigned char *p = bytes, *hit, *last = NULL;

	while ((hit = memmem(p, len - (size_t)(p - bytes), "PK\5\6", 4)) != NULL) {
		last = hit;
		p = hit + 4;
	}
	return last != NULL ? another_behind(bytes, len, last) : 0;
}

static enum outcome
push_zip(struct unpacker *u, zip_t *zip, const unsigned char *bytes, size_t len, unsigned char *owned, int64_t behind, struct document **doc)
{
	struct frame *f = frame_push(u, zip != NULL ? ZIP : RESCUE);

	f->depth = u->depth + 1;
	if (behind > 0 && (u->nframes < 2 || u->frames[u->nframes - 2].kind != RESCUE))
		frame_behind(f, (size_t)behind);
	f->owned = owned;
	f->bytes = bytes;
	f->len = len;
	blob_close(u);
	if (zip == NULL)
		return END;
	f->zip = zip;
	f->count = zip_get_num_entries(zip, 0);
	if (f->count > 0)
		return END;
	frame_pop(u);
	return unpack_yield(u, DOC_OTHER, "an empty zip archive", doc);
}

static enum outcome
too_many(struct unpacker *u, uint64_t entries, struct document **doc)
{
	char text[96];

	(void)snprintf(text, sizeof(text), "a zip archive that says it holds %llu files: refused", (unsigned long long)entries);
	return unpack_yield(u, DOC_DAMAGED, text, doc);
}

enum outcome
zip_frame_open(struct unpacker *u, const unsigned char *bytes, size_t len, unsigned char *owned, struct document **doc)
{
	size_t tail = len < ZIP_TAIL ? len : ZIP_TAIL, behind = another_behind_last(bytes + len - tail, tail);
	uint64_t entries = entries_of(bytes + len - tail, tail);
	zip_source_t *src;
	zip_t *zip = NULL;

	if (entries > ZIP_ENTRIES) {
		free(owned);
		return too_many(u, entries, doc);
	}
	src = is_of_several(bytes + len - tail, tail, len - tail) ? NULL : zip_source_buffer_create(bytes, len, 0, NULL);
	if (src != NULL && (zip = zip_open_from_source(src, ZIP_RDONLY, NULL)) == NULL)
		zip_source_free(src);
	/* What is found by its local headers is gone over up to there, whatever lies between. */
	return push_zip(u, zip, bytes, len, owned, zip != NULL && behind > 0 ? (int64_t)(len - tail + behind) : 0, doc);
}

enum outcome
zip_frame_file(struct unpacker *u, struct document **doc)
{
	unsigned char *tail = mem_alloc(ZIP_TAIL);
	int64_t offset = u->size > ZIP_TAIL ? u->size - ZIP_TAIL : 0;
	ssize_t n = pread(u->fd, tail, ZIP_TAIL, offset);
	uint64_t entries = n > 0 ? entries_of(tail, (size_t)n) : 0;
	int several = n > 0 && is_of_several(tail, (size_t)n, (uint64_t)offset);
	size_t behind = n > 0 ? another_behind_last(tail, (size_t)n) : 0;
	int fd = dup(u->fd);
	FILE *file = fd >= 0 ? fdopen(fd, "rb") : NULL;
	zip_source_t *src;
	zip_t *zip;

	free(tail);
	if (file == NULL) {
		if (fd >= 0)
			close(fd);
		return SKIP;
	}
	if (entries > ZIP_ENTRIES) {
		fclose(file);
		return too_many(u, entries, doc);
	}
	src = several ? NULL : zip_source_filep_create(file, 0, -1, NULL);
	if (src == NULL) {
		fclose(file);
		return SKIP;
	}
	if ((zip = zip_open_from_source(src, ZIP_RDONLY, NULL)) == NULL) {
		zip_source_free(src);		/* closes the file */
		return SKIP;
	}
	return push_zip(u, zip, NULL, 0, NULL, behind > 0 ? offset + (int64_t)behind : 0, doc);
}

/* Folders, and what systems leave beside the files. A name that ends like a folder's, or is empty, is a file where it holds bytes. */
static int
is_passed_over(const char *name, uint64_t size)
{
	size_t n = strlen(name);

	return (size == 0 && (n == 0 || name[n - 1] == '/')) || strncmp(name, "__MACOSX/", 9) == 0 || strstr(name, "/._") != NULL ||
	    strncmp(name, "._", 2) == 0 || strstr(name, ".DS_Store") != NULL;
}

enum outcome
zip_frame_next(struct unpacker *u, struct frame *f, struct document **doc)
{
	struct zip_stat st;
	const char *name;

	if (f->next >= f->count) {
		if (f->found == 0) {
			frame_origin(u, f);
			blob_close(u);
			return unpack_yield(u, DOC_OTHER, "a zip archive with nothing in it to read", doc);
		}
		frame_pop(u);
		return END;
	}
	zip_stat_init(&st);
	name = zip_get_name(f->zip, (zip_uint64_t)f->next, ZIP_FL_ENC_GUESS);
	name = name != NULL ? name : "";
	f->next++;
	if (zip_stat_index(f->zip, (zip_uint64_t)f->next - 1, 0, &st) != 0 || is_passed_over(name, st.size))
		return END;
	frame_origin(u, f);
	buf_str(&u->origin, ":");
	unpack_add_name(&u->origin, name);
	blob_close(u);
	if ((st.valid & ZIP_STAT_ENCRYPTION_METHOD) && st.encryption_method != ZIP_EM_NONE)
		return unpack_yield(u, DOC_DAMAGED, "encrypted: the archive wants a password", doc);
	u->blob.from = FROM_MEMBER;
	u->blob.zip = f->zip;
	u->blob.member = (zip_uint64_t)f->next - 1;
	return unpack_look(u, 0, 0, "", doc);
}

/* A local header (PKWARE APPNOTE section 4.3.7). */
struct local {
	unsigned method, flags;
	size_t start, size;	/* of its data behind the header; the size where it is said, else all that is left */
	size_t out;		/* bytes it says it holds */
	int sized;
	char name[NAME_BYTES + 1];
};

/* 0: no local header, or nothing behind it. */
static int
local_read(const unsigned char *h, size_t left, struct local *l)
{
	size_t name, said;

	if (left < 30)
		return 0;
	l->flags = little(h + 6, 2);
	l->method = little(h + 8, 2);
	said = little(h + 18, 4);
	l->out = little(h + 22, 4);
	name = little(h + 26, 2);
	l->start = 30 + name + little(h + 28, 2);
	if (l->start >= left)
		return 0;
	l->sized = said > 0 && said <= left - l->start;
	l->size = l->sized ? said : left - l->start;
	memcpy(l->name, h + 30, name > NAME_BYTES ? NAME_BYTES : name);
	l->name[name > NAME_BYTES ? NAME_BYTES : name] = '\0';
	return 1;
}

/* One member found by its local header. */
static enum outcome
rescue(struct unpacker *u, const struct frame *f, const unsigned char *h, const struct local *l, struct document **doc)
{
	char text[96];

	frame_origin(u, f);
	buf_str(&u->origin, ":");
	unpack_add_name(&u->origin, l->name);
	unpack_note(u, "rescued from a zip archive without a directory, or with several");
	if (l->flags & 1)
		return unpack_yield(u, DOC_DAMAGED, "encrypted: the archive wants a password", doc);
	if (l->method != 0 && l->method != 8) {
		(void)snprintf(text, sizeof(text), "packed by a zip method (%u) that is not read", l->method);
		return unpack_yield(u, DOC_DAMAGED, text, doc);
	}
	blob_of_memory(u, h + l->start, l->size);
	if (l->method == 8) {
		layer_reset(&u->layers[0], 1);
		u->blob.layers = 1;
	}
	return unpack_look(u, 0, 0, "", doc);
}

/* Whether before the next member a directory ends and something else begins that will be looked at by itself; else the members behind it are the frame's. */
static int
end_of_zip(struct frame *f, const unsigned char *member)
{
	const unsigned char *p = f->bytes + f->at, *end = member != NULL ? member : f->bytes + f->len;
	size_t behind;

	for (; f->ends < ENDS_MOST && (p = memmem(p, (size_t)(end - p), "PK\5\6", 4)) != NULL; p += 4, f->ends++)
		if ((behind = another_behind(f->bytes, f->len, p)) > 0 && f->bytes + behind != member) {
			frame_behind(f, behind);
			return !f->lost;
		}
	return 0;
}

/* Members of a zip without a directory, by their local headers. */
enum outcome
zip_frame_rescue(struct unpacker *u, struct frame *f, struct document **doc)
{
	const int nested = u->nframes > 1 && u->frames[u->nframes - 2].kind == RESCUE;
	const unsigned char *h;
	struct local l;

	while (f->at < f->len) {
		h = memmem(f->bytes + f->at, f->len - f->at, "PK\3\4", 4);
		if ((!nested && end_of_zip(f, h)) || h == NULL)
			break;
		f->at = (size_t)(h - f->bytes) + 4;
		if (!local_read(h, f->len - (size_t)(h - f->bytes), &l) || is_passed_over(l.name, l.out))
			continue;
		/* Over its data: a zip within has local headers, too. */
		if (l.sized)
			f->at = (size_t)(h - f->bytes) + l.start + l.size;
		return rescue(u, f, h, &l, doc);
	}
	if (f->found == 0) {
		frame_origin(u, f);
		blob_close(u);
		return unpack_yield(u, DOC_DAMAGED, "a damaged zip archive: no member of it can be read", doc);
	}
	frame_pop(u);
	return END;
}
