/* SPDX-License-Identifier: MIT */
/* The page's frame, and how much of everything fits into its size. See html.h, and html_part.h for the other files. */
#include "report/html.h"

#include <openssl/evp.h>
#include <stdio.h>

#include "base/digest.h"
#include "base/embed.h"
#include "report/chart.h"
#include "report/html_part.h"

enum { CELL = 60, KB = 1024 };

/* From all there is to the least that makes sense; the first that fits the budget is taken. */
static const struct page_caps levels[] = {
	{ 20, 300, 100, 60, 60, 1 },
	{ 20, 300, 80, 60, 60, 1 },
	{ 20, 300, 60, 40, 40, 1 },
	{ 20, 300, 40, 40, 40, 1 },
	{ 20, 200, 40, 40, 40, 1 },
	{ 20, 150, 30, 40, 40, 1 },
	{ 20, 100, 20, 30, 30, 1 },
	{ 20, 70, 15, 25, 25, 1 },
	{ 20, 50, 10, 20, 20, 1 },
	{ 20, 40, 8, 15, 15, 0 },
	{ 20, 30, 8, 12, 12, 0 },
	{ 20, 25, 6, 10, 10, 0 },
	{ 20, 20, 5, 8, 8, 0 },
	{ 20, 12, 3, 6, 6, 0 },
	{ 20, 8, 2, 5, 5, 0 },
	{ 12, 8, 2, 5, 5, 0 },
	{ 5, 5, 1, 3, 3, 0 },
};

/* 350 KB for one domain, 800 KB for twenty. */
static int64_t
budget(size_t domains)
{
	if (domains > 20)
		domains = 20;
	return (350 + (int64_t)(domains > 0 ? domains - 1 : 0) * 450 / 19) * KB;
}

/* --- head --- */

#define put_hash(o, path) put_hash_((o), "" path "")
static void
put_hash_(struct out *o, const char *path)
{
	const struct embed *e = embed_find(path);
	unsigned char digest[32], text[2 * sizeof(digest)];

	if (e == NULL)
		return;
	digest_bytes(e->bytes, e->len, digest);
	EVP_EncodeBlock(text, digest, sizeof(digest));
	out_lit(o, "'sha256-");
	out_text(o, (const char *)text);
	out_lit(o, "'");
}

static void
title(struct out *o, const struct summary *s)
{
	if (s->ndomains == 1)
		out_short(o, *s->domains[0].domain != '\0' ? s->domains[0].domain : "(no policy domain)", CELL);
	else if (s->ndomains == 0)
		out_lit(o, "No domain");
	else
		put_some(o, (int64_t)s->ndomains, "domain", "domains");
}

static void
head(struct out *o, const struct summary *s)
{
	out_lit(o, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src ");
	put_hash(o, "report/page.css");
	out_lit(o, "; script-src ");
	put_hash(o, "report/page.js");
	out_lit(o, "; img-src data:; base-uri 'none'; form-action 'none'\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	    "<meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"robots\" content=\"noindex, nofollow\">\n"
	    "<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"format-detection\" content=\"telephone=no\">\n"
	    "<meta name=\"generator\" content=\"dmarcsift ");
	out_text(o, s->version);
	out_lit(o, "\">\n<title>DMARC: ");
	title(o, s);
	out_lit(o, "</title>\n<link rel=\"icon\" href=\"data:,\">\n<style>");
	out_file(o, "report/page.css");
	out_lit(o, "</style>\n</head>\n");
}

static void
top_line(struct out *o, const struct summary *s)
{
	char made[11] = "";

	if (s->generated_at != NULL)
		snprintf(made, sizeof(made), "%s", s->generated_at);
	out_lit(o, "<header class=\"top\"><strong>");
	title(o, s);
	out_lit(o, "</strong><span class=\"no\">");
	put_period(o, s->begin, s->end);
	out_lit(o, "</span>");
	if (s->stale)
		out_lit(o, "<span class=\"stale\">newest report ");
	else
		out_lit(o, "<span>newest report ");
	if (s->newest_day == NULL && s->reports_until != NULL) {
		put_day(o, s->reports_until);
	} else if (s->newest_day == NULL) {
		out_lit(o, "none");
	} else if (s->gap_days > 1) {	/* its date stands among the facts */
		out_count(o, s->gap_days);
		out_lit(o, " days ago");
	} else {
		put_day(o, s->newest_day);
	}
	out_lit(o, "</span><span>made ");
	put_day(o, made);
	out_lit(o, ", dmarcsift ");
	out_text(o, s->version);
	out_lit(o, "</span><span class=\"tools script-only\"><span class=\"switch\" role=\"group\" aria-label=\"Theme\">"
	    "<a href=\"#\" data-set-theme=\"auto\">auto</a><a href=\"#theme=light\" data-set-theme=\"light\">light</a>"
	    "<a href=\"#theme=dark\" data-set-theme=\"dark\">dark</a></span>"
	    "<button type=\"button\" data-print=\"now\">print</button><button type=\"button\" data-print=\"all\">print all</button></span></header>\n");
}

static void
domain_part(const struct page *p, size_t n)
{
	const struct sum_domain *d = &p->s->domains[n];

	if (p->s->ndomains > 1) {
		out_lit(p->o, "<div class=\"domain\" id=\"");
		put_id(p->o, n, "");
		out_lit(p->o, "\"><h2>");
		out_short(p->o, d->domain, CELL);
		out_lit(p->o, "</h2>");
		page_legend(p->o, &d->counts, d->not_you_messages);
	}
	page_days(p, d, n);
	page_senders(p, d, n);
	page_policy(p, d, n);
	page_receivers(p, d, n);
	if (p->s->ndomains > 1)
		out_lit(p->o, "</div>\n");
}

static void
whole_page(const struct page *p)
{
	struct out *o = p->o;
	size_t i;

	head(o, p->s);
	out_lit(o, "<body>\n<a class=\"skip\" href=\"#main\">Skip to the verdict</a>\n");
	chart_symbols(o);
	out_lit(o, "<div class=\"frame\">\n");
	top_line(o, p->s);
	out_lit(o, "<main id=\"main\">\n");
	page_verdict(p);
	page_tasks(p);
	page_sums(p);
	if (p->s->ndomains > 1)
		page_domains(p);
	page_others(p);
	for (i = 0; i < p->s->ndomains && i < p->caps->domains; i++)
		domain_part(p, i);
	page_else(p, p->caps != &levels[0]);
	out_lit(o, "</main></div>\n<script>");
	out_file(o, "report/page.js");
	out_lit(o, "</script>\n</body>\n</html>\n");
}

/* Whether the page keeps to its budget with these caps. */
static int
fits(const struct summary *s, const struct page_caps *caps)
{
	struct page p = { out_open_null(), s, caps };
	int64_t size;

	whole_page(&p);
	size = out_size(p.o);
	out_drop(p.o);
	return size <= budget(s->ndomains);
}

void
html_write(struct out *o, const struct summary *s)
{
	struct page p = { o, s, NULL };
	size_t first = 0, last = sizeof(levels) / sizeof(*levels) - 1;

	/* The first level that fits, mostly the very first; the last is taken as it is. */
	if (!fits(s, &levels[first]))
		for (first++; first < last;) {
			size_t mid = first + (last - first) / 2;

			if (fits(s, &levels[mid]))
				last = mid;
			else
				first = mid + 1;
		}
	p.caps = &levels[first];
	whole_page(&p);
}
