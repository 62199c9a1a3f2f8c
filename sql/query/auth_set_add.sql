-- A new set of results. ?1 digest.
INSERT INTO auth_set (digest) VALUES (?1);
