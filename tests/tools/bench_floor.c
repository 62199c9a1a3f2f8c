/* SPDX-License-Identifier: MIT */
/*
 * The floors `make bench` compares with: bare loops over the same files, without anything a real program must do besides.
 * usage: bench_floor parse PATH       inflate, SAX2, the text of each leaf cached by its bytes; nothing is kept
 *        bench_floor insert PATH DB   the rows, prepared and interned in memory beforehand, into SQLite: no ledger, hash or roll-up
 * PATH: a .xml.gz file or a folder of them. Prints reports, records and seconds of the measured part.
 */
#include <dirent.h>
#include <libxml/parser.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <zlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "parse/parse.h"
#include "sql/intern.h"

enum { CHUNK = 32768, WORDS = 32768 };
enum { NAME, SOURCE, IDENT, AUTH_SET, OUTCOME, KINDS };

struct row { int32_t source, messages, ident, auth_set, outcome; };
struct text { int kind; const char *text; int32_t id; };

struct floor {
	int64_t reports, records;
	/* parse */
	struct buf text;
	struct intern *words;
	xmlParserCtxtPtr xml;
	/* insert */
	struct row *rows;
	size_t room;
	int64_t *first;			/* first row of each report */
	size_t nfirst;
	struct intern *ids[KINDS];
	int64_t next[KINDS];
	struct text *texts;
	size_t ntexts;
	struct arena *arena;
	struct buf key;
};

static void
fail(const char *what)
{
	fprintf(stderr, "bench_floor: %s\n", what);
	exit(4);
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* --- parse --- */

static void
on_start(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int nns, const xmlChar **ns, int nattrs, int ndefaults,
    const xmlChar **attrs)
{
	struct floor *f = ctx;

	buf_reset(&f->text);
	if (strcmp((const char *)name, "record") == 0)
		f->records++;
}

static void
on_text(void *ctx, const xmlChar *text, int len)
{
	struct floor *f = ctx;

	buf_add(&f->text, text, (size_t)len);
}

static void
on_end(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
	struct floor *f = ctx;
	int64_t id;

	if (f->text.len > 0 && f->text.at[0] > ' ' && !intern_get(f->words, f->text.at, f->text.len, &id))
		intern_put(f->words, f->text.at, f->text.len, 1);
	buf_reset(&f->text);
}

static void
parse_file(struct floor *f, const char *path)
{
	static char bytes[CHUNK];
	gzFile gz = gzopen(path, "rb");
	int got;

	if (gz == NULL)
		fail(path);
	xmlCtxtResetPush(f->xml, NULL, 0, NULL, NULL);
	while ((got = gzread(gz, bytes, sizeof(bytes))) > 0)
		(void)xmlParseChunk(f->xml, bytes, got, 0);
	(void)xmlParseChunk(f->xml, NULL, 0, 1);
	gzclose(gz);
	f->reports++;
}

static void
begin_parse(struct floor *f)
{
	static xmlSAXHandler sax;

	sax.initialized = XML_SAX2_MAGIC;
	sax.startElementNs = on_start;
	sax.endElementNs = on_end;
	sax.characters = on_text;
	f->xml = xmlCreatePushParserCtxt(&sax, f, NULL, 0, NULL);
	f->words = intern_new(WORDS);
	buf_init(&f->text, 1 << 16);
}

/* --- insert: what is prepared --- */

static int32_t
id_of(struct floor *f, int kind)
{
	int64_t id;
	struct text *t;

	if (intern_get(f->ids[kind], f->key.at, f->key.len, &id))
		return (int32_t)id;
	id = ++f->next[kind];
	intern_put(f->ids[kind], f->key.at, f->key.len, id);
	if ((f->ntexts & (f->ntexts - 1)) == 0)
		f->texts = mem_grow(f->texts, f->ntexts > 0 ? f->ntexts * 2 : 1, sizeof(*f->texts));
	t = &f->texts[f->ntexts++];
	t->kind = kind;
	t->id = (int32_t)id;
	t->text = arena_strn(f->arena, f->key.at, f->key.len);
	return (int32_t)id;
}

static void
part(struct floor *f, const char *text)
{
	buf_str(&f->key, text != NULL ? text : "");
	buf_add(&f->key, "/", 1);
}

static void
prepare_record(struct floor *f, const struct record *r)
{
	struct row *row;
	size_t i;

	if ((size_t)f->records == f->room) {
		f->room = f->room > 0 ? f->room * 2 : 65536;
		f->rows = mem_grow(f->rows, f->room, sizeof(*f->rows));
	}
	row = &f->rows[f->records++];
	row->messages = (int32_t)r->count;
	buf_reset(&f->key);
	part(f, r->source_ip);
	row->source = id_of(f, SOURCE);
	buf_reset(&f->key);
	part(f, r->header_from);
	part(f, r->envelope_from);
	part(f, r->envelope_to);
	row->ident = id_of(f, IDENT);
	buf_reset(&f->key);
	part(f, r->disposition.text);
	part(f, r->dkim.text);
	part(f, r->spf.text);
	row->outcome = id_of(f, OUTCOME);
	buf_reset(&f->key);
	for (i = 0; i < r->nauths; i++) {
		part(f, r->auths[i].domain);
		part(f, r->auths[i].selector);
		part(f, r->auths[i].result.text);
	}
	row->auth_set = id_of(f, AUTH_SET);
}

static enum outcome
on_head(void *ctx, const struct feedback *head, struct err *err)
{
	return OK;
}

static enum outcome
on_batch(void *ctx, const struct record *records, size_t count, struct arena *owner, struct err *err)
{
	size_t i;

	for (i = 0; i < count; i++)
		prepare_record(ctx, &records[i]);
	arena_free(owner);
	return OK;
}

static enum outcome
read_gz(void *ctx, void *bytes, size_t cap, size_t *got, struct err *err)
{
	int n = gzread(ctx, bytes, (unsigned)cap);

	*got = n > 0 ? (size_t)n : 0;
	return n > 0 ? OK : END;
}

static void
prepare_file(struct floor *f, const char *path)
{
	static struct parser *parser;
	struct bytes_in in = { gzopen(path, "rb"), read_gz, NULL, path };
	struct sink sink = { f, on_head, on_batch };
	struct parse_result result;
	struct err err = { "", 0 };
	int is_report;

	if (in.ctx == NULL)
		fail(path);
	if (parser == NULL)
		parser = parser_new(NULL);
	if ((f->nfirst & (f->nfirst - 1)) == 0)
		f->first = mem_grow(f->first, f->nfirst > 0 ? f->nfirst * 2 : 1, sizeof(*f->first));
	f->first[f->nfirst++] = f->records;
	if (feedback_parse(parser, &in, &sink, NULL, &result, &is_report, &err) != OK)
		fail(err.text);
	gzclose(in.ctx);
	f->reports++;
}

static void
begin_prepare(struct floor *f)
{
	int i;

	for (i = 0; i < KINDS; i++)
		f->ids[i] = intern_new(1 << 20);
	f->arena = arena_new();
	buf_init(&f->key, 1 << 16);
}

/* --- insert: what is measured --- */

static sqlite3 *db;

static void
run(const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail(sqlite3_errmsg(db));
}

static sqlite3_stmt *
statement(const char *sql)
{
	sqlite3_stmt *st;

	if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK)
		fail(sqlite3_errmsg(db));
	return st;
}

static void
put(sqlite3_stmt *st)
{
	if (sqlite3_step(st) != SQLITE_DONE)
		fail(sqlite3_errmsg(db));
	sqlite3_reset(st);
}

static void
insert_all(const struct floor *f)
{
	sqlite3_stmt *word = statement("INSERT INTO word VALUES (?1, ?2, ?3)"), *report = statement("INSERT INTO report VALUES (?1, ?2, ?3)");
	sqlite3_stmt *record = statement("INSERT INTO record VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
	size_t i;

	run("BEGIN");
	for (i = 0; i < f->ntexts; i++) {
		sqlite3_bind_int(word, 1, f->texts[i].kind);
		sqlite3_bind_int(word, 2, f->texts[i].id);
		sqlite3_bind_text(word, 3, f->texts[i].text, -1, SQLITE_STATIC);
		put(word);
	}
	for (i = 0; i < f->nfirst; i++) {
		sqlite3_bind_int64(report, 1, (int64_t)i + 1);
		sqlite3_bind_int64(report, 2, f->first[i]);
		sqlite3_bind_int64(report, 3, (int64_t)i * 1000003);
		put(report);
	}
	for (i = 0; i < (size_t)f->records; i++) {
		sqlite3_bind_int64(record, 1, (int64_t)i + 1);
		sqlite3_bind_int(record, 2, f->rows[i].source);
		sqlite3_bind_int(record, 3, f->rows[i].messages);
		sqlite3_bind_int(record, 4, f->rows[i].ident);
		sqlite3_bind_int(record, 5, f->rows[i].auth_set);
		sqlite3_bind_int(record, 6, f->rows[i].outcome);
		put(record);
	}
	run("COMMIT");
	sqlite3_finalize(word);
	sqlite3_finalize(report);
	sqlite3_finalize(record);
}

static void
lay(const char *path)
{
	if (sqlite3_open(path, &db) != SQLITE_OK)
		fail(path);
	run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
	    "CREATE TABLE word (kind, id, text, PRIMARY KEY (kind, text)) WITHOUT ROWID;"
	    "CREATE TABLE report (id INTEGER PRIMARY KEY, first, key UNIQUE);"
	    "CREATE TABLE record (id INTEGER PRIMARY KEY, source, messages, ident, auth_set, outcome)");
}

/* --- the files --- */

static void
each_file(struct floor *f, const char *path, void (*work)(struct floor *f, const char *path))
{
	struct dirent **names;
	struct stat st;
	char *full;
	int i, n;

	if (stat(path, &st) != 0)
		fail(path);
	if (!S_ISDIR(st.st_mode)) {
		work(f, path);
		return;
	}
	n = scandir(path, &names, NULL, alphasort);
	for (i = 0; i < n; i++) {
		full = mem_fmt("%s/%s", path, names[i]->d_name);
		if (names[i]->d_name[0] != '.')
			each_file(f, full, work);
		free(full);
		free(names[i]);
	}
	free(names);
}

int
main(int argc, char **argv)
{
	static struct floor f;
	double from;

	if (argc == 3 && strcmp(argv[1], "parse") == 0) {
		begin_parse(&f);
		from = now();
		each_file(&f, argv[2], parse_file);
	} else if (argc == 4 && strcmp(argv[1], "insert") == 0) {
		begin_prepare(&f);
		each_file(&f, argv[2], prepare_file);
		lay(argv[3]);
		from = now();
		insert_all(&f);
		sqlite3_close(db);
	} else {
		fputs("usage: bench_floor parse PATH | insert PATH DB\n", stderr);
		return 2;
	}
	printf("%lld %lld %.4f\n", (long long)f.reports, (long long)f.records, now() - from);
	return 0;
}
