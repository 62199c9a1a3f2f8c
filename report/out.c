/* SPDX-License-Identifier: MIT */
/* See out.h. One block of memory in front of a descriptor; the first failed write is remembered and all later ones do nothing. */
#include "report/out.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/embed.h"
#include "base/mem.h"
#include "base/place.h"
#include "base/text.h"
#include "base/whole.h"
#include "report/out_raw.h"

enum {
	BLOCK = 1 << 16,
	TRIES = 100,		/* temporary names tried before giving up */
	SCRATCH_MAX = 6 * OUT_TEXT_MAX	/* text_clean makes at most 4 of 1 byte, 7 of 4 */
};

struct out {
	int fd;			/* -1: into memory or nowhere */
	struct buf *to;		/* memory, or NULL */
	char *name;		/* as the user gave it; NULL: memory, nothing, or standard output */
	char *path;		/* the file's final name, behind all links; NULL: descriptor is not ours */
	char *temp;		/* the name it has meanwhile; NULL: written in place (a device, a pipe) */
	int failed;		/* errno of the first failure, 0 none */
	int64_t size;
	size_t used;
	struct buf scratch;	/* of out_text */
	char block[BLOCK];
};

static struct out *
out_new(int fd)
{
	struct out *o = mem_alloc(sizeof(*o));

	o->fd = fd;
	buf_init(&o->scratch, SCRATCH_MAX);
	return o;
}

static void
out_free(struct out *o)
{
	buf_free(&o->scratch);
	free(o->name);
	free(o->path);
	free(o->temp);
	free(o);
}

struct out *
out_open_buf(struct buf *to)
{
	struct out *o = out_new(-1);

	o->to = to;
	return o;
}

struct out *
out_open_null(void)
{
	return out_new(-1);
}

/* What programs that were killed left of this file's making, once it is a day old. */
static void
drop_old_temps(const char *dir, const char *prefix)
{
	DIR *d = opendir(*dir != '\0' ? dir : ".");
	struct dirent *e;
	struct stat st;
	char *path;

	while (d != NULL && (e = readdir(d)) != NULL) {
		if (strncmp(e->d_name, prefix, strlen(prefix)) != 0)
			continue;
		path = mem_fmt("%s%s", dir, e->d_name);
		if (lstat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_mtime < time(NULL) - 86400)
			(void)unlink(path);
		free(path);
	}
	if (d != NULL)
		closedir(d);
}

/* "DIR/.NAME.tmp-PID-N", made anew; the descriptor, or -1 with errno. */
static int
make_temp(struct out *o, mode_t mode)
{
	const char *slash = strrchr(o->path, '/');
	int dir = slash != NULL ? (int)(slash + 1 - o->path) : 0, n, fd = -1;
	char *folder = mem_fmt("%.*s", dir, o->path), *prefix = mem_fmt(".%s.tmp-", o->path + dir);

	drop_old_temps(folder, prefix);
	free(folder);
	free(prefix);
	for (n = 0; n < TRIES; n++) {
		free(o->temp);
		o->temp = mem_fmt("%.*s.%s.tmp-%ld-%d", dir, o->path, o->path + dir, (long)getpid(), n);
		fd = open(o->temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
		if (fd >= 0 || errno != EEXIST)
			break;
	}
	return fd;
}

/* Hands on owner and mode of the file to be replaced; owner only where we may. */
static void
inherit(int fd, const struct stat *old)
{
	if (fchown(fd, old->st_uid, old->st_gid) != 0 && fchown(fd, (uid_t)-1, old->st_gid) != 0)
		errno = 0;
	if (fchmod(fd, old->st_mode & 0777) != 0)
		errno = 0;
}

enum outcome
out_open(struct out **out, const char *path, struct err *err)
{
	struct out *o = out_new(-1);
	struct stat st;
	int there;

	if (strcmp(path, "-") == 0) {
		o->fd = STDOUT_FILENO;
		*out = o;
		return OK;
	}
	o->name = mem_str(path);
	o->path = place_resolved(path);	/* a link stays, also one that leads to what is not there yet */
	there = stat(path, &st) == 0;
	if (!there && errno != ENOENT) {
		err_stop(err, "%s: cannot be written: %s", path, strerror(errno));
		out_free(o);
		return STOP;
	}
	if (there && S_ISDIR(st.st_mode)) {
		err_stop(err, "%s: is a folder; name a file in it", path);
		out_free(o);
		return STOP;
	}
	o->fd = there && !S_ISREG(st.st_mode) ? open(path, O_WRONLY | O_CLOEXEC) : make_temp(o, there ? 0600 : 0666);	/* what it replaces may be private */
	if (o->fd < 0) {
		err_stop(err, "%s: cannot be written: %s", path, strerror(errno));
		out_free(o);
		return STOP;
	}
	if (there && o->temp != NULL)
		inherit(o->fd, &st);
	*out = o;
	return OK;
}

static void
flush_block(struct out *o)
{
	if (!o->failed && !whole_write(o->fd, o->block, o->used))
		o->failed = errno;
	o->used = 0;
}

void
out_raw(struct out *o, const void *bytes, size_t len)
{
	const char *p = bytes;
	size_t n;

	o->size += (int64_t)len;
	if (o->to != NULL) {
		if (!buf_add(o->to, bytes, len))
			o->failed = ENOSPC;
		return;
	}
	while (len > 0 && !o->failed && o->fd >= 0) {
		if (o->used == BLOCK)
			flush_block(o);
		n = len < BLOCK - o->used ? len : BLOCK - o->used;
		memcpy(o->block + o->used, p, n);
		o->used += n;
		p += n;
		len -= n;
	}
}

/* After the rename the folder is synced too, as far as its file system allows. */
static void
sync_folder(const char *path)
{
	char *dir = mem_str(path), *slash = strrchr(dir, '/');
	int fd;

	if (slash != NULL)
		slash[slash == dir] = '\0';
	fd = open(slash != NULL ? dir : ".", O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		(void)fsync(fd);
		close(fd);
	}
	free(dir);
}

/* Our file: on the disk, closed, under its name. */
static void
settle(struct out *o)
{
	if (o->temp != NULL && !o->failed && fsync(o->fd) != 0)
		o->failed = errno;
	if (close(o->fd) != 0 && !o->failed)
		o->failed = errno;
	if (o->temp == NULL)
		return;
	if (!o->failed && rename(o->temp, o->path) != 0)
		o->failed = errno;
	if (o->failed)
		(void)unlink(o->temp);
	else
		sync_folder(o->path);
}

enum outcome
out_close(struct out *o, struct err *err)
{
	enum outcome done = OK;

	if (o == NULL)
		return OK;
	if (o->fd >= 0)
		flush_block(o);
	if (o->path != NULL)
		settle(o);
	if (o->failed)
		done = err_stop(err, "%s: cannot be written: %s", o->name != NULL ? o->name : "output", strerror(o->failed));
	out_free(o);
	return done;
}

void
out_drop(struct out *o)
{
	if (o == NULL)
		return;
	if (o->path != NULL) {
		o->failed = ECANCELED;
		settle(o);
	}
	out_free(o);
}

int64_t
out_size(const struct out *o)
{
	return o->size;
}

void
out_literal_(struct out *o, const char *s, size_t len)
{
	out_raw(o, s, len);
}

void
out_file_(struct out *o, const char *path)
{
	const struct embed *e = embed_find(path);

	if (e != NULL)
		out_raw(o, e->bytes, e->len);
}

static const char *
reference(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void
out_textn(struct out *o, const char *s, size_t len)
{
	const char *at, *from, *ref;
	int cut = len > OUT_TEXT_MAX;

	buf_reset(&o->scratch);
	if (cut)	/* not within a character */
		for (len = OUT_TEXT_MAX; len > OUT_TEXT_MAX - 4 && ((unsigned char)s[len] & 0xc0) == 0x80; len--)
			;
	text_clean(&o->scratch, s, len);
	for (at = from = o->scratch.at; at < o->scratch.at + o->scratch.len; at++) {
		ref = reference(*at);
		if (ref == NULL)
			continue;
		out_raw(o, from, (size_t)(at - from));
		out_raw(o, ref, strlen(ref));
		from = at + 1;
	}
	out_raw(o, from, (size_t)(at - from));
	if (cut)
		out_lit(o, "\xe2\x80\xa6");
}

void
out_text(struct out *o, const char *s)
{
	if (s != NULL)
		out_textn(o, s, strlen(s));
}

void
out_short(struct out *o, const char *s, size_t max)
{
	size_t i, n = 0;

	if (s == NULL)
		return;
	for (i = 0; s[i] != '\0'; i++) {
		if (((unsigned char)s[i] & 0xc0) != 0x80 && n++ == max) {
			out_textn(o, s, i);
			out_lit(o, "\xe2\x80\xa6");
			return;
		}
	}
	out_textn(o, s, i);
}

void
out_int(struct out *o, int64_t n)
{
	char text[32];

	out_raw(o, text, (size_t)snprintf(text, sizeof(text), "%lld", (long long)n));
}

void
out_count(struct out *o, int64_t n)
{
	char text[28];

	text_count(n, text);
	out_raw(o, text, strlen(text));
}

void
out_tenths(struct out *o, int64_t tenths)
{
	char text[40];
	int64_t whole = tenths < 0 ? -(tenths / 10) : tenths / 10;
	int rest = (int)(tenths < 0 ? -(tenths % 10) : tenths % 10);

	if (rest == 0)
		snprintf(text, sizeof(text), "%s%lld", tenths < 0 && whole > 0 ? "-" : "", (long long)whole);
	else
		snprintf(text, sizeof(text), "%s%lld.%d", tenths < 0 ? "-" : "", (long long)whole, rest);
	out_raw(o, text, strlen(text));
}
