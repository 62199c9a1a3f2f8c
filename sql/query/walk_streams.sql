-- What all senders of a domain sent. ?1 domain. Told: messages, source, auth_set, outcome, first_day, span, sender, way.
SELECT told(messages, source, auth_set, outcome, first_day, span, sender, way) FROM flow WHERE domain = ?1 AND way <= 2;
