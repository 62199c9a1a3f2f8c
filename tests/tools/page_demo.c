/* SPDX-License-Identifier: MIT */
/*
 * Writes a page from a summary filled by hand, for looking at it and for the browser's tests:
 *   page_demo story|fine|empty|hostile|many|large FILE
 * story: mail lost through Mandrill, JangoMail at risk, payroll undecided, Google Workspace fine. many: twenty domains. large:
 * one domain with everything at its cap. hostile: strangers' text of the worst kind in every field.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/text.h"
#include "report/html.h"
#include "report/out.h"
#include "report/summary.h"

enum { DAYS = 30 };

#define BEGIN "2026-10-23"
#define END_DAY "2026-11-21"
#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* A small generator of its own, so that a page is the same everywhere. */
static uint32_t seed = 1;
static struct arena *all;	/* everything the summary points to */

static void *
give(size_t size)
{
	return arena_alloc(all, size);
}

/* "sender-", 7, ".example" as one word. */
static const char *
numbered(const char *before, size_t n, const char *after)
{
	char *made = mem_fmt("%s%zu%s", before, n, after), *kept = arena_str(all, made);

	free(made);
	return kept;
}

static int64_t
some(int64_t least, int64_t most)
{
	seed = seed * 1664525u + 1013904223u;
	return least + (int64_t)(seed >> 8) % (most - least + 1);
}

static const char *
day_after(int n)
{
	char day[11];
	int64_t at;

	(void)text_when(BEGIN, &at);
	(void)text_day(at + n * 86400, day);
	return arena_str(all, day);
}

/* A series that sums to total over the days first..last, the largest part at the end of the week. */
static int64_t *
series(int64_t total, int first, int last)
{
	int64_t *v = give(DAYS * sizeof(*v)), weight[DAYS], sum = 0, given = 0;
	int i;

	for (i = first; i <= last; i++)
		sum += weight[i] = some(60, 100) * ((i + 4) % 7 < 2 ? 1 : 4);
	for (i = first; i <= last; i++)
		given += v[i] = total * weight[i] / sum;
	v[last] += total - given;
	return v;
}

static void
add_series(struct sum_day *days, const int64_t *v, size_t at)
{
	int i;

	for (i = 0; i < DAYS; i++) {
		int64_t *field[] = { &days[i].counts.passing, &days[i].counts.lost, &days[i].counts.at_risk, &days[i].counts.forwarded,
		    &days[i].counts.undecided };

		*field[at] += v[i];
		days[i].counts.messages += v[i];
	}
}

static const struct sum_fix mandrill_fix[] = {
	{ "CNAME", "mte1._domainkey.example.org", "dkim1.mandrillapp.com" },
	{ "CNAME", "mte2._domainkey.example.org", "dkim2.mandrillapp.com" },
};
static const struct sum_fix jango_fix[] = {
	{ "TXT", "<selector>._domainkey.example.org", "v=DKIM1; k=rsa; p=<key>" },
};
static const struct sum_combo mandrill_combos[] = {
	{ "example.org", "mail.mandrillapp.com", "mandrillapp.com/mte1=pass", "mail.mandrillapp.com=pass", "reject", NULL, 289 },
	{ "example.org", "mail.mandrillapp.com", "mandrillapp.com/mte1=pass", "mail.mandrillapp.com=pass", "quarantine", NULL, 123 },
	{ "example.org", "mail.mandrillapp.com", "mandrillapp.com/mte1=pass", "mail.mandrillapp.com=pass", "none", "local_policy: trusted", 38 },
};
static const struct sum_address mandrill_addresses[] = {
	{ "198.51.100.14", "mail14.mandrillapp.com", 201 }, { "198.51.100.77", "mail77.mandrillapp.com", 150 },
	{ "2001:db8::25:1", NULL, 99 },
};
static const struct sum_heard mandrill_receivers[] = {
	{ "google.com", 300, 20, 0, 280 }, { "Yahoo", 120, 0, 120, 0 }, { "Mail.Example Receiver", 30, 18, 3, 9 },
};
static const struct sum_report_id mandrill_reports[] = {
	{ "google.com", "10239148213909801238", "2026-11-21" }, { "Yahoo", "1732147200.123456", "2026-11-20" },
};
static const struct sum_gate gates[] = {
	{ "Days with reports", "29", "28 or more, the end of a month among them", NULL, GATE_YES },
	{ "Messages of yours", "23,033", "500 or more", NULL, GATE_YES },
	{ "Your mail that passes", "92.9 %", "98 % or more", NULL, GATE_NO },
	{ "Senders of yours that fail more than 5 %", "2", "none", "JangoMail, Mandrill", GATE_NO },
	{ "Undecided senders with 20 messages or more", "1", "none", "203.0.113.8", GATE_NO },
	{ "New sender in the last 14 days not passing", "Mandrill", "none", "Mandrill", GATE_NO },
	{ "Reporters heard, newest at most 3 days old", "11", "3 or more", NULL, GATE_YES },
	{ "SPF permanent errors", "unknown", "under 0.5 %", NULL, GATE_UNKNOWN },
};
static const struct sum_whatif whatif[] = { { "JangoMail", 1204 }, { "Mandrill", 450 } };
static const struct sum_change changes[] = {
	{ "2026-10-28", "Mandrill was seen for the first time." },
	{ "2026-11-12", "Receivers began to see the policy p=quarantine (before: p=none)." },
	{ "2026-11-12", "Mandrill mail is refused." },
};
static const struct sum_receiver receivers[] = {
	{ "google.com", 14200, 13900, 0, 300, "2026-10-23", "2026-11-21", 30, 30, NULL, "111111111111111111111111111111" },
	{ "Yahoo", 5110, 4990, 120, 0, "2026-10-23", "2026-11-20", 28, 30, NULL, "111111101111111111111111111101" },
	{ "Outlook.com", 3650, 3650, 0, 0, "2026-10-23", "2026-11-20", 25, 30, "counts that contradict its dispositions on 2 days",
	    "111110011111110011111111111110" },
	{ "Mail.Example Receiver", 1350, 1335, 6, 9, "2026-11-02", "2026-11-21", 18, 20, NULL, "----------11111111111011111011" },
};
static const struct sum_subdomain subdomains[] = { { "news.example.org", 2981 }, { "shop.example.org", 412 } };
static const struct sum_finding findings[] = {
	{ "LOST", "example.org", "mandrill", "2026-11-12", "412 messages sent through Mandrill were refused (3 receivers) since 12 Nov.",
	    "They are signed by mandrillapp.com, not by example.org.", "Publish in DNS: mte1, mte2.", "high", NULL, NULL, 412, NULL },
	{ "RISK", "example.org", "jangomail", "2026-10-23", "1,204 messages through JangoMail pass nothing that matches example.org.",
	    "Delivered only because your policy lets them through. Raising it would lose them.", "Publish in DNS: the key shown in JangoMail.", "medium", NULL, NULL, 1204, NULL },
	{ "DECIDE", "example.org", "203.0.113.8", "2026-10-30",
	    "220 messages from 203.0.113.8 (mail.payroll.example) every month-end failed. Yours?",
	    NULL, "dmarcsift label 203.0.113.8 mine payroll", "low", NULL, NULL, 220, NULL },
	{ "SPFONLY", "example.org", "sendgrid", "2026-10-23", "SendGrid mail passes by address only. Forwarded copies will be lost. Turn on its DKIM.",
	    NULL, NULL, "high", NULL, NULL, 2981, NULL },
	{ "FWDBROKEN", "example.org", NULL, "2026-10-23", "41 forwarded messages were altered on the way (mailing list footer?) and failed. "
	    "Usually cannot be fixed by you.", NULL, NULL, "medium", NULL, NULL, 41, NULL },
	{ "NEW", "example.org", "freshdesk", "2026-11-17", "First time seen this week: Freshdesk, 14 messages, passing.", NULL, NULL, "high", NULL, NULL, 14, NULL },
	{ "NOTYOU", "example.org", NULL, "2026-10-23", "302 messages from 61 unrelated addresses claimed to be you. 298 were stopped. "
	    "That is the policy working.", NULL, NULL, "high", NULL, NULL, 302, NULL },
};
static const struct sum_intake intake[] = {
	{ "inbox.mbox#312/part 2/report.zip", "damaged", "the archive ends early: 1,204 of 5,120 bytes" },
	{ "inbox.mbox#401", "not_a_report", "TLS report (RFC 8460)" },
};

struct line {
	const char *sender, *name, *class_name, *evidence, *why;
	int64_t passing, lost, at_risk, forwarded, undecided, dkim, spf, addresses;
	int first, last;
};
static const struct line lines[] = {
	{ "mandrill", "Mandrill", "losing", "DKIM d=mandrillapp.com", "Signed by mandrillapp.com, not by example.org: authenticated, but as somebody else.",
	    0, 412, 38, 0, 0, 0, 0, 3, 5, 28 },
	{ "jangomail", "JangoMail", "at_risk", "envelope jangomail.example", "Neither its signature nor its envelope matches example.org.",
	    0, 0, 1204, 0, 0, 0, 0, 6, 0, 29 },
	{ "203.0.113.8", "203.0.113.8", "undecided", "address only; calls itself mail.payroll.example", "Fails both, every month-end.",
	    0, 0, 0, 0, 220, 0, 0, 1, 7, 8 },
	{ "google-workspace", "Google Workspace", "passing", "DKIM d=example.org, selector google", "Passes by DKIM and by SPF.",
	    18220, 0, 0, 0, 0, 18220, 17904, 41, 0, 29 },
	{ "sendgrid", "SendGrid", "passing", "envelope em77.example.org", "Passes by SPF only; forwarded copies will be lost.",
	    2981, 0, 0, 0, 0, 0, 2981, 2, 0, 29 },
	{ "freshdesk", "Freshdesk", "passing", "DKIM d=example.org, selector fd", "New this week, passing.", 14, 0, 0, 0, 0, 14, 0, 2, 25, 29 },
	{ "forwarders", "7 forwarders", "forwarded", "DKIM of example.org from addresses that are not usual", "Forwarded by recipients.",
	    0, 0, 0, 971, 0, 930, 0, 7, 0, 29 },
	{ "crowd", "61 unrelated addresses", "not_you", "many networks, few messages each", "Claimed to be you; 298 of 302 were stopped.",
	    0, 0, 0, 0, 302, 0, 0, 61, 0, 29 },
};

static void
add_counts(struct counts *to, const struct counts *c)
{
	to->messages += c->messages;
	to->passing += c->passing;
	to->lost += c->lost;
	to->at_risk += c->at_risk;
	to->forwarded += c->forwarded;
	to->undecided += c->undecided;
	to->undetermined += c->undetermined;
}

/* One sender from its line, its series added to the domain's days. */
static void
fill_sender(struct sum_sender *s, const struct line *l, struct sum_day *days)
{
	int64_t part[] = { l->passing, l->lost, l->at_risk, l->forwarded, l->undecided }, *daily, *bad, *v;
	size_t i;
	int day;

	s->sender = l->sender;
	s->name = l->name;
	s->class = l->class_name;
	s->confidence = "high";
	s->evidence = l->evidence;
	s->why = l->why;
	s->counts = (struct counts){ 0, l->passing, l->lost, l->at_risk, l->forwarded, l->undecided, 0 };
	daily = give(DAYS * sizeof(*daily));
	bad = give(DAYS * sizeof(*bad));
	for (i = 0; i < COUNT(part); i++) {
		if (part[i] == 0)
			continue;
		v = series(part[i], i == 1 && l->first < 20 ? 20 : l->first, l->last);
		add_series(days, v, i);
		s->counts.messages += part[i];
		for (day = 0; day < DAYS; day++) {
			daily[day] += v[day];
			bad[day] += i == 1 || i == 2 ? v[day] : 0;
		}
	}
	s->daily = daily;
	s->daily_bad = bad;
	s->pass_dkim = l->dkim;
	s->pass_spf = l->spf;
	s->addresses = l->addresses;
	s->first_day = day_after(l->first);
	s->last_day = day_after(l->last);
	s->label = "dmarcsift label 203.0.113.8 mine payroll";
}

static void
mandrill_details(struct sum_sender *s)
{
	s->fixes = mandrill_fix;
	s->nfixes = COUNT(mandrill_fix);
	s->fix_where = "Mandrill > Settings > Domains > Sending Domains > example.org > Test DNS";
	s->fix_note = "Its envelope cannot match your domain without a custom return path, and need not: DKIM is enough.";
	s->fix_confidence = "high";
	s->combos = mandrill_combos;
	s->ncombos = COUNT(mandrill_combos);
	s->top = mandrill_addresses;
	s->ntop = COUNT(mandrill_addresses);
	s->receivers = mandrill_receivers;
	s->nreceivers = COUNT(mandrill_receivers);
	s->reports = mandrill_reports;
	s->nreports = COUNT(mandrill_reports);
}

static void
fill_domain(struct sum_domain *d, const char *name, const struct line *from, size_t n)
{
	struct sum_sender *senders = give(n * sizeof(*senders));
	struct sum_day *days = give(DAYS * sizeof(*days));
	size_t i;

	for (i = 0; i < n; i++) {
		fill_sender(&senders[i], &from[i], days);
		add_counts(&d->counts, &senders[i].counts);
		if (strcmp(senders[i].sender, "mandrill") == 0 || (i >= COUNT(lines) && i % 3 == 1))
			mandrill_details(&senders[i]);
		if (strcmp(senders[i].sender, "jangomail") == 0) {
			senders[i].fixes = jango_fix;
			senders[i].nfixes = COUNT(jango_fix);
			senders[i].fix_confidence = "medium";
			senders[i].fix_where = "JangoMail > Settings > Sending > DKIM";
		}
	}
	for (i = 0; i < DAYS; i++)
		days[i].reported = i != 11;
	days[11].counts = (struct counts){ 0, 0, 0, 0, 0, 0, 0 };
	*d = (struct sum_domain){ .domain = name, .p = "quarantine", .sp = NULL, .pct = -1, .counts = d->counts,
	    .newest_day = END_DAY, .reporters = 11, .days = days, .ndays = DAYS, .senders = senders, .nsenders = n,
	    .gates = gates, .ngates = COUNT(gates), .next_policy = "reject", .whatif = whatif, .nwhatif = COUNT(whatif), .whatif_lost = 1654,
	    .receivers = receivers, .nreceivers = COUNT(receivers), .changes = changes, .nchanges = COUNT(changes),
	    .subdomains = subdomains, .nsubdomains = COUNT(subdomains), .subdomains_of = d->counts.messages, .not_you_messages = 302, .not_you_addresses = 61, .not_you_stopped = 298 };
}

static void
fill_summary(struct summary *s, size_t ndomains, const struct line *from, size_t n)
{
	struct sum_domain *d = give((ndomains + 1) * sizeof(*d));
	size_t i;

	*s = (struct summary){ .generated_at = "2026-11-22T03:00:00Z", .version = "0.1.0", .database = "dmarc.db", .begin = BEGIN, .end = END_DAY,
	    .newest_day = END_DAY, .gap_days = 1, .reporters = 11, .domains = d, .ndomains = ndomains, .findings = findings,
	    .nfindings = COUNT(findings), .intake = intake, .nintake = COUNT(intake), .catalogue_date = "2026-11" };
	for (i = 0; i < ndomains; i++) {
		fill_domain(&d[i], i == 0 ? "example.org" : numbered("brand-", i, ".example.net"), from, n);
		add_counts(&s->counts, &d[i].counts);
	}
}

static struct line *
many_lines(size_t n)
{
	struct line *l = give(n * sizeof(*l));
	size_t i;

	for (i = 0; i < n; i++) {
		l[i] = lines[i % COUNT(lines)];
		if (i < COUNT(lines))
			continue;
		l[i].sender = numbered("sender-", i, ".example.com");
		l[i].name = numbered(lines[i % COUNT(lines)].name, i, "");
	}
	return l;
}

/* Every string that came from outside, of the worst kind. */
static void
poison(struct summary *s)
{
	static char bad[4200];
	static struct sum_combo combos[1];
	static struct sum_address top[1];
	static struct sum_heard parts[1];
	static struct sum_report_id ids[1];
	static struct sum_receiver heard[2];
	static struct sum_subdomain subs[1];
	static struct sum_intake docs[1];
	static struct sum_finding found[2];
	static const char *names[1];
	const char *start = "</style></script></title><script>document.title='owned'</script><img src=x onerror=alert(1)>"
	    "\"'` onload=x \xe2\x80\xae\x1b[31m\r\n=cmd|'/c calc'!A0 &amp; ";
	struct sum_domain *d = give(sizeof(*d));
	struct sum_sender *senders = give(3 * sizeof(*senders));
	size_t len = strlen(start), i;

	memset(bad, 'W', sizeof(bad) - 1);
	memcpy(bad, start, len);
	*d = s->domains[0];
	memcpy(senders, d->senders, 3 * sizeof(*senders));
	combos[0] = (struct sum_combo){ bad, bad, bad, bad, bad, bad, 1 };
	top[0] = (struct sum_address){ bad, bad, 1 };
	parts[0] = (struct sum_heard){ bad, 1, 0, 1, 0 };
	ids[0] = (struct sum_report_id){ bad, bad, bad };
	for (i = 0; i < 3; i++) {
		senders[i].name = senders[i].evidence = senders[i].why = senders[i].class = senders[i].first_day = senders[i].last_day = bad;
		senders[i].fix_where = senders[i].fix_note = senders[i].fix_confidence = senders[i].label = bad;
		senders[i].combos = combos;
		senders[i].top = top;
		senders[i].receivers = parts;
		senders[i].reports = ids;
		senders[i].ncombos = senders[i].ntop = senders[i].nreceivers = senders[i].nreports = 1;
	}
	heard[0] = heard[1] = receivers[0];
	heard[0].name = heard[0].oddities = heard[0].last_day = bad;
	subs[0].name = bad;
	docs[0] = (struct sum_intake){ bad, bad, bad };
	names[0] = bad;
	found[0] = found[1] = findings[0];
	found[0].text = found[0].why = found[0].fix = found[0].since = found[0].sender = bad;
	found[1].code = found[1].text = bad;
	d->senders = senders;
	d->nsenders = 3;
	d->domain = d->p = d->sp = d->next_policy = d->newest_day = bad;
	d->receivers = heard;
	d->nreceivers = 2;
	d->subdomains = subs;
	d->nsubdomains = 1;
	s->domains = d;
	s->findings = found;
	s->nfindings = 2;
	s->intake = docs;
	s->nintake = 1;
	s->foreign = names;
	s->nforeign = 1;
	s->newest_day = s->version = s->catalogue_date = bad;
}

static int
fill(struct summary *s, const char *kind)
{
	if (strcmp(kind, "story") == 0) {
		fill_summary(s, 1, lines, COUNT(lines));
	} else if (strcmp(kind, "many") == 0) {
		fill_summary(s, 24, many_lines(40), 40);
	} else if (strcmp(kind, "large") == 0) {
		fill_summary(s, 1, many_lines(400), 400);
	} else if (strcmp(kind, "fine") == 0) {
		fill_summary(s, 1, lines + 3, 1);
		s->nfindings = 0;
	} else if (strcmp(kind, "empty") == 0) {
		fill_summary(s, 0, NULL, 0);
		s->nfindings = s->nintake = 0;
		s->newest_day = NULL;
	} else if (strcmp(kind, "hostile") == 0) {
		fill_summary(s, 1, lines, COUNT(lines));
		poison(s);
	} else {
		return 0;
	}
	return 1;
}

int
main(int argc, char **argv)
{
	struct err err = { "", 0 };
	struct summary s;
	struct out *o;
	int status = 4;

	all = arena_new();
	if (argc != 3 || !fill(&s, argv[1])) {
		fprintf(stderr, "usage: page_demo story|fine|empty|hostile|many|large FILE\n");
		arena_free(all);
		return 2;
	}
	if (out_open(&o, argv[2], &err) == OK) {
		html_write(o, &s);
		if (out_close(o, &err) == OK)
			status = 0;
	}
	if (status != 0)
		fprintf(stderr, "%s\n", err.text);
	arena_free(all);
	return status;
}
