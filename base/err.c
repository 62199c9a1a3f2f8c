/* SPDX-License-Identifier: MIT */
/* See err.h. Writes the message and returns the outcome in one call, so that
 * setting and returning stays one line at every place of failure. */
#define ERR_ITSELF
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>

static void __attribute__((format(printf, 3, 0)))
set(struct err *err, int retry, const char *fmt, va_list ap)
{
	if (err == NULL)
		return;
	(void)vsnprintf(err->text, sizeof(err->text), fmt, ap);
	err->retry = retry;
}

enum outcome
err_skip(struct err *err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	set(err, 0, fmt, ap);
	va_end(ap);
	return SKIP;
}

enum outcome
err_retry(struct err *err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	set(err, 1, fmt, ap);
	va_end(ap);
	return SKIP;
}

enum outcome
err_stop(struct err *err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	set(err, 0, fmt, ap);
	va_end(ap);
	return STOP;
}
