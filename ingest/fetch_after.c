/* SPDX-License-Identifier: MIT */
/* What happens to settled mails: marked, moved, deleted; only for UIDs that are named, and never by a bare EXPUNGE. */
#include "ingest/fetch_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

enum {
	SETTLE_MAILS = 200,	/* in one command */
	SEEN_MOST = 2000,	/* mails looked at in a target */
	LOOK_MS = 500, LOOKS_MOST = 10,
	GONE_TRIES = 3		/* where another client removes mails meanwhile */
};

static enum outcome
said_no(const struct fetcher *f, const char *what, const struct imap_reply *reply, struct err *err)
{
	return err_skip(err, "account %s: folder %s: %s is refused: %s; the mails stay where they are, and the next run tries again", f->account->name,
	    f->folder, what, reply->text);
}

/* --- copied already? --- */

/*
 * COPY, then STORE and EXPUNGE: who ended in between left the mails in both folders. Where that may have happened (f->in_doubt),
 * mails are not copied that the target's newest mails hold already, one for one: of the same size and Message-ID, and with the same date,
 * or a later one, since not every server keeps the date of what it copies.
 */
struct one_seen { char *key; int64_t uid, date; };
struct seen { struct one_seen *at; size_t count; };

static void
on_seen(void *ctx, const struct imap_response *r)
{
	struct seen *s = ctx;
	struct imap_fetched got;
	struct one_seen *one;

	if (!imap_fetched(r, &got) || got.uid <= 0 || got.size < 0 || got.date == NULL || got.headlen < 10 || s->count == SEEN_MOST)
		return;
	one = &s->at[s->count++];
	one->uid = got.uid;
	one->date = imap_fetched_at(&got);
	one->key = mem_fmt("%lld %.*s", (long long)got.size, (int)got.headlen, got.head);
}

static struct seen
seen_new(void)
{
	struct seen s = { mem_alloc(SEEN_MOST * sizeof(*s.at)), 0 };

	return s;
}

static void
seen_free(struct seen *s)
{
	size_t i;

	for (i = 0; i < s->count; i++)
		free(s->at[i].key);
	free(s->at);
}

static const char what_is_seen[] = "(UID RFC822.SIZE INTERNALDATE BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])";

/* The newest mails of the target; none where it cannot be opened. The source is open again afterwards. */
static enum outcome
look_into_target(struct fetcher *f, struct seen *there, struct err *err)
{
	struct imap_session *s = fetcher_main(f);
	int64_t exists = s->exists;
	int grown = s->grown;
	struct imap_reply reply;
	enum outcome r = imap_open_folder(s, f->target, 1, NULL);

	if (r == OK && s->exists > 0)
		r = imap_command(s, on_seen, there, &reply, err, "FETCH %lld:%lld %s", (long long)(s->exists > SEEN_MOST / 2 ? s->exists - SEEN_MOST / 2 : 1),
		    (long long)s->exists, what_is_seen);
	if (r == STOP || imap_open_folder(s, f->wire, 0, err) != OK)
		return STOP;
	s->grown = grown || s->exists > exists;
	return s->uidvalidity == f->uidvalidity ? OK : err_stop(err, "it was made anew meanwhile");
}

/* The mail's copy in the target: one of the same date before a later one. NULL: there is none. */
static struct one_seen *
copy_of(const struct one_seen *mail, const struct seen *there)
{
	struct one_seen *found = NULL;
	size_t k;

	for (k = 0; k < there->count; k++) {
		struct one_seen *one = &there->at[k];

		if (one->uid == 0 || one->date < mail->date || strcmp(one->key, mail->key) != 0)
			continue;
		if (one->date == mail->date)
			return one;
		found = one;
	}
	return found;
}

/* The UIDs of the set that are not in the target yet, as a set; NULL: all are. Caller frees. */
static char *
without_those(const struct seen *here, struct seen *there, const int64_t *uids, size_t count)
{
	int64_t *left = mem_alloc((count + 1) * sizeof(*left));
	size_t n = 0, at = 0, i, j;
	struct one_seen *copy;
	char *set;

	for (i = 0; i < count; i++) {
		for (j = 0; j < here->count && here->at[j].uid != uids[i]; j++)
			;
		copy = j < here->count ? copy_of(&here->at[j], there) : NULL;
		if (copy != NULL)
			copy->uid = 0;	/* one for one */
		else
			left[n++] = uids[i];
	}
	set = n > 0 ? uid_set(left, n, &at) : NULL;
	free(left);
	return set;
}

/* The part of the set that is to be copied; NULL: none of it. The server may still be at work on what it was told before it was left. */
static enum outcome
not_copied_yet(struct fetcher *f, const int64_t *uids, size_t count, const char *set, char **rest, struct err *err)
{
	struct seen here = seen_new();
	struct imap_reply reply;
	char *before = NULL;
	int looks = 0, settled = 0;
	enum outcome r = imap_command(fetcher_main(f), on_seen, &here, &reply, err, "UID FETCH %s %s", set, what_is_seen);

	while (r == OK && !settled) {
		struct seen there = seen_new();

		r = look_into_target(f, &there, err);
		*rest = r == OK ? without_those(&here, &there, uids, count) : NULL;
		seen_free(&there);
		settled = *rest == NULL || (before != NULL && strcmp(*rest, before) == 0) || ++looks == LOOKS_MOST;
		free(before);
		before = settled ? NULL : *rest;
		if (r == OK && !settled && !imap_sleep(f->stop, LOOK_MS)) {
			r = fetcher_tell_stop(f, err);
			*rest = NULL;		/* freed as before's */
		}
	}
	free(before);
	seen_free(&here);
	return r;
}

/* --- marking, moving, deleting --- */

/* Refused since another client removed some of the mails: once NOOP has brought that here, the rest is asked for again. */
static enum outcome
transfer_those_there(struct fetcher *f, const char *verb, const char *set, struct imap_reply *reply, struct err *err)
{
	struct imap_session *s = fetcher_main(f);
	int tries = 0;

	do {
		if (tries > 0 && imap_command(s, NULL, NULL, reply, err, "NOOP") != OK)
			return STOP;
		if (imap_command(s, NULL, NULL, reply, err, "UID %s %s %s", verb, set, f->target) != OK)
			return STOP;
	} while (reply->gone && ++tries < GONE_TRIES);
	return OK;
}

/*
 * MOVE or COPY to the target. Where that is refused it is made, if the server says TRYCREATE or did not list it: some put that code
 * elsewhere, or say none. SKIP: refused, reply says how.
 */
static enum outcome
transfer(struct fetcher *f, const char *verb, const char *set, struct imap_reply *reply, struct err *err)
{
	struct imap_session *s = fetcher_main(f);
	struct imap_reply made;
	size_t len;

	if (transfer_those_there(f, verb, set, reply, err) != OK)
		return STOP;
	if (reply->status == IMAP_NO && (reply->trycreate || f->target_missing)) {
		if (imap_command(s, NULL, NULL, &made, err, "CREATE %s", f->target) != OK || transfer_those_there(f, verb, set, reply, err) != OK)
			return STOP;
		len = strlen(reply->text);
		if (reply->status == IMAP_NO && made.status != IMAP_OK)
			snprintf(reply->text + len, sizeof(reply->text) - len, "; the folder %s cannot be made: %s", f->account->move_to, made.text);
	}
	f->target_missing &= reply->status != IMAP_OK;
	return reply->status == IMAP_OK ? OK : SKIP;
}

/* SKIP: refused, *what and reply say what and how. */
static enum outcome
remove_mails(struct fetcher *f, const char *set, const char **what, struct imap_reply *reply, struct err *err)
{
	struct imap_session *s = fetcher_main(f);

	*what = "deleting";
	if (imap_command(s, NULL, NULL, reply, err, "UID STORE %s +FLAGS.SILENT (\\Deleted)", set) != OK)
		return STOP;
	if (reply->status != IMAP_OK)
		return SKIP;
	if (!s->can_uidplus) {	/* a bare EXPUNGE would remove other people's mails, too */
		f->only_marked = 1;
		return OK;
	}
	*what = "UID EXPUNGE";
	if (imap_command(s, NULL, NULL, reply, err, "UID EXPUNGE %s", set) != OK)
		return STOP;
	return reply->status == IMAP_OK ? OK : SKIP;
}

/* Originals that may not be deleted are done all the same, as in look_at_result. */
static enum outcome
copy_and_remove(struct fetcher *f, const int64_t *uids, size_t count, const char *set, struct err *err)
{
	char *rest = mem_str(set);
	const char *what;
	struct imap_reply reply;
	enum outcome r = OK;

	if (f->in_doubt) {
		free(rest);
		rest = NULL;
		r = not_copied_yet(f, uids, count, set, &rest, err);
	}
	if (r == OK && rest != NULL)
		r = transfer(f, "COPY", rest, &reply, err);
	free(rest);
	if (r == SKIP)
		return said_no(f, "copying", &reply, err);
	if (r == OK)
		r = remove_mails(f, set, &what, &reply, err);
	if (r == SKIP && reply.wait_ms >= 0)
		return said_no(f, what, &reply, err);
	if (r != SKIP)
		return r;
	f->in_both = 1;
	return err_skip(err, "account %s: folder %s: the mails are copied to %s, but %s is refused: %s; they are in both folders now", f->account->name,
	    f->folder, f->account->move_to, what, reply.text);
}

enum outcome
fetcher_target(struct fetcher *f, struct err *err)
{
	int found;

	if (f->target != NULL)
		return OK;
	if (imap_folder(fetcher_main(f), f->account->move_to, &f->target, &found, err) != OK)
		return STOP;
	f->target_missing = !found;
	return OK;
}

static enum outcome
move_mails(struct fetcher *f, const int64_t *uids, size_t count, const char *set, struct err *err)
{
	struct imap_session *s = fetcher_main(f);
	struct imap_reply reply;
	enum outcome r;

	if (fetcher_target(f, err) != OK)
		return STOP;
	if (s->can_move && !f->no_move) {
		r = transfer(f, "MOVE", set, &reply, err);
		if (r != SKIP || reply.status != IMAP_BAD || reply.wait_ms >= 0)
			return r == SKIP ? said_no(f, "moving", &reply, err) : r;
		f->no_move = 1;	/* announced, but not understood: some Exchange servers */
	}
	return copy_and_remove(f, uids, count, set, err);
}

static enum outcome
settle_set(struct fetcher *f, const int64_t *uids, size_t count, const char *set, struct err *err)
{
	struct imap_reply reply;
	const char *what;
	enum outcome r;

	switch (f->account->after) {
	case AFTER_SEEN:
		if (imap_command(fetcher_main(f), NULL, NULL, &reply, err, "UID STORE %s +FLAGS.SILENT (\\Seen)", set) != OK)
			return STOP;
		return reply.status == IMAP_OK ? OK : said_no(f, "marking as seen", &reply, err);
	case AFTER_MOVE:
		return move_mails(f, uids, count, set, err);
	case AFTER_DELETE:
		r = remove_mails(f, set, &what, &reply, err);
		return r == SKIP ? said_no(f, what, &reply, err) : r;
	case AFTER_KEEP:
		break;
	}
	return OK;
}

static void
on_found(void *ctx, const struct imap_response *r)
{
	int64_t *count = ctx;

	*count += imap_found(r);
}

/*
 * A server may say OK and leave alone what the account has no right to (Dovecot's ACLs, RFC 4314). Moved mails are then in both
 * folders, and are done: they would be copied with each run.
 */
static enum outcome
look_at_result(struct fetcher *f, const char *set, struct err *err)
{
	static const char *const did[] = { [AFTER_SEEN] = "marked as seen", [AFTER_MOVE] = "moved", [AFTER_DELETE] = "deleted" };
	enum after after = f->account->after;
	struct imap_reply reply;
	int64_t left = 0;
	char number[28];

	if (after == AFTER_KEEP || (f->only_marked && after != AFTER_SEEN) ||
	    imap_command(fetcher_main(f), on_found, &left, &reply, NULL, "UID SEARCH UID %s%s", set, after == AFTER_SEEN ? " UNSEEN" : "") != OK || left == 0)
		return OK;
	return err_skip(err, "account %s: folder %s: the server says that it has %s %s mail%s, but %s; the account needs the right to %s in this folder",
	    f->account->name, f->folder, did[after], text_count(left, number), left == 1 ? "" : "s",
	    after == AFTER_SEEN ? "has not" : after == AFTER_MOVE ? "only copied them" : "they are still there", after == AFTER_SEEN ? "set flags" : "delete");
}

enum outcome
fetcher_settle(struct fetcher *f, const int64_t *uids, size_t count, int in_doubt, size_t *done, struct err *err)
{
	struct err why = { "", 0 };
	enum outcome r;
	char *set;

	*done = 0;
	f->fruitless = 0;
	f->in_doubt = in_doubt;
	while (*done < count) {
		size_t at = 0, most = count - *done < SETTLE_MAILS ? count - *done : SETTLE_MAILS;

		if (fetcher_stopped(f))
			return fetcher_tell_stop(f, err);
		if (fetcher_main(f) == NULL && fetcher_connect(f, 0, err) != OK)
			return STOP;
		set = uid_set(uids + *done, most, &at);
		f->in_both = 0;
		r = settle_set(f, uids + *done, at, set, &why);
		if (r == OK) {
			r = look_at_result(f, set, &why);
			f->in_both = f->account->after == AFTER_MOVE;
			f->fruitless = 0;
		}
		*done += r == OK || (r == SKIP && f->in_both) ? at : 0;
		free(set);
		if (r == OK)
			continue;
		if (r == SKIP)
			return err_skip(err, "%s", why.text);
		fetcher_close(f, 0);
		f->in_doubt = 1;
		if (++f->fruitless >= FRUITLESS || !imap_sleep(f->stop, 100LL << f->fruitless))
			return fetcher_stopped(f) ? fetcher_tell_stop(f, err) :
			    err_stop(err, "account %s: folder %s: %s", f->account->name, f->folder, why.text);
	}
	return OK;
}
