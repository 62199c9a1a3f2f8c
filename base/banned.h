/* SPDX-License-Identifier: MIT */
/*
 * Calls that have no place here become compile errors. Included on the
 * command line by the Makefile (-include) after the system headers.
 */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf gets
#pragma GCC poison strtok atoi atol atoll atof mktemp tmpnam
#pragma GCC poison gmtime localtime ctime asctime

#endif
