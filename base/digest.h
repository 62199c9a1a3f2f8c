/* SPDX-License-Identifier: MIT */
/* SHA-256 (FIPS 180-4), as libcrypto gives it. */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include <openssl/evp.h>

/* Instead of EVP_sha256(), which each use looks up anew: that costs more than the digest of a short text. From any thread; never freed. */
const EVP_MD *digest_sha256(void);

#endif
