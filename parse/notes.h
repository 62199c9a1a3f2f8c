/* SPDX-License-Identifier: MIT */
/* Private to the room parse: repairs, counted by kind and told in words, in a stable order. */
#ifndef PARSE_NOTES_H
#define PARSE_NOTES_H

#include <stddef.h>
#include <stdint.h>

enum note {		/* adding one means adding its words in notes.c */
	NOTE_SPACE_BEFORE, NOTE_TEXT_BEFORE, NOTE_CHARSET, NOTE_PREFIX, NOTE_RECOVERED, NOTE_DOCTYPE, NOTE_TEXT_AFTER, NOTE_READ,
	NOTE_TWICE_METADATA, NOTE_TWICE_POLICY, NOTE_TWICE_BLOCK, NOTE_TWICE_FIELD, NOTE_TWICE_AUTH, NOTE_OUTSIDE_ROW, NOTE_WITHIN_ROW, NOTE_RECORD_WITHIN, NOTE_IDENTITIES,
	NOTE_SP_EMPTY, NOTE_BAD_DATES, NOTE_DATES_ORDER, NOTE_DATES_RANGE, NOTE_FRACTION, NOTE_DATE_TEXT, NOTE_MILLISECONDS, NOTE_BAD_PCT, NOTE_NO_DOMAIN,
	NOTE_NO_COUNT, NOTE_BAD_COUNT, NOTE_COUNT_POINT, NOTE_NO_ADDRESS, NOTE_BAD_ADDRESS, NOTE_DRESSED_ADDRESS, NOTE_NO_FROM,
	NOTE_SEVERAL_ADDRESSES, NOTE_WIDE_BLANK, NOTE_CUT_TEXT, NOTE_MANY_RESULTS, NOTE_MANY_REASONS, NOTE_NO_RECORD,
	NOTE_KINDS
};

struct notes {
	int64_t counts[NOTE_KINDS];
	char charset[64], recovered[256], read[256];	/* details of those kinds */
};

void notes_add(struct notes *n, enum note kind);
/* All of them, "; " between, cut at room. */
void notes_tell(const struct notes *n, char *out, size_t room);

#endif
