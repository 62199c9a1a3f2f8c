/* SPDX-License-Identifier: MIT */
/* Private to the room sql: what each outcome counts as, by its id (query/outcome_kinds.sql; report/verdict.h has the rules). There are a few hundred. */
#ifndef SQL_FACTS_H
#define SQL_FACTS_H

#include "sql/db.h"

/*
 * 1 or 0 each. pass; else refused, at_risk or undetermined where the sender is the user's own; unsure: undetermined where it is not. dkim, spf: passed by it.
 * stopped: quarantined or rejected. would_lose: p=reject would stop it (junk it where a published sp says quarantine), would_spare: and receivers probably would not. permerror: of SPF.
 * below: From lies below the policy domain.
 */
struct facts { char known, pass, refused, at_risk, undetermined, unsure, dkim, spf, permerror, stopped, would_lose, would_spare, below; };

struct facts_list { struct facts *at; size_t count; };	/* all 0: none loaded */

enum outcome facts_load(struct facts_list *l, struct store *s, struct err *err);	/* nothing where they are loaded */
const struct facts *facts_of(const struct facts_list *l, size_t outcome);	/* never NULL: an unknown one counts as undetermined */
void facts_free(struct facts_list *l);

#endif
