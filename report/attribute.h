/* SPDX-License-Identifier: MIT */
/*
 * Who carried mail, and whether it was forwarded: the attributor the store asks for each address.
 *
 * The ladder, strongest first: a verified DKIM domain that is not the user's; an envelope domain that passed
 * SPF and is not the user's; the user's own organisational domain, where SPF or an address known to be the user's
 * vouches for it; what the same address showed in other mail; a confirmed reverse name; published networks; else the address itself. A product is
 * named before the carrier it sends over. What fails over a host that many share (mailboxes, a gateway) with another customer's
 * envelope, verified, is that customer's. A label on an address, a network or a signing domain makes that a sender of its own.
 *
 * An address is usual for a domain where it brought an aligned SPF pass, or where its sender or its network is a sending service's of the
 * catalogue; those of a pool of mailboxes are not for mail in another customer's envelope. Mail that passes by DKIM alone from an address that is
 * not usual was forwarded (way 1, or 3 where the receiver says so as well, or a mailbox host brings it in another's envelope): the signature
 * survives forwarding, the envelope does not. Mail that fails was forwarded and broken on the way (way 2) where such an address brings it and its
 * own signature does not verify (not: has no key, permerror) or its envelope is another's; for sure (way 3) where a known forwarder brings it, or
 * by the receiver's own word. Ways 1 and 2 are taken back by the analysis for a sender that signs with a selector of its own (sql/signers.h).
 */
#ifndef REPORT_ATTRIBUTE_H
#define REPORT_ATTRIBUTE_H

#include "sql/store.h"

/*
 * The user's labels count first: an address or sender that is `mine` is usual, one that is a `forwarder` forwards whatever it brings.
 * Labels are read once; after a change of labels a new one is made and store_again called.
 */
struct attribution;
enum outcome attribution_new(struct attribution **out, struct store *s, struct err *err);	/* caller frees with attribution_free */
void attribution_free(struct attribution *a);				/* NULL is fine */
const struct attributor *attribution_attributor(const struct attribution *a);	/* lives as long as a */

#endif
