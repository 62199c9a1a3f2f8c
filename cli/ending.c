/* SPDX-License-Identifier: MIT */
/* See ending.h. */
#include "cli/ending.h"

#include <signal.h>
#include <string.h>

static volatile int asked;

static void
ask(int sig)
{
	(void)sig;
	asked = 1;
}

void
ending_watch(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction sa;
	size_t i;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = ask;
	sa.sa_flags = (int)SA_RESETHAND;
	sigemptyset(&sa.sa_mask);
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		(void)sigaction(signals[i], &sa, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGCHLD, SIG_DFL);	/* who starts us may ignore it: then nobody tells how a program we ran ended */
	(void)signal(SIGXFSZ, SIG_IGN);	/* a file over the limit (ulimit -f) is an error of writing */
}

const volatile int *
ending_asked(void)
{
	return &asked;
}
