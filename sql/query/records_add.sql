-- Records. ?1 given (id, source, messages, ident, auth_set, outcome).
-- OR FAIL: no statement journal, for after a failure the whole transaction is rolled back.
INSERT OR FAIL INTO record (id, source, messages, ident, auth_set, outcome) SELECT c0, c1, c2, c3, c4, c5 FROM given(?1);
