/* SPDX-License-Identifier: MIT */
/*
 * Access tokens by OAuth 2.0 (RFC 6749): refresh token, client credentials, and the device code flow (RFC 8628) for the
 * first login. Tokens are cached in $XDG_STATE_HOME/dmarcsift/tokens, one file for each account, readable by the owner only,
 * replaced whole, and before a new refresh token is used, so that a provider that renews them at each use loses nobody.
 */
#ifndef INGEST_OAUTH_H
#define INGEST_OAUTH_H

#include "base/err.h"
#include "ingest/fetch.h"

/*
 * An access token that is valid for a minute at least, from the cache or the token endpoint. Caller frees. STOP: err says what the
 * endpoint answered, and what to do.
 */
enum outcome oauth_token(const struct account *a, char **token, struct err *err);

/*
 * The device code flow: `tell` is given the address and the code to enter there; returns when the user did so and the
 * tokens are cached. STOP: refused, expired, or *stop was set.
 */
enum outcome oauth_device_login(const struct account *a, void (*tell)(const char *address, const char *code), const volatile int *stop,
    struct err *err);

/* The cached access token was refused: the next oauth_token fetches a new one. */
void oauth_forget(const struct account *a);

#endif
