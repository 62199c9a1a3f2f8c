-- Who told which policy of a domain? ?1 domain, ?2 the last day asked about. Newest day first; policy.c stops after some days. Columns: receiver, policy, begin, key.
SELECT r.reporter, r.policy, r.begin_at, r.key FROM report r WHERE r.domain = ?1 AND r.counted = 1 AND r.day <= ?2 ORDER BY r.day DESC;
