-- A largest stream of a sender. ?1 domain, ?2 sender, ?3 kind, ?4 auth_set, ?5 source, ?6 messages.
INSERT INTO standing_stream (domain, sender, kind, auth_set, source, messages) VALUES (?1, ?2, ?3, ?4, ?5, ?6);
