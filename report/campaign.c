/* SPDX-License-Identifier: MIT */
/*
 * See ruling.h: addresses of many networks, each of which sent more than a stranger of the crowd and shows no trace of the user, no other mail, no steadiness and no
 * rhythm. Nobody can answer for thousands one by one whose they are: they are asked about as one, below all others. Those of few networks are held
 * until it is sure.
 */
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "report/report.h"
#include "report/ruling.h"

int
campaign_is_sure(const struct analysis *a)
{
	return a->campaign.nnetworks == CAMPAIGN;
}

int
campaign_takes(struct analysis *a, const struct known *k, const struct series *days)
{
	const struct sender_sum *x = &k->sum;
	struct campaign *c = &a->campaign;
	char network[sizeof(c->networks[0])];
	size_t i;

	/* A rhythm of the last weeks alone may be chance, where there are thousands. */
	if (strcmp(x->kind, "address") != 0 || x->passing + x->forwarded > 0 || strcmp(k->confidence, "high") == 0 || x->first_fail == NULL ||
	    (strcmp(x->first_fail, a->recent) < 0 && *series_cadence(days) != '\0'))
		return 0;
	c->addresses++;
	c->messages += x->recent_failing + x->recent_refused;
	c->refused += x->recent_refused;
	if (c->since == NULL || strcmp(x->first_fail, c->since) < 0)
		c->since = arena_str(a->kept, x->first_fail);
	ip_network(x->sender, network, sizeof(network));
	for (i = 0; i < c->nnetworks && strcmp(c->networks[i], network) != 0; i++)
		continue;
	if (i == c->nnetworks && !campaign_is_sure(a))
		memcpy(c->networks[c->nnetworks++], network, sizeof(network));
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

/* One by one where they are few, else as one, after all that are asked about by themselves. */
enum outcome
campaign_settle(struct analysis *a, const struct domain_sums *d, struct err *err)
{
	struct campaign *c = &a->campaign;
	struct finding *f;
	char number[28];
	struct buf b;
	size_t i;

	(void)err;
	for (i = 0; i < c->nheld && !campaign_is_sure(a); i++)
		*rules_add(a, DECIDE, NULL, 0, NULL) = c->held[i].f;
	if (!campaign_is_sure(a))
		return OK;
	f = rules_add(a, BLIND, NULL, c->messages, c->since);	/* its place in the order: right below DECIDE */
	f->code = code_names[DECIDE];
	f->confidence = "medium";
	f->domain = d->name;
	buf_init(&b, 1024);
	buf_fmt(&b, "%s messages ", text_count(c->messages, number));
	buf_fmt(&b, "from %s addresses of many networks failed", text_count(c->addresses, number));
	if (c->refused == c->messages)
		buf_str(&b, " and were refused or junked");
	else if (c->refused > 0)
		buf_fmt(&b, ", %s of them refused or junked", text_count(c->refused, number));
	buf_str(&b, ". Any of them yours?");
	f->text = words_of(a, &b);
	buf_init(&b, 1024);
	buf_fmt(&b, "None of these addresses shows a trace of you or sends steadily: so many at once are strangers' who claim to be %s.", d->name);
	f->why = words_of(a, &b);
	f->fix = "Nothing, where none is yours: refusing such mail is what a policy is for. Label one that is; sources.csv of dmarcsift report --csv DIR has them all.";
	return OK;
}
