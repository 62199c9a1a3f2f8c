-- What do we hold of this address, the newest results first? ?1 domain, ?2 source. Columns of flow from auth_set on.
SELECT auth_set, outcome, sender, way, messages, first_day, span FROM flow WHERE domain = ?1 AND source = ?2 ORDER BY auth_set DESC, outcome DESC;
