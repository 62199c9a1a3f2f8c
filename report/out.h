/* SPDX-License-Identifier: MIT */
/*
 * Where the writers of the page and the tables put their bytes. Escaping cannot be forgotten:
 * out_lit takes string literals only, and everything else goes through a call that escapes
 * (out_text) or that can only make digits. Writers with their own escape rules (CSV, JSON, mail) include out_raw.h.
 *
 * A file is written under a temporary name in its own folder and takes its name in out_close,
 * so a reader sees the old one or the new one, never a half. Write errors are sticky:
 * nothing need be checked before out_close.
 */
#ifndef REPORT_OUT_H
#define REPORT_OUT_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct buf;
struct out;

/*
 * "-" is standard output. A file that is replaced hands on its mode (and owner, where permitted), a new one
 * follows the umask; a symbolic link keeps pointing to what is then replaced. STOP where nothing can be written there.
 */
enum outcome out_open(struct out **out, const char *path, struct err *err);
/* Into memory, up to the buffer's cap; the buffer is borrowed until out_close. */
struct out *out_open_buf(struct buf *to);
/* Nowhere: only counts (out_size), to know how large something will be. */
struct out *out_open_null(void);
/*
 * Puts everything in its place and frees. STOP with err where any write failed (the old file then stands
 * as it was). NULL is fine.
 */
enum outcome out_close(struct out *o, struct err *err);
/* Gives up: the old file stands as it was. NULL is fine. */
void out_drop(struct out *o);
int64_t out_size(const struct out *o);	/* bytes taken so far */

/* Markup: a string literal, nothing else compiles. */
#define out_lit(o, s) out_literal_((o), "" s "", sizeof("" s "") - 1)
void out_literal_(struct out *o, const char *s, size_t len);	/* for out_lit only */

/*
 * Text for HTML or SVG, between tags or in a quoted attribute: & < > " ' become references; controls,
 * bidi and zero-width characters, line ends and bytes that are not UTF-8 become readable escapes (base/text.h). NULL
 * writes nothing. Longer than OUT_TEXT_MAX bytes is cut, with an ellipsis.
 */
enum { OUT_TEXT_MAX = 4096 };
void out_text(struct out *o, const char *s);
void out_textn(struct out *o, const char *s, size_t len);
/* The same, cut after at most max characters (for table cells and labels). */
void out_short(struct out *o, const char *s, size_t max);

void out_int(struct out *o, int64_t n);		/* 1204 */
void out_count(struct out *o, int64_t n);	/* 1,204 */
/* tenths as a decimal number: 125 is 12.5, 120 is 12 (coordinates, percentages). */
void out_tenths(struct out *o, int64_t tenths);
/* An embedded file of this program (base/embed.h), as it is; path is a string literal. */
#define out_file(o, path) out_file_((o), "" path "")
void out_file_(struct out *o, const char *path);	/* for out_file only */

#endif
