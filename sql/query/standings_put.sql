-- Standings of senders, in place of what there was of them. ?1 given, in the order of the columns.
-- OR FAIL: no statement journal, for after a failure the whole transaction is rolled back.
INSERT OR FAIL INTO standing (domain, sender, mine, basis, confidence, class, evidence, addresses, auth_set, first_day, last_day, own_way, fail_set)
SELECT c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12 FROM given(?1) WHERE true
ON CONFLICT (domain, sender) DO UPDATE SET mine = excluded.mine, basis = excluded.basis, confidence = excluded.confidence, class = excluded.class,
	evidence = excluded.evidence, addresses = excluded.addresses, auth_set = excluded.auth_set, first_day = excluded.first_day,
	last_day = excluded.last_day, own_way = excluded.own_way, fail_set = excluded.fail_set;
