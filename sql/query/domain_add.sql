-- A new policy domain. ?1 name, ?2 organisational domain, ?3 foreign (1, 0).
INSERT INTO domain (name, org, "foreign") VALUES (?1, ?2, ?3);
