/* SPDX-License-Identifier: MIT */
/*
 * What a record means: the DMARC verdict, and what would have happened under p=reject. Three questions
 * are never mixed: what the receiver did (disposition), what the published policy asks, and what p=reject would ask.
 */
#ifndef REPORT_VERDICT_H
#define REPORT_VERDICT_H

#include "parse/parse.h"
#include "sql/store.h"

/*
 * Judges one record under its report's head. The verdict is the reporter's word (RFC 7489 appendix C,
 * policy_evaluated), recomputed from the raw results only where it is missing; alignment is RFC 7489 section 3.1.
 * Contradictions between the two are kept as disputed: bit 0 C1 (pass without an aligned raw pass), bit 1 C2 (fail
 * with one), bit 2 C3 (pass, yet refused), bit 3 C4 (fail under reject, yet delivered without a reason). Thread-safe.
 */
void verdict_of(const struct feedback *f, const struct record *r, struct judgement *out);

/* Bucket of mail that was not forwarded: "passing", "lost", "at_risk", "undecided" or "undetermined". Static. */
const char *verdict_bucket(const char *disposition, const struct judgement *j, int mine);

#endif
