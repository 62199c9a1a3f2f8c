-- New sets of results. ?1 given (id, digest).
INSERT INTO auth_set (id, digest) SELECT c0, c1 FROM given(?1);
