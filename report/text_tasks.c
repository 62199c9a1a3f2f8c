/* SPDX-License-Identifier: MIT */
/* See text_part.h: the findings, with their reasons and the records to publish. */
#include "report/text_part.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "report/sender.h"

enum { IN_FULL = 2, RECORD_MOST = 320 };

/* %s: since. older: where that was before the days that are counted; NULL: the same. quiet 1: only told where all is asked for, as nothing is to be done. */
static const struct told { const char *code; enum tone tone; const char *phrase; int quiet; const char *older; } told[] = {
	{ "LOST", TONE_LOST, "lost since %s", 0, "loss began %s" }, { "BROKE", TONE_LOST, "broken since %s", 0, NULL },
	{ "RISK", TONE_RISK, "at risk since %s", 0, "risk began %s" },
	{ "STALE", TONE_RISK, "no report since %s", 0, NULL }, { "SPFERR", TONE_RISK, "your SPF record cannot be evaluated", 0, NULL },
	{ "DECIDE", TONE_ASK, "since %s; yours?", 0, "began %s; yours?" }, { "FIXED", TONE_GOOD, "passes since %s", 0, NULL },
	{ "SPFONLY", TONE_GOOD, "passes by SPF only", 0, NULL }, { "GONE", TONE_ASK, "nothing since %s", 0, NULL },
	{ "BLIND", TONE_ASK, "silent since %s", 0, NULL }, { "NEW", TONE_ASK, "first seen %s", 0, NULL },
	{ "FWDBROKEN", TONE_WAY, "forwarded, and failed; usually not yours to repair", 1, NULL },
	{ "DKIMONLY", TONE_ASK, "some is stopped all the same", 0, NULL }, { "OK", TONE_ASK, "some is stopped all the same", 0, NULL },
	{ "FWD", TONE_ASK, "forwarded: far more than came from you", 0, NULL },
};

static const struct told *
told_as(const char *code)
{
	size_t i;

	for (i = 0; i < sizeof(told) / sizeof(told[0]); i++)
		if (strcmp(told[i].code, code) == 0)
			return &told[i];
	return NULL;
}

/* Findings on mail that passes tell something only where receivers stop it all the same: there is something to do about these alone. */
static int
is_fine(const struct sum_finding *f)
{
	return (strcmp(f->code, "OK") == 0 || strcmp(f->code, "DKIMONLY") == 0 || strcmp(f->code, "FWD") == 0) && f->fix == NULL;
}

static const struct sum_sender *
sender_named(const struct sum_domain *d, const char *id)
{
	size_t i;

	for (i = 0; id != NULL && i < d->nsenders; i++)
		if (strcmp(d->senders[i].sender, id) == 0)
			return &d->senders[i];
	return NULL;
}

static void
phrase_of(const struct writing *w, const struct told *t, const char *since, char out[80])
{
	const char *phrase = t->older != NULL && summary_is_older(w->s, since) ? t->older : t->phrase, *at = strstr(phrase, "%s");
	char day[16];

	if (at == NULL)
		snprintf(out, 80, "%s", phrase);
	else
		snprintf(out, 80, "%.*s%s%s", (int)(at - phrase), phrase, line_day(w, since, day), at + 2);
}

/* --- findings by domain --- */

/* The domain it is told with: what concerns none, with the only one there is; NULL: apart from them. */
static const char *
domain_told(const struct summary *s, const struct sum_finding *f)
{
	return f->domain != NULL ? f->domain : s->ndomains == 1 ? s->domains[0].domain : NULL;
}

/* What concerns no domain comes first. */
static int
domain_order(const char *a, const char *b)
{
	return a == NULL || b == NULL ? (a != NULL) - (b != NULL) : strcmp(a, b);
}

static int
by_domain(const void *a, const void *b, void *summary)
{
	const struct sum_finding *const *x = a, *const *y = b;
	int c = domain_order(domain_told(summary, *x), domain_told(summary, *y));

	return c != 0 ? c : *x < *y ? -1 : 1;
}

void
matters_sort(struct writing *w)
{
	const struct summary *s = w->s;
	size_t i, n = 0;

	w->told = mem_alloc((s->nfindings + 1) * sizeof(const struct sum_finding *));
	w->matters = mem_alloc((s->nfindings + 1) * sizeof(*w->matters));
	for (i = 0; i < s->nfindings; i++)
		if (told_as(s->findings[i].code) != NULL && !is_fine(&s->findings[i]) && (w->o->all || !told_as(s->findings[i].code)->quiet))
			w->told[n++] = &s->findings[i];
	qsort_r(w->told, n, sizeof(const struct sum_finding *), by_domain, (void *)(uintptr_t)s);
	for (i = 0; i < n; i++) {
		const char *domain = domain_told(s, w->told[i]);

		if (w->nmatters == 0 || domain_order(w->matters[w->nmatters - 1].domain, domain) != 0)
			w->matters[w->nmatters++] = (struct matter){ domain, &w->told[i], 0, 0 };
		w->matters[w->nmatters - 1].n++;
	}
}

static int
matter_order(const void *key, const void *matter)
{
	return domain_order(key, ((const struct matter *)matter)->domain);
}

struct matter *
matter_of(const struct writing *w, const char *domain)
{
	if (domain == NULL)
		return w->nmatters > 0 && w->matters[0].domain == NULL ? w->matters : NULL;
	return bsearch(domain, w->matters, w->nmatters, sizeof(*w->matters), matter_order);
}

int
matter_presses(const struct matter *m)
{
	size_t i;

	for (i = 0; m != NULL && i < m->n; i++)
		if (told_as(m->at[i]->code)->tone <= TONE_RISK)
			return 1;
	return 0;
}

int
matter_tells(const struct matter *m, const char *code, const char *sender)
{
	size_t i;

	for (i = 0; m != NULL && i < m->n; i++)
		if (m->at[i]->sender != NULL && strcmp(m->at[i]->code, code) == 0 && strcmp(m->at[i]->sender, sender) == 0)
			return 1;
	return 0;
}

/* Whether a finding above this one has told this: summary_told_why, summary_told_fix. */
static int
told_above(const struct matter *m, const struct sum_finding *f, int (*told_it)(const struct sum_finding *x, const struct sum_finding *f))
{
	size_t i;

	for (i = 0; m->at[i] < f; i++)
		if (told_it(m->at[i], f))
			return 1;
	return 0;
}

/* It is asked about many addresses as one, or about some in the name of one of them. */
static int
is_of_many(const struct sum_finding *f)
{
	return strcmp(f->code, "DECIDE") == 0 && (f->sender == NULL || strstr(f->text, ASKED_TOGETHER) != NULL);
}

/* The lines below a finding: why, and the records to publish, or what else to do. Counted only where `out` is NULL. all 1: also where in the account of the service. */
static int
detail_lines(FILE *out, const struct matter *m, const struct sum_finding *f, const struct sum_sender *s, int all)
{
	static const char *const whole[] = { "BLIND", "OK", "DKIMONLY", "SPFONLY", "FWD" };	/* which receiver; how many; what comes of it */
	const struct sum_sender *records = summary_records(f, s);
	int n = 0, blanks;
	size_t i;

	for (i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
		n += strcmp(f->code, whole[i]) == 0 ? line_wrapped(out, f->text, 0) : 0;
	n += is_of_many(f) ? line_wrapped(out, f->text, 0) : 0;
	if (f->why != NULL && !told_above(m, f, summary_told_why))
		n += line_wrapped(out, f->why, 0);
	if (f->fix == NULL)
		return n;
	if (told_above(m, f, summary_told_fix)) {
		n += line_wrapped(out, "The same fix stops it.", 0);
		return n + (f->last != NULL ? line_wrapped(out, f->last, 1) : 0);
	}
	if (records == NULL)
		return n + line_wrapped(out, f->fix, 1);
	if (f->first != NULL)
		n += line_wrapped(out, f->first, 1);
	blanks = summary_has_blanks(records);
	n += line_wrapped(out, blanks ? "Publish in DNS, <...> as your account there shows:" : "Publish in DNS:", 0);
	for (i = 0; i < records->nfixes; i++, n++) {
		if (out == NULL)
			continue;
		fprintf(out, "%*s", INDENT, "");	/* not cut to the line: it is to be copied */
		line_text(out, records->fixes[i].name, RECORD_MOST);
		fprintf(out, " %s ", records->fixes[i].type);
		line_text(out, records->fixes[i].value, RECORD_MOST);
		fputc('\n', out);
	}
	if (all && records->fix_where != NULL) {
		char where[512];

		snprintf(where, sizeof(where), "Then in the account: %s", records->fix_where);
		n += line_wrapped(out, where, 0);
	}
	if (all && !blanks)
		n += line_wrapped(out, SHOWN_OTHERS, 0);
	return n + (f->last != NULL ? line_wrapped(out, f->last, 1) : 0);
}

/* A sender's name for people: also of one that sent nothing in the period. */
static const char *
name_of(const struct sum_sender *s, const char *id)
{
	const struct sender *known = s == NULL ? sender_find(id) : NULL;

	return s != NULL ? s->name : known != NULL ? known->name : id;
}

static void
put_finding(struct writing *w, const struct matter *m, const struct sum_finding *f, const struct sum_sender *s, int in_full)
{
	const struct told *t = told_as(f->code);
	char phrase[80], silent[256];

	phrase_of(w, t, f->since, phrase);
	snprintf(silent, sizeof(silent), "%.*s", (int)summary_silent(f), f->text);
	line_mark(w, t->tone, f->code, f->messages);
	if (*silent != '\0')
		line_named(w->out, silent, phrase);
	else if (f->sender != NULL || is_of_many(f))
		line_named(w->out, f->sender != NULL ? name_of(s, f->sender) : "many addresses", phrase);
	else
		fprintf(w->out, "%s\n", phrase);
	if (in_full)
		(void)detail_lines(w->out, m, f, s, w->left < 0);
}

int
matter_put(struct writing *w, struct matter *m, const struct sum_domain *d, int named, int spare)
{
	int n = 0, more = 0;
	size_t i;

	for (i = 0; m != NULL && i < m->n; i++) {
		const struct sum_finding *f = m->at[i];
		const struct sum_sender *s = d != NULL ? sender_named(d, f->sender) : NULL;
		int in_full = n < IN_FULL || w->left < 0, head = named && n == 0, lines;

		lines = 1 + head + (in_full ? detail_lines(NULL, m, f, s, w->left < 0) : 0);
		if (w->left >= 0 && w->left - spare < lines && w->left - spare >= 1 + head) {
			in_full = 0;
			lines = 1 + head;
		}
		if (w->left >= 0 && w->left - spare < lines) {
			more++;
			continue;
		}
		(void)line_room(w, lines);
		if (head) {
			line_text(w->out, line_domain(m->domain), WIDTH);
			fputc('\n', w->out);
		}
		put_finding(w, m, f, s, in_full);
		w->brief += !in_full && f->fix != NULL && !told_above(m, f, summary_told_fix);
		n++;
	}
	if (m != NULL)
		m->written = 1;
	return more;
}

int
matters_elsewhere(struct writing *w)
{
	int more = 0;
	size_t i;

	for (i = 0; i < w->s->nfindings; i++) {	/* the worst domain first */
		const struct sum_finding *f = &w->s->findings[i];
		struct matter *m = told_as(f->code) != NULL ? matter_of(w, domain_told(w->s, f)) : NULL;

		if (m == NULL || m->written)
			continue;
		if (w->left < 0)
			fputc('\n', w->out);
		more += matter_put(w, m, NULL, f->domain != NULL, 1);
	}
	return more;
}

void
matters_more(struct writing *w, int more)
{
	char number[28];

	if ((more == 0 && w->brief == 0) || !line_room(w, 1))
		return;
	if (more == 0)
		fputs("    what to do: dmarcsift -v report\n", w->out);
	else
		fprintf(w->out, "    and %s more%s: dmarcsift -v report\n", text_count(more, number), w->brief > 0 ? ", and what to do" : "");
}
