/* SPDX-License-Identifier: MIT */
/*
 * The fields a receiving mail server writes: Authentication-Results (RFC 8601 section 2.2) and Received (RFC 5321 section 4.4). Senders have a say
 * in their values, so quotes and comments count.
 */
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/text.h"
#include "ingest/private.h"

#define SPACE " \t\r\n"
#define ENDS_WORD SPACE ";("	/* and NUL, which strchr finds */

/* Behind the character, quoted string or comment (RFC 5322 section 3.2) that p begins with, which is not the end. One that is never closed goes to the end. */
static const char *
past_one(const char *p)
{
	int quoted = 0, depth = 0;

	do {
		if (*p == '\\' && (quoted || depth > 0) && p[1] != '\0')
			p++;
		else if (*p == '"' && depth == 0)
			quoted = !quoted;
		else if (*p == '(' && !quoted)
			depth++;
		else if (*p == ')' && depth > 0)
			depth--;
		p++;
	} while (*p != '\0' && (quoted || depth > 0));
	return p;
}

/* The blanks and comments that may stand between words. */
static const char *
past_blanks(const char *p)
{
	while (*p == ' ' || (*p >= '\t' && *p <= '\r') || *p == '(')
		p = past_one(p);
	return p;
}

/* The end of the word: a blank, a comment, a semicolon or that of the field. */
static const char *
past_word(const char *p)
{
	while (strchr(ENDS_WORD, *p) == NULL)
		p = past_one(p);
	return p;
}

/* Behind `name=`; NULL: another word stands here. */
static const char *
past_name(const char *p, const char *name)
{
	size_t n = strlen(name);

	if (strncasecmp(p, name, n) != 0)
		return NULL;
	p = past_blanks(p + n);
	return *p == '=' ? past_blanks(p + 1) : NULL;
}

/* The value is the domain, or an address of it. */
static int
is_of_domain(const char *value, const char *domain)
{
	size_t len = (size_t)(past_word(value) - value), n = domain != NULL ? strlen(domain) : 0;

	return n > 0 && len >= n && strncasecmp(value + len - n, domain, n) == 0 && (len == n || value[len - n - 1] == '@');
}

/* Whether all `header.from` of the section, as far as there are any, are this domain. */
static int
is_about(const char *section, const char *domain)
{
	const char *p, *value;

	for (p = past_blanks(section); *p != '\0' && *p != ';'; p = past_blanks(p)) {
		if ((value = past_name(p, "header.from")) != NULL && !is_of_domain(value, domain))
			return 0;
		p = past_word(p);
	}
	return 1;
}

char *
dmarc_result(const char *field, const char *id, const char *from)
{
	const char *p = past_blanks(field), *word, *end;
	size_t n = strlen(id);

	if (strncasecmp(p, id, n) != 0 || strchr(ENDS_WORD, p[n]) == NULL)
		return NULL;
	for (p += n; *p != '\0'; p = past_one(p)) {
		if (*p != ';' || (word = past_name(past_blanks(p + 1), "dmarc")) == NULL)
			continue;
		for (end = word; (*end >= 'a' && *end <= 'z') || (*end >= 'A' && *end <= 'Z'); end++)
			;
		return end > word && strchr(ENDS_WORD, *end) != NULL && is_about(end, from) ? mem_strn(word, (size_t)(end - word)) : NULL;
	}
	return NULL;
}

static const char *
past_space(const char *p)
{
	return p + strspn(p, SPACE);
}

/*
 * Nothing is skipped here, not even comments: what a sender writes into its HELO or its address may add a `with` or open a comment, but not take away the
 * `with ESMTP` of the server that took the mail from it.
 */
int
is_local_hop(const char *received)
{
	const char *p = past_space(received);
	int lmtp = 0;

	if (strncasecmp(p, "by", 2) == 0 && strchr(SPACE, p[2]) != NULL)
		return 1;
	while ((p = text_find(p, "with")) != NULL) {
		const char *how = past_space(p + 4);

		if (how > p + 4 && strncasecmp(how, "LMTP", 4) == 0)
			lmtp = 1;
		else if (how > p + 4 && strncasecmp(how, "cipher", 6) != 0)
			return 0;
		p += 4;
	}
	return lmtp;
}
