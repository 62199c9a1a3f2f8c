/* SPDX-License-Identifier: MIT */
/* The summary as JSON: one object, documented in doc/dmarcsift.schema.json, versioned by its number `schema`. */
#ifndef REPORT_JSON_H
#define REPORT_JSON_H

#include "base/err.h"
#include "report/out.h"
#include "report/summary.h"

void json_write(struct out *o, const struct summary *s);	/* errors stick in o */

#endif
