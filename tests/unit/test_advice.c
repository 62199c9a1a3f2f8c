/* SPDX-License-Identifier: MIT */
/* Commands that texts advise name what strangers wrote: a real shell is to take it for one word, and run nothing. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/advice.h"

static const char *const names[] = { "example.org", "203.0.113.8", "2001:db8::7", "$(touch pwned).example", "`id`", "a b;id.example", "it's 'quoted'", "--help", "",
	"\\", "a\nb", "*", "~root", "&&", "b\xc3\xbc" "cher.example", "#x", "!!", "x'; id; '" };

/* What a shell takes as the third word and after. */
static void
words_in_shell(const char *command, char *out, size_t size)
{
	struct buf script;
	FILE *shell;
	size_t n;

	buf_init(&script, 8192);
	buf_str(&script, "dmarcsift() { shift; [ \"$1\" = -- ] && shift; printf '%s|' \"$@\"; }; ");
	buf_str(&script, command);
	assert_int_equal(setenv("SCRIPT", script.at, 1), 0);
	shell = popen("sh -c \"$SCRIPT\"", "r");
	assert_non_null(shell);
	n = fread(out, 1, size - 1, shell);
	out[n] = '\0';
	assert_int_equal(pclose(shell), 0);
	buf_free(&script);
}

static void
a_shell_takes_any_name_for_one_word(void **state)
{
	char out[400], want[400];
	struct buf b;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		buf_init(&b, 4096);
		advice_label(&b, names[i], "mine");
		words_in_shell(b.at, out, sizeof(out));
		snprintf(want, sizeof(want), "%s|mine|", names[i]);
		assert_string_equal(out, want);
		buf_reset(&b);
		advice_explain(&b, names[i]);
		words_in_shell(b.at, out, sizeof(out));
		snprintf(want, sizeof(want), "%s|", names[i]);
		assert_string_equal(out, want);
		buf_reset(&b);
		advice_policy(&b, "reject sp=reject", names[i]);
		words_in_shell(b.at, out, sizeof(out));
		snprintf(want, sizeof(want), "--policy|reject|--subdomain-policy|reject|--domain|%s|", names[i]);
		assert_string_equal(out, want);
		buf_free(&b);
	}
}

/* Both commands of a text, and nothing behind them. */
static void
assert_found(const struct buf *one, const char *between)
{
	size_t len, again;
	const char *at;
	struct buf b;

	buf_init(&b, 4096);
	buf_fmt(&b, "Yours: %s%s%s", one->at, between, one->at);
	at = advice_find(b.at, &len);
	assert_int_equal(len, one->len);
	assert_memory_equal(at, one->at, len);
	at = advice_find(at + len, &again);
	assert_int_equal(again, one->len);
	assert_memory_equal(at, one->at, again);
	assert_null(advice_find(at + again, &len));
	buf_free(&b);
}

static void
each_command_is_found_whole(void **state)
{
	struct buf one;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		buf_init(&one, 4096);
		advice_label(&one, names[i], "not_mine");
		assert_found(&one, ". If not: ");
		buf_reset(&one);
		advice_explain(&one, names[i]);
		assert_found(&one, ". Or mend it: ");
		buf_free(&one);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_shell_takes_any_name_for_one_word), cmocka_unit_test(each_command_is_found_whole) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
