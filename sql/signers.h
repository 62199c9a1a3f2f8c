/* SPDX-License-Identifier: MIT */
/*
 * Private to the sums of senders: which senders of a domain sign with a selector of their own. Forwarded mail carries the selector of whoever
 * sent it first, so a selector that no direct mail carries belongs to a sender of its own, not to one that forwards. Of
 * several that pass mail with such a selector the one with most messages is its owner, the others pass its mail on. What was found of a
 * domain is kept (table passed_on), so that what comes later is added to it.
 */
#ifndef SQL_SIGNERS_H
#define SQL_SIGNERS_H

#include "sql/db.h"

struct signers;

/* What passes by an aligned signature, of one sender with these results; direct: mail that was not forwarded for all we know, else 0. */
struct stream { int64_t sender, set, messages; int streams, direct; };

struct signers *signers_new(void);
void signers_free(struct signers *g);	/* NULL is fine */
/* One stream of a domain that is walked whole. */
void signers_add(struct signers *g, int64_t sender, int64_t auth_set, int64_t messages, int direct);
/*
 * Of what was added: keeps it, and calls own for each sender that owns a selector; `may` says of a sender whether it can own one at all. g
 * is empty again. STOP with err.
 */
enum outcome signers_settle(struct signers *g, struct store *s, const struct due_domain *d, store_may_sign *may, void *may_ctx,
    void (*own)(void *ctx, int64_t sender), void *ctx, struct err *err);
/* The same of what is kept and count streams that came since (less than 0: went). SKIP: what is kept does not tell, the domain must be walked whole. */
enum outcome signers_grow(struct signers *g, struct store *s, const struct due_domain *d, const struct stream *came, size_t count, store_may_sign *may,
    void *may_ctx, void (*own)(void *ctx, int64_t sender), void *ctx, struct err *err);

#endif
