/* SPDX-License-Identifier: MIT */
/*
 * How much room a character takes on a terminal. The same on every machine and in every locale, so unlike wcwidth():
 * wide are the blocks of East Asian Width W and F (UAX 11) and pictographs, without room are combining marks.
 */
#ifndef BASE_WIDTH_H
#define BASE_WIDTH_H

#include <stddef.h>

/* Columns of the UTF-8 character that s begins with: 0, 1 or 2. A byte that begins none counts as one. */
size_t text_columns(const char *s);
/* Its bytes, at least 1; 0 at the end of the text. */
size_t text_bytes(const char *s);
/* Bytes of the beginning of a text that take at most so many columns, and at most four times as many bytes: marks without room may be thousands. */
size_t text_fitting(const char *s, size_t columns);
/* A name that anybody may have chosen, within a line: its first TEXT_SHORT columns, and "..." where it is longer. Returns out. */
enum { TEXT_SHORT = 60, TEXT_SHORT_BYTES = 4 * TEXT_SHORT + sizeof("...") };
char *text_short(const char *name, char out[TEXT_SHORT_BYTES]);
/* Where a line of so many columns that begins at p ends: at the last blank that fits, else where the room ends; whole 1: where the first word does, which does not fit. */
const char *text_line_end(const char *p, size_t room, int whole);

#endif
