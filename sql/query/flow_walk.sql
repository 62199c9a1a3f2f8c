-- What each address of a domain sent, in the order of the table. ?1 domain. Columns: source, sender, auth_set, messages, outcome, way.
SELECT source, sender, auth_set, messages, outcome, way FROM flow WHERE domain = ?1;
