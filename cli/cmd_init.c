/* SPDX-License-Identifier: MIT */
/* `init`: a commented configuration, the DNS records to publish, a first login. Asks nothing; what it is not told stays as an example. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/embed.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/whole.h"
#include "cli/command.h"
#include "cli/config.h"
#include "cli/ending.h"
#include "cli/named.h"
#include "cli/say.h"
#include "ingest/fetch.h"
#include "parse/domain.h"

enum { OPT_OAUTH = 1, OPT_DOMAIN, OPT_MAILBOX, OPT_SERVER, OPT_USER, OPT_COMMAND, OPT_FILE, OPT_PASSWORD_FILE, OPT_CLIENT_ID, OPT_TENANT, OPT_CA_FILE };

static const struct option_spec specs[] = {
	{ "--oauth", 0, OPT_OAUTH }, { "--domain", 1, OPT_DOMAIN }, { "--mailbox", 1, OPT_MAILBOX }, { "--server", 1, OPT_SERVER },
	{ "--user", 1, OPT_USER }, { "--password-command", 1, OPT_COMMAND }, { "--password-file", 1, OPT_PASSWORD_FILE },
	{ "--client-id", 1, OPT_CLIENT_ID }, { "--tenant", 1, OPT_TENANT }, { "--file", 1, OPT_FILE }, { "--ca-file", 1, OPT_CA_FILE }, { NULL, 0, 0 }
};
static const char application_id[] = "the application's id";	/* to be filled in */

struct asked {
	const char **domains;
	size_t ndomains;
	const char *mailbox, *server, *user, *command, *password_file, *client_id, *tenant, *ca_file, *file;
	int oauth;
};

/* --- the file --- */

/* A value in the configuration's quotes: single ones where the others would put a variable's value for ${...}. */
static void
put_quoted(struct buf *b, const char *value)
{
	const char *quote = strstr(value, "${") != NULL ? "'" : "\"";

	buf_str(b, quote);
	for (; *value != '\0'; value++) {
		if (*value == *quote || *value == '\\')
			buf_str(b, "\\");
		buf_add(b, value, 1);
	}
	buf_str(b, quote);
}

static void
put_key(struct buf *b, const char *key, const char *value, const char *example)
{
	buf_fmt(b, value != NULL ? "\t%s = " : "\t# %s = ", key);
	put_quoted(b, value != NULL ? value : example);
	buf_str(b, "\n");
}

/* The path from the root: it is to lead there from any folder. Caller frees. */
static char *
whole_path(const char *path)
{
	char *here = *path != '/' ? getcwd(NULL, 0) : NULL, *whole = here != NULL ? mem_fmt("%s/%s", here, path) : mem_str(path);

	free(here);
	return whole;
}

/* As the configuration is to have it: there, what is not absolute would lie beside the configuration, and ~/ is the user's home. */
static void
put_path(struct buf *b, const char *key, const char *path)
{
	char *whole = strncmp(path, "~/", 2) != 0 ? whole_path(path) : mem_str(path);

	put_key(b, key, whole, "");
	free(whole);
}

static void
put_domains(struct buf *b, const struct asked *a)
{
	size_t i;

	if (a->ndomains == 0) {
		buf_str(b, "# domains = { \"example.org\", \"example.net\" }");
		return;
	}
	buf_str(b, "domains = { ");
	for (i = 0; i < a->ndomains; i++) {
		buf_str(b, i > 0 ? ", " : "");
		put_quoted(b, a->domains[i]);
	}
	buf_str(b, " }");
}

static void
put_account(struct buf *b, const struct asked *a)
{
	struct buf one;
	char *line, *at;

	buf_init(&one, 16384);
	buf_str(&one, "account \"main\" {\n");
	put_key(&one, "server", a->server != NULL ? a->server : a->oauth ? "imaps://outlook.office365.com" : "imaps://imap.example.org", "");
	put_key(&one, "user", a->user != NULL ? a->user : a->mailbox != NULL ? a->mailbox : "dmarc@example.org", "");
	if (a->password_file != NULL)
		put_path(&one, "password_file", a->password_file);
	else if (!a->oauth)
		put_key(&one, "password_command", a->command != NULL ? a->command : "pass show dmarc", "");
	if (a->ca_file != NULL)
		put_path(&one, "ca_file", a->ca_file);
	if (a->oauth) {
		buf_str(&one, "\toauth { tenant = ");
		put_quoted(&one, a->tenant != NULL ? a->tenant : "common");
		buf_str(&one, "  client_id = ");
		put_quoted(&one, a->client_id != NULL ? a->client_id : application_id);
		buf_str(&one, " }\n");
	}
	buf_str(&one, "\t# one of password_command, password_file, password_env, token_command and oauth { ... }\n\tfolder = \"INBOX\"\n"
	    "\tafter = keep\t\t# the mailbox is not changed; seen, move (with move_to) or delete\n");
	put_key(&one, "move_to", NULL, "Archive/DMARC");
	put_key(&one, "authserv_id", NULL, "mx.example.org");
	buf_str(&one, "}");
	/* Not told where the mailbox is: all of it is an example. */
	for (at = one.at; a->server == NULL && !a->oauth && (line = strsep(&at, "\n")) != NULL; )
		buf_fmt(b, "# %s%s", line, at != NULL ? "\n" : "");
	if (a->server != NULL || a->oauth)
		buf_str(b, one.at);
	buf_free(&one);
}

static void
fill_in(struct buf *b, const struct asked *a)
{
	const struct embed *e = embed_find("cli/dmarcsift.conf");
	const char *at = (const char *)e->bytes, *end = at + e->len, *mark;

	while ((mark = memmem(at, (size_t)(end - at), "%domains%", 9)) != NULL || (mark = memmem(at, (size_t)(end - at), "%account%", 9)) != NULL) {
		buf_add(b, at, (size_t)(mark - at));
		if (mark[1] == 'd')
			put_domains(b, a);
		else
			put_account(b, a);
		at = mark + 9;
	}
	buf_add(b, at, (size_t)(end - at));
}

static int
make_folders(const char *path)
{
	char *copy = mem_str(path), *slash;
	int made = 1;

	for (slash = strchr(copy + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		made = mkdir(copy, 0700) == 0 || errno == EEXIST;
		*slash = '/';
	}
	free(copy);
	return made;
}

/* 0: what the program would refuse; told. */
static int
is_accepted(const char *path)
{
	struct config *c = NULL;
	struct err err = { "", 0 };
	int good = config_load(path, &c, &err) == OK;

	if (!good)
		say_error("%s", err.text);
	config_free(c);
	return good;
}

/* A new file, never over one that is there. One that is of no use goes: else the next init would find it there. */
static int
write_config(const char *path, const struct asked *a)
{
	struct buf b;
	int fd, good;

	if (!make_folders(path) || (fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) < 0) {
		say_error("%s: %s", path, errno == EEXIST ? "is there already, and stays as it is; edit it, or name another file by --file" : strerror(errno));
		return 0;
	}
	buf_init(&b, SIZE_MAX);
	fill_in(&b, a);
	good = whole_write(fd, b.at, b.len);
	good = close(fd) == 0 && good;
	buf_free(&b);
	if (!good)
		say_error("%s: %s", path, strerror(errno));
	good = good && is_accepted(path);
	if (!good)
		(void)unlink(path);
	else
		say_result("written: %s", path);
	return good;
}

/* --- the records --- */

static void
tell_records(const struct asked *a)
{
	const char *rua = a->mailbox, *at = rua != NULL ? strrchr(rua, '@') : NULL;
	char *own = NULL, *there = at != NULL ? named_as_stored(at + 1) : NULL;
	size_t i;

	if (a->ndomains == 0) {
		say_result("publish for each of your domains, where there is no DMARC record yet (else add the rua to it):");
		say_result("  _dmarc.DOMAIN  TXT  \"v=DMARC1; p=none; rua=mailto:MAILBOX\"");
		say_result("(with --domain and --mailbox the exact records are printed, also the one for a mailbox in another domain)");
	}
	for (i = 0; i < a->ndomains; i++) {
		const char *d = a->domains[i];

		if (rua == NULL)
			own = mem_fmt("dmarc@%s", d);
		say_result("publish for %s, where there is no DMARC record yet (else add the rua to it):", d);
		say_result("  _dmarc.%s  TXT  \"v=DMARC1; p=none; rua=mailto:%s\"", d, rua != NULL ? rua : own);
		if (there != NULL && !domain_aligned(there, d, 0)) {
			say_result("and in %s, so that receivers may send its reports there (RFC 7489 section 7.1):", there);
			say_result("  %s._report._dmarc.%s  TXT  \"v=DMARC1\"", d, there);
		}
		free(own);
		own = NULL;
	}
	free(there);
}

/* --- a first login --- */

static void
tell_code(const char *address, const char *code)
{
	say_result("open %s and enter the code %s; waiting ...", address, code);
}

static int
try_account(const struct account *acc, const struct config *c)
{
	struct fetcher *f = fetcher_new(acc, &c->ingest, ending_asked());
	struct err err = { "", 0 };
	int64_t mails = 0;
	char number[28];
	size_t i;
	int good = 1;

	for (i = 0; i < acc->nfolders && good; i++) {
		good = fetcher_try(f, acc->folders[i], &mails, &err) == OK;
		if (good)
			say_result("account %s: logged in; folder %s holds %s mail%s", acc->name, acc->folders[i], text_count(mails, number), mails == 1 ? "" : "s");
		else
			say_error("%s", err.text);
	}
	fetcher_free(f);
	return good;
}

/* Whether a code in the browser can make the first login: not for the application's own one, nor where no such endpoint is known. */
static int
wants_code(const struct account *acc)
{
	const struct oauth *o = acc->oauth;

	return o != NULL && (o->device_url != NULL || o->token_url == NULL) && (o->refresh_token != NULL ||
	    (o->client_secret == NULL && o->client_secret_file == NULL && o->client_secret_env == NULL));
}

/* Logs in with every account; those that want it by the device code. */
static int
try_accounts(const char *path, int oauth)
{
	struct config *c;
	struct err err = { "", 0 };
	size_t i;
	int good = 1;

	if (config_load(path, &c, &err) != OK) {
		say_error("%s", err.text);
		return 0;
	}
	for (i = 0; i < c->naccounts; i++) {
		const struct account *acc = &c->accounts[i];

		if (oauth && wants_code(acc) && fetch_device_login(acc, tell_code, ending_asked(), &err) != OK) {
			say_error("account %s: %s", acc->name, err.text);
			good = 0;
		} else {
			good &= try_account(acc, c);
		}
	}
	config_free(c);
	return good;
}

/* What of the account that is written was not told, and stands there as an example; NULL: nothing, so the login can be tried. */
static const char *
to_be_filled_in(const struct asked *a)
{
	if (a->oauth)
		return a->client_id != NULL ? NULL : "client_id (and user)";
	if (a->server == NULL)
		return "account, output and digest";
	if (a->command == NULL && a->password_file == NULL)
		return a->user != NULL || a->mailbox != NULL ? "password_command" : "user and password_command";
	return a->user != NULL || a->mailbox != NULL ? NULL : "user";
}

/*
 * What comes next, as it is typed in any folder, and by cron: this program, by its path, for cron does not look into /usr/local/bin, with the
 * configuration that was named. gap: what is to be filled in before; NULL: it logs in already.
 */
static void
tell_next(const struct asked *a, const char *gap)
{
	char *path = a->file != NULL ? whole_path(a->file) : NULL, *program = realpath("/proc/self/exe", NULL);
	struct buf self;

	buf_init(&self, 16384);
	text_word(&self, program != NULL ? program : "dmarcsift");
	if (path != NULL) {
		buf_str(&self, " --config ");
		text_word(&self, path);
	}
	if (a->oauth && gap != NULL)
		say_result("next: fill in %s, then `%s init --oauth` again makes the login", gap, self.at);
	else
		say_result("next: %s%s, then `%s run`; each night by cron: 15 6 * * * %s -q run", gap != NULL ? "fill in " : "say in it where page and digest go",
		    gap != NULL ? gap : "", self.at, self.at);
	buf_free(&self);
	free(program);
	free(path);
}

static int
init(const struct asked *a)
{
	char *path = a->file != NULL ? mem_str(a->file) : config_home("dmarcsift.conf");
	const char *gap;
	int there, status = EXIT_DONE;

	if (path == NULL) {
		say_error("init: no place for the configuration: HOME is not set; name a file with --file");
		return EXIT_FAILED;
	}
	there = access(path, F_OK) == 0;
	/* With --oauth an existing configuration is used; it is never written over. */
	if ((!there || !a->oauth) && !write_config(path, a))
		status = EXIT_FAILED;
	tell_records(a);
	gap = there ? NULL : to_be_filled_in(a);
	if (status == EXIT_DONE && gap == NULL)
		status = try_accounts(path, a->oauth) ? EXIT_DONE : EXIT_FAILED;
	if (status == EXIT_DONE)
		tell_next(a, gap);
	free(path);
	return status;
}

/* What goes into records and configuration is looked at before either is written. */
static int
can_be_published(const struct asked *a)
{
	const char *at = a->mailbox != NULL ? strrchr(a->mailbox, '@') : NULL;

	if (a->mailbox != NULL && (at == NULL || at == a->mailbox || a->mailbox[strcspn(a->mailbox, " \t\r\n,;!<>\"\\")] != '\0' || !named_is_domain(at + 1))) {
		say_error("init: --mailbox wants an address such as dmarc@example.org, not '%s'", a->mailbox);
		return 0;
	}
	if (a->server != NULL && !named_is_server(a->server)) {
		say_error("init: --server is imaps://HOST[:PORT], or imap://HOST[:PORT] for STARTTLS, not '%s'", a->server);
		return 0;
	}
	return 1;
}

static int
run(struct app *app, int argc, char **argv)
{
	struct asked a = { .domains = mem_alloc((size_t)argc * sizeof(char *)) };
	const char *value;
	int at = 1, got, status;
	size_t i;

	a.file = app->config_option;
	while ((got = next_option(&cmd_init, argc, argv, &at, &value)) > 0) {
		switch (got) {
		case OPT_OAUTH: a.oauth = 1; break;
		case OPT_DOMAIN: a.domains[a.ndomains++] = value; break;
		case OPT_MAILBOX: a.mailbox = value; break;
		case OPT_SERVER: a.server = value; break;
		case OPT_USER: a.user = value; break;
		case OPT_COMMAND: a.command = value; break;
		case OPT_PASSWORD_FILE: a.password_file = value; break;
		case OPT_CLIENT_ID: a.client_id = value; break;
		case OPT_TENANT: a.tenant = value; break;
		case OPT_CA_FILE: a.ca_file = value; break;
		default: a.file = value; break;
		}
	}
	/* What is not said is taken from what is: the mailbox is the user's, the domain the mailbox's. */
	if (a.mailbox == NULL && a.user != NULL && strchr(a.user, '@') != NULL)
		a.mailbox = a.user;
	if (a.ndomains == 0 && a.mailbox != NULL && strrchr(a.mailbox, '@') != NULL)
		a.domains[a.ndomains++] = strrchr(a.mailbox, '@') + 1;
	if (got == 0)
		say_error("init: %s: takes options only", value);
	for (i = 0; i < a.ndomains; i++) {
		if (got == -1 && !named_is_domain(a.domains[i])) {
			say_error("init: --domain wants a domain, not '%s'", a.domains[i]);
			got = -2;
		}
		a.domains[i] = named_as_stored(a.domains[i]);
	}
	if (got == -1 && !can_be_published(&a))
		got = -2;
	status = got == -3 ? EXIT_DONE : got == -1 ? init(&a) : EXIT_USAGE;
	for (i = 0; i < a.ndomains; i++)
		free((void *)(uintptr_t)a.domains[i]);
	free(a.domains);
	return status;
}

const struct command cmd_init = {
	"init", "[--oauth] [OPTIONS]", "Writes a commented configuration, prints the DNS records to publish, tries the login.",
	"  --domain D           your domain; may be repeated: prints the DMARC record for it; without it the mailbox's\n"
	"  --mailbox ADDRESS    where reports go (rua); without it the user where that is an address, else dmarc@D\n"
	"  --server URL         imaps://HOST or imap://HOST (STARTTLS), with --user U and --password-command C or\n"
	"                       --password-file F: written into the configuration, and the login is tried\n"
	"  --ca-file F          the certificates of the authority that signed the server's, where the system does not know it\n"
	"  --oauth              first login of accounts with an oauth section, by a code entered in a browser; for a new\n"
	"                       configuration with --user U, --client-id ID and --tenant T of Microsoft 365\n"
	"  --file FILE          the configuration to write; without it the one named before the command, else the user's\n"
	"A configuration that is there is never written over.\n\n"
	"example: dmarcsift init --domain example.org --mailbox dmarc@example.org\n", NEED_NOTHING, specs, run
};
