/* SPDX-License-Identifier: MIT */
/* See digest.h. */
#include "report/digest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/width.h"
#include "report/advice.h"
#include "report/report.h"
#include "report/sender.h"

enum { WIDTH = 78, BODY_MOST = 256 << 10, ITEMS = 20, UNCHANGED = 12, FOREIGN = 8, STOPPED = 3, READY = 8, DAY = 86400 };
enum { IN_SUBJECT = 60, IN_BODY = 253, WORD = 12 };	/* columns of a name that anybody may have chosen; of a value of the policy */

/* How soon a finding of this code is told. */
enum pressing { NEVER, MONDAY, AT_ONCE };
static const struct { const char *code; enum pressing when; } codes[] = {
	{ "LOST", AT_ONCE }, { "BROKE", AT_ONCE }, { "STALE", AT_ONCE }, { "RISK", MONDAY }, { "SPFERR", MONDAY }, { "DECIDE", MONDAY },
	{ "FIXED", MONDAY }, { "SPFONLY", MONDAY }, { "GONE", MONDAY }, { "NEW", MONDAY }, { "FWDBROKEN", MONDAY }, { "BLIND", MONDAY },
};

struct making {
	const struct summary *s;
	const struct digest_options *o;
	struct digest *d;
	struct buf body;
	const struct sum_finding *items[ITEMS];
	int doubled[ITEMS];		/* told before, and twice as many since */
	size_t alike[ITEMS];		/* domains besides its own of which the same is to be said, word for word */
	size_t nitems, nunchanged, nsaid, more, more_unchanged;	/* more: not told for want of room */
	const struct sum_finding *unchanged[UNCHANGED];
	int weekly, urgent;
	const struct sum_domain *ready;	/* the first that is told to be ready for a stricter policy; NULL */
	const char *heard;		/* the first domain on which reports arrive again, "" all; NULL: none */
	struct said *said;
};

static const char *
or_empty(const char *s)
{
	return s != NULL ? s : "";
}

/* What was said by a clock that was ahead says nothing: it would silence the mail until that day. */
static int
is_ahead(const struct making *m, const struct said *x)
{
	return x->said_at > m->o->now_at + DAY;
}

static const struct said *
said_of(const struct making *m, const char *code, const char *domain, const char *sender)
{
	size_t i;

	for (i = 0; i < m->o->nsaid; i++) {
		const struct said *x = &m->o->said[i];

		if (!is_ahead(m, x) && strcmp(x->code, code) == 0 && strcmp(x->domain, or_empty(domain)) == 0 && (sender == NULL || strcmp(x->sender, sender) == 0))
			return x;
	}
	return NULL;
}

static void
remember(struct making *m, const char *code, const char *domain, const char *sender, int64_t messages)
{
	struct said *x;

	if ((m->nsaid & (m->nsaid - 1)) == 0)
		m->said = mem_grow(m->said, m->nsaid > 0 ? m->nsaid * 2 : 1, sizeof(*m->said));
	x = &m->said[m->nsaid++];
	x->code = arena_str(m->d->arena, code);
	x->domain = arena_str(m->d->arena, or_empty(domain));
	x->sender = arena_str(m->d->arena, or_empty(sender));
	x->messages = messages;
	x->said_at = m->o->now_at;
}

static void
add_name(struct buf *b, const char *before, const char *name, size_t most)
{
	size_t n = text_fitting(name, most);

	buf_fmt(b, "%s%.*s%s", before, (int)n, name, name[n] != '\0' ? "..." : "");
}

/* --- what is to be said --- */

static enum pressing
pressing_of(const char *code)
{
	size_t i;

	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (strcmp(codes[i].code, code) == 0)
			return codes[i].when;
	return NEVER;
}

static const struct sum_domain *
domain_of(const struct making *m, const char *name)
{
	size_t i;

	for (i = 0; name != NULL && i < m->s->ndomains; i++)
		if (strcmp(m->s->domains[i].domain, name) == 0)
			return &m->s->domains[i];
	return NULL;
}

/* Whether lost mail is more than a stray message. */
static int
is_much(const struct making *m, const struct sum_finding *f)
{
	const struct sum_domain *d = domain_of(m, f->domain);
	int64_t own = d != NULL ? d->counts.passing + d->counts.lost + d->counts.at_risk : 0;

	return f->messages >= m->o->thresholds->digest_messages ||
	    (own > 0 && 100.0 * (double)f->messages / (double)own >= m->o->thresholds->digest_percent);
}

static int
is_monday(int64_t at)
{
	return (at / DAY + 3) % 7 == 0;	/* 1 January 1970 was a Thursday */
}

/* The Monday mail is due: it is Monday and it was not sent today, or it was missed, or there never was one. */
static int
weekly_is_due(const struct making *m)
{
	const struct said *last = said_of(m, "WEEKLY", "", NULL);

	if (last == NULL)
		return 1;
	return (is_monday(m->o->now_at) && last->said_at / DAY < m->o->now_at / DAY) || m->o->now_at - last->said_at > 7 * DAY;
}

/* Twice as many messages as when it was told. */
static int
has_doubled(const struct sum_finding *f, const struct said *before)
{
	return before != NULL && f->messages >= 2 * before->messages && (strcmp(f->code, "LOST") == 0 || strcmp(f->code, "RISK") == 0 || strcmp(f->code, "DECIDE") == 0);
}

/* 1: at once, 2: with the Monday mail, 3: known, to be named there among what is unchanged, 0: not at all. */
static int
place_of(const struct making *m, const struct sum_finding *f)
{
	const struct said *before = said_of(m, f->code, f->domain, or_empty(f->sender));
	enum pressing p = pressing_of(f->code);

	if (p == NEVER || (strcmp(f->code, "LOST") == 0 && !is_much(m, f) && before == NULL && !m->weekly))
		return 0;
	if (before == NULL)
		return p == AT_ONCE ? 1 : m->weekly ? 2 : 0;
	if (has_doubled(f, before) && is_much(m, f))
		return p == AT_ONCE ? 1 : m->weekly ? 2 : 0;
	if (strcmp(f->code, "FIXED") == 0 || strcmp(f->code, "NEW") == 0)
		return 0;	/* news only once */
	if ((double)(m->o->now_at - before->said_at) < m->o->thresholds->digest_repeat_days * DAY - DAY / 2 || !m->weekly)
		return m->weekly ? 3 : 0;
	return p == AT_ONCE ? 2 : 3;
}

static int
is_same(const char *a, const char *b)
{
	return strcmp(or_empty(a), or_empty(b)) == 0;
}

/* The place of the item that says the same of another domain, so that nothing else is to be done of this one; nitems: none does. */
static size_t
alike(const struct making *m, const struct sum_finding *f)
{
	size_t i;

	for (i = 0; i < m->nitems; i++) {
		const struct sum_finding *x = m->items[i];

		if (strcmp(x->code, f->code) == 0 && f->domain != NULL && x->domain != NULL && strcmp(x->domain, f->domain) != 0 && strcmp(x->text, f->text) == 0 &&
		    is_same(x->since, f->since) && is_same(x->why, f->why) && is_same(x->fix, f->fix))
			break;
	}
	return i;
}

static void
sort_out(struct making *m)
{
	size_t i, other;
	int place;

	for (i = 0; i < m->s->nfindings; i++) {
		const struct sum_finding *f = &m->s->findings[i];

		place = place_of(m, f);
		m->urgent |= place == 1;
		if ((place == 1 || place == 2) && (other = alike(m, f)) < m->nitems) {
			m->alike[other]++;
			remember(m, f->code, f->domain, f->sender, f->messages);
		} else if (place == 1 || place == 2) {
			if (m->nitems == ITEMS) {
				m->more++;
				continue;
			}
			m->doubled[m->nitems] = has_doubled(f, said_of(m, f->code, f->domain, or_empty(f->sender)));
			m->items[m->nitems++] = f;
			remember(m, f->code, f->domain, f->sender, f->messages);
		} else if (place == 3) {
			if (m->nunchanged < UNCHANGED)
				m->unchanged[m->nunchanged++] = f;
			else
				m->more_unchanged++;
		}
	}
}

/* --- words --- */

/* Text in lines, the first after `lead`, the others indented as far. whole 1: no word is cut, it is to be copied. */
static void
wrapped(struct buf *out, const char *lead, const char *text, int whole)
{
	int indent = (int)strlen(lead);
	const char *p, *end;
	struct buf b;

	buf_init(&b, 16384);
	text_clean(&b, text, strlen(text));
	buf_str(out, lead);
	for (p = b.at; *(end = text_line_end(p, (size_t)(WIDTH - indent), whole)) != '\0'; p = end + (*end == ' '))
		buf_fmt(out, "%.*s\n%*s", (int)(end - p), p, indent, "");
	buf_fmt(out, "%s\n", p);
	buf_free(&b);
}

static const struct sum_sender *
sender_named(const struct sum_domain *d, const char *id)
{
	size_t i;

	for (i = 0; d != NULL && id != NULL && i < d->nsenders; i++)
		if (strcmp(d->senders[i].sender, id) == 0)
			return &d->senders[i];
	return NULL;
}

/* The number of the nearest item before this one that has told this (summary_told_why, summary_told_fix); 0: none has. */
static size_t
told_above(const struct making *m, size_t n, int (*told_it)(const struct sum_finding *x, const struct sum_finding *f))
{
	size_t i;

	for (i = n; i > 0; i--)
		if (told_it(m->items[i - 1], m->items[n]))
			return i;
	return 0;
}

static void
put_fixes(struct making *m, size_t n, const struct sum_sender *s, const char *indent)
{
	const struct sum_finding *f = m->items[n];
	char line[512];
	size_t i, above = told_above(m, n, summary_told_fix);

	if (above > 0) {
		snprintf(line, sizeof(line), "The fix of item %zu stops it.", above);
		wrapped(&m->body, indent, above == n ? "The same fix stops it." : line, 0);
		if (f->last != NULL)
			wrapped(&m->body, indent, f->last, 1);
		return;
	}
	if ((s = summary_records(f, s)) == NULL) {
		if (f->fix != NULL)
			wrapped(&m->body, indent, f->fix, 1);
		return;
	}
	if (f->first != NULL)
		wrapped(&m->body, indent, f->first, 1);
	buf_fmt(&m->body, "%sPublish in DNS:\n", indent);
	for (i = 0; i < s->nfixes; i++) {
		struct buf b;

		buf_init(&b, 8192);	/* a record stays on its line, to be copied */
		text_clean(&b, s->fixes[i].name, strlen(s->fixes[i].name));
		buf_fmt(&b, "  %s  ", s->fixes[i].type);
		text_clean(&b, s->fixes[i].value, strlen(s->fixes[i].value));
		buf_fmt(&m->body, "%s  %s\n", indent, b.at);
		buf_free(&b);
	}
	if (s->fix_where != NULL) {
		snprintf(line, sizeof(line), "Then in the account: %s", s->fix_where);
		wrapped(&m->body, indent, line, 0);
	}
	wrapped(&m->body, indent, summary_has_blanks(s) ? SHOWN_BLANKS : SHOWN_OTHERS, 0);
	snprintf(line, sizeof(line), "(Facts about this service of %s: %s confidence.)", or_empty(m->s->catalogue_date), s->fix_confidence != NULL ? s->fix_confidence : "medium");
	wrapped(&m->body, indent, line, 0);
	if (f->last != NULL)
		wrapped(&m->body, indent, f->last, 1);
}

/* Since when it is so, where the text does not say it. */
static void
add_since(const struct making *m, const struct sum_finding *f, struct buf *b)
{
	const struct summary *s = m->s;
	enum summary_since since = summary_since(s, f);
	char from[16], to[16], day[16];

	if (since == SINCE_BEFORE)
		buf_fmt(b, " Counted are %s to %s; it began on %s.", text_date(s->asked_begin != NULL ? s->asked_begin : s->begin, from),
		    text_date(s->asked_begin != NULL ? s->asked_end : s->end, to), text_date(f->since, day));
	else if (since == SINCE_DAY)
		buf_fmt(b, " Since %s.", text_date(f->since, day));
}

static void
put_item(struct making *m, size_t n)
{
	const struct sum_finding *f = m->items[n];
	const struct sum_domain *d = domain_of(m, f->domain);
	char lead[32], number[28];
	struct buf b;

	snprintf(lead, sizeof(lead), "%zu. ", n + 1);
	buf_init(&b, 8192);
	if (f->domain != NULL && (m->s->ndomains > 1 || d == NULL)) {
		add_name(&b, "", f->domain, IN_BODY);
		if (m->alike[n] > 0)
			buf_fmt(&b, " and %s more domain%s", text_count((int64_t)m->alike[n], number), m->alike[n] == 1 ? "" : "s");
		buf_str(&b, ": ");
	}
	buf_str(&b, f->text);
	add_since(m, f, &b);
	if (f->why != NULL && !told_above(m, n, summary_told_why))
		buf_fmt(&b, " %s", f->why);
	wrapped(&m->body, lead, b.at, 0);
	buf_free(&b);
	put_fixes(m, n, sender_named(d, f->sender), n < 9 ? "   " : "    ");
	buf_str(&m->body, "\n");
}

/* What it counts was there before its day, not since. */
static int
is_silence(const struct sum_finding *f)
{
	return strcmp(f->code, "GONE") == 0 || strcmp(f->code, "BLIND") == 0;
}

/* What stands before its day: a count of the last days only is not said to be since a day before them. */
static const char *
since_words(const struct making *m, const struct sum_finding *f, int counted)
{
	return counted && f->messages > 0 && summary_is_older(m->s, f->since) ? "began" : "since";
}

/* A sender's name for people: also of one that sent nothing in the period. Of receivers that fell silent theirs. */
static const char *
name_of(const struct making *m, const struct sum_finding *f)
{
	const struct sum_sender *s = sender_named(domain_of(m, f->domain), f->sender);
	const struct sender *known = s == NULL && f->sender != NULL ? sender_find(f->sender) : NULL;

	if (summary_silent(f) > 0)
		return arena_strn(m->d->arena, f->text, summary_silent(f));
	return s != NULL ? s->name : known != NULL ? known->name : f->sender != NULL ? f->sender : "many addresses";
}

/* What was told before and still is so: code, sender or domain, messages, since when. */
static void
put_unchanged(struct making *m)
{
	char number[28];
	struct buf b;
	size_t i;

	if (m->nunchanged == 0)
		return;
	buf_str(&m->body, "Unchanged:\n");
	for (i = 0; i < m->nunchanged; i++) {
		const struct sum_finding *f = m->unchanged[i];

		buf_init(&b, 8192);
		buf_str(&b, f->code);
		if (strcmp(f->code, "STALE") == 0)
			buf_str(&b, ": no reports arrive any more");
		if (f->domain != NULL && (m->s->ndomains > 1 || f->sender == NULL || domain_of(m, f->domain) == NULL)) {
			buf_str(&b, ", ");
			add_name(&b, "", f->domain, IN_BODY);
		}
		if (f->sender != NULL)
			buf_fmt(&b, ", %s", name_of(m, f));
		if (f->messages > 0 && !is_silence(f))
			buf_fmt(&b, ", %s message%s", text_count(f->messages, number), f->messages == 1 ? "" : "s");
		if (f->since != NULL)
			buf_fmt(&b, ", %s %s", is_silence(f) ? "silent since" : since_words(m, f, 1), f->since);
		wrapped(&m->body, " - ", b.at, 0);
		buf_free(&b);
	}
	if (m->more_unchanged > 0)
		buf_fmt(&m->body, " - and %s more\n", text_count((int64_t)m->more_unchanged, number));
	buf_str(&m->body, "\n");
}

/* Mail that passes and is refused or junked all the same, or is copied by strangers, is no finding that is told before Monday; there is something to do about it where its finding has a fix. */
static size_t
put_stopped(struct making *m)
{
	size_t i, n = 0;
	char number[28];
	struct buf b;

	for (i = 0; m->weekly && i < m->s->nfindings; i++) {
		const struct sum_finding *f = &m->s->findings[i];

		if ((strcmp(f->code, "OK") != 0 && strcmp(f->code, "DKIMONLY") != 0 && strcmp(f->code, "FWD") != 0) || f->fix == NULL || n++ >= STOPPED)
			continue;
		buf_init(&b, 8192);
		add_name(&b, "", m->s->ndomains > 1 ? f->domain : "", IN_BODY);
		buf_fmt(&b, "%s%s %s", m->s->ndomains > 1 ? ": " : "", f->text, f->fix);
		wrapped(&m->body, "* ", b.at, 1);
		buf_free(&b);
	}
	if (n > STOPPED)
		buf_fmt(&m->body, "* and %s more sender%s whose mail passes and is stopped all the same\n", text_count((int64_t)(n - STOPPED), number), n - STOPPED == 1 ? "" : "s");
	if (n > 0)
		buf_str(&m->body, "\n");
	return n;
}

static int
is_ready(const struct sum_domain *d)
{
	size_t i;

	for (i = 0; i < d->ngates; i++)
		if (d->gates[i].state != GATE_YES)
			return 0;
	return d->ngates > 0 && d->next_policy != NULL;
}

/* A stricter policy whose conditions are all met is told once, on a Monday; the count. */
static size_t
put_ready(struct making *m)
{
	size_t i, n = 0;
	struct buf b;

	buf_init(&b, 8192);
	for (i = 0; m->weekly && n < READY && i < m->s->ndomains; i++) {
		const struct sum_domain *d = &m->s->domains[i];
		const struct said *before = said_of(m, "READY", d->domain, d->next_policy);

		if (!is_ready(d))
			continue;
		remember(m, "READY", d->domain, d->next_policy, 0);	/* also what was told, as long as it is so */
		if (before != NULL)
			continue;
		buf_reset(&b);
		add_name(&b, "", d->domain, IN_BODY);
		buf_fmt(&b, ": all conditions for the next policy, p=%s, are met. What it would lose: ", d->next_policy);
		advice_policy(&b, d->next_policy, d->domain);
		wrapped(&m->body, "* ", b.at, 1);
		if (n++ == 0)
			m->ready = d;
	}
	buf_free(&b);
	if (n > 0)
		buf_str(&m->body, "\n");
	return n;
}

static int
is_stale_now(const struct making *m, const char *domain)
{
	size_t i;

	for (i = 0; i < m->s->nfindings; i++)
		if (strcmp(m->s->findings[i].code, "STALE") == 0 && strcmp(or_empty(m->s->findings[i].domain), domain) == 0)
			return 1;
	return 0;
}

/* The end of STALE, told once and at once, for so was its beginning; the count. Of a domain that is not reported in the period nothing is known. */
static size_t
put_heard(struct making *m)
{
	size_t i, n = 0;
	struct buf b;

	buf_init(&b, 8192);
	for (i = 0; i < m->o->nsaid; i++) {
		const struct said *x = &m->o->said[i], *before;
		const struct sum_domain *d = domain_of(m, x->domain);
		const char *newest = *x->domain == '\0' ? m->s->newest_day : d != NULL ? d->newest_day : NULL;

		if (is_ahead(m, x) || strcmp(x->code, "STALE") != 0 || newest == NULL || is_stale_now(m, x->domain))
			continue;
		if ((before = said_of(m, "HEARD", x->domain, NULL)) != NULL && before->said_at >= x->said_at)
			continue;
		buf_reset(&b);
		add_name(&b, "", x->domain, IN_BODY);
		buf_fmt(&b, "%s arrive again; the newest is of %.10s.", *x->domain != '\0' ? ": reports" : "Reports", newest);
		wrapped(&m->body, "* ", b.at, 0);
		remember(m, "HEARD", x->domain, "", 0);
		m->heard = n++ == 0 ? x->domain : m->heard;
	}
	buf_free(&b);
	if (n > 0)
		buf_str(&m->body, "\n");
	return n;
}

/* Configured domains on which nobody reports: nothing can be said of them. */
static void
put_unheard(struct making *m)
{
	const struct summary *s = m->s;
	char number[28];
	struct buf b;
	size_t i;

	if (s->nunheard == 0)
		return;
	buf_init(&b, 8192);
	buf_str(&b, "No report has come yet on ");
	for (i = 0; i < s->nunheard && i < FOREIGN; i++)
		add_name(&b, i == 0 ? "" : ", ", s->unheard[i], IN_BODY);
	if (s->nunheard > FOREIGN)
		buf_fmt(&b, " and %s more", text_count((int64_t)(s->nunheard - FOREIGN), number));
	buf_fmt(&b, ": look whether the rua of %s DMARC record%s is your address.", s->nunheard == 1 ? "its" : "their", s->nunheard == 1 ? "" : "s");
	wrapped(&m->body, "* ", b.at, 0);
	buf_str(&m->body, "\n");
	buf_free(&b);
}

/* Where there is nothing to tell: that is good news only where something was reported. */
static void
put_calm(struct making *m, size_t stopped, size_t ready)
{
	const struct summary *s = m->s;
	int64_t strangers = 0, refused = 0;
	char number[28];
	struct buf b;
	size_t i;

	buf_init(&b, 8192);
	if (s->counts.messages == 0) {
		buf_fmt(&b, "No message%s was reported between %s and %s.", s->nforeign > 0 ? " of your domains" : "", s->begin, s->end);
		for (i = 0; i < s->nforeign && i < FOREIGN; i++)
			add_name(&b, i == 0 ? " Reported were domains that the configuration does not name: " : ", ", s->foreign[i], IN_BODY);
		buf_str(&b, s->nforeign > FOREIGN ? ", ..." : s->nforeign > 0 ? "." : " Look whether the rua address of your DMARC record receives mail.");
	} else if (s->counts.lost > 0) {
		buf_fmt(&b, "Nothing new: %s message%s reported, ", text_count(s->counts.messages, number), s->counts.messages == 1 ? "" : "s");
		buf_fmt(&b, "%s of yours lost in this period, none of it news.", text_count(s->counts.lost, number));
	} else {
		buf_fmt(&b, "Nothing %sto do: %s message%s reported, none of yours lost%s.", stopped + ready > 0 ? "else " : "", text_count(s->counts.messages, number),
		    s->counts.messages == 1 ? "" : "s", stopped > 0 ? " for DMARC" : "");
	}
	if (s->counts.undetermined > 0)
		buf_fmt(&b, " Of %s of them the reports do not say whether %s passed.", text_count(s->counts.undetermined, number), s->counts.undetermined == 1 ? "it" : "they");
	for (i = 0; i < s->ndomains; i++) {
		strangers += s->domains[i].not_you_messages;
		refused += s->domains[i].not_you_stopped;
	}
	if (strangers > 0) {	/* else their count looks like mail of the reader's */
		buf_fmt(&b, " %s of them came from strangers who claimed to be you", text_count(strangers, number));
		buf_fmt(&b, "; %s stopped.", refused == 0 ? "none was" : refused < strangers ? text_count(refused, number) : strangers == 1 ? "it was" : "all were");
	}
	wrapped(&m->body, "", b.at, 0);
	buf_free(&b);
}

static void
put_end(struct making *m)
{
	char text[200], number[28];

	snprintf(text, sizeof(text), "Counts cover receivers that report; newest report %s.", m->s->newest_day != NULL ? m->s->newest_day : "never");
	wrapped(&m->body, "", text, 0);
	if (m->o->failed > 0) {
		snprintf(text, sizeof(text), "%d of %d accounts could not be read tonight, so reports may be missing: dmarcsift status tells why.", m->o->failed, m->o->accounts);
		wrapped(&m->body, "", text, 0);
	}
	if (m->o->unread > 0) {
		snprintf(text, sizeof(text), "%s document%s could not be read tonight: dmarcsift status names %s.", text_count(m->o->unread, number),
		    m->o->unread == 1 ? "" : "s", m->o->unread == 1 ? "it" : "them");
		wrapped(&m->body, "", text, 0);
	}
	if (m->o->page != NULL)
		wrapped(&m->body, "The whole report: ", m->o->page, 1);
}

/* --- policy --- */

/* What differs from what would hold without it, for receivers that leave out what is usual see the same policy. */
static void
policy_text(const struct sum_domain *d, struct buf *out)
{
	const char *p = d->p != NULL ? d->p : "none", *sp = d->sp != NULL ? d->sp : p, *np = d->np != NULL ? d->np : sp;

	add_name(out, "p=", p, WORD);
	if (strcmp(sp, p) != 0)
		add_name(out, " sp=", sp, WORD);
	if (strcmp(np, sp) != 0)
		add_name(out, " np=", np, WORD);
	if (d->pct >= 0 && d->pct < 100)
		buf_fmt(out, " pct=%d", (int)d->pct);
	if (d->testing != NULL && strcmp(d->testing, "y") == 0)
		buf_str(out, " t=y");
}

/*
 * The policy last seen where this one is another, else NULL. What differs but in a tag that not all receivers report, and was seen lately, is no other.
 * *due: it is to be remembered, which of the same one is done once in a while.
 */
static const struct said *
policy_before(const struct making *m, const char *domain, const char *text, int *due)
{
	const struct said *last = NULL, *seen = NULL;
	size_t i, p = strcspn(text, " ");

	for (i = 0; i < m->o->nsaid; i++) {
		const struct said *x = &m->o->said[i];

		if (is_ahead(m, x) || strcmp(x->code, "POLICY") != 0 || strcmp(x->domain, domain) != 0)
			continue;
		if (strcmp(x->sender, text) == 0)
			seen = x;
		if (last == NULL || x->said_at > last->said_at)
			last = x;
	}
	*due = seen == NULL || seen != last || m->o->now_at - seen->said_at >= 7 * DAY;
	if (last == NULL || seen == last)
		return NULL;
	return seen != NULL && strcspn(last->sender, " ") == p && strncmp(last->sender, text, p) == 0 ? NULL : last;
}

/* Policies that changed since they were last seen; the count. Told at once. */
static size_t
put_policies(struct making *m, struct buf *subject)
{
	size_t i, n = 0;
	struct buf text, line;
	int due;

	buf_init(&text, 1024);
	buf_init(&line, 8192);

	for (i = 0; i < m->s->ndomains; i++) {
		const struct sum_domain *d = &m->s->domains[i];
		const struct said *before;

		buf_reset(&text);
		policy_text(d, &text);
		before = policy_before(m, d->domain, text.at, &due);
		if (due)
			remember(m, "POLICY", d->domain, text.at, 0);
		if (before == NULL)
			continue;
		buf_reset(&line);
		add_name(&line, "", d->domain, IN_BODY);
		buf_fmt(&line, ": the policy is %s now", text.at);
		add_name(&line, "; it was ", before->sender, IN_BODY);
		buf_str(&line, ".");
		wrapped(&m->body, "* ", line.at, 0);
		if (n++ > 0)
			continue;
		add_name(subject, "", d->domain, IN_SUBJECT);
		buf_fmt(subject, ": the policy is %s now", text.at);
	}
	buf_free(&text);
	buf_free(&line);
	if (n > 0)
		buf_str(&m->body, "\n");
	return n;
}

/* --- the whole --- */

/* What a subject says of a finding; 1: a count among it. */
static int
subject_words(const struct making *m, struct buf *subject, const struct sum_finding *f)
{
	static const struct { const char *code, *words; } table[] = {	/* %n messages, %s sender */
		{ "LOST", "%n refused or junked via %s" }, { "RISK", "%n at risk via %s" }, { "BROKE", "%s mail stopped passing" },
		{ "FIXED", "%s mail passes now" }, { "STALE", "no reports arrive any more" }, { "SPFERR", "your SPF record cannot be evaluated" },
		{ "DECIDE", "%n from %s failed; yours?" }, { "SPFONLY", "%s passes by SPF only" }, { "GONE", "nothing from %s any more" },
		{ "NEW", "%s was seen for the first time" }, { "FWDBROKEN", "%n broken by forwarders" }, { "BLIND", "no reports from %s any more" },
	};
	const char *at = "something to look at";
	char number[28];
	int counted;
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strcmp(table[i].code, f->code) == 0)
			at = table[i].words;
	counted = strstr(at, "%n") != NULL;
	for (; *at != '\0'; at++) {
		if (at[0] == '%' && at[1] == 'n')
			buf_fmt(subject, "%s message%s", text_count(f->messages, number), f->messages == 1 ? "" : "s");
		else if (at[0] == '%')
			add_name(subject, "", name_of(m, f), IN_SUBJECT);
		else
			buf_add(subject, at, 1);
		at += at[0] == '%';
	}
	return counted;
}

/* The finding a mail is about: its gravest, for findings come in that order; what is not told again yields to news that came at once. NULL: none. */
static const struct sum_finding *
foremost(const struct making *m)
{
	const struct sum_finding *item = m->nitems > 0 ? m->items[0] : NULL, *known = m->nunchanged > 0 ? m->unchanged[0] : NULL;

	return item == NULL || (known != NULL && known < item && !m->urgent) ? known : item;
}

static void
subject_of(struct making *m, struct buf *subject)
{
	const struct sum_finding *f = foremost(m);
	int policy, counted, told = m->nitems > 0 && f == m->items[0];
	size_t others = m->nitems - (size_t)told + m->more;
	char number[28];

	/* Mail that is lost or broke comes before a policy that changed; the body says both. */
	if (subject->len > 0 && (!told || pressing_of(f->code) != AT_ONCE))
		return;
	policy = subject->len > 0;
	buf_reset(subject);
	if (m->heard != NULL && !told) {
		add_name(subject, "", m->heard, IN_SUBJECT);
		buf_fmt(subject, "%sreports arrive again", *m->heard != '\0' ? ": " : "");
		return;
	}
	if (f == NULL && m->s->counts.messages == 0) {
		buf_str(subject, m->s->nforeign > 0 ? "no report of your domains" : "no report");
		return;
	}
	if (f == NULL && m->ready != NULL) {
		add_name(subject, "", m->ready->domain, IN_SUBJECT);
		buf_fmt(subject, ": ready for p=%s", m->ready->next_policy);
		return;
	}
	if (f == NULL) {
		buf_fmt(subject, "nothing new; %s message%s reported", text_count(m->s->counts.messages, number), m->s->counts.messages == 1 ? "" : "s");
		return;
	}
	if (!told)
		buf_str(subject, "still: ");
	if (f->domain != NULL) {
		add_name(subject, "", f->domain, IN_SUBJECT);
		buf_str(subject, ": ");
	}
	counted = subject_words(m, subject, f);
	if (f->since != NULL)
		buf_fmt(subject, " (%s %s %s%s)", f->code, since_words(m, f, counted), f->since, told && m->doubled[0] ? ", doubled" : "");
	else
		buf_fmt(subject, " (%s)", f->code);
	if (others > 0)
		buf_fmt(subject, " and %s more", text_count((int64_t)others, number));
	if (policy)
		buf_str(subject, "; the policy changed");
}

static const char *
cleaned(struct arena *a, const char *text)
{
	struct buf b;
	const char *kept;

	buf_init(&b, 8192);
	text_clean(&b, text, strlen(text));
	kept = arena_str(a, b.at);
	buf_free(&b);
	return kept;
}

static const char *
thread_of(struct making *m)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
	const struct sum_finding *f = foremost(m);
	char text[400];

	if (f == NULL || f->since == NULL || strlen(or_empty(f->domain)) > 253 || or_empty(f->domain)[strspn(or_empty(f->domain), allowed)] != '\0')
		return NULL;
	snprintf(text, sizeof(text), "%s.%s.%s", f->code, f->since, f->domain != NULL ? f->domain : "all");
	return arena_str(m->d->arena, text);
}

/* News that asks for nothing is not called a thing to do. */
static void
put_opening(struct making *m)
{
	size_t i, todo = 0;

	for (i = 0; i < m->nitems; i++)
		todo += strcmp(m->items[i]->code, "FIXED") != 0 && strcmp(m->items[i]->code, "NEW") != 0 && strcmp(m->items[i]->code, "FWDBROKEN") != 0 &&
		    !told_above(m, i, summary_told_fix);
	if (m->nitems == 0)
		return;
	if (todo == 0)
		buf_str(&m->body, "Nothing to do, but good to know.");
	else
		buf_fmt(&m->body, todo == 1 ? "One thing to do" : "%zu things to do", todo);
	if (todo > 0 && todo < m->nitems)	/* the rest is news, or has the same fix */
		buf_fmt(&m->body, " among %zu items", m->nitems);
	buf_str(&m->body, todo > 0 ? ".\n\n" : "\n\n");
}

void
digest_make(const struct summary *s, const struct digest_options *o, struct digest *out)
{
	struct making m = { .s = s, .o = o, .d = out };
	struct buf subject, text;
	size_t i, policies, heard, stopped, ready;
	char number[28];

	memset(out, 0, sizeof(*out));
	out->arena = arena_new();
	buf_init(&m.body, BODY_MOST);
	buf_init(&subject, 2048);
	buf_init(&text, 4096);
	m.weekly = weekly_is_due(&m);
	policies = put_policies(&m, &subject);
	heard = put_heard(&m);
	sort_out(&m);
	out->wanted = m.urgent || policies + heard > 0 || m.weekly;
	put_opening(&m);
	for (i = 0; i < m.nitems; i++)
		put_item(&m, i);
	if (m.more > 0)
		buf_fmt(&m.body, "And %s more, told in the next mail; the whole report has them all.\n\n", text_count((int64_t)m.more, number));
	put_unchanged(&m);
	stopped = put_stopped(&m);
	ready = put_ready(&m);
	put_unheard(&m);
	if (m.nitems + m.nunchanged + policies + heard == 0)
		put_calm(&m, stopped, ready);
	put_end(&m);
	if (m.weekly)
		remember(&m, "WEEKLY", "", "", 0);
	subject_of(&m, &subject);
	buf_reset(&text);
	buf_fmt(&text, "[dmarc] %s", subject.at);
	out->subject = cleaned(out->arena, text.at);
	out->body = arena_str(out->arena, m.body.at);
	out->thread = thread_of(&m);
	if (m.nsaid > 0) {
		struct said *kept = arena_alloc(out->arena, m.nsaid * sizeof(*kept));

		memcpy(kept, m.said, m.nsaid * sizeof(*kept));
		out->said = kept;
	}
	out->nsaid = m.nsaid;
	free(m.said);
	buf_free(&m.body);
	buf_free(&subject);
	buf_free(&text);
}

void
digest_free(struct digest *d)
{
	arena_free(d->arena);
	memset(d, 0, sizeof(*d));
}
