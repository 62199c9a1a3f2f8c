/* SPDX-License-Identifier: MIT */
/* See explain.h: a name. */
#include "report/explain_part.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/width.h"
#include "parse/domain.h"
#include "report/advice.h"
#include "sql/store.h"

enum { REPORTS_SHOWN = 10, RECORDS_LOOKED_AT = 200000 };

/* --- lines --- */

void
explain_put(FILE *out, const char *label, const char *fmt, ...)
{
	struct buf clean;
	char *text;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		abort();
	va_end(ap);
	buf_init(&clean, 1 << 16);
	text_clean(&clean, text, strlen(text));
	if (*text != '\0')
		fprintf(out, "  %-10s %s\n", label, clean.at);
	buf_free(&clean);
	free(text);
}

const char *
explain_dash(const char *text)
{
	return text != NULL ? text : "-";
}

static const char *
or_none(const char *text)
{
	return text != NULL ? text : "none";
}

void
explain_fixes(FILE *out, const struct sum_sender *s)
{
	size_t i;

	if (s->passes_now != NULL)
		explain_put(out, "publish", "nothing: %s", s->passes_now->text);
	for (i = 0; i < s->nfixes; i++)
		explain_put(out, i == 0 ? "publish" : "", "%s %s %s", s->fixes[i].name, s->fixes[i].type, s->fixes[i].value);
	if (s->nfixes > 0)
		explain_put(out, "where", "%s", s->fix_where != NULL ? s->fix_where : "");
}

static void
put_finding(FILE *out, const struct sum_finding *f)
{
	explain_put(out, f->code, "%s", f->text);
	explain_put(out, "why", "%s", f->why != NULL ? f->why : "");
	explain_put(out, "fix", "%s", f->fix != NULL ? f->fix : "");
}

/* --- a sender --- */

/* What of a sender's messages the lines above do not tell: the newest records of a domain are looked at, and the most frequent shown. */
static void
put_rest(FILE *out, const struct sum_sender *s, int64_t told, const char *what)
{
	char number[28];

	if (told > 0 && told < s->counts.messages)
		explain_put(out, "", "%10s  of older reports or further %s", text_count(s->counts.messages - told, number), what);
}

static void
put_results(FILE *out, const struct sum_sender *s)
{
	char number[28];
	int64_t told = 0;
	size_t i;

	for (i = 0; i < s->ncombos; told += s->combos[i++].messages) {
		const struct sum_combo *c = &s->combos[i];

		explain_put(out, i == 0 ? "results" : "", "%10s  DKIM %s; SPF %s; %s%s%s%s%s%s%s", text_count(c->messages, number), or_none(c->dkim), or_none(c->spf),
		    c->disposition != NULL ? c->disposition : "no disposition", c->header_from != NULL ? "; From " : "",
		    c->header_from != NULL ? c->header_from : "", c->envelope_from != NULL ? "; envelope " : "",
		    c->envelope_from != NULL ? c->envelope_from : "", c->reasons != NULL ? "; " : "", c->reasons != NULL ? c->reasons : "");
	}
	put_rest(out, s, told, "results");
}

/* What an opened sender of the page shows: addresses, results, receivers, reports to look at. since: the day of the first records there are; "": of all. */
static void
put_drill(FILE *out, const struct sum_sender *s, const char *since)
{
	char n[4][28], name[TEXT_SHORT_BYTES];
	int64_t told = 0;
	size_t i;

	for (i = 0; i < s->ntop; i++)
		explain_put(out, i == 0 ? "addresses" : "", "%10s  %s", text_count(s->top[i].messages, n[0]), s->top[i].address);
	if (*since != '\0' && s->first_day != NULL && strcmp(s->first_day, since) < 0)
		explain_put(out, "results", "of the days from %s on: older records are removed", since);
	put_results(out, s);
	for (i = 0; i < s->nreceivers; told += s->receivers[i++].messages) {
		const struct sum_heard *h = &s->receivers[i];

		explain_put(out, i == 0 ? "receivers" : "", "%10s  %s (%s let through, %s junked, %s refused)", text_count(h->messages, n[0]), text_short(h->name, name),
		    text_count(h->none, n[1]), text_count(h->quarantine, n[2]), text_count(h->reject, n[3]));
	}
	put_rest(out, s, told, "receivers");
	for (i = 0; i < s->nreports; i++)
		explain_put(out, i == 0 ? "reports" : "", "%s %s of %s", text_short(explain_dash(s->reports[i].org_name), name), explain_dash(s->reports[i].report_id), explain_dash(s->reports[i].day));
}

/* The latest days with mail of it. */
static void
put_days(FILE *out, const struct summary *sum, const struct sum_domain *d, const struct sum_sender *s)
{
	char day[11], n[2][28];
	int64_t begin;
	size_t i;
	int shown = 0;

	if (s->daily == NULL || sum->begin == NULL || !text_when(sum->begin, &begin))
		return;
	for (i = d->ndays; i > 0 && shown < SUMMARY_LATEST_DAYS; i--)
		if (s->daily[i - 1] > 0 && text_day(begin + (int64_t)(i - 1) * 86400, day))
			explain_put(out, shown++ == 0 ? "days" : "", "%10s  %s, %s of them lost or at risk", text_count(s->daily[i - 1], n[0]), day,
			    text_count(s->daily_bad != NULL ? s->daily_bad[i - 1] : 0, n[1]));
}

static void
put_sender(FILE *out, const struct summary *sum, const struct sum_domain *d, const struct sum_sender *s, const char *since)
{
	char n[8][28];
	struct buf title;

	buf_init(&title, 1 << 12);
	text_clean(&title, s->name, strlen(s->name));
	buf_str(&title, " as ");
	text_clean(&title, d->domain, strlen(d->domain));
	fprintf(out, "%s: %s, confidence %s, %s to %s\n", title.at, s->class, s->confidence != NULL ? s->confidence : "low",
	    explain_dash(s->first_day), explain_dash(s->last_day));
	buf_free(&title);
	fprintf(out, "  %s message%s: %s passing (%s by DKIM, %s by SPF), %s lost, %s at risk, %s forwarded, %s undecided",
	    text_count(s->counts.messages, n[0]), s->counts.messages == 1 ? "" : "s", text_count(s->counts.passing, n[1]), text_count(s->pass_dkim, n[2]), text_count(s->pass_spf, n[3]),
	    text_count(s->counts.lost, n[4]), text_count(s->counts.at_risk, n[5]), text_count(s->counts.forwarded, n[6]), text_count(s->counts.undecided, n[7]));
	if (s->counts.undetermined > 0)
		fprintf(out, ", %s unclear", text_count(s->counts.undetermined, n[0]));
	fputc('\n', out);
	explain_put(out, "known by", "%s", s->evidence != NULL ? s->evidence : "");
	explain_put(out, "why", "%s", s->why != NULL ? s->why : "");
	explain_fixes(out, s);
	put_drill(out, s, since);
	put_days(out, sum, d, s);
	explain_put(out, "label", "%s", s->label != NULL ? s->label : "");
}

/* --- a name --- */

struct asked {
	const char *what, *above;
	FILE *out;
	int shown, reports;
	struct pair { char *domain, *sender; } *at;	/* of an address: who sends from it, most first */
	size_t count;
};

static void
add_pair(struct asked *a, const char *domain, const char *sender)
{
	size_t i;

	for (i = 0; i < a->count; i++)
		if (strcmp(a->at[i].domain, domain) == 0 && strcmp(a->at[i].sender, sender) == 0)
			return;
	a->at = mem_grow(a->at, a->count + 1, sizeof(*a->at));
	a->at[a->count++] = (struct pair){ mem_str(domain), mem_str(sender) };
}

/* Parts are kept apart by an empty line. */
static void
next_part(struct asked *a)
{
	struct buf clean;

	if (a->shown++ > 0) {
		fputc('\n', a->out);
	} else if (a->above != NULL) {
		buf_init(&clean, 1 << 12);
		text_clean(&clean, a->above, strlen(a->above));
		fprintf(a->out, "%s\n\n", clean.at);
		buf_free(&clean);
	}
}

static enum outcome
show_stream(void *ctx, const struct address_row *r)
{
	struct asked *a = ctx;
	struct buf clean;
	char n[28];

	if (a->shown++ == 0) {
		buf_init(&clean, 1 << 16);
		text_clean(&clean, a->what, strlen(a->what));
		fprintf(a->out, "%s\n", clean.at);
		buf_free(&clean);
	}
	add_pair(a, r->domain, r->sender);
	explain_put(a->out, a->shown == 1 ? "sends" : "", "%10s  as %s, sender %s, %s to %s, %s; DKIM %s; SPF %s", text_count(r->messages, n), r->domain, r->sender,
	    explain_dash(r->first_day), explain_dash(r->last_day), r->disposition, or_none(r->dkim), or_none(r->spf));
	return OK;
}

static enum outcome
show_report(void *ctx, const struct address_report *r)
{
	struct asked *a = ctx;
	char n[28], name[TEXT_SHORT_BYTES];

	if (a->reports >= REPORTS_SHOWN)
		return END;
	explain_put(a->out, a->reports++ == 0 ? "reports" : "", "%10s  %s %s of %s: From %s%s%s, %s", text_count(r->messages, n), text_short(explain_dash(r->org_name), name),
	    explain_dash(r->report_id), explain_dash(r->day), explain_dash(r->header_from), r->envelope_from != NULL ? ", envelope " : "",
	    r->envelope_from != NULL ? r->envelope_from : "", r->disposition != NULL && *r->disposition != '\0' ? r->disposition : "no disposition");
	return OK;
}

static enum outcome
show_address(struct store *s, struct asked *a, struct err *err)
{
	if (store_each_address(s, a->what, show_stream, a, err) != OK)
		return STOP;
	return a->shown > 0 ? store_each_address_report(s, a->what, RECORDS_LOOKED_AT, show_report, a, err) : OK;
}

static int
concerns(const struct asked *a, const struct sum_finding *f)
{
	return (f->sender != NULL && (strcmp(f->sender, a->what) == 0 || domain_within(f->sender, a->what))) ||
	    (f->domain != NULL && domain_within(f->domain, a->what)) ||
	    (f->sender != NULL && *f->sender != '\0' && strchr(a->what, '.') == NULL && text_find(f->sender, a->what) != NULL);
}

/* The findings that mean the name. */
static void
put_called(struct asked *a, const struct summary *sum)
{
	int findings = 0;
	size_t i;

	for (i = 0; i < sum->nfindings; i++)
		if (concerns(a, &sum->findings[i])) {
			if (findings++ == 0)
				next_part(a);
			put_finding(a->out, &sum->findings[i]);
		}
}

/* 1: the finding is of this sender; or the address is asked about together with others of its network, in the name of one of them. */
static int
is_of_pair(const struct asked *a, const struct summary *sum, const struct pair *p, const struct sum_finding *f)
{
	size_t i, k;

	if (f->domain == NULL || f->sender == NULL || strcmp(f->domain, p->domain) != 0)
		return 0;
	if (strcmp(f->sender, p->sender) == 0)
		return 1;
	if (strcmp(p->sender, a->what) != 0 || !summary_asks_together(f, a->what))
		return 0;
	for (i = 0; i < sum->ndomains; i++)
		for (k = 0; k < sum->domains[i].nsenders; k++) {
			const struct sum_sender *s = &sum->domains[i].senders[k];

			if (strcmp(sum->domains[i].domain, p->domain) == 0 && strcmp(s->sender, p->sender) == 0)
				return stream_is_undecided(s) && !summary_is_labelled(s) && s->counts.passing + s->counts.forwarded == 0;
		}
	return 0;
}

/* The findings the mail of an address is part of, sender by sender, and where the rest is told of each. */
static void
put_part_of(struct asked *a, const struct summary *sum)
{
	const char *named;
	struct buf command;
	size_t i, k;

	for (k = 0; k < a->count; k++) {
		named = NULL;
		for (i = 0; i < sum->nfindings; i++)
			if (is_of_pair(a, sum, &a->at[k], &sum->findings[i])) {
				if (named == NULL)
					next_part(a);
				named = sum->findings[i].sender;
				put_finding(a->out, &sum->findings[i]);
			}
		if (named == NULL || strcmp(named, a->what) == 0)
			continue;
		buf_init(&command, 8192);
		advice_explain(&command, named);
		explain_put(a->out, "more", "%s", command.at);
		buf_free(&command);
	}
}

static void
free_pairs(struct asked *a)
{
	size_t i;

	for (i = 0; i < a->count; i++) {
		free(a->at[i].domain);
		free(a->at[i].sender);
	}
	free(a->at);
}

enum outcome
explain_name(struct store *s, const struct summary *sum, const char *what, const char *above, FILE *out, int *found, struct err *err)
{
	struct asked a = { .what = what, .above = above, .out = out };
	char since[11];
	enum outcome r = STOP;
	size_t i, k;

	if (store_records_since(s, since, err) != OK || show_address(s, &a, err) != OK)
		goto out;
	for (i = 0; sum != NULL && i < sum->ndomains; i++)
		for (k = 0; k < sum->domains[i].nsenders && a.shown < SUMMARY_CALLED; k++)
			if (summary_is_called(&sum->domains[i].senders[k], what) || (domain_within(sum->domains[i].domain, what) && k < SUMMARY_OF_DOMAIN)) {
				next_part(&a);
				put_sender(out, sum, &sum->domains[i], &sum->domains[i].senders[k], since);
			}
	if (sum != NULL && a.count > 0)
		put_part_of(&a, sum);
	else if (sum != NULL)
		put_called(&a, sum);
	*found = a.shown;
	r = OK;
out:
	free_pairs(&a);
	return r;
}
