/* SPDX-License-Identifier: MIT */
/* See reporter.h. */
#include "sql/reporter.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/width.h"
#include "parse/domain.h"

int
reporter_is_from(const char *domain, const char *email)
{
	const char *at = email != NULL ? strrchr(email, '@') : NULL;
	char name[256];

	if (domain == NULL || at == NULL || strlen(at + 1) >= sizeof(name))
		return 0;
	(void)snprintf(name, sizeof(name), "%s", at + 1);
	text_lower(name);
	return domain_aligned(domain, name, 0);
}

static void
on_is_from(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	(void)argc;
	sqlite3_result_int(ctx, reporter_is_from((const char *)sqlite3_value_text(argv[0]), (const char *)sqlite3_value_text(argv[1])));
}

static void
on_reporter_name(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	const char *email = (const char *)sqlite3_value_text(argv[1]), *at = email != NULL ? strchr(email, '@') : NULL;
	const char *domain = at != NULL ? at + 1 : email;

	(void)argc;
	if (sqlite3_value_bytes(argv[0]) > 0)
		sqlite3_result_value(ctx, argv[0]);
	else if (domain != NULL && *domain != '\0')
		sqlite3_result_text(ctx, domain, -1, SQLITE_TRANSIENT);
	else
		sqlite3_result_text(ctx, "(no name)", -1, SQLITE_STATIC);
}

static void
on_shown(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	const char *name = (const char *)sqlite3_value_text(argv[0]);
	char out[TEXT_SHORT_BYTES];

	(void)argc;
	if (name != NULL)
		sqlite3_result_text(ctx, text_short(name, out), -1, SQLITE_TRANSIENT);
}

int
reporter_register(struct store *s)
{
	const int kind = SQLITE_UTF8 | SQLITE_DIRECTONLY | SQLITE_DETERMINISTIC;

	if (sqlite3_create_function(s->db, "is_from", 2, kind, NULL, on_is_from, NULL, NULL) != SQLITE_OK)
		return SQLITE_ERROR;
	if (sqlite3_create_function(s->db, "shown", 1, kind, NULL, on_shown, NULL, NULL) != SQLITE_OK)
		return SQLITE_ERROR;
	return sqlite3_create_function(s->db, "reporter_name", 2, kind, NULL, on_reporter_name, NULL, NULL);
}
