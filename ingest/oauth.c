/* SPDX-License-Identifier: MIT */
/* See oauth.h. Plain form posts by libcurl, answers by jansson. */
#include "ingest/oauth.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/guard.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/whole.h"
#include "ingest/secret.h"

enum { ANSWER_MOST = 256 << 10, SPARE_SECONDS = 60, CONNECT_SECONDS = 30, WHOLE_SECONDS = 60 };

static const char microsoft[] = "https://login.microsoftonline.com";
static const char application_scope[] = "https://outlook.office365.com/.default";
static const char delegated_scope[] = "https://outlook.office.com/IMAP.AccessAsUser.All offline_access";

/* --- the cache --- */

struct cached { char *access, *refresh; int64_t expires_at; };

static void
cached_free(struct cached *c)
{
	free(c->access);
	free(c->refresh);
	c->access = c->refresh = NULL;
}

/* Folder of the tokens, made where missing; caller frees. NULL: no HOME. */
static char *
cache_folder(void)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	char *path, *slash;

	if (state != NULL && *state == '/')
		path = mem_fmt("%s/dmarcsift/tokens", state);
	else if (home != NULL && *home != '\0')
		path = mem_fmt("%s/.local/state/dmarcsift/tokens", home);
	else
		return NULL;
	for (slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		(void)mkdir(path, 0700);
		*slash = '/';
	}
	(void)mkdir(path, 0700);
	return path;
}

static char *
cache_path(const struct account *a)
{
	char *folder = cache_folder(), *path = folder != NULL ? mem_fmt("%s/%s.json", folder, a->name) : NULL;

	free(folder);
	return path;
}

static char *
member(const json_t *object, const char *name)
{
	return mem_str(json_string_value(json_object_get(object, name)));
}

/* For whom a token was got. */
static char *
owner_of(const struct account *a)
{
	return mem_fmt("%s %s", a->user, a->oauth->client_id != NULL ? a->oauth->client_id : "");
}

/* What is kept for the account, if anything. STOP: others may read or write the file. */
static enum outcome
cache_read(const struct account *a, struct cached *c, struct err *err)
{
	char *path = cache_path(a), *whose;
	FILE *f = path != NULL ? fopen(path, "re") : NULL;
	json_t *object = NULL;
	enum outcome r = OK;
	struct stat st;
	const char *who;

	memset(c, 0, sizeof(*c));
	if (f != NULL && fstat(fileno(f), &st) == 0 && (r = guard_file(path, &st, 1, err)) == OK)
		object = json_loadf(f, 0, NULL);
	if (f != NULL)
		fclose(f);
	whose = owner_of(a);
	/* What was got for another user or application is of no use. */
	who = json_string_value(json_object_get(object, "for"));
	if (who != NULL && strcmp(who, whose) == 0) {
		c->access = member(object, "access_token");
		c->refresh = member(object, "refresh_token");
		c->expires_at = json_integer_value(json_object_get(object, "expires_at"));
	}
	free(whose);
	json_decref(object);
	free(path);
	return r;
}

static enum outcome
write_whole(const char *path, const char *text, struct err *err)
{
	char *fresh = mem_fmt("%s.new", path);
	int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	enum outcome r = OK;

	if (fd < 0 || fchmod(fd, 0600) != 0 || !whole_write(fd, text, strlen(text)) || fsync(fd) != 0)
		r = err_stop(err, "%s: %s", fresh, strerror(errno));
	if (fd >= 0 && close(fd) != 0 && r == OK)
		r = err_stop(err, "%s: %s", fresh, strerror(errno));
	if (r == OK && rename(fresh, path) != 0)
		r = err_stop(err, "%s: %s", path, strerror(errno));
	free(fresh);
	return r;
}

static enum outcome
cache_write(const struct account *a, const struct cached *c, struct err *err)
{
	char *path = cache_path(a), *text, *whose;
	json_t *object;
	enum outcome r;

	if (path == NULL)
		return err_stop(err, "no place for tokens: HOME is not set");
	whose = owner_of(a);
	object = json_pack("{s:s, s:s, s:s*, s:I}", "for", whose, "access_token", c->access != NULL ? c->access : "", "refresh_token", c->refresh, "expires_at",
	    (json_int_t)c->expires_at);
	text = json_dumps(object, JSON_INDENT(1));
	r = text != NULL ? write_whole(path, text, err) : err_stop(err, "%s: not text", path);
	free(whose);
	free(text);
	json_decref(object);
	free(path);
	return r;
}

void
oauth_forget(const struct account *a)
{
	struct cached c;

	if (a->oauth == NULL)
		return;
	if (cache_read(a, &c, NULL) != OK)
		return;
	c.expires_at = 0;
	if (c.access != NULL)
		(void)cache_write(a, &c, NULL);
	cached_free(&c);
}

/* --- asking the endpoint --- */

static size_t
take_bytes(char *bytes, size_t size, size_t count, void *ctx)
{
	return buf_add(ctx, bytes, size * count) ? size * count : 0;
}

static void
add_field(struct buf *form, const char *name, const char *value)
{
	char *escaped;

	if (value == NULL)
		return;
	escaped = curl_easy_escape(NULL, value, 0);
	buf_fmt(form, "%s%s=%s", form->len > 0 ? "&" : "", name, escaped != NULL ? escaped : "");
	curl_free(escaped);
}

/* Posts the form; the answer as JSON (caller frees), whatever the status. STOP: no answer, or not JSON. */
static enum outcome
post(const struct account *a, const char *url, const struct buf *form, json_t **answer, struct err *err)
{
	char why[CURL_ERROR_SIZE] = "";
	CURL *c = curl_easy_init();
	struct buf body;
	CURLcode rc;

	buf_init(&body, ANSWER_MOST);
	curl_easy_setopt(c, CURLOPT_URL, url);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "https");
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_POSTFIELDS, form->at);
	curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE, (long)form->len);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_bytes);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, &body);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, why);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
	curl_easy_setopt(c, CURLOPT_TIMEOUT, (long)WHOLE_SECONDS);
	curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (a->ca_file != NULL)
		curl_easy_setopt(c, CURLOPT_CAINFO, a->ca_file);
	if (a->proxy != NULL)
		curl_easy_setopt(c, CURLOPT_PROXY, a->proxy);
	rc = curl_easy_perform(c);
	curl_easy_cleanup(c);
	*answer = rc == CURLE_OK ? json_loadb(body.at, body.len, 0, NULL) : NULL;
	if (rc != CURLE_OK)
		err_stop(err, "%s: %s", url, why[0] != '\0' ? why : curl_easy_strerror(rc));
	else if (!json_is_object(*answer))
		err_stop(err, "%s: the answer is not what a token endpoint gives", url);
	memset(body.at, 0, body.len);
	buf_free(&body);
	if (rc == CURLE_OK && json_is_object(*answer))
		return OK;
	json_decref(*answer);
	return STOP;
}

/* The endpoint's refusal in words, and what to do. */
static enum outcome
refused(const json_t *answer, struct err *err)
{
	static const struct { const char *error, *advice; } known[] = {
		{ "invalid_grant", "the login has expired or was taken back: log in again with `dmarcsift init --oauth`, or set a new refresh_token" },
		{ "invalid_client", "client_id or client_secret is wrong, or the secret has expired" },
		{ "unauthorized_client", "the application may not do this: check its permissions at the provider" },
		{ "invalid_scope", "the scope is not one the provider knows for this flow" },
		{ "access_denied", "it was refused at the provider" }, { "expired_token", "the code was not entered in time" },
	};
	const char *error = json_string_value(json_object_get(answer, "error"));
	const char *text = json_string_value(json_object_get(answer, "error_description"));
	const char *advice = NULL;
	size_t i, len = text != NULL ? strcspn(text, "\r\n") : 0;

	for (i = 0; error != NULL && i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i].error, error) == 0)
			advice = known[i].advice;
	return err_stop(err, "the provider answers %s%s%.*s%s%s", error != NULL ? error : "without a token", len > 0 ? ": " : "",
	    (int)(len > 300 ? 300 : len), text != NULL ? text : "", advice != NULL ? "; " : "", advice != NULL ? advice : "");
}

static char *
endpoint(const char *given, const struct oauth *o, const char *name)
{
	return given != NULL ? mem_str(given) : mem_fmt("%s/%s/oauth2/v2.0/%s", microsoft, o->tenant != NULL ? o->tenant : "common", name);
}

static enum outcome
client_secret(const struct oauth *o, char **secret, struct err *err)
{
	const char *value = o->client_secret_env != NULL ? getenv(o->client_secret_env) : o->client_secret;

	*secret = NULL;
	if (o->client_secret_file != NULL)
		return secret_from_file(o->client_secret_file, secret, err);
	if (o->client_secret_env != NULL && value == NULL)
		return err_stop(err, "the environment has no %s", o->client_secret_env);
	*secret = mem_str(value);
	return OK;
}

/* Takes the tokens of a good answer into the cache. */
static enum outcome
take_tokens(const struct account *a, const json_t *answer, struct cached *c, struct err *err)
{
	char *access = member(answer, "access_token"), *refresh = member(answer, "refresh_token");
	int64_t lasts = json_integer_value(json_object_get(answer, "expires_in"));

	if (access == NULL) {
		free(refresh);
		return refused(answer, err);
	}
	free(c->access);
	c->access = access;
	if (refresh != NULL) {
		free(c->refresh);
		c->refresh = refresh;
	}
	c->expires_at = (int64_t)time(NULL) + (lasts > 0 && lasts < 86400 * 365 ? lasts : 3600);
	return cache_write(a, c, err);
}

static enum outcome
renew(const struct account *a, struct cached *c, struct err *err)
{
	const struct oauth *o = a->oauth;
	char *secret = NULL, *url = endpoint(o->token_url, o, "token");
	json_t *answer = NULL;
	struct buf form;
	enum outcome r;

	if (c->refresh == NULL)
		c->refresh = mem_str(o->refresh_token);
	buf_init(&form, 64 << 10);
	r = o->client_id == NULL ? err_stop(err, "oauth wants a client_id") : client_secret(o, &secret, err);
	if (r == OK && c->refresh == NULL && secret == NULL)
		r = err_stop(err, "there is no login yet: `dmarcsift init --oauth` makes one (or set refresh_token, or client_secret)");
	add_field(&form, "client_id", o->client_id);
	add_field(&form, "client_secret", secret);
	if (c->refresh != NULL) {
		add_field(&form, "grant_type", "refresh_token");
		add_field(&form, "refresh_token", c->refresh);
		add_field(&form, "scope", o->scope != NULL ? o->scope : o->token_url == NULL ? delegated_scope : NULL);
	} else {
		add_field(&form, "grant_type", "client_credentials");
		add_field(&form, "scope", o->scope != NULL ? o->scope : application_scope);
	}
	if (r == OK)
		r = post(a, url, &form, &answer, err);
	if (r == OK)
		r = take_tokens(a, answer, c, err);
	json_decref(answer);
	memset(form.at, 0, form.len);
	buf_free(&form);
	free(secret);
	free(url);
	return r;
}

enum outcome
oauth_token(const struct account *a, char **token, struct err *err)
{
	const char *set = a->oauth->refresh_token;
	struct err why = { "", 0 };
	struct cached c;
	enum outcome r = OK;

	if (cache_read(a, &c, err) != OK)
		return STOP;
	if (c.access == NULL || c.access[0] == '\0' || c.expires_at < (int64_t)time(NULL) + SPARE_SECONDS)
		r = renew(a, &c, &why);
	/* The cached login is dead: one newly set in the configuration takes its place. */
	if (r != OK && set != NULL && c.refresh != NULL && strcmp(set, c.refresh) != 0 && text_find(why.text, "invalid_grant") != NULL) {
		free(c.refresh);
		c.refresh = mem_str(set);
		r = renew(a, &c, &why);
	}
	if (r == OK)
		*token = mem_str(c.access);
	else
		err_stop(err, "%s", why.text);
	cached_free(&c);
	return r;
}

/* --- device code --- */

static enum outcome
poll_device(const struct account *a, const char *url, const char *code, int64_t interval, int64_t until, const volatile int *stop, struct err *err)
{
	struct err why = { "", 0 };
	struct cached c;
	enum outcome r = OK;
	const char *error;
	json_t *answer;
	struct buf form;
	int64_t i;

	for (;;) {
		for (i = 0; i < interval && (stop == NULL || !*stop); i++)
			sleep(1);
		if (stop != NULL && *stop)
			return err_stop(err, "stopped before the code was entered");
		if ((int64_t)time(NULL) > until)
			return err_stop(err, "the code was not entered in time%s%s", why.text[0] != '\0' ? "; " : "", why.text);
		buf_init(&form, 64 << 10);
		add_field(&form, "grant_type", "urn:ietf:params:oauth:grant-type:device_code");
		add_field(&form, "client_id", a->oauth->client_id);
		add_field(&form, "device_code", code);
		r = post(a, url, &form, &answer, &why);
		memset(form.at, 0, form.len);
		buf_free(&form);
		if (r != OK) {	/* the network may come back before the code runs out; asked less often (RFC 8628 section 3.5) */
			interval *= 2;
			continue;
		}
		error = json_string_value(json_object_get(answer, "error"));
		if (error == NULL || (strcmp(error, "authorization_pending") != 0 && strcmp(error, "slow_down") != 0))
			break;
		interval += strcmp(error, "slow_down") == 0 ? 5 : 0;
		json_decref(answer);
	}
	memset(&c, 0, sizeof(c));
	r = take_tokens(a, answer, &c, err);
	cached_free(&c);
	json_decref(answer);
	return r;
}

enum outcome
oauth_device_login(const struct account *a, void (*tell)(const char *address, const char *code), const volatile int *stop, struct err *err)
{
	const struct oauth *o = a->oauth;
	char *url, *token_url;
	const char *address, *code, *device;
	int64_t interval, lasts;
	json_t *answer = NULL;
	struct buf form;
	enum outcome r;

	if (o == NULL || o->client_id == NULL)
		return err_stop(err, "account %s has no oauth section with a client_id", a->name);
	url = endpoint(o->device_url, o, "devicecode");
	token_url = endpoint(o->token_url, o, "token");
	buf_init(&form, 64 << 10);
	add_field(&form, "client_id", o->client_id);
	add_field(&form, "scope", o->scope != NULL ? o->scope : delegated_scope);
	r = post(a, url, &form, &answer, err);
	buf_free(&form);
	if (r == OK) {
		address = json_string_value(json_object_get(answer, "verification_uri"));
		if (address == NULL)
			address = json_string_value(json_object_get(answer, "verification_url"));
		code = json_string_value(json_object_get(answer, "user_code"));
		device = json_string_value(json_object_get(answer, "device_code"));
		interval = json_integer_value(json_object_get(answer, "interval"));
		lasts = json_integer_value(json_object_get(answer, "expires_in"));
		if (address == NULL || code == NULL || device == NULL) {
			r = refused(answer, err);
		} else {
			tell(address, code);
			r = poll_device(a, token_url, device, interval > 0 ? interval : 5, (int64_t)time(NULL) + (lasts > 0 ? lasts : 900), stop, err);
		}
	}
	json_decref(answer);
	free(url);
	free(token_url);
	return r;
}
