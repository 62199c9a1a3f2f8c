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
mail_frame_open(struct unpacker *u, const unsigned char *bytes, size_t len, unsigned char *owned, struct document **doc)
{
	struct frame *f;
	struct err err = { "", 0 };

	f = frame_push(u, MAIL);
	f->bytes = bytes;
	f->len = len;
	f->owned = owned;
	blob_close(&u->blob);
	if (mail_parse(bytes, len, u->limits.authserv_id, &f->mail, &err) != OK) {
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

enum outcome
mail_frame_next(struct unpacker *u, struct frame *f, struct document **doc)
{
	struct part *p;

	if (f->next < (zip_int64_t)f->mail.count) {
		p = &f->mail.parts[f->next++];
		frame_origin(u, f);
		buf_fmt(&u->origin, "/part %d", p->number);
		if (p->name != NULL) {
			buf_str(&u->origin, "/");
			unpack_add_name(&u->origin, p->name);
		}
		blob_of_memory(u, p->bytes, p->len);
		return unpack_look(u, 0, 1, p->type, doc);
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
		frame_origin(u, f);
		buf_fmt(&u->origin, "/run %zu", f->at + 1);
		unpack_note(u, "found in the raw bytes of a mail whose MIME is broken");
		f->at++;
		blob_of_memory(u, (const unsigned char *)f->runs[f->at - 1].at, f->runs[f->at - 1].len);
		return unpack_look(u, 0, 1, "xml", doc);
	}
	if (f->found == 0) {
		enum mail_kind kind = f->mail.kind;
		static const enum document_kind kinds[] = { DOC_OTHER, DOC_TLS_REPORT, DOC_FAILURE, DOC_BOUNCE };

		frame_origin(u, f);
		blob_close(&u->blob);
		return unpack_yield(u, kinds[kind], mail_words(kind), doc);
	}
	frame_pop(u);
	return END;
}
