-- The same as policy_told.sql of any day, also of one that cannot be or be read. ?1 domain.
SELECT r.reporter, r.policy, r.begin_at, r.key FROM report r WHERE r.domain = ?1 AND r.counted = 1 ORDER BY r.day DESC;
