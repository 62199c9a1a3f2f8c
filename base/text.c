/* SPDX-License-Identifier: MIT */
/* See text.h. Dates are computed by the days-from-civil method, so no time zone and no libc calendar is involved. */
#include "base/text.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"

int
text_int64(const char *s, size_t len, int64_t *out)
{
	uint64_t v = 0, limit = INT64_MAX;
	size_t i = 0;
	int negative = 0;

	if (len > 0 && (s[0] == '-' || s[0] == '+')) {
		negative = s[0] == '-';
		i = 1;
	}
	if (i == len)
		return 0;
	if (negative)
		limit++;
	for (; i < len; i++) {
		unsigned d = (unsigned)((unsigned char)s[i] - '0');

		if (d > 9 || v > (limit - d) / 10)
			return 0;
		v = v * 10 + d;
	}
	*out = negative ? (v == 0 ? 0 : -(int64_t)(v - 1) - 1) : (int64_t)v;
	return 1;
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

void
text_lower(char *s)
{
	for (; *s != '\0'; s++)
		*s = lower(*s);
}

static int
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

char *
text_trim(char *s)
{
	size_t len;

	while (is_space(*s))
		s++;
	len = strlen(s);
	while (len > 0 && is_space(s[len - 1]))
		s[--len] = '\0';
	return s;
}

int
text_same(const char *a, const char *b)
{
	while (*a != '\0' && lower(*a) == lower(*b)) {
		a++;
		b++;
	}
	return lower(*a) == lower(*b);
}

const char *
text_find(const char *hay, const char *needle)
{
	size_t i;

	for (;; hay++) {
		for (i = 0; needle[i] != '\0' && lower(hay[i]) == lower(needle[i]); i++)
			;
		if (needle[i] == '\0')
			return hay;
		if (*hay == '\0')
			return NULL;
	}
}

const unsigned char *
bytes_find(const unsigned char *bytes, size_t len, const char *word, size_t rare)
{
	size_t n = strlen(word);
	const unsigned char *at = bytes + rare, *end = bytes + len - n + rare + 1;

	if (len < n)
		return NULL;
	while (at < end && (at = memchr(at, word[rare], (size_t)(end - at))) != NULL) {
		if (memcmp(at - rare, word, n) == 0)
			return at - rare;
		at++;
	}
	return NULL;
}

/* One UTF-8 character of at most len bytes: its length and code point; 0 where invalid (overlong, surrogate, cut). */
static size_t
decode(const unsigned char *s, size_t len, uint32_t *cp)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n, i;

	if (s[0] < 0x80) {
		*cp = s[0];
		return 1;
	}
	n = s[0] >= 0xf0 && s[0] < 0xf8 ? 4 : s[0] >= 0xe0 && s[0] < 0xf0 ? 3 : s[0] >= 0xc2 && s[0] < 0xe0 ? 2 : 0;
	if (n == 0 || n > len)
		return 0;
	*cp = s[0] & (0xffu >> (n + 1));
	for (i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		*cp = *cp << 6 | (s[i] & 0x3fu);
	}
	if (*cp < least[n] || *cp > 0x10ffff || (*cp >= 0xd800 && *cp <= 0xdfff))
		return 0;
	return n;
}

static int
is_hidden(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == 0xad || cp == 0x61c || cp == 0x180e ||
	    (cp >= 0x200b && cp <= 0x200f) || (cp >= 0x2028 && cp <= 0x202e) || (cp >= 0x2060 && cp <= 0x206f) ||
	    cp == 0xfeff || (cp >= 0xfff9 && cp <= 0xfffb) || (cp >= 0xe0000 && cp <= 0xe007f);
}

void
text_clean(struct buf *out, const char *s, size_t len)
{
	const unsigned char *u = (const unsigned char *)s;
	size_t i, n;
	uint32_t cp;

	for (i = 0; i < len; i += n) {
		n = decode(u + i, len - i, &cp);
		if (n == 0) {
			n = 1;
			buf_fmt(out, "\\x%02x", u[i]);
		} else if (!is_hidden(cp)) {
			buf_add(out, s + i, n);
		} else if (cp < 0x100) {
			buf_fmt(out, "\\x%02x", cp);
		} else {
			buf_fmt(out, "\\u%04x", cp);
		}
	}
}

void
text_word(struct buf *out, const char *s)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-:/@+";

	if (*s != '\0' && s[strspn(s, plain)] == '\0') {
		buf_str(out, s);
		return;
	}
	buf_str(out, "'");
	for (; *s != '\0'; s++)
		if (*s == '\'')
			buf_str(out, "'\\''");
		else
			buf_add(out, s, 1);
	buf_str(out, "'");
}

/* Days since 1970-01-01 to year, month, day of the proleptic Gregorian calendar. */
static void
civil(int64_t days, int64_t *year, unsigned *month, unsigned *day)
{
	int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097;
	unsigned doe = (unsigned)(z - era * 146097);
	unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	unsigned mp = (5 * doy + 2) / 153;

	*day = doy - (153 * mp + 2) / 5 + 1;
	*month = mp < 10 ? mp + 3 : mp - 9;
	*year = (int64_t)yoe + era * 400 + (*month <= 2);
}

static int64_t
days_of(int64_t year, unsigned month, unsigned day)
{
	int64_t y = month <= 2 ? year - 1 : year, era = (y >= 0 ? y : y - 399) / 400;
	unsigned yoe = (unsigned)(y - era * 400);
	unsigned doy = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	return era * 146097 + (int64_t)(yoe * 365 + yoe / 4 - yoe / 100 + doy) - 719468;
}

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

static void
digits(char *out, unsigned value, int width)
{
	while (width-- > 0) {
		out[width] = (char)('0' + value % 10);
		value /= 10;
	}
}

int
text_day(int64_t at, char out[11])
{
	unsigned month, day;
	int64_t year;

	civil(floor_div(at, 86400), &year, &month, &day);
	out[0] = '\0';
	if (year < 0 || year > 9999)
		return 0;
	digits(out, (unsigned)year, 4);
	digits(out + 5, month, 2);
	digits(out + 8, day, 2);
	out[4] = out[7] = '-';
	out[10] = '\0';
	return 1;
}

const char *
text_date(const char *day, char out[16])
{
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	int64_t year, month, d;

	out[0] = '\0';
	if (day != NULL && strlen(day) == 10 && text_int64(day, 4, &year) && text_int64(day + 5, 2, &month) && text_int64(day + 8, 2, &d) && month >= 1 && month <= 12)
		(void)snprintf(out, 16, "%d %s %d", (int)d, months[month - 1], (int)year);
	return out;
}

int
text_time(int64_t at, char out[21])
{
	unsigned s = (unsigned)(at - floor_div(at, 86400) * 86400);

	if (!text_day(at, out))
		return 0;
	out[10] = 'T';
	digits(out + 11, s / 3600, 2);
	digits(out + 14, s / 60 % 60, 2);
	digits(out + 17, s % 60, 2);
	out[13] = out[16] = ':';
	out[19] = 'Z';
	out[20] = '\0';
	return 1;
}

/* Reads exactly `width` digits. */
static int
number(const char **s, int width, unsigned *out)
{
	*out = 0;
	for (; width > 0; width--, (*s)++) {
		if (**s < '0' || **s > '9')
			return 0;
		*out = *out * 10 + (unsigned)(**s - '0');
	}
	return 1;
}

static unsigned
month_days(unsigned year, unsigned month)
{
	static const unsigned char n[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : n[month - 1];
}

/* "hh:mm[:ss[.fraction]](Z|+hh:mm|-hh:mm)", where programs write "+hhmm", " UTC" or a blank before the offset, too. */
static int
clock_of(const char *s, int64_t *seconds)
{
	unsigned h, m, sec = 0, oh = 0, om = 0;
	int sign = 0;

	if (!number(&s, 2, &h) || *s++ != ':' || !number(&s, 2, &m))
		return 0;
	if (*s == ':') {
		s++;
		if (!number(&s, 2, &sec))
			return 0;
		if (*s == '.')
			for (s++; *s >= '0' && *s <= '9'; s++)
				;
	}
	if (strcmp(s, " UTC") == 0)
		s += 4;
	s += *s == ' ' && (s[1] == '+' || s[1] == '-');
	if (*s == '+' || *s == '-') {
		sign = *s++ == '+' ? 1 : -1;
		if (!number(&s, 2, &oh))
			return 0;
		s += *s == ':';
		if (!number(&s, 2, &om))
			return 0;
	} else if (*s == 'Z' || *s == 'z') {
		s++;
	}
	if (*s != '\0' || h > 23 || m > 59 || sec > 60 || oh > 23 || om > 59)
		return 0;
	*seconds = (int64_t)h * 3600 + m * 60 + sec - sign * ((int64_t)oh * 3600 + om * 60);
	return 1;
}

int
text_when(const char *s, int64_t *out)
{
	unsigned year, month, day;
	int64_t seconds = 0;

	if (!number(&s, 4, &year) || *s++ != '-' || !number(&s, 2, &month) || *s++ != '-' || !number(&s, 2, &day))
		return 0;
	if (month < 1 || month > 12 || day < 1 || day > month_days(year, month))
		return 0;
	if (*s != '\0') {
		if ((*s != 'T' && *s != 't' && *s != ' ') || !clock_of(s + 1, &seconds))
			return 0;
	}
	*out = days_of(year, month, day) * 86400 + seconds;
	return 1;
}

char *
text_count(int64_t n, char out[28])
{
	char turned[28];
	uint64_t v = n < 0 ? (uint64_t)-(n + 1) + 1 : (uint64_t)n;
	int len = 0, i, digit = 0;

	do {
		if (digit > 0 && digit % 3 == 0)
			turned[len++] = ',';
		turned[len++] = (char)('0' + v % 10);
		v /= 10;
		digit++;
	} while (v > 0);
	if (n < 0)
		turned[len++] = '-';
	for (i = 0; i < len; i++)
		out[i] = turned[len - 1 - i];
	out[len] = '\0';
	return out;
}

size_t
text_distance(const char *a, const char *b)
{
	size_t rows[3][65], la = strlen(a), lb = strlen(b), i, j;

	la = la > 64 ? 64 : la;
	lb = lb > 64 ? 64 : lb;
	for (j = 0; j <= lb; j++)
		rows[0][j] = j;
	for (i = 1; i <= la; i++) {
		size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];

		row[0] = i;
		for (j = 1; j <= lb; j++) {
			row[j] = above[j - 1] + (lower(a[i - 1]) != lower(b[j - 1]));
			if (row[j] > above[j] + 1)
				row[j] = above[j] + 1;
			if (row[j] > row[j - 1] + 1)
				row[j] = row[j - 1] + 1;
			if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]) && row[j] > before[j - 2] + 1)
				row[j] = before[j - 2] + 1;
		}
	}
	return rows[la % 3][lb];
}
