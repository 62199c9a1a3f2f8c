/* SPDX-License-Identifier: MIT */
/*
 * Private to the unpacker's files. An item is walked depth first; what is being walked (a mail's parts, a zip's members)
 * is a frame on a small stack, what is being looked at is a blob: bytes of a file, of memory or of a zip member, with layers
 * of inflate on top. blob.c reads blobs, split.c finds the documents in its bytes, zip.c and mail.c walk their frames, unpack.c holds it together.
 */
#ifndef INGEST_UNPACK_H
#define INGEST_UNPACK_H

#include <zip.h>
#include <zlib.h>

#include "ingest/private.h"

enum { SMALL = 1 << 20, IN = 32768, LAYERS = INGEST_NESTING_MOST + 1, FRAMES = 12, HEAD = 8192 };	/* one layer more: a rescued zip member is inflated, too */

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
	size_t skip;		/* bytes before its magic, or before it: it lies behind another */
};

/* Bytes of a character, and where in it the one of ASCII lies: 1 and 0, or UTF-16. */
struct width { size_t unit, low; };

/* Where one document of the blob's stream ends and the next begins (split.c). */
struct split {
	int64_t start, end;	/* of this document in the stream; end 0: not met yet */
	int64_t at;		/* bytes of the stream given out */
	int number;		/* of this document, from 1; 0: the blob is no document (yet) */
	int ended, deciding;	/* its end is known and what is left of it lies ahead; an end tag was met just before `at` (1), or further before (2) */
	int other;		/* what lies behind `end` is no XML */
	struct width width, next;	/* of this document, and of the one behind `end` */
	unsigned char last[96];	/* bytes before `at`: of an end tag with a long prefix in UTF-16, or a declaration */
	size_t nlast;
	int begun;		/* the tag of <feedback> was met */
	unsigned char hidden;	/* `at` lies in a comment ('-'), a CDATA section (']'), behind "<!" ('!'); else 0 */
	unsigned char ahead[IN + 8192];	/* read and not yet given out */
	size_t nahead, from;
	enum outcome after;	/* what reading said behind those */
	struct err err;
};

struct frame {
	enum { MAIL = 1, ZIP, RESCUE, MBOX } kind;
	char *origin;
	struct mail mail;
	unsigned char *owned;	/* bytes the frame stands on; freed with it */
	const unsigned char *bytes;
	size_t len, at;
	zip_t *zip;
	zip_int64_t next, count;
	struct mbox *mbox;
	struct item *item;	/* the mail of it that is looked at; NULL none */
	int depth;		/* compressing containers around its members */
	int found;		/* documents yielded */
	struct buf *runs;	/* decoded runs found in a mail's text */
	size_t nruns;
	int searched;		/* the mail's raw bytes were */
	int damaged;		/* the mail's bytes end in damage, which the notes tell */
	int bare;		/* text without any header, taken for a mail because of an encoded run */
	char *notes;		/* on the way to it; NULL: none */
	struct blob base;	/* the blob that was gone into, */
	int64_t behind;		/* where in it something else begins, behind what the frame holds (0: nowhere), */
	size_t stem;		/* and the length of its name */
	int ends;		/* of directories of a zip that were met */
	int lost;		/* something else lies behind it where it cannot be looked at */
};

struct unpacker {
	struct ingest_limits limits;
	const struct item *item;
	unsigned char *whole;		/* a small file, read once; reused */
	unsigned char *raw;		/* for document_raw */
	int fd;
	int64_t size;
	int64_t out, out_most, out_before;	/* decompressed: of the blob since its start, at most so far, of the blobs before */
	int spent;			/* the cap on those was met: nothing more is read of the item */
	struct frame frames[FRAMES];
	int nframes;
	struct blob blob;
	int64_t behind;			/* offset in the blob's file or memory at which something else begins, put together by cat; 0: nothing does */
	size_t stem;			/* of the origin: the blob's, without a place in it */
	int looks;			/* at what lies behind something else: no more than documents, also where nothing is found */
	int lost;			/* something lies behind another within a compressed file or an archive: that is told */
	struct split split;
	struct layer layers[LAYERS];
	int started, yielded;
	struct document doc;
	struct buf origin, reason, notes;
	char *mail_from, *mail_auth;
	enum mail_kind mail_kind;
	int depth;			/* of the blob */
};

/* --- blob.c --- */

/* Up to cap bytes of the blob under so many of its layers; 0 at its end. SKIP: damage from here on. */
enum outcome blob_read(struct unpacker *u, int layers, unsigned char *bytes, size_t cap, size_t *got, struct err *err);
/* As much as fits; SKIP keeps what came before. */
enum outcome blob_read_full(struct unpacker *u, unsigned char *bytes, size_t cap, size_t *got, struct err *err);
enum outcome blob_rewind(struct unpacker *u, struct err *err);
void blob_close(struct unpacker *u);
/* A blob of a file or of memory, not a member of a zip: what begins in it behind something else can be looked at. */
int blob_is_base(const struct unpacker *u);
void blob_of_memory(struct unpacker *u, const unsigned char *bytes, size_t len);	/* bytes are borrowed */
void layer_reset(struct layer *l, int raw);
/* All bytes of the blob from its start; NULL: err, or more than cap where err is empty. Caller frees. */
unsigned char *blob_slurp(struct unpacker *u, size_t cap, size_t *len, struct err *err);

/* --- split.c: documents that stand one after the other in one stream --- */

/* The blob's first document begins at its start, of which these bytes were read already. */
void split_begin(struct unpacker *u, const unsigned char *bytes, size_t len);
/* As blob_read over all layers, up to the document's end. */
enum outcome split_read(struct unpacker *u, unsigned char *bytes, size_t cap, size_t *got, struct err *err);
enum outcome split_rewind(struct unpacker *u, struct err *err);
/* On to the next document of the stream; 0: there is none. */
int split_next(struct unpacker *u, struct err *err);

/* --- zip.c and mail.c: frames (mailboxes are mail.c's, too); what they return is unpack_look's --- */

/* `owned` (NULL: nothing) is freed with the frame. */
enum outcome zip_frame_open(struct unpacker *u, const unsigned char *bytes, size_t len, unsigned char *owned, struct document **doc);
/* A zip that is a file of its own, read where it lies; SKIP: libzip cannot, its bytes may be given to zip_frame_open. */
enum outcome zip_frame_file(struct unpacker *u, struct document **doc);
enum outcome zip_frame_next(struct unpacker *u, struct frame *f, struct document **doc);
enum outcome zip_frame_rescue(struct unpacker *u, struct frame *f, struct document **doc);
/* `bare`: text in which an encoded run was seen, without headers. */
enum outcome mail_frame_open(struct unpacker *u, int bare, const unsigned char *bytes, size_t len, unsigned char *owned, struct document **doc);
enum outcome mail_frame_next(struct unpacker *u, struct frame *f, struct document **doc);

/* A mailbox within something else. */
enum outcome mbox_frame_open(struct unpacker *u, const unsigned char *bytes, size_t len, unsigned char *owned, struct document **doc);
enum outcome mbox_frame_next(struct unpacker *u, struct frame *f, struct document **doc);

/* --- unpack.c --- */

struct frame *frame_push(struct unpacker *u, int kind);
void frame_pop(struct unpacker *u);
void frame_behind(struct frame *f, size_t at);	/* something else begins so many bytes behind the frame's first: it will be looked at, or told of where it cannot be */
void frame_origin(struct unpacker *u, const struct frame *f);	/* the origin is the frame's again, notes are forgotten */
/*
 * Looks at the blob: a document (OK), something that was gone into (END), or a mail's part that is of no interest
 * (END too, `part` set; `type` is its declared type).
 */
enum outcome unpack_look(struct unpacker *u, int must_be_mail, int part, const char *type, struct document **doc);
enum outcome unpack_yield(struct unpacker *u, enum document_kind kind, const char *reason, struct document **doc);
void unpack_note(struct unpacker *u, const char *text);
const char *unpack_bare(const struct unpacker *u, const char *text);	/* a reason without the origin in front */
/* Name of a stranger's making, as part of an origin: cleaned and capped. */
void unpack_add_name(struct buf *to, const char *name);

#endif
