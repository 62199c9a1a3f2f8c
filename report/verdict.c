/* SPDX-License-Identifier: MIT */
/* See verdict.h. The steps follow one another as in the table test, tests/unit/test_verdict.c. */
#include "report/verdict.h"

#include <string.h>

#include "base/text.h"

/* One record with what is derived from it on the way. */
struct look {
	const struct feedback *f;
	const struct record *r;
	const char *from;		/* From domain; the policy domain where the record has none */
	int raw_dkim, raw_spf;		/* aligned raw pass of the mechanism */
	int has_mfrom;
};

/* SPF results without a domain are of the reverse-path. NULL: none is known. */
static const char *
identifier(const struct look *l, const struct auth *a)
{
	return a->domain != NULL || a->kind == KIND_DKIM ? a->domain : l->r->envelope_from;
}

/* The identifier aligns with the From domain, whatever its result. */
static int
aligns(const struct look *l, const struct auth *a)
{
	const struct word *mode = a->kind == KIND_DKIM ? &l->f->adkim : &l->f->aspf;

	return domain_aligned(identifier(l, a), l->from, mode->code == 's');
}

/* HELO counts only for a null reverse-path (RFC 7208 section 2.4) and where no MAIL FROM result is given. */
static int
scope_counts(const struct look *l, const struct auth *a)
{
	return a->kind == KIND_DKIM || a->scope.code != SCOPE_HELO || (l->r->envelope_from_empty && !l->has_mfrom);
}

static void
gather(struct look *l, struct judgement *out)
{
	size_t i;

	for (i = 0; i < l->r->nauths; i++)
		if (l->r->auths[i].kind == KIND_SPF && l->r->auths[i].scope.code != SCOPE_HELO)
			l->has_mfrom = 1;
	for (i = 0; i < l->r->nauths; i++) {
		const struct auth *a = &l->r->auths[i];
		int strict;

		if (a->kind == KIND_SPF && a->result.code == AUTH_PERMERROR && scope_counts(l, a) && domain_aligned(identifier(l, a), l->from, 0))
			out->flags |= FLAG_SPF_PERMERROR;
		if (a->result.code != AUTH_PASS || !scope_counts(l, a) || !aligns(l, a))
			continue;
		strict = domain_aligned(identifier(l, a), l->from, 1);
		if (a->kind == KIND_DKIM) {
			l->raw_dkim = 1;
			out->flags |= strict ? FLAG_DKIM_STRICT : 0;
		} else {
			l->raw_spf = 1;
			out->flags |= strict ? FLAG_SPF_STRICT : 0;
		}
	}
}

/* Step 1: the reporter's word, else the raw results. */
static void
verdict(const struct look *l, struct judgement *out)
{
	int d = l->r->dkim.code, s = l->r->spf.code;

	out->basis = BASIS_REPORTED;
	if (d == DMARC_PASS || s == DMARC_PASS) {
		out->verdict = VERDICT_PASS;
	} else if (d == DMARC_FAIL && s == DMARC_FAIL) {
		out->verdict = VERDICT_FAIL;
	} else if (l->r->nauths == 0) {
		out->verdict = VERDICT_UNKNOWN;
		out->basis = BASIS_NONE;
	} else {
		out->verdict = l->raw_dkim || l->raw_spf ? VERDICT_PASS : VERDICT_FAIL;
		out->basis = BASIS_RECOMPUTED;
	}
	if (out->verdict == VERDICT_PASS) {
		int recomputed = out->basis == BASIS_RECOMPUTED;

		out->flags |= (recomputed ? l->raw_dkim : d == DMARC_PASS) ? FLAG_DKIM : 0;
		out->flags |= (recomputed ? l->raw_spf : s == DMARC_PASS) ? FLAG_SPF : 0;
	}
}

/* OpenDMARC's reports have no version, and an id "example.org:1795132800". */
static int
is_opendmarc(const struct feedback *f)
{
	const char *colon = f->version == NULL && f->report_id != NULL ? strrchr(f->report_id, ':') : NULL;
	size_t digits = colon != NULL ? strspn(colon + 1, "0123456789") : 0;

	return digits >= 9 && colon[1 + digits] == '\0';
}

/* Step 2: a temporary error of an identifier that counts and could align leaves the verdict open (RFC 7489 section 6.6.2). */
static void
temporary(const struct look *l, struct judgement *out)
{
	size_t i;

	for (i = 0; out->verdict == VERDICT_FAIL && i < l->r->nauths; i++) {
		const struct auth *a = &l->r->auths[i];

		if (a->result.code != AUTH_TEMPERROR || !scope_counts(l, a) || !aligns(l, a))
			continue;
		/* "unknown" is another word for it; OpenDMARC's means: not evaluated. */
		if (strcmp(a->result.text, "unknown") != 0 || !is_opendmarc(l->f))
			out->verdict = VERDICT_UNDETERMINED;
	}
}

/* Step 3 and 4: which tag applies, and what it would ask under p=reject (pct=100, t=n). */
static int
action_under_reject(const struct look *l, struct judgement *out)
{
	const struct feedback *f = l->f;
	int sp = f->sp.code;

	if (l->r->header_from == NULL)
		out->flags |= FLAG_NO_FROM;
	if (f->domain == NULL || l->from == NULL || strcmp(l->from, f->domain) == 0)
		return POLICY_REJECT;
	if (!domain_within(l->from, f->domain)) {
		out->flags |= FLAG_FOREIGN_FROM;
		return POLICY_REJECT;
	}
	out->flags |= FLAG_SUBDOMAIN;
	if (sp != POLICY_ABSENT && sp != POLICY_UNKNOWN && sp != f->p.code)
		return sp;
	out->flags |= FLAG_SUB_INHERITS;
	return POLICY_REJECT;
}

static int
policy_rank(int policy)
{
	return policy == POLICY_REJECT ? 2 : policy == POLICY_QUARANTINE ? 1 : 0;
}

static int
disposition_rank(int disposition)
{
	switch (disposition) {
	case DISP_NONE:
	case DISP_PASS:
		return 0;
	case DISP_QUARANTINE:
		return 1;
	case DISP_REJECT:
		return 2;
	default:
		return -1;
	}
}

/* The dispositions the published policy allows: from least to most. */
static void
expected(const struct look *l, const struct judgement *j, int *least, int *most)
{
	const struct feedback *f = l->f;
	int sub = (j->flags & FLAG_SUBDOMAIN) != 0 && f->sp.code != POLICY_ABSENT && f->sp.code != POLICY_UNKNOWN;
	int rank = policy_rank(sub ? f->sp.code : f->p.code);

	if (f->testing.code == 'y' && rank > 0)
		rank--;
	*least = *most = rank;
	if (f->pct != NO_NUMBER && f->pct < 100 && rank > 0)
		*least = rank - 1;
}

static int
forward_hint(const struct look *l, struct judgement *out, int override)
{
	int hint = 0;
	size_t i;

	for (i = 0; i < l->r->nreasons; i++) {
		const struct reason *x = &l->r->reasons[i];

		switch (x->type.code) {
		case REASON_FORWARDED:
		case REASON_TRUSTED_FORWARDER:
		case REASON_MAILING_LIST:
			out->flags |= FLAG_FORWARD_REASON;
			hint = 1;
			break;
		case REASON_LOCAL_POLICY:
			if (x->comment != NULL && text_find(x->comment, "arc=pass") != NULL)
				out->flags |= FLAG_FORWARD_REASON;
			hint |= override;
			break;
		default:
			break;
		}
	}
	return hint;
}

/* Steps 5 and 6: would this receiver have spared it, and the class. */
static void
classify(const struct look *l, struct judgement *out, int action)
{
	int observed = disposition_rank(l->r->disposition.code), least, most, override, hint;

	expected(l, out, &least, &most);
	override = observed >= 0 && observed < least;
	hint = forward_hint(l, out, override);
	if (out->verdict == VERDICT_FAIL) {
		out->flags |= override ? FLAG_OVERRIDE : 0;
		out->flags |= observed > most ? FLAG_HARSHER : 0;
		out->flags |= override && observed == 1 ? FLAG_QUARANTINED_HERE : 0;
	}
	switch (out->verdict) {
	case VERDICT_PASS:
		out->under_reject = UNDER_DELIVERED;
		break;
	case VERDICT_UNDETERMINED:
		out->under_reject = UNDER_UNDETERMINED;
		break;
	case VERDICT_UNKNOWN:
		out->under_reject = UNDER_UNKNOWN;
		break;
	case VERDICT_FAIL:
		out->under_reject = action == POLICY_NONE ? UNDER_DELIVERED_FAILING : action == POLICY_QUARANTINE ? UNDER_QUARANTINED :
		    override || hint ? UNDER_LIKELY_SPARED : UNDER_REJECTED;
		break;
	}
	if (out->verdict == VERDICT_FAIL && least == 2 && observed == 0 && l->r->nreasons == 0)
		out->disputed |= 8;
}

static void
dispute(const struct look *l, struct judgement *out)
{
	int d = l->r->dkim.code, s = l->r->spf.code;

	if ((d == DMARC_PASS && !l->raw_dkim) || (s == DMARC_PASS && !l->raw_spf))
		out->disputed |= 1;
	if ((d == DMARC_FAIL && l->raw_dkim) || (s == DMARC_FAIL && l->raw_spf))
		out->disputed |= 2;
	if (out->verdict == VERDICT_PASS && disposition_rank(l->r->disposition.code) > 0)
		out->disputed |= 4;
}

void
verdict_of(const struct feedback *f, const struct record *r, struct judgement *out)
{
	struct look l = { f, r, r->header_from != NULL ? r->header_from : f->domain, 0, 0, 0 };
	int action;

	memset(out, 0, sizeof(*out));
	gather(&l, out);
	verdict(&l, out);
	temporary(&l, out);
	action = action_under_reject(&l, out);
	classify(&l, out, action);
	dispute(&l, out);
}

const char *
verdict_bucket(const char *disposition, const struct judgement *j, int mine)
{
	int refused = strcmp(disposition, "reject") == 0 || strcmp(disposition, "quarantine") == 0;

	if (j->verdict == VERDICT_PASS)
		return "passing";
	if (mine && refused)
		return "lost";
	if (j->verdict == VERDICT_UNDETERMINED || j->verdict == VERDICT_UNKNOWN)
		return "undetermined";
	return mine ? "at_risk" : "undecided";
}
