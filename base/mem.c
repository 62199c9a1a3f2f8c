/* SPDX-License-Identifier: MIT */
/* See mem.h. */
#include "base/mem.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What is small, malloc of glibc 2.36 has in a list of the thread's own; calloc takes the lock of all threads for it. */
enum { SMALL = 1024 };

static _Noreturn void
out_of_memory(void)
{
	static const char text[] = "dmarcsift: out of memory\n";

	(void)!write(STDERR_FILENO, text, sizeof(text) - 1);
	_exit(4);
}

void *
mem_alloc(size_t size)
{
	void *p = size <= SMALL ? malloc(size ? size : 1) : calloc(1, size);

	if (p == NULL)
		out_of_memory();
	return size <= SMALL ? memset(p, 0, size) : p;
}

void *
mem_grow(void *old, size_t count, size_t size)
{
	void *p;

	if (size != 0 && count > SIZE_MAX / size)
		out_of_memory();
	size *= count;
	p = realloc(old, size > 0 ? size : 1);
	if (p == NULL)
		out_of_memory();
	return p;
}

char *
mem_str(const char *s)
{
	return s ? mem_strn(s, strlen(s)) : NULL;
}

char *
mem_strn(const char *s, size_t len)
{
	char *p = mem_grow(NULL, len + 1, 1);

	memcpy(p, s, len);
	p[len] = '\0';
	return p;
}

char *
mem_fmt(const char *fmt, ...)
{
	char *p, first[1];
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(first, sizeof(first), fmt, ap);
	va_end(ap);
	if (len < 0)
		out_of_memory();
	p = mem_alloc((size_t)len + 1);
	va_start(ap, fmt);
	(void)vsnprintf(p, (size_t)len + 1, fmt, ap);
	va_end(ap);
	return p;
}
