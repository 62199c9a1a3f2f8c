/* SPDX-License-Identifier: MIT */
/* Mails: their parts one after the other, and the search in the raw bytes where MIME brought nothing. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ingest/unpack.h"

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
	case MAIL_ENCRYPTED:
		return "an encrypted mail: what is in it cannot be read";
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

enum outcome
mail_frame_open(struct unpacker *u, int bare, const unsigned char *bytes, size_t len, unsigned char *owned, struct document **doc)
{
	struct frame *f;
	struct err err = { "", 0 };
	size_t end;

	f = frame_push(u, MAIL);
	f->bytes = bytes;
	f->len = len;
	f->owned = owned;
	f->bare = bare;
	blob_close(u);
	if (bare)
		return END;
	/* Of a mailbox each mail is one. */
	if (!u->item->is_mail && (u->nframes < 2 || (u->frames[u->nframes - 2].kind != MBOX && u->frames[u->nframes - 2].kind != RESCUE)) && (end = mail_behind(bytes, len)) > 0) {
		frame_behind(f, end);
		f->len = end;
	}
	if (mail_parse(bytes, f->len, u->limits.authserv_id, &f->mail, &err) != OK) {
		frame_pop(u);
		return unpack_yield(u, DOC_DAMAGED, err.text, doc);
	}
	if (u->mail_auth == NULL) {
		u->mail_from = mem_str(f->mail.from);
		u->mail_auth = mem_str(f->mail.auth);
		u->mail_kind = f->mail.kind;
	}
	return END;
}

/* The part's number, and its name where it has one, behind the mail's origin. */
static void
part_origin(struct unpacker *u, const struct frame *f, const struct part *p)
{
	frame_origin(u, f);
	buf_fmt(&u->origin, "/part %d", p->number);
	if (p->name != NULL) {
		buf_str(&u->origin, "/");
		unpack_add_name(&u->origin, p->name);
	}
}

/* XML in which quoted-printable was left. */
static void
undo_quoted(struct unpacker *u, unsigned char *bytes, size_t *len)
{
	if (magic_of(bytes, *len) == MAGIC_XML && quoted_undo(bytes, len))
		unpack_note(u, "quoted-printable undone that nobody declared");
}

static enum outcome
look_at_part(struct unpacker *u, struct frame *f, struct part *p, struct document **doc)
{
	int frames = u->nframes;
	enum outcome r;

	part_origin(u, f, p);
	if (p->mended)
		unpack_note(u, "base64 padded within it, or uuencode without blanks, decoded to its end");
	undo_quoted(u, p->bytes, &p->len);
	blob_of_memory(u, p->bytes, p->len);
	r = unpack_look(u, 0, 1, p->type, doc);
	/* Of no interest as it is; something may be encoded in it. */
	if (r == END && u->nframes == frames)
		(void)encoded_find(p->bytes, p->len, u->limits.members, add_run, f);
	return r;
}

/* Nothing was found by its parts: what do the bytes of the mail hold? */
static void
search_raw(struct unpacker *u, struct frame *f)
{
	const unsigned char *xml;
	size_t len;

	f->searched = 1;
	if (encoded_find(f->bytes, f->len, u->limits.members, add_run, f) > 0 || f->bare)
		return;
	/* A mail that is for something else may quote the word. */
	if (f->mail.kind == MAIL_FAILURE || f->mail.kind == MAIL_BOUNCE)
		return;
	/* Up to the last tag: what follows is the mail's. */
	xml = memmem(f->bytes, f->len, "<feedback", 9);
	if (xml == NULL || memchr(xml, '>', f->len - (size_t)(xml - f->bytes)) == NULL)
		return;
	len = (size_t)((const unsigned char *)memrchr(f->bytes, '>', f->len) - xml) + 1;
	add_run(f, (unsigned char *)mem_strn((const char *)xml, len), len);
}

static enum outcome
look_at_run(struct unpacker *u, struct frame *f, struct document **doc)
{
	struct buf *run = &f->runs[f->at++];

	frame_origin(u, f);
	buf_fmt(&u->origin, "/run %zu", f->at);
	unpack_note(u, f->bare ? "found encoded in text without a mail's header" : "found in the raw bytes of a mail whose MIME is broken");
	undo_quoted(u, (unsigned char *)run->at, &run->len);
	blob_of_memory(u, (const unsigned char *)run->at, run->len);
	return unpack_look(u, 0, 1, "xml", doc);
}

/* A mail in which nothing was found; within another mail that one speaks for it. */
static enum outcome
nothing_found(struct unpacker *u, struct frame *f, struct document **doc)
{
	static const enum document_kind kinds[] = { DOC_OTHER, DOC_TLS_REPORT, DOC_FAILURE, DOC_BOUNCE, DOC_OTHER };
	enum mail_kind kind = f->mail.kind;
	struct frame *above = u->nframes > 1 ? &u->frames[u->nframes - 2] : NULL;

	if (f->damaged) {
		frame_origin(u, f);
		blob_close(u);
		return unpack_yield(u, DOC_DAMAGED, u->notes.at, doc);
	}
	if (above != NULL && above->kind == MAIL) {
		if (above->mail.kind == MAIL_PLAIN)
			above->mail.kind = kind;
		frame_pop(u);
		return END;
	}
	frame_origin(u, f);
	blob_close(u);
	return unpack_yield(u, kinds[kind], f->bare ? "neither XML nor mail nor an archive" : mail_words(kind), doc);
}

enum outcome
mbox_frame_open(struct unpacker *u, const unsigned char *bytes, size_t len, unsigned char *owned, struct document **doc)
{
	struct err err = { "", 0 };
	struct mbox *mbox = mbox_of_memory(bytes, len, u->origin.at, u->limits.mail_bytes, &err);
	struct frame *f;

	if (mbox == NULL) {
		free(owned);
		return unpack_yield(u, DOC_DAMAGED, unpack_bare(u, err.text), doc);
	}
	f = frame_push(u, MBOX);
	f->owned = owned;
	f->mbox = mbox;
	return END;
}

/* Mail by mail; each may hold as many documents as one item. */
enum outcome
mbox_frame_next(struct unpacker *u, struct frame *f, struct document **doc)
{
	struct err err = { "", 0 };

	item_free(f->item);
	f->item = NULL;
	if (mbox_next(f->mbox, &f->item, &err) != OK) {
		frame_pop(u);
		return END;
	}
	frame_origin(u, f);
	buf_reset(&u->origin);
	buf_str(&u->origin, f->item->origin);
	u->yielded = u->looks = 0;
	if (f->item->size > u->limits.mail_bytes)
		return unpack_yield(u, DOC_DAMAGED, "a mail larger than is read", doc);
	blob_of_memory(u, f->item->bytes, f->item->len);
	return unpack_look(u, 1, 0, "", doc);
}

enum outcome
mail_frame_next(struct unpacker *u, struct frame *f, struct document **doc)
{
	if (f->at < f->nruns)
		return look_at_run(u, f, doc);
	if (f->next < (zip_int64_t)f->mail.count)
		return look_at_part(u, f, &f->mail.parts[f->next++], doc);
	if (f->found == 0 && !f->searched) {
		search_raw(u, f);
		return END;
	}
	if (f->found == 0)
		return nothing_found(u, f, doc);
	frame_pop(u);
	return END;
}
