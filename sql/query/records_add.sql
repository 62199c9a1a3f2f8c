-- Records. ?1 given (id, source, messages, ident, auth_set, outcome, reason_set).
INSERT INTO record (id, source, messages, ident, auth_set, outcome, reason_set) SELECT c0, c1, c2, c3, c4, c5, c6 FROM given(?1);
