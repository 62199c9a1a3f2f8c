/* SPDX-License-Identifier: MIT */
/* See notes.h. */
#include "parse/notes.h"

#include <stdio.h>

/* `%s` is the detail; `%lld` the number, with the plural in the second form. */
static const struct { const char *one, *many; } words[NOTE_KINDS] = {
	[NOTE_SPACE_BEFORE] = { "white space before the XML declaration ignored", NULL },
	[NOTE_TEXT_BEFORE] = { "text before <feedback> ignored", NULL },
	[NOTE_CHARSET] = { "not in the encoding it declares, read as %s", NULL },
	[NOTE_PREFIX] = { "namespace prefix that is declared nowhere", NULL },
	[NOTE_RECOVERED] = { "recovered: %s", NULL },
	[NOTE_DOCTYPE] = { "DOCTYPE ignored", NULL },
	[NOTE_TEXT_AFTER] = { "text after </feedback> ignored", NULL },
	[NOTE_READ] = { "%s", NULL },
	[NOTE_TWICE_METADATA] = { "report_metadata twice, the first taken", NULL },
	[NOTE_TWICE_POLICY] = { "policy_published twice, the first taken", NULL },
	[NOTE_TWICE_BLOCK] = { "1 block given twice, the first taken", "%lld blocks given twice, the first taken" },
	[NOTE_TWICE_FIELD] = { "1 field given twice, the first taken", "%lld fields given twice, the first taken" },
	[NOTE_TWICE_AUTH] = { "1 record with auth_results twice, both read", "%lld records with auth_results twice, both read" },
	[NOTE_OUTSIDE_ROW] = { "1 element of row outside it, taken", "%lld elements of row outside it, taken" },
	[NOTE_WITHIN_ROW] = { "1 block of record within row, taken", "%lld blocks of record within row, taken" },
	[NOTE_RECORD_WITHIN] = { "1 record within another, read as one of its own", "%lld records within others, read as ones of their own" },
	[NOTE_IDENTITIES] = { "identities taken as identifiers", NULL },
	[NOTE_SP_EMPTY] = { "sp empty", NULL },
	[NOTE_BAD_DATES] = { "begin or end unreadable", NULL },
	[NOTE_DATES_ORDER] = { "end before begin", NULL },
	[NOTE_DATES_RANGE] = { "begin or end before 2010 or after 2100", NULL },
	[NOTE_FRACTION] = { "fraction of a second dropped", NULL },
	[NOTE_DATE_TEXT] = { "begin or end written as a date", NULL },
	[NOTE_MILLISECONDS] = { "begin or end in milliseconds", NULL },
	[NOTE_BAD_PCT] = { "pct unreadable", NULL },
	[NOTE_NO_DOMAIN] = { "no policy domain", NULL },
	[NOTE_NO_COUNT] = { "1 record without a readable count taken as 0 messages", "%lld records without a readable count taken as 0 messages" },
	[NOTE_BAD_COUNT] = { "1 record with an impossible count skipped", "%lld records with an impossible count skipped" },
	[NOTE_COUNT_POINT] = { "1 count written with a decimal point", "%lld counts written with a decimal point" },
	[NOTE_NO_ADDRESS] = { "1 record without source_ip", "%lld records without source_ip" },
	[NOTE_BAD_ADDRESS] = { "1 record whose source_ip is no address", "%lld records whose source_ip is no address" },
	[NOTE_DRESSED_ADDRESS] = { "1 source_ip with brackets, port, zone, prefix or length taken off", "%lld source_ips with brackets, ports, zones, prefixes or lengths taken off" },
	[NOTE_NO_FROM] = { "1 record without header_from", "%lld records without header_from" },
	[NOTE_SEVERAL_ADDRESSES] = { "1 domain written as several addresses, the first taken", "%lld domains written as several addresses, the first taken" },
	[NOTE_WIDE_BLANK] = { "1 field with no-break spaces around it, taken off", "%lld fields with no-break spaces around them, taken off" },
	[NOTE_CUT_TEXT] = { "1 field longer than is kept, cut", "%lld fields longer than is kept, cut" },
	[NOTE_MANY_RESULTS] = { "1 record with more results than are kept", "%lld records with more results than are kept" },
	[NOTE_MANY_REASONS] = { "1 record with more reasons than are kept", "%lld records with more reasons than are kept" },
	[NOTE_NO_RECORD] = { "no record", NULL },
};

void
notes_add(struct notes *n, enum note kind)
{
	n->counts[kind]++;
}

static const char *
detail(const struct notes *n, enum note kind)
{
	return kind == NOTE_CHARSET ? n->charset : kind == NOTE_RECOVERED ? n->recovered : n->read;
}

void
notes_tell(const struct notes *n, char *out, size_t room)
{
	size_t len = 0;
	int kind;

	out[0] = '\0';
	for (kind = 0; kind < NOTE_KINDS && len < room; kind++) {
		char one[320];

		if (n->counts[kind] == 0)
			continue;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		if (n->counts[kind] > 1 && words[kind].many != NULL)
			(void)snprintf(one, sizeof(one), words[kind].many, (long long)n->counts[kind]);
		else
			(void)snprintf(one, sizeof(one), words[kind].one, detail(n, kind));
#pragma GCC diagnostic pop
		len += (size_t)snprintf(out + len, room - len, "%s%s", len > 0 ? "; " : "", one);
	}
}
