/* SPDX-License-Identifier: MIT */
/* Small things the parts of the page share: dates, counts, classes, patterns. See html_part.h. */
#include "report/html_part.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum { DAY_MAX = 20 };

static int
put_day_words(struct out *o, const char *day, int with_year)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	int64_t at, month;

	if (day == NULL || strlen(day) != 10 || !text_when(day, &at) || !text_int64(day + 5, 2, &month))
		return 0;
	out_text(o, day[8] == '0' ? day + 9 : day + 8);
	out_lit(o, "\xc2\xa0");
	out_textn(o, names + 3 * (month - 1), 3);
	if (with_year) {
		out_lit(o, "\xc2\xa0");
		out_textn(o, day, 4);
	}
	return 1;
}

void
put_day(struct out *o, const char *day)
{
	if (day == NULL || *day == '\0') {
		out_lit(o, "\xe2\x80\x93");
		return;
	}
	out_lit(o, "<time datetime=\"");
	out_short(o, day, DAY_MAX);
	out_lit(o, "\">");
	if (!put_day_words(o, day, 1))
		out_short(o, day, DAY_MAX);
	out_lit(o, "</time>");
}

void
put_period(struct out *o, const char *begin, const char *end)
{
	if (begin == NULL || end == NULL) {
		out_lit(o, "no days");
		return;
	}
	if (!put_day_words(o, begin, strncmp(begin, end, 4) != 0))
		out_short(o, begin, DAY_MAX);
	out_lit(o, " \xe2\x80\x93 ");
	put_day(o, end);
}

void
put_name(struct out *o, const char *name, size_t most)
{
	out_lit(o, "<bdi>");
	out_short(o, name, most);
	out_lit(o, "</bdi>");
}

void
put_some_(struct out *o, int64_t n, const char *one, const char *many)
{
	out_count(o, n);
	out_lit(o, " ");
	out_text(o, n == 1 ? one : many);
}

int
has_share(int64_t whole)
{
	return whole >= 20;
}

void
put_share(struct out *o, int64_t part, int64_t whole)
{
	int64_t tenths;

	if (!has_share(whole))
		return;
	tenths = whole > INT64_MAX / 2000 ? part / (whole / 1000) : part * 1000 / whole;
	if (tenths == 0 && part > 0)
		out_lit(o, "under 0.1");
	else if (tenths > 990 || tenths < 10)	/* where the tenth matters; never rounded up to 100 */
		out_tenths(o, tenths);
	else
		out_int(o, (tenths + 5) / 10);
	out_lit(o, "\xc2\xa0%");
}

void
put_cell(struct out *o, int64_t n)
{
	if (n == 0) {
		out_lit(o, "<td class=\"num zero\">0</td>");
		return;
	}
	out_lit(o, "<td class=\"num\">");
	out_count(o, n);
	out_lit(o, "</td>");
}

enum slice
class_slice(const char *class_name)
{
	static const struct { const char *name; enum slice slice; } table[] = {
		{ "losing", SLICE_LOST }, { "at_risk", SLICE_AT_RISK }, { "passing", SLICE_PASSING }, { "forwarded", SLICE_FORWARDED },
	};
	size_t i;

	for (i = 0; class_name != NULL && i < sizeof(table) / sizeof(*table); i++)
		if (strcmp(class_name, table[i].name) == 0)
			return table[i].slice;
	return SLICE_UNDECIDED;
}

int
class_rank(const char *class_name)
{
	static const char *const best_first[] = { "not_you", "forwarded", "passing", "undecided", "at_risk", "losing" };	/* as the manual has them, backwards */
	int i;

	for (i = 0; class_name != NULL && i < (int)(sizeof(best_first) / sizeof(*best_first)); i++)
		if (strcmp(class_name, best_first[i]) == 0)
			return i + 1;
	return 0;
}

void
put_class(struct out *o, const char *class_name)
{
	static const char *const words[SLICES] = { "losing mail", "will be lost", "passing", "forwarded", "undecided", "undecided" };
	enum slice s = class_slice(class_name);

	out_lit(o, "<span class=\"class k-");
	out_text(o, slice_id(s));
	out_lit(o, "\">");
	slice_mark(o, s);
	if (class_name != NULL && strcmp(class_name, "not_you") == 0)
		out_lit(o, "not you");
	else
		out_text(o, words[s]);
	out_lit(o, "</span>");
}

void
put_pattern(struct out *o, const char *value)
{
	const char *open, *close;

	while (value != NULL && (open = strchr(value, '<')) != NULL && (close = strchr(open, '>')) != NULL) {
		out_textn(o, value, (size_t)(open - value));
		out_lit(o, "<span class=\"blank\">");
		out_textn(o, open, (size_t)(close + 1 - open));
		out_lit(o, "</span>");
		value = close + 1;
	}
	out_text(o, value);
}

void
counts_of(const struct counts *c, int64_t out[SLICES])
{
	out[SLICE_LOST] = c->lost;
	out[SLICE_AT_RISK] = c->at_risk;
	out[SLICE_PASSING] = c->passing;
	out[SLICE_FORWARDED] = c->forwarded;
	out[SLICE_UNDECIDED] = c->undecided;
	out[SLICE_UNDETERMINED] = c->undetermined;
}

void
put_id(struct out *o, size_t domain, const char *part)
{
	out_lit(o, "d");
	out_int(o, (int64_t)domain + 1);
	if (*part != '\0') {
		out_lit(o, "-");
		out_text(o, part);
	}
}
