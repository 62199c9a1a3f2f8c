/* SPDX-License-Identifier: MIT */
/* See chart.h. All coordinates are whole numbers, so equal data give equal bytes on every machine. */
#include "report/chart.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "report/out.h"

enum {
	DAY = 10,		/* width of a day in the inner drawing, GAP of it empty */
	GAP = 2,
	PLOT = 160,		/* height of the plot */
	TOP = 18,		/* room above it for numbers of marks */
	FOOT = 22,		/* and below it for dates */
	COLUMNS_MOST = 92,
	LABEL_MOST = 6		/* dates below the columns */
};

/* From the bottom: what matters stands on the base line, where lengths compare best. */
static const enum slice stack[SLICES] = {
	SLICE_LOST, SLICE_AT_RISK, SLICE_UNDETERMINED, SLICE_UNDECIDED, SLICE_FORWARDED, SLICE_PASSING
};

const char *
slice_id(enum slice s)
{
	static const char *const ids[SLICES] = { "lost", "at_risk", "passing", "forwarded", "undecided", "undetermined" };

	return ids[s];
}

void
slice_word(struct out *o, enum slice s)
{
	static const char *const words[SLICES] = { "lost", "at risk", "passing", "forwarded", "undecided", "cannot tell" };

	out_text(o, words[s]);
}

void
slice_mark(struct out *o, enum slice s)
{
	out_lit(o, "<svg class=\"mark c-");
	out_text(o, slice_id(s));
	out_lit(o, "\" aria-hidden=\"true\"><use href=\"#m-");
	out_text(o, slice_id(s));
	out_lit(o, "\"/></svg>");
}

void
chart_symbols(struct out *o)
{
	out_lit(o, "<svg class=\"symbols\" width=\"0\" height=\"0\" aria-hidden=\"true\" focusable=\"false\"><defs>"
	    "<symbol id=\"m-lost\" viewBox=\"0 0 16 16\"><rect x=\"2\" y=\"2\" width=\"12\" height=\"12\" rx=\"2\"/></symbol>"
	    "<symbol id=\"m-at_risk\" viewBox=\"0 0 16 16\"><path d=\"M8 1.5 15.2 14H.8z\"/></symbol>"
	    "<symbol id=\"m-passing\" viewBox=\"0 0 16 16\"><circle cx=\"8\" cy=\"8\" r=\"6.4\"/></symbol>"
	    "<symbol id=\"m-forwarded\" viewBox=\"0 0 16 16\"><path d=\"M1 6h7V2l7 6-7 6v-4H1z\"/></symbol>"
	    "<symbol id=\"m-undecided\" viewBox=\"0 0 16 16\"><path fill-rule=\"evenodd\" "
	    "d=\"M8 1.6a6.4 6.4 0 1 0 .01 0zM8 4.2a3.8 3.8 0 1 1-.01 0z\"/></symbol>"
	    "<symbol id=\"m-undetermined\" viewBox=\"0 0 16 16\"><path d=\"M2 7h3v2H2zm4.5 0h3v2h-3zM11 7h3v2h-3z\"/></symbol>"
	    "<pattern id=\"hatch\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">"
	    "<rect class=\"hatch-line\" width=\"1.5\" height=\"6\"/></pattern>"
	    "</defs></svg>\n");
}

size_t
chart_bucket(size_t ndays, size_t most)
{
	return ndays <= most ? 1 : (ndays + most - 1) / most;
}

/* The smallest of 1, 2, 3, 4, 5, 6, 8, 10, 20, 30 ... that is not below n. */
static int64_t
nice(int64_t n)
{
	static const int steps[] = { 1, 2, 3, 4, 5, 6, 8 };
	int64_t unit = 1;
	size_t i;

	for (;; unit *= 10)
		for (i = 0; i < sizeof(steps) / sizeof(*steps); i++)
			if (unit > INT64_MAX / 100 || unit * steps[i] >= n)
				return unit * steps[i];
}

/* n of top on a length, without overflow, at least 1 where n is something. */
static int64_t
scaled(int64_t n, int64_t top, int64_t length)
{
	int64_t at;

	if (n <= 0 || top <= 0)
		return 0;
	at = top > INT64_MAX / 4096 ? n / (top / length) : (n * length + top / 2) / top;
	return at < 1 ? 1 : at > length ? length : at;
}

/* Days put together so that not too many columns are drawn; *n of them; caller frees. */
static struct chart_day *
gather(const struct chart_columns *c, size_t bucket, size_t *n)
{
	struct chart_day *sum;
	size_t i, s;

	*n = (c->ndays + bucket - 1) / bucket;
	sum = mem_alloc((*n ? *n : 1) * sizeof(*sum));
	for (i = 0; i < c->ndays; i++) {
		sum[i / bucket].reported |= c->days[i].reported;
		for (s = 0; s < SLICES; s++)
			sum[i / bucket].count[s] += c->days[i].count[s];
	}
	return sum;
}

static int64_t
total_of(const struct chart_day *d)
{
	int64_t total = 0;
	size_t s;

	for (s = 0; s < SLICES; s++)
		total += d->count[s];
	return total;
}

/* One path for all columns of a slice; base[] is how high each column already is. */
static void
slice_path(struct out *o, const struct chart_day *days, size_t n, enum slice s, int64_t top, int64_t *base)
{
	int64_t h;
	size_t i;
	int open = 0;

	for (i = 0; i < n; i++) {
		h = scaled(days[i].count[s], top, PLOT);
		if (h == 0)
			continue;
		if (base[i] + h > PLOT)
			h = PLOT - base[i];
		if (!open) {
			out_lit(o, "<path class=\"c-");
			out_text(o, slice_id(s));
			out_lit(o, "\" d=\"");
		}
		open = 1;
		out_lit(o, "M");
		out_int(o, (int64_t)i * DAY + GAP / 2);
		out_lit(o, " ");
		out_int(o, PLOT - base[i]);
		out_lit(o, "v");
		out_int(o, -h);
		out_lit(o, "h8v");
		out_int(o, h);
		out_lit(o, "z");
		base[i] += h;
	}
	if (open)
		out_lit(o, "\"/>");
}

/* Share of a whole in tenths of a per cent. */
static int64_t
permille(int64_t part, int64_t whole)
{
	return whole <= 0 ? 0 : whole > INT64_MAX / 2000 ? part / (whole / 1000) : part * 1000 / whole;
}

static void
percent(struct out *o, int64_t part, int64_t whole)
{
	out_tenths(o, permille(part, whole));
	out_lit(o, "%");
}

/* Runs of columns for which nothing was reported. */
static void
hatched(struct out *o, const struct chart_day *days, size_t n)
{
	size_t i, run;

	for (i = 0; i < n; i += run ? run : 1) {
		for (run = 0; i + run < n && !days[i + run].reported; run++)
			;
		if (run == 0)
			continue;
		out_lit(o, "<rect class=\"hatch\" y=\"18\" height=\"160\" x=\"");
		percent(o, (int64_t)i, (int64_t)n);
		out_lit(o, "\" width=\"");
		percent(o, (int64_t)run, (int64_t)n);
		out_lit(o, "\"/>");
	}
}

/* "14 Nov" of the day so many days after first_day. */
static void
date_label(struct out *o, const char *first_day, size_t after)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	char day[11], month[4] = "";
	int64_t at, m;

	if (!text_when(first_day, &at) || !text_day(at + (int64_t)after * 86400, day) || !text_int64(day + 5, 2, &m))
		return;
	memcpy(month, names + 3 * (m - 1), 3);
	out_text(o, day[8] == '0' ? day + 9 : day + 8);
	out_lit(o, " ");
	out_text(o, month);
}

static void
date_labels(struct out *o, const struct chart_columns *c, size_t bucket, size_t n)
{
	size_t step = n <= LABEL_MOST ? 1 : (n + LABEL_MOST - 1) / LABEL_MOST, i;

	if (step > 3 && step < 8)
		step = 7;
	for (i = 0; i < n; i += step) {
		if (i / step % 2 == 1)	/* a phone has room for every other one */
			out_lit(o, "<text class=\"axis odd\" y=\"194\" x=\"");
		else
			out_lit(o, "<text class=\"axis\" y=\"194\" x=\"");
		percent(o, (int64_t)i, (int64_t)n);
		out_lit(o, "\">");
		date_label(o, c->first_day, i * bucket);
		out_lit(o, "</text>");
	}
}

static void
grid_lines(struct out *o, int64_t top)
{
	out_lit(o, "<line class=\"grid\" x2=\"100%\" y1=\"18\" y2=\"18\"/><line class=\"grid\" x2=\"100%\" y1=\"98\" y2=\"98\"/>"
	    "<line class=\"grid\" x2=\"100%\" y1=\"178\" y2=\"178\"/>");
	out_lit(o, "<text class=\"axis\" x=\"100%\" dx=\"8\" y=\"22\">");
	out_count(o, top);
	out_lit(o, "</text>");
	if (top % 2 == 0) {
		out_lit(o, "<text class=\"axis\" x=\"100%\" dx=\"8\" y=\"102\">");
		out_count(o, top / 2);
		out_lit(o, "</text>");
	}
}

/* A line for each day that has marks, with the numbers of all of them. */
static void
mark_lines(struct out *o, const struct chart_columns *c, size_t bucket, size_t n)
{
	size_t i, j;

	for (i = 0; i < c->nmarks; i = j) {
		int64_t at = (int64_t)(c->marks[i].day / bucket);

		out_lit(o, "<line class=\"event\" y1=\"16\" y2=\"178\" x1=\"");
		percent(o, at, (int64_t)n);
		out_lit(o, "\" x2=\"");
		percent(o, at, (int64_t)n);
		out_lit(o, "\"/><text class=\"event-number\" y=\"12\" x=\"");
		percent(o, at, (int64_t)n);
		out_lit(o, "\">");
		for (j = i; j < c->nmarks && (int64_t)(c->marks[j].day / bucket) == at; j++) {
			if (j > i)
				out_lit(o, ", ");
			out_int(o, c->marks[j].number);
		}
		out_lit(o, "</text>");
	}
}

static void
labelled(struct out *o, const char *id, const char *title, const char *about)
{
	out_lit(o, " role=\"img\" aria-labelledby=\"");
	out_text(o, id);
	out_lit(o, "-t ");
	out_text(o, id);
	out_lit(o, "-d\"><title id=\"");
	out_text(o, id);
	out_lit(o, "-t\">");
	out_text(o, title);
	out_lit(o, "</title><desc id=\"");
	out_text(o, id);
	out_lit(o, "-d\">");
	out_text(o, about);
	out_lit(o, "</desc>");
}

static void
draw_stack(struct out *o, const struct chart_day *days, size_t n, int64_t top)
{
	int64_t *base = mem_alloc(n * sizeof(*base));
	size_t s;

	out_lit(o, "<svg y=\"18\" width=\"100%\" height=\"160\" preserveAspectRatio=\"none\" viewBox=\"0 0 ");
	out_int(o, (int64_t)n * DAY);
	out_lit(o, " 160\">");
	for (s = 0; s < SLICES; s++)
		slice_path(o, days, n, stack[s], top, base);
	out_lit(o, "</svg>");
	free(base);
}

void
chart_columns(struct out *o, const struct chart_columns *c)
{
	size_t bucket = chart_bucket(c->ndays, COLUMNS_MOST), n, i;
	struct chart_day *days = gather(c, bucket, &n);
	int64_t most = 1, top;

	for (i = 0; i < n; i++)
		most = total_of(&days[i]) > most ? total_of(&days[i]) : most;
	top = nice(most);
	out_lit(o, "<svg class=\"columns\" width=\"100%\" height=\"200\"");
	labelled(o, c->id, c->title, c->about);
	if (n > 0) {
		hatched(o, days, n);
		if (c->late > 0 && c->late <= c->ndays) {
			out_lit(o, "<rect class=\"late\" y=\"18\" height=\"160\" x=\"");
			percent(o, (int64_t)((c->ndays - c->late) / bucket), (int64_t)n);
			out_lit(o, "\" width=\"");
			percent(o, (int64_t)(n - (c->ndays - c->late) / bucket), (int64_t)n);
			out_lit(o, "\"/>");
		}
		grid_lines(o, top);
		draw_stack(o, days, n, top);
		mark_lines(o, c, bucket, n);
		date_labels(o, c, bucket, n);
	}
	out_lit(o, "</svg>\n");
	free(days);
}

/* A step line as a filled area: runs of equal height are one move. */
static void
spark_path(struct out *o, const int64_t *v, size_t n, int64_t top, int is_bad)
{
	int64_t h, last = 0, run = 0;
	size_t i;

	if (is_bad)
		out_lit(o, "<path class=\"bad\" d=\"M0 20");
	else
		out_lit(o, "<path d=\"M0 20");
	for (i = 0; i <= n; i++) {
		h = i < n ? scaled(v[i], top, 20) : 0;
		if (h != last && run > 0) {
			out_lit(o, "h");
			out_int(o, run);
			run = 0;
		}
		if (h != last) {
			out_lit(o, "v");
			out_int(o, last - h);
		}
		last = h;
		run++;
	}
	out_lit(o, "z\"/>");
}

static int
is_empty(const int64_t *v, size_t n)
{
	size_t i;

	for (i = 0; v != NULL && i < n; i++)
		if (v[i] != 0)
			return 0;
	return 1;
}

void
chart_spark(struct out *o, const int64_t *all, const int64_t *bad, size_t n, int64_t top, const char *title)
{
	if (n == 0)
		return;
	out_lit(o, "<svg class=\"spark\" role=\"img\" preserveAspectRatio=\"none\" viewBox=\"0 0 ");
	out_int(o, (int64_t)n);
	out_lit(o, " 20\"><title>");
	out_text(o, title);
	out_lit(o, "</title>");
	if (!is_empty(all, n))
		spark_path(o, all, n, top, 0);
	if (!is_empty(bad, n))
		spark_path(o, bad, n, top, 1);
	out_lit(o, "</svg>");
}

static void
bar_part(struct out *o, enum slice s, int64_t count, int64_t at, int64_t width)
{
	char text[28];

	out_lit(o, "<rect class=\"c-");
	out_text(o, slice_id(s));
	out_lit(o, "\" height=\"100%\" x=\"");
	out_tenths(o, at);
	out_lit(o, "%\" width=\"");
	out_tenths(o, width);
	out_lit(o, "%\"/>");
	text_count(count, text);
	if (width < 40 + 28 * (int64_t)strlen(text))
		return;
	out_lit(o, "<text class=\"in-");
	out_text(o, slice_id(s));
	out_lit(o, "\" y=\"50%\" dy=\".35em\" dx=\"8\" x=\"");
	out_tenths(o, at);
	out_lit(o, "%\">");
	out_text(o, text);
	out_lit(o, "</text>");
}

void
chart_bar(struct out *o, const int64_t count[SLICES], const char *title)
{
	int64_t total = 0, at = 0, width, share[SLICES];
	size_t s, widest = 0;
	int64_t sum = 0;

	for (s = 0; s < SLICES; s++)
		total += count[s];
	if (total <= 0)
		return;
	for (s = 0; s < SLICES; s++) {	/* nothing that is there may vanish; the widest part gives what is needed */
		share[s] = count[s] > 0 && permille(count[s], total) < 6 ? 6 : permille(count[s], total);
		widest = share[s] > share[widest] ? s : widest;
		sum += share[s];
	}
	share[widest] += 1000 - sum;
	out_lit(o, "<svg class=\"bar\" width=\"100%\" height=\"28\" role=\"img\"><title>");
	out_text(o, title);
	out_lit(o, "</title>");
	for (s = 0; s < SLICES; s++) {
		width = share[s];
		if (count[s] > 0)
			bar_part(o, (enum slice)s, count[s], at, width);
		at += width;
	}
	out_lit(o, "</svg>\n");
}

/* part of total at offset `at` (tenths of a per cent), in the colour class named; returns where it ends. */
#define mix_part(o, name, count, total, at) mix_part_((o), "" name "", (count), (total), (at))
static int64_t
mix_part_(struct out *o, const char *name, int64_t count, int64_t total, int64_t at)
{
	int64_t width = permille(count, total);

	if (count <= 0)
		return at;
	width = width < 10 ? 10 : width;
	width = at + width > 1000 ? 1000 - at : width;
	out_lit(o, "<rect class=\"");
	out_text(o, name);
	out_lit(o, "\" height=\"100%\" x=\"");
	out_tenths(o, at);
	out_lit(o, "%\" width=\"");
	out_tenths(o, width);
	out_lit(o, "%\"/>");
	return at + width;
}

void
chart_mix(struct out *o, int64_t none, int64_t quarantine, int64_t reject, const char *title)
{
	int64_t total = none + quarantine + reject, at;

	if (total <= 0)
		return;
	out_lit(o, "<svg class=\"mini\" width=\"100%\" height=\"12\" role=\"img\"><title>");
	out_text(o, title);
	out_lit(o, "</title>");
	at = mix_part(o, "c-lost", reject, total, 0);
	at = mix_part(o, "c-at_risk", quarantine, total, at);
	if (at < 1000 && none > 0)
		(void)mix_part(o, "c-undetermined", 1, 1, at);
	out_lit(o, "</svg>");
}

void
chart_strip(struct out *o, const char *days, size_t n, const char *title)
{
	size_t i, run;

	out_lit(o, "<svg class=\"strip\" width=\"100%\" height=\"14\" role=\"img\"><title>");
	out_text(o, title);
	out_lit(o, "</title>");
	for (i = 0; i < n; i += run) {
		for (run = 1; i + run < n && days[i + run] == days[i]; run++)
			;
		if (days[i] == '-')
			continue;
		if (days[i] == '1')
			out_lit(o, "<rect class=\"day\" height=\"100%\" x=\"");
		else
			out_lit(o, "<rect class=\"hatch\" height=\"100%\" x=\"");
		percent(o, (int64_t)i, (int64_t)n);
		out_lit(o, "\" width=\"");
		percent(o, (int64_t)run, (int64_t)n);
		out_lit(o, "\"/>");
	}
	out_lit(o, "</svg>");
}
