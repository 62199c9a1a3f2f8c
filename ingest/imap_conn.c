/* SPDX-License-Identifier: MIT */
/* See imap_conn.h. CURLOPT_CONNECT_ONLY: one easy handle for each connection, used once. */
#include "ingest/imap_conn.h"

#include <curl/curl.h>
#include <openssl/evp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"

enum { CONNECT_SECONDS = 30, SEND_SECONDS = 60 };

struct imap_conn { CURL *curl; };

/* What the server said while logging in: for messages, and to choose the way. */
struct login { struct buf last; int plain, xoauth2, oauthbearer, disabled; };

/* What a line says, without the tag and the NO or BAD of a refusal. */
static const char *
words_of(const char *line)
{
	const char *no = strstr(line, " NO "), *bad = strstr(line, " BAD ");
	size_t tag = strcspn(line, " ");

	if (line[0] == '*' || line[0] == '+')
		return line;
	return no == line + tag ? no + 4 : bad == line + tag ? bad + 5 : line;
}

static size_t
on_line(char *bytes, size_t size, size_t count, void *ctx)
{
	struct login *l = ctx;
	size_t len = size * count;
	const char *words;
	struct buf line;

	buf_init(&line, 4096);
	buf_add(&line, bytes, len);
	l->plain |= text_find(line.at, "AUTH=PLAIN") != NULL;
	l->xoauth2 |= text_find(line.at, "AUTH=XOAUTH2") != NULL;
	l->oauthbearer |= text_find(line.at, "AUTH=OAUTHBEARER") != NULL;
	l->disabled |= text_find(line.at, "LOGINDISABLED") != NULL;
	/* The last line that says something: a refusal, a farewell, or the reason of a refused token. */
	if (text_find(line.at, " NO ") != NULL || text_find(line.at, " BAD ") != NULL || strncmp(line.at, "* BYE", 5) == 0 ||
	    strncmp(line.at, "+ e", 3) == 0) {
		if (l->last.len > 0)
			buf_str(&l->last, " / ");
		words = words_of(line.at);
		buf_add(&l->last, words, strcspn(words, "\r\n"));
	}
	buf_free(&line);
	return len;
}

/* "+ eyJ..." is the base64 of a JSON text that tells why a token was refused. */
static void
said(const struct login *l, struct buf *out)
{
	const char *at = l->last.at;
	unsigned char plain[1024];
	size_t len;
	int n;

	if (strncmp(at, "+ ", 2) == 0) {
		len = strspn(at + 2, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=");
		if (len % 4 == 0 && len / 4 * 3 < sizeof(plain) && (n = EVP_DecodeBlock(plain, (const unsigned char *)at + 2, (int)len)) > 0) {
			text_clean(out, (const char *)plain, strnlen((const char *)plain, (size_t)n));
			at += 2 + len;
		}
	}
	text_clean(out, at, strlen(at));
}

/* curl asks once a second at least whether to go on. */
static int
on_progress(void *ctx, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	const volatile int *const *stop = ctx;

	(void)a, (void)b, (void)c, (void)d;
	return *stop != NULL && **stop;
}

static CURL *
handle_for(const struct account *a, const struct secret *secret, const char *way, int idle_seconds, struct login *l, char *why)
{
	CURL *c = curl_easy_init();

	curl_easy_setopt(c, CURLOPT_URL, a->server);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "imap,imaps");
	curl_easy_setopt(c, CURLOPT_CONNECT_ONLY, 1L);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_USE_SSL, a->plain ? (long)CURLUSESSL_NONE : (long)CURLUSESSL_ALL);
	curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
	curl_easy_setopt(c, CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)idle_seconds);
	curl_easy_setopt(c, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, why);
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_line);
	curl_easy_setopt(c, CURLOPT_HEADERDATA, l);
	curl_easy_setopt(c, CURLOPT_USERNAME, a->user);
	curl_easy_setopt(c, secret->is_token ? CURLOPT_XOAUTH2_BEARER : CURLOPT_PASSWORD, secret->text);
	curl_easy_setopt(c, CURLOPT_LOGIN_OPTIONS, way);
	if (a->ca_file != NULL)
		curl_easy_setopt(c, CURLOPT_CAINFO, a->ca_file);
	if (a->proxy != NULL)
		curl_easy_setopt(c, CURLOPT_PROXY, a->proxy);
	return c;
}

/* What to do about a refused login, from the words of the servers that are met most. */
static const char *
login_advice(const struct account *a, const struct secret *secret, const char *words)
{
	if (text_find(words, "authenticated but not connected") != NULL)
		return "the login is right, but the mailbox is not open to it: check that IMAP is enabled for the mailbox, that the token has the "
		    "scope IMAP.AccessAsUser.All (or the permission IMAP.AccessAsApp and the mailbox permission), and that `user` is the mailbox's address";
	if (text_find(words, "application-specific") != NULL || text_find(words, "app password") != NULL || text_find(words, "app-specific") != NULL ||
	    (!secret->is_token && (text_find(a->server, "imap.gmail.com") != NULL || text_find(a->server, "imap.mail.me.com") != NULL ||
	    text_find(a->server, "yahoo") != NULL)))
		return "this provider wants an app password, made in the account's security settings";
	if (!secret->is_token && text_find(a->server, "outlook.office365.com") != NULL)
		return "Microsoft 365 takes no passwords for IMAP: use oauth { ... } or token_command";
	if (text_find(words, "UNAVAILABLE") != NULL || text_find(words, "too many") != NULL || text_find(words, "[LIMIT]") != NULL)
		return "the server is busy: the next run tries again";
	if (text_find(words, "[CONTACTADMIN]") != NULL || text_find(words, "[EXPIRED]") != NULL)
		return "the account is locked, or its password has run out: its administrator can say";
	if (text_find(words, "PRIVACYREQUIRED") != NULL || text_find(words, "LOGINDISABLED") != NULL)
		return "the server wants TLS: use imaps:// or imap:// without plain = true";
	return secret->is_token ? "the token was refused: wrong scope, wrong user, or expired" : "check user and password";
}

/* What to do about a certificate, from the words of curl and OpenSSL. */
static const char *
certificate_advice(const char *why)
{
	if (text_find(why, "expired") != NULL || text_find(why, "not yet valid") != NULL)
		return "its operator has to renew it, unless the clock here is wrong";
	if (text_find(why, "subject name") != NULL || text_find(why, "does not match") != NULL)
		return "check the host name";
	return "if you trust it, give its authority as ca_file";
}

/* What to do where one side speaks TLS and the other does not; "": something else. */
static const char *
port_advice(const struct account *a, const char *why)
{
	if (text_find(why, "wrong version number") != NULL || text_find(why, "unexpected TLS packet") != NULL)
		return "; it speaks no TLS on this port: imaps:// is mostly on port 993, and imap:// for STARTTLS on 143";
	if (strncasecmp(a->server, "imap:", 5) == 0 && (text_find(why, " 0 bytes received") != NULL || text_find(why, "server response timeout") != NULL))
		return "; where the port is one for TLS from the beginning (993), it wants imaps://";
	return "";
}

/* Takes " after 23 ms" out of curl's words, so that the same trouble is always told in the same. */
static void
drop_duration(char *why)
{
	char *at = strstr(why, " after "), *end;

	if (at == NULL)
		return;
	end = at + 7 + strspn(at + 7, "0123456789");
	if (strncmp(end, " milliseconds", 13) == 0)
		end += 13;
	else if (strncmp(end, " ms", 3) == 0)
		end += 3;
	else
		return;
	memmove(at, end, strlen(end) + 1);
}

/* curl's code, with the server's own words, into a sentence. */
static enum outcome
failed(const struct account *a, const struct secret *secret, CURLcode rc, const char *why, const struct login *l, struct err *err)
{
	struct buf words;
	enum outcome r;

	buf_init(&words, 2048);
	said(l, &words);
	if (why[0] == '\0')
		why = curl_easy_strerror(rc);
	if (strstr(why, "response reading failed") != NULL)	/* said with an errno that means something else */
		why = "the server closes the connection before the login is done";
	switch (rc) {
	case CURLE_LOGIN_DENIED:
		if (words.len == 0) {	/* it was not even asked */
			r = err_stop(err, "account %s: %s offers no way to log in that is known here; %s", a->name, a->server,
			    secret->is_token ? "it takes tokens neither by XOAUTH2 nor by OAUTHBEARER: use a password" :
			    l->disabled ? "it takes no password without TLS (LOGINDISABLED): use imaps://, or imap:// without plain = true" :
			    "it takes no password: use oauth { ... } or token_command");
			break;
		}
		r = err_skip(err, "account %s: %s refuses the login: %s; %s", a->name, a->server, words.at,
		    login_advice(a, secret, words.at));
		break;
	case CURLE_PEER_FAILED_VERIFICATION:
		r = err_stop(err, "account %s: %s: the certificate does not prove the server (%s); %s", a->name, a->server, why,
		    certificate_advice(why));
		break;
	case CURLE_SSL_CACERT_BADFILE:
		r = err_stop(err, "account %s: ca_file: %s", a->name, why);
		break;
	case CURLE_USE_SSL_FAILED:
		r = err_stop(err, "account %s: %s %s%s; use imaps://, or plain = true to send the password unprotected, knowingly", a->name, a->server,
		    words.len > 0 ? "refuses STARTTLS: " : "offers no STARTTLS", words.len > 0 ? words.at : "");
		break;
	default:
		r = err_stop(err, "account %s: %s: %s%s%s%s", a->name, a->server, why, words.len > 0 ? ": " : "", words.at, port_advice(a, why));
		if (err != NULL)
			err->retry = rc != CURLE_URL_MALFORMAT && rc != CURLE_UNSUPPORTED_PROTOCOL && rc != CURLE_OPERATION_TIMEDOUT;
		break;
	}
	buf_free(&words);
	return r;
}

/* The way to log in that the server offers, where the first choice is not; NULL: there is no other. */
static const char *
other_way(const struct login *l, const struct secret *secret)
{
	if (l->last.len > 0)
		return NULL;	/* it was asked, and said no */
	if (secret->is_token)
		return !l->xoauth2 && l->oauthbearer ? "AUTH=OAUTHBEARER" : NULL;
	return l->plain ? NULL : "AUTH=*";
}

enum outcome
imap_conn_open(const struct account *a, const struct secret *secret, int idle_seconds, const volatile int *stop, struct imap_conn **out, struct err *err)
{
	const char *way = secret->is_token ? "AUTH=XOAUTH2" : "AUTH=PLAIN", *next = NULL;
	char why[CURL_ERROR_SIZE];
	struct login l;
	CURLcode rc;
	CURL *c;
	enum outcome r = OK;

	do {
		memset(&l, 0, sizeof(l));
		buf_init(&l.last, 2048);
		why[0] = '\0';
		c = handle_for(a, secret, way, idle_seconds, &l, why);
		curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
		curl_easy_setopt(c, CURLOPT_XFERINFODATA, &stop);
		curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
		rc = curl_easy_perform(c);
		drop_duration(why);
		next = rc == CURLE_LOGIN_DENIED && next == NULL ? other_way(&l, secret) : NULL;
		if (rc != CURLE_OK)
			curl_easy_cleanup(c);
		if (rc == CURLE_ABORTED_BY_CALLBACK)
			r = err_stop(err, "account %s: ended by a signal", a->name);
		else if (rc != CURLE_OK && next == NULL)
			r = failed(a, secret, rc, why, &l, err);
		buf_free(&l.last);
		way = next;
	} while (next != NULL);
	if (r != OK)
		return r;
	/* The buffers above are gone when it closes. */
	curl_easy_setopt(c, CURLOPT_NOPROGRESS, 1L);
	curl_easy_setopt(c, CURLOPT_XFERINFODATA, NULL);
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, NULL);
	curl_easy_setopt(c, CURLOPT_HEADERDATA, NULL);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, NULL);
	*out = mem_alloc(sizeof(**out));
	(*out)->curl = c;
	return OK;
}

void
imap_conn_close(struct imap_conn *c)
{
	if (c == NULL)
		return;
	curl_easy_cleanup(c->curl);
	free(c);
}

int
imap_conn_fd(const struct imap_conn *c)
{
	curl_socket_t fd = CURL_SOCKET_BAD;

	curl_easy_getinfo(c->curl, CURLINFO_ACTIVESOCKET, &fd);
	return (int)fd;
}

enum outcome
imap_conn_send(struct imap_conn *c, const char *bytes, size_t len, struct err *err)
{
	while (len > 0) {
		size_t sent = 0;
		CURLcode rc = curl_easy_send(c->curl, bytes, len, &sent);

		bytes += sent;
		len -= sent;
		if (rc == CURLE_AGAIN) {
			struct pollfd p = { imap_conn_fd(c), POLLOUT, 0 };

			if (poll(&p, 1, SEND_SECONDS * 1000) <= 0)
				return err_stop(err, "the server takes nothing more");
		} else if (rc != CURLE_OK) {
			return err_stop(err, "the connection broke: %s", curl_easy_strerror(rc));
		}
	}
	return OK;
}

enum outcome
imap_conn_receive(struct imap_conn *c, char *bytes, size_t cap, size_t *got, struct err *err)
{
	CURLcode rc;

	*got = 0;
	rc = curl_easy_recv(c->curl, bytes, cap, got);
	if (rc == CURLE_AGAIN)
		return OK;
	if (rc != CURLE_OK)
		return err_stop(err, "the connection broke: %s", curl_easy_strerror(rc));
	return *got > 0 ? OK : err_stop(err, "the server closed the connection");
}
