/* SPDX-License-Identifier: MIT */
/* See csv.h. Rows go straight from the store to the file; the columns are whatever the view has. */
#include "report/csv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "report/out.h"
#include "report/out_raw.h"
#include "sql/store.h"

enum { CELL_MAX = 1 << 16 };	/* escaped; stored fields hold at most 4 KiB */

/* Where the first character that is no blank begins a formula: also the full-width signs some spreadsheets take. */
static int
is_formula(const char *s, size_t len)
{
	static const char *const wide[] = { "\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\xa0" };
	size_t i;

	if (len > 0 && (*s == '\t' || *s == '\r'))
		return 1;
	while (len > 0 && strchr(" \t\r\n", *s) != NULL && *s != '\0') {
		s++;
		len--;
	}
	if (len == 0)
		return 0;
	for (i = 0; i < sizeof(wide) / sizeof(*wide); i++)
		if (len >= 3 && memcmp(s, wide[i], 3) == 0)
			return 1;
	return *s == '=' || *s == '+' || *s == '-' || *s == '@';
}

static int
needs_quotes(const struct buf *b)
{
	return strpbrk(b->at, ",\"\r\n\t;") != NULL || (b->len > 0 && (b->at[0] == ' ' || b->at[b->len - 1] == ' '));
}

void
csv_cell(struct out *o, const char *s, size_t len)
{
	struct buf b;
	const char *at, *quote;

	if (s == NULL)
		return;
	buf_init(&b, CELL_MAX);
	if (is_formula(s, len))
		buf_str(&b, "'");
	text_clean(&b, s, len);
	if (!needs_quotes(&b)) {
		out_raw(o, b.at, b.len);
		buf_free(&b);
		return;
	}
	out_lit(o, "\"");
	for (at = b.at; (quote = strchr(at, '"')) != NULL; at = quote + 1) {
		out_raw(o, at, (size_t)(quote - at));
		out_lit(o, "\"\"");
	}
	out_raw(o, at, strlen(at));
	out_lit(o, "\"");
	buf_free(&b);
}

struct file {		/* one CSV file being written */
	struct out *o;
	const struct csv_options *options;
	enum export_table table;
	size_t domain;		/* which column says the domain */
};

static enum outcome
head(void *ctx, const char *const *names, size_t count, struct err *err)
{
	struct file *f = ctx;
	size_t i;

	f->domain = count;
	for (i = 0; i < count; i++) {
		if (strcmp(names[i], "domain") == 0)
			f->domain = i;
		if (i > 0)
			out_lit(f->o, ",");
		csv_cell(f->o, names[i], strlen(names[i]));
	}
	out_lit(f->o, "\r\n");
	return OK;
}

static int
is_named(const struct csv_options *o, const char *domain)
{
	size_t i;

	for (i = 0; domain != NULL && i < o->ndomains; i++)
		if (domain_within(domain, o->domains[i]))
			return 1;
	return 0;
}

/* A finding of no domain (STALE: no receiver reports at all) is one of each. */
static int
is_wanted(const struct file *f, const struct export_cell *cells, size_t count)
{
	return f->options->ndomains == 0 || f->domain == count || is_named(f->options, cells[f->domain].text) ||
	    (f->table == EXPORT_FINDINGS && cells[f->domain].text == NULL);
}

static enum outcome
row(void *ctx, const struct export_cell *cells, size_t count, struct err *err)
{
	struct file *f = ctx;
	size_t i;

	if (!is_wanted(f, cells, count))
		return OK;
	for (i = 0; i < count; i++) {
		if (i > 0)
			out_lit(f->o, ",");
		if (cells[i].is_number)
			out_raw(f->o, cells[i].text, cells[i].len);
		else
			csv_cell(f->o, cells[i].text, cells[i].len);
	}
	out_lit(f->o, "\r\n");
	return OK;
}

/* --- which domains --- */

struct wanted { const struct csv_options *options; int64_t *ids; size_t count; };

static enum outcome
want(void *ctx, int64_t id, const char *name, struct err *err)
{
	struct wanted *w = ctx;

	(void)err;
	if (is_named(w->options, name)) {
		w->ids = mem_grow(w->ids, w->count + 1, sizeof(*w->ids));
		w->ids[w->count++] = id;
	}
	return OK;
}

/* The domains that are asked for; where there is none of them, one that there cannot be. None asked for: all. */
static enum outcome
wanted_domains(struct store *s, struct wanted *w, struct err *err)
{
	if (w->options->ndomains == 0)
		return OK;
	if (store_each_policy_domain(s, want, w, err) != OK)
		return STOP;
	if (w->count == 0) {
		w->ids = mem_alloc(sizeof(*w->ids));
		w->ids[w->count++] = -1;
	}
	return OK;
}

static enum outcome
write_table(struct store *s, const struct wanted *w, enum export_table table, const char *name, struct err *err)
{
	const struct csv_options *options = w->options;
	const struct export_scope scope = { options->since, options->until, w->ids, w->count };
	struct file f = { NULL, options, table, 0 };
	struct export_sink sink = { &f, head, row };
	char *path = mem_fmt("%s/%s.csv", options->dir, name);
	enum outcome done = out_open(&f.o, path, err);

	free(path);
	if (done != OK)
		return done;
	done = store_export(s, table, &scope, &sink, err);
	if (done == OK)
		return out_close(f.o, err);
	out_drop(f.o);
	return done;
}

enum outcome
csv_write(struct store *s, const struct csv_options *options, struct err *err)
{
	static const struct { enum export_table table; const char *name; } tables[] = {
		{ EXPORT_REPORTS, "reports" }, { EXPORT_SOURCES, "sources" }, { EXPORT_DAILY, "daily" },
		{ EXPORT_FINDINGS, "findings" }, { EXPORT_RECORDS, "records" },
	};
	struct wanted w = { options, NULL, 0 };
	enum outcome done;
	size_t i;

	if (mkdir(options->dir, 0777) != 0 && errno != EEXIST)
		return err_stop(err, "%s: the folder for the CSV files cannot be made: %s", options->dir, strerror(errno));
	if (store_moment(s, err) != OK)		/* tables that belong together */
		return STOP;
	done = wanted_domains(s, &w, err);
	for (i = 0; done == OK && i < sizeof(tables) / sizeof(*tables); i++)
		if (tables[i].table != EXPORT_RECORDS || options->records)
			done = write_table(s, &w, tables[i].table, tables[i].name, err);
	store_moment_end(s);
	free(w.ids);
	return done;
}
