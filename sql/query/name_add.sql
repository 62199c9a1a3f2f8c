-- A new name. ?1 text, ?2 organisational domain.
INSERT INTO name (text, org) VALUES (?1, ?2);
