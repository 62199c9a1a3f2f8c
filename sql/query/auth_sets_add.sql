-- New sets of results. ?1 given (id, digest).
-- OR FAIL: no statement journal, for after a failure the whole transaction is rolled back.
INSERT OR FAIL INTO auth_set (id, digest) SELECT c0, c1 FROM given(?1);
