-- As flow_walk, for a later pass. ?1 domain, ?2 senders from here on. Columns: source, sender, auth_set, messages, outcome, way.
SELECT source, sender, auth_set, messages, outcome, way FROM flow WHERE domain = ?1 AND sender >= ?2;
