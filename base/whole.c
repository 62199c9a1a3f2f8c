/* SPDX-License-Identifier: MIT */
/* See whole.h. */
#include "base/whole.h"

#include <errno.h>
#include <unistd.h>

int
whole_write(int fd, const void *bytes, size_t len)
{
	const char *at = bytes;
	ssize_t n;

	while (len > 0) {
		n = write(fd, at, len);
		if (n < 0 && errno != EINTR)
			return 0;
		if (n > 0) {
			at += n;
			len -= (size_t)n;
		}
	}
	return 1;
}
