/* SPDX-License-Identifier: MIT */
/*
 * Bytes without escaping, for writers whose format has other rules than HTML. Tables, JSON
 * and the mail include this; a page never does (tests/unit/test_out.c looks).
 */
#ifndef REPORT_OUT_RAW_H
#define REPORT_OUT_RAW_H

#include <stddef.h>

struct out;

void out_raw(struct out *o, const void *bytes, size_t len);

#endif
