-- New totals of (domain, address, results, outcome). ?1 given, in the order of the columns.
-- OR FAIL: no statement journal, for after a failure the whole transaction is rolled back.
INSERT OR FAIL INTO flow (domain, source, auth_set, outcome, sender, way, messages, first_day, span)
SELECT c0, c1, c2, c3, c4, c5, c6, c7, c8 FROM given(?1);
