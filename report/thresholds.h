/* SPDX-License-Identifier: MIT */
/*
 * The figures at which the analysis makes up its mind, as settings: section `thresholds` of the
 * configuration, each under its field's name. One table holds names, defaults and bounds; the manual lists them.
 */
#ifndef REPORT_THRESHOLDS_H
#define REPORT_THRESHOLDS_H

#include <stddef.h>

struct thresholds {	/* days, messages, addresses or per cent */
	/* whose mail it is */
	double history_days;		/* days of aligned passes that make a sender the user's */
	double vouched_messages;	/* failing in 30 days; below, a vouched sender stays undecided: one message a month is nobody's newsletter */
	double vouched_days;
	double sure_messages;		/* from here on, and */
	double sure_days;		/* on so many days, confidence is high */
	double crowd_addresses;		/* strangers at so many addresses are a crowd: not you */
	double crowd_weekly;		/* each below so many messages a week */
	double judge_messages;		/* below this nothing is judged, and no percentage is shown */
	/* findings */
	double new_days;		/* first seen within so many days: NEW */
	double gone_days;		/* nothing for so many days: GONE */
	double blind_days;		/* a receiver that reported on so many days of the last 90, and then */
	double blind_silence;		/* nothing for so many days, while others go on: BLIND */
	double stale_gaps;		/* no report for longer than so many usual gaps: STALE */
	/* conditions for the next policy, ux.md section 4 */
	double gate_days;		/* days with reports */
	double gate_messages;		/* messages of the user's */
	double gate_quarantine;		/* per cent of them that pass, for p=quarantine */
	double gate_reject;		/* the same for p=reject */
	double gate_failing;		/* most per cent of one sender that fail */
	double gate_new_days;		/* a sender first seen within must pass */
	double gate_spf_only;		/* most per cent that pass by SPF only, for p=reject */
	double gate_reporters;		/* reporters heard */
	double gate_fresh_days;		/* age of the newest report */
	double gate_spf_errors;		/* most per cent whose SPF cannot be evaluated, for p=quarantine; none for p=reject */
	/* the digest */
	double digest_messages;		/* LOST is told at once from so many messages on, */
	double digest_percent;		/* or from this share of the domain's own mail */
	double digest_repeat_days;	/* an unchanged finding is not repeated before */
};

struct threshold_name {
	const char *name;
	size_t offset;
	double usual, least, most;
};
extern const struct threshold_name threshold_names[];	/* ended by name NULL */

/* The defaults. */
struct thresholds thresholds_usual(void);
/* The field a row of the table names. */
double *threshold_at(struct thresholds *t, const struct threshold_name *name);

#endif
