/* SPDX-License-Identifier: MIT */
/* See sender.h. The embedded table is split once; suffixes of each kind are sorted, so that a look-up is a few
 * binary searches, one for each label of the name. */
#include "report/sender.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/embed.h"
#include "base/mem.h"

enum column { C_ID, C_NAME, C_CATEGORY, C_PTR, C_ENVELOPE, C_DKIM, C_SELECTORS, C_CNAMES, C_CONFIDENCE, COLUMNS };

struct suffix { const char *text; const struct sender *sender; };
struct index { struct suffix *list; size_t count; };

static struct sender *senders;
static size_t nsenders;
static struct index by_dkim, by_envelope, by_ptr;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* Splits a line at tabs in place; missing columns are "". */
static void
split(char *line, char *fields[COLUMNS])
{
	int i;

	for (i = 0; i < COLUMNS; i++) {
		fields[i] = line;
		line += strcspn(line, "\t");
		if (*line != '\0')
			*line++ = '\0';
	}
}

/* Adds each space-separated name; patterns with a variable part name nobody by suffix but what stands behind their last `>.`. */
static void
add_names(struct index *index, char *names, const struct sender *sender)
{
	char *name, *save = NULL, *fixed;

	for (name = strtok_r(names, " ", &save); name != NULL; name = strtok_r(NULL, " ", &save)) {
		fixed = strrchr(name, '>');
		if (fixed != NULL)
			name = fixed[1] == '.' && strchr(fixed + 2, '.') != NULL ? fixed + 2 : NULL;
		if (name == NULL || *name == '\0')
			continue;
		index->list = mem_grow(index->list, index->count + 1, sizeof(*index->list));
		index->list[index->count].text = name;
		index->list[index->count++].sender = sender;
	}
}

static int
by_text(const void *a, const void *b)
{
	const struct suffix *x = a, *y = b;
	int c = strcmp(x->text, y->text);

	/* Of two rows that claim the same name the earlier one of the table stands. */
	return c != 0 ? c : x->sender < y->sender ? -1 : x->sender > y->sender;
}

static void
sort(struct index *index)
{
	if (index->count > 0)
		qsort(index->list, index->count, sizeof(*index->list), by_text);
}

static char *own;			/* text of the user's file; NULL none */
enum { OWN_MAX = 4 << 20 };

void
sender_add_file(const char *path)
{
	FILE *f = fopen(path, "rbe");
	char bytes[16384];
	struct buf b;
	size_t n;

	if (f == NULL)
		return;
	buf_init(&b, OWN_MAX);
	while ((n = fread(bytes, 1, sizeof(bytes), f)) > 0)
		buf_add(&b, bytes, n);
	fclose(f);
	free(own);
	own = b.at;
}

static size_t
lines_of(const char *text)
{
	size_t n = 0;

	for (; text != NULL && *text != '\0'; text++)
		n += *text == '\n';
	return n + 1;
}

/* Takes the rows of a table apart, in place; its first line is the header. */
static void
take_table(char *text)
{
	char *line = text + strcspn(text, "\n"), *next, *fields[COLUMNS];

	for (line += *line != '\0'; *line != '\0'; line = next) {
		struct sender *s = &senders[nsenders];

		next = line + strcspn(line, "\n");
		if (*next != '\0')
			*next++ = '\0';
		split(line, fields);
		if (*fields[C_ID] == '\0')
			continue;
		nsenders++;
		s->id = fields[C_ID];
		s->name = fields[C_NAME];
		s->category = fields[C_CATEGORY];
		s->dkim_selectors = fields[C_SELECTORS];
		s->dkim_cnames = fields[C_CNAMES];
		s->confidence = fields[C_CONFIDENCE];
		add_names(&by_ptr, fields[C_PTR], s);
		add_names(&by_envelope, fields[C_ENVELOPE], s);
		add_names(&by_dkim, fields[C_DKIM], s);
	}
}

/* The tables live as long as the program. */
static void
load(void)
{
	const struct embed *e = embed_find("report/data/senders.tsv");
	char *text = mem_strn((const char *)e->bytes, e->len);

	senders = mem_alloc((lines_of(text) + lines_of(own)) * sizeof(*senders));
	if (own != NULL)
		take_table(own);
	take_table(text);
	sort(&by_ptr);
	sort(&by_envelope);
	sort(&by_dkim);
}

static const struct sender *
find(const struct index *index, const char *name)
{
	size_t low = 0, high = index->count, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (strcmp(index->list[mid].text, name) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low < index->count && strcmp(index->list[low].text, name) == 0 ? index->list[low].sender : NULL;
}

const struct sender *
sender_of(const char *domain, enum sender_by by)
{
	const struct index *index;
	const struct sender *s;

	pthread_once(&once, load);
	index = by == BY_DKIM ? &by_dkim : by == BY_ENVELOPE ? &by_envelope : &by_ptr;
	for (; domain != NULL && *domain != '\0'; domain += *domain == '.') {
		if ((s = find(index, domain)) != NULL)
			return s;
		domain += strcspn(domain, ".");
	}
	return NULL;
}

static int
is_one_of(const char *word, const char *const *list, size_t count)
{
	while (count-- > 0)
		if (strcmp(word, list[count]) == 0)
			return 1;
	return 0;
}

int
sender_is_forwarder(const struct sender *s)
{
	static const char *const kinds[] = { "forwarder", "alias-relay", "mailing-list" };

	return s != NULL && is_one_of(s->category, kinds, 3);
}

int
sender_is_service(const struct sender *s)
{
	static const char *const others[] = { "mailbox", "security-gateway", "spf-manager", "signature", "hosting", "phishing-sim" };

	return s != NULL && !sender_is_forwarder(s) && !is_one_of(s->category, others, 6);
}

size_t
sender_count(void)
{
	pthread_once(&once, load);
	return nsenders;
}

const struct sender *
sender_at(size_t i)
{
	return i < sender_count() ? &senders[i] : NULL;
}

const struct sender *
sender_find(const char *id)
{
	size_t i;

	for (i = 0; i < sender_count(); i++)
		if (strcmp(senders[i].id, id) == 0)
			return &senders[i];
	return NULL;
}

/* The n-th word of a space-separated list: its length, 0 where there is none. */
static size_t
word_at(const char *list, size_t n, const char **word)
{
	size_t len;

	for (;; list += len) {
		list += strspn(list, " ");
		len = strcspn(list, " ");
		*word = list;
		if (len == 0 || n-- == 0)
			return len;
	}
}

int
sender_fix(const struct sender *s, const char *domain, size_t n, struct sender_record *out)
{
	const char *selector, *target;
	size_t len, target_len;

	if (s == NULL || n >= 4 || !sender_is_service(s) || strcmp(s->confidence, "low") == 0)
		return 0;
	len = word_at(s->dkim_selectors, n, &selector);
	target_len = word_at(s->dkim_cnames, n, &target);
	if (n > 0 && (len == 0 || target_len == 0))
		return 0;
	out->type = target_len > 0 && len > 0 ? "CNAME" : "TXT";
	(void)snprintf(out->name, sizeof(out->name), "%.*s._domainkey.%.253s", len > 0 ? (int)len : 10, len > 0 ? selector : "<selector>", domain);
	(void)snprintf(out->value, sizeof(out->value), "%.*s", target_len > 0 && len > 0 ? (int)target_len : 5,
	    target_len > 0 && len > 0 ? target : "<key>");
	return 1;
}
