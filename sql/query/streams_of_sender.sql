-- What did one sender send directly? ?1 domain, ?2 sender, ?3 ways up to here are direct. Told: messages, source, auth_set, outcome, first_day, span.
SELECT told(messages, source, auth_set, outcome, first_day, span) FROM flow WHERE domain = ?1 AND sender = ?2 AND way <= ?3;
