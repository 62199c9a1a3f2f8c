/* SPDX-License-Identifier: MIT */
/* Bytes to responses, and responses to what the engine asks of them; see imap_parse.h. */
#include "ingest/imap_parse.h"

#include <ctype.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/text.h"

void
imap_reader_init(struct imap_reader *r, int64_t literal_most)
{
	buf_init(&r->in, (size_t)literal_most + 2 * IMAP_LINE_MOST);
	r->at = 0;
	r->literal_most = literal_most;
}

void
imap_reader_free(struct imap_reader *r)
{
	buf_free(&r->in);
}

enum outcome
imap_reader_feed(struct imap_reader *r, const char *bytes, size_t len, struct err *err)
{
	if (r->at > 0 && (r->at == r->in.len || r->at > r->in.len / 2)) {
		memmove(r->in.at, r->in.at + r->at, r->in.len - r->at + 1);
		r->in.len -= r->at;
		r->at = 0;
	}
	if (!buf_add(&r->in, bytes, len))
		return err_stop(err, "the server sends an answer without end");
	return OK;
}

/* --- where a response ends --- */

static int
is_word(const char *at, size_t len, const char *word)
{
	size_t n = strlen(word);

	return len >= n && strncasecmp(at, word, n) == 0 && (len == n || at[n] == ' ' || at[n] == '\r');
}

static enum imap_status
status_of(const char *at, size_t len)
{
	static const char *const words[] = { "OK", "NO", "BAD", "BYE", "PREAUTH" };
	size_t i;

	for (i = 0; i < 5; i++)
		if (is_word(at, len, words[i]))
			return (enum imap_status)(IMAP_OK + (int)i);
	return IMAP_NONE;
}

/* The announced size where a line ends in {n}, {n+} or ~{n}; -1: no literal; -2: no number, or too large a one. */
static int64_t
announced(const char *line, size_t len)
{
	size_t end = len, start;
	int64_t n;

	if (end == 0 || line[--end] != '}')
		return -1;
	if (end > 0 && line[end - 1] == '+')
		end--;
	for (start = end; start > 0 && isdigit((unsigned char)line[start - 1]); start--)
		;
	if (start == 0 || line[start - 1] != '{')
		return -1;
	return end > start && end - start < 19 && text_int64(line + start, end - start, &n) ? n : -2;
}

/* Whether a quoted string is open at the end of these bytes: then a brace there is only a character. */
static int
in_quotes(const char *line, size_t len)
{
	int open = 0;
	size_t i;

	for (i = 0; i < len; i++) {
		if (open && line[i] == '\\')
			i++;
		else if (line[i] == '"')
			open = !open;
	}
	return open;
}

/* End of the line that starts at `from`: offset of its LF; len where it is not there yet. */
static size_t
line_end(const char *at, size_t from, size_t len)
{
	const char *lf = memchr(at + from, '\n', len - from);

	return lf != NULL ? (size_t)(lf - at) : len;
}

/* The whole response's length with its line's end in *whole; OK, END, STOP. */
static enum outcome
whole_response(struct imap_reader *r, const char *at, size_t len, size_t *whole, struct err *err)
{
	size_t from = 0, lf, text, start, outside = 0;
	enum imap_status status;
	int64_t n;

	for (;;) {
		lf = line_end(at, from, len);
		outside += lf - from;
		if (outside > IMAP_LINE_MOST)
			return err_stop(err, "the server sends a line of more than %d bytes", IMAP_LINE_MOST);
		if (lf == len)
			return END;
		text = lf > from && at[lf - 1] == '\r' ? lf - 1 : lf;
		*whole = lf + 1;
		if (from == 0) {	/* a status, a continuation: free text, no literals */
			for (start = 0; start < text && at[start] != ' '; start++)
				;
			status = start < text ? status_of(at + start + 1, text - start - 1) : IMAP_NONE;
			if (at[0] == '+' || at[0] != '*' || status != IMAP_NONE)
				return OK;
		}
		n = announced(at + from, text - from);
		if (n == -1 || in_quotes(at + from, text - from))
			return OK;
		if (n == -2 || n > r->literal_most)
			return err_stop(err, "the server announces more bytes than a mail may have (%lld): ...%.*s", (long long)r->literal_most,
			    (int)(text - from > 24 ? 24 : text - from), at + text - (text - from > 24 ? 24 : text - from));
		from = lf + 1 + (size_t)n;
		if (from > len)
			return END;
	}
}

static enum outcome
take_response(const char *at, size_t len, struct imap_response *out, struct err *err)
{
	size_t i, n;

	while (len > 0 && (at[len - 1] == '\n' || at[len - 1] == '\r'))
		len--;
	memset(out, 0, sizeof(*out));
	for (i = 0; i < len && at[i] != ' '; i++)
		;
	if (i == 1 && at[0] == '*') {
		out->kind = IMAP_UNTAGGED;
	} else if (at[0] == '+') {
		out->kind = IMAP_CONTINUE;
	} else {
		out->kind = IMAP_TAGGED;
		n = i < sizeof(out->tag) - 1 ? i : 0;
		memcpy(out->tag, at, n);
	}
	i += i < len;
	out->at = at + i;
	out->len = len - i;
	if (out->kind == IMAP_CONTINUE)
		return OK;
	out->status = status_of(out->at, out->len);
	if (out->status != IMAP_NONE) {
		for (n = 0; n < out->len && out->at[n] != ' '; n++)
			;
		n += n < out->len;
		out->at += n;
		out->len -= n;
	} else if (out->kind == IMAP_TAGGED) {
		return err_stop(err, "the server does not speak IMAP: it sent %.*s", (int)(len > 60 ? 60 : len), at);
	}
	return OK;
}

enum outcome
imap_reader_next(struct imap_reader *r, struct imap_response *out, struct err *err)
{
	const char *at = r->in.at + r->at;
	size_t len = r->in.len - r->at, whole = 0;
	enum outcome got;

	while (len > 0 && (*at == '\r' || *at == '\n')) {	/* stray line ends between responses */
		at++;
		len--;
		r->at++;
	}
	if (len == 0)
		return END;
	got = whole_response(r, at, len, &whole, err);
	if (got != OK)
		return got;
	r->at += whole;
	return take_response(at, whole, out, err);
}

/* --- tokens of a response --- */

enum token_kind { T_END, T_OPEN, T_CLOSE, T_ATOM, T_STRING, T_NIL, T_BROKEN };
struct token { enum token_kind kind; const char *at; size_t len; };
struct cursor { const char *at, *end; };

static void
quoted(struct cursor *c, struct token *t)
{
	t->at = ++c->at;
	while (c->at < c->end && *c->at != '"')
		c->at += *c->at == '\\' && c->at + 1 < c->end ? 2 : 1;
	t->kind = c->at < c->end ? T_STRING : T_BROKEN;
	t->len = (size_t)(c->at - t->at);
	c->at += c->at < c->end;
}

/* {n}CRLF and n bytes; also ~{n}. */
static void
literal(struct cursor *c, struct token *t)
{
	const char *lf = memchr(c->at, '\n', (size_t)(c->end - c->at));
	size_t len;
	int64_t n;

	t->kind = T_BROKEN;
	if (lf == NULL)
		return;
	len = (size_t)(lf - c->at);
	if (len > 0 && c->at[len - 1] == '\r')
		len--;
	n = announced(c->at, len);
	if (n < 0 || n > c->end - lf - 1)
		return;
	t->kind = T_STRING;
	t->at = lf + 1;
	t->len = (size_t)n;
	c->at = lf + 1 + n;
}

static void
atom(struct cursor *c, struct token *t)
{
	int brackets = 0;

	t->kind = T_ATOM;
	t->at = c->at;
	while (c->at < c->end && (brackets > 0 || (*c->at != ' ' && *c->at != '(' && *c->at != ')' && *c->at != '"'))) {
		brackets += *c->at == '[';
		brackets -= *c->at == ']' && brackets > 0;
		c->at++;
	}
	t->len = (size_t)(c->at - t->at);
	if (t->len == 3 && strncasecmp(t->at, "NIL", 3) == 0)
		t->kind = T_NIL;
}

static struct token
next_token(struct cursor *c)
{
	struct token t = { T_END, NULL, 0 };

	while (c->at < c->end && (*c->at == ' ' || *c->at == '\r' || *c->at == '\n'))
		c->at++;
	if (c->at == c->end)
		return t;
	t.at = c->at;
	if (*c->at == '(' || *c->at == ')') {
		t.kind = *c->at++ == '(' ? T_OPEN : T_CLOSE;
		t.len = 1;
	} else if (*c->at == '"') {
		quoted(c, &t);
	} else if (*c->at == '{' || (*c->at == '~' && c->at + 1 < c->end && c->at[1] == '{')) {
		literal(c, &t);
	} else {
		atom(c, &t);
	}
	return t;
}

static int
token_is(const struct token *t, const char *word)
{
	return t->kind == T_ATOM && t->len == strlen(word) && strncasecmp(t->at, word, t->len) == 0;
}

static int64_t
token_number(const struct token *t)
{
	int64_t n;

	return t->kind == T_ATOM && text_int64(t->at, t->len, &n) && n >= 0 ? n : -1;
}

/* A UID has 32 bits and is not 0 (RFC 9051 section 2.3.1.1); -1: it is none. */
static int64_t
uid_number(const struct token *t)
{
	int64_t n = token_number(t);

	return n > 0 && n <= UINT32_MAX ? n : -1;
}

/* Passes over one value: an atom, a string, or a list with all in it. 0: it is broken. */
static int
pass_over(struct cursor *c)
{
	int depth = 0;

	do {
		struct token t = next_token(c);

		if (t.kind == T_END || t.kind == T_BROKEN)
			return 0;
		depth += t.kind == T_OPEN;
		depth -= t.kind == T_CLOSE;
	} while (depth > 0);
	return depth == 0;
}

/* One attribute and its value. 0: broken. */
static int
take_attribute(struct cursor *c, const struct token *name, struct imap_fetched *out)
{
	int body = token_is(name, "BODY[]") || token_is(name, "BINARY[]"), head = name->len > 12 && strncasecmp(name->at, "BODY[HEADER.", 12) == 0;
	struct token value;

	if (!body && !head && !token_is(name, "UID") && !token_is(name, "RFC822.SIZE") && !token_is(name, "INTERNALDATE"))
		return pass_over(c);
	value = next_token(c);
	if (value.kind == T_END || value.kind == T_BROKEN)
		return 0;
	if (token_is(name, "UID")) {
		out->uid = uid_number(&value);
	} else if (token_is(name, "RFC822.SIZE")) {
		out->size = token_number(&value);
	} else if (value.kind == T_STRING && body) {
		out->body = value.at;
		out->bodylen = value.len;
		out->escaped = value.at[-1] == '"';
	} else if (value.kind == T_STRING && head) {
		out->head = value.at;
		out->headlen = value.len;
	} else if (value.kind == T_STRING) {
		out->date = value.at;
		out->datelen = value.len;
	}
	return 1;
}

int
imap_fetched(const struct imap_response *r, struct imap_fetched *out)
{
	struct cursor c = { r->at, r->at + r->len };
	struct token first = next_token(&c), t;

	if (r->kind != IMAP_UNTAGGED || r->status != IMAP_NONE || token_number(&first) < 0)
		return 0;
	t = next_token(&c);
	if (!token_is(&t, "FETCH") && !token_is(&t, "UIDFETCH"))
		return 0;
	memset(out, 0, sizeof(*out));
	out->uid = token_is(&t, "UIDFETCH") ? uid_number(&first) : -1;
	out->size = -1;
	t = next_token(&c);
	if (t.kind != T_OPEN)
		return 0;
	for (t = next_token(&c); t.kind == T_ATOM; t = next_token(&c))
		if (!take_attribute(&c, &t, out))
			return 0;
	return t.kind == T_CLOSE;
}

int64_t
imap_fetched_at(const struct imap_fetched *got)
{
	char *date = mem_strn(got->date, got->datelen);
	int64_t at = curl_getdate(date, NULL);

	free(date);
	return at;
}

int
imap_is(const struct imap_response *r, const char *name, int64_t *n)
{
	struct cursor c = { r->at, r->at + r->len };
	struct token t = next_token(&c);
	int64_t number = token_number(&t);

	if (r->kind != IMAP_UNTAGGED || r->status != IMAP_NONE)
		return 0;
	if (number >= 0)
		t = next_token(&c);
	if (!token_is(&t, name))
		return 0;
	if (n != NULL)
		*n = number;
	return 1;
}

int
imap_has_word(const struct imap_response *r, const char *word)
{
	struct cursor c = { r->at, r->at + r->len };
	struct token t;

	for (t = next_token(&c); t.kind != T_END && t.kind != T_BROKEN; t = next_token(&c))
		if (token_is(&t, word))
			return 1;
	return 0;
}

int
imap_code(const struct imap_response *r, const char *code, int64_t *n)
{
	size_t len = strlen(code), i;
	int64_t number;

	if (r->status == IMAP_NONE || r->len < len + 2 || r->at[0] != '[' || strncasecmp(r->at + 1, code, len) != 0)
		return 0;
	if (r->at[1 + len] == ']') {
		if (n != NULL)
			*n = -1;
		return 1;
	}
	if (r->at[1 + len] != ' ')
		return 0;
	for (i = len + 2; i < r->len && r->at[i] != ']' && r->at[i] != ' '; i++)
		;
	if (n != NULL)
		*n = text_int64(r->at + len + 2, i - len - 2, &number) ? number : -1;
	return 1;
}

/* A token's text with its escapes taken out where it is quoted; caller frees. */
static char *
token_text(const struct token *t)
{
	char *text = mem_alloc(t->len + 1);
	size_t i, n = 0;
	int escapes = t->kind == T_STRING && t->at[-1] == '"';

	for (i = 0; i < t->len; i++) {
		if (escapes && t->at[i] == '\\' && i + 1 < t->len)
			i++;
		text[n++] = t->at[i];
	}
	return text;
}

int
imap_listed(const struct imap_response *r, char *delimiter, char **name, int *selectable)
{
	struct cursor c = { r->at, r->at + r->len };
	struct token t = next_token(&c);
	char *text;

	if (r->kind != IMAP_UNTAGGED || r->status != IMAP_NONE || !token_is(&t, "LIST") || next_token(&c).kind != T_OPEN)
		return 0;
	*selectable = 1;
	for (t = next_token(&c); t.kind == T_ATOM; t = next_token(&c))
		if (token_is(&t, "\\Noselect") || token_is(&t, "\\NonExistent"))
			*selectable = 0;
	if (t.kind != T_CLOSE)
		return 0;
	t = next_token(&c);
	if (t.kind != T_STRING && t.kind != T_NIL)
		return 0;
	text = token_text(&t);
	*delimiter = t.kind == T_NIL ? '\0' : text[0];
	free(text);
	t = next_token(&c);
	if (t.kind != T_STRING && t.kind != T_ATOM)
		return 0;
	*name = token_text(&t);
	return 1;
}

/* Numbers in a set such as 3,5:8. */
static int64_t
set_count(const char *at, size_t len)
{
	int64_t first, last, count = 0;
	size_t i, n, colon;

	for (i = 0; i < len; i += n + 1) {
		for (n = 0; i + n < len && at[i + n] != ','; n++)
			;
		for (colon = 0; colon < n && at[i + colon] != ':'; colon++)
			;
		if (!text_int64(at + i, colon, &first))
			return count;
		last = first;
		if (colon < n && !text_int64(at + i + colon + 1, n - colon - 1, &last))
			return count;
		if (first <= 0 || first > UINT32_MAX || last <= 0 || last > UINT32_MAX)
			return count;
		count += (last > first ? last - first : first - last) + 1;
	}
	return count;
}

int64_t
imap_found(const struct imap_response *r)
{
	struct cursor c = { r->at, r->at + r->len };
	struct token t = next_token(&c);
	int extended = token_is(&t, "ESEARCH");
	int64_t count = 0;

	if (r->kind != IMAP_UNTAGGED || r->status != IMAP_NONE || (!extended && !token_is(&t, "SEARCH")))
		return 0;
	for (t = next_token(&c); t.kind != T_END && t.kind != T_BROKEN; t = next_token(&c)) {
		if (!extended)
			count += token_number(&t) > 0;
		else if (token_is(&t, "ALL") && (t = next_token(&c)).kind == T_ATOM)
			return set_count(t.at, t.len);
	}
	return count;
}

int
imap_namespace(const struct imap_response *r, char **prefix)
{
	struct cursor c = { r->at, r->at + r->len };
	struct token t = next_token(&c);

	if (r->kind != IMAP_UNTAGGED || r->status != IMAP_NONE || !token_is(&t, "NAMESPACE"))
		return 0;
	while ((t = next_token(&c)).kind == T_OPEN)
		;
	if (t.kind != T_STRING && t.kind != T_NIL)
		return 0;
	*prefix = t.kind == T_NIL ? mem_str("") : token_text(&t);
	return 1;
}

int64_t
imap_wanted_wait(const struct imap_response *r)
{
	char text[512];
	size_t n = r->len < sizeof(text) - 1 ? r->len : sizeof(text) - 1, i;
	const char *at;
	int64_t ms;

	if (r->status != IMAP_NO && r->status != IMAP_BAD && r->status != IMAP_BYE)
		return -1;
	memcpy(text, r->at, n);
	text[n] = '\0';
	if ((at = text_find(text, "Backoff Time: ")) != NULL) {
		at += strlen("Backoff Time: ");
		for (i = 0; isdigit((unsigned char)at[i]); i++)
			;
		return text_int64(at, i, &ms) && ms > 0 ? ms : 0;
	}
	if (text_find(text, "throttl") != NULL || text_find(text, "try again later") != NULL || text_find(text, "[LIMIT]") != NULL ||
	    text_find(text, "Server Unavailable") != NULL || text_find(text, "too many") != NULL)
		return 0;
	return -1;
}
