/* SPDX-License-Identifier: MIT */
/* See say.h. */
#include "cli/say.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/text.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int level, on_terminal;
static int line_open;			/* a progress line stands on the terminal */
static struct timespec started, shown;

void
say_level(int l)
{
	level = l;
	on_terminal = isatty(STDERR_FILENO);
}

static void __attribute__((format(printf, 3, 0)))
put(FILE *to, const char *prefix, const char *fmt, va_list ap)
{
	struct buf raw, clean;
	char text[4096];
	int len = vsnprintf(text, sizeof(text), fmt, ap);

	if (len < 0)
		return;
	buf_init(&raw, sizeof(text));
	buf_init(&clean, 16 * sizeof(text));
	buf_str(&raw, text);
	text_clean(&clean, raw.at, raw.len);
	pthread_mutex_lock(&lock);
	if (line_open && to == stderr) {
		fputs("\r\033[K", stderr);
		line_open = 0;
	}
	fprintf(to, "%s%s\n", prefix, clean.at);
	pthread_mutex_unlock(&lock);
	buf_free(&raw);
	buf_free(&clean);
}

#define SAY(name, to, prefix, from)		\
void						\
name(const char *fmt, ...)			\
{						\
	va_list ap;				\
						\
	if (level < (from))			\
		return;				\
	va_start(ap, fmt);			\
	put(to, prefix, fmt, ap);		\
	va_end(ap);				\
}

SAY(say_error, stderr, "dmarcsift: ", -1)
SAY(say_warning, stderr, "dmarcsift: ", 0)
SAY(say_detail, stderr, "dmarcsift: ", 1)
SAY(say_result, stdout, "", 0)

static double
since(const struct timespec *a, const struct timespec *b)
{
	return (double)(b->tv_sec - a->tv_sec) + (double)(b->tv_nsec - a->tv_nsec) / 1e9;
}

void
say_progress(const char *verb, int64_t done, int64_t total, int64_t count, const char *one, const char *many)
{
	char number[28], rate[28];
	struct timespec now;
	double seconds;

	if (level < 0 || !on_terminal)
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (started.tv_sec == 0)
		started = now;
	if (shown.tv_sec != 0 && since(&shown, &now) < 0.2)
		return;
	shown = now;
	seconds = since(&started, &now);
	pthread_mutex_lock(&lock);
	fprintf(stderr, "\r\033[K%s %s %s, %s/s", verb, text_count(count, number), count == 1 ? one : many,
	    text_count(seconds > 0.1 ? (int64_t)((double)count / seconds) : count, rate));
	if (total > 0 && done > 0 && done <= total) {
		fprintf(stderr, ", %d %%", (int)(done * 100 / total));
		if (seconds > 1)
			fprintf(stderr, ", %d s left", (int)(seconds * (double)(total - done) / (double)done));
	}
	line_open = 1;
	pthread_mutex_unlock(&lock);
}

void
say_progress_end(void)
{
	pthread_mutex_lock(&lock);
	if (line_open)
		fputs("\r\033[K", stderr);
	line_open = 0;
	pthread_mutex_unlock(&lock);
}
