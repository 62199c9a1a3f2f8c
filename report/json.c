/* SPDX-License-Identifier: MIT */
/*
 * See json.h. Built with jansson, which takes only valid UTF-8; text of strangers that is not is brought through text_clean
 * first, so nothing is lost and nothing is invalid.
 */
#include "report/json.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "report/out_raw.h"

enum { SCHEMA = 1 };

/* A string, null where absent. */
static json_t *
text(const char *s)
{
	json_t *j;
	struct buf b;

	if (s == NULL)
		return json_null();
	if ((j = json_string(s)) != NULL)
		return j;
	buf_init(&b, 1 << 16);
	text_clean(&b, s, strlen(s));
	j = json_string(b.at);
	buf_free(&b);
	return j;
}

static void
put(json_t *o, const char *key, const char *s)
{
	json_object_set_new(o, key, text(s));
}

static void
count(json_t *o, const char *key, int64_t n)
{
	json_object_set_new(o, key, json_integer(n));
}

static void
put_counts(json_t *o, const struct counts *c)
{
	count(o, "messages", c->messages);
	count(o, "passing", c->passing);
	count(o, "lost", c->lost);
	count(o, "at_risk", c->at_risk);
	count(o, "forwarded", c->forwarded);
	count(o, "undecided", c->undecided);
	count(o, "undetermined", c->undetermined);
}

static json_t *
sender(const struct sum_sender *s)
{
	json_t *o = json_object(), *fixes = json_array(), *fix;
	size_t i;

	put(o, "sender", s->sender);
	put(o, "name", s->name);
	put(o, "class", s->class);
	put(o, "confidence", s->confidence);
	put_counts(o, &s->counts);
	put(o, "first_day", s->first_day);
	put(o, "last_day", s->last_day);
	put(o, "evidence", s->evidence);
	put(o, "why", s->why);
	count(o, "passing_by_dkim", s->pass_dkim);
	count(o, "passing_by_spf", s->pass_spf);
	count(o, "would_lose", s->would_lose);
	count(o, "would_spare", s->would_spare);
	count(o, "addresses", s->addresses);
	for (i = 0; i < s->nfixes; i++) {
		fix = json_object();
		put(fix, "type", s->fixes[i].type);
		put(fix, "name", s->fixes[i].name);
		put(fix, "value", s->fixes[i].value);
		json_array_append_new(fixes, fix);
	}
	json_object_set_new(o, "fix", fixes);
	return o;
}

static json_t *
domain(const struct sum_domain *d)
{
	json_t *o = json_object(), *policy = json_object(), *senders = json_array();
	size_t i;

	put(o, "domain", d->domain);
	put(policy, "p", d->p);
	put(policy, "sp", d->sp);
	put(policy, "np", d->np);
	put(policy, "adkim", d->adkim);
	put(policy, "aspf", d->aspf);
	json_object_set_new(policy, "pct", d->pct >= 0 ? json_integer(d->pct) : json_null());
	put(policy, "testing", d->testing);
	json_object_set_new(o, "policy", policy);
	put_counts(o, &d->counts);
	put(o, "newest_day", d->newest_day);
	count(o, "reporters", d->reporters);
	for (i = 0; i < d->nsenders; i++)
		json_array_append_new(senders, sender(&d->senders[i]));
	json_object_set_new(o, "senders", senders);
	count(o, "more_senders", d->more_senders);
	count(o, "more_messages", d->more_messages);
	return o;
}

static json_t *
finding(const struct sum_finding *f)
{
	json_t *o = json_object();

	put(o, "code", f->code);
	put(o, "domain", f->domain);
	put(o, "sender", f->sender);
	count(o, "messages", f->messages);
	put(o, "since", f->since);
	put(o, "text", f->text);
	put(o, "why", f->why);
	put(o, "fix", f->fix);
	put(o, "confidence", f->confidence);
	return o;
}

static int
take(const char *bytes, size_t len, void *ctx)
{
	out_raw(ctx, bytes, len);
	return 0;
}

void
json_write(struct out *o, const struct summary *s)
{
	json_t *root = json_object(), *period = json_object(), *list;
	size_t i;

	count(root, "schema", SCHEMA);
	put(root, "generated_at", s->generated_at);
	put(period, "begin", s->begin);
	put(period, "end", s->end);
	json_object_set_new(root, "period", period);
	list = json_array();
	for (i = 0; i < s->ndomains; i++)
		json_array_append_new(list, domain(&s->domains[i]));
	json_object_set_new(root, "domains", list);
	list = json_array();
	for (i = 0; i < s->nfindings; i++)
		json_array_append_new(list, finding(&s->findings[i]));
	json_object_set_new(root, "findings", list);
	list = json_array();
	for (i = 0; i < s->nforeign; i++)
		json_array_append_new(list, text(s->foreign[i]));
	json_object_set_new(root, "foreign", list);
	(void)json_dump_callback(root, take, o, JSON_INDENT(1) | JSON_ENSURE_ASCII);
	out_raw(o, "\n", 1);
	json_decref(root);
}
