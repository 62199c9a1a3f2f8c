-- A record. ?1 id, ?2 source, ?3 messages, ?4 ident, ?5 auth_set, ?6 outcome, ?7 reason_set.
INSERT INTO record (id, source, messages, ident, auth_set, outcome, reason_set) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7);
