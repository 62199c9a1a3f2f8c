/* SPDX-License-Identifier: MIT */
/* `report`: what the database says, for a terminal, as a page, as tables. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/place.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/config.h"
#include "cli/named.h"
#include "cli/opening.h"
#include "cli/outputs.h"
#include "cli/refresh.h"
#include "cli/say.h"
#include "parse/domain.h"
#include "report/analyse.h"
#include "report/report.h"
#include "report/summary.h"

enum { OPT_TEXT = 1, OPT_DOMAIN, OPT_SINCE, OPT_UNTIL, OPT_HTML, OPT_CSV, OPT_JSON, OPT_FAIL_ON, OPT_POLICY, OPT_SUBPOLICY, OPT_STRICT, OPT_PLAIN, OPT_LINKS };

static const struct option_spec specs[] = {
	{ "--text", 0, OPT_TEXT }, { "--plain", 0, OPT_PLAIN }, { "--html", 1, OPT_HTML }, { "--links", 0, OPT_LINKS }, { "--csv", 1, OPT_CSV }, { "--json", 1, OPT_JSON }, { "--fail-on", 1, OPT_FAIL_ON },
	{ "--policy", 1, OPT_POLICY }, { "--subdomain-policy", 1, OPT_SUBPOLICY }, { "--strict", 0, OPT_STRICT },
	{ "--domain", 1, OPT_DOMAIN }, { "--since", 1, OPT_SINCE }, { "--until", 1, OPT_UNTIL }, { NULL, 0, 0 }
};

struct asked {
	const char *since, *until;
	const char *html, *csv, *json;
	int fail_on;		/* place in the order of findings, from 1; 0: not asked */
	int policy, subpolicy, strict;	/* what-if: dispositions 0 to 2; -1 not asked */
	int text, plain, links;
	char **domains;
	size_t ndomains;
};

static int
is_whatif(const struct asked *a)
{
	return a->policy >= 0 || a->subpolicy >= 0 || a->strict;
}

/* Asked for, or nothing else was. */
static int
wants_text(const struct asked *a)
{
	return a->text || (a->html == NULL && a->csv == NULL && a->json == NULL && !is_whatif(a));
}

/* Colour only where somebody looks and nobody objects (no-color.org). */
static enum outcome
write_text(struct app *app, const struct asked *a, const struct summary *summary, struct err *err)
{
	const char *no = getenv("NO_COLOR");
	const struct text_options o = { .colour = !a->plain && isatty(STDOUT_FILENO) && (no == NULL || *no == '\0'), .plain = a->plain,
		.all = app->verbose > 0, .now_at = app->now_at };

	return text_write(summary, &o, stdout, err);
}

/* What is made from the summary; *found tells whether a finding is as weighty as --fail-on asks. */
static enum outcome
write_summary(struct app *app, const struct asked *a, const struct report_options *o, int *found, struct err *err)
{
	struct summary *summary;
	enum outcome done = OK;
	size_t i;

	if (summarise(app->store, o, &summary, err) != OK)
		return STOP;
	for (i = 0; i < summary->nfindings; i++) {
		int weight = finding_weight(summary->findings[i].code);

		*found |= weight > 0 && weight <= a->fail_on;
	}
	if (a->json != NULL)
		done = outputs_json(a->json, summary, err);
	if (done == OK && wants_text(a))
		done = write_text(app, a, summary, err);
	summary_free(summary);
	return done;
}

/* --- which domains --- */

/* Whether one is named so, or lies below it; if not, the nearest of them. */
struct search { const char *named; int found; char near[DOMAIN_TEXT]; size_t least; };

static void
look_at(struct search *x, const char *domain)
{
	size_t distance;

	x->found |= domain_within(domain, x->named);
	if (x->found)
		return;
	distance = domain_within(x->named, domain) ? 0 : text_distance(x->named, domain);
	if (distance < x->least && strlen(domain) < sizeof(x->near)) {
		x->least = distance;
		memcpy(x->near, domain, strlen(domain) + 1);
	}
}

static enum outcome
look_at_stored(void *ctx, int64_t id, const char *name, struct err *err)
{
	look_at(ctx, name);
	return OK;
}

static enum outcome
look_at_unheard(void *ctx, const struct overview_row *row, struct err *err)
{
	look_at(ctx, row->text[0]);
	return OK;
}

/* Of a name nothing is known nothing can be said, least of all that nothing is lost. SKIP: told. */
static enum outcome
check_domains(struct app *app, const struct asked *a, const struct report_options *o, struct err *err)
{
	enum outcome done = OK;
	size_t i, j;

	for (i = 0; done == OK && i < a->ndomains; i++) {
		struct search x = { .named = a->domains[i], .least = 3 };

		for (j = 0; j < app->config->ndomains; j++)
			look_at(&x, app->config->domains[j]);
		if (store_each_domain(app->store, look_at_stored, &x, err) != OK ||
		    store_overview(app->store, OVERVIEW_UNHEARD, 0, o->from, o->to, INT64_MAX, look_at_unheard, &x, err) != OK)
			return STOP;
		if (x.found)
			continue;
		say_error("report: --domain %s: no domain of yours, reported or configured, is called so or lies below it%s%s%s", x.named,
		    x.near[0] != '\0' ? "; did you mean " : "", x.near, x.near[0] != '\0' ? "?" : "");
		done = SKIP;
	}
	return done;
}

/* "none", "quarantine", "reject": 0 to 2, as struct whatif has them; -1: none of them. */
static int
policy_rank(const char *word)
{
	static const char *const words[] = { "none", "quarantine", "reject" };
	int i;

	for (i = 0; i < 3; i++)
		if (text_same(word, words[i]))
			return i;
	say_error("report: a policy is none, quarantine or reject, not %s", word);
	return -1;
}

static enum outcome
write_whatif(struct app *app, const struct asked *a, const struct report_options *o, struct err *err)
{
	struct whatif w = { a->policy >= 0 ? a->policy : 2, a->subpolicy, a->strict, 0 };

	return whatif_write(app->store, o, &w, stdout, err);
}

/* Every output that was asked for; the text where none was. */
static enum outcome
write_all(struct app *app, const struct asked *a, const struct report_options *o, int *found, struct err *err)
{
	enum outcome done = OK;

	if (a->html != NULL)
		done = outputs_html(app, a->html, o, err);
	if (done == OK && (a->json != NULL || a->fail_on > 0 || wants_text(a)))
		done = write_summary(app, a, o, found, err);
	if (done == OK && a->csv != NULL)
		done = outputs_csv(app, a->csv, o, 1, err);
	if (done == OK && is_whatif(a))
		done = write_whatif(app, a, o, err);
	return done;
}

/*
 * The findings are made anew where they are of another day or of other settings, or reports came since: in one short write, for which the database is
 * opened apart. Where that cannot be, what was found before is shown, and that is said.
 */
static enum outcome
freshen(struct app *app, struct err *err)
{
	struct err why = { "", 0 };
	int due = refresh_is_due(app);

	if (!due)
		return OK;
	opening_release(app);
	if (opening_take(app, NEED_WRITE, 0, &why) != OK || refresh_analysis(app, &why) != OK)
		say_warning("%s; the findings shown are those of an earlier run", why.text);
	opening_release(app);
	return opening_take(app, NEED_READ, 0, err);
}

static int
report(struct app *app, const struct asked *a)
{
	struct report_options o = { .thresholds = &app->config->thresholds, .now_at = app->now_at, .links = a->links };
	struct err err = { "", 0 };
	enum outcome done;
	char newest[11];
	int found = 0;

	if (freshen(app, &err) != OK || store_newest_day(app->store, newest, &err) != OK) {
		say_error("%s", err.text);
		return EXIT_FAILED;
	}
	if (!outputs_period(app, a->since, a->until, newest, &o))
		return EXIT_USAGE;
	o.domains = (const char *const *)a->domains;
	o.ndomains = a->ndomains;
	o.brief = 1;
	done = check_domains(app, a, &o, &err);
	if (done == SKIP)
		return EXIT_USAGE;
	if (done != OK || write_all(app, a, &o, &found, &err) != OK) {
		say_error("%s", err.text);
		return EXIT_FAILED;
	}
	return found ? EXIT_FINDINGS : EXIT_DONE;
}

static int
is_stdout(const char *path)
{
	return path != NULL && strcmp(path, "-") == 0;
}

static int
run(struct app *app, int argc, char **argv)
{
	struct asked a = { .policy = -1, .subpolicy = -1, .domains = mem_alloc((size_t)argc * sizeof(char *)) };
	const char *value;
	int at = 1, got, status;
	size_t i;

	while ((got = next_option(&cmd_report, argc, argv, &at, &value)) > 0) {
		if (got == OPT_SINCE)
			a.since = value;
		if (got == OPT_UNTIL)
			a.until = value;
		if (got == OPT_HTML)
			a.html = value;
		if (got == OPT_CSV)
			a.csv = value;
		if (got == OPT_JSON)
			a.json = value;
		if ((got == OPT_POLICY && (a.policy = policy_rank(value)) < 0) ||
		    (got == OPT_SUBPOLICY && (a.subpolicy = policy_rank(value)) < 0)) {
			got = -2;
			break;
		}
		a.strict |= got == OPT_STRICT;
		if (got == OPT_FAIL_ON && (a.fail_on = finding_weight(value)) == 0) {
			say_error("report: --fail-on knows LOST, BROKE, RISK, STALE, SPFERR, DECIDE, FWDBROKEN, SPFONLY, GONE, NEW; not %s", value);
			got = -2;
			break;
		}
		a.text |= got == OPT_TEXT;
		a.plain |= got == OPT_PLAIN;
		a.links |= got == OPT_LINKS;
		if (got == OPT_DOMAIN)
			a.domains[a.ndomains++] = named_as_stored(value);
	}
	if (got == 0)
		say_error("report: %s: takes options only; --domain names a domain", value);
	if (got == -1 && (is_stdout(a.html) || is_stdout(a.json)) && (a.text || is_whatif(&a) || (is_stdout(a.html) && is_stdout(a.json)))) {
		say_error("report: - is for one output alone; name a file for the others");
		got = -2;
	}
	if (got == -1 && is_stdout(a.csv)) {
		say_error("report: --csv wants a folder for its tables, not -");
		got = -2;
	}
	if (got == -1 && a.html != NULL && a.json != NULL && place_same(a.html, a.json)) {
		say_error("report: --html and --json name one file, %s; name another", a.html);
		got = -2;
	}
	status = got == -3 ? EXIT_DONE : got != -1 ? EXIT_USAGE : opening_begin(app, &cmd_report) ? report(app, &a) : EXIT_FAILED;
	for (i = 0; i < a.ndomains; i++)
		free(a.domains[i]);
	free(a.domains);
	return status;
}

const struct command cmd_report = {
	"report", "[OPTIONS]", "Shows what the database says: for each domain its totals and who sends as it.",
	"  --text         the summary for a terminal (the default where no file is named)\n"
	"  --plain        without colours and bars (colours come only on a terminal, and not where NO_COLOR is set)\n"
	"  --html FILE    the page; - is standard output\n"
	"  --links        the page links to the vendors it names; without it their hosts are plain text\n"
	"  --csv DIR      reports.csv, sources.csv, daily.csv, findings.csv, records.csv\n"
	"  --json FILE    the same as JSON (doc/dmarcsift.schema.json); - is standard output\n"
	"  --fail-on CODE exit status 1 where there is a finding of this weight or above, in the order LOST, BROKE,\n"
	"                 RISK, STALE, SPFERR, DECIDE, FWDBROKEN, SPFONLY, GONE, NEW\n"
	"  --policy P     what p=P (none, quarantine, reject) would have lost of your own mail, by sender, and the\n"
	"                 conditions for the next step; --subdomain-policy P for From domains below (without it a\n"
	"                 published sp that differs from p stays); --strict for strict alignment\n"
	"  --domain D     only this domain and those below it; may be repeated\n"
	"  --since WHEN   from this date on, or so many days back from now: 30d\n"
	"                 (without it: the 30 days up to the newest reported day)\n"
	"  --until WHEN   up to this date\n"
	"  -v             (before the command) everything, not only what fits 24 lines\n\n"
	"example: dmarcsift report --domain example.org --since 90d --html page.html\n", NEED_READ, specs, run
};
