-- New identifiers. Parameters as in ident_find.
INSERT INTO ident (header_from, envelope_from, envelope_to, reason_set) VALUES (?1, ?2, ?3, ?4);
