-- What each address of a domain sent, in the order of the table. ?1 domain. Told: source, sender, auth_set, outcome, way, messages.
SELECT told(source, sender, auth_set, outcome, way, messages) FROM flow WHERE domain = ?1;
