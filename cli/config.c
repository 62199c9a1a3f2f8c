/* SPDX-License-Identifier: MIT */
/* The configuration file into struct config. The only user of libconfuse: tables of its keys, checks where a key closes, a walk at the end. */
#include "cli/config.h"

#include <confuse.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/guard.h"
#include "base/mem.h"
#include "base/place.h"
#include "base/text.h"
#include "cli/config_text.h"
#include "cli/named.h"

enum { THRESHOLDS_MOST = 64 };

/* What libconfuse's error callback tells; it has no room for a context. Used while one file is read, by one thread. */
static struct err *telling;
static const char *telling_of;	/* the file's name: libconfuse leaves it out of sections that stand once; paths begin in its folder */

/* --- errors --- */

static const char *
nearest(cfg_t *cfg, const char *name)
{
	const char *best = NULL;
	size_t least = 4, d;
	unsigned i;

	for (i = 0; i < cfg_num(cfg); i++) {
		const char *known = cfg_opt_name(cfg_getnopt(cfg, i));

		if ((d = text_distance(known, name)) < least) {
			least = d;
			best = known;
		}
	}
	return best;
}

/* The first message stands: what follows it is only its consequence. */
static void __attribute__((format(printf, 2, 0)))
on_error(cfg_t *cfg, const char *fmt, va_list ap)
{
	static const char unknown[] = "no such option '";
	char text[512], *name, *end;
	const char *near;

	if (telling == NULL || telling->text[0] != '\0')
		return;
	vsnprintf(text, sizeof(text), fmt, ap);
	if (strncmp(text, unknown, sizeof(unknown) - 1) == 0 && (end = strchr(name = text + sizeof(unknown) - 1, '\'')) != NULL) {
		*end = '\0';
		near = nearest(cfg, name);
		err_stop(telling, "%s:%d: unknown key %s%s%s%s", telling_of, cfg->line, name, near != NULL ? "; did you mean " : "",
		    near != NULL ? near : "", near != NULL ? "?" : "");
		return;
	}
	err_stop(telling, "%s:%d: %s", telling_of, cfg->line, text);
}

/* --- checks of single keys; each says what is allowed --- */

static int
one_of(cfg_t *cfg, cfg_opt_t *opt, const char *const *words, const char *all)
{
	const char *value = cfg_opt_getnstr(opt, 0);
	size_t i;

	for (i = 0; words[i] != NULL; i++)
		if (strcmp(value, words[i]) == 0)
			return 0;
	cfg_error(cfg, "%s is %s, not %s", cfg_opt_name(opt), all, value);
	return -1;
}

static int
check_after(cfg_t *cfg, cfg_opt_t *opt)
{
	static const char *const words[] = { "keep", "seen", "move", "delete", NULL };

	return one_of(cfg, opt, words, "keep, seen, move or delete");
}

static int
check_class(cfg_t *cfg, cfg_opt_t *opt)
{
	static const char *const words[] = { "mine", "not_mine", "forwarder", "ignore", NULL };

	return one_of(cfg, opt, words, "mine, not_mine, forwarder or ignore");
}

static int
check_connections(cfg_t *cfg, cfg_opt_t *opt)
{
	long n = cfg_opt_getnint(opt, 0);

	if (n >= 1 && n <= 4)
		return 0;
	cfg_error(cfg, "connections is 1 to 4, not %ld", n);
	return -1;
}

/* Limits that cannot be raised as one likes: memory is laid out for so many, or sums would not fit. */
static int
check_limit(cfg_t *cfg, cfg_opt_t *opt)
{
	static const struct { const char *name; long most; } bounded[] = {
		{ "mail_bytes", 1L << 30 }, { "archive_bytes", 1L << 30 }, { "members", 1000000 }, { "nesting", INGEST_NESTING_MOST },
		{ "depth", PARSE_DEPTH_MOST }, { "unknown_elements", 1000000 }, { "text_bytes", PARSE_TEXT_BYTES_MOST }, { "count", PARSE_COUNT_MOST },
		{ "idle_seconds", 1000000 }, { "command_seconds", 1000000 }, { "reissue_seconds", 1000000 }, { "poll_seconds", 1000000 },
	};
	long n = cfg_opt_getnint(opt, 0), most = LONG_MAX;
	size_t i;

	for (i = 0; i < sizeof(bounded) / sizeof(bounded[0]); i++)
		if (strcmp(bounded[i].name, cfg_opt_name(opt)) == 0)
			most = bounded[i].most;
	if (n > 0 && n <= most)
		return 0;
	if (n <= 0)
		cfg_error(cfg, "%s wants a number above 0", cfg_opt_name(opt));
	else
		cfg_error(cfg, "%s is 1 to %ld, not %ld", cfg_opt_name(opt), most, n);
	return -1;
}

static int
check_threshold(cfg_t *cfg, cfg_opt_t *opt)
{
	const struct threshold_name *n = threshold_names;
	double value = cfg_opt_getnfloat(opt, 0);

	while (strcmp(n->name, cfg_opt_name(opt)) != 0)
		n++;
	if (value >= n->least && value <= n->most)
		return 0;
	cfg_error(cfg, "%s is %.10g to %.10g, not %.10g", n->name, n->least, n->most, value);
	return -1;
}

/* Days of "400d"; 0 of "" (for ever); -1: neither. */
static int64_t
days_of(const char *text)
{
	size_t len = strlen(text);
	int64_t n;

	if (len == 0)
		return 0;
	return text[len - 1] == 'd' && text_int64(text, len - 1, &n) && n >= 1 && n <= 36500 ? n : -1;
}

static int
check_keep(cfg_t *cfg, cfg_opt_t *opt)
{
	if (days_of(cfg_opt_getnstr(opt, 0)) >= 0)
		return 0;
	cfg_error(cfg, "keep wants days such as \"400d\", or \"\" for ever, not %s", cfg_opt_getnstr(opt, 0));
	return -1;
}

static int
check_domain(cfg_t *cfg, cfg_opt_t *opt)
{
	const char *name = cfg_opt_getnstr(opt, cfg_opt_size(opt) - 1);

	if (named_is_domain(name))
		return 0;
	cfg_error(cfg, "domains: '%s' is no domain; those below one count without being named", name);
	return -1;
}

static int
check_label(cfg_t *cfg, cfg_opt_t *opt)
{
	unsigned last = cfg_opt_size(opt) - 1, i;
	const char *what = cfg_title(cfg_opt_getnsec(opt, last));
	char *stored = named_as_stored(what);
	int twice = 0;

	for (i = 0; i < last; i++) {
		char *other = named_as_stored(cfg_title(cfg_opt_getnsec(opt, i)));

		twice |= strcmp(other, stored) == 0;
		free(other);
	}
	free(stored);
	if (twice)
		cfg_error(cfg, "label: '%s' has a label already", what);
	else if (!named_can_be_labelled(what))
		cfg_error(cfg, "label: '%s' is no address, network, sender or signing domain", what);
	else
		return 0;
	return -1;
}

static int
check_since(cfg_t *cfg, cfg_opt_t *opt)
{
	const char *value = cfg_opt_getnstr(opt, 0);
	int64_t at;

	if (days_of(value) > 0 || text_when(value, &at))
		return 0;
	cfg_error(cfg, "since wants a date, or days such as \"30d\", not %s", value);
	return -1;
}

static int
check_server(cfg_t *cfg, cfg_opt_t *opt)
{
	const char *value = cfg_opt_getnstr(opt, 0);

	if (named_is_server(value))
		return 0;
	cfg_error(cfg, "server is imaps://HOST[:PORT], or imap://HOST[:PORT] for STARTTLS, not %s", value);
	return -1;
}

/* Of ~ only the user's own is known, and without a home none. */
static int
check_path(cfg_t *cfg, cfg_opt_t *opt)
{
	const char *value = cfg_opt_getnstr(opt, 0), *home = getenv("HOME");

	if (*value != '~' || (value[1] == '/' && home != NULL && *home == '/'))
		return 0;
	if (value[1] == '/')
		cfg_error(cfg, "%s begins with ~, and HOME is not set: %s", cfg_opt_name(opt), value);
	else
		cfg_error(cfg, "%s begins with ~ and a name; only ~/ is known: %s", cfg_opt_name(opt), value);
	return -1;
}

static int
is_set(const char *s)
{
	return s != NULL && *s != '\0';
}

/* Whether an account reads a folder; INBOX is one in any case (RFC 9051 section 5.1). */
static int
reads(cfg_t *account, const char *folder)
{
	unsigned i;

	for (i = 0; i < cfg_size(account, "folder"); i++)
		if (strcmp(cfg_getnstr(account, "folder", i), folder) == 0 || (text_same(folder, "INBOX") && text_same(cfg_getnstr(account, "folder", i), "INBOX")))
			return 1;
	return 0;
}

static int
check_account(cfg_t *cfg, cfg_opt_t *opt)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._@+-";
	static const char *const ways[] = { "password", "password_file", "password_command", "password_env", "token_command" };
	cfg_t *sec = cfg_opt_getnsec(opt, cfg_opt_size(opt) - 1);
	const char *name = cfg_title(sec);
	int n = cfg_size(sec, "oauth") > 0;
	size_t i;

	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		n += is_set(cfg_getstr(sec, ways[i]));
	if (name[0] == '\0' || name[strspn(name, allowed)] != '\0')
		cfg_error(cfg, "the name of an account consists of letters, digits and . _ @ + -, not: %s", name);
	else if (!is_set(cfg_getstr(sec, "server")) || !is_set(cfg_getstr(sec, "user")))
		cfg_error(cfg, "account %s wants a server and a user", name);
	else if (n != 1)
		cfg_error(cfg, "account %s wants one of password, password_file, password_command, password_env, token_command and oauth; it has %s",
		    name, n == 0 ? "none" : "several");
	else if (strcmp(cfg_getstr(sec, "after"), "move") == 0 && !is_set(cfg_getstr(sec, "move_to")))
		cfg_error(cfg, "account %s moves mails (after = move) and wants move_to", name);
	else if (strcmp(cfg_getstr(sec, "after"), "move") == 0 && reads(sec, cfg_getstr(sec, "move_to")))
		cfg_error(cfg, "account %s moves mails to %s, which it reads (move_to): it would read them again and again", name, cfg_getstr(sec, "move_to"));
	else if (cfg_size(sec, "folder") == 0 || reads(sec, ""))
		cfg_error(cfg, "account %s wants a folder", name);
	else
		return 0;
	return -1;
}

/* --- the keys --- */

static cfg_opt_t oauth_keys[] = {
	CFG_STR("token_url", "", CFGF_NONE), CFG_STR("device_url", "", CFGF_NONE), CFG_STR("tenant", "", CFGF_NONE),
	CFG_STR("client_id", "", CFGF_NONE), CFG_STR("client_secret", "", CFGF_NONE), CFG_STR("client_secret_file", "", CFGF_NONE),
	CFG_STR("client_secret_env", "", CFGF_NONE), CFG_STR("refresh_token", "", CFGF_NONE), CFG_STR("scope", "", CFGF_NONE), CFG_END()
};
static char inbox[] = "{INBOX}";
static cfg_opt_t account_keys[] = {
	CFG_STR("server", "", CFGF_NONE), CFG_STR("user", "", CFGF_NONE), CFG_STR("password", "", CFGF_NONE),
	CFG_STR("password_file", "", CFGF_NONE), CFG_STR("password_command", "", CFGF_NONE), CFG_STR("password_env", "", CFGF_NONE),
	CFG_STR("token_command", "", CFGF_NONE), CFG_SEC("oauth", oauth_keys, CFGF_MULTI), CFG_STR_LIST("folder", inbox, CFGF_NONE),
	CFG_STR("after", "keep", CFGF_NONE), CFG_STR("move_to", "", CFGF_NONE), CFG_STR("ca_file", "", CFGF_NONE),
	CFG_STR("proxy", "", CFGF_NONE), CFG_INT("connections", 1, CFGF_NONE), CFG_STR("authserv_id", "", CFGF_NONE),
	CFG_BOOL("plain", cfg_false, CFGF_NONE), CFG_END()
};
static cfg_opt_t output_keys[] = {
	CFG_STR("html", "", CFGF_NONE), CFG_STR("csv", "", CFGF_NONE), CFG_BOOL("csv_records", cfg_false, CFGF_NONE),
	CFG_STR("json", "", CFGF_NONE), CFG_STR("since", "30d", CFGF_NONE), CFG_END()
};
static cfg_opt_t digest_keys[] = {
	CFG_STR("to", "", CFGF_NONE), CFG_STR("from", "", CFGF_NONE), CFG_STR("command", "/usr/sbin/sendmail -t -i", CFGF_NONE),
	CFG_STR("file", "", CFGF_NONE), CFG_END()
};
static cfg_opt_t label_keys[] = { CFG_STR("class", "mine", CFGF_NONE), CFG_STR("name", "", CFGF_NONE), CFG_END() };
static cfg_opt_t limit_keys[] = {
	CFG_INT("mail_bytes", INGEST_MAIL_BYTES, CFGF_NONE), CFG_INT("archive_bytes", INGEST_ARCHIVE_BYTES, CFGF_NONE),
	CFG_INT("out_bytes", INGEST_OUT_BYTES, CFGF_NONE), CFG_INT("members", INGEST_MEMBERS, CFGF_NONE),
	CFG_INT("nesting", INGEST_NESTING, CFGF_NONE), CFG_INT("depth", PARSE_DEPTH, CFGF_NONE),
	CFG_INT("unknown_elements", PARSE_UNKNOWN, CFGF_NONE), CFG_INT("quiet_bytes", PARSE_QUIET_BYTES, CFGF_NONE),
	CFG_INT("records", PARSE_RECORDS, CFGF_NONE), CFG_INT("text_bytes", PARSE_TEXT_BYTES, CFGF_NONE),
	CFG_INT("idle_seconds", 60, CFGF_NONE), CFG_INT("command_seconds", 900, CFGF_NONE),
	CFG_INT("reissue_seconds", 1200, CFGF_NONE), CFG_INT("poll_seconds", 300, CFGF_NONE),
	CFG_INT("count", PARSE_COUNT, CFGF_NONE), CFG_END()
};

static cfg_t *
new_reader(cfg_opt_t threshold_keys[])
{
	static const char *const paths[] = { "database", "account|password_file", "account|ca_file", "account|oauth|client_secret_file", "output|html", "output|csv",
		"output|json", "digest|file" };
	cfg_opt_t keys[] = {
		CFG_STR("database", "", CFGF_NONE), CFG_STR_LIST("domains", NULL, CFGF_NONE), CFG_STR("keep", "400d", CFGF_NONE),
		CFG_SEC("account", account_keys, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES), CFG_SEC("output", output_keys, CFGF_NONE),
		CFG_SEC("digest", digest_keys, CFGF_NONE), CFG_SEC("label", label_keys, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
		CFG_SEC("limits", limit_keys, CFGF_NONE), CFG_SEC("thresholds", threshold_keys, CFGF_NONE), CFG_END()
	};
	cfg_t *cfg;
	size_t i;

	for (i = 0; i < THRESHOLDS_MOST - 1 && threshold_names[i].name != NULL; i++) {
		const cfg_opt_t key = CFG_FLOAT(threshold_names[i].name, threshold_names[i].usual, CFGF_NONE);

		threshold_keys[i] = key;
	}
	threshold_keys[i] = (cfg_opt_t)CFG_END();
	cfg = cfg_init(keys, CFGF_NONE);
	cfg_set_error_function(cfg, on_error);
	cfg_set_validate_func(cfg, "keep", check_keep);
	cfg_set_validate_func(cfg, "account", check_account);
	cfg_set_validate_func(cfg, "account|after", check_after);
	cfg_set_validate_func(cfg, "account|server", check_server);
	cfg_set_validate_func(cfg, "account|connections", check_connections);
	cfg_set_validate_func(cfg, "output|since", check_since);
	cfg_set_validate_func(cfg, "domains", check_domain);
	cfg_set_validate_func(cfg, "label|class", check_class);
	cfg_set_validate_func(cfg, "label", check_label);
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		cfg_set_validate_func(cfg, paths[i], check_path);
	for (i = 0; threshold_names[i].name != NULL; i++) {
		char path[64];

		snprintf(path, sizeof(path), "thresholds|%s", threshold_names[i].name);
		cfg_set_validate_func(cfg, path, check_threshold);
	}
	for (i = 0; limit_keys[i].name != NULL; i++) {
		char path[64];

		snprintf(path, sizeof(path), "limits|%s", limit_keys[i].name);
		cfg_set_validate_func(cfg, path, check_limit);
	}
	return cfg;
}

/* --- into struct config --- */

static const char *
text_of(struct arena *a, cfg_t *cfg, const char *key)
{
	const char *value = cfg_getstr(cfg, key);

	return is_set(value) ? arena_str(a, value) : NULL;
}

/* A file or folder: ~/ is the user's home, and what is not absolute lies beside the configuration. - is standard output. */
static const char *
path_of(struct arena *a, cfg_t *cfg, const char *key)
{
	const char *value = text_of(a, cfg, key), *placed;
	char *whole;

	if (value == NULL || strcmp(value, "-") == 0)
		return value;
	if (*value == '~')
		return arena_fmt(a, "%s%s", getenv("HOME"), value + 1);
	whole = place_beside(telling_of, value);
	placed = arena_str(a, whole);
	free(whole);
	return placed;
}

static char **
list_of(struct arena *a, cfg_t *cfg, const char *key, size_t *count)
{
	char **list;
	size_t i;

	*count = cfg_size(cfg, key);
	list = arena_alloc(a, (*count + 1) * sizeof(*list));
	for (i = 0; i < *count; i++)
		list[i] = arena_str(a, cfg_getnstr(cfg, key, (unsigned)i));
	return list;
}

static const struct oauth *
oauth_of(struct arena *a, cfg_t *cfg)
{
	struct oauth *o = arena_alloc(a, sizeof(*o));

	o->token_url = text_of(a, cfg, "token_url");
	o->device_url = text_of(a, cfg, "device_url");
	o->tenant = text_of(a, cfg, "tenant");
	o->client_id = text_of(a, cfg, "client_id");
	o->client_secret = text_of(a, cfg, "client_secret");
	o->client_secret_file = path_of(a, cfg, "client_secret_file");
	o->client_secret_env = text_of(a, cfg, "client_secret_env");
	o->refresh_token = text_of(a, cfg, "refresh_token");
	o->scope = text_of(a, cfg, "scope");
	return o;
}

static enum after
after_of(const char *word)
{
	return strcmp(word, "seen") == 0 ? AFTER_SEEN : strcmp(word, "move") == 0 ? AFTER_MOVE : strcmp(word, "delete") == 0 ? AFTER_DELETE : AFTER_KEEP;
}

static void
take_account(struct arena *a, cfg_t *cfg, struct account *acc)
{
	acc->name = arena_str(a, cfg_title(cfg));
	acc->server = text_of(a, cfg, "server");
	acc->user = text_of(a, cfg, "user");
	acc->password = text_of(a, cfg, "password");
	acc->password_file = path_of(a, cfg, "password_file");
	acc->password_command = text_of(a, cfg, "password_command");
	acc->password_env = text_of(a, cfg, "password_env");
	acc->token_command = text_of(a, cfg, "token_command");
	acc->oauth = cfg_size(cfg, "oauth") > 0 ? oauth_of(a, cfg_getsec(cfg, "oauth")) : NULL;
	acc->folders = list_of(a, cfg, "folder", &acc->nfolders);
	acc->after = after_of(cfg_getstr(cfg, "after"));
	acc->move_to = text_of(a, cfg, "move_to");
	acc->ca_file = path_of(a, cfg, "ca_file");
	acc->proxy = text_of(a, cfg, "proxy");
	acc->authserv_id = text_of(a, cfg, "authserv_id");
	acc->connections = (int)cfg_getint(cfg, "connections");
	acc->plain = cfg_getbool(cfg, "plain");
}

static void
take_labels(struct arena *a, cfg_t *cfg, struct config *c)
{
	size_t i;

	c->nlabels = cfg_size(cfg, "label");
	c->labels = arena_alloc(a, (c->nlabels + 1) * sizeof(*c->labels));
	for (i = 0; i < c->nlabels; i++) {
		cfg_t *label = cfg_getnsec(cfg, "label", (unsigned)i);
		char *what = named_as_stored(cfg_title(label));

		c->labels[i].what = arena_str(a, what);
		free(what);
		c->labels[i].class = text_of(a, label, "class");
		c->labels[i].name = text_of(a, label, "name");
	}
}

static void
take_numbers(cfg_t *cfg, struct config *c)
{
	cfg_t *limits = cfg_getsec(cfg, "limits"), *thresholds = cfg_getsec(cfg, "thresholds");
	const struct threshold_name *n;

	c->ingest.mail_bytes = cfg_getint(limits, "mail_bytes");
	c->ingest.archive_bytes = cfg_getint(limits, "archive_bytes");
	c->ingest.out_bytes = cfg_getint(limits, "out_bytes");
	c->ingest.members = (int)cfg_getint(limits, "members");
	c->ingest.nesting = (int)cfg_getint(limits, "nesting");
	c->ingest.idle_seconds = (int)cfg_getint(limits, "idle_seconds");
	c->ingest.command_seconds = (int)cfg_getint(limits, "command_seconds");
	c->ingest.reissue_seconds = (int)cfg_getint(limits, "reissue_seconds");
	c->ingest.poll_seconds = (int)cfg_getint(limits, "poll_seconds");
	c->parse.depth = (int)cfg_getint(limits, "depth");
	c->parse.unknown_elements = (int)cfg_getint(limits, "unknown_elements");
	c->parse.quiet_bytes = cfg_getint(limits, "quiet_bytes");
	c->parse.records = cfg_getint(limits, "records");
	c->parse.text_bytes = (int)cfg_getint(limits, "text_bytes");
	c->parse.count = cfg_getint(limits, "count");
	for (n = threshold_names; n->name != NULL; n++)
		*threshold_at(&c->thresholds, n) = cfg_getfloat(thresholds, n->name);
}

static void
take_all(struct arena *a, cfg_t *cfg, struct config *c)
{
	cfg_t *output = cfg_getsec(cfg, "output"), *digest = cfg_getsec(cfg, "digest");
	size_t i;

	c->database = path_of(a, cfg, "database");
	c->domains = list_of(a, cfg, "domains", &c->ndomains);
	for (i = 0; i < c->ndomains; i++) {
		char *domain = named_as_stored(c->domains[i]);

		c->domains[i] = arena_str(a, domain);
		free(domain);
	}
	c->keep_days = (int)days_of(cfg_getstr(cfg, "keep"));
	c->naccounts = cfg_size(cfg, "account");
	c->accounts = arena_alloc(a, (c->naccounts + 1) * sizeof(*c->accounts));
	for (i = 0; i < c->naccounts; i++)
		take_account(a, cfg_getnsec(cfg, "account", (unsigned)i), &c->accounts[i]);
	c->output.html = path_of(a, output, "html");
	c->output.csv = path_of(a, output, "csv");
	c->output.json = path_of(a, output, "json");
	c->output.csv_records = cfg_getbool(output, "csv_records");
	c->output.since = text_of(a, output, "since");
	c->digest.to = text_of(a, digest, "to");
	c->digest.from = text_of(a, digest, "from");
	c->digest.command = text_of(a, digest, "command");
	c->digest.file = path_of(a, digest, "file");
	take_labels(a, cfg, c);
	take_numbers(cfg, c);
}

/* One would be written over by the next. */
static enum outcome
check_outputs(const char *path, const struct config *c, struct err *err)
{
	const struct { const char *key, *file; } written[] = { { "database", c->database }, { "html of output", c->output.html }, { "json of output", c->output.json },
		{ "file of digest", c->digest.file } };
	size_t i, j;

	for (i = 1; i < sizeof(written) / sizeof(written[0]); i++)
		for (j = 0; j < i; j++)
			if (written[i].file != NULL && written[j].file != NULL && place_same(written[i].file, written[j].file))
				return err_stop(err, "%s: %s and %s name one file, %s; name another", path, written[j].key, written[i].key, written[i].file);
	return OK;
}

/* --- the file --- */

static int
has_secrets(const struct config *c)
{
	size_t i;

	for (i = 0; i < c->naccounts; i++) {
		const struct oauth *o = c->accounts[i].oauth;

		if (c->accounts[i].password != NULL || (o != NULL && (o->client_secret != NULL || o->refresh_token != NULL)))
			return 1;
	}
	return 0;
}

static enum outcome
read_text(const char *path, struct buf *text, int open_line, struct config *c, struct err *err)
{
	cfg_opt_t threshold_keys[THRESHOLDS_MOST];
	FILE *f = buf_str(text, "\n") ? fmemopen(text->at, text->len, "r") : NULL;
	enum outcome r = STOP;
	struct err told = { "", 0 };
	cfg_t *cfg;

	if (f == NULL)
		return err_stop(err, "%s: %s", path, text->full ? "too large" : strerror(errno));
	cfg = new_reader(threshold_keys);
	telling = &told;
	telling_of = path;
	cfg->filename = mem_str(path);	/* cfg_free frees it */
	if (cfg_parse_fp(cfg, f) != CFG_SUCCESS || told.text[0] != '\0') {
		err_stop(err, "%s", told.text[0] != '\0' ? told.text : path);
	} else if (open_line > 0) {
		err_stop(err, "%s:%d: what { begins here has no } at its end", path, open_line);
	} else {
		take_all(c->owner, cfg, c);
		r = check_outputs(path, c, err);
	}
	telling = NULL;
	cfg_free(cfg);
	fclose(f);
	return r;
}

static enum outcome
load(const char *path, struct config *c, struct err *err)
{
	FILE *f = fopen(path, "re");
	struct stat st;
	enum outcome r = STOP;
	struct buf text;
	int open_line;

	if (f == NULL)
		return err_stop(err, "%s: %s", path, strerror(errno));
	buf_init(&text, CONFIG_TEXT);
	if (fstat(fileno(f), &st) != 0)
		err_stop(err, "%s: %s", path, strerror(errno));
	else if (guard_file(path, &st, 0, err) == OK && config_text(path, f, &text, &open_line, err) == OK && read_text(path, &text, open_line, c, err) == OK)
		r = guard_file(path, &st, has_secrets(c), err);
	fclose(f);
	buf_free(&text);
	c->path = arena_str(c->owner, path);
	return r;
}

int
label_differs(const struct label_setting *l, const char *class, const char *name)
{
	return strcmp(l->class, class) != 0 || (is_set(name) && (l->name == NULL || strcmp(l->name, name) != 0));
}

char *
config_home(const char *name)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	if (config != NULL && *config == '/')
		return mem_fmt("%s/dmarcsift/%s", config, name);
	if (home != NULL && *home != '\0')
		return mem_fmt("%s/.config/dmarcsift/%s", home, name);
	return NULL;
}

/* All defaults, by reading nothing. */
static enum outcome
load_nothing(struct config *c, struct err *err)
{
	struct buf text;
	enum outcome r;

	buf_init(&text, CONFIG_TEXT);
	r = read_text("defaults", &text, 0, c, err);
	buf_free(&text);
	return r;
}

enum outcome
config_load(const char *path, struct config **out, struct err *err)
{
	static const char system_wide[] = "/etc/dmarcsift/dmarcsift.conf";
	struct arena *a = arena_new();
	struct config *c = arena_alloc(a, sizeof(*c));
	char *own = path == NULL ? config_home("dmarcsift.conf") : NULL;
	enum outcome r;

	c->owner = a;
	if (path != NULL)
		r = load(path, c, err);
	else if (own != NULL && (access(own, F_OK) == 0 || errno == EACCES))
		r = load(own, c, err);
	else if (access(system_wide, F_OK) == 0 || errno == EACCES)
		r = load(system_wide, c, err);
	else
		r = load_nothing(c, err);
	free(own);
	if (r == OK)
		*out = c;
	else
		config_free(c);
	return r;
}

void
config_free(struct config *c)
{
	if (c != NULL)
		arena_free(c->owner);
}
