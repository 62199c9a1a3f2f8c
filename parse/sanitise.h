/* SPDX-License-Identifier: MIT */
/*
 * Private to the room parse: the second try. Turns the bytes of a malformed report into simple, balanced XML in UTF-8:
 * no declarations, comments, processing instructions, prefixes or attributes; stray `&` and `<` escaped; control
 * characters gone; missing end tags closed where their parent ends, crossed ones dropped. What it cannot know is
 * not invented: an element still open at the end of the bytes stays open, so that a report cut short shows as one.
 */
#ifndef PARSE_SANITISE_H
#define PARSE_SANITISE_H

#include <stddef.h>

struct sanitiser;

/* 1: iconv can bring bytes of this charset to UTF-8, and ASCII stays ASCII in it (else the declaration could not have been read). */
int sanitiser_knows(const char *charset);
/*
 * `charset`: what the bytes are in, a name iconv knows, or NULL for UTF-8. `out` takes the clean
 * bytes (returns 0 to stop). Caller frees with sanitiser_free.
 */
struct sanitiser *sanitiser_new(const char *charset, int (*out)(void *ctx, const char *bytes, size_t len), void *ctx);
void sanitiser_free(struct sanitiser *s);	/* NULL is fine */
/* Feeds bytes; 0: out said stop, or the bytes are refused (a DOCTYPE with declarations). */
int sanitiser_feed(struct sanitiser *s, const char *bytes, size_t len);
/* No more bytes: what is pending is written. */
int sanitiser_end(struct sanitiser *s);
/* 1: a DOCTYPE with an internal subset was met. */
int sanitiser_refused(const struct sanitiser *s);

#endif
