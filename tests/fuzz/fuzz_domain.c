/* SPDX-License-Identifier: MIT */
/* Names and addresses of any bytes: the organisational domain is always a suffix, comparison never crashes. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "parse/parse.h"
#include "report/sender.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int several;
	char *text = mem_strn((const char *)data, size), *name = domain_normal(text, &several), ip[IP_TEXT];
	const char *org = domain_org(name);

	if (org != NULL && (org < name || org > name + strlen(name)))
		abort();
	if (name != NULL && !domain_aligned(name, name, 1))
		abort();
	(void)sender_of(name, BY_DKIM);
	if (name != NULL && ip_canonical(name, ip) != 0 && !ip_within(ip, name))
		abort();
	(void)ip_within("192.0.2.1", name != NULL ? name : "");
	free(text);
	return 0;
}
