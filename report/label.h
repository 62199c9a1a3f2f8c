/* SPDX-License-Identifier: MIT */
/*
 * The user's labels, and which of them is about a sender. A label is put on an address, a network, a sender id or a signing
 * domain; the narrower word counts: an address before a network, a longer prefix before a shorter, then signing domains, then ids.
 */
#ifndef REPORT_LABEL_H
#define REPORT_LABEL_H

#include "sql/store.h"

struct label {
	const char *what;		/* lower case */
	const char *class;		/* mine, not_mine, forwarder, ignore */
	const char *name;		/* NULL: none given */
	int is_place;			/* 1: an address or a network */
	const char *catalogue;		/* id of the catalogue's sender that signs as `what`; NULL none */
};

struct labels { struct label *list; size_t count; struct arena *text; };

/* Reads them from the store; labels_free in any case. STOP with err. */
enum outcome labels_read(struct labels *out, struct store *s, struct err *err);
void labels_free(struct labels *l);
/* The label about mail from this address ("" none), of this sender, with these results; NULL. Thread-safe. */
const struct label *label_of_mail(const struct labels *l, const char *address, const char *sender, const struct auth *auths, size_t count);
/* The label about a sender as the analysis knows it; NULL. */
const struct label *label_of_sender(const struct labels *l, const char *sender);

#endif
