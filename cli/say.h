/* SPDX-License-Identifier: MIT */
/*
 * The program's words on stderr. Everything that may hold text of strangers is cleaned of control characters here, once.
 */
#ifndef CLI_SAY_H
#define CLI_SAY_H

#include <stdint.h>

void say_level(int level);	/* -1: errors only; 0; 1: also what is usual */
/* "dmarcsift: text" on a line of its own. Thread-safe. */
void say_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void say_warning(const char *fmt, ...) __attribute__((format(printf, 1, 2)));	/* not under -q */
void say_detail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));	/* only under -v */
/* Cleaned line to stdout (results), not under -q. */
void say_result(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * Progress: one line on a terminal, rewritten at most five times a second; nothing elsewhere or under -q.
 * done and total in bytes or mails (total -1: unknown), count things of this name ("1 report", "1,204 reports").
 */
void say_progress(const char *verb, int64_t done, int64_t total, int64_t count, const char *one, const char *many);
void say_progress_end(void);

#endif
