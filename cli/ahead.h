/* SPDX-License-Identifier: MIT */
/*
 * A large document read ahead: while one piece of it is parsed, the next ones are decompressed in a thread of their own. Small documents are
 * read as they are, by whoever asks.
 */
#ifndef CLI_AHEAD_H
#define CLI_AHEAD_H

#include <stddef.h>

#include "base/err.h"
#include "ingest/ingest.h"

struct ahead;

struct ahead *ahead_new(void);
void ahead_free(struct ahead *a);	/* NULL is fine; stopped */
/* Begins with this document, which is borrowed until ahead_stop: between two calls nobody else may touch it. */
void ahead_begin(struct ahead *a, struct document *doc);
/* As document_read. */
enum outcome ahead_read(struct ahead *a, void *bytes, size_t cap, size_t *got, struct err *err);
/* As document_rewind. */
enum outcome ahead_rewind(struct ahead *a, struct err *err);
/* Ends the thread, where there is one: the document is the caller's again. */
void ahead_stop(struct ahead *a);

#endif
