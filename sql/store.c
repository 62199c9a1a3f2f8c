/* SPDX-License-Identifier: MIT */
/*
 * Opening, migrating and closing the database; transactions; prepared statements by the name of
 * their file. What is written and read lives in write.c, flow.c, read.c and their neighbours.
 */
#include "sql/store.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/embed.h"
#include "base/mem.h"
#include "sql/copying.h"
#include "sql/db.h"
#include "sql/given.h"
#include "sql/growth.h"
#include "sql/policy.h"
#include "sql/reporter.h"
#include "sql/tally.h"
#include "sql/told.h"

#ifndef STORE_SCHEMA_VERSION
#define STORE_SCHEMA_VERSION 5		/* as in version.sql; a step lives in migrate/NNNN_name.sql; the test of steps has later ones */
#endif

enum {
	APPLICATION_ID = 0x444d5243,	/* 'DMRC', as in version.sql */
	SCHEMA_VERSION = STORE_SCHEMA_VERSION,
	BUSY_MS = 5000,			/* how long another program that holds the file is waited for */
	BUSY_STEP_MS = 50,		/* between two tries of ours */
	BUSY_LONG_MS = 60000,		/* ... by STORE_WRITE_WAIT */
	WAL_PAGES = 4096		/* after which a commit copies the WAL into the file: pages that two transactions write are mostly the same ones */
};

const char *
store_path(const struct store *s)
{
	return s->path;
}

int64_t
store_pending(const struct store *s)
{
	return s->pending;
}

enum outcome
db_fail(struct store *s, const char *doing, struct err *err)
{
	int code = s->db != NULL ? sqlite3_extended_errcode(s->db) : SQLITE_NOMEM;
	const char *text = s->db != NULL ? sqlite3_errmsg(s->db) : "out of memory";

	switch (code & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return err_stop(err, "%s: %s: the database is locked by another program; try again when it has ended", s->path, doing);
	case SQLITE_READONLY:
		if (code == SQLITE_READONLY_ROLLBACK)
			return err_stop(err, "%s: %s: a program that was writing was killed; run any writing command (`dmarcsift analyse`) "
			    "to put it in order", s->path, doing);
		return err_stop(err, "%s: %s: the database cannot be written (%s); check the rights of the file and its folder", s->path, doing, text);
	case SQLITE_FULL:
		return err_stop(err, "%s: %s: the disk is full", s->path, doing);
	case SQLITE_CANTOPEN:
		return err_stop(err, "%s: %s: cannot be opened (%s); check the path and the rights of its folder", s->path, doing,
		    errno != 0 ? strerror(errno) : text);
	case SQLITE_NOTADB:
	case SQLITE_CORRUPT:
		return err_stop(err, "%s: %s: not a database, or a damaged one (%s)", s->path, doing, text);
	default:
		return err_stop(err, "%s: %s: %s", s->path, doing, text);
	}
}

/* --- statements --- */

static size_t
slot_of(const char *name)
{
	size_t h = 5381;

	for (; *name != '\0'; name++)
		h = h * 33 + (unsigned char)*name;
	return h % MAX_QUERIES;
}

static sqlite3_stmt *
prepare(struct store *s, const char *name, struct err *err)
{
	char path[128];
	const struct embed *e;
	sqlite3_stmt *st = NULL;

	(void)snprintf(path, sizeof(path), "sql/query/%s.sql", name);
	e = embed_find(path);
	if (e == NULL) {
		err_stop(err, "%s is not part of the program", path);
		return NULL;
	}
	if (sqlite3_prepare_v3(s->db, (const char *)e->bytes, (int)e->len, SQLITE_PREPARE_PERSISTENT, &st, NULL) != SQLITE_OK) {
		db_fail(s, name, err);
		return NULL;
	}
	return st;
}

/* The statement of this name, prepared at the first use; NULL with err set on failure. */
static sqlite3_stmt *
by_name(struct store *s, const char *name, struct err *err)
{
	size_t i = slot_of(name), n;

	for (n = 0; n < MAX_QUERIES; n++, i = (i + 1) % MAX_QUERIES) {
		if (s->queries[i].name == NULL) {
			s->queries[i].st = prepare(s, name, err);
			if (s->queries[i].st != NULL)
				s->queries[i].name = name;
			return s->queries[i].st;
		}
		if (strcmp(s->queries[i].name, name) == 0)
			return s->queries[i].st;
	}
	err_stop(err, "%s: more than %d queries", name, MAX_QUERIES);
	return NULL;
}

sqlite3_stmt *
db_query(struct store *s, const char *name, struct err *err)
{
	/* Names are literals: most calls come from the same place as one before, and the address tells it. */
	size_t i = (size_t)((uintptr_t)name * 0x9e3779b97f4a7c15u >> 40) % MAX_QUERIES;
	sqlite3_stmt *st = s->recent[i].name == name ? s->recent[i].st : by_name(s, name, err);

	if (st == NULL)
		return NULL;
	s->recent[i].name = name;
	s->recent[i].st = st;
	sqlite3_reset(st);
	sqlite3_clear_bindings(st);
	return st;
}

enum outcome
db_step(struct store *s, sqlite3_stmt *st, struct err *err)
{
	enum outcome out;

	switch (sqlite3_step(st)) {
	case SQLITE_ROW:
		return OK;
	case SQLITE_DONE:
		sqlite3_reset(st);
		return END;
	default:
		out = db_fail(s, "database", err);
		sqlite3_reset(st);
		return out;
	}
}

enum outcome
db_run(struct store *s, sqlite3_stmt *st, struct err *err)
{
	enum outcome out;

	do
		out = db_step(s, st, err);
	while (out == OK);
	return out == END ? OK : out;
}

int
by_number(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

void
db_text(sqlite3_stmt *st, int n, const char *text)
{
	if (text == NULL)
		sqlite3_bind_null(st, n);
	else
		sqlite3_bind_text(st, n, text, -1, SQLITE_STATIC);
}

const char *
db_column(sqlite3_stmt *st, int n)
{
	return (const char *)sqlite3_column_text(st, n);
}

enum outcome
db_script(struct store *s, const char *path, struct err *err)
{
	const struct embed *e = embed_find(path);

	if (e == NULL)
		return err_stop(err, "%s is not part of the program", path);
	if (sqlite3_exec(s->db, (const char *)e->bytes, NULL, NULL, NULL) != SQLITE_OK)
		return db_fail(s, path, err);
	return OK;
}

static enum outcome
run_named(struct store *s, const char *name, struct err *err)
{
	sqlite3_stmt *st = db_query(s, name, err);

	return st == NULL ? STOP : db_run(s, st, err);
}

static enum outcome
number_of(struct store *s, const char *name, int64_t *out, struct err *err)
{
	sqlite3_stmt *st = db_query(s, name, err);
	enum outcome r;

	if (st == NULL)
		return STOP;
	r = db_step(s, st, err);
	if (r == OK)
		*out = sqlite3_column_int64(st, 0);
	sqlite3_reset(st);
	return r == STOP ? STOP : OK;
}

/* --- transactions --- */

/* The tables of a new database are committed with its first rows. */
static enum outcome
lay_tables(struct store *s, struct err *err)
{
	if (db_script(s, "sql/open_new.sql", err) != OK)
		return STOP;
	s->in_transaction = 1;
	if (db_script(s, "sql/schema.sql", err) != OK || db_script(s, "sql/views.sql", err) != OK)
		return STOP;
	return db_script(s, "sql/version.sql", err);
}

enum outcome
db_write(struct store *s, struct err *err)
{
	if (s->in_transaction)
		return OK;
	if (run_named(s, "begin", err) != OK)
		return STOP;
	s->in_transaction = 1;
	return OK;
}

enum outcome
store_commit(struct store *s, struct err *err)
{
	walks_free(s);
	if (!s->in_transaction)
		return OK;
	if (s->writer != NULL && (writer_flush(s, err) != OK || taken_settle(s, err) != OK || moves_settle(s, err) != OK))
		return STOP;
	if (run_named(s, "commit", err) != OK)
		return STOP;
	s->in_transaction = 0;
	s->pending = 0;
	if (!s->is_new)
		return OK;
	s->is_new = 0;
	return db_script(s, "sql/end_new.sql", err);
}

enum outcome
store_commit_last(struct store *s, struct err *err)
{
	enum outcome r;

	(void)sqlite3_wal_autocheckpoint(s->db, 0);
	r = store_commit(s, err);
	(void)sqlite3_wal_autocheckpoint(s->db, WAL_PAGES);
	return r;
}

enum outcome
store_rollback(struct store *s, struct err *err)
{
	if (!s->in_transaction)
		return OK;
	s->in_transaction = 0;
	s->pending = 0;
	growth_forget(s);
	writer_forget(s);
	/* SQLite may have rolled back by itself. */
	if (!sqlite3_get_autocommit(s->db) && run_named(s, "rollback", err) != OK)
		return STOP;
	return s->is_new ? lay_tables(s, err) : OK;
}

/* --- opening --- */

/* Makes the folders above path, owner only. */
static enum outcome
make_folders(const char *path, struct err *err)
{
	char *copy = mem_str(path), *p;
	int error;

	for (p = strchr(copy + 1, '/'); p != NULL; p = strchr(p + 1, '/')) {
		*p = '\0';
		if (mkdir(copy, 0700) != 0 && (error = errno) != EEXIST && access(copy, F_OK) != 0) {
			err_stop(err, "%s: cannot be made: %s", copy, strerror(error));
			free(copy);
			return STOP;
		}
		*p = '/';
	}
	free(copy);
	return OK;
}

/* Makes the file itself, so that it is readable by its owner alone from its first byte. */
static enum outcome
make_file(const char *path, struct err *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 && errno == ENOENT) {
		if (make_folders(path, err) != OK)
			return STOP;
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	}
	if (fd < 0)
		return err_stop(err, "%s: the database cannot be opened for writing: %s", path, strerror(errno));
	close(fd);
	return OK;
}

static enum outcome
open_write(struct store *s, struct err *err)
{
	(void)sqlite3_wal_autocheckpoint(s->db, WAL_PAGES);
	return db_script(s, "sql/open_write.sql", err);
}

static enum outcome
lay_new(struct store *s, struct err *err)
{
	if (open_write(s, err) != OK)
		return STOP;
	s->is_new = 1;
	return lay_tables(s, err);
}

/* The embedded step that leads to version n, NULL where there is none. */
static const char *
step_to(int n)
{
	const struct embed *e;
	char prefix[32];

	(void)snprintf(prefix, sizeof(prefix), "sql/migrate/%04d_", n);
	for (e = embed_files; e->path != NULL; e++)
		if (strncmp(e->path, prefix, strlen(prefix)) == 0)
			return e->path;
	return NULL;
}

static enum outcome
copy_before(struct store *s, int64_t version, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "backup", err);
	enum outcome r;
	char *path;

	if (st == NULL)
		return STOP;
	path = mem_fmt("%s.bak-%lld", s->path, (long long)version);
	(void)unlink(path);
	/* Readable by its owner alone from its first byte, as the database: SQLite takes an empty file. */
	r = make_file(path, err);
	db_text(st, 1, path);
	if (r == OK)
		r = db_run(s, st, err);
	free(path);
	return r;
}

/* The user's own views, which would be checked against each table as it changes: dropped, and given as statements that make them again. Caller frees *made. */
static enum outcome
take_users_views(struct store *s, char **made, struct err *err)
{
	struct buf drop, make;
	sqlite3_stmt *st = db_query(s, "users_views", err);
	enum outcome r = st != NULL ? OK : STOP;

	buf_init(&drop, SIZE_MAX);
	buf_init(&make, SIZE_MAX);
	while (r == OK && (r = db_step(s, st, err)) == OK) {
		char *name = sqlite3_mprintf("DROP VIEW \"%w\";\n", db_column(st, 0));

		buf_str(&drop, name != NULL ? name : "");
		buf_fmt(&make, "%s;\n", db_column(st, 1));
		sqlite3_free(name);
	}
	if (st != NULL)
		sqlite3_reset(st);
	if (r == END)
		r = sqlite3_exec(s->db, drop.len > 0 ? drop.at : "", NULL, NULL, NULL) == SQLITE_OK ? OK : db_fail(s, "views", err);
	*made = mem_str(make.len > 0 ? make.at : "");
	buf_free(&drop);
	buf_free(&make);
	return r;
}

static enum outcome
run_steps(struct store *s, int64_t version, struct err *err)
{
	char *views = NULL;
	const char *step;
	enum outcome r;

	if (db_write(s, err) != OK || db_script(s, "sql/views_drop.sql", err) != OK || take_users_views(s, &views, err) != OK) {
		free(views);
		return STOP;
	}
	for (r = OK, version++; r == OK && version <= SCHEMA_VERSION; version++) {
		step = step_to((int)version);
		r = step == NULL ? err_stop(err, "%s: no step leads to version %lld", s->path, (long long)version) : db_script(s, step, err);
	}
	if (r == OK)
		r = db_script(s, "sql/views.sql", err);
	if (r == OK && sqlite3_exec(s->db, views, NULL, NULL, NULL) != SQLITE_OK)
		r = db_fail(s, "views", err);
	free(views);
	return r == OK ? store_commit(s, err) : STOP;
}

static enum outcome
migrate(struct store *s, int64_t version, struct err *err)
{
	enum outcome r;

	if (copy_before(s, version, err) != OK || db_script(s, "sql/migrate_begin.sql", err) != OK)
		return STOP;
	if ((r = run_steps(s, version, err)) != OK)
		(void)store_rollback(s, NULL);
	if (db_script(s, "sql/migrate_end.sql", r == OK ? err : NULL) != OK || r != OK)
		return STOP;
	return db_script(s, "sql/vacuum.sql", err);	/* rows that were written anew have left their old places free */
}

/* The views are laid down anew where the file's are not, word for word, those of views.sql: they change without a step. */
static enum outcome
renew_views(struct store *s, struct err *err)
{
	const char *ours = (const char *)embed_find("sql/views.sql")->bytes, *laid;
	sqlite3_stmt *st = db_query(s, "views_laid", err);
	int same = 1;
	enum outcome r;

	if (st == NULL)
		return STOP;
	while ((r = db_step(s, st, err)) == OK) {
		laid = (const char *)sqlite3_column_text(st, 0);
		same &= laid != NULL && strstr(ours, laid) != NULL;
	}
	sqlite3_reset(st);
	if (r == STOP || same)
		return r == STOP ? STOP : OK;
	if (db_write(s, err) != OK || db_script(s, "sql/views_drop.sql", err) != OK || db_script(s, "sql/views.sql", err) != OK)
		return STOP;
	return store_commit(s, err);
}

/* SQLite waits for nobody when a file goes over to WAL, so we do: as long as for any other lock. */
static enum outcome
through_wal(struct store *s, struct err *err)
{
	enum outcome r = db_script(s, "sql/open_wal.sql", err);
	int waited;

	for (waited = 0; r != OK && (sqlite3_extended_errcode(s->db) & 0xff) == SQLITE_BUSY && waited < s->busy; waited += BUSY_STEP_MS) {
		(void)sqlite3_sleep(BUSY_STEP_MS);
		r = db_script(s, "sql/open_wal.sql", err);
	}
	return r;
}

/* Looks whose file it is and brings it to our version. */
static enum outcome
accept_file(struct store *s, struct err *err)
{
	int64_t application = 0, version = 0, tables = 0;

	if (number_of(s, "application_id", &application, err) != OK || number_of(s, "user_version", &version, err) != OK ||
	    number_of(s, "table_count", &tables, err) != OK)
		return STOP;
	if (tables == 0 && s->mode == STORE_WRITE)
		return lay_new(s, err);
	if (tables == 0)
		return err_stop(err, "%s: the database is empty; run `dmarcsift ingest` or `dmarcsift fetch` first", s->path);
	if (application != APPLICATION_ID)
		return err_stop(err, "%s: not a dmarcsift database; name another file with --db", s->path);
	if (version > SCHEMA_VERSION)
		return err_stop(err, "%s: written by a newer dmarcsift (schema %lld, this program knows %d); upgrade the program", s->path,
		    (long long)version, SCHEMA_VERSION);
	if (s->mode == STORE_READ)
		return version == SCHEMA_VERSION ? OK : err_stop(err,
		    "%s: has the schema of an older version; run any writing command (`dmarcsift analyse`) to migrate it", s->path);
	if (through_wal(s, err) != OK || open_write(s, err) != OK)
		return STOP;
	return version == SCHEMA_VERSION ? renew_views(s, err) : migrate(s, version, err);
}

/* Nobody asks how much memory SQLite has: counting it costs a lock for each allocation. */
static void
configure(void)
{
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

enum outcome
store_open(struct store **out, const char *path, enum store_mode mode, int64_t now_at, struct err *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	int flags = mode == STORE_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE, busy = mode == STORE_WRITE_WAIT ? BUSY_LONG_MS : BUSY_MS;
	struct store *s;

	mode = mode == STORE_READ ? STORE_READ : STORE_WRITE;
	pthread_once(&once, configure);
	if (mode == STORE_WRITE && make_file(path, err) != OK)
		return STOP;
	if (mode == STORE_READ && access(path, R_OK) != 0)
		return err_stop(err, "%s: the database cannot be read: %s", path, strerror(errno));
	s = mem_alloc(sizeof(*s));
	/* SQLite takes these for something else than files. */
	s->path = mem_fmt("%s%s", *path == ':' || strncmp(path, "file:", 5) == 0 ? "./" : "", path);
	s->mode = mode;
	s->now_at = now_at;
	errno = 0;
	if (sqlite3_open_v2(s->path, &s->db, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL) != SQLITE_OK) {
		db_fail(s, "open", err);
		goto out;
	}
	s->busy = busy;
	sqlite3_busy_timeout(s->db, busy);
	if (given_register(s->db) != SQLITE_OK || told_register(s) != SQLITE_OK || policy_register(s) != SQLITE_OK || reporter_register(s) != SQLITE_OK) {
		db_fail(s, "open", err);
		goto out;
	}
	if (mode == STORE_READ && db_script(s, "sql/open_read.sql", err) != OK)
		goto out;
	if (accept_file(s, err) != OK)
		goto out;
	*out = s;
	return OK;
out:
	store_close(s);
	return STOP;
}

void
store_close(struct store *s)
{
	size_t i;

	if (s == NULL)
		return;
	(void)store_rollback(s, NULL);
	/* A new database that got nothing has its tables at least. */
	if (s->is_new)
		(void)store_commit(s, NULL);
	writer_free(s->writer);
	walks_free(s);
	growth_free(s);
	for (i = 0; i < MAX_QUERIES; i++)
		sqlite3_finalize(s->queries[i].st);
	copying_end(s->copying);
	if (s->mode == STORE_WRITE && s->db != NULL)
		(void)db_script(s, "sql/close_write.sql", NULL);
	sqlite3_close(s->db);
	free(s->path);
	free(s);
}
