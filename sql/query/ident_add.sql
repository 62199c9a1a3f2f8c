-- New identifiers. Parameters as in ident_find.
INSERT INTO ident (header_from, envelope_from, envelope_to) VALUES (?1, ?2, ?3);
