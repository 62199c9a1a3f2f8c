/* SPDX-License-Identifier: MIT */
/*
 * `explain WHAT`: a bounce (SMTP reply text, a mail, standard input), or a sender, address or domain in full: what the database
 * says of it, since when, why, and what stops it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/ending.h"
#include "cli/config.h"
#include "cli/named.h"
#include "cli/opening.h"
#include "cli/say.h"
#include "ingest/ingest.h"
#include "parse/domain.h"
#include "report/bounce.h"
#include "report/explain.h"
#include "report/report.h"
#include "report/sender.h"
#include "report/summary.h"

enum { BOUNCE_MAX = 8 << 20 };

/* All there is. */
static enum outcome
whole_period(struct app *app, struct report_options *o, struct err *err)
{
	*o = (struct report_options){ .thresholds = &app->config->thresholds, .now_at = app->now_at };
	if (store_newest_day(app->store, o->to, err) != OK || store_oldest_day(app->store, o->from, err) != OK)
		return STOP;
	if (o->to[0] == '\0')
		(void)text_day(app->now_at, o->to);
	if (o->from[0] == '\0')
		memcpy(o->from, o->to, sizeof(o->from));
	return OK;
}

struct foreign { const char *named; int is; };

static enum outcome
look_at_foreign(void *ctx, const struct overview_row *row, struct err *err)
{
	struct foreign *f = ctx;

	(void)err;
	f->is |= strcmp(row->text[0], f->named) == 0;
	return OK;
}

/* Nothing is called so: perhaps it is a domain that the configuration keeps apart. */
static enum outcome
tell_unknown(struct app *app, const char *named, const struct report_options *all, struct err *err)
{
	struct foreign f = { named, 0 };

	if (store_overview(app->store, OVERVIEW_FOREIGN, 0, all->from, all->to, INT64_MAX, look_at_foreign, &f, err) != OK)
		return STOP;
	if (f.is)
		say_error("explain: %s was reported, but is not among the domains of the configuration", named);
	else
		say_error("explain: nothing in the database is called %s, and no file; v_sources lists senders and addresses", named);
	return OK;
}

/* Explaining reads only: what no analysis has looked at yet is said. */
static enum outcome
open_reading(struct app *app, struct err *err)
{
	if (opening_take(app, NEED_READ, 0, err) != OK)
		return STOP;
	if (store_awaits_analysis(app->store))
		say_warning("reports came since the last analysis; `dmarcsift analyse` looks at them");
	return OK;
}

/* above: the line for a name that leads to this one, written in front of what is found; NULL: none does. */
static enum outcome
explain_one(struct app *app, const struct report_options *all, const char *name, const char *above, int *found, struct err *err)
{
	struct summary *sum = NULL;
	char address[IP_TEXT];
	enum outcome r = summarise_called(app->store, all, name, ip_canonical(name, address) != 0, &sum, err);

	if (r == OK)
		r = explain_name(app->store, sum, name, above, stdout, found, err);
	summary_free(sum);
	return r;
}

struct above { const char *name; char domain[DOMAIN_TEXT]; };

/* Keeps the narrowest policy domain the name lies below. */
static enum outcome
look_above(void *ctx, int64_t id, const char *name, struct err *err)
{
	struct above *a = ctx;

	(void)id, (void)err;
	if (*name != '\0' && domain_within(a->name, name) && strlen(name) > strlen(a->domain))
		(void)snprintf(a->domain, sizeof(a->domain), "%s", name);
	return OK;
}

/* A domain by which the catalogue knows a sender, else a name below a policy domain: that is explained. */
static enum outcome
explain_known(struct app *app, const struct report_options *all, const char *name, int *found, struct err *err)
{
	const struct sender *known = sender_of(name, BY_DKIM);
	struct above above = { name, "" };
	char line[3 * DOMAIN_TEXT];

	if (known == NULL)
		known = sender_of(name, BY_ENVELOPE);
	if (known != NULL) {
		(void)snprintf(line, sizeof(line), "%s is of %s, which is explained", name, known->name);
		if (explain_one(app, all, known->id, line, found, err) != OK)
			return STOP;
	}
	if (*found > 0 || !named_is_domain(name))
		return OK;
	if (store_each_domain(app->store, look_above, &above, err) != OK)
		return STOP;
	(void)snprintf(line, sizeof(line), "%s lies below %s, which is explained", name, above.domain);
	return *above.domain != '\0' ? explain_one(app, all, above.domain, line, found, err) : OK;
}

static enum outcome
explain_named(struct app *app, const char *what, int *found, struct err *err)
{
	char *folded = named_as_stored(what);
	struct report_options all;
	enum outcome r;

	r = open_reading(app, err);
	if (r == OK && (r = whole_period(app, &all, err)) == OK)
		r = explain_one(app, &all, folded, NULL, found, err);
	if (r == OK && *found == 0)
		r = explain_known(app, &all, folded, found, err);
	if (r == OK && *found == 0)
		r = tell_unknown(app, folded, &all, err);
	free(folded);
	return r;
}

/* --- a bounce --- */

/* What the receiver said first, then the words for people; a text that is no mail is what was said. */
static void
read_words(const struct buf *all, const struct returned *mail, struct bounce *b)
{
	memset(b, 0, sizeof(*b));
	if (mail->said != NULL)
		bounce_read(mail->said, strlen(mail->said), b);
	if ((b->class == BOUNCE_NONE || b->class == BOUNCE_OTHER) && mail->words != NULL) {
		struct bounce words;

		bounce_read(mail->words, strlen(mail->words), &words);
		if (b->class == BOUNCE_NONE || (words.class != BOUNCE_NONE && words.class != BOUNCE_OTHER))
			*b = words;
	}
	if (b->class == BOUNCE_NONE && mail->status != NULL)
		bounce_read(mail->status, strlen(mail->status), b);
	if (b->meaning == NULL)
		bounce_read(all->at, all->len, b);
}

static enum outcome
explain_words(struct app *app, struct bounce *b, const struct returned_mail *mail, struct err *err)
{
	struct report_options all;
	struct summary *sum = NULL;

	if (app->db_path != NULL && access(app->db_path, F_OK) == 0 && (open_reading(app, err) != OK ||
	    whole_period(app, &all, err) != OK || explain_domain(app->store, b, mail, err) != OK || explain_streams(app->store, &all, b, mail, &sum, err) != OK))
		return STOP;
	explain_bounce(sum, b, mail, stdout);
	summary_free(sum);
	return OK;
}

static enum outcome
explain_bytes(struct app *app, const struct buf *all, struct err *err)
{
	struct returned mail;
	struct returned_mail told;
	struct bounce b;
	enum outcome r = returned_read((const unsigned char *)all->at, all->len, &mail, err);

	if (r == SKIP)
		return STOP;
	told = (struct returned_mail){ mail.recipient, mail.remote_mta, mail.from, mail.envelope_from, mail.signed_by };
	read_words(all, &mail, &b);
	r = explain_words(app, &b, r == OK ? &told : NULL, err);
	returned_free(&mail);
	return r;
}

static enum outcome
explain_stream(struct app *app, FILE *f, const char *name, struct err *err)
{
	char bytes[65536];
	struct buf all;
	size_t n;
	enum outcome r;

	buf_init(&all, BOUNCE_MAX);
	while (!all.full && !*ending_asked() && (n = fread(bytes, 1, sizeof(bytes), f)) > 0)
		buf_add(&all, bytes, n);
	if (*ending_asked())
		r = err_stop(err, "%s: ended by a signal", name);
	else
		r = ferror(f) ? err_stop(err, "%s: %s", name, strerror(errno)) : explain_bytes(app, &all, err);
	buf_free(&all);
	return r;
}

/* What is read for a bounce. A folder that may be meant by its name alone is not: it may well have a domain's. */
static int
is_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && (!S_ISDIR(st.st_mode) || strchr(path, '/') != NULL);
}

/* A file, standard input, the text of a reply (it has blanks), or a name. */
static enum outcome
explain(struct app *app, const char *what, int *found, struct err *err)
{
	struct buf text;
	enum outcome r;
	FILE *f;

	*found = 1;
	if (strcmp(what, "-") == 0)
		return explain_stream(app, stdin, "-", err);
	if (strchr(what, ' ') != NULL && !is_file(what)) {
		buf_init(&text, BOUNCE_MAX);
		buf_str(&text, what);
		r = explain_bytes(app, &text, err);
		buf_free(&text);
		return r;
	}
	if (!is_file(what))
		return explain_named(app, what, found, err);
	if ((f = fopen(what, "rbe")) == NULL)
		return err_stop(err, "%s: %s", what, strerror(errno));
	r = explain_stream(app, f, what, err);
	fclose(f);
	return r;
}

static int
run(struct app *app, int argc, char **argv)
{
	const char *value, *what = NULL;
	struct err err = { "", 0 };
	int at = 1, got, found;

	while ((got = next_option(&cmd_explain, argc, argv, &at, &value)) == 0 && what == NULL)
		what = value;
	if (got == -3)
		return EXIT_DONE;
	if (got != -1 || what == NULL) {
		if (got != -2)	/* told already */
			say_error("explain: name one sender, address or domain, a bounce in quotes, a file with one, or -");
		return EXIT_USAGE;
	}
	if (!opening_begin(app, &cmd_explain))
		return EXIT_FAILED;
	if (explain(app, what, &found, &err) != OK) {
		say_error("%s", err.text);
		return EXIT_FAILED;
	}
	return found > 0 ? EXIT_DONE : EXIT_USAGE;
}

const struct command cmd_explain = {
	"explain", "WHAT", "Explains a sender, an address or a domain; or a bounce: why it was refused, and what stops that.",
	"WHAT is a sender, address or domain as the views name it; or a bounce: the text of an SMTP reply in quotes, a file with the\n"
	"mail that came back, or - for standard input. A whole mail tells more than its text: its signature and envelope name the sender.\n\n"
	"example: dmarcsift explain \"550 5.7.1 Unauthenticated email from example.org is not accepted due to domain's DMARC policy\"\n",
	NEED_CONFIG, NULL, run
};
