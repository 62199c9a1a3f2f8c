/* SPDX-License-Identifier: MIT */
/*
 * Whose mail each sender's is: the user's label, passing history, vouched for by what authenticated it; how sure that is; and the
 * class. Decided over the whole database. See ruling.h.
 */
#include <string.h>

#include "report/ruling.h"
#include "report/sender.h"

enum { MONTH = 30 };	/* days sums are looked at by, where they are many */

/* Mail that only passes through: its DKIM passes are somebody's who wrote to a list or forwards. */
static int
passes_on(const struct sender_sum *x)
{
	static const char *const kinds[] = { "forwarder", "alias-relay", "mailing-list", "mailbox", "security-gateway" };
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(x->category, kinds[i]) == 0)
			return 1;
	return 0;
}

int
standings_may_sign(void *ctx, const char *sender, const char *kind, const char *category, const char *selector)
{
	const struct analysis *a = ctx;
	const struct sender *s = strcmp(kind, "catalogue") == 0 ? sender_find(sender) : NULL;

	/* What the user's own mailbox host signs for them, as it does; other hosts, services and forwarders are told by the catalogue. */
	return (strcmp(kind, "catalogue") != 0 || (strcmp(category, "mailbox") == 0 && s != NULL && sender_may_sign_by(s, selector))) &&
	    label_of_sender(&a->labels, sender) == NULL;
}

/* 1: it passes as another of the configured domains. */
static int
is_users_own(const struct analysis *a, const struct sender_sum *x)
{
	return strcmp(x->kind, "domain") == 0 && a->users != NULL && store_is_listed(a->users, x->sender);
}

/*
 * The failing mail itself passed as a sending service of the catalogue, as the user's own account at a host of mailboxes, or as their own organisational domain
 * or another of their configured domains, often enough.
 */
static enum outcome
is_vouched(struct analysis *a, const struct known *k, int *vouched, struct err *err)
{
	const struct sender_sum *x = &k->sum;
	const struct thresholds *t = a->thresholds;
	int host = strcmp(x->category, "mailbox") == 0;
	struct results r;
	int more;

	*vouched = 0;
	if ((double)x->most_failing < t->vouched_messages || (double)x->fail_days < t->vouched_days)
		return OK;
	if (strcmp(x->sender, x->org) != 0 && !host && !is_users_own(a, x) && (strcmp(x->kind, "catalogue") != 0 || !sender_is_service(sender_find(x->sender))))
		return OK;
	/* Known by its address or reverse name alone it is named, but nothing vouches. */
	if (results_read(a, x->fail_set, &r, err) != OK)
		return STOP;
	*vouched = host ? results_own_account(a, x, &r) != NULL : strstr(r.dkim, "=pass") != NULL || strstr(r.spf, "=pass") != NULL;
	if (*vouched)
		return OK;
	/* One address, or receiver, that shows nothing may tell of most. */
	more = failing_mail_vouches(a, k, t->vouched_messages, host, err);
	*vouched = more > 0;
	return more < 0 ? STOP : OK;
}

/* Volume, number of days, and steadiness: mail in at least every other week. */
static const char *
sureness(const struct thresholds *t, const struct sender_sum *x)
{
	int64_t days = x->pass_days + x->fail_days;
	int weeks = words_days(x->first_day, x->last_day) / 7 + 1, steady = x->weeks * 2 >= weeks;

	if ((double)x->messages >= t->sure_messages && (double)days >= t->sure_days && steady)
		return "high";
	return (double)x->messages >= t->judge_messages && (double)days >= t->history_days ? "medium" : "low";
}

static enum outcome
decide_mine(struct analysis *a, struct known *k, struct err *err)
{
	const struct sender_sum *x = &k->sum;
	const struct label *l = label_of_sender(&a->labels, x->sender);
	int64_t history = passes_on(x) && x->own_way == 0 ? x->spf_pass_days : x->pass_days;
	int vouched;

	k->name = l != NULL && l->name != NULL ? l->name : x->name;
	k->confidence = sureness(a->thresholds, x);
	k->basis = "";
	if (l != NULL) {
		k->label = l->class;
		k->mine = strcmp(l->class, "mine") == 0;
		k->basis = "label";
		k->confidence = "high";
	} else if ((double)history >= a->thresholds->history_days) {
		k->mine = 1;
		k->basis = "history";
	} else {
		if (is_vouched(a, k, &vouched, err) != OK)
			return STOP;
		k->mine = vouched;
		k->basis = vouched ? "vouched" : "";
	}
	return OK;
}

static const char *
class_of(const struct known *k)
{
	const struct sender_sum *x = &k->sum;

	if (k->label != NULL && strcmp(k->label, "not_mine") == 0)
		return "not_you";
	if (k->label != NULL && strcmp(k->label, "forwarder") == 0)
		return "forwarded";
	if (k->label != NULL && strcmp(k->label, "ignore") == 0)
		return "undecided";
	if (k->mine && x->refused > 0)
		return "losing";
	if (x->failing + x->refused > 0)
		return k->mine ? "at_risk" : "undecided";
	return x->passing > 0 ? "passing" : x->forwarded > 0 ? "forwarded" : "undecided";
}

/* No trace of the user: it shows nothing but its address, or passes as a domain nobody knows and is gone after a day or two. */
int
standing_is_stranger(const struct thresholds *t, const struct known *k)
{
	const struct sender_sum *x = &k->sum;
	int days = words_days(x->first_day, x->last_day) + 1;
	double weeks = days > MONTH ? MONTH / 7.0 : days > 7 ? (days + 6) / 7 : 1;
	int passing_by = strcmp(x->kind, "domain") == 0 && strcmp(x->sender, x->org) != 0 && (double)(x->fail_days + x->pass_days) < t->history_days;

	return !k->mine && k->label == NULL && strcmp(k->class, "undecided") == 0 && (strcmp(x->kind, "address") == 0 || passing_by) &&
	    (double)x->most < t->crowd_weekly * weeks;	/* a single message of another age makes no one rare */
}

enum outcome
standing_evidence(struct analysis *a, const struct known *k, const char **evidence, struct err *err)
{
	struct results r;

	if (k->label != NULL) {
		*evidence = "your label";
		return OK;
	}
	if (strcmp(k->class, "not_you") == 0) {
		*evidence = "by its address only";
		return OK;
	}
	if (results_read(a, k->sum.auth_set, &r, err) != OK)
		return STOP;
	*evidence = words_evidence(a, k, &r);
	return OK;
}

enum outcome
standing_decide(struct analysis *a, struct known *k, struct err *err)
{
	if (decide_mine(a, k, err) != OK)
		return STOP;
	k->class = class_of(k);
	return OK;
}
