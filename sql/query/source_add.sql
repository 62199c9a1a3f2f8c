-- A new address. ?1 canonical text.
INSERT INTO source (address) VALUES (?1);
