/* SPDX-License-Identifier: MIT */
/* See advice.h. */
#include "report/advice.h"

#include <string.h>

#include "base/text.h"

static const char label[] = "dmarcsift label ", explain[] = "dmarcsift explain ", no_option[] = "-- ";

static void
add_word(struct buf *b, const char *word)
{
	if (*word == '-')
		buf_str(b, no_option);
	text_word(b, word);
}

void
advice_explain(struct buf *b, const char *what)
{
	buf_str(b, explain);
	add_word(b, what);
}

void
advice_label(struct buf *b, const char *what, const char *class)
{
	buf_str(b, label);
	add_word(b, what);
	buf_fmt(b, " %s", class);
}

void
advice_policy(struct buf *b, const char *step, const char *domain)
{
	buf_fmt(b, "dmarcsift report --policy %.*s%s --domain ", (int)strcspn(step, " "), step, strstr(step, "sp=") != NULL ? " --subdomain-policy reject" : "");
	text_word(b, domain);	/* the option's value, also where it begins with a hyphen */
}

/* The word of a shell that begins here: what follows it. */
static const char *
word_end(const char *at)
{
	int quoted = 0;

	for (; *at != '\0' && (quoted || *at != ' '); at++)
		if (*at == '\'')
			quoted = !quoted;
		else if (*at == '\\' && !quoted && at[1] != '\0')
			at++;
	return at;
}

const char *
advice_find(const char *text, size_t *len)
{
	const char *labelled = strstr(text, label), *explained = strstr(text, explain), *from, *at;
	int is_label = labelled != NULL && (explained == NULL || labelled < explained);

	from = is_label ? labelled : explained;
	if (from == NULL)
		return NULL;
	at = from + strlen(is_label ? label : explain);
	if (strncmp(at, no_option, sizeof(no_option) - 1) == 0)
		at += sizeof(no_option) - 1;
	at = word_end(at);
	if (is_label) {
		at += *at == ' ';
		at += strspn(at, "abcdefghijklmnopqrstuvwxyz_");
	} else if (at[-1] == '.' && *at == ' ') {	/* the sentence ends there */
		at--;
	}
	*len = (size_t)(at - from);
	return from;
}
