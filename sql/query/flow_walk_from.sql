-- As flow_walk, for a later pass. ?1 domain, ?2 senders from here on. Told: the same.
SELECT told(source, sender, auth_set, outcome, way, messages) FROM flow WHERE domain = ?1 AND sender >= ?2;
