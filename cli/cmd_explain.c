/* SPDX-License-Identifier: MIT */
/*
 * `explain WHAT`: a bounce (SMTP reply text, a mail, standard input), or a sender, address or domain in full: what the database
 * says of it, since when, why, and what stops it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/config.h"
#include "cli/say.h"
#include "report/bounce.h"
#include "report/report.h"
#include "report/summary.h"

enum { BOUNCE_MAX = 1 << 20 };

struct asked {
	const char *what;	/* sender, address or domain, lower case */
	int shown;
	int findings;
};

static void
put(const char *label, const char *text)
{
	struct buf b;

	if (text == NULL || *text == '\0')
		return;
	buf_init(&b, 1 << 16);
	text_clean(&b, text, strlen(text));
	printf("  %-10s %s\n", label, b.at);
	buf_free(&b);
}

/* --- what the database says --- */

static int
concerns(const struct asked *a, const char *domain, const char *sender)
{
	return (sender != NULL && (strcmp(sender, a->what) == 0 || domain_within(sender, a->what))) ||
	    (domain != NULL && domain_within(domain, a->what));
}

static enum outcome
show_finding(void *ctx, const struct overview_row *row, struct err *err)
{
	struct asked *a = ctx;

	(void)err;
	if (!concerns(a, row->text[1], row->text[2]))
		return OK;
	a->findings++;
	put(row->text[0], row->text[4]);
	put("why", row->text[5]);
	put("fix", row->text[6]);
	return OK;
}

static void
put_count(const char *label, int64_t n, const char *text)
{
	char number[28];
	struct buf b;

	buf_init(&b, 1 << 16);
	text_clean(&b, text, strlen(text));
	printf("  %-10s %10s  %s\n", label, text_count(n, number), b.at);
	buf_free(&b);
}

/* What an opened sender of the page shows: addresses, results, receivers, reports to look at. */
static void
show_drill(const struct sum_sender *s)
{
	struct buf b;
	size_t i;

	for (i = 0; i < s->ntop; i++)
		put_count(i == 0 ? "addresses" : "", s->top[i].messages, s->top[i].address);
	buf_init(&b, 1 << 16);
	for (i = 0; i < s->ncombos; i++) {
		const struct sum_combo *c = &s->combos[i];

		buf_reset(&b);
		buf_fmt(&b, "DKIM %s; SPF %s; %s", c->dkim != NULL ? c->dkim : "none", c->spf != NULL ? c->spf : "none",
		    c->disposition != NULL ? c->disposition : "no disposition");
		if (c->header_from != NULL)
			buf_fmt(&b, "; From %s", c->header_from);
		if (c->envelope_from != NULL)
			buf_fmt(&b, "; envelope %s", c->envelope_from);
		if (c->reasons != NULL)
			buf_fmt(&b, "; %s", c->reasons);
		put_count(i == 0 ? "results" : "", c->messages, b.at);
	}
	for (i = 0; i < s->nreceivers; i++) {
		const struct sum_heard *h = &s->receivers[i];

		buf_reset(&b);
		buf_fmt(&b, "%s (%lld let through, %lld junked, %lld refused)", h->name, (long long)h->none, (long long)h->quarantine, (long long)h->reject);
		put_count(i == 0 ? "receivers" : "", h->messages, b.at);
	}
	for (i = 0; i < s->nreports; i++) {
		buf_reset(&b);
		buf_fmt(&b, "%s %s of %s", s->reports[i].org_name != NULL ? s->reports[i].org_name : "-", s->reports[i].report_id != NULL ?
		    s->reports[i].report_id : "-", s->reports[i].day != NULL ? s->reports[i].day : "-");
		put(i == 0 ? "reports" : "", b.at);
	}
	buf_free(&b);
}

static void
show_sender(struct asked *a, const struct sum_domain *d, const struct sum_sender *s)
{
	char n[8][28];
	size_t i;

	if (a->shown++ > 0)
		putchar('\n');
	printf("%s as %s: %s, confidence %s, %s to %s\n", s->name, d->domain, s->class, s->confidence != NULL ? s->confidence : "low",
	    s->first_day != NULL ? s->first_day : "-", s->last_day != NULL ? s->last_day : "-");
	printf("  %s messages: %s passing (%s by DKIM, %s by SPF), %s lost, %s at risk, %s forwarded, %s undecided\n",
	    text_count(s->counts.messages, n[0]), text_count(s->counts.passing, n[1]), text_count(s->pass_dkim, n[2]), text_count(s->pass_spf, n[3]),
	    text_count(s->counts.lost, n[4]), text_count(s->counts.at_risk, n[5]), text_count(s->counts.forwarded, n[6]), text_count(s->counts.undecided, n[7]));
	put("known by", s->evidence);
	put("why", s->why);
	for (i = 0; i < s->nfixes; i++) {
		struct buf b;

		buf_init(&b, 2048);
		buf_fmt(&b, "%s %s %s", s->fixes[i].name, s->fixes[i].type, s->fixes[i].value);
		put(i == 0 ? "publish" : "", b.at);
		buf_free(&b);
	}
	show_drill(s);
	put("label", s->label);
}

static int
is_asked(const struct asked *a, const struct sum_sender *s)
{
	return strcmp(s->sender, a->what) == 0 || (strchr(a->what, '.') == NULL && text_find(s->name, a->what) != NULL);
}

/* The senders that are meant: one in full, or the domain's largest. */
static enum outcome
show_senders(struct app *app, struct asked *a, struct err *err)
{
	struct report_options o = { .thresholds = &app->config->thresholds, .now_at = app->now_at };
	struct summary *s;
	size_t i, k;

	if (store_newest_day(app->store, o.to, err) != OK)
		return STOP;
	if (o.to[0] == '\0')
		(void)text_day(app->now_at, o.to);
	(void)text_day(app->now_at - (int64_t)3650 * 86400, o.from);
	if (summarise(app->store, &o, &s, err) != OK)
		return STOP;
	for (i = 0; i < s->ndomains; i++)
		for (k = 0; k < s->domains[i].nsenders && a->shown < 12; k++)
			if (is_asked(a, &s->domains[i].senders[k]) || (domain_within(s->domains[i].domain, a->what) && k < 8))
				show_sender(a, &s->domains[i], &s->domains[i].senders[k]);
	summary_free(s);
	return OK;
}

static enum outcome
show_address(void *ctx, const struct address_row *r)
{
	struct asked *a = ctx;
	char n[28];

	a->shown++;
	printf("%s as %s: sender %s, %s messages, %s to %s, %s\n", a->what, r->domain, r->sender, text_count(r->messages, n),
	    r->first_day != NULL ? r->first_day : "-", r->last_day != NULL ? r->last_day : "-", r->disposition);
	put("DKIM", r->dkim != NULL ? r->dkim : "none");
	put("SPF", r->spf != NULL ? r->spf : "none");
	return OK;
}

static enum outcome
show_all(struct app *app, struct asked *a, struct err *err)
{
	if (store_each_address(app->store, a->what, show_address, a, err) != OK || show_senders(app, a, err) != OK)
		return STOP;
	if (a->shown > 0)
		putchar('\n');
	return store_overview(app->store, OVERVIEW_FINDINGS, 0, "", "9999", 10000, show_finding, a, err);
}

static int
explain_name(struct app *app, const char *what)
{
	struct err err = { "", 0 };
	char *folded = mem_str(what);
	struct asked a = { folded, 0, 0 };
	int status = EXIT_DONE;

	text_lower(folded);
	if (show_all(app, &a, &err) != OK) {
		say_error("%s", err.text);
		status = EXIT_FAILED;
	} else if (a.shown == 0 && a.findings == 0) {
		say_error("explain: nothing in the database is called %s; v_sources lists senders and addresses", what);
		status = EXIT_USAGE;
	}
	free(folded);
	return status;
}

/* --- a bounce --- */

static int
explain_bounce(struct app *app, const char *bytes, size_t len)
{
	struct err err = { "", 0 };
	struct bounce b;
	struct asked a = { b.domain, 0, 0 };

	bounce_read(bytes, len, &b);
	if (b.server != NULL)
		printf("%s: ", b.server);
	printf("%s\n", b.meaning);
	put("domain", b.domain);
	put("address", b.address);
	if (b.class == BOUNCE_NONE || b.class == BOUNCE_OTHER || b.domain[0] == '\0')
		return EXIT_DONE;
	printf("\nWhat the reports on %s say:\n", b.domain);
	if (store_overview(app->store, OVERVIEW_FINDINGS, 0, "", "9999", 10000, show_finding, &a, &err) != OK) {
		say_error("%s", err.text);
		return EXIT_FAILED;
	}
	if (a.findings == 0)
		printf("  nothing: no report on it has been read, or none of its mail fails\n");
	return EXIT_DONE;
}

static int
explain_stream(struct app *app, FILE *f, const char *name)
{
	char bytes[65536];
	struct buf all;
	size_t n;
	int status;

	buf_init(&all, BOUNCE_MAX);
	while ((n = fread(bytes, 1, sizeof(bytes), f)) > 0)
		buf_add(&all, bytes, n);
	if (ferror(f)) {
		say_error("%s: cannot be read", name);
		status = EXIT_FAILED;
	} else {
		status = explain_bounce(app, all.at, all.len);
	}
	buf_free(&all);
	return status;
}

/* A file, standard input, the text of a reply (it has blanks), or a name. */
static int
explain(struct app *app, const char *what)
{
	FILE *f;
	int status;

	if (strcmp(what, "-") == 0)
		return explain_stream(app, stdin, "-");
	if (strchr(what, ' ') != NULL)
		return explain_bounce(app, what, strlen(what));
	if (access(what, F_OK) != 0)
		return explain_name(app, what);
	if ((f = fopen(what, "rbe")) == NULL) {
		say_error("%s: cannot be opened", what);
		return EXIT_FAILED;
	}
	status = explain_stream(app, f, what);
	fclose(f);
	return status;
}

static int
run(struct app *app, int argc, char **argv)
{
	static const struct option_spec specs[] = { { NULL, 0, 0 } };
	const char *value, *what = NULL;
	int at = 1, got;

	while ((got = next_option(&cmd_explain, specs, argc, argv, &at, &value)) == 0 && what == NULL)
		what = value;
	if (got == -3)
		return EXIT_DONE;
	if (got != -1 || what == NULL) {
		say_error("explain: name one sender, address or domain, a bounce in quotes, a file with one, or -");
		return EXIT_USAGE;
	}
	return explain(app, what);
}

const struct command cmd_explain = {
	"explain", "WHAT", "Explains a sender, an address or a domain; or a bounce: why it was refused, and what stops that.",
	"WHAT is a sender, address or domain as the views name it; or the text of an SMTP reply in quotes, a file with a\n"
	"bounce in it, or - for standard input.\n\n"
	"example: dmarcsift explain \"550 5.7.1 Unauthenticated email from example.org is not accepted due to domain's DMARC policy\"\n",
	NEED_READ, run
};
