/* SPDX-License-Identifier: MIT */
/* See config_text.h. */
#include "cli/config_text.h"

#include <errno.h>
#include <string.h>

/* Past the ${NAME} or ${NAME:-any text} that begins at i; i: there begins none. */
static size_t
end_of_variable(const char *s, size_t len, size_t i)
{
	const char *end = s[i] == '$' && i + 1 < len && s[i + 1] == '{' ? memchr(s + i, '}', len - i) : NULL;

	return end != NULL ? (size_t)(end - s) + 1 : i;
}

/* Past the string that begins at i. */
static size_t
end_of_string(const char *s, size_t len, size_t i)
{
	char quote = s[i++];
	size_t end;

	while (i < len && s[i] != quote)
		if (quote == '"' && (end = end_of_variable(s, len, i)) > i)
			i = end;
		else
			i += s[i] == '\\' ? 2 : 1;
	return i < len ? i + 1 : len;
}

/* Past the string or variable that begins at i; i: there begins none. */
static size_t
end_of_value(const char *s, size_t len, size_t i, int in_word)
{
	if (s[i] == '"' || s[i] == '\'')
		return end_of_string(s, len, i);
	return in_word ? i : end_of_variable(s, len, i);
}

/* Past the comment that begins at i, but for the end of a line; i: there begins none. A word may hold slashes. */
static size_t
end_of_comment(const char *s, size_t len, size_t i, int in_word)
{
	const char *end = NULL;
	int slash = s[i] == '/' && !in_word && i + 1 < len;

	if (slash && s[i + 1] == '*')
		return (end = memmem(s + i + 2, len - i - 2, "*/", 2)) != NULL ? (size_t)(end - s) + 2 : len;
	if (s[i] != '#' && !(slash && s[i + 1] == '/'))
		return i;
	end = memchr(s + i, '\n', len - i);
	return end != NULL ? (size_t)(end - s) : len;
}

/* Adds a blank behind what is kept so far; of several in a row there is one. */
static size_t
keep_blank(char *s, size_t kept)
{
	if (kept == 0 || s[kept - 1] != ' ')
		s[kept++] = ' ';
	return kept;
}

/* Leaves out comments and what is more than one blank, in place: *len is what is left. Returns the line of the first brace that is not closed, 0 where there is none. */
static int
leave_out_comments(char *s, size_t *len)
{
	static const char between[] = " \t\r\n={}(),+*";	/* words */
	size_t i = 0, kept = 0, end, opened = 0;
	int in_word = 0, depth = 0, line = 1;

	while (i < *len) {
		if ((end = end_of_value(s, *len, i, in_word)) > i) {
			memmove(s + kept, s + i, end - i);
			kept += end - i;
			i = end;
			in_word = 0;
		} else if ((end = end_of_comment(s, *len, i, in_word)) > i) {
			for (kept = keep_blank(s, kept); i < end; i++)
				if (s[i] == '\n')
					s[kept++] = '\n';
			in_word = 0;
		} else if (s[i] == ' ' || s[i] == '\t') {
			kept = keep_blank(s, kept);
			in_word = 0;
			i++;
		} else {
			if (s[i] == '{' && depth++ == 0)
				opened = kept;
			if (s[i] == '}' && depth > 0)
				depth--;
			in_word = memchr(between, s[i], sizeof(between) - 1) == NULL;
			s[kept++] = s[i++];
		}
	}
	s[*len = kept] = '\0';
	for (i = 0; i < opened; i++)
		line += s[i] == '\n';
	return depth > 0 ? line : 0;
}

enum outcome
config_text(const char *path, FILE *f, struct buf *out, int *open_line, struct err *err)
{
	char part[4096];
	size_t from = out->len, n;

	while ((n = fread(part, 1, sizeof(part), f)) > 0)
		if (!buf_add(out, part, n))
			return err_stop(err, "%s: too large", path);
	if (ferror(f))
		return err_stop(err, "%s: %s", path, strerror(errno));
	/* Some editors begin UTF-8 with a mark (U+FEFF). Any other text that begins with its first byte begins with no key. */
	if (out->at[from] == '\xef') {
		if (strncmp(out->at + from, "\xef\xbb\xbf", 3) != 0)
			return err_stop(err, "%s:1: a key consists of ASCII letters", path);
		memset(out->at + from, ' ', 3);
	}
	n = out->len - from;
	*open_line = leave_out_comments(out->at + from, &n);
	out->len = from + n;
	return OK;
}
