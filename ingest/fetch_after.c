/* SPDX-License-Identifier: MIT */
/* What happens to settled mails: marked, moved, deleted; only for UIDs that are named, and never by a bare EXPUNGE. */
#include "ingest/fetch_private.h"

#include <stdlib.h>

enum { SETTLE_MAILS = 200 };	/* in one command */

static enum outcome
said_no(const struct fetcher *f, const char *what, const struct imap_reply *reply, struct err *err)
{
	return err_skip(err, "account %s: folder %s: %s is refused: %s; the mails stay where they are, and the next run tries again", f->account->name,
	    f->folder, what, reply->text);
}

/* MOVE or COPY to the target, made where it is missing. SKIP: refused, reply says how. */
static enum outcome
transfer(struct fetcher *f, const char *verb, const char *set, struct imap_reply *reply, struct err *err)
{
	struct imap_session *s = fetcher_main(f);
	struct imap_reply made;

	if (imap_command(s, NULL, NULL, reply, err, "UID %s %s %s", verb, set, f->target) != OK)
		return STOP;
	if (reply->status == IMAP_NO && reply->trycreate) {
		if (imap_command(s, NULL, NULL, &made, err, "CREATE %s", f->target) != OK)
			return STOP;
		if (imap_command(s, NULL, NULL, reply, err, "UID %s %s %s", verb, set, f->target) != OK)
			return STOP;
	}
	return reply->status == IMAP_OK ? OK : SKIP;
}

static enum outcome
remove_mails(struct fetcher *f, const char *set, struct err *err)
{
	struct imap_session *s = fetcher_main(f);
	struct imap_reply reply;

	if (imap_command(s, NULL, NULL, &reply, err, "UID STORE %s +FLAGS.SILENT (\\Deleted)", set) != OK)
		return STOP;
	if (reply.status != IMAP_OK)
		return said_no(f, "deleting", &reply, err);
	if (!s->can_uidplus) {	/* a bare EXPUNGE would remove other people's mails, too */
		f->only_marked = 1;
		return OK;
	}
	if (imap_command(s, NULL, NULL, &reply, err, "UID EXPUNGE %s", set) != OK)
		return STOP;
	return reply.status == IMAP_OK ? OK : said_no(f, "UID EXPUNGE", &reply, err);
}

static enum outcome
move_mails(struct fetcher *f, const char *set, struct err *err)
{
	struct imap_session *s = fetcher_main(f);
	struct imap_reply reply;
	enum outcome r;
	int found;

	if (f->target == NULL && imap_folder(s, f->account->move_to, &f->target, &found, err) != OK)
		return STOP;
	if (s->can_move && !f->no_move) {
		r = transfer(f, "MOVE", set, &reply, err);
		if (r != SKIP || reply.wait_ms >= 0 || reply.trycreate)
			return r == SKIP ? said_no(f, "moving", &reply, err) : r;
		f->no_move = 1;	/* announced, but not understood: some Exchange servers */
	}
	r = transfer(f, "COPY", set, &reply, err);
	if (r == SKIP)
		return said_no(f, "copying", &reply, err);
	return r == OK ? remove_mails(f, set, err) : r;
}

static enum outcome
settle_set(struct fetcher *f, const char *set, struct err *err)
{
	struct imap_reply reply;

	switch (f->account->after) {
	case AFTER_SEEN:
		if (imap_command(fetcher_main(f), NULL, NULL, &reply, err, "UID STORE %s +FLAGS.SILENT (\\Seen)", set) != OK)
			return STOP;
		return reply.status == IMAP_OK ? OK : said_no(f, "marking as seen", &reply, err);
	case AFTER_MOVE:
		return move_mails(f, set, err);
	case AFTER_DELETE:
		return remove_mails(f, set, err);
	case AFTER_KEEP:
		break;
	}
	return OK;
}

enum outcome
fetcher_settle(struct fetcher *f, const int64_t *uids, size_t count, size_t *done, struct err *err)
{
	struct err why = { "", 0 };
	enum outcome r;
	char *set;

	*done = 0;
	f->fruitless = 0;
	while (*done < count) {
		size_t at = 0, most = count - *done < SETTLE_MAILS ? count - *done : SETTLE_MAILS;

		if (fetcher_main(f) == NULL && fetcher_connect(f, 0, err) != OK)
			return STOP;
		set = uid_set(uids + *done, most, &at);
		r = settle_set(f, set, &why);
		free(set);
		if (r == OK) {
			*done += at;
			f->fruitless = 0;
			continue;
		}
		if (r == SKIP)
			return err_skip(err, "%s", why.text);
		fetcher_close(f, 0);
		if (++f->fruitless >= FRUITLESS || !fetcher_wait(f, 100LL << f->fruitless))
			return err_stop(err, "account %s: folder %s: %s", f->account->name, f->folder, why.text);
	}
	return OK;
}
