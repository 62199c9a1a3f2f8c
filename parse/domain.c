/* SPDX-License-Identifier: MIT */
/*
 * See domain.h. The list is libpsl's (the system's file where there is one, else the built-in
 * copy), U-labels are libidn2's. Its private section counts: github.io and its like are the organisational border DMARC wants.
 */
#include "parse/domain.h"

#include <idn2.h>
#include <libpsl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "parse/ip.h"

static const psl_ctx_t *list;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
load(void)
{
	list = psl_latest(NULL);
	if (list == NULL)
		list = psl_builtin();
}

static int
is_address(const char *name)
{
	char text[IP_TEXT];

	return ip_canonical(name, text) != 0;
}

/* The list is slow to ask and the same few names come again and again: each thread remembers the last ones. */
enum { SLOTS = 1024, SHORT = 60 };
struct slot { char name[SHORT]; unsigned offset; };
static _Thread_local struct slot slots[SLOTS];

static const char *
look_up(const char *name)
{
	const char *org;

	if (strchr(name, '.') == NULL || is_address(name))
		return name;
	pthread_once(&once, load);
	org = list != NULL ? psl_registrable_domain(list, name) : NULL;
	return org != NULL ? org : name;
}

const char *
domain_org(const char *name)
{
	struct slot *slot, *other;
	const char *org;
	size_t len;
	unsigned h = 5381;

	if (name == NULL || *name == '\0')
		return NULL;
	for (len = 0; len < SHORT && name[len] != '\0'; len++)
		h = h * 33 + (unsigned char)name[len];
	if (len == SHORT)
		return look_up(name);
	slot = &slots[h % SLOTS];
	other = &slots[h % SLOTS ^ 1];
	if (strcmp(slot->name, name) == 0)
		return name + slot->offset;
	if (strcmp(other->name, name) == 0)
		return name + other->offset;
	org = look_up(name);
	/* Of two names that meet in one place neither pushes the other out for ever. */
	*other = *slot;
	memcpy(slot->name, name, len + 1);
	slot->offset = (unsigned)(org - name);
	return org;
}

int
domain_is_name(const char *name)
{
	const char *p;

	for (p = name; *p != '\0'; p++)
		if (!(*p >= 'a' && *p <= 'z') && !(*p >= '0' && *p <= '9') && *p != '.' && *p != '-' && *p != '_' && !((unsigned char)*p & 0x80))
			return 0;
	return p > name && p - name < DOMAIN_TEXT;
}

int
domain_within(const char *name, const char *base)
{
	size_t n, b;

	if (name == NULL || base == NULL || *base == '\0')
		return 0;
	n = strlen(name);
	b = strlen(base);
	return n >= b && strcmp(name + n - b, base) == 0 && (n == b || name[n - b - 1] == '.');
}

int
domain_aligned(const char *a, const char *b, int strict)
{
	if (a == NULL || b == NULL || *a == '\0' || *b == '\0')
		return 0;
	if (strcmp(a, b) == 0)
		return 1;
	return !strict && strcmp(domain_org(a), domain_org(b)) == 0;
}

char *
domain_normal(char *s, int *several)
{
	char *at, *end;
	size_t len;

	*several = 0;
	s = text_trim(s);
	if ((at = strchr(s, '@')) != NULL) {
		end = strpbrk(at, ",;");
		if (end != NULL && strchr(end, '@') != NULL) {
			*end = '\0';
			*several = 1;
		}
		s = strrchr(s, '@') + 1;
	}
	s += *s == '<';
	len = strlen(s);
	if (len > 0 && s[len - 1] == '>')
		s[--len] = '\0';
	if (len > 0 && s[len - 1] == '.')
		s[--len] = '\0';
	text_lower(s);
	return len > 0 ? s : NULL;
}

int
domain_ascii(const char *name, char out[DOMAIN_TEXT])
{
	const char *p = name;
	char *ascii = NULL;
	int done;

	while (*p != '\0' && !((unsigned char)*p & 0x80))
		p++;
	if (*p == '\0' || idn2_to_ascii_8z(name, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) != IDN2_OK)
		return 0;
	done = strlen(ascii) < DOMAIN_TEXT;
	if (done)
		snprintf(out, DOMAIN_TEXT, "%s", ascii);
	idn2_free(ascii);
	return done;
}
