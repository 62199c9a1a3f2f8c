/* SPDX-License-Identifier: MIT */
/* Names, defaults and bounds of the thresholds; see thresholds.h. A new one is added there, here and in the manual. */
#include "report/thresholds.h"

#define ROW(field, usual, least, most) { #field, offsetof(struct thresholds, field), usual, least, most }

const struct threshold_name threshold_names[] = {
	ROW(history_days, 3, 1, 365),
	ROW(vouched_messages, 3, 1, 1e9),
	ROW(vouched_days, 2, 1, 365),
	ROW(sure_messages, 100, 1, 1e9),
	ROW(sure_days, 7, 1, 365),
	ROW(crowd_addresses, 10, 2, 1e9),
	ROW(crowd_weekly, 5, 1, 1e9),
	ROW(judge_messages, 20, 1, 1e9),
	ROW(new_days, 7, 1, 365),
	ROW(gone_days, 30, 1, 3650),
	ROW(blind_days, 20, 2, 90),
	ROW(blind_silence, 10, 2, 90),
	ROW(stale_gaps, 3, 1, 365),
	ROW(gate_days, 28, 1, 3650),
	ROW(gate_messages, 500, 0, 1e9),
	ROW(gate_quarantine, 98, 0, 100),
	ROW(gate_reject, 99.5, 0, 100),
	ROW(gate_failing, 5, 0, 100),
	ROW(gate_new_days, 14, 1, 365),
	ROW(gate_spf_only, 2, 0, 100),
	ROW(gate_reporters, 3, 1, 1000),
	ROW(gate_fresh_days, 3, 1, 365),
	ROW(gate_spf_errors, 0.5, 0, 100),
	ROW(digest_messages, 5, 1, 1e9),
	ROW(digest_percent, 1, 0, 100),
	ROW(digest_repeat_days, 7, 1, 365),
	{ NULL, 0, 0, 0, 0 }
};

double *
threshold_at(struct thresholds *t, const struct threshold_name *name)
{
	return (double *)(void *)((char *)t + name->offset);
}

struct thresholds
thresholds_usual(void)
{
	const struct threshold_name *n;
	struct thresholds t;

	for (n = threshold_names; n->name != NULL; n++)
		*threshold_at(&t, n) = n->usual;
	return t;
}
