/* SPDX-License-Identifier: MIT */
/* See secret.h. */
#include "ingest/secret.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/command.h"
#include "base/mem.h"
#include "ingest/oauth.h"

enum outcome
secret_from_file(const char *path, char **line, struct err *err)
{
	char text[16384] = "";
	FILE *f = fopen(path, "re");

	if (f == NULL)
		return err_stop(err, "%s: %s", path, strerror(errno));
	if (fgets(text, sizeof(text), f) == NULL)
		text[0] = '\0';
	fclose(f);
	text[strcspn(text, "\r\n")] = '\0';	/* an empty line needs no clearing */
	if (text[0] == '\0')
		return err_stop(err, "%s: its first line is empty", path);
	*line = mem_str(text);
	memset(text, 0, sizeof(text));
	return OK;
}

static enum outcome
from_environment(const char *name, char **text, struct err *err)
{
	const char *value = getenv(name);

	if (value == NULL || *value == '\0')
		return err_stop(err, "the environment has no %s", name);
	*text = mem_str(value);
	return OK;
}

enum outcome
secret_get(const struct account *a, const volatile int *stop, struct secret *out, struct err *err)
{
	struct err why = { "", 0 };
	enum outcome r = OK;

	out->text = NULL;
	out->is_token = a->token_command != NULL || a->oauth != NULL;
	if (a->password != NULL)
		out->text = mem_str(a->password);
	else if (a->password_file != NULL)
		r = secret_from_file(a->password_file, &out->text, &why);
	else if (a->password_env != NULL)
		r = from_environment(a->password_env, &out->text, &why);
	else if (a->password_command != NULL)
		r = command_first_line("password_command", a->password_command, stop, &out->text, &why);
	else if (a->token_command != NULL)
		r = command_first_line("token_command", a->token_command, stop, &out->text, &why);
	else
		r = oauth_token(a, &out->text, &why);
	return r == OK ? OK : err_stop(err, "account %s: %s: %s", a->name, out->is_token ? "no access token" : "no password", why.text);
}

void
secret_free(struct secret *s)
{
	if (s->text != NULL)
		memset(s->text, 0, strlen(s->text));
	free(s->text);
	s->text = NULL;
}
