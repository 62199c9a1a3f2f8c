/* SPDX-License-Identifier: MIT */
/* What changed in the totals of addresses (flow.c), noted for the analysis (growth.c): whose mail came from where, and what passed in which way. */
#include "sql/flow.h"
#include "sql/growth.h"

static enum outcome
note_sender(struct flow_run *c, const struct group *g, int64_t sender, int lost, uint32_t mark, struct err *err)
{
	struct touched *t;
	int fresh;

	if (growth_mark(c->s, g->domain) != mark || (t = growth_touch(c->s, mark, sender, g->source, &fresh)) == NULL)
		return OK;
	t->lost |= (char)lost;
	return fresh ? flow_had_sender(c, g, sender, &t->had, err) : OK;
}

static void
note_stream(struct flow_run *c, const struct group *g, const struct restream *r)
{
	if (r->way <= 1 && growth_mark(c->s, g->domain) == r->mark)
		growth_restream(c->s, r);
}

enum outcome
note_row(struct flow_run *c, const struct group *g, const struct flow *f, int loaded, uint32_t mark, struct err *err)
{
	const struct outcome_facts *facts = outcome_facts(c->s, f->outcome, err);
	int moved = loaded && flow_is_moved(f), gone = flow_is_gone(f);
	struct restream r = { mark, (int32_t)f->auth_set, f->sender, f->messages, f->outcome, (int)f->way, 1 };

	if (facts == NULL)
		return STOP;
	if (note_sender(c, g, f->sender, gone || moved || f->messages < f->old_messages, mark, err) != OK)
		return STOP;
	if (moved && f->old_sender != f->sender && note_sender(c, g, f->old_sender, 1, mark, err) != OK)
		return STOP;
	if (facts->verdict != VERDICT_PASS)
		return OK;
	if (loaded && !moved && !gone) {
		r.messages = f->messages - f->old_messages;
		r.streams = 0;
		if (r.way == 1)
			note_stream(c, g, &r);
		return OK;
	}
	if (!gone)
		note_stream(c, g, &r);
	r = (struct restream){ mark, (int32_t)f->auth_set, f->old_sender, -f->old_messages, f->outcome, (int)f->old_way, -1 };
	if (loaded)
		note_stream(c, g, &r);
	return OK;
}
