/* SPDX-License-Identifier: MIT */
/* `senders [WORD]`: the catalogue of known senders. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/command.h"
#include "cli/say.h"
#include "report/sender.h"

static void
line(const char *what, const char *text)
{
	if (*text != '\0')
		printf("%23s%-9s %s\n", "", what, text);
}

/* All the catalogue has on one sender; the user's own file is trusted as a configuration is. */
static void
show(const struct sender *s)
{
	struct sender_record r;
	size_t n;

	printf("%-22s %s (%s, confidence %s)\n", s->id, s->name, s->category, *s->confidence != '\0' ? s->confidence : "unknown");
	for (n = 0; sender_fix(s, "example.org", NULL, n, &r); n++)
		printf("%23s%-9s %s %s %s\n", "", n == 0 ? "publish" : "", r.name, r.type, r.value);
	line("where", s->where);
	line("DKIM", strcmp(s->dkim, "no") == 0 ? "cannot sign as your domain, as far as is known" : strcmp(s->dkim, "via-mailbox") == 0 ?
	    "the mailbox host behind it signs" : "");
	line("SPF", strcmp(s->spf, "no") == 0 ? "never matches your domain; DKIM is enough" : s->spf_how);
	line("carrier", s->carrier);
	line("else as", s->fallback);
	line("note", s->note);
}

static int
matches(const struct sender *s, const char *word)
{
	return text_find(s->id, word) != NULL || text_find(s->name, word) != NULL || text_find(s->category, word) != NULL ||
	    sender_of(word, BY_DKIM) == s || sender_of_selector(word) == s || sender_of(word, BY_ENVELOPE) == s || sender_of(word, BY_PTR) == s || sender_of_address(word) == s;
}

static int
run(struct app *app, int argc, char **argv)
{
	const char *value, *word = NULL;
	int at = 1, got, shown = 0;
	size_t i;

	(void)app;
	while ((got = next_option(&cmd_senders, argc, argv, &at, &value)) == 0 && word == NULL)
		word = value;
	if (got == -3)
		return EXIT_DONE;
	if (got != -1) {
		if (got == 0)
			say_error("senders: one word only");
		return EXIT_USAGE;
	}
	for (i = 0; i < sender_count(); i++) {
		if (word != NULL && !matches(sender_at(i), word))
			continue;
		shown++;
		if (word != NULL)
			show(sender_at(i));
		else
			printf("%-22s %-38s %s\n", sender_at(i)->id, sender_at(i)->name, sender_at(i)->category);
	}
	if (shown == 0)
		say_error("senders: nothing in the catalogue matches %s", word);
	return EXIT_DONE;
}

const struct command cmd_senders = {
	"senders", "[WORD]", "Lists the catalogue of known sending services, mailbox hosts and forwarders, or looks one up.",
	"WORD is part of an id, name or category, or a domain seen in results (mandrillapp.com). A look-up shows the DNS\n"
	"records the service asks for, with example.org in place of your domain, where they are found in its account, whether its envelope\n"
	"can match (SPF), whose servers it uses, and what it sends as for customers who publish nothing (else as).\n\nexample: dmarcsift senders mandrillapp.com\n", NEED_NOTHING, NULL, run
};
