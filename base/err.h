/* SPDX-License-Identifier: MIT */
/*
 * Outcome of a function that can fail, and the sentence that explains it.
 *
 * Two kinds of trouble are never mixed: SKIP says this item is unusable and
 * the caller goes on with the next one; STOP says the environment failed
 * (disk, network, database) and going on makes no sense.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stddef.h>

enum outcome {
	OK = 0,	/* done */
	END,	/* nothing more (iterators only) */
	SKIP,	/* this item is unusable; err says why; go on */
	STOP	/* the environment failed; err says why; stop */
};

/* The message of the last failure; untouched on success. Needs no freeing. */
struct err {
	char text[1024];
	int retry;	/* 1: a passing fault; the same may succeed in a later run */
};

/* Each sets err->text from the format (cut at its size) and returns its outcome. err may be NULL. */
enum outcome err_skip(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
enum outcome err_stop(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* As err_skip, and marks the fault as passing (err->retry = 1): the ledger state becomes retry. */
enum outcome err_retry(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* clang-tidy sees one file at a time: what they return. */
#if defined(__clang_analyzer__) && !defined(ERR_ITSELF)
#define err_skip(...) ((void)err_skip(__VA_ARGS__), SKIP)
#define err_stop(...) ((void)err_stop(__VA_ARGS__), STOP)
#define err_retry(...) ((void)err_retry(__VA_ARGS__), SKIP)
#endif

#endif
