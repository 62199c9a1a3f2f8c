/* SPDX-License-Identifier: MIT */
/*
 * A logged-in connection to an IMAP server: libcurl resolves, connects, does TLS or STARTTLS, checks the certificate
 * and logs in; from then on bytes go through it unseen by libcurl. Not for use by two threads at once.
 */
#ifndef INGEST_IMAP_CONN_H
#define INGEST_IMAP_CONN_H

#include <stddef.h>

#include "base/err.h"
#include "ingest/fetch.h"
#include "ingest/secret.h"

struct imap_conn;

/*
 * Connects and logs in, waiting at most idle_seconds for an answer. SKIP: the login is refused. STOP: another fault; err->retry
 * where trying again may help (no connection) and not where it cannot (wrong certificate). err says what the server said and what to do.
 */
enum outcome imap_conn_open(const struct account *a, const struct secret *secret, int idle_seconds, const volatile int *stop, struct imap_conn **out, struct err *err);
void imap_conn_close(struct imap_conn *c);	/* NULL is fine; does not block */
/* Everything, waiting at most a minute for room. STOP: the connection is gone. */
enum outcome imap_conn_send(struct imap_conn *c, const char *bytes, size_t len, struct err *err);
/* What is there, at most cap bytes. OK with *got 0: nothing yet. STOP: closed or broken. Never waits. */
enum outcome imap_conn_receive(struct imap_conn *c, char *bytes, size_t cap, size_t *got, struct err *err);
int imap_conn_fd(const struct imap_conn *c);	/* to poll for reading, after imap_conn_receive gave nothing */

#endif
