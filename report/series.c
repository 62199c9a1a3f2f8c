/* SPDX-License-Identifier: MIT */
/* See series.h. */
#include "report/series.h"

#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/text.h"
#include "report/ruling.h"

/*
 * Of TURN_DAYS days before a turn three quarters, and two at least, must be of the other kind (for a mend two days of failing right before it
 * are enough, as for a break); after it there must be TURN_MESSAGES.
 */
enum { TURN_DAYS = 7, TURN_MESSAGES = 3, BROKEN_DAYS = 2, RHYTHM = 3, QUARTER = 100 /* days: a longer pause is no rhythm */ };

enum outcome
series_add(struct series *s, const struct day_row *row)
{
	if (row->passed + row->failed == 0)
		return OK;
	if ((s->count & (s->count - 1)) == 0)
		s->days = mem_grow(s->days, s->count > 0 ? s->count * 2 : 1, sizeof(*s->days));
	s->days[s->count] = *row;
	s->days[s->count++].day = arena_str(s->arena, row->day);
	return OK;
}

static enum outcome
take_day(void *ctx, const struct day_row *row)
{
	return series_add(ctx, row);
}

size_t
series_run(const struct series *s, size_t broke)
{
	while (broke > 0 && broke < s->count && s->days[broke - 1].failed > 0)
		broke--;
	return broke;
}

size_t
series_failing(const struct series *s, size_t broke, size_t mended)
{
	return broke < s->count ? series_run(s, broke) : mended < s->count ? mended + 1 : 0;
}

int64_t
series_since(const struct series *s, size_t turn, const char *from, int refused, const char **since)
{
	int64_t n = 0;
	size_t i;

	*since = NULL;
	for (i = turn; i < s->count; i++) {
		int64_t these = refused ? s->days[i].refused : s->days[i].failed - s->days[i].refused;

		*since = *since == NULL && these > 0 ? s->days[i].day : *since;
		n += strcmp(s->days[i].day, from) >= 0 ? these : 0;
	}
	return n;
}

enum outcome
series_read(struct series *s, struct store *store, const struct known *k, struct err *err)
{
	return store_each_sender_day(store, &k->sum, take_day, s, err);
}

/* Messages a day. */
struct rate { double passed, failed; };

static struct rate
rate_of(const struct series *s, size_t from, size_t to)
{
	struct rate r = { 0, 0 };
	size_t i;

	for (i = from; i < to; i++) {
		r.passed += (double)s->days[i].passed / (double)(to - from);
		r.failed += (double)s->days[i].failed / (double)(to - from);
	}
	return r;
}

/*
 * 1: what fails in the bad days is twice as much, and passes in the good ones: half as much passes in the bad, or less by half of what fails more. Where passing mail
 * alone stops, or comes on workdays only, nothing has turned; nor where other mail of the same service fails beside what passes as ever.
 */
static int
is_same_mail(struct rate good, struct rate bad)
{
	return bad.failed >= 2 * good.failed && (2 * bad.passed <= good.passed || 2 * (good.passed - bad.passed) >= bad.failed - good.failed);
}

static int
is_turned(const struct series *s, size_t from, size_t at, int broke)
{
	size_t to = s->count - at > TURN_DAYS ? at + TURN_DAYS : s->count;
	struct rate before = rate_of(s, from, at), since = rate_of(s, at, to);

	return broke ? is_same_mail(before, since) : is_same_mail(since, before);
}

/* One day of passing mail proves a mend; a break is believed from the second day on. */
size_t
series_turn(const struct series *s, int broke)
{
	size_t at = s->count, from, i, before = 0;
	int64_t after = 0;
	int mended;

	while (at > 0 && (s->days[at - 1].failed > s->days[at - 1].passed) == broke) {
		at--;
		after += s->days[at].passed + s->days[at].failed;
	}
	from = at > TURN_DAYS ? at - TURN_DAYS : 0;
	for (i = from; i < at; i++)
		before += (s->days[i].failed > s->days[i].passed) != broke;
	mended = !broke && at >= BROKEN_DAYS && s->days[at - 2].failed > s->days[at - 2].passed;
	if (before < 2 || (!mended && before * 4 < (at - from) * 3) || s->count - at < (broke ? BROKEN_DAYS : 1) || after < TURN_MESSAGES ||
	    !is_turned(s, from, at, broke))
		return s->count;
	return at;
}

size_t
series_mend(const struct series *s)
{
	struct series good = *s;
	size_t at;

	while (good.count > 0 && good.days[good.count - 1].failed > good.days[good.count - 1].passed)
		good.count--;
	at = series_turn(&good, 0);
	return at < good.count ? at : s->count;
}

int
series_pause(const struct series *s)
{
	int longest = 0, second = 0;
	size_t i;

	for (i = 1; i < s->count; i++) {
		int pause = words_days(s->days[i - 1].day, s->days[i].day);

		if (pause > QUARTER)
			continue;
		if (pause > longest) {
			second = longest;
			longest = pause;
		} else if (pause > second) {
			second = pause;
		}
	}
	return second;
}

/* 1970-01-01 was a Thursday. */
static int
weekday(const char *day)
{
	int64_t at;

	return text_when(day, &at) ? (int)((at / 86400 + 4) % 7) : -1;
}

static int
is_month_end(const char *day)
{
	int n = (day[8] - '0') * 10 + (day[9] - '0');

	return n >= 26 || n <= 2;
}

const char *
series_cadence(const struct series *s)
{
	static const char *const names[] = { " every Sunday", " every Monday", " every Tuesday", " every Wednesday", " every Thursday", " every Friday",
		" every Saturday" };
	int same = 1, ends = 1, months = 0;
	size_t n = 0, i, last = 0;

	for (i = 0; i < s->count; i++) {
		const char *day = s->days[i].day;

		if (s->days[i].failed == 0)
			continue;
		if (strlen(day) != 10)
			return "";
		same &= n == 0 || weekday(day) == weekday(s->days[last].day);
		ends &= is_month_end(day);
		/* The first days of a month belong to the end of the one before. */
		months += n == 0 || words_days(s->days[last].day, day) > 8;
		last = i;
		n++;
	}
	if (ends && months >= RHYTHM)
		return " every month-end";
	return same && n >= RHYTHM && weekday(s->days[last].day) >= 0 ? names[weekday(s->days[last].day)] : "";
}
