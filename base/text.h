/* SPDX-License-Identifier: MIT */
/*
 * Small honest helpers for text: one checked way to read a number, one way to
 * fold case and trim, one way to make bytes of strangers safe for a terminal or a log,
 * and dates of the civil calendar (UTC).
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stddef.h>
#include <stdint.h>

struct buf;

/* Decimal digits, optional sign, nothing else; 1 and *out set, else 0 and *out untouched (also on overflow). */
int text_int64(const char *s, size_t len, int64_t *out);
/* Lowers ASCII letters in place. */
void text_lower(char *s);
/* Removes white space (space, tab, CR, LF, VT, FF) at both ends in place; returns s moved. */
char *text_trim(char *s);
/* ASCII case-insensitive equality and search, independent of the locale. */
int text_same(const char *a, const char *b);
const char *text_find(const char *hay, const char *needle);	/* NULL: not there; case-insensitive */
/*
 * Where the word first stands in the bytes; NULL: nowhere. It is looked for by its character number `rare`, so that one should be seldom in
 * them: ten times as fast as memmem then.
 */
const unsigned char *bytes_find(const unsigned char *bytes, size_t len, const char *word, size_t rare);
/*
 * Appends s made harmless for one line of a terminal or log: C0, DEL, C1,
 * bidi controls, zero-width characters, line ends and invalid UTF-8 become
 * escapes such as \x1b or \u202e. A backslash stays as it is.
 */
void text_clean(struct buf *out, const char *s, size_t len);
/* Appends s as one word of a shell's command line: in single quotes where it needs them. */
void text_word(struct buf *out, const char *s);
/* "2026-11-24" of seconds UTC; out holds 11 bytes; 0 where the year is outside 0..9999 (out = ""). */
int text_day(int64_t at, char out[11]);
/* "24 Nov 2026" of "2026-11-24"; "" of what is no day. Returns out. */
const char *text_date(const char *day, char out[16]);
/* "2026-11-24T10:00:00Z"; out holds 21 bytes. */
int text_time(int64_t at, char out[21]);
/* Seconds UTC of "YYYY-MM-DD" or RFC 3339, or of "YYYY-MM-DD hh:mm:ss UTC" or "... +hhmm", as programs write it; 1 and *out set, else 0. */
int text_when(const char *s, int64_t *out);
/* 1204 to "1,204"; out holds 28 bytes. Returns out. */
char *text_count(int64_t n, char out[28]);
/* Edit distance (for "did you mean"), two neighbours that changed places being one edit; at most 64 bytes of each looked at. */
size_t text_distance(const char *a, const char *b);

#endif
