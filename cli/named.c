/* SPDX-License-Identifier: MIT */
/* See named.h. */
#include "cli/named.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "parse/domain.h"
#include "parse/ip.h"

char *
named_as_stored(const char *given)
{
	char *name = mem_str(given), address[IP_TEXT], network[IP_NETWORK_TEXT], ascii[DOMAIN_TEXT];
	const char *better = ip_canonical(name, address) != 0 ? address : ip_prefix(name, network) ? network : domain_ascii(name, ascii) ? ascii : NULL;
	size_t len;

	if (better != NULL) {
		free(name);
		name = mem_str(better);
	}
	text_lower(name);
	len = strlen(name);
	if (len > 1 && name[len - 1] == '.')
		name[len - 1] = '\0';
	return name;
}

int
named_can_be_labelled(const char *what)
{
	char *first = mem_strn(what, strcspn(what, "/"));
	int place = strchr(what, '/') != NULL || strchr(what, ':') != NULL || what[strspn(what, "0123456789.")] == '\0';
	int can = *what != '\0' && what[strcspn(what, " \t\r\n\v\f")] == '\0' && (!place || ip_within(first, what));

	free(first);
	return can;
}

int
named_is_domain(const char *name)
{
	char *stored = named_as_stored(name), address[IP_TEXT];
	int is = domain_is_name(stored) && *stored != '.' && strstr(stored, "..") == NULL && ip_canonical(stored, address) == 0;

	free(stored);
	return is;
}

int
named_is_server(const char *url)
{
	const char *host = strstr(url, "://");

	return (strncmp(url, "imaps://", 8) == 0 || strncmp(url, "imap://", 7) == 0) && host[3] != '\0' && strpbrk(host + 3, "/@ ?#") == NULL;
}
