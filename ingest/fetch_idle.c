/* SPDX-License-Identifier: MIT */
/* Waiting for new mail by IDLE (RFC 2177) in the begun folder. */
#include "ingest/fetch_private.h"

#include <string.h>

int
fetcher_can_idle(const struct fetcher *f)
{
	return fetcher_main(f) != NULL && fetcher_main(f)->can_idle && f->wire != NULL;
}

static enum outcome
begin_idle(struct fetcher *f, struct err *err)
{
	int64_t until = imap_now_ms() + f->patience.idle_seconds * 1000LL;
	struct imap_response r;
	enum outcome got;

	if (imap_send(fetcher_main(f), f->idle_tag, err, "IDLE") != OK)
		return STOP;
	do {
		got = imap_receive(fetcher_main(f), f->patience.idle_seconds * 1000, &r, err);
		if (got == END || imap_now_ms() > until)
			return err_stop(err, "the server does not begin IDLE");
	} while (got == OK && r.kind == IMAP_UNTAGGED);
	if (got == OK && r.kind == IMAP_TAGGED)
		return err_skip(err, "the server refuses IDLE");
	return got;
}

enum outcome
fetcher_idle(struct fetcher *f, struct err *err)
{
	enum outcome r = begin_idle(f, err);

	f->idling = r == OK;
	if (r == STOP)		/* it broke, or may begin it still */
		fetcher_close(f, 0);
	return r;
}

int
fetcher_idle_fd(const struct fetcher *f)
{
	return imap_conn_fd(fetcher_main(f)->conn);
}

enum outcome
fetcher_idle_look(struct fetcher *f, int *news, struct err *err)
{
	struct imap_response r;
	enum outcome got = END;

	while (!fetcher_stopped(f) && (got = imap_receive(fetcher_main(f), 0, &r, err)) == OK)
		*news |= imap_is(&r, "EXISTS", NULL) || imap_is(&r, "RECENT", NULL);
	*news |= fetcher_main(f)->grown;	/* also what came while the folder was worked on */
	if (got == END)
		return OK;
	f->idling = 0;
	fetcher_close(f, 0);
	return STOP;
}

enum outcome
fetcher_idle_end(struct fetcher *f, struct err *err)
{
	int64_t until = imap_now_ms() + f->patience.idle_seconds * 1000LL;
	struct imap_response r;
	enum outcome got = STOP;

	if (!f->idling)
		return OK;
	f->idling = 0;
	if (imap_conn_send(fetcher_main(f)->conn, "DONE\r\n", 6, err) == OK)
		do
			got = imap_receive(fetcher_main(f), f->patience.idle_seconds * 1000, &r, err);
		while (got == OK && (r.kind != IMAP_TAGGED || strcmp(r.tag, f->idle_tag) != 0) && imap_now_ms() < until);
	if (got == OK && imap_now_ms() >= until)
		got = err_stop(err, "the server does not end IDLE");
	if (got != OK)
		fetcher_close(f, 0);
	return got == OK ? OK : STOP;
}
