/* SPDX-License-Identifier: MIT */
/* See label.h. */
#include "report/label.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/text.h"
#include "report/sender.h"

static enum outcome
take(void *ctx, const char *what, const char *class, const char *name, const char *origin)
{
	struct labels *labels = ctx;
	const struct sender *known;
	struct label *l;

	(void)origin;
	labels->list = mem_grow(labels->list, labels->count + 1, sizeof(*labels->list));
	l = &labels->list[labels->count++];
	l->what = arena_str(labels->text, what);
	l->class = arena_str(labels->text, class);
	l->name = name != NULL && *name != '\0' ? arena_str(labels->text, name) : NULL;
	/* A network contains its own first address, an address itself. */
	l->is_place = ip_within(arena_strn(labels->text, what, strcspn(what, "/")), what);
	known = l->is_place ? NULL : sender_of(what, BY_DKIM);
	l->catalogue = known != NULL ? known->id : NULL;
	return OK;
}

enum outcome
labels_read(struct labels *out, struct store *s, struct err *err)
{
	memset(out, 0, sizeof(*out));
	out->text = arena_new();
	return store_each_label(s, take, out, err);
}

void
labels_free(struct labels *l)
{
	free(l->list);
	arena_free(l->text);
	memset(l, 0, sizeof(*l));
}

static int
signs(const struct auth *auths, size_t count, const char *domain)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (auths[i].kind == KIND_DKIM && auths[i].result.code == AUTH_PASS && auths[i].domain != NULL && strcmp(auths[i].domain, domain) == 0)
			return 1;
	return 0;
}

/* How narrow a place is: prefix length above 1000, an address above all prefixes; 0: the address is not in it. A network is a sender, too. */
static int
place_weight(const char *address, const char *what)
{
	const char *slash = strchr(what, '/');
	int64_t bits;

	if (*address == '\0' || !ip_within(address, what))
		return 0;
	return slash == NULL || !text_int64(slash + 1, strlen(slash + 1), &bits) ? 2000 : 1000 + (int)bits;
}

static const struct label *
narrowest(const struct labels *l, const char *address, const char *sender, const struct auth *auths, size_t count)
{
	const struct label *best = NULL;
	int weight = 0, this;
	size_t i;

	for (i = 0; i < l->count; i++) {
		const struct label *x = &l->list[i];

		if (x->is_place)
			this = strcmp(x->what, sender) == 0 ? 3000 : place_weight(address, x->what);
		else if (signs(auths, count, x->what))
			this = 20;
		else
			this = strcmp(x->what, sender) == 0 || (x->catalogue != NULL && strcmp(x->catalogue, sender) == 0) ? 10 : 0;
		if (this > weight) {
			weight = this;
			best = x;
		}
	}
	return best;
}

const struct label *
label_of_mail(const struct labels *l, const char *address, const char *sender, const struct auth *auths, size_t count)
{
	return narrowest(l, address, sender, auths, count);
}

const struct label *
label_of_sender(const struct labels *l, const char *sender)
{
	return narrowest(l, sender, sender, NULL, 0);
}
