-- New totals of (domain, address, results, outcome). ?1 given: domain, source, auth_set, outcome, sender, way, messages, first_day, span.
-- OR FAIL: no statement journal, for after a failure the whole transaction is rolled back.
INSERT OR FAIL INTO flow (domain, source, auth_set, outcome, sender, messages, first_day, span_way)
SELECT c0, c1, c2, c3, c4, c6, c7, c8 << 2 | c5 FROM given(?1);
