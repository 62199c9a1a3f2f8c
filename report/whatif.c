/* SPDX-License-Identifier: MIT */
/*
 * `report --policy`: what a policy would have lost of the user's own mail, by sender, and the conditions of the next
 * step with their figures. "Rejected" is what the domain asks for: receivers may do less.
 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "report/report.h"
#include "report/summary.h"

struct lost { FILE *out; int64_t total, spared; int rows; };

static void
put_clean(FILE *out, const char *text)
{
	struct buf b;

	buf_init(&b, 1 << 16);
	text_clean(&b, text, strlen(text));
	fputs(b.at, out);
	buf_free(&b);
}

static enum outcome
row(void *ctx, const struct whatif_row *r)
{
	struct lost *l = ctx;
	char number[28];

	l->total += r->lost;
	l->spared += r->spared;
	l->rows++;
	fprintf(l->out, "%10s  ", text_count(r->lost, number));
	put_clean(l->out, r->name);
	fputs(" as ", l->out);
	put_clean(l->out, *r->domain != '\0' ? r->domain : "(no policy domain)");
	if (r->spared > 0)
		fprintf(l->out, " (%s of them receivers would probably let through)", text_count(r->spared, number));
	fputc('\n', l->out);
	return OK;
}

static void
gates(FILE *out, const struct sum_domain *d)
{
	static const char *const marks[] = { "?", "+", "-" };
	size_t i;

	if (d->ngates == 0 || d->next_policy == NULL)
		return;
	fputs("\n", out);
	put_clean(out, d->domain);
	fprintf(out, ": conditions for p=%s\n", d->next_policy);
	for (i = 0; i < d->ngates; i++) {
		const struct sum_gate *g = &d->gates[i];

		fprintf(out, "  [%s] %s: %s (wanted: %s)", marks[g->state], g->name, g->value != NULL ? g->value : "unknown", g->wanted);
		if (g->blockers != NULL && *g->blockers != '\0') {
			fputs(": ", out);
			put_clean(out, g->blockers);
		}
		fputc('\n', out);
	}
}

enum outcome
whatif_write(struct store *s, const struct report_options *o, const struct whatif *w, FILE *out, struct err *err)
{
	static const char *const words[] = { "none", "quarantine", "reject" };
	struct report_options brief = *o;
	struct lost l = { out, 0, 0, 0 };
	struct summary *summary;
	char number[28];
	enum outcome r;
	size_t i;

	brief.brief = 1;
	fprintf(out, "Had p=%s", words[w->policy]);
	if (w->subpolicy != w->policy)
		fprintf(out, " sp=%s", words[w->subpolicy]);
	fprintf(out, "%s been in force from %s to %s, of your own mail there had been %s:\n", w->strict ? " with strict alignment" : "",
	    o->from, o->to, w->policy == 1 && w->subpolicy < 2 ? "junked" : "lost");
	if ((r = store_each_whatif(s, w, o->from, o->to, row, &l, err)) != OK)
		return r;
	if (l.rows == 0)
		fputs("         0  nothing\n", out);
	else
		fprintf(out, "%10s  in all\n", text_count(l.total, number));
	if ((r = summarise(s, &brief, &summary, err)) != OK)
		return r;
	for (i = 0; i < summary->ndomains; i++)
		gates(out, &summary->domains[i]);
	summary_free(summary);
	return OK;
}
