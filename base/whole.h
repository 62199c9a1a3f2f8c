/* SPDX-License-Identifier: MIT */
/* Writing all there is: a write may take less, and only the next one says why. */
#ifndef BASE_WHOLE_H
#define BASE_WHOLE_H

#include <stddef.h>

/* 1: all of it was written. 0: errno tells why not. */
int whole_write(int fd, const void *bytes, size_t len);

#endif
