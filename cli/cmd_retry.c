/* SPDX-License-Identifier: MIT */
/* `retry`: reads kept documents that were damaged or met a passing fault once more, after an upgrade or a fix. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/config.h"
#include "cli/ending.h"
#include "cli/fetching.h"
#include "cli/intake.h"
#include "cli/opening.h"
#include "cli/refresh.h"
#include "cli/say.h"

/* One kept document at a time: its old rows are removed by the writer's thread before it is handed out. */
struct retry {
	const struct config *config;
	struct kept kept;
	char *origin;		/* of the item the document lay in */
	int handed;
	enum settlement what;	/* became of it; 0: not known yet */
	int64_t left;		/* mails that were fetched while their account dealt with them otherwise */
};

/*
 * The ledger has the origin of the document, the item's is what stands before it: which of the item's documents it was
 * shows when they are named without anything before.
 */
static char *
item_origin(const struct kept *k, const struct ingest_limits *limits)
{
	struct item item = { .origin = (char[]){ "" }, .place = (char[]){ "" }, .bytes = k->bytes, .len = k->len, .size = (int64_t)k->len };
	struct unpacker *u = unpacker_new(limits);
	size_t len = strlen(k->origin), most = 0, n, got;
	unsigned char digest[32], bytes[8192];
	struct err err = { "", 0 };
	struct document *doc;

	if (unpacker_open(u, &item, digest, &err) == OK)
		while (unpacker_next(u, &doc, &err) == OK) {
			n = strlen(doc->origin);
			if (n > most && n < len && strcmp(k->origin + len - n, doc->origin) == 0)
				most = n;
			/* What stands behind it in the same stream shows at its end. */
			while (doc->kind == DOC_XML && document_read(doc, bytes, sizeof(bytes), &got, &err) == OK && got > 0)
				;
		}
	unpacker_free(u);
	return mem_strn(k->origin, len - most);
}

/* Whose Authentication-Results a mail fetched from an account is read with ("imap:ACCOUNT/..."). */
static const char *
authserv_of(const struct config *c, const char *origin)
{
	size_t i, len;

	for (i = 0; strncmp(origin, "imap:", 5) == 0 && i < c->naccounts; i++) {
		len = strlen(c->accounts[i].name);
		if (strncmp(origin + 5, c->accounts[i].name, len) == 0 && origin[5 + len] == '/')
			return c->accounts[i].authserv_id;
	}
	return NULL;
}

/* The numbers in "7;UID=3". */
static int
uids_of(const char *at, int64_t *uidvalidity, int64_t *uid)
{
	size_t len = strcspn(at, ";");

	return text_int64(at, len, uidvalidity) && strncmp(at + len, ";UID=", 5) == 0 && text_int64(at + len + 5, strlen(at + len + 5), uid);
}

static void
settled(void *ctx, const struct item *item, enum settlement what)
{
	(void)item;
	((struct retry *)ctx)->what = what;
}

/* The next fetch does with it what its account says, if that is what it said when the mail was fetched. */
static enum outcome
settle_fetched(struct retry *t, struct store *s, const struct account *a, const char *folder, int64_t uidvalidity, int64_t uid, struct err *err)
{
	int64_t left;
	int began;

	if (store_mailbox_began(s, a->name, folder, fetch_after(a), uidvalidity, uid, &began, err) != OK)
		return STOP;
	t->left += !began;
	if (began && (fetch_leave(s, a, folder, &left, err) != OK || store_mailbox_settles(s, a->name, folder, uidvalidity, uid, t->kept.item, err) != OK))
		return STOP;
	return OK;
}

/* A fetched mail that is settled now waits for the next fetch. */
static enum outcome
before_commit(void *ctx, struct store *s, struct err *err)
{
	struct retry *t = ctx;
	size_t i, j;

	for (i = 0; t->what == SETTLED && i < t->config->naccounts; i++) {
		const struct account *a = &t->config->accounts[i];

		for (j = 0; a->after != AFTER_KEEP && j < a->nfolders; j++) {
			char *folder = mem_fmt("imap:%s/%s;UIDVALIDITY=", a->name, a->folders[j]);
			size_t len = strlen(folder);
			int64_t uidvalidity, uid;
			int here = strncmp(t->origin, folder, len) == 0 && uids_of(t->origin + len, &uidvalidity, &uid);

			free(folder);
			if (here && settle_fetched(t, s, a, a->folders[j], uidvalidity, uid, err) != OK)
				return STOP;
		}
	}
	return OK;
}

static enum outcome
next(void *ctx, struct item **out, int *named, struct err *err)
{
	struct retry *t = ctx;
	struct item *item;

	(void)named;
	(void)err;
	if (t->handed)
		return END;
	t->handed = 1;
	item = item_new();
	item->origin = item->place = arena_str(item->text, t->origin);
	item->bytes = (unsigned char *)arena_strn(item->text, (const char *)t->kept.bytes, t->kept.len);
	item->len = t->kept.len;
	item->size = (int64_t)t->kept.len;
	*out = item;
	return OK;
}

static const unsigned char *
item_key(void *ctx, const struct item *item)
{
	const struct retry *t = ctx;

	(void)item;
	return t->kept.item;
}

static enum outcome
retry_all(struct app *app, struct intake *in, int64_t *left, struct err *err)
{
	struct arena *a = arena_new();
	int64_t after = 0, last = 0;
	struct retry t;
	struct feed feed = { .ctx = &t, .next = next, .settled = settled, .before_commit = before_commit, .item_key = item_key };
	enum outcome r;

	/* What fails again gets a newer ledger row; the walk ends where those begin. */
	memset(&t, 0, sizeof(t));
	t.config = app->config;
	r = store_kept_last(app->store, &last, err);
	while (r != STOP && after < last && !*ending_asked()) {
		arena_reset(a);
		r = store_kept_next(app->store, after, a, &t.kept, err);
		if (r == END || (r != STOP && t.kept.intake > last))
			break;
		after = t.kept.intake;
		if (r == SKIP)
			say_error("%s", err->text);
		if (r == OK) {
			t.handed = 0;
			t.what = 0;
			free(t.origin);
			t.origin = item_origin(&t.kept, &in->ingest);
			in->ingest.authserv_id = authserv_of(app->config, t.origin);
			if (store_kept_forget(app->store, t.kept.item, err) != OK || intake_run(in, app->store, &feed, ending_asked(), err) != OK)
				r = STOP;
		}
	}
	store_rest(app->store);
	*left = t.left;
	free(t.origin);
	arena_free(a);
	return r == STOP ? STOP : OK;
}

/* What came of it, and what could not be tried. */
static enum outcome
tell(struct app *app, const struct intake *in, int64_t left, struct err *err)
{
	int64_t damaged, again;
	char number[28];

	if (store_count_unkept(app->store, &damaged, &again, err) != OK)
		return STOP;
	intake_tell(in);
	if (left > 0)
		say_warning("%s mail%s that came while `after` was another than now stay%s in the mailbox as %s", text_count(left, number), left == 1 ? "" : "s",
		    left == 1 ? "s" : "", left == 1 ? "it is" : "they are");
	if (damaged > 0)
		say_result("%s damaged cannot be read again: the bytes are not kept", text_count(damaged, number));
	if (again > 0)
		say_result("%s still to be read again, by the next fetch or ingest: the bytes are not here", text_count(again, number));
	return OK;
}

static int
run(struct app *app, int argc, char **argv)
{
	struct intake in = { .jobs = 1, .keep_known = 1, .more = 1, .verb = "reading again" };
	struct err err = { "", 0 };
	const char *value;
	int64_t left = 0;
	int at = 1, got = next_option(&cmd_retry, argc, argv, &at, &value);

	if (got == -3)
		return EXIT_DONE;
	if (got != -1) {
		if (got == 0)
			say_error("retry: takes no arguments");
		return EXIT_USAGE;
	}
	if (!opening_begin(app, &cmd_retry))
		return EXIT_FAILED;
	in.ingest = app->config->ingest;
	in.parse = app->config->parse;
	if (retry_all(app, &in, &left, &err) != OK || refresh_analysis(app, &err) != OK || tell(app, &in, left, &err) != OK) {
		say_error("%s", err.text);
		return EXIT_FAILED;
	}
	if (*ending_asked()) {
		say_error("interrupted: the rest was not read again");
		return EXIT_PARTLY;
	}
	return intake_exit(&in);
}

const struct command cmd_retry = {
	"retry", "", "Reads kept documents that were damaged, or met a passing fault, once more.",
	"To be run after an upgrade of the program or a fix at a reporter. What is read now becomes `stored`.\n"
	"What of them is not kept (too large, or removed by retention), or never came, is counted and left.\n\n"
	"example: dmarcsift retry\n", NEED_WRITE, NULL, run
};
