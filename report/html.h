/* SPDX-License-Identifier: MIT */
/*
 * The page: the whole summary as one self-contained file of HTML. Complete without script, offline,
 * printable, dark and light; asks nobody for anything (Content-Security-Policy with the hashes of its
 * own style and script). Bounded by caps, not by what is in the database: where it would grow beyond its
 * budget it shows less and says so. Equal summaries give equal bytes.
 */
#ifndef REPORT_HTML_H
#define REPORT_HTML_H

struct out;
struct summary;

/* Writes the page; errors stay in the out. */
void html_write(struct out *o, const struct summary *s);

#endif
