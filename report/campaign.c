/* SPDX-License-Identifier: MIT */
/*
 * See ruling.h: addresses that show no trace of the user, bring nothing else, and are not steady. Several of one network (/24, or /64 of IPv6, which one host has for
 * itself) are asked about together, whatever each sends. Those of many networks nobody can answer for one by one: they are asked about as one, below all
 * others. What is left may be too little from each to be asked about, while together it is not: a device whose address changes looks so.
 */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "report/advice.h"
#include "report/report.h"
#include "report/ruling.h"

enum { TOGETHER = 3 };	/* addresses of one network */

static int
is_full(const struct networks *w)
{
	return w->n == CAMPAIGN;
}

int
campaign_is_sure(const struct analysis *a)
{
	return is_full(&a->campaign.asked);
}

static int
shows_nothing(const struct known *k)
{
	const struct sender_sum *x = &k->sum;

	return strcmp(x->kind, "address") == 0 && x->passing + x->forwarded == 0 && x->first_fail != NULL;
}

static void
network_of(const char *address, char out[IP_NETWORK_TEXT])
{
	char text[IP_NETWORK_TEXT];

	(void)snprintf(text, sizeof(text), "%.*s/%d", IP_TEXT - 1, address, strchr(address, ':') != NULL ? 64 : 24);
	if (!ip_prefix(text, out))
		(void)snprintf(out, IP_NETWORK_TEXT, "%.*s", IP_TEXT - 1, address);
}

static struct network *
find(struct networks *w, const char *name)
{
	size_t i;

	for (i = 0; i < w->n; i++)
		if (strcmp(w->at[i].name, name) == 0)
			return &w->at[i];
	return NULL;
}

static void
add(struct many *m, const struct many *one)
{
	m->addresses += one->addresses;
	m->messages += one->messages;
	m->refused += one->refused;
	if (m->since == NULL || (one->since != NULL && strcmp(one->since, m->since) < 0))
		m->since = one->since;
}

static void
add_sender(struct analysis *a, struct networks *w, const struct sender_sum *x)
{
	struct many one = { 1, x->recent_failing + x->recent_refused, x->recent_refused, x->first_fail };
	int more = (double)one.messages * 2 >= a->thresholds->judge_messages;
	char name[IP_NETWORK_TEXT];
	struct network *at;

	if (w->all.since == NULL || strcmp(x->first_fail, w->all.since) < 0 || !is_full(w))
		one.since = arena_str(a->kept, x->first_fail);
	if (more)
		add(&w->all, &one);
	if (is_full(w))
		return;
	network_of(x->sender, name);
	if ((at = find(w, name)) == NULL) {
		at = &w->at[w->n++];
		*at = (struct network){ .most = 0 };
		memcpy(at->name, name, sizeof(name));
	}
	add(&at->sum, &one);
	if (more)
		add(&at->more, &one);
	if (one.messages > at->most || (one.messages == at->most && strcmp(x->sender, at->sender) < 0)) {
		at->most = one.messages;
		at->sender = arena_str(a->kept, x->sender);
	}
}

void
campaign_small(struct analysis *a, const struct known *k)
{
	/* Fewer than ten that send as little as those of a crowd are no crowd, and nothing to ask about either. */
	if (shows_nothing(k) && k->sum.recent_failing + k->sum.recent_refused > 0 && !standing_is_stranger(a->thresholds, k))
		add_sender(a, &a->campaign.few, &k->sum);
}

int
campaign_takes(struct analysis *a, const struct known *k, const struct series *days)
{
	/* A rhythm of the last weeks alone may be chance, where there are thousands. */
	if (!shows_nothing(k) || strcmp(k->confidence, "high") == 0 || (strcmp(k->sum.first_fail, a->recent) < 0 && *series_cadence(days) != '\0'))
		return 0;
	add_sender(a, &a->campaign.asked, &k->sum);
	return 1;
}

void
campaign_hold(struct analysis *a)
{
	struct campaign *c = &a->campaign;
	struct finding *f;

	if ((c->nheld & (c->nheld - 1)) == 0)
		c->held = mem_grow(c->held, c->nheld > 0 ? c->nheld * 2 : 1, sizeof(*c->held));
	c->held[c->nheld] = a->notes[--a->nnotes];
	f = &c->held[c->nheld++].f;
	f->sender = arena_str(a->kept, f->sender);
	f->since = arena_str(a->kept, f->since);
	f->text = arena_str(a->kept, f->text);
	f->why = arena_str(a->kept, f->why);
	f->fix = arena_str(a->kept, f->fix);
}

/* --- what is said --- */

static void
add_failed(struct buf *b, const struct many *m, const char *question)
{
	char number[28];

	buf_str(b, " failed");
	if (m->refused == m->messages)
		buf_str(b, " and were refused or junked");
	else if (m->refused > 0)
		buf_fmt(b, ", %s of them refused or junked", text_count(m->refused, number));
	buf_fmt(b, ". %s", question);
}

/* One network, in the name of the address that sent most. why: of its mail; NULL. */
static void
ask_network(struct analysis *a, const struct domain_sums *d, const struct network *w, const char *why)
{
	struct finding *f = rules_add(a, DECIDE, NULL, w->sum.messages, w->sum.since);
	char number[28];
	struct buf b;

	f->domain = d->name;
	f->sender = w->sender;
	f->confidence = "medium";
	buf_init(&b, 1024);
	buf_fmt(&b, "%s messages from %s", text_count(w->sum.messages, number), w->sender);
	buf_fmt(&b, " and %s" ASKED_TOGETHER " of %s", text_count(w->sum.addresses - 1, number), w->name);
	add_failed(&b, &w->sum, "Yours?");
	f->text = words_of(a, &b);
	f->why = why != NULL ? why : "A device of yours on a line whose address changes sends so.";
	buf_init(&b, 1024);
	buf_str(&b, "If they are yours: ");
	advice_label(&b, w->name, "mine");
	buf_str(&b, ". If not: ");
	advice_label(&b, w->name, "not_mine");
	f->fix = words_of(a, &b);
}

/* sure: strangers'; else it may be the user's. */
static void
ask_about(struct analysis *a, const struct domain_sums *d, const struct many *m, int sure)
{
	struct finding *f = rules_add(a, BLIND, NULL, m->messages, m->since);	/* its place in the order: right below DECIDE */
	char number[28];
	struct buf b;

	f->code = code_names[DECIDE];
	f->confidence = sure ? "medium" : "low";
	f->domain = d->name;
	buf_init(&b, 1024);
	buf_fmt(&b, "%s messages ", text_count(m->messages, number));
	buf_fmt(&b, "from %s addresses%s", text_count(m->addresses, number), sure ? " of many networks" : ", few from each,");
	add_failed(&b, m, "Any of them yours?");
	f->text = words_of(a, &b);
	buf_init(&b, 1024);
	if (sure)
		buf_fmt(&b, "None of these addresses shows a trace of you or sends steadily: so many at once are strangers' who claim to be %s.", d->name);
	else
		buf_str(&b, "Strangers send so, and so does a device of yours on a line whose address changes (a scanner, a fax gateway).");
	f->why = words_of(a, &b);
	f->fix = sure ? "Nothing, where none is yours: refusing such mail is what a policy is for. Label one that is; sources.csv of dmarcsift report --csv DIR has them all." :
	    "Let a device of yours send through your mail server, which signs. Else nothing: sources.csv of dmarcsift report --csv DIR has these addresses.";
}

/* Those of a network that are asked about, with those of it that send little: together, or one by one. */
static void
settle_network(struct analysis *a, const struct domain_sums *d, struct network *w, struct network *few)
{
	struct campaign *c = &a->campaign;
	int together = w->sum.addresses + (few != NULL ? few->sum.addresses : 0) >= TOGETHER;
	char name[IP_NETWORK_TEXT];
	size_t i;

	if (together && few != NULL) {
		add(&w->sum, &few->sum);
		few->sum = few->more = (struct many){ 0, 0, 0, NULL };
	}
	for (i = 0; i < c->nheld; i++) {
		const struct finding *f = &c->held[i].f;

		network_of(f->sender, name);
		if (strcmp(name, w->name) != 0)
			continue;
		if (!together)
			*rules_add(a, DECIDE, NULL, 0, NULL) = *f;
		else if (strcmp(f->sender, w->sender) == 0)
			ask_network(a, d, w, f->why);
	}
}

/* What is left of those that send little: together where their network sends enough; the rest, and all where there are many networks, as one. */
static struct many
settle_few(struct analysis *a, const struct domain_sums *d)
{
	struct networks *w = &a->campaign.few;
	struct many rest = { 0, 0, 0, NULL };
	size_t i;

	if (is_full(w))
		return w->all;
	for (i = 0; i < w->n; i++) {
		struct network *x = &w->at[i];

		if (x->sum.addresses >= TOGETHER && (double)x->sum.messages >= a->thresholds->judge_messages)
			ask_network(a, d, x, NULL);
		else if (x->more.addresses > 0)
			add(&rest, &x->more);
	}
	return rest;
}

enum outcome
campaign_settle(struct analysis *a, const struct domain_sums *d, struct err *err)
{
	struct campaign *c = &a->campaign;
	int sure = campaign_is_sure(a);
	struct many rest;
	size_t i;

	(void)err;
	for (i = 0; i < c->asked.n && !sure; i++)
		settle_network(a, d, &c->asked.at[i], is_full(&c->few) ? NULL : find(&c->few, c->asked.at[i].name));
	rest = settle_few(a, d);
	if (sure)
		add(&rest, &c->asked.all);
	if (sure || (rest.addresses > 1 && (double)rest.messages >= a->thresholds->sure_messages))
		ask_about(a, d, &rest, sure);
	return OK;
}
