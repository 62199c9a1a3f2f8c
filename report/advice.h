/* SPDX-License-Identifier: MIT */
/*
 * Commands of ours that texts advise: the reader copies them into a shell, and what they name comes from strangers, so it is always one word there
 * (POSIX Shell Command Language 2.2.2) and never an option.
 */
#ifndef REPORT_ADVICE_H
#define REPORT_ADVICE_H

#include <stddef.h>

#include "base/buf.h"

void advice_explain(struct buf *b, const char *what);				/* appends "dmarcsift explain WHAT" */
void advice_label(struct buf *b, const char *what, const char *class);		/* appends "dmarcsift label WHAT CLASS" */
void advice_policy(struct buf *b, const char *step, const char *domain);	/* appends "dmarcsift report --policy P --domain DOMAIN" of the next step ("reject t=n sp=reject") */
/* The first of the other two in a text, and its length; NULL where there is none. */
const char *advice_find(const char *text, size_t *len);

#endif
