/* SPDX-License-Identifier: MIT */
/*
 * Places to items: walks files and directories in a stable order, knows maildirs and mboxes, takes what
 * comes through standard input or a named pipe. Reading only: nothing is moved, flagged or removed.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "ingest/private.h"

enum {
	WHOLE = 64 << 10,		/* a file below this is read at once, when it is looked at; more than the first bytes that tell an mbox */
	WAIT_MS = 200,			/* for a pipe, before it is asked whether to go on */
	ORIGIN_BYTES = 64 << 10,	/* of a path with each of its bytes written as `\xff` */
	OPEN_HOW = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY
};

/* A directory being walked: its entries, sorted. */
struct entry {
	char *path;
	int is_file;		/* the directory says that it is a regular file */
	uint64_t word;		/* what it is being sorted by */
};
struct level {
	struct level *up;
	struct entry *entries;
	size_t count, at;
	int is_maildir;		/* cur or new of a maildir: every file is a mail */
};

struct source {
	char *const *paths;
	size_t count, at;
	struct ingest_limits limits;
	const volatile int *stop;	/* NULL: nobody ends it */
	struct level *level;
	struct mbox *mbox;
	int named;
	_Atomic int64_t done;	/* who shows the progress asks from another thread */
	FILE **spooled;		/* what came through pipes; open as long as somebody may read it */
	size_t nspooled;
	unsigned char bytes[WHOLE];	/* of the file looked at */
};

struct item *
item_new(void)
{
	struct arena *text = arena_new();
	struct item *item = arena_alloc(text, sizeof(*item));

	item->text = text;
	return item;
}

void
item_free(struct item *item)
{
	if (item == NULL)
		return;
	free(item->owned);
	arena_free(item->text);
}

struct source *
source_open(char *const *paths, size_t count, const struct ingest_limits *limits)
{
	struct source *s = mem_alloc(sizeof(*s));

	s->paths = paths;
	s->count = count;
	s->limits = *limits;
	if (s->limits.mail_bytes <= 0)
		s->limits.mail_bytes = INGEST_MAIL_BYTES;
	if (s->limits.out_bytes <= 0)
		s->limits.out_bytes = INGEST_OUT_BYTES;
	return s;
}

void
source_stop_at(struct source *s, const volatile int *stop)
{
	s->stop = stop;
}

static void
pop(struct source *s)
{
	struct level *l = s->level;
	size_t i;

	s->level = l->up;
	for (i = 0; i < l->count; i++)
		free(l->entries[i].path);
	free(l->entries);
	free(l);
}

void
source_close(struct source *s)
{
	if (s == NULL)
		return;
	while (s->level != NULL)
		pop(s);
	mbox_close(s->mbox);
	while (s->nspooled > 0)
		fclose(s->spooled[--s->nspooled]);
	free(s->spooled);
	free(s);
}

void
source_progress(const struct source *s, int64_t *done, int64_t *total)
{
	*done = s->done;
	*total = -1;
}

/* Eight bytes of text as a number that sorts like them; all 0 after its end. */
static uint64_t
word_of(const char *text)
{
	uint64_t word = 0;
	int i;

	for (i = 0; i < 8; i++) {
		word = word << 8 | (unsigned char)*text;
		text += *text != '\0';
	}
	return word;
}

static int
by_word(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return x->word < y->word ? -1 : x->word > y->word;
}

/*
 * Sorts paths that are alike in their first bytes, eight bytes at a time: names of reports begin alike, and comparing whole names
 * of a large directory took longer than reading the directory, while nobody had anything to do yet.
 */
static void
sort_entries(struct entry *e, size_t count, size_t alike)
{
	size_t i, from = 0;

	for (i = 0; i < count; i++)
		e[i].word = word_of(e[i].path + alike);
	qsort(e, count, sizeof(*e), by_word);
	for (i = 1; i <= count; i++) {
		if (i < count && e[i].word == e[from].word)
			continue;
		if (i - from > 1 && (e[from].word & 0xff) != 0)
			sort_entries(e + from, i - from, alike + 8);
		from = i;
	}
}

static int
is_dir(const char *folder, const char *name)
{
	char *path = mem_fmt("%s/%s", folder, name);
	struct stat st;
	int yes = stat(path, &st) == 0 && S_ISDIR(st.st_mode);

	free(path);
	return yes;
}

static void
add_entry(struct level *l, size_t *room, const char *folder, const char *name, int is_file)
{
	size_t len = strlen(folder), n = strlen(name);
	char *path = mem_grow(NULL, len + n + 2, 1), *end = path + len;

	if (l->count == *room) {
		*room = *room ? *room * 2 : 64;
		l->entries = mem_grow(l->entries, *room, sizeof(*l->entries));
	}
	memcpy(path, folder, len);
	if (len == 0 || folder[len - 1] != '/')
		*end++ = '/';
	memcpy(end, name, n + 1);
	l->entries[l->count++] = (struct entry){ path, is_file, 0 };
}

/* Whether an entry of a maildir is a folder below it: its name begins with a dot (Maildir++), or it is a maildir itself (Dovecot's LAYOUT=fs). */
static int
is_subfolder(const char *maildir, const char *name)
{
	char *path = mem_fmt("%s/%s", maildir, name);
	int yes = name[0] == '.' ? is_dir(maildir, name) : is_dir(path, "cur") && is_dir(path, "new");

	free(path);
	return yes;
}

/* Lists a directory; a maildir lists only its cur and new, in this order, and its subfolders. */
static enum outcome
push(struct source *s, const char *path, int is_maildir, struct err *err)
{
	int maildir = is_dir(path, "cur") && is_dir(path, "new");
	struct dirent *e;
	struct level *l;
	size_t room = 0, fixed = 0;
	DIR *d = opendir(path);

	if (d == NULL)
		return err_retry(err, "%s: the directory cannot be read: %s", path, strerror(errno));
	l = mem_alloc(sizeof(*l));
	l->is_maildir = is_maildir;
	if (maildir) {
		add_entry(l, &room, path, "cur", 0);
		add_entry(l, &room, path, "new", 0);
		fixed = 2;
	}
	while ((e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (maildir ? is_subfolder(path, e->d_name) : e->d_name[0] != '.')
			add_entry(l, &room, path, e->d_name, e->d_type == DT_REG);
	}
	closedir(d);
	if (l->count > fixed)
		sort_entries(l->entries + fixed, l->count - fixed, strlen(path));
	l->up = s->level;
	s->level = l;
	return OK;
}

/* The place of a maildir's mail stays the same when it moves from new to cur and gets flags. */
static char *
maildir_place(struct arena *text, const char *path)
{
	const char *base = strrchr(path, '/'), *flags, *folder;

	for (folder = base; folder > path && folder[-1] != '/'; folder--)
		;
	flags = strstr(base, ":2,");
	return arena_fmt(text, "%.*s%.*s", (int)(folder - path), path, flags != NULL ? (int)(flags - base - 1) : (int)strlen(base) - 1, base + 1);
}

/* A path as an origin: names may hold any bytes, the database's texts and its readers want UTF-8. Caller frees. */
static char *
path_origin(const char *path)
{
	struct buf clean;
	const char *p;

	for (p = path; *p >= ' ' && *p < 127; p++)
		;
	if (*p == '\0')
		return mem_str(path);
	buf_init(&clean, ORIGIN_BYTES);
	text_clean(&clean, path, strlen(path));
	return clean.at;
}

static struct item *
file_item(struct source *s, const char *path, const char *origin, int64_t size, int is_maildir)
{
	struct item *item = item_new();

	item->origin = arena_str(item->text, origin);
	item->place = is_maildir ? maildir_place(item->text, path) : strcmp(origin, path) == 0 ? item->origin : arena_str(item->text, path);
	item->size = size;
	item->named = s->named;
	item->is_mail = is_maildir;
	s->done += size;
	return item;
}

/*
 * A regular file, open as fd, which is closed (-1: it cannot be opened; who reads the item will say why): its first bytes tell an mbox
 * (END); a small one is read whole, so that nobody need open it again.
 */
static enum outcome
take_file(struct source *s, const char *name, const char *path, int fd, int is_maildir, struct item **out, struct err *err)
{
	char *origin = path_origin(name);
	ssize_t n = fd >= 0 ? read(fd, s->bytes, sizeof(s->bytes)) : -1;
	size_t got = n > 0 ? (size_t)n : 0;
	struct stat st = { .st_size = (off_t)got };

	/* A regular file gives all that there is room for: only what fills it may go on. */
	if (fd >= 0 && got == sizeof(s->bytes))
		(void)fstat(fd, &st);
	if (fd >= 0)
		close(fd);
	if (!is_maildir && looks_like_mbox(s->bytes, got, '\n')) {
		s->mbox = mbox_open(path, origin, s->limits.mail_bytes, err);
		free(origin);
		return s->mbox != NULL ? END : SKIP;
	}
	*out = file_item(s, name, origin, st.st_size, is_maildir);
	free(origin);
	if (n >= 0 && got < sizeof(s->bytes)) {
		(*out)->bytes = (unsigned char *)arena_strn((*out)->text, (const char *)s->bytes, got);
		(*out)->len = got;
	} else {
		(*out)->path = arena_str((*out)->text, path);
	}
	return OK;
}

/* Waits for the next bytes of a pipe, or its end; 0: everything is to stop. The signal may have met another thread, so it is asked for again and again. */
static int
awaits(const struct source *s, int fd)
{
	struct pollfd p = { fd, POLLIN, 0 };

	do
		if (s->stop != NULL && *s->stop)
			return 0;
	while (poll(&p, 1, WAIT_MS) == 0);
	return 1;
}

/* A pipe's bytes into an unnamed temporary file; NULL: err. The source keeps it open. */
static FILE *
spool(struct source *s, int fd, const char *origin, struct err *err)
{
	FILE *f = tmpfile();
	char bytes[65536];
	int64_t size = 0;
	ssize_t n = 0;
	int going = 1;

	while (f != NULL && (going = awaits(s, fd)) && ((n = read(fd, bytes, sizeof(bytes))) > 0 || (n < 0 && (errno == EINTR || errno == EAGAIN))))
		if (n > 0 && ((size += n) > s->limits.out_bytes || fwrite(bytes, 1, (size_t)n, f) != (size_t)n))
			break;
	if (f == NULL || (n > 0 && size <= s->limits.out_bytes) || (n == 0 && fflush(f) != 0))
		err_retry(err, "%s: cannot be kept in a temporary file: %s", origin, strerror(errno));
	else if (!going)
		err_retry(err, "%s: not read to its end: ended by a signal", origin);
	else if (n < 0)
		err_retry(err, "%s: cannot be read: %s", origin, strerror(errno));
	else if (size > s->limits.out_bytes)
		err_skip(err, "%s: larger than the %lld MiB that are read (out_bytes)", origin, (long long)(s->limits.out_bytes >> 20));
	else {
		s->spooled = mem_grow(s->spooled, s->nspooled + 1, sizeof(FILE *));
		return s->spooled[s->nspooled++] = f;
	}
	if (f != NULL)
		fclose(f);
	return NULL;
}

/* Standard input or a named pipe. */
static enum outcome
piped(struct source *s, int fd, const char *origin, struct item **out, struct err *err)
{
	FILE *f = spool(s, fd, origin, err);
	enum outcome r = SKIP;
	char *path;

	if (f == NULL)
		return SKIP;
	path = mem_fmt("/dev/fd/%d", fileno(f));
	rewind(f);
	r = take_file(s, origin, path, open(path, OPEN_HOW), 0, out, err);
	free(path);
	return r;
}

static enum outcome
named_pipe(struct source *s, const char *path, struct item **out, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);	/* else it waits for somebody to write */
	enum outcome r;

	if (fd < 0)
		return err_retry(err, "%s: cannot be opened: %s", path, strerror(errno));
	r = piped(s, fd, path, out, err);
	close(fd);
	return r;
}

/* Whether a directory is the cur or new of a maildir, of which each file is a mail: the other one lies beside it. */
static int
is_of_maildir(const char *path)
{
	const char *base = strrchr(path, '/');
	int cur = base != NULL && strcmp(base, "/cur") == 0, yes;
	char *folder;

	if (!cur && (base == NULL || strcmp(base, "/new") != 0))
		return 0;
	folder = mem_strn(path, (size_t)(base + 1 - path));
	yes = is_dir(folder, cur ? "new" : "cur");
	free(folder);
	return yes;
}

/* One path: an item, or a level or mbox to go into (END: call again). */
static enum outcome
take_path(struct source *s, const char *path, int is_maildir, struct item **out, struct err *err)
{
	struct stat st;

	if (s->named ? stat(path, &st) != 0 : lstat(path, &st) != 0) {
		err_retry(err, "%s: cannot be opened: %s", path, strerror(errno));
		/* What went away meanwhile (a mail moved from new to cur) is not there to be read. */
		if (errno == ENOENT && !s->named)
			return END;
		s->named = 1;
		return SKIP;
	}
	if (!s->named && S_ISLNK(st.st_mode) && (stat(path, &st) != 0 || S_ISDIR(st.st_mode)))
		return END;
	if (S_ISDIR(st.st_mode)) {
		enum outcome r = push(s, path, is_of_maildir(path), err);

		/* All that lies in it is missed, whoever named it. */
		s->named |= r != OK;
		return r == OK ? END : r;
	}
	if (s->named && S_ISFIFO(st.st_mode))
		return named_pipe(s, path, out, err);
	if (!S_ISREG(st.st_mode))
		return s->named ? err_skip(err, "%s: neither a file nor a directory", path) : END;
	return take_file(s, path, path, open(path, OPEN_HOW), is_maildir, out, err);
}

/* An entry of a directory. One that is known to be a file need not be asked what it is. */
static enum outcome
take_entry(struct source *s, const struct entry *e, int is_maildir, struct item **out, struct err *err)
{
	int fd = e->is_file ? open(e->path, OPEN_HOW | O_NOFOLLOW) : -1;

	return fd >= 0 ? take_file(s, e->path, e->path, fd, is_maildir, out, err) : take_path(s, e->path, is_maildir, out, err);
}

static enum outcome
next_of_mbox(struct source *s, struct item **out, struct err *err)
{
	enum outcome r = mbox_next(s->mbox, out, err);

	if (r != OK) {
		mbox_close(s->mbox);
		s->mbox = NULL;
	} else {
		s->done += (*out)->size;
	}
	return r;
}

enum outcome
source_next(struct source *s, struct item **item, int *named, struct err *err)
{
	enum outcome r;

	for (;;) {
		if (s->mbox != NULL) {
			r = next_of_mbox(s, item, err);
		} else if (s->level != NULL && s->level->at == s->level->count) {
			pop(s);
			continue;
		} else if (s->level != NULL) {
			struct level *l = s->level;

			s->named = 0;
			r = take_entry(s, &l->entries[l->at++], l->is_maildir, item, err);
		} else if (s->at < s->count) {
			const char *path = s->paths[s->at++];

			s->named = 1;
			r = strcmp(path, "-") == 0 ? piped(s, STDIN_FILENO, "-", item, err) : take_path(s, path, 0, item, err);
		} else {
			return END;
		}
		*named = s->named;
		if (r != END)
			return r;
	}
}
