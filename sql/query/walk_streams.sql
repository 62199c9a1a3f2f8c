-- What all senders of a domain sent. ?1 domain. Told: sender, messages, way, source, auth_set, outcome.
SELECT told(sender, messages, way, source, auth_set, outcome) FROM flow WHERE domain = ?1 AND way <= 2;
