/* SPDX-License-Identifier: MIT */
/* The values of a report, each by itself: words of enumerations, addresses and networks, domain names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "parse/parse.h"

/* NULL stands for no text. */
static void
same_text(const char *what, const char *have, const char *want)
{
	if ((have == NULL) != (want == NULL) || (have != NULL && strcmp(have, want) != 0))
		print_message("# %s: have %s, want %s\n", what, have != NULL ? have : "nothing", want != NULL ? want : "nothing");
	assert_int_equal(have == NULL, want == NULL);
	if (have != NULL)
		assert_string_equal(have, want);
}

static void
same_number(const char *what, int64_t have, int64_t want)
{
	if (have != want)
		print_message("# %s: have %lld, want %lld\n", what, (long long)have, (long long)want);
	assert_int_equal(have, want);
}

/* --- words --- */

#define WORD(type, word, code) { #type " " word, code, (int)type##_of(word) }

static void
each_word_has_its_code(void **state)
{
	const struct { const char *what; int want, have; } words[] = {
		WORD(policy, "none", POLICY_NONE), WORD(policy, "quarantine", POLICY_QUARANTINE), WORD(policy, "reject", POLICY_REJECT),
		WORD(policy, "", POLICY_ABSENT), WORD(policy, "monitor", POLICY_UNKNOWN),
		WORD(disposition, "none", DISP_NONE), WORD(disposition, "pass", DISP_PASS), WORD(disposition, "quarantine", DISP_QUARANTINE),
		WORD(disposition, "reject", DISP_REJECT), WORD(disposition, "discard", DISP_UNKNOWN),
		WORD(dmarc_result, "pass", DMARC_PASS), WORD(dmarc_result, "fail", DMARC_FAIL), WORD(dmarc_result, "none", DMARC_UNKNOWN),
		WORD(auth_result, "none", AUTH_NONE), WORD(auth_result, "pass", AUTH_PASS), WORD(auth_result, "fail", AUTH_FAIL),
		WORD(auth_result, "softfail", AUTH_SOFTFAIL), WORD(auth_result, "policy", AUTH_POLICY), WORD(auth_result, "neutral", AUTH_NEUTRAL),
		WORD(auth_result, "temperror", AUTH_TEMPERROR), WORD(auth_result, "permerror", AUTH_PERMERROR),
		WORD(auth_result, "hardfail", AUTH_FAIL), WORD(auth_result, "error", AUTH_PERMERROR),
		WORD(auth_result, "unknown", AUTH_TEMPERROR), WORD(auth_result, "invalid", AUTH_UNKNOWN),
		WORD(spf_scope, "mfrom", SCOPE_MFROM), WORD(spf_scope, "helo", SCOPE_HELO), WORD(spf_scope, "mailfrom", SCOPE_UNKNOWN),
		WORD(reason_type, "forwarded", REASON_FORWARDED), WORD(reason_type, "sampled_out", REASON_SAMPLED_OUT),
		WORD(reason_type, "trusted_forwarder", REASON_TRUSTED_FORWARDER), WORD(reason_type, "mailing_list", REASON_MAILING_LIST),
		WORD(reason_type, "local_policy", REASON_LOCAL_POLICY), WORD(reason_type, "policy_test_mode", REASON_POLICY_TEST_MODE),
		WORD(reason_type, "other", REASON_OTHER), WORD(reason_type, "arc", REASON_UNKNOWN),
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		same_number(words[i].what, words[i].have, words[i].want);
	same_number("no text", policy_of(NULL), POLICY_ABSENT);
}

/* --- addresses --- */

static void
an_address_has_one_text(void **state)
{
	static const struct { const char *text; int kind; const char *canonical; } addresses[] = {
		{ "192.0.2.1", 4, "192.0.2.1" }, { "0.0.0.0", 4, "0.0.0.0" }, { "255.255.255.255", 4, "255.255.255.255" },
		{ "::ffff:192.0.2.1", 4, "192.0.2.1" }, { "::FFFF:C000:0201", 4, "192.0.2.1" }, { "2001:DB8:0:0:0:0:0:5", 6, "2001:db8::5" },
		{ "::", 6, "::" }, { "::ffff:0:c000:201", 6, "::ffff:0:c000:201" },
		{ "256.0.2.1", 0, NULL }, { "192.0.2", 0, NULL }, { "192.0.2.", 0, NULL }, { ".192.0.2", 0, NULL }, { "192.0.2.1.", 0, NULL }, { "192.0.2.1.5", 0, NULL },
		{ "192.0.2.01", 0, NULL }, { "192.0.2.1000", 0, NULL }, { "192.0.2.x", 0, NULL }, { "1:2", 0, NULL }, { "", 0, NULL }, { "example.org", 0, NULL },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		char out[IP_TEXT] = "untouched";

		same_number(addresses[i].text, ip_canonical(addresses[i].text, out), addresses[i].kind);
		same_text(addresses[i].text, out, addresses[i].kind != 0 ? addresses[i].canonical : "untouched");
	}
}

static void
what_stands_around_an_address_is_taken_off_and_nothing_else(void **state)
{
	static const struct { const char *text; int kind; const char *canonical; } addresses[] = {
		{ "[192.0.2.1]", 4, "192.0.2.1" }, { "[2001:DB8::1]:25", 6, "2001:db8::1" }, { "[fe80::1%eth0]", 6, "fe80::1" }, { "fe80::1%eth0", 6, "fe80::1" },
		{ "192.0.2.1:25", 4, "192.0.2.1" }, { "IPv6:2001:db8::1", 6, "2001:db8::1" }, { "IPv4:192.0.2.1", 4, "192.0.2.1" }, { "[IPv6:2001:db8::1]", 6, "2001:db8::1" },
		{ "192.0.2.1/32", 4, "192.0.2.1" }, { "2001:db8::1/128", 6, "2001:db8::1" }, { "fe80::1%eth0/128", 6, "fe80::1" },
		{ "192.0.2.1/31", 0, NULL }, { "192.0.2.1/128", 0, NULL }, { "2001:db8::1/32", 0, NULL }, { "[192.0.2.1", 0, NULL }, { "[]", 0, NULL }, { "", 0, NULL },
		{ "%", 0, NULL }, { "192.0.2.256:25", 0, NULL }, { "IPv4:", 0, NULL }, { "[IPv6:]", 0, NULL }, { "[IPv6:2001:db8::1", 0, NULL },
		{ "2001:db8:1111:2222:3333:4444:5555:6666:7777:8888:9999", 0, NULL },
		{ "0000:0000:0000:0000:0000:ffff:192.168.100.200%0", 4, "192.168.100.200" }, { "0000:0000:0000:0000:0000:ffff:0192.168.100.200%0", 0, NULL },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		char out[IP_TEXT] = "untouched";

		same_number(addresses[i].text, ip_dressed(addresses[i].text, out), addresses[i].kind);
		same_text(addresses[i].text, out, addresses[i].kind != 0 ? addresses[i].canonical : "untouched");
	}
}

static void
an_address_lies_in_a_network_to_the_bit(void **state)
{
	static const struct { const char *address, *network; int within; } cases[] = {
		{ "192.0.2.1", "192.0.2.1", 1 }, { "192.0.2.1", "192.0.2.2", 0 }, { "192.0.2.1", "192.0.2.1/32", 1 }, { "192.0.2.1", "192.0.2.0/32", 0 },
		{ "192.0.2.255", "192.0.2.0/24", 1 }, { "192.0.3.0", "192.0.2.0/24", 0 }, { "192.0.3.0", "192.0.2.0/23", 1 }, { "192.0.4.0", "192.0.2.0/23", 0 },
		{ "192.0.2.127", "192.0.2.0/25", 1 }, { "192.0.2.128", "192.0.2.0/25", 0 }, { "203.0.113.9", "0.0.0.0/0", 1 }, { "192.0.2.77", "192.0.2.1/24", 1 },
		{ "::ffff:192.0.2.9", "192.0.2.0/24", 1 }, { "192.0.2.9", "::ffff:192.0.2.0/24", 1 }, { "2001:db8::1", "0.0.0.0/0", 0 }, { "192.0.2.1", "::/0", 0 },
		{ "2001:db8:ffff::1", "2001:db8::/32", 1 }, { "2001:db9::1", "2001:db8::/32", 0 }, { "2001:db8::1", "2001:db8::1/128", 1 }, { "2001:db8::2", "2001:db8::1/128", 0 },
		{ "2001:db8::3", "2001:db8::2/127", 1 }, { "2001:db8::4", "2001:db8::2/127", 0 }, { "2001:db8::1", "2001:db8::1", 1 },
		{ "192.0.2.1", "192.0.2.0/33", 0 }, { "192.0.2.1", "192.0.2.0/-1", 0 }, { "192.0.2.1", "192.0.2.0/", 0 }, { "192.0.2.1", "192.0.2.0/x", 0 },
		{ "2001:db8::1", "2001:db8::/129", 0 }, { "192.0.2.1", "example.org", 0 }, { "example.org", "192.0.2.0/24", 0 }, { "192.0.2.1", "", 0 },
		{ "192.0.2.1", "192.0.2.1.192.0.2.1.192.0.2.1.192.0.2.1.192.0.2.1.192.0.2.1/8", 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char what[128];

		(void)snprintf(what, sizeof(what), "%s in %s", cases[i].address, cases[i].network);
		same_number(what, ip_within(cases[i].address, cases[i].network), cases[i].within);
	}
}

static void
a_network_has_one_text(void **state)
{
	static const struct { const char *text, *network; } networks[] = {
		{ "192.0.2.7/24", "192.0.2.0/24" }, { "192.0.2.255/25", "192.0.2.128/25" }, { "192.0.2.7/32", "192.0.2.7/32" }, { "192.0.2.7/0", "0.0.0.0/0" },
		{ "::ffff:192.0.2.7/24", "192.0.2.0/24" }, { "2001:DB8::7/32", "2001:db8::/32" }, { "2001:db8::7/127", "2001:db8::6/127" }, { "2001:db8::7/128", "2001:db8::7/128" },
		{ "2001:db8::7/0", "::/0" }, { "192.0.2.7", NULL }, { "192.0.2.7/33", NULL }, { "192.0.2.7/-1", NULL }, { "192.0.2.7/", NULL }, { "192.0.2.7/x", NULL },
		{ "2001:db8::7/129", NULL }, { "example.org/24", NULL }, { "/24", NULL },
	};
	static const struct { const char *address, *network; } common[] = {
		{ "192.0.2.7", "192.0.2.0/24" }, { "2001:db8:1:2:3:4:5:6", "2001:db8:1::/48" }, { "::ffff:192.0.2.7", "192.0.2.0/24" }, { "example.org", "example.org" },
	};
	char out[IP_NETWORK_TEXT];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(networks) / sizeof(networks[0]); i++) {
		same_number(networks[i].text, ip_prefix(networks[i].text, out), networks[i].network != NULL);
		if (networks[i].network != NULL)
			same_text(networks[i].text, out, networks[i].network);
	}
	for (i = 0; i < sizeof(common) / sizeof(common[0]); i++) {
		ip_network(common[i].address, out, sizeof(out));
		same_text(common[i].address, out, common[i].network);
	}
}

/* --- domains --- */

static void
the_organisational_domain_is_what_was_registered(void **state)
{
	static const char *const domains[][2] = {
		{ "example.org", "example.org" }, { "a.b.example.org", "example.org" }, { "example.co.uk", "example.co.uk" }, { "a.example.co.uk", "example.co.uk" },
		{ "someone.github.io", "someone.github.io" }, { "www.someone.github.io", "someone.github.io" },
		{ "co.uk", "co.uk" }, { "org", "org" }, { "localhost", "localhost" }, { "192.0.2.1", "192.0.2.1" }, { "", NULL },
		/* too long to be remembered */
		{ "a-very-long-name-of-a-host-that-fills-the-whole-of-its-label.below.example.org", "example.org" },
	};
	size_t i;
	int turn;

	(void)state;
	assert_null(domain_org(NULL));
	for (turn = 0; turn < 2; turn++)		/* looked up, and remembered */
		for (i = 0; i < sizeof(domains) / sizeof(domains[0]); i++)
			same_text(domains[i][0], domain_org(domains[i][0]), domains[i][1]);
	/* More names than are remembered. */
	for (turn = 0; turn < 2; turn++)
		for (i = 0; i < 5000; i++) {
			char name[64], want[64];

			(void)snprintf(name, sizeof(name), "%s.d%zu.example", i % 2 ? "mail" : "a.b", i);
			(void)snprintf(want, sizeof(want), "d%zu.example", i);
			same_text(name, domain_org(name), want);
		}
}

static void
names_are_aligned_or_lie_below_on_label_boundaries(void **state)
{
	static const struct { const char *name, *base; int within, relaxed, strict; } pairs[] = {
		{ "example.org", "example.org", 1, 1, 1 }, { "a.example.org", "example.org", 1, 1, 0 }, { "example.org", "a.example.org", 0, 1, 0 },
		{ "b.example.org", "a.example.org", 0, 1, 0 }, { "notexample.org", "example.org", 0, 0, 0 }, { "org", "example.org", 0, 0, 0 },
		{ "example.org", "org", 1, 0, 0 }, { "a.co.uk", "b.co.uk", 0, 0, 0 }, { NULL, "example.org", 0, 0, 0 }, { "example.org", NULL, 0, 0, 0 },
		{ "", "", 0, 0, 0 }, { "", "example.org", 0, 0, 0 }, { "example.org", "", 0, 0, 0 }, { "example.org.", "", 0, 0, 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		char what[64];

		(void)snprintf(what, sizeof(what), "%.20s and %.20s", pairs[i].name != NULL ? pairs[i].name : "-", pairs[i].base != NULL ? pairs[i].base : "-");
		same_number(what, domain_within(pairs[i].name, pairs[i].base), pairs[i].within);
		same_number(what, domain_aligned(pairs[i].name, pairs[i].base, 0), pairs[i].relaxed);
		same_number(what, domain_aligned(pairs[i].name, pairs[i].base, 1), pairs[i].strict);
	}
}

static void
a_domain_is_brought_to_its_plain_form(void **state)
{
	static const char *const texts[][2] = {
		{ "Example.ORG", "example.org" }, { " example.org.\n", "example.org" }, { "user@example.org", "example.org" }, { "<user@example.org>", "example.org" },
		{ "a@b@example.org", "example.org" }, { "<example.org.>", "example.org" }, { "example.org..", "example.org." }, { "user@", NULL }, { "<>", NULL }, { ".", NULL },
		{ "", NULL }, { "x", "x" }, { "a, b@example.org", "example.org" }, { "example.org, example.net", "example.org, example.net" },
		{ "a@example.org, b", "example.org, b" },
	};
	static const char *const lists[][2] = {
		{ "a@Example.ORG, b@example.net", "example.org" }, { "<a@example.org>;<b@example.net>,c@x", "example.org" }, { "a, b <a@example.org>, c@example.net", "example.org" },
		{ "@,@", NULL },
	};
	static const char *const names[][2] = {
		{ "b\xc3\xbc" "cher.example", "xn--bcher-kva.example" }, { "\xe2\x98\x83.example", NULL }, { "fa\xc3\x9f.example", "xn--fa-hia.example" },
		{ "example.org", NULL }, { "\xff.example", NULL },
	};
	char ascii[DOMAIN_TEXT];
	size_t i, most = sizeof(texts) / sizeof(texts[0]);
	int several;

	(void)state;
	for (i = 0; i < most + sizeof(lists) / sizeof(lists[0]); i++) {
		const char *const *pair = i < most ? texts[i] : lists[i - most];
		char *text = mem_strn(pair[0], strlen(pair[0]));

		same_text(pair[0], domain_normal(text, &several), pair[1]);
		same_number(pair[0], several, i >= most);
		free(text);
	}
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		same_number(names[i][0], domain_ascii(names[i][0], ascii), names[i][1] != NULL);
		if (names[i][1] != NULL)
			same_text(names[i][0], ascii, names[i][1]);
	}
}

static void
a_name_can_be_looked_up(void **state)
{
	static const struct { const char *name; int is; } names[] = {
		{ "example.org", 1 }, { "a-b_c.example", 1 }, { "0az9.example", 1 }, { "b\xc3\xbc" "cher.example", 1 }, { "", 0 }, { "a b.example", 0 }, { "a/b", 0 },
		{ "a:b", 0 }, { "a`b", 0 }, { "a{b", 0 }, { "Example.org", 0 }, { "a\x1b[31m", 0 },
	};
	char longest[DOMAIN_TEXT + 1];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		same_number(names[i].name, domain_is_name(names[i].name), names[i].is);
	memset(longest, 'a', sizeof(longest));
	longest[DOMAIN_TEXT] = '\0';
	assert_int_equal(domain_is_name(longest), 0);
	longest[DOMAIN_TEXT - 1] = '\0';
	assert_int_equal(domain_is_name(longest), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_word_has_its_code),
		cmocka_unit_test(an_address_has_one_text),
		cmocka_unit_test(what_stands_around_an_address_is_taken_off_and_nothing_else),
		cmocka_unit_test(an_address_lies_in_a_network_to_the_bit),
		cmocka_unit_test(a_network_has_one_text),
		cmocka_unit_test(the_organisational_domain_is_what_was_registered),
		cmocka_unit_test(names_are_aligned_or_lie_below_on_label_boundaries),
		cmocka_unit_test(a_domain_is_brought_to_its_plain_form),
		cmocka_unit_test(a_name_can_be_looked_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
