/* SPDX-License-Identifier: MIT */
/* The text of fields, and report_metadata and policy_published made of it (RFC 7489 appendix C, RFC 9990 sections 3.1.1.3 to 3.1.1.5). */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "parse/parser.h"

/* --- text of a field --- */

/* The end of the text that does not cut a character in two. */
static size_t
whole_characters(const char *s, size_t len)
{
	size_t n = len;

	while (n > 0 && len - n < 4 && ((unsigned char)s[n - 1] & 0xc0) == 0x80)
		n--;
	if (n > 0 && (unsigned char)s[n - 1] >= 0xc0) {
		unsigned char c = (unsigned char)s[n - 1];
		size_t need = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;

		return len - (n - 1) < need ? n - 1 : len;
	}
	return len;
}

/* A NUL, too, which no XML holds. */
static int
is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || c == '\0';
}

/* Blanks of pages, which are no white space of XML: a no-break space, a byte order mark, a zero width space. */
static size_t
wide_blank(const char *s, size_t len)
{
	if (len >= 2 && memcmp(s, "\xc2\xa0", 2) == 0)
		return 2;
	return len >= 3 && (memcmp(s, "\xef\xbb\xbf", 3) == 0 || memcmp(s, "\xe2\x80\x8b", 3) == 0) ? 3 : 0;
}

static int
is_visible(char c)
{
	return c > ' ' && c < 127;
}

/* Bytes of the blank the text begins with; 0 none. */
static size_t
blank_first(const char *s, size_t len)
{
	return len == 0 || is_visible(*s) ? 0 : is_blank(*s) ? 1 : wide_blank(s, len);
}

static size_t
blank_last(const char *s, size_t len)
{
	if (len == 0 || is_visible(s[len - 1]))
		return 0;
	if (is_blank(s[len - 1]))
		return 1;
	return len >= 2 && wide_blank(s + len - 2, 2) > 0 ? 2 : len >= 3 && wide_blank(s + len - 3, 3) == 3 ? 3 : 0;
}

static size_t
without_blanks(struct parser *p, const char **text)
{
	size_t len = p->text_cut ? whole_characters(p->text.at, p->text.len) : p->text.len, n, wide = 0;
	const char *s = p->text.at;

	for (; (n = blank_last(s, len)) > 0; len -= n)
		wide += n > 1;
	for (; (n = blank_first(s, len)) > 0; s += n, len -= n)
		wide += n > 1;
	if (wide > 0)
		notes_add(&p->notes, NOTE_WIDE_BLANK);
	*text = s;
	return len;
}

static size_t
trimmed(struct parser *p, const char **text)
{
	const char *s = p->text.at;
	size_t len = p->text.len;

	*text = s;
	/* Nearly all are as they should be. */
	return len > 0 && is_visible(*s) && is_visible(s[len - 1]) ? len : without_blanks(p, text);
}

char *
field_text(struct parser *p, struct arena *a)
{
	const char *s;
	size_t len = trimmed(p, &s);

	if (p->text_cut)
		notes_add(&p->notes, NOTE_CUT_TEXT);
	return len > 0 ? arena_strn(a, s, len) : NULL;
}

const char *
field_number(struct parser *p, char out[NUMBER_TEXT])
{
	const char *s;
	size_t len = trimmed(p, &s);

	len = len < NUMBER_TEXT ? len : NUMBER_TEXT - 1;
	if (len > 0)
		memcpy(out, s, len);
	out[len] = '\0';
	return len > 0 ? out : NULL;
}

char *
field_folded(struct parser *p, struct arena *a)
{
	char *s = field_text(p, a);

	if (s != NULL)
		text_lower(s);
	return s;
}

char *
field_domain(struct parser *p, struct arena *a)
{
	char *s = field_text(p, a), ascii[DOMAIN_TEXT];
	int several = 0;

	s = s != NULL ? domain_normal(s, &several) : NULL;
	if (several)
		notes_add(&p->notes, NOTE_SEVERAL_ADDRESSES);
	return s != NULL && domain_ascii(s, ascii) ? arena_str(a, ascii) : s;
}

int
field_is_first(struct parser *p, const void *have)
{
	if (have == NULL)
		return 1;
	if (p->text.len > 0)
		notes_add(&p->notes, NOTE_TWICE_FIELD);
	return 0;
}

/* --- the head --- */

static void
set_once(struct parser *p, const char **to)
{
	if (field_is_first(p, *to))
		*to = field_text(p, p->head_text);
	p->head_changed = 1;
}

static void
set_policy(struct parser *p, struct word *to)
{
	if (field_is_first(p, to->text))
		to->text = field_folded(p, p->head_text);
	to->code = (int)policy_of(to->text);
	p->head_changed = 1;
}

/* A one-letter switch: r, s, y, n. */
static void
set_letter(struct parser *p, struct word *to, const char *letters)
{
	if (field_is_first(p, to->text))
		to->text = field_folded(p, p->head_text);
	if (to->text != NULL)
		to->code = to->text[1] == '\0' && strchr(letters, to->text[0]) != NULL ? to->text[0] : '?';
	p->head_changed = 1;
}

/* Seconds; a fraction is dropped (RFC 7489 wants an integer). Milliseconds and dates (RFC 3339) are taken, too. */
static int64_t
time_of(struct parser *p, const char *s)
{
	static const int64_t last = 253402300799, earliest_ms = 1000000000000, latest_ms = 4102444800000;	/* 9999; 2001 to 2100 */
	size_t digits = strspn(s, "0123456789");
	int64_t at;

	if (text_when(s, &at)) {
		notes_add(&p->notes, NOTE_DATE_TEXT);
		return at;
	}
	if (digits == 0 || (s[digits] != '\0' && s[digits] != '.') || s[digits + strspn(s + digits, ".0123456789")] != '\0' ||
	    !text_int64(s, digits, &at))
		return NO_TIME;
	if (s[digits] == '.')
		notes_add(&p->notes, NOTE_FRACTION);
	if (at >= earliest_ms && at <= latest_ms) {
		notes_add(&p->notes, NOTE_MILLISECONDS);
		return at / 1000;
	}
	return at <= last ? at : NO_TIME;
}

static void
set_time(struct parser *p, int64_t *to, int *seen)
{
	char text[NUMBER_TEXT];
	const char *s = field_number(p, text);

	if (s == NULL || !field_is_first(p, (*seen)++ > 0 ? to : NULL))
		return;
	p->head_changed = 1;
	*to = time_of(p, s);
}

static void
set_pct(struct parser *p)
{
	char text[NUMBER_TEXT];
	const char *s = field_number(p, text);
	int64_t n;

	p->head_changed = 1;
	if (s == NULL || !field_is_first(p, p->head.pct != NO_NUMBER ? &p->head.pct : NULL))
		return;
	if (text_int64(s, strlen(s), &n) && n >= 0 && n <= 100)
		p->head.pct = n;
	else
		notes_add(&p->notes, NOTE_BAD_PCT);
}

static void
add_error(struct parser *p)
{
	const char *s;
	size_t len = trimmed(p, &s), before = p->errors != NULL ? strlen(p->errors) + 2 : 0, room = (size_t)p->limits.text_bytes, size;
	char *both;

	if (len == 0)
		return;
	if (p->text_cut || before + len > room) {
		notes_add(&p->notes, NOTE_CUT_TEXT);
		len = before < room ? whole_characters(s, len < room - before ? len : room - before) : 0;
	}
	if (len == 0)
		return;
	size = before + len + 1;
	both = arena_alloc(p->head_text, size);
	(void)snprintf(both, size, "%s%s%.*s", p->errors != NULL ? p->errors : "", p->errors != NULL ? "; " : "", (int)len, s);
	p->head.errors = p->errors = both;
	p->head_changed = 1;
}

void
head_field(struct parser *p, enum element e)
{
	struct feedback *f = &p->head;

	switch (e) {
	case E_VERSION: set_once(p, &f->version); break;
	case E_ORG_NAME: set_once(p, &f->org_name); break;
	case E_EMAIL: set_once(p, &f->email); break;
	case E_EXTRA: set_once(p, &f->extra_contact_info); break;
	case E_REPORT_ID: set_once(p, &f->report_id); break;
	case E_GENERATOR: set_once(p, &f->generator); break;
	case E_ERROR: add_error(p); break;
	case E_BEGIN: set_time(p, &f->begin_at, &p->begin_seen); break;
	case E_END: set_time(p, &f->end_at, &p->end_seen); break;
	case E_DOMAIN:
		if (field_is_first(p, f->domain))
			f->domain = field_domain(p, p->head_text);
		p->head_changed = 1;
		break;
	case E_P: set_policy(p, &f->p); break;
	case E_SP:
		set_policy(p, &f->sp);
		if (f->sp.text == NULL)
			notes_add(&p->notes, NOTE_SP_EMPTY);
		break;
	case E_NP: set_policy(p, &f->np); break;
	case E_ADKIM: set_letter(p, &f->adkim, "rs"); break;
	case E_ASPF: set_letter(p, &f->aspf, "rs"); break;
	case E_TESTING: set_letter(p, &f->testing, "yn"); break;
	case E_PCT: set_pct(p); break;
	case E_FO: set_once(p, &f->fo); break;
	case E_DISCOVERY:
		if (field_is_first(p, f->discovery_method))
			f->discovery_method = field_folded(p, p->head_text);
		p->head_changed = 1;
		break;
	default: break;
	}
}

int
head_gave(const struct parser *p, enum element block)
{
	const struct feedback *f = &p->head;
	int dates = p->begin_seen > 0 || p->end_seen > 0;

	if (block == E_DATE_RANGE)
		return dates;
	if (block == E_METADATA)
		return dates || f->org_name != NULL || f->email != NULL || f->extra_contact_info != NULL || f->report_id != NULL || f->generator != NULL ||
		    f->errors != NULL;
	return f->domain != NULL || f->p.text != NULL || f->sp.text != NULL || f->np.text != NULL || f->adkim.text != NULL || f->aspf.text != NULL ||
	    f->pct != NO_NUMBER || f->fo != NULL || f->testing.text != NULL || f->discovery_method != NULL;
}

/* RFC 9990 shows by its namespace, by elements only it has, or by a disposition `pass` without the pct it dropped; `np` alone is no proof. */
static enum format
format_of(const struct parser *p)
{
	const struct feedback *f = &p->head;

	if (p->ns_9990 || f->testing.text != NULL || f->discovery_method != NULL || f->generator != NULL || (p->pass_seen && f->pct == NO_NUMBER))
		return FORMAT_RFC9990;
	return f->version != NULL ? FORMAT_RFC7489 : FORMAT_DRAFT;
}

void
head_settle(struct parser *p)
{
	p->head.format = format_of(p);
}

void
head_tell(struct parser *p)
{
	if (p->head_told && (!p->head_changed || p->known != NULL))
		return;
	head_settle(p);
	p->head_told = 1;
	p->head_changed = 0;
	xml_sink_said(p, p->sink->head(p->sink->ctx, p->known != NULL ? p->known : &p->head, &p->err));
}
