/* SPDX-License-Identifier: MIT */
/* See refresh.h. What the findings were made with is kept beside them as one line of text, the stamp. */
#include "cli/refresh.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "cli/config.h"
#include "cli/say.h"
#include "report/analyse.h"
#include "report/attribute.h"
#include "report/sender.h"
#include "sql/store.h"

enum { WORDS_ONE_BY_ONE = 30 };

/* The day, then the settings: the thresholds that are not the usual ones, and what the configuration mirrors. Returns where these begin. */
static size_t
stamp_of(const struct app *app, struct buf *b)
{
	const struct config *c = app->config;
	struct thresholds t = c->thresholds;
	const struct threshold_name *n;
	char day[11];
	size_t from, i;

	buf_init(b, SIZE_MAX);
	(void)text_day(app->now_at, day);
	buf_fmt(b, "%s ", day);
	from = b->len;
	buf_fmt(b, "%s", DMARCSIFT_VERSION);
	for (n = threshold_names; n->name != NULL; n++) {
		double value = *threshold_at(&t, n);

		if (value < n->usual || value > n->usual)
			buf_fmt(b, " %s=%.10g", n->name, value);
	}
	for (i = 0; i < c->ndomains; i++)
		buf_fmt(b, " domain %s", c->domains[i]);
	for (i = 0; i < c->nlabels; i++)
		buf_fmt(b, " label %s %s %s", c->labels[i].what, c->labels[i].class, c->labels[i].name != NULL ? c->labels[i].name : "");
	return from;
}

static enum outcome
analyse_and_commit(struct app *app, int again, struct err *err)
{
	struct buf stamp;
	char newest[11];
	size_t from = stamp_of(app, &stamp);
	enum outcome r = STOP;

	if (store_settle(app->store, err) == OK &&
	    analyse(app->store, &app->config->thresholds, app->now_at, stamp.at + from, again, newest, err) == OK &&
	    store_put_stamp(app->store, stamp.at, stamp.at + from, newest, err) == OK)
		r = store_commit(app->store, err);
	buf_free(&stamp);
	return r;
}

enum outcome
refresh_analysis(struct app *app, struct err *err)
{
	return analyse_and_commit(app, 0, err);
}

enum outcome
refresh_all(struct app *app, struct err *err)
{
	return analyse_and_commit(app, 1, err);
}

int
refresh_is_due(struct app *app)
{
	struct buf stamp;
	int due;

	(void)stamp_of(app, &stamp);
	due = !store_has_stamp(app->store, stamp.at) || store_awaits_analysis(app->store);
	buf_free(&stamp);
	return due;
}

enum outcome
refresh_senders(struct app *app, const char *const *words, size_t count, int64_t *addresses, struct err *err)
{
	struct attribution *fresh;
	int64_t changed;
	size_t i;

	*addresses = 0;
	if (attribution_new(&fresh, app->store, err) != OK)
		return STOP;
	attribution_free(app->attribution);
	app->attribution = fresh;
	store_attributor(app->store, attribution_attributor(fresh));
	/* Each word costs a walk over the totals; many cost more than everything anew. */
	if (count > WORDS_ONE_BY_ONE)
		return store_again(app->store, NULL, &changed, err);
	for (i = 0; i < count; i++) {
		const struct sender *known = sender_of(words[i], BY_DKIM);

		if (store_relabel(app->store, words[i], known != NULL ? known->id : NULL, addresses, err) != OK)
			return STOP;
	}
	return OK;
}

/* --- labels --- */

struct mirror {
	const struct config *config;
	char *seen;		/* one for each label of the configuration: it is in the database as it should be */
	char **gone;		/* labels of an earlier configuration */
	size_t ngone;
};

static int
same(const char *a, const char *b)
{
	return strcmp(a != NULL ? a : "", b != NULL ? b : "") == 0;
}

static enum outcome
compare_label(void *ctx, const char *what, const char *class, const char *name, const char *origin)
{
	struct mirror *m = ctx;
	const struct label_setting *l;
	size_t i;

	for (i = 0; i < m->config->nlabels; i++) {
		l = &m->config->labels[i];
		if (strcmp(l->what, what) != 0)
			continue;
		m->seen[i] = same(l->class, class) && same(l->name, name) && strcmp(origin, "config") == 0;
		if (strcmp(origin, "config") != 0 && label_differs(l, class, name))
			say_warning("%s was labelled %s%s%s by command; the configuration says %s%s%s, and that stands", what, class, name != NULL ? " " : "",
			    name != NULL ? name : "", l->class, l->name != NULL ? " " : "", l->name != NULL ? l->name : "");
		return OK;
	}
	if (strcmp(origin, "config") == 0) {
		m->gone = mem_grow(m->gone, m->ngone + 1, sizeof(*m->gone));
		m->gone[m->ngone++] = mem_str(what);
	}
	return OK;
}

static enum outcome
mirror_labels(struct app *app, int *changed, struct err *err)
{
	const char **words;
	int64_t addresses;
	size_t n = 0;
	struct mirror m = { app->config, mem_alloc(app->config->nlabels + 1), NULL, 0 };
	const struct label_setting *l;
	enum outcome r = store_each_label(app->store, compare_label, &m, err);
	size_t i;

	words = mem_alloc((m.ngone + app->config->nlabels + 1) * sizeof(*words));
	for (i = 0; r == OK && i < m.ngone; i++) {
		words[n++] = m.gone[i];
		r = store_set_label(app->store, m.gone[i], NULL, NULL, "config", err);
	}
	for (i = 0; r == OK && i < app->config->nlabels; i++) {
		l = &app->config->labels[i];
		if (m.seen[i])
			continue;
		words[n++] = l->what;
		r = store_set_label(app->store, l->what, l->class, l->name, "config", err);
	}
	*changed = n > 0;
	if (r == OK && n > 0)
		r = refresh_senders(app, words, n, &addresses, err);
	free(words);
	for (i = 0; i < m.ngone; i++)
		free(m.gone[i]);
	free(m.gone);
	free(m.seen);
	return r;
}

enum outcome
refresh_mirror(struct app *app, struct err *err)
{
	const struct config *c = app->config;
	int labels = 0, domains = 0;

	if (c->path == NULL)
		return OK;
	if (store_set_domains(app->store, c->domains, c->ndomains, &domains, err) != OK || mirror_labels(app, &labels, err) != OK)
		return STOP;
	return labels || domains ? refresh_analysis(app, err) : OK;
}
