-- What do we hold of this address with these results and this outcome? ?1 domain, ?2 source, ?3 auth_set, ?4 outcome. Columns of flow from auth_set on.
SELECT auth_set, outcome, sender, way, messages, first_day, span FROM flow WHERE domain = ?1 AND source = ?2 AND auth_set = ?3 AND outcome = ?4;
