/* SPDX-License-Identifier: MIT */
/* SHA-256 (FIPS 180-4), as libcrypto gives it. */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include <openssl/evp.h>

/* Instead of EVP_sha256(), which each use looks up anew: that costs more than the digest of a short text. From any thread; never freed. */
const EVP_MD *digest_sha256(void);
/* The digest of these bytes. Each thread keeps what it needs for that: made anew it costs more than the digest of a short text. */
void digest_bytes(const void *bytes, size_t len, unsigned char out[32]);

#endif
