/* SPDX-License-Identifier: MIT */
/* report/chart: the drawings hold what the numbers say, at any size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/buf.h"
#include "report/chart.h"
#include "report/out.h"

static struct buf b;

static int
start(void **state)
{
	buf_init(&b, 1 << 20);
	return 0;
}

static int
stop(void **state)
{
	buf_free(&b);
	return 0;
}

static int
times(const char *needle)
{
	const char *at = b.at;
	int n = 0;

	while ((at = strstr(at, needle)) != NULL) {
		n++;
		at += strlen(needle);
	}
	return n;
}

static void
draw_columns(const struct chart_day *days, size_t n, const struct chart_mark *marks, size_t nmarks)
{
	const struct chart_columns c = { "id", "<title>", "about", "2026-10-30", days, n, 0, marks, nmarks };
	struct out *o = out_open_buf(&b);

	chart_columns(o, &c);
	assert_int_equal(out_close(o, NULL), OK);
}

static void
each_class_is_one_path_and_days_without_reports_are_hatched(void **state)
{
	struct chart_day days[4] = { { { 10, 0, 90 }, 1 }, { { 0 }, 0 }, { { 0 }, 0 }, { { 0, 0, 200 }, 1 } };

	draw_columns(days, 4, NULL, 0);
	assert_int_equal(times("<path class=\"c-lost\""), 1);
	assert_int_equal(times("<path class=\"c-passing\""), 1);
	assert_int_equal(times("c-at_risk"), 0);
	assert_int_equal(times("class=\"hatch\""), 1);
	assert_non_null(strstr(b.at, "x=\"25%\" width=\"50%\""));
	assert_non_null(strstr(b.at, "d=\"M1 160v-8h8v8z\""));	/* 10 of 200 on 160 units */
	assert_non_null(strstr(b.at, "M1 152v-72h8v72z"));	/* 90 on top of it */
	assert_non_null(strstr(b.at, ">30 Oct<"));
	assert_non_null(strstr(b.at, "&lt;title&gt;"));
}

static void
the_smallest_count_is_seen_and_the_largest_does_not_overflow(void **state)
{
	struct chart_day days[2] = { { { 1, 0, INT64_MAX / 4 }, 1 }, { { INT64_MAX / 4, 0, 0 }, 1 } };

	draw_columns(days, 2, NULL, 0);
	assert_non_null(strstr(b.at, "M1 160v-1h8v1z"));
	assert_null(strstr(b.at, "v--"));
	assert_null(strstr(b.at, "v-0"));
}

static void
marks_of_one_day_share_a_line(void **state)
{
	struct chart_day days[10] = { { { 1 }, 1 } };
	const struct chart_mark marks[] = { { 2, 1 }, { 5, 2 }, { 5, 3 } };

	draw_columns(days, 10, marks, 3);
	assert_int_equal(times("<line class=\"event\""), 2);
	assert_non_null(strstr(b.at, ">2, 3</text>"));
}

static void
a_long_period_is_drawn_in_few_columns(void **state)
{
	static struct chart_day days[800];
	size_t i;

	for (i = 0; i < 800; i++)
		days[i] = (struct chart_day){ { 0, 0, 5 }, 1 };
	assert_int_equal(chart_bucket(800, 92), 9);
	assert_int_equal(chart_bucket(92, 92), 1);
	draw_columns(days, 800, NULL, 0);
	assert_int_equal(times("h8v"), 89);
	assert_int_equal(times("class=\"hatch\""), 0);
}

static void
the_bar_shows_every_part_and_fills_its_length(void **state)
{
	const int64_t count[SLICES] = { 1, 0, 999999, 0, 1, 0 };
	const int64_t none[SLICES] = { 0 };
	struct out *o = out_open_buf(&b);

	chart_bar(o, none, "nothing");
	assert_int_equal(out_size(o), 0);
	chart_bar(o, count, "all");
	assert_int_equal(out_close(o, NULL), OK);
	assert_int_equal(times("<rect"), 3);
	assert_non_null(strstr(b.at, "c-lost\" height=\"100%\" x=\"0%\" width=\"0.6%\""));
	assert_non_null(strstr(b.at, "c-passing\" height=\"100%\" x=\"0.6%\" width=\"98.8%\""));
	assert_non_null(strstr(b.at, "c-undecided\" height=\"100%\" x=\"99.4%\" width=\"0.6%\""));
	assert_non_null(strstr(b.at, ">999,999</text>"));
}

static void
sparklines_merge_equal_days(void **state)
{
	const int64_t all[6] = { 0, 10, 10, 10, 5, 0 }, bad[6] = { 0, 0, 0, 0, 1, 0 };
	struct out *o = out_open_buf(&b);

	chart_spark(o, all, bad, 6, 10, "t");
	assert_int_equal(out_close(o, NULL), OK);
	assert_non_null(strstr(b.at, "d=\"M0 20h1v-20h3v10h1v10z\""));
	assert_non_null(strstr(b.at, "class=\"bad\" d=\"M0 20h4v-2h1v2z\""));
}

static void
a_strip_tells_reported_missing_and_not_yet_heard(void **state)
{
	struct out *o = out_open_buf(&b);

	chart_strip(o, "--1101", 6, "t");
	assert_int_equal(out_close(o, NULL), OK);
	assert_int_equal(times("class=\"day\""), 2);
	assert_int_equal(times("class=\"hatch\""), 1);
}

#define test(f) cmocka_unit_test_setup_teardown(f, start, stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		test(each_class_is_one_path_and_days_without_reports_are_hatched),
		test(the_smallest_count_is_seen_and_the_largest_does_not_overflow),
		test(marks_of_one_day_share_a_line),
		test(a_long_period_is_drawn_in_few_columns),
		test(the_bar_shows_every_part_and_fills_its_length),
		test(sparklines_merge_equal_days),
		test(a_strip_tells_reported_missing_and_not_yet_heard),
	};

	return cmocka_run_group_tests_name("chart", tests, NULL, NULL);
}
