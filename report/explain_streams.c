/* SPDX-License-Identifier: MIT */
/* See explain_part.h: which streams of the reported mail a bounce may be of. */
#include "report/explain_part.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "parse/domain.h"
#include "report/sender.h"
#include "sql/store.h"

enum { NAMED_MOST = 32 };
enum { TRIFLE = 100, FEW = 20 };	/* of mail that is not known as the user's: a hundredth of the largest stream, and so few messages of one of many, are not told */

/* --- the bounce --- */

const char *
bounce_domain(const struct bounce *b, const struct returned_mail *mail)
{
	return b->domain[0] != '\0' ? b->domain : mail != NULL ? mail->from : NULL;
}

int
bounce_is_other(const struct bounce *b)
{
	return b->class == BOUNCE_NONE || b->class == BOUNCE_OTHER;
}

int
bounce_is_of_one(const struct bounce *b)
{
	return b->lacks == LACKS_SPF || b->lacks == LACKS_DKIM || b->lacks == LACKS_ONE;
}

/* --- senders that the mail names --- */

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

void
named_read(struct named *n, const struct returned_mail *m)
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

void
named_free(struct named *n)
{
	size_t i;

	for (i = 0; i < n->count; i++)
		free(n->at[i]);
	free(n->at);
}

/* --- a stream --- */

int
stream_is_of(const char *domain, const char *name)
{
	return name != NULL && *name != '\0' && *domain != '\0' && (domain_within(name, domain) || domain_within(domain, name));
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

int64_t
stream_failing(const struct sum_sender *s)
{
	return s->stopped + s->let_through;
}

int
stream_is_undecided(const struct sum_sender *s)
{
	return strcmp(s->class, "undecided") == 0;
}

int
stream_is_set_aside(const struct sum_sender *s)
{
	return stream_is_undecided(s) && summary_is_labelled(s);
}

int
stream_is_strangers(const struct sum_sender *s)
{
	return strcmp(s->class, "not_you") == 0;
}

/* --- those it may be of --- */

static int
is_named(const struct named *n, const struct sum_sender *s)
{
	size_t i;

	for (i = 0; i < n->count; i++)
		if (strcmp(n->at[i], s->sender) == 0)
			return 1;
	return 0;
}

static int
is_found(const struct sum_sender *s, const struct bounce *b, const struct named *named, enum found_by by)
{
	if (by == BY_MAIL)
		return is_named(named, s);
	if (by == BY_THE_ADDRESS)
		return s->ntop > 0;
	if (by == BY_LOSS)
		return !bounce_is_of_one(b) && s->counts.lost > 0;
	if (by == BY_FAILING)
		return !b->dmarc_passed && !stream_is_strangers(s) && !stream_is_set_aside(s) && stream_failing(s) > 0;
	return lacking(s, b) > 0;
}

/* What streams are put in order by; 0: they stay as they come. */
static int64_t
weight(const struct sum_sender *s, const struct bounce *b, enum found_by by)
{
	return by == BY_FAILING ? stream_failing(s) : bounce_is_of_one(b) ? lacking(s, b) : 0;
}

/*
 * Keeps as many as are shown in the order they come in; where the reply is about one mechanism, those that lack it most come first, and of mail that is not known to
 * be the user's what fails most.
 */
static size_t
add_stream(struct stream *streams, size_t n, struct stream x, const struct bounce *b, enum found_by by)
{
	size_t at = n, i;

	while (at > 0 && weight(streams[at - 1].sender, b, by) < weight(x.sender, b, by))
		at--;
	if (at == STREAMS_SHOWN)
		return n;
	for (i = n < STREAMS_SHOWN ? n : STREAMS_SHOWN - 1; i > at; i--)
		streams[i] = streams[i - 1];
	streams[at] = x;
	return n < STREAMS_SHOWN ? n + 1 : n;
}

/* 0: the From of the bounce lies below the policy domain, and what is known of this stream had other ones. */
static int
may_be_from(const struct sum_sender *s, const char *policy_domain, const char *from)
{
	int known = 0;
	size_t i;

	if (from == NULL || strcmp(from, policy_domain) == 0 || !domain_within(from, policy_domain))
		return 1;
	for (i = 0; i < s->ncombos; i++) {
		if (s->combos[i].header_from != NULL && strcmp(s->combos[i].header_from, from) == 0)
			return 1;
		known |= s->combos[i].header_from != NULL;
	}
	return !known;
}

/* As streams_find; strict: of those that may be from this very domain. */
static size_t
find(const struct summary *sum, const char *domain, const struct bounce *b, const struct named *named, int strict, struct stream streams[STREAMS_SHOWN],
    enum found_by *by)
{
	size_t n = 0, all = 0, i, k;

	for (*by = BY_MAIL; *by < BY_NOTHING; ++*by) {
		for (i = 0; i < sum->ndomains; i++)
			for (k = 0; k < sum->domains[i].nsenders; k++) {
				const struct sum_sender *s = &sum->domains[i].senders[k];

				if ((domain != NULL && !stream_is_of(sum->domains[i].domain, domain)) || *s->sender == '\0' || !is_found(s, b, named, *by) ||
				    (strict && *by > BY_THE_ADDRESS && !may_be_from(s, sum->domains[i].domain, domain)))
					continue;
				all++;
				n = add_stream(streams, n, (struct stream){ &sum->domains[i], s }, b, *by);
			}
		if (n > 0)
			break;
	}
	while (*by == BY_FAILING && n > 0 && (stream_failing(streams[n - 1].sender) < stream_failing(streams[0].sender) / TRIFLE ||
	    (all > STREAMS_SHOWN && stream_failing(streams[n - 1].sender) < FEW)))
		n--;
	return n;
}

size_t
streams_find(const struct summary *sum, const char *domain, const struct bounce *b, const struct named *named,
    struct stream streams[STREAMS_SHOWN], enum found_by *by)
{
	size_t n = find(sum, domain, b, named, 1, streams, by);

	return n > 0 ? n : find(sum, domain, b, named, 0, streams, by);
}

/* --- what is known of them --- */

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

	if (bounce_is_other(b) || b->nnames == 0 || bounce_domain(b, mail) != NULL)
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
		if (b->lacks == LACKS_RECORD || find(*out, domain, b, named, 1, streams, &by) > 0)
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
	if (bounce_is_other(b))
		return OK;
	named_read(&named, mail);
	if (b->address[0] != '\0')
		r = store_each_address(s, b->address, take_at_address, &a, err);
	for (i = 0; i < a.count; i++)
		name_sender(&named, a.at[i].sender);
	if (r == OK)
		r = read_streams(s, o, b, bounce_domain(b, mail), &named, &a, out, err);
	for (i = 0; i < a.count; i++) {
		free(a.at[i].domain);
		free(a.at[i].sender);
	}
	free(a.at);
	named_free(&named);
	return r;
}
