/* SPDX-License-Identifier: MIT */
/*
 * What came since the last analysis, as it is kept in mind: each address of a sender once, by domain; forgotten with the mark of its domain,
 * and altogether where it becomes too much (growth.c is built here with room for few notes).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define GROWTH_NOTES_MAX 2000
#include "sql/growth.c"

static char dir[] = "/tmp/dmarcsift-growth-XXXXXX", path[64];
static struct err err;

/* A database whose domains 1 to 3 are analysed. */
static struct store *
analysed(void)
{
	struct store *s = NULL;
	int64_t domain;

	assert_int_equal(store_open(&s, path, STORE_WRITE, 1795132800, &err), OK);
	for (domain = 1; domain <= 3; domain++)
		assert_int_equal(store_domain_analysed(s, &(struct due_domain){ .id = domain }, &err), OK);
	return s;
}

static void
only_what_was_analysed_is_kept_in_mind(void **state)
{
	struct store *s = analysed();

	(void)state;
	assert_int_equal(growth_mark(s, 1), 0);
	assert_int_equal(growth_open(s, 1, &err), OK);
	assert_int_equal(growth_open(s, 4, &err), OK);
	assert_int_not_equal(growth_mark(s, 1), 0);
	assert_int_equal(growth_mark(s, 4), 0);
	assert_int_equal(growth_mark(s, 1 << 20), 0);
	growth_drop(s, 1);
	assert_int_equal(growth_mark(s, 1), 0);
	/* Its row is gone with the first change: nothing is known of it any more until it is analysed. */
	assert_int_equal(growth_open(s, 1, &err), OK);
	assert_int_equal(growth_mark(s, 1), 0);
	assert_int_equal(store_domain_analysed(s, &(struct due_domain){ .id = 1 }, &err), OK);
	assert_int_equal(growth_open(s, 1, &err), OK);
	assert_int_not_equal(growth_mark(s, 1), 0);
	assert_int_equal(store_rollback(s, &err), OK);
	assert_int_equal(growth_mark(s, 1), 0);
	store_close(s);
}

static void
each_address_is_noted_once_and_told_by_sender_and_source(void **state)
{
	struct store *s = analysed();
	const struct touched *t;
	uint32_t one, two;
	int fresh, round, i;
	size_t n;

	(void)state;
	assert_int_equal(growth_open(s, 1, &err), OK);
	assert_int_equal(growth_open(s, 2, &err), OK);
	one = growth_mark(s, 1);
	two = growth_mark(s, 2);
	for (round = 0; round < 2; round++) {
		for (i = 0; i < 600; i++) {
			growth_touch(s, one, 1 + i * 7 % 10, i, &fresh)->lost |= (char)round;
			assert_int_equal(fresh, round == 0);
		}
		/* What is told is sorted; notes go on after that. */
		t = growth_touched(s, one, &n);
		assert_int_equal(n, 600);
	}
	assert_non_null(growth_touch(s, two, 5, 77, &fresh));
	assert_int_equal(fresh, 1);
	t = growth_touched(s, one, &n);
	assert_int_equal(n, 600);
	for (i = 0; i < 600; i++) {
		assert_int_equal(t[i].mark, one);
		assert_int_equal(t[i].lost, 1);
		assert_true(i == 0 || t[i - 1].sender < t[i].sender || (t[i - 1].sender == t[i].sender && t[i - 1].source < t[i].source));
	}
	t = growth_touched(s, two, &n);
	assert_int_equal(n, 1);
	assert_int_equal(t->source, 77);
	growth_restream(s, &(struct restream){ .mark = two, .auth_set = 3, .streams = 1 });
	growth_restream(s, &(struct restream){ .mark = one, .auth_set = 4, .streams = 1 });
	assert_int_equal(growth_restreams(s, two, &n)->auth_set, 3);
	assert_int_equal(n, 1);
	/* Analysed and changed again it begins anew. */
	assert_int_equal(store_domain_analysed(s, &(struct due_domain){ .id = 2 }, &err), OK);
	assert_int_equal(growth_open(s, 2, &err), OK);
	(void)growth_touched(s, growth_mark(s, 2), &n);
	assert_int_equal(n, 0);
	store_close(s);
}

static void
too_much_is_forgotten_until_all_is_analysed(void **state)
{
	struct store *s = analysed();
	uint32_t mark;
	int fresh, i;

	(void)state;
	assert_int_equal(growth_open(s, 1, &err), OK);
	mark = growth_mark(s, 1);
	for (i = 0; i < 2000; i++)
		assert_non_null(growth_touch(s, mark, 1, i, &fresh));
	assert_non_null(growth_touch(s, mark, 1, 5, &fresh));
	assert_null(growth_touch(s, mark, 1, i, &fresh));
	assert_int_equal(growth_mark(s, 1), 0);
	assert_int_equal(growth_open(s, 2, &err), OK);
	assert_int_equal(growth_mark(s, 2), 0);
	assert_int_equal(store_put_stamp(s, "", "", "", &err), OK);
	assert_int_equal(growth_open(s, 3, &err), OK);
	assert_int_not_equal(growth_mark(s, 3), 0);
	for (i = 0; i < 2001; i++)
		growth_restream(s, &(struct restream){ .mark = growth_mark(s, 3), .streams = 1 });
	assert_int_equal(growth_mark(s, 3), 0);
	store_close(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(only_what_was_analysed_is_kept_in_mind),
		cmocka_unit_test(each_address_is_noted_once_and_told_by_sender_and_source), cmocka_unit_test(too_much_is_forgotten_until_all_is_analysed) };
	int bad;

	if (mkdtemp(dir) == NULL)
		return 1;
	(void)snprintf(path, sizeof(path), "%s/a.db", dir);
	bad = cmocka_run_group_tests(tests, NULL, NULL);
	(void)unlink(path);
	(void)snprintf(path, sizeof(path), "%s/a.db.lock", dir);
	(void)unlink(path);
	(void)rmdir(dir);
	return bad;
}
