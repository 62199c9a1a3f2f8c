/* SPDX-License-Identifier: MIT */
/* See explain.h. */
#include "report/explain.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "parse/domain.h"
#include "report/advice.h"
#include "report/bounce.h"
#include "report/sender.h"
#include "report/summary.h"
#include "sql/store.h"

enum { NAMED_MOST = 32, STREAMS_SHOWN = 5, REPORTS_SHOWN = 10, RECORDS_LOOKED_AT = 200000 };
enum { TRIFLE = 100, FEW = 20 };	/* of mail that is not known as the user's: a hundredth of the largest stream, and so few messages of one of many, are not told */

/* --- lines --- */

static void put(FILE *out, const char *label, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* "  label      text", the text cleaned; nothing where it is empty. */
static void
put(FILE *out, const char *label, const char *fmt, ...)
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

static const char *
or_dash(const char *text)
{
	return text != NULL ? text : "-";
}

static const char *
or_none(const char *text)
{
	return text != NULL ? text : "none";
}

static int
is_about(const struct sum_finding *f, const char *domain, const struct sum_sender *s)
{
	return f->sender != NULL && f->domain != NULL && strcmp(f->sender, s->sender) == 0 && strcmp(f->domain, domain) == 0;
}

static void
put_fixes(FILE *out, const struct sum_sender *s)
{
	size_t i;

	if (s->passes_now != NULL)
		put(out, "publish", "nothing: %s", s->passes_now->text);
	for (i = 0; i < s->nfixes; i++)
		put(out, i == 0 ? "publish" : "", "%s %s %s", s->fixes[i].name, s->fixes[i].type, s->fixes[i].value);
	if (s->nfixes > 0)
		put(out, "where", "%s", s->fix_where != NULL ? s->fix_where : "");
}

static void
put_finding(FILE *out, const struct sum_finding *f)
{
	put(out, f->code, "%s", f->text);
	put(out, "why", "%s", f->why != NULL ? f->why : "");
	put(out, "fix", "%s", f->fix != NULL ? f->fix : "");
}

/* --- a sender --- */

static void
put_results(FILE *out, const struct sum_sender *s)
{
	char number[28];
	size_t i;

	for (i = 0; i < s->ncombos; i++) {
		const struct sum_combo *c = &s->combos[i];

		put(out, i == 0 ? "results" : "", "%10s  DKIM %s; SPF %s; %s%s%s%s%s%s%s", text_count(c->messages, number), or_none(c->dkim), or_none(c->spf),
		    c->disposition != NULL ? c->disposition : "no disposition", c->header_from != NULL ? "; From " : "",
		    c->header_from != NULL ? c->header_from : "", c->envelope_from != NULL ? "; envelope " : "",
		    c->envelope_from != NULL ? c->envelope_from : "", c->reasons != NULL ? "; " : "", c->reasons != NULL ? c->reasons : "");
	}
}

/* What an opened sender of the page shows: addresses, results, receivers, reports to look at. since: the day of the first records there are; "": of all. */
static void
put_drill(FILE *out, const struct sum_sender *s, const char *since)
{
	char n[4][28];
	size_t i;

	for (i = 0; i < s->ntop; i++)
		put(out, i == 0 ? "addresses" : "", "%10s  %s", text_count(s->top[i].messages, n[0]), s->top[i].address);
	if (*since != '\0' && s->first_day != NULL && strcmp(s->first_day, since) < 0)
		put(out, "results", "of the days from %s on: older records are removed", since);
	put_results(out, s);
	for (i = 0; i < s->nreceivers; i++) {
		const struct sum_heard *h = &s->receivers[i];

		put(out, i == 0 ? "receivers" : "", "%10s  %s (%s let through, %s junked, %s refused)", text_count(h->messages, n[0]), h->name,
		    text_count(h->none, n[1]), text_count(h->quarantine, n[2]), text_count(h->reject, n[3]));
	}
	for (i = 0; i < s->nreports; i++)
		put(out, i == 0 ? "reports" : "", "%s %s of %s", or_dash(s->reports[i].org_name), or_dash(s->reports[i].report_id), or_dash(s->reports[i].day));
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
			put(out, shown++ == 0 ? "days" : "", "%10s  %s, %s of them lost or at risk", text_count(s->daily[i - 1], n[0]), day,
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
	    or_dash(s->first_day), or_dash(s->last_day));
	buf_free(&title);
	fprintf(out, "  %s message%s: %s passing (%s by DKIM, %s by SPF), %s lost, %s at risk, %s forwarded, %s undecided\n",
	    text_count(s->counts.messages, n[0]), s->counts.messages == 1 ? "" : "s", text_count(s->counts.passing, n[1]), text_count(s->pass_dkim, n[2]), text_count(s->pass_spf, n[3]),
	    text_count(s->counts.lost, n[4]), text_count(s->counts.at_risk, n[5]), text_count(s->counts.forwarded, n[6]), text_count(s->counts.undecided, n[7]));
	put(out, "known by", "%s", s->evidence != NULL ? s->evidence : "");
	put(out, "why", "%s", s->why != NULL ? s->why : "");
	put_fixes(out, s);
	put_drill(out, s, since);
	put_days(out, sum, d, s);
	put(out, "label", "%s", s->label != NULL ? s->label : "");
}

/* --- a name --- */

struct asked {
	const char *what;
	FILE *out;
	int shown, reports;
};

/* Parts are kept apart by an empty line. */
static void
next_part(struct asked *a)
{
	if (a->shown++ > 0)
		fputc('\n', a->out);
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
	put(a->out, a->shown == 1 ? "sends" : "", "%10s  as %s, sender %s, %s to %s, %s; DKIM %s; SPF %s", text_count(r->messages, n), r->domain, r->sender,
	    or_dash(r->first_day), or_dash(r->last_day), r->disposition, or_none(r->dkim), or_none(r->spf));
	return OK;
}

static enum outcome
show_report(void *ctx, const struct address_report *r)
{
	struct asked *a = ctx;
	char n[28];

	if (a->reports >= REPORTS_SHOWN)
		return END;
	put(a->out, a->reports++ == 0 ? "reports" : "", "%10s  %s %s of %s: From %s%s%s, %s", text_count(r->messages, n), or_dash(r->org_name),
	    or_dash(r->report_id), or_dash(r->day), or_dash(r->header_from), r->envelope_from != NULL ? ", envelope " : "",
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

enum outcome
explain_name(struct store *s, const struct summary *sum, const char *what, FILE *out, int *found, struct err *err)
{
	struct asked a = { what, out, 0, 0 };
	char since[11];
	size_t i, k;
	int findings = 0;

	if (store_records_since(s, since, err) != OK || show_address(s, &a, err) != OK)
		return STOP;
	for (i = 0; sum != NULL && i < sum->ndomains; i++)
		for (k = 0; k < sum->domains[i].nsenders && a.shown < SUMMARY_CALLED; k++)
			if (summary_is_called(&sum->domains[i].senders[k], what) || (domain_within(sum->domains[i].domain, what) && k < SUMMARY_OF_DOMAIN)) {
				next_part(&a);
				put_sender(out, sum, &sum->domains[i], &sum->domains[i].senders[k], since);
			}
	for (i = 0; sum != NULL && i < sum->nfindings; i++)
		if (concerns(&a, &sum->findings[i])) {
			if (findings++ == 0)
				next_part(&a);
			put_finding(out, &sum->findings[i]);
		}
	*found = a.shown;
	return OK;
}

/* --- a bounce --- */

struct stream { const struct sum_domain *domain; const struct sum_sender *sender; };

/* 1: reports on the domain may speak of mail from `name` (its own From, or one below or above it). */
static int
is_of(const char *domain, const char *name)
{
	return name != NULL && *name != '\0' && *domain != '\0' && (domain_within(name, domain) || domain_within(domain, name));
}

/* Ids of the senders that the signatures or the envelope of the mail that came back name. */
struct named { char **at; size_t count; };

static void
name_sender(struct named *n, const char *id)
{
	if (id == NULL || *id == '\0' || n->count == NAMED_MOST)
		return;
	n->at = mem_grow(n->at, n->count + 1, sizeof(*n->at));
	n->at[n->count++] = mem_str(id);
}

/* The sender a signing or envelope domain belongs to. */
static void
name_sender_of(struct named *n, const char *name, enum sender_by by)
{
	const struct sender *known = sender_of(name, by);

	name_sender(n, known != NULL ? known->id : domain_org(name));
}

static void
name_senders(struct named *n, const struct returned_mail *m)
{
	char *list, *rest, *name;

	*n = (struct named){ NULL, 0 };
	list = rest = mem_str(m != NULL && m->signed_by != NULL ? m->signed_by : "");
	while ((name = strsep(&rest, " ")) != NULL)
		if (*name != '\0')
			name_sender_of(n, name, BY_DKIM);
	free(list);
	if (m != NULL && m->envelope_from != NULL)
		name_sender_of(n, m->envelope_from, BY_ENVELOPE);
}

static void
named_free(struct named *n)
{
	size_t i;

	for (i = 0; i < n->count; i++)
		free(n->at[i]);
	free(n->at);
}

static int
is_named(const struct named *n, const struct sum_sender *s)
{
	size_t i;

	for (i = 0; i < n->count; i++)
		if (strcmp(n->at[i], s->sender) == 0)
			return 1;
	return 0;
}

/* By what the streams that are told were found, the surest first. */
enum found_by { BY_MAIL, BY_THE_ADDRESS, BY_LOSS, BY_RESULTS, BY_FAILING, BY_NOTHING };

/* 1: the reply is about SPF or DKIM alone, which mail that passes DMARC may lack too. */
static int
is_of_one(const struct bounce *b)
{
	return b->lacks == LACKS_SPF || b->lacks == LACKS_DKIM || b->lacks == LACKS_ONE;
}

/* Messages of a stream that lack what the words say was missing. */
static int64_t
lacking(const struct sum_sender *s, const struct bounce *b)
{
	int64_t n = b->dmarc_passed ? 0 : s->counts.lost + s->counts.at_risk;

	if (b->lacks == LACKS_SPF || b->lacks == LACKS_ONE)
		n += s->counts.passing - s->pass_spf;
	if (b->lacks == LACKS_DKIM || b->lacks == LACKS_ONE)
		n += s->counts.passing - s->pass_dkim;
	return n;
}

/* Messages that fail, whoever's they are. */
static int64_t
failing(const struct sum_sender *s)
{
	return s->stopped + s->let_through;
}

/* 1: it is not known whose it is. */
static int
is_undecided(const struct sum_sender *s)
{
	return strcmp(s->class, "undecided") == 0;
}

/* 1: strangers', by their number or by the user's word. */
static int
is_strangers(const struct sum_sender *s)
{
	return strcmp(s->class, "not_you") == 0;
}

static int
is_found(const struct sum_sender *s, const struct bounce *b, const struct named *named, enum found_by by)
{
	if (by == BY_MAIL)
		return is_named(named, s);
	if (by == BY_THE_ADDRESS)
		return s->ntop > 0;
	if (by == BY_LOSS)
		return !is_of_one(b) && s->counts.lost > 0;
	if (by == BY_FAILING)
		return !b->dmarc_passed && !is_strangers(s) && failing(s) > 0;
	return lacking(s, b) > 0;
}

/* What streams are put in order by; 0: they stay as they come. */
static int64_t
weight(const struct sum_sender *s, const struct bounce *b, enum found_by by)
{
	return by == BY_FAILING ? failing(s) : is_of_one(b) ? lacking(s, b) : 0;
}

/*
 * Keeps `most` in the order they come in; where the reply is about one mechanism, those that lack it most come first, and of mail that is not known to
 * be the user's what fails most.
 */
static size_t
add_stream(struct stream *streams, size_t n, size_t most, struct stream x, const struct bounce *b, enum found_by by)
{
	size_t at = n, i;

	while (at > 0 && weight(streams[at - 1].sender, b, by) < weight(x.sender, b, by))
		at--;
	if (at == most)
		return n;
	for (i = n < most ? n : most - 1; i > at; i--)
		streams[i] = streams[i - 1];
	streams[at] = x;
	return n < most ? n + 1 : n;
}

/*
 * The streams the mail may belong to, worst first, at most `most`: those its signature or envelope names; else those that sent from the address in
 * the reply; else those of the domain that are refused, then those that only fail; of a reply about one mechanism those that lack it. At last what fails
 * and is not known to be the user's, or was forwarded, but for trifles.
 */
static size_t
streams_of(const struct summary *sum, const char *domain, const struct bounce *b, const struct named *named, struct stream *streams, size_t most,
    enum found_by *by)
{
	size_t n = 0, all = 0, i, k;

	for (*by = BY_MAIL; *by < BY_NOTHING; ++*by) {
		for (i = 0; i < sum->ndomains; i++)
			for (k = 0; k < sum->domains[i].nsenders; k++) {
				const struct sum_sender *s = &sum->domains[i].senders[k];

				if ((domain != NULL && !is_of(sum->domains[i].domain, domain)) || *s->sender == '\0' || !is_found(s, b, named, *by))
					continue;
				all++;
				n = add_stream(streams, n, most, (struct stream){ &sum->domains[i], s }, b, *by);
			}
		if (n > 0)
			break;
	}
	while (*by == BY_FAILING && n > 0 && (failing(streams[n - 1].sender) < failing(streams[0].sender) / TRIFLE || (all > most && failing(streams[n - 1].sender) < FEW)))
		n--;
	return n;
}

/* Of a stream about which no finding says whose it is: how to say it. */
static void
put_whose(FILE *out, const struct sum_sender *s)
{
	struct buf command;

	buf_init(&command, 8192);
	advice_label(&command, s->sender, "mine");
	if (is_undecided(s))
		put(out, "fix", "If it is yours: %s", command.at);
	else if (strcmp(s->class, "forwarded") == 0 && failing(s) > 0)
		put(out, "fix", "What forwarding breaks you cannot mend, as a rule. If it sends for you, and forwards nothing: %s", command.at);
	buf_free(&command);
}

static void
put_stream(const struct summary *sum, const struct stream *x, const struct bounce *b, FILE *out)
{
	const struct sum_sender *s = x->sender;
	const struct sum_finding *first = NULL;		/* the weightiest that says why */
	struct buf command, by;
	int64_t untold = s->counts.messages - s->passed - s->stopped - s->let_through;
	char n[7][28];
	size_t i;

	put(out, "stream", "%s as %s, seen %s to %s", s->name, x->domain->domain, or_dash(s->first_day), or_dash(s->last_day));
	buf_init(&by, 128);
	if (is_of_one(b) && s->counts.passing > 0)
		buf_fmt(&by, " (%s by DKIM, %s by SPF)", text_count(s->pass_dkim + s->passed - s->counts.passing, n[4]), text_count(s->pass_spf, n[5]));
	if (untold > 0)
		buf_fmt(&by, ", %s that cannot be told", text_count(untold, n[6]));
	put(out, "reported", "%s message%s: %s refused or junked, %s failing but let through, %s passing%s", text_count(s->counts.messages, n[0]),
	    s->counts.messages == 1 ? "" : "s", text_count(s->stopped, n[1]), text_count(s->let_through, n[2]), text_count(s->passed, n[3]), by.at);
	buf_free(&by);
	for (i = 0; i < sum->nfindings; i++) {
		const struct sum_finding *f = &sum->findings[i];

		if (!is_about(f, x->domain->domain, s))
			continue;
		put(out, f->code, "%s", f->text);
		if (first == NULL && f->why != NULL)
			first = f;
	}
	put(out, "why", "%s", first != NULL ? first->why : s->why != NULL ? s->why : "");
	if ((s->nfixes == 0 || is_undecided(s)) && first != NULL && first->fix != NULL)
		put(out, "fix", "%s", first->fix);
	else if (first != NULL && first->first != NULL)
		put(out, "first", "%s", first->first);
	put_fixes(out, s);
	if (first == NULL)
		put_whose(out, s);
	buf_init(&command, 8192);
	advice_explain(&command, s->sender);
	put(out, "more", "%s", command.at);
	buf_free(&command);
}

/* What is said of the reported mail that the bounce may be of. */
static const char *
shown_as(const struct bounce *b)
{
	static const char *const passing[] = { "fails", "fails", "passes DMARC without aligned SPF", "passes DMARC without aligned DKIM", "passes DMARC by one of SPF and DKIM alone", "fails" };
	static const char *const any[] = { "fails", "fails", "comes without aligned SPF", "comes without aligned DKIM", "comes without one of SPF and DKIM, or both", "fails" };

	return b->dmarc_passed ? passing[b->lacks] : any[b->lacks];
}

/* How sure it is that the streams that follow are those the mail is of. */
static void
put_certainty(const struct bounce *b, const char *domain, const struct stream *streams, size_t n, enum found_by by, int is_only, FILE *out)
{
	const char *of = domain != NULL ? "of this domain" : "of your mail";
	int known = 0, asked = 0;
	size_t i;

	for (i = 0; i < n; i++)
		if (is_undecided(streams[i].sender))
			asked = 1;
		else
			known = 1;
	if (by == BY_MAIL || by == BY_THE_ADDRESS)
		fprintf(out, "It belongs to %s%s, by %s%s:\n", n > 1 ? "one of these streams" : "this stream", known ? " of your mail" : "",
		    by == BY_MAIL ? "its signature or envelope" : "the address in the reply", known ? "" : n > 1 ? "; none is known to be yours" : "; it is not known to be yours");
	else if (by == BY_FAILING)
		fprintf(out, "%sNo report read so far shows mail known to be yours that %s. But mail %s %s fails%s\n",
		    b->address[0] != '\0' ? "No mail from that address was reported. " : "", shown_as(b), asked ? "of" : "passed on by",
		    n > 1 ? "these senders" : "this sender", !asked ? ":" : n > 1 ? ", most first. Is one of them yours (the whole bounce mail would tell)?" : ". Is it yours?");
	else if (n > 1)
		fprintf(out, "It may belong to one of these streams%s%s, worst first (give the whole bounce mail to know which):\n",
		    is_of_one(b) ? ", whose mail " : "", is_of_one(b) ? shown_as(b) : "");
	else if (b->address[0] != '\0' || b->lacks != LACKS_DMARC)
		fprintf(out, "It may belong to the only stream %s that %s%s:\n", of, shown_as(b),
		    b->address[0] != '\0' ? ", though no mail of yours from that address was reported" : "");
	else if (!is_only)
		fputs("It may belong to this stream, the only one known to be yours that fails:\n", out);
	else
		fputs(domain != NULL ? "It belongs to the only stream of this domain that fails:\n" : "The only stream of your mail that fails:\n", out);
}

/* 1: it is one of those that are told. */
static int
is_among(const struct stream *streams, size_t n, const char *domain, const char *sender)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(streams[i].sender->sender, sender) == 0 && strcmp(streams[i].domain->domain, domain) == 0)
			return 1;
	return 0;
}

/* Beside streams of the user's own: the largest finding that asks whose other failing mail is; *more: how many more. NULL: none. */
static const struct sum_finding *
asked_of(const struct summary *sum, const char *domain, const struct stream *streams, size_t n, size_t *more)
{
	const struct sum_finding *largest = NULL;
	size_t i;

	*more = 0;
	for (i = 0; i < sum->nfindings; i++) {
		const struct sum_finding *f = &sum->findings[i];

		if (strcmp(f->code, "DECIDE") != 0 || f->domain == NULL || f->sender == NULL || (domain != NULL && !is_of(f->domain, domain)) ||
		    is_among(streams, n, f->domain, f->sender))
			continue;
		if (largest == NULL)
			largest = f;
		else
			++*more;
	}
	return largest;
}

static void
put_asked(FILE *out, const struct sum_finding *f, size_t more)
{
	struct buf command;

	buf_init(&command, 8192);
	advice_explain(&command, f->sender);
	if (more > 0)
		buf_fmt(&command, " (and of %zu more sender%s)", more, more > 1 ? "s" : "");
	fputc('\n', out);
	put(out, "also", "%s %s", f->text, command.at);
	buf_free(&command);
}

/* Failing mail that is not told stream by stream. */
struct rest { int64_t senders, messages, addresses, of_addresses, not_yours; int more; };

static struct rest
rest_of(const struct summary *sum, const char *domain, const struct stream *streams, size_t n)
{
	struct rest r = { 0, 0, 0, 0, 0, 0 };
	size_t i, k;

	for (i = 0; i < sum->ndomains; i++) {
		const struct sum_domain *d = &sum->domains[i];

		if (domain != NULL && !is_of(d->domain, domain))
			continue;
		r.more |= d->more_senders > 0;
		for (k = 0; k < d->nsenders; k++) {
			const struct sum_sender *s = &d->senders[k];

			if (failing(s) == 0 || is_among(streams, n, d->domain, s->sender))
				continue;
			if (*s->sender == '\0') {
				r.addresses += s->addresses;
				r.of_addresses += failing(s);
			} else if (is_strangers(s)) {
				r.not_yours += failing(s);
			} else {
				r.senders++;
				r.messages += failing(s);
			}
		}
	}
	return r;
}

static void
put_rest(const struct rest *r, int is_all, FILE *out)
{
	const char *before = is_all ? "What fails: " : "Also failing: ";
	char n[2][28];

	if (r->senders > 0) {
		fprintf(out, "%s%s%s message%s of %s %s%s%s", before, r->more ? "at least " : "", text_count(r->messages, n[0]), r->messages == 1 ? "" : "s",
		    text_count(r->senders, n[1]), is_all ? "" : "other ", r->senders == 1 ? "sender" : "senders", is_all ? " of few each" : "");
		before = ", ";
	}
	if (r->of_addresses > 0) {
		fprintf(out, "%s%s message%s from %s unrelated addresses that claim to be you", before, text_count(r->of_addresses, n[0]), r->of_addresses == 1 ? "" : "s",
		    text_count(r->addresses, n[1]));
		before = ", ";
	}
	if (r->not_yours > 0) {
		fprintf(out, "%s%s message%s that by your label are not yours", before, text_count(r->not_yours, n[0]), r->not_yours == 1 ? "" : "s");
		before = ", ";
	}
	if (*before == ',')
		fputs(".\n", out);
}

/* No stream that it may belong to. */
static void
put_none(const struct summary *sum, const char *domain, const struct bounce *b, FILE *out)
{
	struct rest rest = rest_of(sum, domain, NULL, 0);
	int strangers = !b->dmarc_passed && rest.messages + rest.of_addresses + rest.not_yours > 0;

	fprintf(out, "No report read so far shows mail %s that %s. ", strangers ? "known to be yours" : domain != NULL ? "of this domain" : "of yours", shown_as(b));
	if (sum->ndomains > SUMMARY_DOMAINS)
		fprintf(out, "(Of domains beyond the first %d only your own senders were looked at.) ", SUMMARY_DOMAINS);
	if (strangers)
		put_rest(&rest, 1, out);
	fputs("A receiver's report on a day comes on the next day, and not every receiver sends one.\n", out);
}

static void
put_streams(const struct summary *sum, const char *domain, const struct bounce *b, const struct named *named, FILE *out)
{
	const struct sum_finding *asked = NULL;
	struct stream streams[STREAMS_SHOWN];
	struct rest rest;
	enum found_by by;
	size_t n, i, more = 0;

	fputc('\n', out);
	if (b->lacks == LACKS_RECORD) {
		fprintf(out, "It concerns all mail of %s, whichever stream it is of.\n", domain != NULL ? "this domain" : "the domain");
		return;
	}
	n = streams_of(sum, domain, b, named, streams, STREAMS_SHOWN, &by);
	if (n == 0) {
		put_none(sum, domain, b, out);
		return;
	}
	if ((by == BY_LOSS || by == BY_RESULTS) && !b->dmarc_passed)
		asked = asked_of(sum, domain, streams, n, &more);
	put_certainty(b, domain, streams, n, by, asked == NULL, out);
	for (i = 0; i < n; i++) {
		if (i > 0)
			fputc('\n', out);
		put_stream(sum, &streams[i], b, out);
	}
	if (asked != NULL)
		put_asked(out, asked, more);
	rest = rest_of(sum, domain, streams, n);
	if (by == BY_FAILING && rest.messages + rest.of_addresses + rest.not_yours > 0) {
		fputc('\n', out);
		put_rest(&rest, 0, out);
	}
}

/* The From domain of the mail, as the receiver's words or the mail itself have it; NULL unknown. */
static const char *
domain_of(const struct bounce *b, const struct returned_mail *mail)
{
	return b->domain[0] != '\0' ? b->domain : mail != NULL ? mail->from : NULL;
}

/* 1: it was not authentication, or nobody can tell. */
static int
is_other(const struct bounce *b)
{
	return b->class == BOUNCE_NONE || b->class == BOUNCE_OTHER;
}

/* Who sent from the address that the reply names: (domain, sender) pairs. */
struct at_address { struct pair { char *domain, *sender; } *at; size_t count; };

static enum outcome
take_at_address(void *ctx, const struct address_row *r)
{
	struct at_address *a = ctx;

	if (a->count == NAMED_MOST)
		return END;
	a->at = mem_grow(a->at, a->count + 1, sizeof(*a->at));
	a->at[a->count++] = (struct pair){ mem_str(r->domain), mem_str(r->sender) };
	return OK;
}

/* 1: the address is among those of a sender. */
static int
is_at_address(const struct at_address *a, const char *domain, const char *sender)
{
	size_t i;

	for (i = 0; i < a->count; i++)
		if (strcmp(a->at[i].domain, domain) == 0 && strcmp(a->at[i].sender, sender) == 0)
			return 1;
	return 0;
}

/* Gives the senders that sent from it this address as theirs. What a summary holds is not changed: those that are told get another list. */
static void
mark_at_address(struct summary *sum, const struct at_address *a, const char *address)
{
	struct sum_domain *domains = arena_alloc(sum->arena, (sum->ndomains + 1) * sizeof(*domains));
	struct sum_address *top = arena_alloc(sum->arena, sizeof(*top));
	size_t i, k;

	*top = (struct sum_address){ .address = arena_str(sum->arena, address) };
	for (i = 0; i < sum->ndomains; i++) {
		const struct sum_domain *d = &sum->domains[i];
		struct sum_sender *senders = arena_alloc(sum->arena, (d->nsenders + 1) * sizeof(*senders));

		for (k = 0; k < d->nsenders; k++) {
			senders[k] = d->senders[k];
			if (is_at_address(a, d->domain, senders[k].sender)) {
				senders[k].top = top;
				senders[k].ntop = 1;
			}
		}
		domains[i] = *d;
		domains[i].senders = senders;
	}
	sum->domains = domains;
}

/* The names of the text that are of a policy domain. */
struct mentions { const struct bounce *b; const char *name; int several; };

static enum outcome
take_mention(void *ctx, int64_t id, const char *domain, struct err *err)
{
	struct mentions *m = ctx;
	size_t i;

	(void)id;
	(void)err;
	for (i = 0; i < m->b->nnames; i++)
		if (domain_within(m->b->names[i], domain)) {
			m->several |= m->name != NULL && strcmp(m->name, m->b->names[i]) != 0;
			m->name = m->b->names[i];
		}
	return OK;
}

enum outcome
explain_domain(struct store *s, struct bounce *b, const struct returned_mail *mail, struct err *err)
{
	struct mentions m = { b, NULL, 0 };

	if (is_other(b) || b->nnames == 0 || domain_of(b, mail) != NULL)
		return OK;
	if (store_each_domain(s, take_mention, &m, err) != OK)
		return STOP;
	if (m.name != NULL && !m.several)
		memcpy(b->domain, m.name, strlen(m.name) + 1);
	return OK;
}

/* What is known of the user's own streams, and of those that are named; where the mail can be of none of them, also of everybody's. */
static enum outcome
read_streams(struct store *s, const struct report_options *o, const struct bounce *b, const char *domain, const struct named *named,
    const struct at_address *a, struct summary **out, struct err *err)
{
	struct stream streams[STREAMS_SHOWN];
	enum found_by by;
	int everybody;

	for (everybody = 0; everybody < 2; everybody++) {
		summary_free(*out);
		*out = NULL;
		if (summarise_streams(s, o, domain, (const char *const *)named->at, named->count, everybody, out, err) != OK)
			return STOP;
		if (a->count > 0)
			mark_at_address(*out, a, b->address);
		if (b->lacks == LACKS_RECORD || streams_of(*out, domain, b, named, streams, STREAMS_SHOWN, &by) > 0)
			break;
	}
	return OK;
}

enum outcome
explain_streams(struct store *s, const struct report_options *o, const struct bounce *b, const struct returned_mail *mail, struct summary **out,
    struct err *err)
{
	struct at_address a = { NULL, 0 };
	struct named named;
	enum outcome r = OK;
	size_t i;

	*out = NULL;
	if (is_other(b))
		return OK;
	name_senders(&named, mail);
	if (b->address[0] != '\0')
		r = store_each_address(s, b->address, take_at_address, &a, err);
	for (i = 0; i < a.count; i++)
		name_sender(&named, a.at[i].sender);
	if (r == OK)
		r = read_streams(s, o, b, domain_of(b, mail), &named, &a, out, err);
	for (i = 0; i < a.count; i++) {
		free(a.at[i].domain);
		free(a.at[i].sender);
	}
	free(a.at);
	named_free(&named);
	return r;
}

void
explain_bounce(const struct summary *sum, const struct bounce *b, const struct returned_mail *mail, FILE *out)
{
	static const char refused[] = "The receiver refused it";
	const char *domain = domain_of(b, mail);
	struct named named;

	if (b->server != NULL)
		fprintf(out, "%s: ", b->server);
	if (b->about != NULL)
		fprintf(out, "This is not about DMARC: %s.", b->about);
	else if (b->temporary && strncmp(b->meaning, refused, sizeof(refused) - 1) == 0)
		fprintf(out, "The receiver deferred it%s", b->meaning + sizeof(refused) - 1);
	else
		fputs(b->meaning, out);
	if (b->temporary)
		fputs(b->lacks == LACKS_UNKNOWN ? " It was deferred; the sending server tries again." :
		    " The sending server tries again, but the cause stays until it is mended.", out);
	fputc('\n', out);
	put(out, "reply", "%s", b->code);
	put(out, "domain", "%s", domain != NULL ? domain : "");
	put(out, "address", "%s", b->address);
	if (mail != NULL) {
		put(out, "to", "%s", mail->recipient != NULL ? mail->recipient : "");
		put(out, "said by", "%s", mail->remote_mta != NULL ? mail->remote_mta : "");
		put(out, "signed by", "%s", mail->signed_by != NULL ? mail->signed_by : "nobody, as far as the returned headers show");
		put(out, "envelope", "%s", mail->envelope_from != NULL ? mail->envelope_from : "");
	}
	if (is_other(b))
		return;
	if (sum == NULL) {
		fputs("\nThere is no database yet that could tell which stream this is: dmarcsift ingest PATH...\n", out);
		return;
	}
	name_senders(&named, mail);
	put_streams(sum, domain, b, &named, out);
	named_free(&named);
}
