/* SPDX-License-Identifier: MIT */
/*
 * See bounce.h. The bytes are brought to one line: reply codes at the start of lines dropped, folds joined, white space
 * folded, lower case. A table of texts is then tried in order; `*` stands for up to GAP bytes, `<d>` for a domain,
 * `<ip>` for an address.
 */
#include "report/bounce.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "parse/ip.h"

enum { GAP = 300, TEXT_MAX = 1 << 18, SUBJECT_MAX = 998 };	/* a subject is no longer than a line, RFC 5322 section 2.1.1 */

static const char m_dmarc[] = "The receiver refused it because the domain's DMARC policy asks for it: neither a signature nor an envelope that "
    "matches the From domain passed.";
static const char m_yahoo[] = "The receiver (Yahoo and its family) refused it for policy reasons: its usual answer to mail that fails the domain's "
    "DMARC policy, though the text does not say so.";
static const char m_dmarc_temp[] = "The receiver would refuse it for the domain's DMARC policy, but could not look everything up.";
static const char m_dmarc_unknown[] = "The receiver could not evaluate the DMARC policy of the From domain for the time being: something could not be looked up.";
static const char m_dmarc_broken[] = "The receiver could not evaluate the DMARC record of the From domain: a permanent error, so there is a mistake in the record.";
static const char m_auth[] = "The receiver refused it because neither SPF nor DKIM passed, whatever the DMARC policy says.";
static const char m_spf[] = "The receiver refused it because SPF did not pass.";
static const char m_dkim[] = "The receiver refused it because DKIM did not pass.";
static const char m_align[] = "The From domain matches neither the domain that passed SPF nor the one that signed: a rule for bulk senders.";
static const char m_nodmarc[] = "The sending domain has no DMARC record: a rule for bulk senders.";
static const char m_other[] = "This is not about DMARC: the receiver names another reason.";
static const char m_ms_level[] = "The receiver wants SPF and DKIM both to pass for bulk senders; DMARC itself may even pass.";

/* In the order they are tried: what looks alike but is none comes before what it looks like. */
static const struct pattern { const char *server, *text; enum bounce_class class; const char *meaning; } patterns[] = {
	{ "Gmail", "unauthenticated email from <d> is not accepted due to domain's dmarc policy, but temporary dns failures", BOUNCE_DMARC, m_dmarc_temp },
	{ "Gmail", "unauthenticated email from <d> is not accepted due to*domain's dmarc policy", BOUNCE_DMARC, m_dmarc },
	{ "Gmail", "unauthenticated email from <d> is not accepted due to", BOUNCE_DMARC, m_dmarc },
	{ "Gmail", "mail from domain [<d>] has an spf record with a hard fail policy*ip: [<ip>]", BOUNCE_SPF, m_spf },
	{ "Gmail", "mail from domain [<d>] has an spf record with a hard fail", BOUNCE_SPF, m_spf },
	{ "Gmail", "has been blocked because the sender is unauthenticated. gmail requires*spf [<d>] with ip: [<ip>]", BOUNCE_AUTH, m_auth },
	{ "Gmail", "has been blocked because the sender is unauthenticated. gmail requires", BOUNCE_AUTH, m_auth },
	{ "Gmail", "has been rate limited because it is unauthenticated*spf [<d>] with ip: [<ip>]", BOUNCE_AUTH, m_auth },
	{ "Gmail", "has been rate limited because it is unauthenticated", BOUNCE_AUTH, m_auth },
	{ "Gmail", "this message does not have authentication information or fails to pass authentication checks", BOUNCE_AUTH, m_auth },
	{ "Gmail", "bulk email senders to authenticate their email with spf", BOUNCE_SPF, m_spf },
	{ "Gmail", "bulk email senders to authenticate their email with dkim", BOUNCE_DKIM, m_dkim },
	{ "Gmail", "in this message isn't aligned with either the authenticated spf or dkim organizational domain", BOUNCE_ALIGN, m_align },
	{ "Gmail", "the sending domain doesn't have a dmarc record", BOUNCE_NODMARC, m_nodmarc },
	{ "Gmail", "the spf record of the sending domain has one or more suspicious entries", BOUNCE_SPF, m_spf },
	{ "Gmail", "ip address sending this message does not have a ptr record", BOUNCE_OTHER, m_other },
	{ "Gmail", "unusual rate of", BOUNCE_OTHER, m_other },
	{ "Microsoft", "access denied, sending domain [<d>] does not pass dmarc verification", BOUNCE_DMARC, m_dmarc },
	{ "Microsoft", "access denied, sending domain <d> does not pass dmarc verification", BOUNCE_DMARC, m_dmarc },
	{ "Microsoft", "access denied, sending domain <d> doesn't meet the required authentication level", BOUNCE_AUTH, m_ms_level },
	{ "Microsoft", "access denied, sending domain <d> does not meet the required authentication level", BOUNCE_AUTH, m_ms_level },
	{ "Microsoft", "access denied, sending domain [<d>] does*meet the required authentication level", BOUNCE_AUTH, m_ms_level },
	{ "Microsoft", "rejected because of sender policy framework violation", BOUNCE_SPF, m_spf },
	{ "Microsoft", "sent over ipv6 [<ip>] must pass either spf or dkim validation", BOUNCE_AUTH, m_auth },
	{ "Microsoft", "messages from (<ip>) on behalf of (<d>) could not be delivered due to domain owner policy restrictions", BOUNCE_DMARC, m_dmarc },
	{ "Microsoft", "5.7.512", BOUNCE_OTHER, m_other },
	{ "Yahoo", "[ph01] email not accepted for policy reasons", BOUNCE_OTHER, m_other },
	{ "Yahoo", "yahoo requires all senders to authenticate with either spf or dkim", BOUNCE_AUTH, m_auth },
	{ "Yahoo Japan", "dm email not accepted for policy reasons", BOUNCE_DMARC, m_dmarc },
	{ "Yahoo", "(au01)", BOUNCE_DKIM, m_dkim },
	{ "Yahoo", "message not accepted for policy reasons", BOUNCE_DMARC, m_yahoo },
	{ "Yahoo", "[tss0", BOUNCE_OTHER, m_other },
	{ "Yahoo", "[bl21]", BOUNCE_OTHER, m_other },
	{ "iCloud", "your message was rejected due to <d>'s dmarc policy", BOUNCE_DMARC, m_dmarc },
	{ "iCloud", "[hme1] this message was blocked for failing both spf and dkim authentication checks", BOUNCE_AUTH, m_auth },
	{ "Comcast", "message rejected due to dmarc", BOUNCE_DMARC, m_dmarc },
	{ "Mail.ru", "this message was not accepted due to domain (<d>) owner dmarc policy", BOUNCE_DMARC, m_dmarc },
	{ "GMX, web.de", "reject due to domain's dmarc policy", BOUNCE_DMARC, m_dmarc },
	{ "GMX, web.de", "reject due to spf policy", BOUNCE_SPF, m_spf },
	{ "Mimecast", "dmarc sender invalid", BOUNCE_DMARC, m_dmarc },
	{ "Mimecast", "spf sender invalid", BOUNCE_SPF, m_spf },
	{ "Mimecast", "dkim sender invalid", BOUNCE_DKIM, m_dkim },
	{ NULL, "email rejected per dmarc policy for <d>", BOUNCE_DMARC, m_dmarc },
	{ "OpenDMARC", "rejected by dmarc policy for <d>", BOUNCE_DMARC, m_dmarc },
	{ "OpenDMARC", "quarantined by dmarc policy for <d>", BOUNCE_DMARC, m_dmarc },
	{ "Cisco", "dmarc unauthenticated mail is prohibited", BOUNCE_DMARC, m_dmarc },
	{ "Tencent", "dmarc check failed", BOUNCE_DMARC, m_dmarc },
	{ "Yandex", "spf check failed: ip is not authorized to send in the name of <d>", BOUNCE_SPF, m_spf },
	{ NULL, "spf check failed", BOUNCE_SPF, m_spf },
	{ "Orange", "message refused, dmarc verification failed", BOUNCE_DMARC, m_dmarc },
	{ "Orange", "spf: <d> is not allowed to send mail", BOUNCE_SPF, m_spf },
	{ "XS4ALL", "dmarc failure for domain <d>, policy reject", BOUNCE_DMARC, m_dmarc },
	{ NULL, "failed dmarc evaluation", BOUNCE_DMARC, m_dmarc },
	{ NULL, "permanent error evaluating dmarc policy", BOUNCE_DMARC, m_dmarc_broken },
	{ NULL, "rejected as per dmarc policy", BOUNCE_DMARC, m_dmarc },
	{ NULL, "message rejected due to: spf fail", BOUNCE_SPF, m_spf },
	{ NULL, "please see http://www.open-spf.org/why", BOUNCE_SPF, m_spf },
	{ NULL, "please see http://www.openspf.org/why", BOUNCE_SPF, m_spf },
	{ NULL, "spf check: fail", BOUNCE_SPF, m_spf },
	{ NULL, "bad spf records for", BOUNCE_SPF, m_spf },
	{ NULL, "<ip> is not allowed to send from <<d>> per its spf record", BOUNCE_SPF, m_spf },
	{ NULL, "per its spf record", BOUNCE_SPF, m_spf },
	{ "Proofpoint", "support.proofpoint.com/dnsbl-lookup", BOUNCE_OTHER, m_other },
	{ "Yandex", "message rejected under suspicion of spam", BOUNCE_OTHER, m_other },
};

/* --- one line of text --- */

static int
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Length of "5.7.26" at s; 0 where there is none. */
static size_t
enhanced(const char *s, size_t len)
{
	size_t i = 0;
	int dots = 0, digits = 0;

	for (; i < len && (is_digit(s[i]) || s[i] == '.'); i++) {
		if (s[i] == '.') {
			if (digits == 0)
				return 0;
			dots++;
			digits = 0;
		} else {
			digits++;
		}
	}
	return dots == 2 && digits > 0 && digits <= 3 ? i : 0;
}

/* Length of the reply code (and enhanced code) at the start of a line: "550-5.7.26 ". */
static size_t
reply_prefix(const char *s, size_t len)
{
	size_t n = 0, e;

	if (len > 3 && strchr("245", s[0]) != NULL && is_digit(s[1]) && is_digit(s[2]) && (s[3] == ' ' || s[3] == '-'))
		n = 4;
	if (n == 0)
		return 0;
	if (n < len && s[n] == '#')
		n++;
	e = enhanced(s + n, len - n);
	return e > 0 && n + e < len && s[n + e] == ' ' ? n + e + 1 : n;
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static void
add_folded(struct buf *b, const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		char c = s[i] == '\t' || s[i] == '\r' || s[i] == '\n' ? ' ' : lower(s[i]);

		/* A typographic apostrophe is an apostrophe, and quotation marks likewise. */
		if (i + 2 < len && memcmp(s + i, "\xe2\x80", 2) == 0 && memchr("\x98\x99\x9c\x9d", s[i + 2], 4) != NULL) {
			c = (unsigned char)s[i + 2] <= 0x99 ? '\'' : '"';
			i += 2;
		}
		if (c == ' ' && (b->len == 0 || b->at[b->len - 1] == ' '))
			continue;
		buf_add(b, &c, 1);
	}
}

/* 1: a header line "Subject:", quoted perhaps. */
static int
is_subject(const char *line, size_t len)
{
	static const char word[] = "subject:";
	size_t i, skip = 0;

	while (skip < len && (line[skip] == ' ' || line[skip] == '\t' || line[skip] == '>'))
		skip++;
	for (i = 0; word[i] != '\0' && skip + i < len && lower(line[skip + i]) == word[i]; i++)
		;
	return word[i] == '\0';
}

/* Any bytes to one folded line in lower case, but for lines that are subjects of mail: unless there is nothing else. */
static void
flatten(const char *s, size_t len, struct buf *b)
{
	const char *end = s + len, *line, *stop;

	for (line = s; line < end; line = stop + 1) {
		size_t n, skip = 0;

		stop = memchr(line, '\n', (size_t)(end - line));
		if (stop == NULL)
			stop = end;
		n = (size_t)(stop - line);
		if ((b->len > 0 || stop < end) && is_subject(line, n))
			continue;
		while (skip < n && (line[skip] == ' ' || line[skip] == '\t'))
			skip++;
		skip += reply_prefix(line + skip, n - skip);
		/* A soft line break of quoted-printable joins without a blank. */
		if (n > skip && line[n - 1] == '=') {
			add_folded(b, line + skip, n - skip - 1);
			continue;
		}
		add_folded(b, line + skip, n - skip);
		add_folded(b, " ", 1);
	}
}

/* Reply codes in the middle of joined lines ("due to 550-5.7.26 domain's") are dropped too. */
static void
drop_inner_replies(struct buf *b)
{
	size_t from, to = 0;

	for (from = 0; from < b->len;) {
		size_t n = from > 0 && b->at[from - 1] == ' ' ? reply_prefix(b->at + from, b->len - from) : 0;

		if (n > 4) {
			from += n;
			continue;
		}
		b->at[to++] = b->at[from++];
	}
	b->len = to;
	b->at[to] = '\0';
}

/* The end of what is in the bracket or the quotation marks at s: the closing one, or the end of a text that is cut; NULL: they are none. */
static const char *
end_of_quoted(const char *s)
{
	static const char opening[] = "([{<\"'", closing[] = ")]}>\"'";
	const char *kind = *s != '\0' ? strchr(opening, *s) : NULL;
	char close;
	int depth = 0;
	size_t i;

	if (kind == NULL)
		return NULL;
	close = closing[kind - opening];
	for (i = 1; i <= SUBJECT_MAX && s[i] != '\0'; i++) {
		if (s[i] == close && (close != '\'' || s[i + 1] < 'a' || s[i + 1] > 'z') && depth-- == 0)
			return s + i;
		if (s[i] == *s && close != *s)
			depth++;
	}
	return s[i] == '\0' && close != *s ? s + i : NULL;
}

/* Past what may stand between the word "subject" and what is quoted of it. */
static char *
skip_between(char *s)
{
	static const char *const between[] = { " of", " line", " header", " is", " was", ":", "=", " " };
	size_t i = 0;

	while (i < sizeof(between) / sizeof(between[0])) {
		size_t n = strlen(between[i]);

		if (strncmp(s, between[i], n) != 0) {
			i++;
			continue;
		}
		s += n;
		i = 0;
	}
	return s;
}

/* What a reply quotes of the mail's subject ("with the subject of (...)") are the sender's words: they decide nothing. */
static void
drop_subjects(struct buf *b)
{
	char *at = b->at;
	const char *end;

	while ((at = strstr(at, "subject")) != NULL) {
		at = skip_between(at + strlen("subject"));
		if ((end = end_of_quoted(at)) != NULL)
			for (at++; at < end; at++)
				*at = ' ';
	}
}

/* --- matching --- */

static const char name_chars[] = "abcdefghijklmnopqrstuvwxyz0123456789.-_";

/* How much of s is of the set; at most `most`, or a text without a blank would be walked once for each of its places. */
static size_t
span_of(const char *s, const char *set, size_t most)
{
	size_t n;

	for (n = 0; n < most && s[n] != '\0' && strchr(set, s[n]) != NULL; n++)
		continue;
	return n;
}

/* 1: the text at s begins with the pattern; domain and address are taken from it. */
static int
match_here(const char *s, const char *p, struct bounce *out)
{
	static const char ip[] = "abcdef0123456789.:";
	size_t n, i;

	for (; *p != '\0'; p++, s++) {
		if (*p == '*') {
			for (i = 0; i < GAP && s[i] != '\0'; i++)
				if (match_here(s + i, p + 1, out))
					return 1;
			return 0;
		}
		if (strncmp(p, "<d>", 3) == 0) {
			n = span_of(s, name_chars, sizeof(out->domain));
			while (n > 0 && s[n - 1] == '.')
				n--;
			if (n == 0 || n >= sizeof(out->domain) || !match_here(s + n, p + 3, out))
				return 0;
			memcpy(out->domain, s, n);
			out->domain[n] = '\0';
			return 1;
		}
		if (strncmp(p, "<ip>", 4) == 0) {
			char text[IP_TEXT];

			n = span_of(s, ip, sizeof(text));
			if (n == 0 || n >= sizeof(text) || !match_here(s + n, p + 4, out))
				return 0;
			memcpy(text, s, n);
			text[n] = '\0';
			(void)ip_canonical(text, out->address);
			return 1;
		}
		if (*s != *p)
			return 0;
	}
	return 1;
}

static int
match(const char *text, const char *pattern, struct bounce *out)
{
	for (; *text != '\0'; text++)
		if ((*text == *pattern || *pattern == '<' || *pattern == '*') && match_here(text, pattern, out))
			return 1;
	return 0;
}

/* --- codes --- */

static const char policy_word[] = "the receiver's own policy or filter; it names no authentication that failed";

/* What the detail of an enhanced code says, RFC 3463 section 3 and the registry of RFC 5248; where it is unlisted its subject ("1.") counts. */
static const struct status { const char *code, *meaning; } statuses[] = {
	{ "1.1", "the mailbox does not exist" }, { "1.2", "the recipient's domain does not exist or takes no mail" },
	{ "1.3", "the recipient's address is malformed" }, { "1.6", "the mailbox has moved" }, { "1.8", "the sender's domain does not exist" },
	{ "1.10", "the recipient's domain or address takes no mail" }, { "1.", "the receiver does not take the address" },
	{ "2.1", "the mailbox is disabled" }, { "2.2", "the mailbox is full" }, { "2.3", "the message is too large for the mailbox" },
	{ "2.", "the mailbox has a problem" }, { "3.4", "the message is too large" }, { "3.", "the receiver's mail system has a problem" },
	{ "4.1", "no answer from the receiver's host" }, { "4.4", "the receiver's domain cannot be routed to" }, { "4.7", "it could not be delivered in time" },
	{ "4.", "the network or routing failed" }, { "5.", "the two mail systems misunderstood each other" }, { "6.", "the content could not be handled" },
	{ "7.25", "the sending address has no matching reverse name" }, { "7.28", "too much mail in a short time" },
	{ "7.", policy_word },
};

/*
 * The first reply code with its enhanced code in folded text ("550 5.7.26"), or an enhanced code alone ("5.1.1"). "" where there is none.
 */
static void
take_code(const char *text, struct bounce *out)
{
	const char *p;
	size_t n, e;

	for (p = text; *p != '\0'; p++) {
		if (p > text && (is_digit(p[-1]) || p[-1] == '.' || (p[-1] >= 'a' && p[-1] <= 'z')))
			continue;
		n = *p == '2' || *p == '4' || *p == '5' ? strspn(p, "0123456789.") : 0;
		if (n == 3 && strcspn(p, ".") >= 3 && (p[3] == ' ' || p[3] == '-')) {
			const char *after = p + 4 + (p[4] == '#');

			e = enhanced(after, strlen(after));
			if (e == strspn(after, "0123456789.") && e > 0 && *after == *p)
				(void)snprintf(out->code, sizeof(out->code), "%.3s %.*s", p, (int)e, after);
			else if (*p != '2')
				(void)snprintf(out->code, sizeof(out->code), "%.3s", p);
		} else if (n > 4 && *p != '2' && enhanced(p, n) == n && p[1] == '.') {
			(void)snprintf(out->code, sizeof(out->code), "%.*s", (int)n, p);
		}
		if (out->code[0] != '\0')
			return;
	}
}

/* What the code says where no text is known; NULL where it says nothing. */
static const char *
meaning_of_code(const char *code)
{
	const char *enhanced_code = strchr(code, '.') == NULL ? NULL : strrchr(code, ' ') != NULL ? strrchr(code, ' ') + 1 : code;
	size_t i, n;

	for (i = 0; enhanced_code != NULL && i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		n = strlen(statuses[i].code);
		if (strncmp(enhanced_code + 2, statuses[i].code, n) == 0 && (statuses[i].code[n - 1] == '.' || enhanced_code[2 + n] == '\0'))
			return statuses[i].meaning;
	}
	return NULL;
}

static int
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || is_digit(c) || c == '_';
}

/* 1: the text says it as a word of its own, not as a part of an address, a host name or a URL. */
static int
says(const char *text, const char *word)
{
	size_t len = strlen(word);
	const char *at, *from, *end, *dot, *next;

	for (at = text; (at = strstr(at, word)) != NULL; at = next) {
		for (from = at; from > text && from[-1] != ' '; from--)
			;
		next = end = at + strcspn(at, " ");
		while (strchr(".,:;!?)>\"'", end[-1]) != NULL)
			end--;
		if (memchr(from, '@', (size_t)(end - from)) != NULL || memchr(from, '/', (size_t)(end - from)) != NULL)
			continue;
		dot = memrchr(from, '.', (size_t)(end - from));
		for (; at != NULL && at < end; at = strstr(at + len, word))
			if ((at == from || (!is_letter(at[-1]) && at[-1] != '.')) && !is_letter(at[len]) && (dot == NULL || dot < at))
				return 1;
	}
	return 0;
}

/* 1: the code says that it is about an address, a mailbox, a mail system or the content, RFC 3463 section 3. */
static int
is_of_mailbox(const char *code)
{
	const char *dot = strchr(code, '.');

	return dot != NULL && strchr("1236", dot[1]) != NULL && dot[2] == '.';
}

/* SPF, DKIM or both are named in a refusal that says of something that it failed; not in a header of the mail that it quotes. */
static int
take_named_authentication(const char *text, struct bounce *out)
{
	static const char *const failed[] = { "fail", "not permit", "not pass", "not authori", "not allow", "invalid", "not permission", "not designate", "-all", "required" };
	int spf = (says(text, "spf") || strstr(text, "sender policy framework") != NULL) && strstr(text, "spf=pass") == NULL && strstr(text, "spf pass") == NULL;
	int dkim = says(text, "dkim") && strstr(text, "dkim=pass") == NULL && strstr(text, "dkim pass") == NULL, fails = 0;
	size_t i;

	for (i = 0; i < sizeof(failed) / sizeof(failed[0]); i++)
		fails |= strstr(text, failed[i]) != NULL;
	if (!fails || (!spf && !dkim) || is_of_mailbox(out->code) || strstr(text, "dkim-signature") != NULL || strstr(text, "received-spf") != NULL)
		return 0;
	out->class = spf && dkim ? BOUNCE_AUTH : spf ? BOUNCE_SPF : BOUNCE_DKIM;
	out->meaning = spf && dkim ? m_auth : spf ? m_spf : m_dkim;
	return 1;
}

/* Other reasons by their usual words, for replies whose code says little. */
static const struct reason { const char *words, *meaning; } reasons[] = {
	{ "spamhaus", "the sending address is on a block list" }, { "dnsbl", "the sending address is on a block list" },
	{ "blocked using", "the sending address is on a block list" }, { "blacklist", "the sending address is on a block list" },
	{ "likely unsolicited", "the receiver takes it for spam" }, { " as spam", "the receiver takes it for spam" }, { "consider spam", "the receiver takes it for spam" },
	{ "spam message", "the receiver takes it for spam" }, { "is spam", "the receiver takes it for spam" },
	{ "greylist", "the receiver asks to try again later (greylisting)" }, { "graylist", "the receiver asks to try again later (greylisting)" },
	{ "relay access denied", "the server takes no mail for this recipient" }, { "relaying denied", "the server takes no mail for this recipient" },
	{ "user unknown", "the mailbox does not exist" }, { "no such user", "the mailbox does not exist" },
	{ "does not exist", "the mailbox does not exist" }, { "over quota", "the mailbox is full" }, { "mailbox full", "the mailbox is full" },
};

/* An authentication that failed by its code, RFC 7372 section 3; of refusals only: Gmail's 4.7.23 is about reverse names. */
static int
take_authentication_code(struct bounce *out)
{
	static const struct { const char *code; enum bounce_class class; const char *meaning; } codes[] = {
		{ " 5.7.20", BOUNCE_DKIM, m_dkim }, { " 5.7.21", BOUNCE_DKIM, m_dkim }, { " 5.7.22", BOUNCE_DKIM, m_dkim },
		{ " 5.7.23", BOUNCE_SPF, m_spf }, { " 5.7.24", BOUNCE_SPF, m_spf }, { " 5.7.26", BOUNCE_AUTH, m_auth },
	};
	size_t i;

	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (out->code[0] == '5' && strlen(out->code) == 10 && strcmp(out->code + 3, codes[i].code) == 0) {
			out->class = codes[i].class;
			out->meaning = codes[i].meaning;
			return 1;
		}
	return 0;
}

/* What else the reply is about: by its code; a code of policy, or none at all, says less than the words do. */
static void
name_reason(const char *text, struct bounce *out)
{
	size_t i;

	out->about = meaning_of_code(out->code);
	if (out->about != policy_word && (out->about != NULL || (out->code[0] != '4' && out->code[0] != '5')))
		return;
	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (strstr(text, reasons[i].words) != NULL) {
			out->about = reasons[i].meaning;
			return;
		}
}

/* No text we know: words, then codes. Words such as "dmarc" stand in quoted headers too, so there must be a refusal, or a code that defers. */
static void
fall_back(const char *text, struct bounce *out)
{
	static const char *const refusals[] = { "not accepted", "rejected", "refused", "blocked", "denied", "not permitted", "not allowed", "prohibited" };
	int refused = out->code[0] == '5', for_now;
	size_t i;

	for (i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
		refused |= strstr(text, refusals[i]) != NULL;
	for_now = out->code[0] == '4' && !is_of_mailbox(out->code) && (!refused || strstr(text, "temporar") != NULL || strstr(text, "temperror") != NULL);
	if ((refused || for_now) && (says(text, "dmarc") || strstr(text, "opendmarc") != NULL) && strstr(text, "dmarc=pass") == NULL) {
		out->class = BOUNCE_DMARC;
		out->meaning = for_now ? m_dmarc_unknown : m_dmarc;
		return;
	}
	if ((refused && take_named_authentication(text, out)) || take_authentication_code(out))
		return;
	name_reason(text, out);
	if (out->about != NULL) {
		out->class = BOUNCE_OTHER;
		out->meaning = m_other;
	}
}

/* What "spf= fail" says: 1 passed, 0 it did not, -1 nothing is said of it. */
static int
result_of(const char *text, const char *mechanism)
{
	static const char *const failed[] = { "fail", "softfail", "none", "neutral", "temperror", "permerror" };
	size_t n = strlen(mechanism), i;

	for (; (text = strstr(text, mechanism)) != NULL; text += n) {
		const char *at = text + n + strspn(text + n, " ");

		if (*at != '=')
			continue;
		at += 1 + strspn(at + 1, " ");
		if (strncmp(at, "pass", 4) == 0)
			return 1;
		for (i = 0; i < sizeof(failed) / sizeof(failed[0]); i++)
			if (strncmp(at, failed[i], strlen(failed[i])) == 0)
				return 0;
	}
	return -1;
}

/* Microsoft asks for both; what passed may stand behind it: "spf= fail , dkim= pass , dmarc= pass". */
static void
take_results(const char *text, struct bounce *out)
{
	const char *after = strstr(text, "authentication level");
	int spf, dkim, dmarc;

	if (after == NULL)
		return;
	spf = result_of(after, "spf");
	dkim = result_of(after, "dkim");
	dmarc = result_of(after, "dmarc");
	out->dmarc_passed = dmarc == 1;
	if (dmarc == 0 || (spf == 0 && dkim == 0))
		out->lacks = LACKS_DMARC;
	else if (spf == 0 && dkim != 0)
		out->lacks = LACKS_SPF;
	else if (dkim == 0 && spf != 0)
		out->lacks = LACKS_DKIM;
}

static void
take_lacks(const char *text, struct bounce *out)
{
	static const enum bounce_lacks of_class[] = { LACKS_UNKNOWN, LACKS_DMARC, LACKS_DMARC, LACKS_SPF, LACKS_DKIM, LACKS_DMARC, LACKS_RECORD, LACKS_UNKNOWN };

	out->lacks = out->meaning == m_dmarc_broken ? LACKS_RECORD : out->meaning == m_dmarc_temp || out->meaning == m_dmarc_unknown ? LACKS_UNKNOWN :
	    out->meaning == m_ms_level ? LACKS_ONE : of_class[out->class];
	if (out->meaning == m_ms_level)
		take_results(text, out);
}

/* Numbers and codes have points, too, but no letter behind the last. */
static void
take_names(const char *text, struct bounce *out)
{
	const char *s = text, *end;
	size_t n;

	while (*(s += strcspn(s, name_chars)) != '\0' && out->nnames < BOUNCE_NAMES) {
		end = s + strspn(s, name_chars);
		for (n = (size_t)(end - s); n > 0 && s[n - 1] == '.'; n--)
			continue;
		if (n > 0 && n < sizeof(out->names[0]) && (s == text || (s[-1] != '@' && s[-1] != '/')) && *end != '@' && *end != '/') {
			const char *dot = memrchr(s, '.', n);

			if (dot != NULL && dot > s && dot[1] >= 'a' && dot[1] <= 'z') {
				memcpy(out->names[out->nnames], s, n);
				out->names[out->nnames++][n] = '\0';
			}
		}
		s = end;
	}
}

void
bounce_read(const char *bytes, size_t len, struct bounce *out)
{
	struct buf b, raw;
	size_t i;

	memset(out, 0, sizeof(*out));
	out->meaning = "No refusal for DMARC, SPF or DKIM is recognised in this text.";
	len = len < TEXT_MAX ? len : TEXT_MAX;
	buf_init(&b, TEXT_MAX);
	buf_init(&raw, TEXT_MAX);
	add_folded(&raw, bytes, len);
	flatten(bytes, len, &b);
	take_code(raw.at, out);
	drop_inner_replies(&b);
	drop_subjects(&b);
	for (i = 0; i < sizeof(patterns) / sizeof(patterns[0]) && out->class == BOUNCE_NONE; i++) {
		if (!match(b.at, patterns[i].text, out))
			continue;
		out->class = patterns[i].class;
		out->server = patterns[i].server;
		out->meaning = patterns[i].meaning;
	}
	if (out->class == BOUNCE_NONE)
		fall_back(b.at, out);
	else if (out->class == BOUNCE_OTHER)
		name_reason(b.at, out);
	take_lacks(b.at, out);
	take_names(b.at, out);
	out->temporary = out->meaning == m_dmarc_temp || out->code[0] == '4';
	buf_free(&b);
	buf_free(&raw);
}

const char *
bounce_class_str(enum bounce_class c)
{
	static const char *const names[] = { "none", "dmarc", "auth", "spf", "dkim", "align", "nodmarc", "other" };

	return names[c];
}
