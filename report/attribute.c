/* SPDX-License-Identifier: MIT */
/* See attribute.h. */
#include "report/attribute.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "report/label.h"
#include "report/sender.h"

/* What one row's own results say of its sender. */
struct evidence {
	const struct sender *known;	/* catalogue row, or NULL */
	const char *org;		/* organisational domain that authenticated it; NULL none */
	int itself;			/* 1: the user's own organisational domain passed */
};

/* The same few hundred sets of results come from every address: what they say under the domain asked about is remembered. */
enum { MEMO = 16384 };
struct memo { int64_t set; int spf; unsigned age; struct evidence e; };

struct attribution {
	struct attributor attributor;
	struct labels labels;
	struct memo *memo;
	unsigned age;			/* of what holds: a memo of another age is void */
	char *domain;			/* it holds for; NULL none */
};

static int
is_own(const char *domain, const char *policy_domain)
{
	return domain_aligned(domain, policy_domain, 0);	/* a report may name no policy domain */
}

/* The best foreign identity of one kind that passed: a sending service, else any catalogue row, else the first domain. What is no name in DNS proves nothing. */
static void
look_for(const struct flow_row *row, const char *domain, enum auth_kind kind, struct evidence *e)
{
	const struct sender *s;
	size_t i;

	for (i = 0; i < row->nauths; i++) {
		const struct auth *a = &row->auths[i];

		if (a->kind != kind || a->result.code != AUTH_PASS || a->domain == NULL || is_own(a->domain, domain) || !domain_is_name(a->domain))
			continue;
		s = sender_of(a->domain, kind == KIND_DKIM ? BY_DKIM : BY_ENVELOPE);
		if (s != NULL && (e->known == NULL || (sender_is_service(s) && !sender_is_service(e->known))))
			e->known = s;
		if (e->org == NULL)
			e->org = domain_org(a->domain);
	}
}

/* A selector on the user's own domain, or an envelope label, that gives the product away. */
static const struct sender *
product_of(const struct flow_row *row, const char *domain, const struct sender *carrier)
{
	const struct sender *s;
	size_t i;

	for (i = 0; i < row->nauths; i++) {
		const struct auth *a = &row->auths[i];

		if (a->result.code != AUTH_PASS || a->domain == NULL || !is_own(a->domain, domain))
			continue;
		s = a->kind == KIND_DKIM ? sender_of_selector(a->selector) : sender_of_label(a->domain, domain_org(domain), carrier);
		if (s != NULL)
			return s;
	}
	return NULL;
}

/* The user's own organisational domain passed, whatever the receiver made of it. */
static int
vouches_itself(const struct flow_row *row, const char *domain)
{
	size_t i;

	for (i = 0; i < row->nauths; i++)
		if (row->auths[i].result.code == AUTH_PASS && is_own(row->auths[i].domain, domain))
			return 1;
	return 0;
}

/* Who carried the mail by its own results: the product, its signature, its envelope. */
static struct evidence
identity(const struct flow_row *row, const char *domain)
{
	struct evidence dkim = { NULL, NULL, 0 }, spf = { NULL, NULL, 0 };

	look_for(row, domain, KIND_DKIM, &dkim);
	look_for(row, domain, KIND_SPF, &spf);
	if (dkim.known == NULL && (spf.known != NULL || dkim.org == NULL))
		dkim = spf;
	/* Where nobody's servers are known the signature alone proves nothing: it survives forwarding. */
	if (dkim.known != NULL || (dkim.org == NULL && (row->flags & FLAG_SPF) != 0)) {
		const struct sender *product = product_of(row, domain, dkim.known);

		dkim.known = product != NULL ? product : dkim.known;
	}
	dkim.itself = vouches_itself(row, domain);
	return dkim;
}

/* The same, remembered by the number of the set. */
static struct evidence
identity_again(struct attribution *a, const struct flow_row *row, const char *domain)
{
	int spf = (row->flags & FLAG_SPF) != 0;
	struct memo *m = &a->memo[((uint64_t)row->set * 2 + (uint64_t)spf) % MEMO];

	if (row->set == 0)
		return identity(row, domain);
	if (m->age != a->age || m->set != row->set || m->spf != spf) {
		m->e = identity(row, domain);
		m->set = row->set;
		m->spf = spf;
		m->age = a->age;
	}
	return m->e;
}

static void
forget(void *ctx)
{
	struct attribution *a = ctx;

	if (++a->age == 0) {
		memset(a->memo, 0, MEMO * sizeof(*a->memo));
		a->age = 1;
	}
}

static void
name_sender(struct flow_row *row, const struct evidence *e, const char *fallback, const char *kind)
{
	if (e->known != NULL) {
		row->sender = e->known->id;
		row->sender_name = e->known->name;
		row->sender_kind = "catalogue";
		row->sender_category = e->known->category;
		return;
	}
	row->sender = row->sender_name = e->org != NULL ? e->org : fallback;
	row->sender_kind = e->org != NULL ? "domain" : kind;
	row->sender_category = "";
}

/* A label makes a sender of its own of what it is about, under the name it gives. */
static void
name_labelled(struct flow_row *row, const struct label *l)
{
	if (l->is_place) {
		row->sender = row->sender_name = l->what;
		row->sender_kind = "address";
		row->sender_category = "";
	} else if (l->catalogue == NULL && strcmp(l->what, row->sender) != 0) {
		row->sender = row->sender_name = l->what;
		row->sender_kind = "domain";
		row->sender_category = "";
	}
	if (l->name != NULL)
		row->sender_name = l->name;
}

enum { ENVELOPES = 8 };	/* of other organisations; an address that brings signed mail in more of them is a forwarder's for many */

/* What is known of the address from all its rows together. */
struct address {
	int spf_pass;			/* an aligned SPF pass: usual */
	int dkim_pass;			/* an aligned DKIM pass */
	const char *envelopes[ENVELOPES];	/* in which these came */
	size_t nenvelopes;		/* ENVELOPES: many */
	struct evidence history;	/* the best identity any of its mail showed */
};

/* 1: a says more than b. Of equals the first by name, so that no order of reports and no count decides. */
static int
is_better(const struct evidence *a, const struct evidence *b)
{
	int x = sender_is_service(a->known) ? 3 : a->known != NULL ? 2 : a->org != NULL, y = sender_is_service(b->known) ? 3 : b->known != NULL ? 2 : b->org != NULL;

	if (x != y || x == 0)
		return x > y;
	return strcmp(x > 1 ? a->known->id : a->org, x > 1 ? b->known->id : b->org) < 0;
}

/* A result of SPF is the envelope's. HELO's is that of a null reverse-path, where no other is given (RFC 7208 section 2.4). */
static int
is_of_envelope(const struct flow_row *row, const struct auth *a)
{
	size_t i;

	for (i = 0; a->scope.code == SCOPE_HELO && i < row->nauths; i++)
		if (row->auths[i].kind == KIND_SPF && row->auths[i].scope.code != SCOPE_HELO)
			return 0;
	return a->kind == KIND_SPF;
}

/* The organisation whose envelope it came in, not the user's; NULL. */
static const char *
envelope_org(const struct flow_row *row, const char *domain)
{
	size_t i;

	for (i = 0; i < row->nauths; i++)
		if (row->auths[i].domain != NULL && !is_own(row->auths[i].domain, domain) && is_of_envelope(row, &row->auths[i]))
			return domain_org(row->auths[i].domain);
	return NULL;
}

static int
has_envelope(const struct address *a, const char *org)
{
	size_t i;

	for (i = 0; i < a->nenvelopes && strcmp(a->envelopes[i], org) != 0; i++)
		continue;
	return i < a->nenvelopes;
}

static void
look_at_address(const struct flow_row *rows, const struct evidence *found, size_t count, const char *domain, struct address *a)
{
	const char *org;
	size_t i;

	memset(a, 0, sizeof(*a));
	for (i = 0; i < count; i++) {
		a->spf_pass |= (rows[i].flags & FLAG_SPF) != 0;
		a->dkim_pass |= (rows[i].flags & FLAG_DKIM) != 0;
		if (!a->spf_pass && a->nenvelopes < ENVELOPES && (rows[i].flags & FLAG_DKIM) && (org = envelope_org(&rows[i], domain)) != NULL && !has_envelope(a, org))
			a->envelopes[a->nenvelopes++] = org;
		if (is_better(&found[i], &a->history))
			a->history = found[i];
	}
}

static int
is_foreign_envelope(const struct flow_row *row, const struct auth *a, const char *domain)
{
	return a->result.code == AUTH_PASS && a->domain != NULL && !is_own(a->domain, domain) && is_of_envelope(row, a);
}

/* The envelope that passed and is nobody's whose servers are known, the user's own neither; NULL. Each customer of a mailbox host or a gateway sends by one of its own. */
static const char *
customers_envelope(const struct flow_row *row, const char *domain)
{
	size_t i;

	for (i = 0; i < row->nauths; i++) {
		const struct auth *a = &row->auths[i];

		if (is_foreign_envelope(row, a, domain) && domain_is_name(a->domain) &&
		    sender_of(a->domain, BY_ENVELOPE) == NULL && sender_of(a->domain, BY_DKIM) == NULL)
			return domain_org(a->domain);
	}
	return NULL;
}

/* The customer of a shared host whose failing mail it is; NULL. */
static const char *
customer_of(const struct flow_row *row, const struct evidence *e, const char *domain)
{
	if (row->verdict != VERDICT_FAIL || e->itself || e->known == NULL || sender_is_service(e->known) || sender_is_forwarder(e->known))
		return NULL;
	return customers_envelope(row, domain);
}

/* 1: in the envelope of a consumer's mailbox, or of a forwarder: nobody's mail leaves so but what is passed on, and what is written there. */
static int
is_consumers(const struct flow_row *row, const char *domain)
{
	const struct sender *s;
	size_t i;

	for (i = 0; i < row->nauths; i++)
		if (is_foreign_envelope(row, &row->auths[i], domain) && (s = sender_of(row->auths[i].domain, BY_ENVELOPE)) != NULL &&
		    (sender_is_forwarder(s) || (strcmp(s->category, "mailbox") == 0 && strcmp(s->spf, "no") == 0)))
			return 1;
	return 0;
}

/* 1: another customer of the host of mailboxes passed it on, however usual the address is for the user: all customers share it. */
static int
is_passed_on(const struct flow_row *row, const char *domain, const char *address)
{
	const struct sender *host = customers_envelope(row, domain) != NULL ? sender_of_address(address) : NULL;

	return (host != NULL && !sender_is_service(host)) || is_consumers(row, domain);
}

/* 1: in an envelope that is not the user's a host of mailboxes brings what the user signed: it does not send so for them. */
static int
is_sent_on(const struct flow_row *row, const char *domain, const struct sender *host)
{
	size_t i;

	for (i = 0; host != NULL && strcmp(host->category, "mailbox") == 0 && i < row->nauths; i++)
		if (is_foreign_envelope(row, &row->auths[i], domain))
			return 1;
	return 0;
}

static void
name_row(struct flow_row *row, struct evidence e, const char *domain, const char *address, const char *ptr, const struct address *a)
{
	const struct evidence none = { NULL, NULL, 0 };
	const char *customer = customer_of(row, &e, domain);

	if (customer != NULL)
		e = (struct evidence){ NULL, customer, 0 };
	/* It fails, yet its own domain passed: strict alignment, or a receiver of another opinion. */
	if (e.known == NULL && e.org == NULL && (a->spf_pass || (row->verdict == VERDICT_FAIL && e.itself)))
		e.org = domain_org(domain);
	if (e.known == NULL && e.org == NULL)
		e = a->history;
	if (e.known == NULL && e.org == NULL && ptr != NULL)
		e.known = sender_of(ptr, BY_PTR);
	if (e.known == NULL && e.org == NULL)
		e.known = sender_of_address(address);
	name_sender(row, e.known != NULL || e.org != NULL ? &e : &none, *address != '\0' ? address : "unknown", "address");
}

/* 1: the user's own signature no longer verifies; -1: its key was not there, or could not be used, which nobody on the way breaks; 0: none tells. */
static int
broken_signature(const struct flow_row *row, const char *domain)
{
	int broken = 0;
	size_t i;

	for (i = 0; i < row->nauths; i++) {
		const struct auth *a = &row->auths[i];

		if (a->kind != KIND_DKIM || !is_own(a->domain, domain))
			continue;
		switch (a->result.code) {
		case AUTH_PERMERROR:
		case AUTH_NEUTRAL:
		case AUTH_POLICY:
			return -1;
		case AUTH_NONE:
		case AUTH_PASS:
			break;
		default:
			broken = 1;
		}
	}
	return broken;
}

/*
 * Whether failing mail looks like mail that somebody passed on and altered: its own signature no longer verifies, or its envelope is by now that of whoever
 * passed on what is signed. In another envelope a server of the user's own sends so that once passed something on. Mail that has neither was never signed.
 */
static int
is_altered(const struct flow_row *row, const char *domain, const struct address *at)
{
	const char *org = envelope_org(row, domain);
	int broken = broken_signature(row, domain);

	return broken > 0 || (broken == 0 && org != NULL && (at->nenvelopes == ENVELOPES || has_envelope(at, org)));
}

static int
way_of(const struct flow_row *row, const char *domain, const char *address, struct evidence e, const struct address *a, const char *label)
{
	int service = sender_is_service(e.known != NULL ? e.known : sender_of_address(address));

	if (strcmp(label, "forwarder") == 0)
		return row->verdict == VERDICT_PASS ? 1 : 3;
	if (strcmp(label, "mine") == 0)
		return 0;
	if (row->verdict == VERDICT_PASS)
		return !(row->flags & FLAG_DKIM) || (row->flags & FLAG_SPF) || service || (a->spf_pass && !is_passed_on(row, domain, address)) ? 0 :
		    (row->flags & FLAG_FORWARD_REASON) || is_sent_on(row, domain, e.known) ? 3 : 1;
	if (row->verdict != VERDICT_FAIL)
		return 0;
	/* What a service sent comes back from a list in the list's envelope. */
	if (service)
		return (row->flags & FLAG_FORWARD_REASON) && customers_envelope(row, domain) != NULL ? 3 : 0;
	if (sender_is_forwarder(e.known) || (row->flags & FLAG_FORWARD_REASON))
		return 3;
	return (a->dkim_pass && !a->spf_pass && is_altered(row, domain, a)) || (is_consumers(row, domain) && broken_signature(row, domain) > 0) ? 2 : 0;
}

static void
attribute(void *ctx, const char *domain, const char *address, const char *ptr, struct flow_row *rows, size_t count)
{
	struct attribution *attribution = ctx;
	struct evidence few[64], *found = count > 64 ? mem_alloc(count * sizeof(*found)) : few;
	const struct label *label;
	struct address a;
	size_t i;

	if (attribution->domain == NULL || strcmp(attribution->domain, domain) != 0) {
		free(attribution->domain);
		attribution->domain = mem_str(domain);
		forget(attribution);
	}
	for (i = 0; i < count; i++)
		found[i] = identity_again(attribution, &rows[i], domain);
	look_at_address(rows, found, count, domain, &a);
	for (i = 0; i < count; i++) {
		name_row(&rows[i], found[i], domain, address, ptr, &a);
		label = label_of_mail(&attribution->labels, address, rows[i].sender, rows[i].auths, rows[i].nauths);
		rows[i].way = way_of(&rows[i], domain, address, found[i], &a, label != NULL ? label->class : "");
		if (label != NULL)
			name_labelled(&rows[i], label);
	}
	if (found != few)
		free(found);
}

/*
 * An aligned SPF pass makes the address usual. Then what shows no identity of its own is the domain's, mail is forwarded only by its own word or
 * envelope (name_row, way_of), and what else the address brings says nothing of it. A report that names no policy domain has none to give.
 */
static int
decides(void *ctx, const char *domain, int flags)
{
	(void)ctx;
	return (flags & FLAG_SPF) != 0 && *domain != '\0';
}

enum outcome
attribution_new(struct attribution **out, struct store *s, struct err *err)
{
	struct attribution *a = mem_alloc(sizeof(*a));

	a->attributor.ctx = a;
	a->attributor.attribute = attribute;
	a->attributor.decides = decides;
	a->attributor.forget = forget;
	a->memo = mem_alloc(MEMO * sizeof(*a->memo));
	a->age = 1;
	if (labels_read(&a->labels, s, err) != OK) {
		attribution_free(a);
		return STOP;
	}
	*out = a;
	return OK;
}

void
attribution_free(struct attribution *a)
{
	if (a == NULL)
		return;
	labels_free(&a->labels);
	free(a->memo);
	free(a->domain);
	free(a);
}

const struct attributor *
attribution_attributor(const struct attribution *a)
{
	return &a->attributor;
}
