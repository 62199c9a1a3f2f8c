/* SPDX-License-Identifier: MIT */
/* Ending in order: SIGINT, SIGTERM and SIGHUP ask, long work looks. A second signal ends at once. */
#ifndef CLI_ENDING_H
#define CLI_ENDING_H

void ending_watch(void);		/* installs the handlers */
const volatile int *ending_asked(void);	/* points to 1 once a signal came */

#endif
