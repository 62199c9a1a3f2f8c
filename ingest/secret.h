/* SPDX-License-Identifier: MIT */
/* Where an account's password or access token comes from: the configuration, a file, the environment, a command, or the provider (oauth.h). */
#ifndef INGEST_SECRET_H
#define INGEST_SECRET_H

#include "base/err.h"
#include "ingest/fetch.h"

struct secret {
	char *text;	/* owned */
	int is_token;	/* 1: an access token (XOAUTH2, OAUTHBEARER) */
};

/* STOP: err says what is missing, never the secret; a command is not waited for once *stop is 1 (NULL: never). Caller frees with secret_free. */
enum outcome secret_get(const struct account *a, const volatile int *stop, struct secret *out, struct err *err);
void secret_free(struct secret *s);	/* overwritten first */
/* The first line of a file, with the same care, whoever may read it: those who mount secrets into a container make them readable by all. Caller frees. */
enum outcome secret_from_file(const char *path, char **line, struct err *err);

#endif
