-- Standings of senders, in place of what there was of them. ?1 given: domain, sender, mine, basis, confidence, class, evidence, addresses, auth_set,
-- first_day (a number), last_day, own_way, fail_set.
-- OR FAIL: no statement journal, for after a failure the whole transaction is rolled back.
INSERT OR FAIL INTO standing (domain, sender, mine, basis_no, confidence_no, class_no, known_by, addresses, auth_set, first_no, last_no, own_way, fail_set)
SELECT c0, c1, c2, CASE c3 WHEN '' THEN 0 WHEN 'label' THEN 1 WHEN 'history' THEN 2 WHEN 'vouched' THEN 3 END,
       CASE c4 WHEN 'low' THEN 0 WHEN 'medium' THEN 1 WHEN 'high' THEN 2 END,
       CASE c5 WHEN 'not_you' THEN 0 WHEN 'undecided' THEN 1 WHEN 'passing' THEN 2 WHEN 'forwarded' THEN 3 WHEN 'at_risk' THEN 4 WHEN 'losing' THEN 5 END,
       nullif(c6, 'by its address only'), c7, c8, c9, c10, c11, c12 FROM given(?1) WHERE true
ON CONFLICT (domain, sender) DO UPDATE SET mine = excluded.mine, basis_no = excluded.basis_no, confidence_no = excluded.confidence_no,
	class_no = excluded.class_no, known_by = excluded.known_by, addresses = excluded.addresses, auth_set = excluded.auth_set, first_no = excluded.first_no,
	last_no = excluded.last_no, own_way = excluded.own_way, fail_set = excluded.fail_set;
