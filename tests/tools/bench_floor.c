/* SPDX-License-Identifier: MIT */
/*
 * The floors ingest is measured against: bare loops without what makes a store. usage:
 *   bench_floor parse PATH...                inflate, SAX2 and field extraction of .xml.gz files (or folders of them), no store
 *   bench_floor insert DB REPORTS RECORDS    prepared, interned rows into SQLite: no ledger, hash, look-up or roll-up
 * Prints: reports, records, seconds.
 */
#include <dirent.h>
#include <libxml/parser.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

enum { NAMES = 1 << 16, PIECE = 64 << 10 };

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* --- parse --- */

struct bare { char text[4096]; size_t len; uint64_t names[NAMES]; int64_t records, sum; };

static void
on_start(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int n, const xmlChar **ns, int a, int d, const xmlChar **attrs)
{
	(void)name, (void)prefix, (void)uri, (void)n, (void)ns, (void)a, (void)d, (void)attrs;
	((struct bare *)ctx)->len = 0;
}

static void
on_end(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
	struct bare *b = ctx;
	uint64_t h = 1469598103934665603u;
	size_t i;

	(void)prefix, (void)uri;
	for (i = 0; i < b->len; i++)	/* interned: one look into a table */
		h = (h ^ (unsigned char)b->text[i]) * 1099511628211u;
	b->sum += b->names[h % NAMES] == h;
	b->names[h % NAMES] = h;
	b->records += strcmp((const char *)name, "record") == 0;
	b->len = 0;
}

static void
on_text(void *ctx, const xmlChar *text, int len)
{
	struct bare *b = ctx;
	size_t n = sizeof(b->text) - b->len < (size_t)len ? sizeof(b->text) - b->len : (size_t)len;

	memcpy(b->text + b->len, text, n);
	b->len += n;
}

static void
parse_file(const char *path, struct bare *b, xmlParserCtxtPtr *ctxt, xmlSAXHandler *sax)
{
	static char piece[PIECE];
	gzFile f = gzopen(path, "rb");
	int n, first = 1;

	if (f == NULL)
		exit(1);
	while ((n = gzread(f, piece, sizeof(piece))) > 0) {
		if (first && *ctxt == NULL)
			*ctxt = xmlCreatePushParserCtxt(sax, b, piece, n, NULL);
		else if (first)
			xmlCtxtResetPush(*ctxt, piece, n, NULL, NULL);
		else
			xmlParseChunk(*ctxt, piece, n, 0);
		first = 0;
	}
	xmlParseChunk(*ctxt, piece, 0, 1);
	gzclose(f);
}

static int
parse(char **paths)
{
	static struct bare b;
	xmlSAXHandler sax = { .initialized = XML_SAX2_MAGIC, .startElementNs = on_start, .endElementNs = on_end, .characters = on_text };
	xmlParserCtxtPtr ctxt = NULL;
	int64_t reports = 0;
	double began = now();

	for (; *paths != NULL; paths++) {
		struct dirent *e;
		DIR *d = opendir(*paths);

		if (d == NULL) {
			parse_file(*paths, &b, &ctxt, &sax);
			reports++;
			continue;
		}
		while ((e = readdir(d)) != NULL) {
			char path[4096];

			if (e->d_name[0] == '.')
				continue;
			snprintf(path, sizeof(path), "%s/%s", *paths, e->d_name);
			parse_file(path, &b, &ctxt, &sax);
			reports++;
		}
		closedir(d);
	}
	printf("%lld %lld %.4f\n", (long long)reports, (long long)b.records, now() - began);
	return 0;
}

/* --- insert --- */

static uint64_t seed = 42;

static uint32_t
chance(uint32_t below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % below;
}

static int
insert(const char *path, int64_t reports, int64_t records)
{
	sqlite3 *db;
	sqlite3_stmt *report, *record;
	int64_t r, n, id = 0;
	double began;
	int i;

	unlink(path);
	if (sqlite3_open(path, &db) != SQLITE_OK)
		return 1;
	sqlite3_exec(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE report (id INTEGER PRIMARY KEY, key BLOB UNIQUE, reporter, domain, day TEXT,"
	    " begin_at, end_at, report_id TEXT, first_record, last_record); CREATE TABLE record (id INTEGER PRIMARY KEY, source, messages, ident, auth_set,"
	    " outcome)", NULL, NULL, NULL);
	sqlite3_prepare_v2(db, "INSERT INTO report VALUES (NULL, ?1, ?2, ?3, '2026-11-20', ?4, ?5, ?6, ?7, ?8)", -1, &report, NULL);
	sqlite3_prepare_v2(db, "INSERT INTO record VALUES (?1, ?2, ?3, ?4, ?5, ?6)", -1, &record, NULL);
	began = now();
	sqlite3_exec(db, "BEGIN", NULL, NULL, NULL);
	for (r = 0; r < reports; r++) {
		int64_t want = records * (r + 1) / reports - records * r / reports, key[2] = { (int64_t)seed, r };

		for (n = 0; n < want; n++) {
			const uint32_t spread[] = { 60000, 900, 50, 3000, 40 };

			sqlite3_bind_int64(record, 1, ++id);
			for (i = 0; i < 5; i++)
				sqlite3_bind_int64(record, i + 2, chance(spread[i]));
			sqlite3_step(record);
			sqlite3_reset(record);
		}
		sqlite3_bind_blob(report, 1, key, sizeof(key), SQLITE_TRANSIENT);
		for (i = 2; i <= 5; i++)
			sqlite3_bind_int64(report, i, chance(1000));
		sqlite3_bind_text(report, 6, "1234567890.123456789", -1, SQLITE_STATIC);
		sqlite3_bind_int64(report, 7, id - want + 1);
		sqlite3_bind_int64(report, 8, id);
		sqlite3_step(report);
		sqlite3_reset(report);
		if (r % 100 == 99)
			sqlite3_exec(db, "COMMIT; BEGIN", NULL, NULL, NULL);
	}
	sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
	printf("%lld %lld %.4f\n", (long long)reports, (long long)records, now() - began);
	sqlite3_finalize(report);
	sqlite3_finalize(record);
	sqlite3_close(db);
	return 0;
}

int
main(int argc, char **argv)
{
	if (argc > 2 && strcmp(argv[1], "parse") == 0)
		return parse(argv + 2);
	if (argc == 5 && strcmp(argv[1], "insert") == 0)
		return insert(argv[2], atoll(argv[3]), atoll(argv[4]));
	fputs("usage: bench_floor parse PATH... | insert DB REPORTS RECORDS\n", stderr);
	return 2;
}
