/* SPDX-License-Identifier: MIT */
/* The text of a configuration file as the reader of keys takes it. */
#ifndef CLI_CONFIG_TEXT_H
#define CLI_CONFIG_TEXT_H

#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"

/*
 * Appends what `f` holds, without a byte order mark before it, without comments but for the ends of their lines, and of
 * several blanks with one: libconfuse counts the lines of comments more than once, has none within a list, and reads a long run of either ever slower. *open_line: of the first brace that is not closed, which libconfuse takes for closed at the end; 0 none. STOP: it cannot be read, is too large, or begins
 * with no key.
 */
enum outcome config_text(const char *path, FILE *f, struct buf *out, int *open_line, struct err *err);

enum { CONFIG_TEXT = 16 << 20 };	/* bytes: nobody writes as many */

#endif
