/* SPDX-License-Identifier: MIT */
/*
 * Private to sums.c: which senders of a domain sign with a selector of their own. Forwarded mail carries the selector of whoever
 * sent it first, so a selector that no direct mail carries belongs to a sender of its own, not to one that forwards. Of
 * several that pass mail with such a selector the one with most messages is its owner, the others pass its mail on.
 */
#ifndef SQL_SIGNERS_H
#define SQL_SIGNERS_H

#include "sql/db.h"

struct signers;

struct signers *signers_new(void);
void signers_free(struct signers *g);	/* NULL is fine */
/* A stream that passes by an aligned signature; direct: of mail that was not forwarded for all we know. */
void signers_add(struct signers *g, int64_t sender, int64_t auth_set, int64_t messages, int direct);
/*
 * Calls own for each sender that owns a selector; `may` says of a sender whether it can own one at all. g is empty again. STOP
 * with err.
 */
enum outcome signers_settle(struct signers *g, struct store *s, const struct due_domain *d, store_may_sign *may, void *may_ctx,
    void (*own)(void *ctx, int64_t sender), void *ctx, struct err *err);

#endif
