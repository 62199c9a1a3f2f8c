/* SPDX-License-Identifier: MIT */
/*
 * See ruling.h: addresses that show no trace of the user and bring nothing else. Nobody can answer for thousands one by one whose they are: of many networks, neither
 * steady nor of an older rhythm, they are asked about as one, below all others; those of few networks are held until it is sure. And what each of
 * them sends may be too little to be asked about, while together it is not: a device whose address changes looks so.
 */
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "report/ruling.h"

int
campaign_is_sure(const struct analysis *a)
{
	return a->campaign.nnetworks == CAMPAIGN;
}

static int
shows_nothing(const struct known *k)
{
	const struct sender_sum *x = &k->sum;

	return strcmp(x->kind, "address") == 0 && x->passing + x->forwarded == 0 && x->first_fail != NULL;
}

static void
add_to(struct many *m, struct analysis *a, const struct sender_sum *x)
{
	m->addresses++;
	m->messages += x->recent_failing + x->recent_refused;
	m->refused += x->recent_refused;
	if (m->since == NULL || strcmp(x->first_fail, m->since) < 0)
		m->since = arena_str(a->kept, x->first_fail);
}

void
campaign_small(struct analysis *a, const struct known *k)
{
	/* Fewer than ten that send as little as those of a crowd are no crowd, and nothing to ask about either. */
	if (shows_nothing(k) && k->sum.recent_failing + k->sum.recent_refused > 0 && !standing_is_stranger(a->thresholds, k))
		add_to(&a->campaign.small, a, &k->sum);
}

int
campaign_takes(struct analysis *a, const struct known *k, const struct series *days)
{
	struct campaign *c = &a->campaign;
	char network[sizeof(c->networks[0])];
	size_t i;

	/* A rhythm of the last weeks alone may be chance, where there are thousands. */
	if (!shows_nothing(k) || strcmp(k->confidence, "high") == 0 || (strcmp(k->sum.first_fail, a->recent) < 0 && *series_cadence(days) != '\0'))
		return 0;
	add_to(&c->all, a, &k->sum);
	ip_network(k->sum.sender, network, sizeof(network));
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
	buf_fmt(&b, "from %s address%s%s failed", text_count(m->addresses, number), m->addresses == 1 ? "" : "es", sure ? " of many networks" : ", few from each,");
	if (m->refused == m->messages)
		buf_str(&b, " and were refused or junked");
	else if (m->refused > 0)
		buf_fmt(&b, ", %s of them refused or junked", text_count(m->refused, number));
	buf_str(&b, ". Any of them yours?");
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

/* One by one where they are few, else as one, after all that are asked about by themselves. */
enum outcome
campaign_settle(struct analysis *a, const struct domain_sums *d, struct err *err)
{
	struct campaign *c = &a->campaign;
	int sure = campaign_is_sure(a);
	struct many both = c->small;
	size_t i;

	(void)err;
	for (i = 0; i < c->nheld && !sure; i++)
		*rules_add(a, DECIDE, NULL, 0, NULL) = c->held[i].f;
	if (sure) {
		both.addresses += c->all.addresses;
		both.messages += c->all.messages;
		both.refused += c->all.refused;
		both.since = both.since == NULL || strcmp(c->all.since, both.since) < 0 ? c->all.since : both.since;
	}
	if (sure || (both.addresses > 1 && (double)both.messages >= a->thresholds->sure_messages))
		ask_about(a, d, &both, sure);
	return OK;
}
