/* SPDX-License-Identifier: MIT */
/* report/out: what leaves the program is escaped, whole or not there at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "report/out.h"

static char folder[64];

static int
make_folder(void **state)
{
	snprintf(folder, sizeof(folder), "/tmp/test_out.XXXXXX");
	return mkdtemp(folder) == NULL;
}

static char *
within(const char *name)
{
	return mem_fmt("%s/%s", folder, name);
}

static char *
slurp(const char *path)
{
	static char text[4096];
	FILE *f = fopen(path, "rb");
	size_t n;

	if (f == NULL)
		return NULL;
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	fclose(f);
	return text;
}

static void
expect_text(const char *in, size_t len, const char *want)
{
	struct buf b;
	struct out *o;

	buf_init(&b, 65536);
	o = out_open_buf(&b);
	out_textn(o, in, len);
	assert_int_equal(out_close(o, NULL), OK);
	assert_string_equal(b.at, want);
	buf_free(&b);
}

static void
text_is_escaped_for_markup_and_attributes(void **state)
{
	static const struct { const char *in, *want; } table[] = {
		{ "plain", "plain" },
		{ "", "" },
		{ "<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;" },
		{ "\" onload='x' &amp;", "&quot; onload=&#39;x&#39; &amp;amp;" },
		{ "</style>", "&lt;/style&gt;" },
		{ "a\tb\r\nc\x1b[31m\x7f", "a\\x09b\\x0d\\x0ac\\x1b[31m\\x7f" },
		{ "\xe2\x80\xae" "evil" "\xe2\x80\x8b", "\\u202eevil\\u200b" },
		{ "M\xc3\xbcller", "M\xc3\xbcller" },
		{ "cut \xe2\x80", "cut \\xe2\\x80" },
		{ "\xc0\xbc", "\\xc0\\xbc" },
	};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(*table); i++)
		expect_text(table[i].in, strlen(table[i].in), table[i].want);
	expect_text("nul\0here", 8, "nul\\x00here");
}

static void
long_text_is_cut_between_characters_with_an_ellipsis(void **state)
{
	char *in = mem_alloc(3 * OUT_TEXT_MAX);
	struct buf b;
	struct out *o;
	size_t i;

	for (i = 0; i + 3 <= 3 * OUT_TEXT_MAX - 3; i += 3)
		memcpy(in + i, "\xe2\x82\xac", 3);
	buf_init(&b, 1 << 20);
	o = out_open_buf(&b);
	out_text(o, in);
	assert_int_equal(out_close(o, NULL), OK);
	assert_int_equal(b.len % 3, 0);
	assert_true(b.len <= OUT_TEXT_MAX + 3);
	assert_memory_equal(b.at + b.len - 6, "\xe2\x82\xac\xe2\x80\xa6", 6);
	buf_reset(&b);
	o = out_open_buf(&b);
	out_short(o, in, 2);
	out_short(o, "ab", 2);
	out_short(o, NULL, 2);
	out_close(o, NULL);
	assert_string_equal(b.at, "\xe2\x82\xac\xe2\x82\xac\xe2\x80\xa6" "ab");
	buf_free(&b);
	free(in);
}

static void
numbers_are_written_with_separators_and_tenths(void **state)
{
	struct buf b;
	struct out *o;

	buf_init(&b, 1000);
	o = out_open_buf(&b);
	out_count(o, 1234567);
	out_lit(o, " ");
	out_int(o, -5);
	out_lit(o, " ");
	out_tenths(o, 125);
	out_lit(o, " ");
	out_tenths(o, 120);
	out_lit(o, " ");
	out_tenths(o, -7);
	out_lit(o, " ");
	out_tenths(o, 0);
	out_close(o, NULL);
	assert_string_equal(b.at, "1,234,567 -5 12.5 12 -0.7 0");
	buf_free(&b);
}

static void
a_file_appears_whole_and_only_at_the_end(void **state)
{
	char *path = within("page.html");
	struct out *o;

	assert_int_equal(out_open(&o, path, NULL), OK);
	out_lit(o, "<p>");
	out_text(o, "a<b");
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(out_close(o, NULL), OK);
	assert_string_equal(slurp(path), "<p>a&lt;b");
	assert_int_equal(out_open(&o, path, NULL), OK);
	out_lit(o, "second");
	assert_string_equal(slurp(path), "<p>a&lt;b");
	out_drop(o);
	assert_string_equal(slurp(path), "<p>a&lt;b");
	free(path);
}

static int
entries_in(const char *dir)
{
	char *cmd = mem_fmt("ls -A %s | wc -l", dir), line[32] = "";
	FILE *p = popen(cmd, "r");
	int64_t n = -1;

	if (p != NULL && fgets(line, sizeof(line), p) != NULL)
		n = strtol(line, NULL, 10);
	if (p != NULL)
		pclose(p);
	free(cmd);
	return (int)n;
}

static void
the_mode_of_the_file_replaced_is_kept_and_a_new_one_follows_the_umask(void **state)
{
	char *path = within("mode.html"), *link_path = within("link.html");
	struct stat st;
	struct out *o;
	mode_t old = umask(027);

	assert_int_equal(out_open(&o, path, NULL), OK);
	assert_int_equal(out_close(o, NULL), OK);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	assert_int_equal(chmod(path, 0604), 0);
	assert_int_equal(symlink(path, link_path), 0);
	assert_int_equal(out_open(&o, link_path, NULL), OK);
	out_lit(o, "through the link");
	assert_int_equal(out_close(o, NULL), OK);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0604);
	assert_string_equal(slurp(path), "through the link");
	assert_int_equal(lstat(link_path, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	/* Also where it leads to nothing yet. */
	assert_int_equal(unlink(path), 0);
	assert_int_equal(out_open(&o, link_path, NULL), OK);
	out_lit(o, "made behind the link");
	assert_int_equal(out_close(o, NULL), OK);
	assert_string_equal(slurp(path), "made behind the link");
	assert_int_equal(lstat(link_path, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(unlink(link_path), 0);
	assert_int_equal(symlink("link.html", link_path), 0);
	assert_int_equal(out_open(&o, link_path, NULL), STOP);
	umask(old);
	free(path);
	free(link_path);
}

static void
a_place_that_cannot_be_written_is_said_by_name(void **state)
{
	struct out *o = NULL;
	struct err err = { "", 0 };

	assert_int_equal(out_open(&o, "/nowhere/at/all/page.html", &err), STOP);
	assert_null(o);
	assert_non_null(strstr(err.text, "/nowhere/at/all/page.html"));
	assert_int_equal(out_open(&o, folder, &err), STOP);
	assert_non_null(strstr(err.text, "is a folder"));
}

static void
a_full_disk_leaves_the_old_file_and_no_temporary_one(void **state)
{
	struct rlimit was, small = { 100000, 100000 };
	char *path = within("full.html");
	struct err err = { "", 0 };
	struct out *o;
	int i, before;

	assert_int_equal(out_open(&o, path, NULL), OK);
	out_lit(o, "old");
	assert_int_equal(out_close(o, NULL), OK);
	before = entries_in(folder);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	small.rlim_max = was.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(out_open(&o, path, NULL), OK);
	for (i = 0; i < 20000; i++)
		out_lit(o, "twenty bytes of text");
	assert_int_equal(out_close(o, &err), STOP);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	assert_non_null(strstr(err.text, strerror(EFBIG)));
	assert_string_equal(slurp(path), "old");
	assert_int_equal(entries_in(folder), before);
	free(path);
}

static void
a_device_is_written_in_place_and_its_errors_are_told(void **state)
{
	struct err err = { "", 0 };
	struct out *o;

	assert_int_equal(out_open(&o, "/dev/null", NULL), OK);
	out_lit(o, "gone");
	assert_int_equal(out_close(o, NULL), OK);
	assert_int_equal(access("/dev/null", W_OK), 0);
	if (access("/dev/full", W_OK) != 0)
		return;
	assert_int_equal(out_open(&o, "/dev/full", NULL), OK);
	out_lit(o, "no room");
	assert_int_equal(out_close(o, &err), STOP);
	assert_non_null(strstr(err.text, strerror(ENOSPC)));
}

static void
only_the_table_and_json_writers_may_leave_html_escaping_aside(void **state)
{
	char line[256] = "";
	FILE *p = popen("grep -l 'report/out_raw.h' report/*.[ch] cli/*.c 2>/dev/null | LC_ALL=C sort | tr '\\n' ' '", "r");

	assert_non_null(p);
	assert_non_null(fgets(line, sizeof(line), p));
	pclose(p);
	assert_string_equal(line, "report/csv.c report/digest_mail.c report/json.c report/out.c ");
}

static int
remove_folder(void **state)
{
	char *cmd = mem_fmt("rm -rf %s", folder);
	int rc = system(cmd);

	free(cmd);
	return rc;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_escaped_for_markup_and_attributes),
		cmocka_unit_test(long_text_is_cut_between_characters_with_an_ellipsis),
		cmocka_unit_test(numbers_are_written_with_separators_and_tenths),
		cmocka_unit_test(a_file_appears_whole_and_only_at_the_end),
		cmocka_unit_test(the_mode_of_the_file_replaced_is_kept_and_a_new_one_follows_the_umask),
		cmocka_unit_test(a_place_that_cannot_be_written_is_said_by_name),
		cmocka_unit_test(a_full_disk_leaves_the_old_file_and_no_temporary_one),
		cmocka_unit_test(a_device_is_written_in_place_and_its_errors_are_told),
		cmocka_unit_test(only_the_table_and_json_writers_may_leave_html_escaping_aside),
	};

	signal(SIGXFSZ, SIG_IGN);
	return cmocka_run_group_tests_name("out", tests, make_folder, remove_folder);
}
