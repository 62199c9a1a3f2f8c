/* SPDX-License-Identifier: MIT */
/* See digest.h. */
#include "base/digest.h"

#include <pthread.h>
#include <stdlib.h>

static const EVP_MD *sha256;

static void
fetch(void)
{
	sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	if (sha256 == NULL)
		sha256 = EVP_sha256();
}

const EVP_MD *
digest_sha256(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, fetch);
	return sha256;
}

/* --- one text --- */

static pthread_key_t kept;	/* each thread's context goes when it ends */

static void
forget(void *ctx)
{
	EVP_MD_CTX_free(ctx);
}

static void
make_key(void)
{
	if (pthread_key_create(&kept, forget) != 0)
		abort();
}

void
digest_bytes(const void *bytes, size_t len, unsigned char out[32])
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	static _Thread_local EVP_MD_CTX *ctx;

	if (ctx == NULL) {
		pthread_once(&once, make_key);
		if ((ctx = EVP_MD_CTX_new()) == NULL || pthread_setspecific(kept, ctx) != 0)
			abort();
	}
	EVP_DigestInit_ex(ctx, digest_sha256(), NULL);
	EVP_DigestUpdate(ctx, bytes, len);
	EVP_DigestFinal_ex(ctx, out, NULL);
}
