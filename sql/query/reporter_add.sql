-- A new reporter. Parameters as in reporter_find.
INSERT INTO reporter (org_name, email, extra_contact_info, generator) VALUES (?1, ?2, ?3, ?4);
