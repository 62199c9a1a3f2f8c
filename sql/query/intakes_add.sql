-- Rows of the ledger. ?1 given (id, item, origin, state, reason, report, now).
INSERT INTO intake (id, item, origin, state, reason, report, imported_at, last_seen_at) SELECT c0, c1, c2, c3, c4, c5, c6, c6 FROM given(?1);
