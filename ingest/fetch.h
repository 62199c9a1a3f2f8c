/* SPDX-License-Identifier: MIT */
/*
 * Second door of the room ingest: mailboxes reached by IMAP. What an account is, as the
 * configuration gives it; cli/config.c fills it in.
 */
#ifndef INGEST_FETCH_H
#define INGEST_FETCH_H

#include <stddef.h>
#include <stdint.h>

/* What happens to a mail once its rows are committed and it is settled (design.md section 4). */
enum after { AFTER_KEEP = 1, AFTER_SEEN, AFTER_MOVE, AFTER_DELETE };

/* How an access token is obtained from the provider itself. All text borrowed from the configuration; NULL absent. */
struct oauth {
	const char *token_url;		/* endpoint; NULL: Microsoft's, from tenant */
	const char *device_url;		/* for the device code flow; NULL: Microsoft's, from tenant */
	const char *tenant;		/* Microsoft 365 */
	const char *client_id, *client_secret, *client_secret_file, *client_secret_env;
	const char *refresh_token;	/* first one; later ones are cached */
	const char *scope;		/* NULL: that of the flow and provider */
};

struct account {
	const char *name;
	const char *server;		/* imaps://host[:port], imap://host[:port] (STARTTLS) */
	const char *user;
	const char *password, *password_file, *password_command, *password_env, *token_command;	/* at most one is set */
	const struct oauth *oauth;	/* NULL: none */
	char *const *folders;		/* UTF-8; at least one */
	size_t nfolders;
	enum after after;
	const char *move_to;		/* UTF-8; set where after is AFTER_MOVE */
	const char *ca_file, *proxy;	/* NULL: none */
	const char *authserv_id;	/* NULL: nobody's Authentication-Results are believed */
	int connections;		/* 1 to 4 */
	int plain;			/* 1: imap:// without TLS is allowed, knowingly */
};

#endif
