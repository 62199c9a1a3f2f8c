-- Nothing is left of these totals. ?1 domain, ?2 source, ?3 auth_set, ?4 outcome.
DELETE FROM flow WHERE domain = ?1 AND source = ?2 AND auth_set = ?3 AND outcome = ?4;
