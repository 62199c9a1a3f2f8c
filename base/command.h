/* SPDX-License-Identifier: MIT */
/* Programs of the user's choice: what they print (secrets), and what they are given (mail). Descriptors of ours are not inherited. */
#ifndef BASE_COMMAND_H
#define BASE_COMMAND_H

#include <stddef.h>

#include "base/err.h"

enum { COMMAND_SECONDS = 30 };	/* then its process group is ended */

/*
 * Runs `command` by /bin/sh -c (a message calls it `name`: a command may hold secrets), its standard input closed, and gives the first line it prints (at most 16 KiB, without the line's end;
 * owned by the caller). STOP: it cannot be run, fails, prints nothing, takes too long, or *stop became 1 (NULL: never); err tells the exit status, never what
 * was printed.
 */
enum outcome command_first_line(const char *name, const char *command, const volatile int *stop, char **line, struct err *err);

/*
 * Runs argv (ended by NULL) without a shell with `bytes` as its standard input. STOP: it cannot be run, or its exit
 * status is not 0.
 */
enum outcome command_feed(char *const *argv, const void *bytes, size_t len, struct err *err);

#endif
