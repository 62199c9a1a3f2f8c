/* SPDX-License-Identifier: MIT */
/* Folders of a session: their names on the wire, found, opened, listed. See imap_session.h. */
#include "ingest/imap_session.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "ingest/imap_utf7.h"

enum { NAMES_SHOWN = 12 };

static void
on_namespace(void *ctx, const struct imap_response *r)
{
	struct imap_session *s = ctx;
	char *prefix;

	if (!imap_namespace(r, &prefix))
		return;
	free(s->prefix);
	s->prefix = prefix;
}

static char *
quote(const char *name)
{
	struct buf b;
	char *quoted;

	buf_init(&b, 1 << 16);
	buf_str(&b, "\"");
	for (; *name != '\0'; name++) {
		if (*name == '"' || *name == '\\')
			buf_str(&b, "\\");
		if (*name != '\r' && *name != '\n')
			buf_add(&b, name, 1);
	}
	buf_str(&b, "\"");
	quoted = mem_str(b.at);
	buf_free(&b);
	return quoted;
}

static void
on_listed(void *ctx, const struct imap_response *r)
{
	int *found = ctx, selectable;
	char delimiter, *name;

	if (imap_listed(r, &delimiter, &name, &selectable)) {
		*found |= selectable;
		free(name);
	}
}

static enum outcome
is_there(struct imap_session *s, const char *quoted, int *found, struct err *err)
{
	struct imap_reply reply;

	*found = 0;
	/* INBOX is always there; % and * would list others. */
	if (strcasecmp(quoted, "\"INBOX\"") == 0 || strpbrk(quoted, "%*") != NULL) {
		*found = 1;
		return OK;
	}
	return imap_command(s, on_listed, found, &reply, err, "LIST \"\" %s", quoted);
}

/* The name with the server's delimiter for "/", below a prefix of the server's ("": none), in modified UTF-7 and quoted. */
static char *
on_wire(const char *utf8, char delimiter, const char *prefix)
{
	char *name = mem_str(utf8), *p, *wire, *whole, *quoted;

	for (p = name; delimiter != '\0' && *p != '\0'; p++)
		if (*p == '/')
			*p = delimiter;
	wire = imap_utf7_encode(name);
	whole = mem_fmt("%s%s", prefix, wire);
	quoted = quote(whole);
	free(name);
	free(wire);
	free(whole);
	return quoted;
}

/* Whether this other form of the name is there: then it takes the place of *quoted. */
static enum outcome
try_form(struct imap_session *s, char *form, char **quoted, int *found, struct err *err)
{
	enum outcome r = is_there(s, form, found, err);

	if (r == OK && *found) {
		free(*quoted);
		*quoted = form;
	} else {
		free(form);
	}
	return r;
}

/* Where the user's own folders lie: asked only when a name is not there as it is. */
static enum outcome
ask_prefix(struct imap_session *s, struct err *err)
{
	struct imap_reply reply;

	return s->can_namespace && s->prefix == NULL ? imap_command(s, on_namespace, s, &reply, err, "NAMESPACE") : OK;
}

enum outcome
imap_folder(struct imap_session *s, const char *utf8, char **quoted, int *found, struct err *err)
{
	const char *prefix;
	int below;
	enum outcome r;

	*quoted = on_wire(utf8, s->delimiter, "");
	r = is_there(s, *quoted, found, err);
	if (r == OK && !*found && s->delimiter != '/' && strchr(utf8, '/') != NULL)
		r = try_form(s, on_wire(utf8, '\0', ""), quoted, found, err);
	if (r == OK && !*found)
		r = ask_prefix(s, err);
	prefix = s->prefix != NULL ? s->prefix : "";
	below = *prefix != '\0' && strncmp(*quoted + 1, prefix, strlen(prefix)) != 0;
	if (r == OK && !*found && below)
		r = try_form(s, on_wire(utf8, s->delimiter, prefix), quoted, found, err);
	/* Below the prefix is where a new folder can be made. */
	if (r == OK && !*found && below) {
		free(*quoted);
		*quoted = on_wire(utf8, s->delimiter, prefix);
	}
	if (r != OK) {
		free(*quoted);
		*quoted = NULL;
	}
	return r;
}

static void
on_opened(void *ctx, const struct imap_response *r)
{
	struct imap_session *s = ctx;
	int64_t n;

	if (imap_code(r, "UIDVALIDITY", &n))
		s->uidvalidity = n;
	else if (imap_code(r, "UIDNEXT", &n))
		s->uidnext = n;
}

enum outcome
imap_open_folder(struct imap_session *s, const char *quoted, int read_only, struct err *err)
{
	struct imap_reply reply;

	s->uidvalidity = s->uidnext = -1;
	s->exists = 0;
	if (imap_command(s, on_opened, s, &reply, err, "%s %s", read_only ? "EXAMINE" : "SELECT", quoted) != OK)
		return STOP;
	if (reply.status != IMAP_OK)
		return err_skip(err, "%s", reply.text);
	s->grown = 0;
	if (s->uidvalidity < 0)
		return err_skip(err, "the server gives no UIDVALIDITY for it");
	return OK;
}

struct names { struct buf text; int count; };

static void
on_name(void *ctx, const struct imap_response *r)
{
	struct names *n = ctx;
	char delimiter, *name, *utf8;
	int selectable;

	if (!imap_listed(r, &delimiter, &name, &selectable))
		return;
	if (selectable && n->count++ < NAMES_SHOWN) {
		utf8 = imap_utf7_decode(name);
		if (n->text.len > 0)
			buf_str(&n->text, ", ");
		text_clean(&n->text, utf8, strlen(utf8));
		free(utf8);
	}
	free(name);
}

enum outcome
imap_folder_names(struct imap_session *s, char **names, struct err *err)
{
	struct names n = { { NULL, 0, 0, 0, 0 }, 0 };
	struct imap_reply reply;
	enum outcome r;

	buf_init(&n.text, 600);
	r = imap_command(s, on_name, &n, &reply, err, "LIST \"\" \"*\"");
	if (r == OK)
		*names = mem_fmt("%s%s", n.text.at, n.count > NAMES_SHOWN ? ", ..." : "");
	buf_free(&n.text);
	return r;
}
