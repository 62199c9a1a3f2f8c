/* SPDX-License-Identifier: MIT */
/* report/csv: one cell, whatever is in it. Files as a whole: tests/cli/outputs.t. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/buf.h"
#include "report/csv.h"
#include "report/out.h"

static void
expect_cell(const char *in, const char *want)
{
	struct buf b;
	struct out *o;

	buf_init(&b, 1 << 17);
	o = out_open_buf(&b);
	csv_cell(o, in, in != NULL ? strlen(in) : 0);
	assert_int_equal(out_close(o, NULL), OK);
	assert_string_equal(b.at, want);
	buf_free(&b);
}

static void
cells_are_quoted_where_rfc_4180_wants_it(void **state)
{
	expect_cell(NULL, "");
	expect_cell("", "");
	expect_cell("plain text", "plain text");
	expect_cell("a,b", "\"a,b\"");
	expect_cell("say \"hello\"", "\"say \"\"hello\"\"\"");
	expect_cell("\"", "\"\"\"\"");
	expect_cell("a;b", "\"a;b\"");
	expect_cell(" edge", "\" edge\"");
	expect_cell("<b>&", "<b>&");
	expect_cell("M\xc3\xbcller", "M\xc3\xbcller");
}

static void
formulas_are_defused_also_after_blanks_and_in_full_width(void **state)
{
	expect_cell("=1+1", "'=1+1");
	expect_cell("+49 30", "'+49 30");
	expect_cell("-", "'-");
	expect_cell("@SUM(A1)", "'@SUM(A1)");
	expect_cell("  =1", "'  =1");
	expect_cell("\t=1", "'\\x09=1");
	expect_cell("\rx", "'\\x0dx");
	expect_cell("\n-1", "'\\x0a-1");
	expect_cell("\xef\xbc\x9d" "A1", "'\xef\xbc\x9d" "A1");
	expect_cell("=HYPERLINK(\"http://x.example\",\"y\")", "\"'=HYPERLINK(\"\"http://x.example\"\",\"\"y\"\")\"");
	expect_cell("a=b", "a=b");
	expect_cell("192.0.2.1", "192.0.2.1");
}

static void
hidden_characters_and_line_ends_become_escapes(void **state)
{
	expect_cell("a\r\nb", "a\\x0d\\x0ab");
	expect_cell("\x1b[31m", "\\x1b[31m");
	expect_cell("\xe2\x80\xae" "x", "\\u202ex");
	expect_cell("bad \xff", "bad \\xff");
}

static void
a_nul_within_a_cell_ends_nothing(void **state)
{
	struct buf b;
	struct out *o;

	buf_init(&b, 100);
	o = out_open_buf(&b);
	csv_cell(o, "a\0=b", 4);
	csv_cell(o, "\0", 1);
	assert_int_equal(out_close(o, NULL), OK);
	assert_string_equal(b.at, "a\\x00=b\\x00");
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cells_are_quoted_where_rfc_4180_wants_it),
		cmocka_unit_test(formulas_are_defused_also_after_blanks_and_in_full_width),
		cmocka_unit_test(hidden_characters_and_line_ends_become_escapes),
		cmocka_unit_test(a_nul_within_a_cell_ends_nothing),
	};

	return cmocka_run_group_tests_name("csv", tests, NULL, NULL);
}
