/* SPDX-License-Identifier: MIT */
/*
 * The records that repair a sender's mail, as the fix of a finding tells them, and the facts on its service that stand beside them. Which records
 * those of a sender with mail in the period are, is in summarise_words.c. See summarise.h.
 */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "report/report.h"
#include "report/summarise.h"

/* What is to be known beside the records: whether the envelope can match too, and what is odd about the service. */
static const char *
note_on(struct arena *a, const struct sender *c, const char *domain)
{
	const char *note;
	struct buf b;

	buf_init(&b, 4096);
	if (strcmp(c->dkim, "no") == 0)
		buf_fmt(&b, "It cannot sign as %s, as far as is known: use a From address of its own domain there, or another service. ", domain);
	else if (strcmp(c->dkim, "plan") == 0)
		buf_fmt(&b, "Not every plan there can sign as %s: else use a From address of its own domain, or another service. ", domain);
	else if (strcmp(c->dkim, "via-mailbox") == 0)
		buf_str(&b, "It signs nothing itself: turn DKIM on at the mailbox host behind it. ");
	if (strcmp(c->spf, "no") == 0)
		buf_fmt(&b, "It can never pass by SPF for %s; DKIM is enough. ", domain);
	else if (*c->spf_how != '\0' && strcmp(c->spf, "n/a") != 0)
		buf_fmt(&b, "DKIM is enough; for SPF as well: %s. ", c->spf_how);
	if (*c->note != '\0')
		buf_fmt(&b, "%s.", c->note);
	while (b.len > 0 && b.at[b.len - 1] == ' ')
		b.at[--b.len] = '\0';
	note = b.len > 0 ? arena_strn(a, b.at, b.len) : NULL;
	buf_free(&b);
	return note;
}

void
sender_facts(struct arena *a, struct sum_sender *s, const struct sender *c, const char *domain)
{
	s->fix_where = *c->where != '\0' ? c->where : NULL;
	s->fix_note = note_on(a, c, domain);
	s->fix_site = *c->site != '\0' ? c->site : NULL;
	s->fix_confidence = c->confidence;
}

/* The next of the records "NAME TYPE VALUE; NAME TYPE VALUE." of a fix; *at moves on, NULL behind the last. 0: it is none. */
static int
next_record(struct arena *a, const char **at, struct sum_fix *out)
{
	static const char *const types[] = { "CNAME", "TXT" };
	const char *type = NULL, *value = NULL, *found;
	char word[8];
	size_t i, len;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		(void)snprintf(word, sizeof(word), " %s ", types[i]);
		if ((found = strstr(*at, word)) == NULL || (type != NULL && found > type))
			continue;
		type = found;
		value = found + strlen(word);
		out->type = types[i];
	}
	len = value != NULL ? strcspn(value, " ") : 0;
	if (len < 2)
		return 0;
	out->name = arena_strn(a, *at, (size_t)(type - *at));
	out->value = arena_strn(a, value, len - 1);	/* without the sign behind it */
	*at = value[len - 1] == ';' && value[len] == ' ' ? value + len + 1 : NULL;
	return 1;
}

const struct sum_sender *
records_told(struct arena *a, const struct sum_finding *f)
{
	const char *at = f->fix != NULL && f->sender != NULL ? strstr(f->fix, FIX_RECORDS) : NULL;
	const struct sender *c;
	struct sum_sender *s;
	struct sum_fix *fixes;

	if (at == NULL)
		return NULL;
	s = arena_alloc(a, sizeof(*s));
	fixes = arena_alloc(a, SENDER_RECORDS * sizeof(*fixes));
	for (at += strlen(FIX_RECORDS); at != NULL && s->nfixes < SENDER_RECORDS && next_record(a, &at, &fixes[s->nfixes]); s->nfixes++)
		continue;
	s->fixes = fixes;
	if ((c = sender_find(f->sender)) != NULL || (c = sender_of_address(f->sender)) != NULL)
		sender_facts(a, s, c, f->domain);
	return s->nfixes > 0 ? s : NULL;
}

const struct sum_sender *
summary_records(const struct sum_finding *f, const struct sum_sender *s)
{
	if (f->fix == NULL || strstr(f->fix, FIX_RECORDS) == NULL)
		return NULL;
	return s != NULL && s->nfixes > 0 ? s : f->records;
}

int
summary_has_blanks(const struct sum_sender *records)
{
	size_t i;

	for (i = 0; i < records->nfixes; i++)
		if (strchr(records->fixes[i].name, '<') != NULL || strchr(records->fixes[i].value, '<') != NULL)
			return 1;
	return 0;
}
