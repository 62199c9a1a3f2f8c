/* SPDX-License-Identifier: MIT */
/*
 * The fetcher's life, its mails given out in the order of their UIDs, and what is known of it. The work is done by
 * fetch_connect.c, fetch_list.c, fetch_batch.c, fetch_work.c, fetch_after.c and fetch_idle.c. See fetch.h.
 */
#include "ingest/fetch.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ingest/fetch_private.h"
#include "ingest/oauth.h"

static const int64_t MAIL_MOST = 50 << 20;	/* where the limits say nothing */

struct fetcher *
fetcher_new(const struct account *a, const struct ingest_limits *limits, const volatile int *stop)
{
	struct fetcher *f = mem_alloc(sizeof(*f));

	f->account = a;
	f->limits = *limits;
	f->stop = stop;
	f->at_once = AT_ONCE;
	f->patience.literal_most = fetcher_cap(f) + (1 << 20);
	f->patience.idle_seconds = limits->idle_seconds > 0 ? limits->idle_seconds : 60;
	f->patience.command_seconds = limits->command_seconds > 0 ? limits->command_seconds : 900;
	return f;
}

void
fetcher_drop_folder(struct fetcher *f)
{
	struct batch *b;

	while ((b = f->first) != NULL) {
		f->first = b->next;
		batch_free(b);
	}
	f->last = NULL;
	free(f->mails);
	free(f->folder);
	free(f->wire);
	f->mails = NULL;
	f->folder = f->wire = NULL;
	f->count = f->planned = 0;
	f->in_flight = 0;
	f->uidvalidity = f->top = 0;
	f->renumbered = 0;
	atomic_store(&f->done_bytes, 0);
	atomic_store(&f->total_bytes, 0);
}

void
fetcher_free(struct fetcher *f)
{
	int i;

	if (f == NULL)
		return;
	for (i = 0; i < SESSIONS; i++)
		fetcher_close(f, i);
	fetcher_drop_folder(f);
	if (f->have_secret)
		secret_free(&f->secret);
	free(f->target);
	free(f);
}

static struct item *
item_of(const struct fetcher *f, struct mail *m)
{
	struct item *it = item_new();
	char *place = fetcher_place(f, m->uid);

	it->origin = it->place = arena_str(it->text, place);
	free(place);
	it->bytes = it->owned = m->bytes;
	it->len = m->len;
	it->size = m->size;
	it->is_mail = 1;
	it->tag = m->uid;
	it->refused = arena_str(it->text, m->why);
	it->again = m->again;
	it->refused_retry = m->why != NULL && !m->for_good;
	m->bytes = NULL;
	return it;
}

enum outcome
fetcher_next(struct fetcher *f, struct item **item, struct err *err)
{
	struct batch *b;
	struct mail *m;

	if (f->planned == 0)
		fetcher_more(f);
	for (;;) {
		batch_plan(f);
		if ((b = f->first) == NULL)
			return END;
		if (fetcher_complete_first(f, err) != OK)
			return STOP;
		while (b->given < b->count) {
			m = &b->mails[b->given++];
			atomic_fetch_add(&f->done_bytes, m->size);
			if (m->state == GOT || m->state == GIVEN_UP) {
				*item = item_of(f, m);
				return OK;
			}
		}
		f->first = b->next;
		if (f->first == NULL)
			f->last = NULL;
		f->in_flight -= b->bytes;
		batch_free(b);
	}
}

struct imap_session *
fetcher_main(const struct fetcher *f)
{
	return f->sessions[0];
}

int64_t
fetcher_cap(const struct fetcher *f)
{
	return f->limits.mail_bytes > 0 ? f->limits.mail_bytes : MAIL_MOST;
}

int
fetcher_stopped(const struct fetcher *f)
{
	return f->stop != NULL && *f->stop;
}

enum outcome
fetcher_tell_stop(const struct fetcher *f, struct err *err)
{
	return err_stop(err, "account %s: ended by a signal; what was read is stored, the next run goes on", f->account->name);
}

int
fetcher_is_connected(const struct fetcher *f)
{
	return fetcher_main(f) != NULL;
}

int
fetcher_only_marked(const struct fetcher *f)
{
	return f->only_marked;
}

int64_t
fetcher_uidvalidity(const struct fetcher *f)
{
	return f->uidvalidity;
}

int
fetcher_is_renumbered(const struct fetcher *f)
{
	return f->renumbered;
}

char *
fetcher_place(const struct fetcher *f, int64_t uid)
{
	return mem_fmt("imap:%s/%s;UIDVALIDITY=%lld;UID=%lld", f->account->name, f->folder, (long long)f->uidvalidity, (long long)uid);
}

int64_t
fetcher_top(const struct fetcher *f)
{
	return f->top;
}

void
fetcher_progress(const struct fetcher *f, int64_t *done, int64_t *total)
{
	*done = atomic_load(&f->done_bytes);
	*total = atomic_load(&f->total_bytes);
}

enum outcome
fetch_device_login(const struct account *a, void (*tell)(const char *address, const char *code), const volatile int *stop, struct err *err)
{
	return oauth_device_login(a, tell, stop, err);
}
