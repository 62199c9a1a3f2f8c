/* SPDX-License-Identifier: MIT */
/* Zip archives: their members by libzip, or by their local headers where the directory is missing. */
#include <string.h>

#include "ingest/unpack.h"

enum outcome
zip_frame_open(struct unpacker *u, const unsigned char *bytes, size_t len, unsigned char *owned, struct document **doc)
{
	zip_error_t ze;
	zip_source_t *src;
	struct frame *f;
	zip_t *zip = NULL;

	zip_error_init(&ze);
	src = zip_source_buffer_create(bytes, len, 0, &ze);
	if (src != NULL && (zip = zip_open_from_source(src, ZIP_RDONLY, &ze)) == NULL)
		zip_source_free(src);
	f = frame_push(u, zip != NULL ? ZIP : RESCUE);
	f->depth = u->depth + 1;
	f->owned = owned;
	f->bytes = bytes;
	f->len = len;
	blob_close(&u->blob);
	if (zip != NULL) {
		f->zip = zip;
		f->count = zip_get_num_entries(zip, 0);
		if (f->count <= 0) {
			frame_pop(u);
			zip_error_fini(&ze);
			return unpack_yield(u, DOC_OTHER, "an empty zip archive", doc);
		}
	} else {
		buf_reset(&u->reason);
		buf_fmt(&u->reason, "a damaged zip archive: %s", zip_error_strerror(&ze));
	}
	zip_error_fini(&ze);
	return END;
}

static int
is_passed_over(const char *name)
{
	size_t n = strlen(name);

	return n == 0 || name[n - 1] == '/' || strncmp(name, "__MACOSX/", 9) == 0 || strstr(name, "/._") != NULL ||
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
			blob_close(&u->blob);
			return unpack_yield(u, DOC_OTHER, "a zip archive with nothing in it to read", doc);
		}
		frame_pop(u);
		return END;
	}
	zip_stat_init(&st);
	name = zip_get_name(f->zip, (zip_uint64_t)f->next, ZIP_FL_ENC_GUESS);
	name = name != NULL ? name : "";
	f->next++;
	if (is_passed_over(name) || zip_stat_index(f->zip, (zip_uint64_t)f->next - 1, 0, &st) != 0)
		return END;
	frame_origin(u, f);
	buf_str(&u->origin, ":");
	unpack_add_name(&u->origin, name);
	blob_close(&u->blob);
	if ((st.valid & ZIP_STAT_ENCRYPTION_METHOD) && st.encryption_method != ZIP_EM_NONE)
		return unpack_yield(u, DOC_DAMAGED, "encrypted: the archive wants a password", doc);
	u->blob.from = FROM_MEMBER;
	u->blob.zip = f->zip;
	u->blob.member = (zip_uint64_t)f->next - 1;
	return unpack_look(u, 0, 0, "", doc);
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
enum outcome
zip_frame_rescue(struct unpacker *u, struct frame *f, struct document **doc)
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
		frame_origin(u, f);
		buf_str(&u->origin, ":");
		unpack_add_name(&u->origin, label);
		unpack_note(u, "rescued from a zip archive without a directory");
		blob_of_memory(u, h + start, size);
		if (method == 8) {
			layer_reset(&u->layers[0], 1);
			u->blob.layers = 1;
		}
		return unpack_look(u, 0, 0, "", doc);
	}
	if (f->found == 0) {
		frame_origin(u, f);
		blob_close(&u->blob);
		return unpack_yield(u, DOC_DAMAGED, u->reason.at, doc);
	}
	frame_pop(u);
	return END;
}
