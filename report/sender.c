/* SPDX-License-Identifier: MIT */
/* See sender.h. The embedded table is split once; suffixes of each kind are sorted, so that a look-up is a few
 * binary searches, one for each label of the name. */
#include "report/sender.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/embed.h"
#include "base/mem.h"
#include "base/text.h"

/* Columns are known by the names in the header line, so that a user's file may leave some out. */
enum column { C_ID, C_NAME, C_CATEGORY, C_CARRIER, C_PTR, C_NETWORKS, C_ENVELOPE, C_DKIM, C_NAMING, C_RECORDS, C_FALLBACK, C_SPF, C_SPF_HOW, C_ALIGNED_DKIM, C_WHERE,
	C_NOTE, C_SOURCES, C_CONFIDENCE, COLUMNS };
static const char *const column_names[COLUMNS] = { "id", "name", "category", "carrier", "ptr_checked", "networks", "envelope_domains", "dkim_d_shared", "selectors_naming",
	"dkim_records", "from_fallback_domains", "aligned_spf", "aligned_spf_how", "aligned_dkim", "where_to_configure", "note", "sources", "confidence" };
enum { FIELDS_MAX = 40 };

struct suffix { const char *text; const struct sender *sender; };
struct index { struct suffix *list; size_t count; };

static struct sender *senders;
static size_t nsenders;
static struct index by_id, by_dkim, by_envelope, by_ptr, by_selector;	/* the last in the order of the table */
static struct network { unsigned char bytes[16]; size_t size, bits; const struct sender *sender; } *networks;
static size_t nnetworks;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* Splits a line at tabs in place: how many fields there are, FIELDS_MAX at most. */
static size_t
split(char *line, char *fields[FIELDS_MAX])
{
	size_t n = 0;

	while (n < FIELDS_MAX) {
		fields[n++] = line;
		line += strcspn(line, "\t\r");
		if (*line != '\t')
			break;
		*line++ = '\0';
	}
	*line = '\0';
	return n;
}

/* Which field of a line each column is, from the header line; FIELDS_MAX: it has none. */
static void
read_header(char *line, size_t places[COLUMNS])
{
	char *fields[FIELDS_MAX];
	size_t n = split(line, fields), i, k;

	for (i = 0; i < COLUMNS; i++) {
		for (k = 0; k < n && strcmp(fields[k], column_names[i]) != 0; k++)
			;
		places[i] = k < n ? k : FIELDS_MAX;
	}
}

static void
add_name(struct index *index, const char *name, const struct sender *sender)
{
	index->list = mem_grow(index->list, index->count + 1, sizeof(*index->list));
	index->list[index->count].text = name;
	index->list[index->count++].sender = sender;
}

static void
add_words(struct index *index, char *words, const struct sender *sender)
{
	char *word, *save = NULL;

	for (word = strtok_r(words, " ", &save); word != NULL; word = strtok_r(NULL, " ", &save))
		add_name(index, word, sender);
}

/* The bytes of an address, 4 or 16; 0: it is none. */
static size_t
address_bytes(const char *text, unsigned char bytes[16])
{
	return inet_pton(AF_INET, text, bytes) == 1 ? 4 : inet_pton(AF_INET6, text, bytes) == 1 ? 16 : 0;
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
		add_name(index, name, sender);
	}
}

static void
add_networks(char *words, const struct sender *sender)
{
	char *word, *slash, *save = NULL;
	struct network n = { .sender = sender };
	int64_t bits;

	for (word = strtok_r(words, " ", &save); word != NULL; word = strtok_r(NULL, " ", &save)) {
		if ((slash = strchr(word, '/')) == NULL || !text_int64(slash + 1, strlen(slash + 1), &bits))
			continue;
		*slash = '\0';
		n.size = address_bytes(word, n.bytes);
		n.bits = (size_t)bits;
		if (n.size == 0 || bits < 1 || n.bits > n.size * 8)
			continue;
		networks = mem_grow(networks, nnetworks + 1, sizeof(*networks));
		networks[nnetworks++] = n;
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

/* The host of the vendor's own pages, where our facts come from there: "vendor-doc help.example.com; ..."; "" else. */
static const char *
site_in(const char *sources)
{
	static const char mark[] = "vendor-doc ", host[] = "abcdefghijklmnopqrstuvwxyz0123456789.-";
	const char *at = strstr(sources, mark);
	size_t len = at != NULL ? strspn(at + sizeof(mark) - 1, host) : 0;
	char *copy;

	if (len == 0 || len > 253 || memchr(at + sizeof(mark) - 1, '.', len) == NULL)
		return "";
	copy = mem_alloc(len + 1);
	memcpy(copy, at + sizeof(mark) - 1, len);
	return copy;
}

static void
take_row(char *const columns[COLUMNS])
{
	struct sender *s = &senders[nsenders++];

	s->id = columns[C_ID];
	s->name = columns[C_NAME];
	s->category = columns[C_CATEGORY];
	s->carrier = columns[C_CARRIER];
	s->envelopes = mem_str(columns[C_ENVELOPE]);
	s->signers = mem_str(columns[C_DKIM]);
	s->dkim_records = columns[C_RECORDS];
	s->fallback = columns[C_FALLBACK];
	s->spf = columns[C_SPF];
	s->spf_how = columns[C_SPF_HOW];
	s->dkim = columns[C_ALIGNED_DKIM];
	s->where = columns[C_WHERE];
	s->note = columns[C_NOTE];
	s->site = site_in(columns[C_SOURCES]);
	s->confidence = columns[C_CONFIDENCE];
	add_name(&by_id, s->id, s);
	add_names(&by_ptr, columns[C_PTR], s);
	add_networks(columns[C_NETWORKS], s);
	add_names(&by_envelope, columns[C_ENVELOPE], s);
	add_names(&by_dkim, columns[C_DKIM], s);
	add_words(&by_selector, columns[C_NAMING], s);
}

/* Takes the rows of a table apart, in place; its first line is the header. */
static void
take_table(char *text)
{
	static char none[1];
	char *line = text + strcspn(text, "\n"), *next, *fields[FIELDS_MAX], *columns[COLUMNS];
	size_t places[COLUMNS], n, i;

	if (*line != '\0')
		*line++ = '\0';
	read_header(text, places);
	for (; *line != '\0'; line = next) {
		next = line + strcspn(line, "\n");
		if (*next != '\0')
			*next++ = '\0';
		n = split(line, fields);
		for (i = 0; i < COLUMNS; i++)
			columns[i] = places[i] < n ? fields[places[i]] : none;
		if (*columns[C_ID] != '\0')
			take_row(columns);
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
	sort(&by_id);
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

const struct sender *
sender_of_address(const char *address)
{
	unsigned char bytes[16];
	size_t size, i;

	pthread_once(&once, load);
	size = address_bytes(address, bytes);
	for (i = 0; size > 0 && i < nnetworks; i++) {
		const struct network *n = &networks[i];
		size_t whole = n->bits / 8, rest = n->bits % 8;

		if (n->size == size && memcmp(bytes, n->bytes, whole) == 0 && (rest == 0 || (bytes[whole] ^ n->bytes[whole]) >> (8 - rest) == 0))
			return n->sender;
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
	pthread_once(&once, load);
	return find(&by_id, id);
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

/* 1: the selector is the pattern, in which # is any digit and ? any letter or digit. */
static int
fits(const char *selector, const char *pattern)
{
	for (; *selector != '\0' && *pattern != '\0'; selector++, pattern++) {
		char c = *selector >= 'A' && *selector <= 'Z' ? (char)(*selector + 32) : *selector;
		int digit = c >= '0' && c <= '9', letter = c >= 'a' && c <= 'z';

		if (*pattern != c && !(*pattern == '#' && digit) && !(*pattern == '?' && (digit || letter)))
			return 0;
	}
	return *selector == *pattern;
}

const struct sender *
sender_of_selector(const char *selector)
{
	size_t i;

	pthread_once(&once, load);
	for (i = 0; selector != NULL && *selector != '\0' && i < by_selector.count; i++)
		if (fits(selector, by_selector.list[i].text))
			return by_selector.list[i].sender;
	return NULL;
}

static int
has_word(const char *list, const char *word, size_t len)
{
	const char *at;
	size_t n, have;

	for (n = 0; (have = word_at(list, n, &at)) > 0; n++)
		if (have == len && memcmp(at, word, len) == 0)
			return 1;
	return 0;
}

const struct sender *
sender_of_label(const char *envelope, const char *domain, const struct sender *carrier)
{
	size_t i, len = strlen(envelope), base = strlen(domain);
	char pattern[80];

	if (carrier == NULL || len <= base + 1 || len - base > 60 || strcmp(envelope + (len - base), domain) != 0 || envelope[len - base - 1] != '.')
		return NULL;
	(void)snprintf(pattern, sizeof(pattern), "%.*s<domain>", (int)(len - base), envelope);
	for (i = 0; i < sender_count(); i++)
		if (strcmp(senders[i].carrier, carrier->id) == 0 && has_word(senders[i].envelopes, pattern, strlen(pattern)))
			return &senders[i];
	return NULL;
}

static const char tenant_mark[] = "<tenant>";

/*
 * Copies a value; `<domain>` in it becomes the user's domain, `<domain-dashed>` the same with dashes for points, `<domain-doubled>` with its own dashes
 * doubled besides, `<domain-guid>` the same where it has no dashes of its own (else Microsoft makes up a name), `<tenant>` the tenant where that is not
 * NULL. Cut at size.
 */
static void
fill_in(char *out, size_t size, const char *value, size_t len, const char *domain, const char *tenant)
{
	const struct { const char *mark, *text, *dot, *dash; } forms[] = { { "<domain>", domain, ".", "-" }, { "<domain-dashed>", domain, "-", "-" },
		{ "<domain-doubled>", domain, "-", "--" }, { "<domain-guid>", strchr(domain, '-') == NULL ? domain : NULL, "-", "-" }, { tenant_mark, tenant, ".", "-" } };
	const size_t count = sizeof(forms) / sizeof(forms[0]);
	size_t i, f, n = 0;
	const char *c;

	for (i = 0; i < len && n + 1 < size;) {
		for (f = 0; f < count; f++)
			if (forms[f].text != NULL && len - i >= strlen(forms[f].mark) && memcmp(value + i, forms[f].mark, strlen(forms[f].mark)) == 0)
				break;
		if (f == count) {
			out[n++] = value[i++];
			continue;
		}
		for (c = forms[f].text; *c != '\0' && n + 2 < size; c++) {
			const char *put = *c == '.' ? forms[f].dot : forms[f].dash;

			out[n++] = *c == '.' || *c == '-' ? put[0] : *c;
			if (*c == '-' && put[1] != '\0')
				out[n++] = put[1];
		}
		i += strlen(forms[f].mark);
	}
	out[n] = '\0';
}

int
sender_signs_for(const char *signer, const char *domain)
{
	static const char *const forms[] = { "<domain-dashed>.", "<domain-doubled>." };
	const struct sender *s = sender_of(signer, BY_DKIM);
	char label[256];
	size_t i;

	if (s == NULL || strncmp(s->signers, forms[0], strlen(forms[0])) != 0)
		return 0;
	for (i = 0; i < 2; i++) {
		fill_in(label, sizeof(label), forms[i], strlen(forms[i]), domain, NULL);
		if (strncmp(signer, label, strlen(label)) == 0)
			return 1;
	}
	return 0;
}

int
sender_may_sign_by(const struct sender *s, const char *selector)
{
	const char *record;
	size_t n, len, name;

	for (n = 0; (len = word_at(s->dkim_records, n, &record)) > 0; n++) {
		name = strcspn(record, "=<");
		if (record[len - 1] == '=' || strncasecmp(record, selector, name) == 0)
			return 1;
	}
	return sender_of_selector(selector) == s;
}

size_t
sender_tenant(const struct sender *s, const char *signer)
{
	size_t len = strspn(signer, "abcdefghijklmnopqrstuvwxyz0123456789-"), mark = strlen(tenant_mark);

	return strncmp(s->signers, tenant_mark, mark) == 0 && strcmp(s->signers + mark, signer + len) == 0 ? len : 0;
}

size_t
sender_spf(const struct sender *s, const char **at)
{
	static const char include[] = "include:";
	const char *found = strstr(s->spf_how, include), *end;
	size_t len = found != NULL ? strcspn(found, " ,;()") : 0;

	*at = found;
	if (len == 0 || memchr(found, '<', len) != NULL)
		return 0;
	end = found + len;	/* what follows may say where it belongs, but no other word for it */
	return strstr(end, include) == NULL && (*end == '\0' || (*end == ' ' && end[1] != '(' && strncmp(end, " or ", 4) != 0)) ? len : 0;
}

/* The n-th of its records, as the table has it: the length of the selector at *name, 0 where there are no more; the value follows. */
static size_t
record_at(const struct sender *s, size_t n, const char **name, const char **value, size_t *len)
{
	const char *equals;

	if (s == NULL || n >= SENDER_RECORDS || strcmp(s->confidence, "low") == 0 || (!sender_is_service(s) && strcmp(s->category, "mailbox") != 0))
		return 0;
	*len = word_at(s->dkim_records, n, name);
	if (*len == 0 || (equals = memchr(*name, '=', *len)) == NULL)
		return 0;
	*value = equals + 1;
	*len -= (size_t)(*value - *name);
	return (size_t)(equals - *name);
}

static void
put_record(struct sender_record *out, const char *name, size_t name_len, const char *value, size_t len, const char *domain, const char *tenant)
{
	out->type = len > 0 ? "CNAME" : "TXT";
	(void)snprintf(out->name, sizeof(out->name), "%.*s._domainkey.%.253s", (int)name_len, name, domain);
	if (len > 0)
		fill_in(out->value, sizeof(out->value), value, len, domain, tenant);
	else
		(void)snprintf(out->value, sizeof(out->value), "<key>");
}

int
sender_fix(const struct sender *s, const char *domain, const char *tenant, size_t n, struct sender_record *out)
{
	const char *name, *value;
	size_t len, name_len = record_at(s, n, &name, &value, &len);

	if (name_len == 0)
		return 0;
	put_record(out, name, name_len, value, len, domain, tenant);
	return 1;
}

/* 1: a selector is called as the table has it, where each <...> stands for a letter or more. */
static int
is_called(const char *selector, const char *name, size_t len)
{
	const char *end;

	for (; len > 0 && *name != '<'; selector++, name++, len--)
		if (strncasecmp(selector, name, 1) != 0)
			return 0;
	if (len == 0 || (end = memchr(name, '>', len)) == NULL)
		return *selector == '\0';
	for (len -= (size_t)(end + 1 - name); *selector != '\0'; selector++)
		if (is_called(selector + 1, end + 1, len))
			return 1;
	return 0;
}

/* How many letters of a name in the table stand there as they are. */
static size_t
letters_of(const char *name, size_t len)
{
	size_t i, n = 0;
	int open = 0;

	for (i = 0; i < len; i++) {
		open |= name[i] == '<';
		n += !open;
		open &= name[i] != '>';
	}
	return n;
}

/* The value, with what the selector has in place of the one <...> of its name also where the value has that. */
static size_t
bind_value(char *out, size_t size, const char *selector, const char *name, size_t name_len, const char *value, size_t len)
{
	const char *mark = memchr(name, '<', name_len), *end = mark != NULL ? memchr(mark, '>', (size_t)(name + name_len - mark)) : NULL, *at;
	size_t mark_len = end != NULL ? (size_t)(end + 1 - mark) : 0;

	at = mark_len > 0 && memchr(end, '<', (size_t)(name + name_len - end)) == NULL ? memmem(value, len, mark, mark_len) : NULL;
	if (at == NULL)
		return (size_t)snprintf(out, size, "%.*s", (int)len, value);
	return (size_t)snprintf(out, size, "%.*s%.*s%.*s", (int)(at - value), value, (int)(strlen(selector) + mark_len - name_len), selector + (mark - name),
	    (int)(len - mark_len) - (int)(at - value), at + mark_len);
}

size_t
sender_fix_of_selector(const struct sender *s, const char *domain, const char *tenant, const char *selector, struct sender_record *out)
{
	struct sender_record one;
	const char *name, *value;
	size_t n, len, name_len, letters, most = 0, count = 0;
	char bound[sizeof(one.value)];

	if (strlen(selector) > 63 || selector[strspn(selector, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")] != '\0')
		return 0;
	for (n = 0; (name_len = record_at(s, n, &name, &value, &len)) > 0; n++) {
		letters = letters_of(name, name_len);
		if (letters < most || !is_called(selector, name, name_len))
			continue;
		len = bind_value(bound, sizeof(bound), selector, name, name_len, value, len);
		put_record(&one, selector, strlen(selector), bound, len < sizeof(bound) ? len : sizeof(bound) - 1, domain, tenant);
		if (letters > most || count == 0 || strcmp(one.value, out->value) != 0)
			count = letters > most ? 1 : count + 1;
		most = letters;
		*out = one;
	}
	return count;
}
