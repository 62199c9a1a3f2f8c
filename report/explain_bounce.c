/* SPDX-License-Identifier: MIT */
/* See explain.h: a bounce, and the streams it may be of. */
#include "report/explain_part.h"

#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "report/advice.h"

/* --- a stream --- */

static int
is_about(const struct sum_finding *f, const char *domain, const struct sum_sender *s)
{
	return f->sender != NULL && f->domain != NULL && strcmp(f->sender, s->sender) == 0 && strcmp(f->domain, domain) == 0;
}

/* Of a stream about which no finding says whose it is: how to say it. */
static void
put_whose(FILE *out, const struct sum_sender *s)
{
	struct buf command;

	buf_init(&command, 8192);
	advice_label(&command, s->sender, "mine");
	if (stream_is_undecided(s))
		explain_put(out, "fix", "If it is yours%s: %s", stream_is_set_aside(s) ? " after all" : "", command.at);
	else if (strcmp(s->class, "forwarded") == 0 && stream_failing(s) > 0)
		explain_put(out, "fix", "What forwarding breaks you cannot mend, as a rule. If it sends for you, and forwards nothing: %s", command.at);
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

	explain_put(out, "stream", "%s as %s, seen %s to %s", s->name, x->domain->domain, explain_dash(s->first_day), explain_dash(s->last_day));
	buf_init(&by, 128);
	if (bounce_is_of_one(b) && s->counts.passing > 0)
		buf_fmt(&by, " (%s by DKIM, %s by SPF)", text_count(s->pass_dkim + s->passed - s->counts.passing, n[4]), text_count(s->pass_spf, n[5]));
	if (untold > 0)
		buf_fmt(&by, ", %s that cannot be told", text_count(untold, n[6]));
	explain_put(out, "reported", "%s message%s: %s refused or junked, %s failing but let through, %s passing%s", text_count(s->counts.messages, n[0]),
	    s->counts.messages == 1 ? "" : "s", text_count(s->stopped, n[1]), text_count(s->let_through, n[2]), text_count(s->passed, n[3]), by.at);
	buf_free(&by);
	for (i = 0; i < sum->nfindings; i++) {
		const struct sum_finding *f = &sum->findings[i];

		if (!is_about(f, x->domain->domain, s))
			continue;
		explain_put(out, f->code, "%s", f->text);
		if (first == NULL && f->why != NULL)
			first = f;
	}
	explain_put(out, "why", "%s", first != NULL ? first->why : s->why != NULL ? s->why : "");
	if ((s->nfixes == 0 || stream_is_undecided(s)) && first != NULL && first->fix != NULL)
		explain_put(out, "fix", "%s", first->fix);
	else if (first != NULL && first->first != NULL)
		explain_put(out, "first", "%s", first->first);
	explain_fixes(out, s);
	if (first == NULL)
		put_whose(out, s);
	buf_init(&command, 8192);
	advice_explain(&command, s->sender);
	explain_put(out, "more", "%s", command.at);
	buf_free(&command);
}

/* --- how sure that is, and what else fails --- */

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
		if (stream_is_undecided(streams[i].sender))
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
		    bounce_is_of_one(b) ? ", whose mail " : "", bounce_is_of_one(b) ? shown_as(b) : "");
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

		if (strcmp(f->code, "DECIDE") != 0 || f->domain == NULL || f->sender == NULL || (domain != NULL && !stream_is_of(f->domain, domain)) ||
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
	explain_put(out, "also", "%s %s", f->text, command.at);
	buf_free(&command);
}

/* Failing mail that is not told stream by stream. */
struct rest { int64_t senders, messages, addresses, of_addresses, not_yours, ignored; int more; };

static struct rest
rest_of(const struct summary *sum, const char *domain, const struct stream *streams, size_t n)
{
	struct rest r = { 0, 0, 0, 0, 0, 0, 0 };
	size_t i, k;

	for (i = 0; i < sum->ndomains; i++) {
		const struct sum_domain *d = &sum->domains[i];

		if (domain != NULL && !stream_is_of(d->domain, domain))
			continue;
		r.more |= d->more_senders > 0;
		for (k = 0; k < d->nsenders; k++) {
			const struct sum_sender *s = &d->senders[k];

			if (stream_failing(s) == 0 || is_among(streams, n, d->domain, s->sender))
				continue;
			if (*s->sender == '\0') {
				r.addresses += s->addresses;
				r.of_addresses += stream_failing(s);
			} else if (stream_is_strangers(s)) {
				r.not_yours += stream_failing(s);
			} else if (stream_is_set_aside(s)) {
				r.ignored += stream_failing(s);
			} else {
				r.senders++;
				r.messages += stream_failing(s);
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
	if (r->ignored > 0) {
		fprintf(out, "%s%s message%s that your label sets aside", before, text_count(r->ignored, n[0]), r->ignored == 1 ? "" : "s");
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
	int strangers = !b->dmarc_passed && rest.messages + rest.of_addresses + rest.not_yours + rest.ignored > 0;

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
	n = streams_find(sum, domain, b, named, streams, &by);
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
	if (by == BY_FAILING && rest.messages + rest.of_addresses + rest.not_yours + rest.ignored > 0) {
		fputc('\n', out);
		put_rest(&rest, 0, out);
	}
}

void
explain_bounce(const struct summary *sum, const struct bounce *b, const struct returned_mail *mail, FILE *out)
{
	static const char refused[] = "The receiver refused it";
	const char *domain = bounce_domain(b, mail);
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
	explain_put(out, "reply", "%s", b->code);
	explain_put(out, "domain", "%s", domain != NULL ? domain : "");
	explain_put(out, "address", "%s", b->address);
	if (mail != NULL) {
		explain_put(out, "to", "%s", mail->recipient != NULL ? mail->recipient : "");
		explain_put(out, "said by", "%s", mail->remote_mta != NULL ? mail->remote_mta : "");
		explain_put(out, "signed by", "%s", mail->signed_by != NULL ? mail->signed_by : "nobody, as far as the returned headers show");
		explain_put(out, "envelope", "%s", mail->envelope_from != NULL ? mail->envelope_from : "");
	}
	if (bounce_is_other(b))
		return;
	if (sum == NULL) {
		fputs("\nThere is no database yet that could tell which stream this is: dmarcsift ingest PATH...\n", out);
		return;
	}
	named_read(&named, mail);
	put_streams(sum, domain, b, &named, out);
	named_free(&named);
}
