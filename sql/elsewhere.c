/* SPDX-License-Identifier: MIT */
/*
 * Damaged mail met at another place of its folder, under a new UIDVALIDITY or UID: known by its bytes, so that nothing is told or kept twice. The ledger
 * has a digest of place and bytes as one, so the bytes that come now are tried with each place there was.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sql/writer.h"

struct earlier {
	unsigned char item[DIGEST];
	const char *place, *reason;
	int64_t size;		/* of its bytes; -1: they are not kept */
};

struct elsewhere {
	struct arena *text;
	struct earlier *at;
	size_t count;
	int anew;		/* 1: the folder is read anew, so any of them may come */
	size_t next;		/* behind the one found last: they mostly come in the order they came in before */
};

/* The place of a mail is what its documents' origins begin with: "...;UID=7/part 2". */
static const char *
place_of(struct arena *a, const char *origin)
{
	const char *uid = strstr(origin, ";UIDVALIDITY="), *found = uid;

	while (found != NULL && (found = strstr(found + 1, ";UIDVALIDITY=")) != NULL)
		uid = found;
	uid = uid != NULL ? strstr(uid, ";UID=") : NULL;
	return arena_strn(a, origin, uid != NULL ? (size_t)(uid - origin) + strcspn(uid, "/") : strlen(origin));
}

enum outcome
store_elsewhere(struct store *s, const char *account, const char *folder, int64_t uidvalidity, int anew, struct elsewhere **out, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "mailbox_damaged", err);
	struct elsewhere *e;
	enum outcome r;

	if (st == NULL)
		return STOP;
	e = mem_alloc(sizeof(*e));
	e->text = arena_new();
	e->anew = anew;
	db_text(st, 1, account);
	db_text(st, 2, folder);
	sqlite3_bind_int64(st, 3, uidvalidity);
	while ((r = db_step(s, st, err)) == OK) {
		struct earlier *x;

		if ((e->count & (e->count - 1)) == 0)
			e->at = mem_grow(e->at, e->count > 0 ? e->count * 2 : 1, sizeof(*e->at));
		x = &e->at[e->count++];
		memcpy(x->item, sqlite3_column_blob(st, 0), DIGEST);
		x->place = place_of(e->text, db_column(st, 1));
		x->reason = arena_str(e->text, db_column(st, 2));
		x->size = sqlite3_column_type(st, 3) == SQLITE_NULL ? -1 : sqlite3_column_int64(st, 3);
	}
	if (r != STOP) {
		*out = e;
		return OK;
	}
	elsewhere_free(e);
	return STOP;
}

void
elsewhere_free(struct elsewhere *e)
{
	if (e == NULL)
		return;
	arena_free(e->text);
	free(e->at);
	free(e);
}

/* The row's item is here now. */
static enum outcome
move_here(struct store *s, const struct earlier *x, const char *place, const unsigned char item[DIGEST], struct err *err)
{
	sqlite3_stmt *st = db_query(s, "intake_move", err);

	if (st == NULL)
		return STOP;
	sqlite3_bind_blob(st, 1, x->item, DIGEST, SQLITE_STATIC);
	sqlite3_bind_blob(st, 2, item, DIGEST, SQLITE_STATIC);
	db_text(st, 3, x->place);
	db_text(st, 4, place);
	sqlite3_bind_int64(st, 5, s->now_at);
	s->pending++;
	digests_add(&s->writer->waiting.items, item);
	return db_run(s, st, err);
}

/* 1: by what is known of it, it may be the mail that is here now. Of one without bytes the reason tells which it is: it has its size. */
static int
may_be(const struct elsewhere *e, const struct earlier *x, size_t size, const char *refused)
{
	if (x->place == NULL || refused != NULL)
		return x->place != NULL && x->reason != NULL && strcmp(x->reason, refused) == 0;
	return x->size < 0 ? e->anew : (size_t)x->size == size;
}

enum outcome
store_seen_elsewhere(struct store *s, struct elsewhere *e, const char *place, const unsigned char digest[32], size_t size, const char *refused, int *known, struct err *err)
{
	static const unsigned char none[32];
	int no_bytes = memcmp(digest, none, sizeof(none)) == 0;
	unsigned char item[DIGEST];
	size_t i;

	*known = 0;
	for (i = 0; i < e->count && (!no_bytes || refused != NULL); i++) {
		struct earlier *x = &e->at[(e->next + i) % e->count];

		if (!may_be(e, x, size, no_bytes ? refused : NULL))
			continue;
		ledger_item(x->place, digest, item);
		if (memcmp(item, x->item, DIGEST) != 0)
			continue;
		e->next = (e->next + i + 1) % e->count;
		*known = 1;
		ledger_item(place, digest, item);
		if (move_here(s, x, place, item, err) != OK)
			return STOP;
		x->place = NULL;	/* one for one */
		return OK;
	}
	return OK;
}
