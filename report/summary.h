/* SPDX-License-Identifier: MIT */
/* DRAFT of look, replaced by judge's. */
#ifndef REPORT_SUMMARY_H
#define REPORT_SUMMARY_H
#include <stddef.h>
#include <stdint.h>
struct arena;
struct counts { int64_t messages, passing, lost, at_risk, forwarded, undecided, undetermined; };
struct sum_fix { const char *type, *name, *value; };
struct sum_address { const char *address, *ptr; int64_t messages; };
struct sum_combo { const char *header_from, *envelope_from, *dkim, *spf, *disposition, *reasons; int64_t messages; };
struct sum_receiver_part { const char *name; int64_t messages, none, quarantine, reject; };
struct sum_report_id { const char *org_name, *report_id, *day; };
struct sum_sender {
	const char *sender, *name, *class_, *confidence, *evidence;
	struct counts counts;
	int64_t pass_dkim, pass_spf, addresses;
	const char *first_day, *last_day;
	const int64_t *daily, *daily_bad;
	const char *why;
	const struct sum_fix *fixes; size_t nfixes;
	const char *fix_where, *fix_note, *fix_confidence;
	const struct sum_address *top; size_t ntop;
	const struct sum_combo *combos; size_t ncombos;
	const struct sum_receiver_part *receivers; size_t nreceivers;
	const struct sum_report_id *reports; size_t nreports;
	const char *label;
};
struct sum_day { struct counts counts; int reported; };
enum gate_state { GATE_UNKNOWN, GATE_YES, GATE_NO };
struct sum_gate { const char *name, *value, *wanted, *blockers; enum gate_state state; };
struct sum_whatif { const char *name; int64_t messages; };
struct sum_receiver { const char *name; int64_t messages; const char *first_day, *last_day; int64_t days_reported, days_expected, none, quarantine, reject; const char *oddities; const char *grid; };
struct sum_change { const char *day, *text; };
struct sum_subdomain { const char *name; int64_t messages, passing; };
struct sum_domain {
	const char *domain, *p, *sp, *np, *adkim, *aspf, *testing; int64_t pct;
	struct counts counts;
	const char *newest_day; int64_t gap_days; int64_t reporters;
	const struct sum_day *days; size_t ndays; /* from period begin */
	const struct sum_sender *senders; size_t nsenders; int64_t more_senders, more_messages;
	const struct sum_gate *gates; size_t ngates; const char *next_policy;
	const struct sum_whatif *whatif; size_t nwhatif; int64_t whatif_lost;
	const struct sum_receiver *receivers; size_t nreceivers;
	const struct sum_change *changes; size_t nchanges;
	const struct sum_subdomain *subdomains; size_t nsubdomains;
	int64_t not_you_messages, not_you_addresses, not_you_stopped;
};
struct sum_finding { const char *code, *domain, *sender, *since, *text, *why, *fix, *confidence; int64_t messages; };
struct sum_intake { const char *origin, *state, *reason; };
struct summary {
	const char *generated_at, *version, *database, *begin, *end;
	struct counts counts;
	const char *newest_day; int64_t gap_days; int stale; int64_t reporters;
	const struct sum_domain *domains; size_t ndomains;
	const struct sum_finding *findings; size_t nfindings;
	const struct sum_intake *intake; size_t nintake; int64_t intake_more;
	const char *const *foreign; size_t nforeign;
	const char *catalogue_date;
};
#endif
