/* SPDX-License-Identifier: MIT */
/* Programs of the user's choice, where none can be started. */
#include "base/command.h"

#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include <cmocka.h>

/* Instead of the C library's: there is no process left. */
pid_t
fork(void)
{
	errno = EAGAIN;
	return -1;
}

static size_t
open_files(void)
{
	DIR *d = opendir("/proc/self/fd");
	size_t n = 0;

	assert_non_null(d);
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

static void
test_a_program_that_cannot_be_started_leaves_no_pipe_open(void **state)
{
	char name[] = "true";
	char *argv[] = { name, NULL }, *line = NULL;
	struct err err = { "", 0 };
	size_t before = open_files();

	(void)state;
	assert_int_equal(command_feed(argv, "x", 1, &err), STOP);
	assert_string_equal(err.text, "true: Resource temporarily unavailable");
	assert_int_equal(command_first_line("password_command", "echo x", NULL, &line, &err), STOP);
	assert_string_equal(err.text, "password_command: Resource temporarily unavailable");
	assert_null(line);
	assert_int_equal(open_files(), before);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_a_program_that_cannot_be_started_leaves_no_pipe_open) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
