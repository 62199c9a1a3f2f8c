/* SPDX-License-Identifier: MIT */
/* See attribute.h. */
#include "report/attribute.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "report/sender.h"

struct label { const char *what, *class; };

struct attribution {
	struct attributor attributor;
	struct arena *text;
	struct label *labels;
	size_t count;
};

/* The label that is about this address, sender or signing domain; "" none. */
static const char *
label_of(const struct attribution *a, const char *address, const struct flow_row *row)
{
	size_t i, k;

	for (i = 0; i < a->count; i++) {
		const char *what = a->labels[i].what;

		if (strcmp(what, row->sender) == 0 || (*address != '\0' && ip_within(address, what)))
			return a->labels[i].class;
		for (k = 0; k < row->nauths; k++)
			if (row->auths[k].kind == KIND_DKIM && row->auths[k].result.code == AUTH_PASS && row->auths[k].domain != NULL &&
			    strcmp(row->auths[k].domain, what) == 0)
				return a->labels[i].class;
	}
	return "";
}

/* What one row's own results say of its sender. */
struct evidence {
	const struct sender *known;	/* catalogue row, or NULL */
	const char *org;		/* organisational domain that authenticated it; NULL none */
};

static int
is_own(const char *domain, const char *policy_domain)
{
	return domain_aligned(domain, policy_domain, 0);	/* a report may name no policy domain */
}

/* The best foreign identity of one kind that passed: a sending service, else any catalogue row, else the first domain. */
static void
look_for(const struct flow_row *row, const char *domain, enum auth_kind kind, struct evidence *e)
{
	const struct sender *s;
	size_t i;

	for (i = 0; i < row->nauths; i++) {
		const struct auth *a = &row->auths[i];

		if (a->kind != kind || a->result.code != AUTH_PASS || a->domain == NULL || is_own(a->domain, domain))
			continue;
		s = sender_of(a->domain, kind == KIND_DKIM ? BY_DKIM : BY_ENVELOPE);
		if (s != NULL && (e->known == NULL || (sender_is_service(s) && !sender_is_service(e->known))))
			e->known = s;
		if (e->org == NULL)
			e->org = domain_org(a->domain);
	}
}

static struct evidence
foreign_identity(const struct flow_row *row, const char *domain)
{
	struct evidence dkim = { NULL, NULL }, spf = { NULL, NULL };

	look_for(row, domain, KIND_DKIM, &dkim);
	if (dkim.known != NULL)
		return dkim;
	look_for(row, domain, KIND_SPF, &spf);
	if (spf.known != NULL || dkim.org == NULL)
		return spf;
	return dkim;
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

/* What is known of the address from all its rows together. */
struct address {
	int spf_pass;			/* an aligned SPF pass: usual */
	int dkim_pass;			/* an aligned DKIM pass */
	struct evidence history;	/* foreign identity of the row with most messages that has one */
	int64_t history_messages;
};

static void
look_at_address(const struct flow_row *rows, const struct evidence *found, size_t count, struct address *a)
{
	size_t i;

	memset(a, 0, sizeof(*a));
	for (i = 0; i < count; i++) {
		const struct evidence e = found[i];

		a->spf_pass |= (rows[i].flags & FLAG_SPF) != 0;
		a->dkim_pass |= (rows[i].flags & FLAG_DKIM) != 0;
		if ((e.known != NULL || e.org != NULL) && rows[i].messages > a->history_messages) {
			a->history = e;
			a->history_messages = rows[i].messages;
		}
	}
}

static void
name_row(struct flow_row *row, struct evidence e, const char *domain, const char *address, const char *ptr, const struct address *a)
{
	const struct evidence none = { NULL, NULL };

	if (e.known == NULL && e.org == NULL && a->spf_pass)
		e.org = domain_org(domain);
	if (e.known == NULL && e.org == NULL)
		e = a->history;
	if (e.known == NULL && e.org == NULL && ptr != NULL)
		e.known = sender_of(ptr, BY_PTR);
	name_sender(row, e.known != NULL || e.org != NULL ? &e : &none, *address != '\0' ? address : "unknown", "address");
}

static int
way_of(const struct flow_row *row, struct evidence e, const struct address *a, const char *label)
{
	int usual = a->spf_pass || sender_is_service(e.known);

	if (strcmp(label, "forwarder") == 0)
		return row->verdict == VERDICT_PASS ? 1 : 2;
	if (strcmp(label, "mine") == 0)
		return 0;
	if (row->verdict == VERDICT_PASS)
		return (row->flags & FLAG_DKIM) && !(row->flags & FLAG_SPF) && !usual ? 1 : 0;
	if (row->verdict != VERDICT_FAIL || sender_is_service(e.known))
		return 0;
	if (sender_is_forwarder(e.known) || (row->flags & FLAG_FORWARD_REASON))
		return 2;
	return a->dkim_pass && !a->spf_pass ? 2 : 0;
}

static void
attribute(void *ctx, const char *domain, const char *address, const char *ptr, struct flow_row *rows, size_t count)
{
	const struct attribution *attribution = ctx;
	struct evidence few[64], *found = count > 64 ? mem_alloc(count * sizeof(*found)) : few;
	struct address a;
	size_t i;

	for (i = 0; i < count; i++)
		found[i] = foreign_identity(&rows[i], domain);
	look_at_address(rows, found, count, &a);
	for (i = 0; i < count; i++) {
		name_row(&rows[i], found[i], domain, address, ptr, &a);
		rows[i].way = way_of(&rows[i], found[i], &a, label_of(attribution, address, &rows[i]));
	}
	if (found != few)
		free(found);
}

static enum outcome
take_label(void *ctx, const char *what, const char *class, const char *name, const char *origin)
{
	struct attribution *a = ctx;

	(void)name;
	a->labels = mem_grow(a->labels, a->count + 1, sizeof(*a->labels));
	a->labels[a->count].what = arena_str(a->text, what);
	a->labels[a->count++].class = arena_str(a->text, class);
	return OK;
}

enum outcome
attribution_new(struct attribution **out, struct store *s, struct err *err)
{
	struct attribution *a = mem_alloc(sizeof(*a));

	a->attributor.ctx = a;
	a->attributor.attribute = attribute;
	a->text = arena_new();
	if (store_each_label(s, take_label, a, err) != OK) {
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
	arena_free(a->text);
	free(a->labels);
	free(a);
}

const struct attributor *
attribution_attributor(const struct attribution *a)
{
	return &a->attributor;
}
