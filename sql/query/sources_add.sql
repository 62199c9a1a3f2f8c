-- New addresses. ?1 given (id, canonical text).
INSERT INTO source (id, address) SELECT c0, c1 FROM given(?1);
