/* SPDX-License-Identifier: MIT */
/*
 * Rows that are kept once and pointed at: names, addresses, combinations of identifiers, results,
 * reasons, outcomes. Each goes through a bounded cache, then a look-up by its unique key, then an insert.
 */
#include <string.h>

#include "base/digest.h"
#include "base/mem.h"
#include "sql/given.h"
#include "sql/writer.h"

void
digest_of(const void *bytes, size_t len, unsigned char out[DIGEST])
{
	unsigned char full[32];

	digest_bytes(bytes, len, full);
	memcpy(out, full, DIGEST);
}

static const char *
or_empty(const char *s)
{
	return s != NULL ? s : "";
}

/* Appends one part of a key, ended by NUL, so that parts cannot run into each other. */
static void
key_add(struct buf *key, const char *part)
{
	buf_add(key, or_empty(part), part != NULL ? strlen(part) + 1 : 1);
}

static void
key_int(struct buf *key, int64_t n)
{
	buf_add(key, &n, sizeof(n));
}

static void
bind_texts(sqlite3_stmt *st, const char *const *texts, int count)
{
	int i;

	for (i = 0; i < count; i++)
		db_text(st, i + 1, or_empty(texts[i]));
}

/* Runs the find statement (one id column) with its bindings set: the id, 0 where there is none, -1 on failure. */
static int64_t
found(struct store *s, sqlite3_stmt *st, struct err *err)
{
	int64_t id = 0;

	switch (db_step(s, st, err)) {
	case OK:
		id = sqlite3_column_int64(st, 0);
		sqlite3_reset(st);
		return id;
	case END:
		return 0;
	default:
		return -1;
	}
}

static int64_t
inserted(struct store *s, sqlite3_stmt *st, struct err *err)
{
	if (db_run(s, st, err) != OK)
		return -1;
	s->pending++;
	return sqlite3_last_insert_rowid(s->db);
}

/* Remembers an id. A cache that is full forgets all, and what it held must not wait to be written then. */
static enum outcome
remember(struct store *s, struct intern *cache, const struct buf *key, int64_t id, struct err *err)
{
	if (intern_is_full(cache, key->len) && records_write(s, err) != OK)
		return STOP;
	intern_put(cache, key->at, key->len, id);
	return OK;
}

/*
 * The id of a row all of whose key columns are text: find by ?1..?n, insert the same plus what extra binds
 * from n + 1 on.
 */
static int64_t
text_row(struct store *s, struct intern *cache, const char *find, const char *insert, const char *const *texts, int count,
    void (*extra)(struct store *s, sqlite3_stmt *st, int n, const char *first), struct err *err)
{
	struct buf *key = &s->writer->key;
	sqlite3_stmt *st;
	int64_t id;
	int i;

	buf_reset(key);
	for (i = 0; i < count; i++)
		key_add(key, texts[i]);
	if (intern_get(cache, key->at, key->len, &id))
		return id;
	id = 0;
	if (!intern_has_all(cache)) {
		if ((st = db_query(s, find, err)) == NULL)
			return -1;
		bind_texts(st, texts, count);
		id = found(s, st, err);
	}
	if (id == 0) {
		if ((st = db_query(s, insert, err)) == NULL)
			return -1;
		bind_texts(st, texts, count);
		if (extra != NULL)
			extra(s, st, count + 1, or_empty(texts[0]));
		id = inserted(s, st, err);
	}
	if (id > 0)
		intern_put(cache, key->at, key->len, id);
	return id;
}

static void
bind_org(struct store *s, sqlite3_stmt *st, int n, const char *name)
{
	(void)s;
	db_text(st, n, or_empty(domain_org(name)));
}

static int64_t
name_id(struct store *s, const char *text, struct err *err)
{
	if (text == NULL || *text == '\0')
		return 0;
	return text_row(s, s->writer->names, "name_find", "name_add", &text, 1, bind_org, err);
}

int64_t
source_id(struct store *s, const char *address, struct err *err)
{
	struct writer *w = s->writer;
	sqlite3_stmt *st;
	int64_t id = 0, *x;

	buf_reset(&w->key);
	key_add(&w->key, address);
	if (intern_get(w->sources, w->key.at, w->key.len, &id))
		return id;
	if (!intern_has_all(w->sources)) {
		if ((st = db_query(s, "source_find", err)) == NULL)
			return -1;
		db_text(st, 1, or_empty(address));
		id = found(s, st, err);
	}
	if (id == 0) {
		if ((x = wait_row(s, WAIT_SOURCE, err)) == NULL)
			return -1;
		x[0] = id = w->next_source++;
		x[1] = wait_text(&w->waiting, or_empty(address));
	}
	return id < 0 || remember(s, w->sources, &w->key, id, err) != OK ? -1 : id;
}

int
store_is_listed(const char *list, const char *name)
{
	size_t len = strlen(name), n;
	const char *p;

	for (p = list; *p != '\0'; p += n + (p[n] != '\0')) {
		n = strcspn(p, "\n");
		if (n > 0 && n <= len && memcmp(name + len - n, p, n) == 0 && (n == len || name[len - n - 1] == '.'))
			return 1;
	}
	return 0;
}

int
is_configured(const struct writer *w, const char *name)
{
	return w->configured == NULL || store_is_listed(w->configured, name);
}

static void
bind_domain(struct store *s, sqlite3_stmt *st, int n, const char *name)
{
	bind_org(s, st, n, name);
	sqlite3_bind_int(st, n + 1, !is_configured(s->writer, name));
}

int64_t
domain_id(struct store *s, const char *name, struct err *err)
{
	return text_row(s, s->writer->domains, "domain_find", "domain_add", &name, 1, bind_domain, err);
}

int64_t
reporter_id(struct store *s, const struct feedback *f, struct err *err)
{
	const char *texts[] = { f->org_name, f->email, f->extra_contact_info, f->generator };

	return text_row(s, s->writer->reporters, "reporter_find", "reporter_add", texts, 4, NULL, err);
}

int64_t
mail_id(struct store *s, const struct intake_row *row, struct err *err)
{
	const char *texts[] = { row->mail_from, row->mail_auth };

	if (row->mail_from == NULL && row->mail_auth == NULL)
		return 0;
	return text_row(s, s->writer->mails, "mail_find", "mail_add", texts, 2, NULL, err);
}

int64_t
policy_id(struct store *s, const struct feedback *f, struct err *err)
{
	const char *texts[] = { f->adkim.text, f->aspf.text, f->p.text, f->sp.text, f->np.text, f->testing.text, f->fo,
		f->discovery_method, NULL };
	char pct[24];

	(void)snprintf(pct, sizeof(pct), "%lld", f->pct == NO_NUMBER ? -1LL : (long long)f->pct);
	texts[8] = pct;
	return text_row(s, s->writer->policies, "policy_find", "policy_add", texts, 9, NULL, err);
}

int64_t
sender_id(struct store *s, const struct flow_row *row, struct err *err)
{
	struct buf *key = &s->writer->key;
	const char *texts[] = { row->sender, row->sender_name, row->sender_kind, row->sender_category };
	sqlite3_stmt *st;
	int64_t id;

	buf_reset(key);
	key_add(key, row->sender);
	if (intern_get(s->writer->senders, key->at, key->len, &id))
		return id;
	/* The upsert keeps name and category as the catalogue and the labels say today. */
	if ((st = db_query(s, "sender_put", err)) == NULL)
		return -1;
	bind_texts(st, texts, 4);
	sqlite3_set_last_insert_rowid(s->db, 0);
	if (db_run(s, st, err) != OK)
		return -1;
	id = sqlite3_last_insert_rowid(s->db);
	if (id == 0) {		/* it was there */
		if ((st = db_query(s, "sender_of_name", err)) == NULL)
			return -1;
		db_text(st, 1, row->sender);
		id = found(s, st, err);
	}
	if (id > 0)
		intern_put(s->writer->senders, key->at, key->len, id);
	return id;
}

int64_t
ident_id(struct store *s, const struct record *r, int64_t reasons, struct err *err)
{
	const char *texts[] = { r->header_from, r->envelope_from, r->envelope_to };
	struct writer *w = s->writer;
	int64_t parts[4] = { 0, 0, 0, reasons }, id;	/* names of the texts, reasons */
	sqlite3_stmt *st;
	struct buf key;
	int i;

	buf_reset(&w->key);
	for (i = 0; i < 3; i++)
		key_add(&w->key, texts[i]);
	buf_add(&w->key, &reasons, sizeof(reasons));
	if (intern_get(w->idents, w->key.at, w->key.len, &id))
		return id;
	/* name_id uses the scratch key too, so this one is set aside. */
	key = w->key;
	buf_init(&w->key, key.cap);
	for (i = 0; i < 3 && (i == 0 || parts[i - 1] >= 0); i++)
		parts[i] = name_id(s, texts[i], err);
	buf_free(&w->key);
	w->key = key;
	if (parts[i - 1] < 0)
		return -1;
	if ((st = db_query(s, "ident_find", err)) == NULL)
		return -1;
	for (i = 0; i < 4; i++)
		sqlite3_bind_int64(st, i + 1, parts[i]);
	id = found(s, st, err);
	if (id == 0) {
		if ((st = db_query(s, "ident_add", err)) == NULL)
			return -1;
		for (i = 0; i < 4; i++)
			sqlite3_bind_int64(st, i + 1, parts[i]);
		id = inserted(s, st, err);
	}
	if (id > 0)
		intern_put(w->idents, w->key.at, w->key.len, id);
	return id;
}

static const char *
kind_str(enum auth_kind kind)
{
	return kind == KIND_DKIM ? "dkim" : "spf";
}

static enum outcome
add_result(struct store *s, int64_t set, size_t n, const struct auth *a, struct err *err)
{
	int64_t domain = name_id(s, a->domain, err), selector = name_id(s, a->selector, err);
	int64_t *x = domain < 0 || selector < 0 ? NULL : wait_row(s, WAIT_RESULT, err);
	struct waiting *w = &s->writer->waiting;

	if (x == NULL)
		return STOP;
	x[0] = set;
	x[1] = (int64_t)n + 1;
	x[2] = a->kind == KIND_SPF;
	x[3] = domain;
	x[4] = selector;
	x[5] = wait_text(w, a->scope.text);
	x[6] = wait_text(w, a->result.text);
	x[7] = wait_text(w, a->human_result);
	return OK;
}

static int64_t
add_set(struct store *s, const struct record *r, const unsigned char digest[DIGEST], struct err *err)
{
	struct writer *w = s->writer;
	int64_t *x = wait_row(s, WAIT_SET, err), id;
	size_t i;

	if (x == NULL)
		return -1;
	x[0] = id = w->next_set++;
	x[1] = wait_bytes(&w->waiting, digest, DIGEST);
	for (i = 0; i < r->nauths; i++)
		if (add_result(s, id, i, &r->auths[i], err) != OK)
			return -1;
	prime_set(w, id, r->auths, r->nauths);
	return id;
}

int64_t
auth_set_id(struct store *s, const struct record *r, struct err *err)
{
	struct writer *w = s->writer;
	unsigned char digest[DIGEST];
	sqlite3_stmt *st;
	const struct auth *a;
	struct buf key;
	int64_t id;
	size_t i;

	buf_reset(&w->key);
	for (i = 0; i < r->nauths; i++) {
		a = &r->auths[i];
		key_add(&w->key, kind_str(a->kind));
		key_add(&w->key, a->domain);
		key_add(&w->key, a->selector);
		key_add(&w->key, a->scope.text);
		key_add(&w->key, a->result.text);
		key_add(&w->key, a->human_result);
	}
	if (intern_get(w->auth_sets, w->key.at, w->key.len, &id))
		return id;
	digest_of(w->key.at, w->key.len, digest);
	id = 0;
	if (!intern_has_all(w->auth_sets)) {
		if ((st = db_query(s, "auth_set_find", err)) == NULL)
			return -1;
		sqlite3_bind_blob(st, 1, digest, DIGEST, SQLITE_STATIC);
		id = found(s, st, err);
	}
	if (id == 0) {
		key = w->key;		/* name_id uses the scratch key too */
		buf_init(&w->key, key.cap);
		id = add_set(s, r, digest, err);
		buf_free(&w->key);
		w->key = key;
	}
	return id < 0 || remember(s, w->auth_sets, &w->key, id, err) != OK ? -1 : id;
}

static int64_t
add_reasons(struct store *s, const struct record *r, const char *text, struct err *err)
{
	sqlite3_stmt *st = db_query(s, "reason_set_add", err);
	int64_t id;
	size_t i;

	if (st == NULL)
		return -1;
	db_text(st, 1, text);
	id = inserted(s, st, err);
	for (i = 0; id > 0 && i < r->nreasons; i++) {
		if ((st = db_query(s, "reason_add", err)) == NULL)
			return -1;
		sqlite3_bind_int64(st, 1, id);
		sqlite3_bind_int64(st, 2, (int64_t)i + 1);
		db_text(st, 3, r->reasons[i].type.text);
		db_text(st, 4, r->reasons[i].comment);
		if (db_run(s, st, err) != OK)
			return -1;
	}
	return id;
}

int64_t
reason_set_id(struct store *s, const struct record *r, struct err *err)
{
	struct buf *key = &s->writer->key;
	sqlite3_stmt *st;
	int64_t id;
	size_t i;

	if (r->nreasons == 0)
		return 0;
	buf_reset(key);
	for (i = 0; i < r->nreasons; i++) {
		buf_str(key, i > 0 ? "; " : "");
		buf_str(key, or_empty(r->reasons[i].type.text));
		if (r->reasons[i].comment != NULL) {
			buf_str(key, ": ");
			buf_str(key, r->reasons[i].comment);
		}
	}
	if (intern_get(s->writer->reason_sets, key->at, key->len, &id))
		return id;
	if ((st = db_query(s, "reason_set_find", err)) == NULL)
		return -1;
	db_text(st, 1, key->at);
	id = found(s, st, err);
	if (id == 0)
		id = add_reasons(s, r, key->at, err);
	if (id > 0)
		intern_put(s->writer->reason_sets, key->at, key->len, id);
	return id;
}

/* 'C1 C4'; out holds 16 bytes. */
static const char *
disputed_str(int bits, char out[16])
{
	size_t len = 0;
	int i;

	for (i = 0; i < 4; i++) {
		if ((bits >> i & 1) == 0)
			continue;
		if (len > 0)
			out[len++] = ' ';
		out[len++] = 'C';
		out[len++] = (char)('1' + i);
	}
	out[len] = '\0';
	return out;
}

static void
bind_outcome(sqlite3_stmt *st, const struct record *r, const struct judgement *j, char disputed[16])
{
	const char *texts[] = { r->disposition.text, r->dkim.text, r->spf.text, verdict_str(j->verdict),
		verdict_basis_str(j->basis), under_reject_str(j->under_reject), disputed_str(j->disputed, disputed) };

	bind_texts(st, texts, 7);
	sqlite3_bind_int(st, 8, j->flags);
}

int64_t
outcome_id(struct store *s, const struct record *r, const struct judgement *j, struct err *err)
{
	struct buf *key = &s->writer->key;
	char disputed[16];
	sqlite3_stmt *st;
	int64_t id;

	buf_reset(key);
	key_add(key, r->disposition.text);
	key_add(key, r->dkim.text);
	key_add(key, r->spf.text);
	key_int(key, (int64_t)j->verdict | (int64_t)j->basis << 8 | (int64_t)j->under_reject << 16 | (int64_t)j->disputed << 24);
	key_int(key, j->flags);
	if (intern_get(s->writer->outcomes, key->at, key->len, &id))
		return id;
	if ((st = db_query(s, "outcome_find", err)) == NULL)
		return -1;
	bind_outcome(st, r, j, disputed);
	id = found(s, st, err);
	if (id == 0) {
		if ((st = db_query(s, "outcome_add", err)) == NULL)
			return -1;
		bind_outcome(st, r, j, disputed);
		db_text(st, 9, s->bucket(or_empty(r->disposition.text), j, 1));
		db_text(st, 10, s->bucket(or_empty(r->disposition.text), j, 0));
		id = inserted(s, st, err);
	}
	if (id > 0)
		intern_put(s->writer->outcomes, key->at, key->len, id);
	return id;
}
