/* SPDX-License-Identifier: MIT */
/*
 * The catalogue of known senders (report/data/senders.tsv, embedded): who stands behind a domain name.
 * Names match on label boundaries, the longest suffix wins. A product is told from its carrier by the longer suffix, by its
 * selector on the customer's domain, or by its envelope label.
 */
#ifndef REPORT_SENDER_H
#define REPORT_SENDER_H

#include <stddef.h>

/* As of when the facts of the catalogue are (report/data/README.md), in figures and in words. */
#define SENDERS_DATE "2026-11"
#define SENDERS_MONTH "November 2026"

struct sender {			/* one row; all text static for the life of the program */
	const char *id, *name, *category;
	const char *carrier;				/* id of the service whose servers it uses; "" its own */
	const char *envelopes, *signers;		/* space separated, as in the table */
	const char *dkim_records;			/* "selector=target", space separated; no target: a TXT record with the key */
	const char *fallback;				/* From domains it uses for those who publish nothing */
	const char *spf, *spf_how;			/* can its envelope align: default, custom, plan, no, n/a, unknown; and how */
	const char *dkim;				/* the same of its signature, and via-mailbox */
	const char *where, *note;			/* menu path; a remark. All of these empty where confidence is low */
	const char *site;				/* host of the vendor's pages; "" unknown */
	const char *confidence;				/* high, medium, low */
};

/*
 * A file of the user's own in the format of senders.tsv (header line and all): its rows are asked before ours. To be
 * called before the first look-up; a file that is not there or cannot be read adds nothing.
 */
void sender_add_file(const char *path);

enum sender_by { BY_DKIM = 1, BY_ENVELOPE, BY_PTR };

/* The sender that a verified DKIM domain, a passing envelope domain or a reverse name belongs to; NULL. Thread-safe. */
const struct sender *sender_of(const char *domain, enum sender_by by);
/* The sender in whose published networks an address lies, any of which may carry any customer's mail; NULL. */
const struct sender *sender_of_address(const char *address);
/* The sender a selector on a customer's own domain gives away ("mte1"); NULL: anybody may have chosen it. */
const struct sender *sender_of_selector(const char *selector);
/*
 * The product that sends over a carrier's servers, known by the label it has put before the customer's domain in the envelope
 * ("send.example.org"); NULL: none is known to.
 */
const struct sender *sender_of_label(const char *envelope, const char *domain, const struct sender *carrier);
/*
 * 1: a host of mailboxes signs as `signer` for the customer whose domain this is: below a name of its own, points as dashes
 * ("example-com.20230601.gappssmtp.com"). What becomes of dashes in the domain is not known for sure: they may stay or be doubled.
 */
int sender_signs_for(const char *signer, const char *domain);
/*
 * 1: a signature of a customer's domain with this selector may be the host's own: its key lies in a record of the customer's, who may call it anything, or it
 * is called as a record that points to the host, or begins so. 0 as well where no records are known: hosts for consumers sign for nobody else.
 */
int sender_may_sign_by(const struct sender *s, const char *selector);
/* 1: it sends mail for its customers (transactional, marketing, helpdesk, ...); 0: mailbox host, forwarder, gateway, ... */
int sender_is_service(const struct sender *s);
/* 1: it passes mail on (forwarder, alias relay, mailing list). */
int sender_is_forwarder(const struct sender *s);
/* The row of this id; NULL. */
const struct sender *sender_find(const char *id);
/* Length of the customer's name in front of a signing domain of this host ("contoso" of contoso.onmicrosoft.com); 0: it shows none. */
size_t sender_tenant(const struct sender *s, const char *signer);
/* Length of what lets the service send by the SPF record of the envelope's domain ("include:spf.example.com") at *at; 0: not known, or it depends on the account. */
size_t sender_spf(const struct sender *s, const char **at);
/*
 * The n-th DNS record (from 0) that makes the service sign as `domain`: 1 and *out filled, 0 where there are no more. tenant: the user's name as a
 * customer there (sender_tenant); NULL unknown. Parts in <> are shown in the user's account only. None from facts of low confidence, none for what is
 * neither a service nor a mailbox host.
 */
enum { SENDER_RECORDS = 4 };	/* at most */
struct sender_record { const char *type; char name[400], value[160]; };
int sender_fix(const struct sender *s, const char *domain, const char *tenant, size_t n, struct sender_record *out);
/*
 * How many different records of the service may be the one in which a signature with this selector looks for its key: 0 none, it is called otherwise; 1 and
 * *out filled, under that very name; more: it is not known which.
 */
size_t sender_fix_of_selector(const struct sender *s, const char *domain, const char *tenant, const char *selector, struct sender_record *out);
/* Walks the catalogue: rows 0 to sender_count() - 1, in its order. */
size_t sender_count(void);
const struct sender *sender_at(size_t i);

#endif
