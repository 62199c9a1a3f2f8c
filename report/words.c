/* SPDX-License-Identifier: MIT */
/* See ruling.h: the sentences that several rules share, from what is known of a sender. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"
#include "base/width.h"
#include "report/advice.h"
#include "report/report.h"
#include "report/ruling.h"
#include "report/sender.h"

enum { WORD_MOST = 253 };

const char *
words_short(struct analysis *a, const char *name)
{
	char out[TEXT_SHORT_BYTES];

	return arena_str(a->arena, text_short(name, out));
}

/* No name in DNS is longer than WORD_MOST; what is would only fill the reader's screen. Commands stay whole. */
static const char *
without_long_words(struct analysis *a, const char *text)
{
	const char *at, *command = text;
	size_t n, len = 0;
	struct buf b;

	buf_init(&b, strlen(text) + 1);
	for (at = text; *at != '\0'; at += n) {
		if (command != NULL && at >= command + len)
			command = advice_find(at, &len);
		n = at == command ? len : *at == ' ' ? 1 : strcspn(at, " ");
		if (n <= WORD_MOST || at == command)
			buf_add(&b, at, n);
		else
			buf_str(&b, words_short(a, arena_strn(a->arena, at, n)));
	}
	text = arena_strn(a->arena, b.at, b.len);
	buf_free(&b);
	return text;
}

const char *
words_of(struct analysis *a, struct buf *b)
{
	const char *text = b->len > 0 ? arena_strn(a->arena, b->at, b->len) : NULL;

	buf_free(b);
	return text != NULL && strlen(text) > WORD_MOST ? without_long_words(a, text) : text;
}

const char *
words_plural(int64_t n)
{
	return n == 1 ? "" : "s";
}

int
words_days(const char *from, const char *to)
{
	int64_t a, b;

	if (from == NULL || to == NULL || !text_when(from, &a) || !text_when(to, &b))
		return 0;
	return (int)((b - a) / 86400);
}

/* The domain the failing mail has to be signed by. */
static const char *
signing_domain(const struct known *k, const struct results *r)
{
	return r != NULL && r->from != NULL ? r->from : k->sum.domain;
}

/*
 * The failing mail passed as the user's own organisational domain: where the record asks for strict alignment that is why it fails;
 * otherwise the reports contradict themselves. own: which of them passed; NULL.
 */
struct own_pass { const char *signer, *envelope; int by_adkim, by_aspf, above; };	/* by: strict alignment is why it does not count; above: what passed lies above the policy domain */

static struct own_pass
own_passes(struct analysis *a, const struct known *k, const struct results *r)
{
	struct own_pass own = { results_passing_domain(a, r->dkim, k->sum.org, 1), results_passing_domain(a, r->spf, k->sum.org, 1), 0, 0, 0 };
	const struct sender_sum *x = &k->sum;
	const char *from = signing_domain(k, r);

	/* As the very domain in From it passes under strict alignment, too. */
	if (results_passed_as(r->dkim, from) || results_passed_as(r->spf, from))
		return own;
	own.above = x->domain != NULL && strcmp(x->domain, x->org) != 0 && (own.signer == NULL || !domain_within(own.signer, x->domain)) &&
	    (own.envelope == NULL || !domain_within(own.envelope, x->domain));
	own.by_adkim = own.signer != NULL && results_strict(k->sum.adkim);
	own.by_aspf = own.envelope != NULL && results_strict(k->sum.aspf);
	return own;
}

static void
why_own_pass(struct buf *b, const struct sender_sum *x, struct own_pass own, const char *they)
{
	if (own.by_adkim)
		buf_fmt(b, "%s signed by %s, but your record asks for strict alignment (adkim=s): only a signature of the very domain in From counts.", they,
		    own.signer);
	if (own.by_aspf)
		buf_fmt(b, "%sThe envelope is %s's, %s (aspf=s).", own.by_adkim ? " " : "", own.envelope,
		    own.by_adkim ? "which does not count either" : "but your record asks for strict alignment");
	if (!own.by_adkim && !own.by_aspf && own.above)
		buf_fmt(b, "%s of %s passed, but a receiver that finds organizations by walking up DNS (RFC 9989) takes %s for one of its own, apart from %s.",
		    own.signer != NULL ? "The signature" : "The envelope", own.signer != NULL ? own.signer : own.envelope, x->domain, x->org);
	else if (!own.by_adkim && !own.by_aspf)
		buf_fmt(b, "The reports contradict themselves: %s of %s passed, yet the mail was counted as failing.",
		    own.signer != NULL ? "the signature" : "the envelope", own.signer != NULL ? own.signer : own.envelope);
}

/* The own signature first: it is what counts. signer: who else signed it, so that it verifies; NULL. */
static void
why_signature(struct buf *b, const char *domain, enum signature is, const struct own_result *own, const char *signer, int one)
{
	if (is == UNSIGNED) {
		if (signer != NULL)
			buf_fmt(b, "%s signed by %s, not by %s.", one ? "It is" : "They are", signer, domain);
		else
			buf_fmt(b, "%s no signature of %s.", one ? "It carries" : "They carry", domain);
		return;
	}
	buf_fmt(b, "The signature for %s ", own->domain);
	if (is == NO_KEY && strcmp(own->word, "policy") == 0)
		buf_fmt(b, "does not count: receivers do not accept the key of selector %s (dkim=policy).", own->selector);
	else if (is == NO_KEY)
		buf_fmt(b, "does not verify: receivers find no usable key for selector %s.", own->selector);
	else
		buf_str(b, is == KEY_UNREACHABLE ? "could not be checked: DNS could not be reached (temporary)." : "does not verify.");
	if (signer != NULL)
		buf_fmt(b, " That of %s does, but does not count for %s.", signer, domain);
}

static void
why_envelope(struct buf *b, enum envelope is, const char *domain)
{
	if (is == FOREIGN_ENVELOPE && domain != NULL)
		buf_fmt(b, " The envelope is %s's.", domain);
	else if (is == SPF_ERROR)
		buf_fmt(b, " The SPF record of %s cannot be evaluated (permerror).", domain);
	else if (is == NO_SPF_RECORD)
		buf_fmt(b, " %s has no SPF record.", domain);
	else if (is == ADDRESS_NOT_IN_IT)
		buf_fmt(b, " The address is not in the SPF record of %s.", domain);
	else if (is == SPF_UNREACHABLE)
		buf_fmt(b, " The SPF record of %s could not be read: DNS could not be reached (temporary).", domain);
}

/* Each From has records of its own: those of one alone would mend a part. */
static void
why_each_from(struct buf *b, const struct sender_sum *x, enum signature is, const struct results *r)
{
	int strict = results_strict(x->adkim);

	if (r->other_froms == NULL || (is == NO_KEY && !strict))
		return;
	buf_fmt(b, " Mail from %s fails alike: each of these names needs the same", r->other_froms);
	if (!strict)
		buf_fmt(b, ", unless %s signs all of it.", x->domain);
	else
		buf_fmt(b, ". Without adkim=s in the DMARC record of %s a signature of %s would do for all of them.", x->domain, x->domain);
}

const char *
words_why(struct analysis *a, const struct known *k, const struct results *r, int64_t messages)
{
	const char *org = k->sum.org, *they = messages == 1 ? "It is" : "They are";
	struct own_pass own = own_passes(a, k, r);
	struct own_result which;
	enum envelope envelope;
	enum signature is;
	const char *account;
	struct buf b;

	buf_init(&b, 16384);
	if (own.signer != NULL || own.envelope != NULL) {
		why_own_pass(&b, &k->sum, own, they);
		return words_of(a, &b);
	}
	is = results_signature(a, r->dkim, org, &which);
	why_signature(&b, signing_domain(k, r), is, &which, results_passing_domain(a, r->dkim, org, 0), messages == 1);
	envelope = results_envelope(a, r->spf, org, &which);
	why_envelope(&b, envelope, which.domain);
	why_each_from(&b, &k->sum, is, r);
	if (r->stranger != NULL)
		buf_fmt(&b, " None of your mail that passes is signed by %s: where that is not you, it is another customer of %s and none of your mail.", r->stranger, k->name);
	if (k->label == NULL && strcmp(k->basis, "history") != 0 && (account = results_own_account(a, &k->sum, r)) != NULL)
		buf_fmt(&b, " %s signs so for the account of your own domain.", k->name);
	else if (strcmp(k->basis, "history") == 0 && r->passes_beside)
		buf_fmt(&b, " Other mail of yours passes through %s, so this may be another account's: where that is a stranger's, nothing is to be done.", k->name);
	else if (strcmp(k->basis, "vouched") == 0 && strcmp(k->sum.sender, org) != 0) {
		if (strcmp(k->sum.kind, "catalogue") == 0)
			buf_str(&b, " Likely yours: a stranger with an account there would look the same. Not yours? ");
		else
			buf_fmt(&b, " Likely yours: %s is another domain of your configuration. Not yours? ", k->name);
		advice_label(&b, k->sum.sender, "not_mine");
	}
	return words_of(a, &b);
}

/* Whose facts the advice on a sender's mail takes. One address of many that carry anybody's mail is nothing to publish. */
static const struct sender *
service_of(const struct sender_sum *x)
{
	return strcmp(x->kind, "catalogue") == 0 ? sender_find(x->sender) : strcmp(x->kind, "address") == 0 ? sender_of_address(x->sender) : NULL;
}

int
words_own_mail(const struct sender_sum *x)
{
	return service_of(x) == NULL && (strcmp(x->sender, x->org) == 0 || strcmp(x->kind, "address") == 0);
}

/*
 * Where other mail passes by one of the records. 1: its value is the account's own, so another account cannot have it, and no record is told; else
 * what is missing is mostly in the account.
 */
static int
fix_beside(struct buf *b, const struct sender *s, const char *domain, const struct results *of)
{
	struct sender_record r;
	size_t n;

	for (n = 0; of->published != NULL && sender_fix(s, domain, of->tenant, n, &r); n++) {
		if (strcmp(r.name, of->published) != 0)
			continue;
		if (strchr(r.value, '<') == NULL) {
			buf_fmt(b, "Other mail passes by such a record, so look first whether the account that sends this mail knows %s. ", domain);
			return 0;
		}
		buf_fmt(b, "Leave %s as it is, for other mail passes by it. ", r.name);
		if (of->passes_beside)
			buf_fmt(b, "Where this mail comes from another account, authenticate %s there, under a selector of its own", domain);
		else
			buf_fmt(b, "One of the two needs another selector: that mail, or this where you authenticate %s in the account at %s", domain, s->name);
		buf_fmt(b, "%s%s%s.", *s->where != '\0' ? " (" : "", s->where, *s->where != '\0' ? ")" : "");
		return 1;
	}
	return 0;
}

/* The records of a service to publish: all, or that of a key alone where it is all that is missing, or the only one whose name is known. How many; 0 none. */
static size_t
records_of_service(const struct sender *s, const char *domain, const struct results *of, const char *selector, struct sender_record list[SENDER_RECORDS])
{
	size_t n = 0;

	if (selector != NULL) {
		n = sender_fix_of_selector(s, domain, of->tenant, selector, &list[0]);
		if (n == 0 || (n == 1 && of->selector != NULL))
			return n;
		if (n == 1 && sender_fix(s, domain, of->tenant, 0, &list[1]) && strchr(list[1].name, '<') != NULL)
			return 1;
		n = 0;
	}
	while (n < SENDER_RECORDS && sender_fix(s, domain, of->tenant, n, &list[n]))
		n++;
	return n;
}

/* The records of a service that is known well enough, and where in its account to look. selector: under which a key is missing; NULL. */
static void
fix_of_service(struct buf *b, const struct known *k, const struct sender *s, const char *domain, const struct results *of, const char *selector)
{
	struct sender_record list[SENDER_RECORDS];
	int blanks = 0;
	size_t n, count;

	if (fix_beside(b, s, domain, of))
		return;
	count = records_of_service(s, domain, of, selector, list);
	for (n = 0; n < count; n++) {
		buf_fmt(b, "%s%s %s %s", n > 0 ? "; " : FIX_RECORDS, list[n].name, list[n].type, list[n].value);
		blanks |= strchr(list[n].name, '<') != NULL || strchr(list[n].value, '<') != NULL;
	}
	if (n > 0)
		buf_fmt(b, ".%s%s%s%s (Facts of " SENDERS_MONTH ", %s confidence.)", *s->where != '\0' ? " Then in the account: " : "", s->where,
		    *s->where != '\0' ? "." : "", blanks ? " " SHOWN_BLANKS : " " SHOWN_OTHERS, s->confidence);
	else if (selector != NULL)
		buf_fmt(b, "What belongs there is shown in the account at %s%s%s%s.", k->name, *s->where != '\0' ? " (" : "", s->where, *s->where != '\0' ? ")" : "");
	else if (strcmp(s->dkim, "no") == 0 && strcmp(s->confidence, "low") != 0)
		buf_fmt(b, "%s cannot sign as %s, as far as is known: use a From address of its own domain there, or another service.", k->name, domain);
	else
		buf_fmt(b, "Ask %s how it can sign as %s (DKIM).", k->name, domain);
	if (n > 0 && strcmp(s->dkim, "plan") == 0)
		buf_fmt(b, " Not every plan there can sign as %s: else use a From address of its own domain, or another service.", domain);
	if (n > 0 && strcmp(s->spf, "no") == 0)
		buf_str(b, " Its envelope never matches, and need not: DKIM is enough.");
}

/* The selector under which a key is missing; NULL: none is told, or there is a key that is not accepted. */
static const char *
missing_key(enum signature is, const struct own_result *own)
{
	return is == NO_KEY && strcmp(own->word, "policy") != 0 ? own->selector : NULL;
}

/* What mends mail that passed as the user's own domain and was counted as failing: the DMARC record, or nothing of the user's. */
static void
fix_of_own_pass(struct buf *b, const struct known *k, struct own_pass own)
{
	if (own.by_adkim || own.by_aspf)
		buf_fmt(b, "Remove %s%s%s from the DMARC record of %s (relaxed alignment is the default), or sign this mail as the very domain in its From.",
		    own.by_adkim ? "adkim=s" : "", own.by_adkim && own.by_aspf ? " or " : "", own.by_aspf ? "aspf=s" : "", k->sum.domain);
	else if (own.above)
		buf_fmt(b, "Sign this mail as %s, or take psd=n out of its DMARC record where that has it.", k->sum.domain);
	else {
		buf_str(b, "No record of yours explains it. See which receivers say so: ");
		advice_explain(b, k->sum.sender);
	}
}

/* A service that signs with a key of its own making, which the user's record only repeats. */
static int
has_own_key(const struct sender *s)
{
	return s != NULL && strcmp(s->confidence, "low") != 0 && strcmp(s->dkim, "no") != 0 && strcmp(s->dkim, "via-mailbox") != 0;
}

/* Where the user's signature is there and does not verify: its key, or what changes the mail. A key that gives `fail` was found, so none is to be published. */
static void
fix_of_signature(struct buf *b, const struct known *k, enum signature is, const struct own_result *own, int key_passes)
{
	const struct sender *s = service_of(&k->sum);

	if (is == NO_KEY && strcmp(own->word, "policy") == 0)
		buf_fmt(b, "Look at the key at %s._domainkey.%s: one of fewer than 1,024 bits is mostly what is not accepted. Sign with one of 2,048 bits, under a new selector.", own->selector,
		    own->domain);
	else if (is == NO_KEY && key_passes) {
		buf_fmt(b, "Other mail passes with the key at %s._domainkey.%s, so it is there. See which receivers do not find it: ", own->selector, own->domain);
		advice_explain(b, k->sum.sender);
	} else if (is == NO_KEY)
		buf_fmt(b, "Look at the record %s._domainkey.%s: the key there is missing or not valid.", own->selector, own->domain);
	else if (is == DOES_NOT_VERIFY && key_passes)
		buf_fmt(b, "Other mail passes with the key at %s._domainkey.%s, so it is right: find what changes this mail after it is signed.", own->selector, own->domain);
	else if (is == DOES_NOT_VERIFY && own->selector != NULL && has_own_key(s))
		buf_fmt(b, "Compare the record %s._domainkey.%s with the one that the account at %s shows%s%s%s. Where they agree, find what changes the mail after it is signed.",
		    own->selector, own->domain, k->name, *s->where != '\0' ? " (" : "", s->where, *s->where != '\0' ? ")" : "");
	else if (is == DOES_NOT_VERIFY) {
		buf_str(b, "Find what breaks the signature: mail that is changed after it is signed, or a key in DNS that is missing or does not match");
		if (own->selector != NULL)
			buf_fmt(b, " (%s._domainkey.%s)", own->selector, own->domain);
		buf_str(b, ".");
	}
}

/* The key could not be had. Some receivers tell so of one that is not there, too. */
static void
fix_of_dns(struct buf *b, const struct own_result *key)
{
	if (key->selector != NULL)
		buf_fmt(b, "Look whether the record %s._domainkey.%s is there: some receivers say the same of a key that is missing. Else", key->selector, key->domain);
	else
		buf_str(b, "No record is at fault:");
	buf_fmt(b, " DNS could not be reached for a time. Where that goes on, look at the name servers of %s.", key->domain);
}

const char *
words_mechanism(struct analysis *a, const char *address)
{
	return arena_fmt(a->arena, "%s:%s", strchr(address, ':') != NULL ? "ip6" : "ip4", address);
}

/* What mends the envelope of mail from the user's own addresses, begun in lower case; nothing where it is no record's fault. */
static void
fix_of_envelope(struct buf *b, struct analysis *a, const struct sender_sum *x, const struct results *r)
{
	const char *known = strcmp(x->kind, "address") == 0 ? words_mechanism(a, x->sender) : r->addresses;
	const char *from = known != NULL ? known : "the addresses it comes from";
	const char *domain = r->from != NULL ? r->from : x->domain;
	int strict = results_strict(x->aspf);
	struct own_result which;
	enum envelope is = results_envelope(a, r->spf, x->org, &which);

	if (is == SPF_UNREACHABLE)
		return;
	if (is == FOREIGN_ENVELOPE || (strict && strcmp(which.domain, domain) != 0))
		buf_fmt(b, "use an envelope address %s %s, with %s in its SPF record.", strict ? "of" : "below", strict ? domain : x->domain, from);
	else if (is == SPF_ERROR)
		buf_fmt(b, "mend the SPF record of %s: receivers cannot evaluate it.", which.domain);
	else if (is == NO_SPF_RECORD && known != NULL)
		buf_fmt(b, "publish an SPF record for %s: v=spf1 %s ~all", which.domain, known);
	else if (is == NO_SPF_RECORD)
		buf_fmt(b, "publish an SPF record for %s that holds %s.", which.domain, from);
	else
		buf_fmt(b, "put %s into the SPF record of %s.", from, which.domain);
}

/* What let a sender's mail pass by SPF is no longer in the record, or the record is gone or broken. */
static void
fix_of_lost_spf(struct buf *b, struct analysis *a, const struct known *k, const struct sender *s, const struct results *r)
{
	const char *what;
	struct own_result which;
	size_t len;
	char day[16];

	if (results_envelope(a, r->spf, k->sum.org, &which) == SPF_ERROR)
		buf_fmt(b, "Mend the SPF record of %s, which receivers cannot evaluate: ", r->spf_domain);
	else if (s == NULL && strcmp(k->sum.kind, "address") == 0)
		buf_fmt(b, "Put %s back into the SPF record of %s: ", words_mechanism(a, k->sum.sender), r->spf_domain);
	else if (s != NULL && (len = sender_spf(s, &what)) > 0)
		buf_fmt(b, "Put %.*s back into the SPF record of %s: ", (int)len, what, r->spf_domain);
	else
		buf_fmt(b, "Put what stands for %s back into the SPF record of %s: ", s != NULL ? s->name : k->name, r->spf_domain);
	buf_fmt(b, "by it this mail passed until %s. ", text_date(r->spf_until, day));
}

/* Mail from the user's own addresses: what is signed already need not be signed. */
static void
fix_of_own_mail(struct buf *b, struct analysis *a, const struct sender_sum *x, enum signature is, const struct own_result *key, const struct results *r)
{
	struct buf e;

	buf_init(&e, 4096);
	if (r->spf_until == NULL)
		fix_of_envelope(&e, a, x, r);
	if (is == UNSIGNED)
		buf_fmt(b, "Sign this mail with DKIM as %s%s", r->from != NULL ? r->from : x->domain, e.len > 0 ? ", or " : ".");
	else if (is == DOES_NOT_VERIFY || is == NO_KEY)
		buf_str(b, e.len == 0 ? "" : b->len > 0 && b->at[b->len - 1] == '.' ? " Or " : ". Or ");	/* after a command there is no point */
	if (e.len > 0)
		buf_fmt(b, "%c%.*s", is == KEY_UNREACHABLE ? *e.at - 'a' + 'A' : *e.at, (int)e.len - 1, e.at + 1);
	if (e.len == 0 && is == KEY_UNREACHABLE && r->spf_until == NULL)
		fix_of_dns(b, key);
	buf_free(&e);
}

const char *
words_fix(struct analysis *a, const struct known *k, const struct results *r)
{
	struct own_pass own = own_passes(a, k, r);
	const struct sender_sum *x = &k->sum;
	const struct sender *s = service_of(x);
	struct own_result which;
	enum signature is = results_signature(a, r->dkim, x->org, &which);
	struct buf b;

	buf_init(&b, 4096);
	if (own.signer != NULL || own.envelope != NULL) {
		fix_of_own_pass(&b, k, own);
		return words_of(a, &b);
	}
	if (r->spf_until != NULL)
		fix_of_lost_spf(&b, a, k, s, r);
	fix_of_signature(&b, k, is, &which, r->key_passes);
	if (words_own_mail(x))
		fix_of_own_mail(&b, a, x, is, &which, r);
	else if (is == KEY_UNREACHABLE && r->spf_until == NULL)
		fix_of_dns(&b, &which);
	else if (s != NULL && is != DOES_NOT_VERIFY && is != KEY_UNREACHABLE && !r->key_passes) {
		buf_str(&b, is == NO_KEY ? " " : r->spf_until != NULL ? "Then have it signed as well. " : "");
		/* The key belongs where the signature looks for it. */
		fix_of_service(&b, k, s, is == NO_KEY && !results_strict(x->adkim) ? which.domain : signing_domain(k, r), r, missing_key(is, &which));
	} else if (is == UNSIGNED)
		buf_fmt(&b, "Let %s sign as %s (DKIM), or use an envelope address %s %s there.", k->name, signing_domain(k, r), results_strict(x->aspf) ? "of" : "below",
		    results_strict(x->aspf) ? signing_domain(k, r) : x->domain);
	while (b.len > 0 && b.at[b.len - 1] == ' ')
		b.len--;
	return words_of(a, &b);
}

const char *
words_unsigned(struct analysis *a, const struct known *k, const struct results *r)
{
	struct own_result own;
	struct buf b;

	buf_init(&b, 4096);
	why_signature(&b, k->sum.domain, results_signature(a, r->dkim, k->sum.org, &own), &own, results_passing_domain(a, r->dkim, k->sum.org, 0), 0);
	return words_of(a, &b);
}

const char *
words_sign(struct analysis *a, const struct known *k, const struct results *r)
{
	const struct sender_sum *x = &k->sum;
	const struct sender *s = service_of(x);
	struct own_result own;
	enum signature is = results_signature(a, r->dkim, x->org, &own);
	struct buf b;

	buf_init(&b, 4096);
	fix_of_signature(&b, k, is, &own, 0);
	if (is == KEY_UNREACHABLE)
		fix_of_dns(&b, &own);
	else if (s != NULL && is != DOES_NOT_VERIFY) {
		buf_str(&b, is == NO_KEY ? " " : "");
		fix_of_service(&b, k, s, x->domain, r, missing_key(is, &own));
	} else if (is != UNSIGNED)
		;
	else if (words_own_mail(x))
		buf_fmt(&b, "Sign this mail with DKIM as %s.", x->domain);
	else
		buf_fmt(&b, "Let %s sign as %s (DKIM).", k->name, x->domain);
	return words_of(a, &b);
}

/* "DKIM mandrillapp.com/mte1" where a passing result belongs to the catalogue's sender; the first passing one otherwise. */
static int
show_result(struct buf *b, struct analysis *a, const char *what, const char *results, enum sender_by by, const struct sender *s)
{
	const char *at = results, *name, *domain;
	size_t n, len;

	while ((n = results_passing(&at, &name)) > 0) {
		len = strcspn(name, "/=");
		domain = arena_strn(a->arena, name, len < n ? len : n);
		if (s != NULL && sender_of(domain, by) != s &&
		    (by != BY_DKIM || len >= n || sender_of_selector(arena_strn(a->arena, name + len + 1, n - len - 1)) != s))
			continue;
		buf_fmt(b, "%s %.*s", what, (int)n, name);
		return 1;
	}
	return 0;
}

const char *
words_evidence(struct analysis *a, const struct known *k, const struct results *r)
{
	const struct sender *s = strcmp(k->sum.kind, "catalogue") == 0 ? sender_find(k->sum.sender) : NULL;
	struct buf b;

	buf_init(&b, 4096);
	if (!show_result(&b, a, "DKIM", r->dkim, BY_DKIM, s) && !show_result(&b, a, "envelope", r->spf, BY_ENVELOPE, s))
		buf_str(&b, strcmp(k->sum.kind, "address") == 0 ? "by its address only" : "by its addresses, known from other mail, their reverse names or networks");
	return words_of(a, &b);
}
