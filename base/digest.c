/* SPDX-License-Identifier: MIT */
/* See digest.h. */
#include "base/digest.h"

#include <pthread.h>

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
