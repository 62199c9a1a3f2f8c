-- New addresses. ?1 given (id, canonical text).
-- OR FAIL: no statement journal, for after a failure the whole transaction is rolled back.
INSERT OR FAIL INTO source (id, address) SELECT c0, c1 FROM given(?1);
