-- Builds the stale days of a domain anew from its records and their attribution. ?1 domain.
INSERT INTO daily (domain, day, sender, way, outcome, messages)
SELECT r.domain, r.day, f.sender, f.way, c.outcome, sum(c.messages)
FROM report r
CROSS JOIN record c ON c.id BETWEEN r.first_record AND r.last_record
CROSS JOIN flow f ON f.domain = r.domain AND f.source = c.source AND f.auth_set = c.auth_set AND f.outcome = c.outcome
WHERE r.domain = ?1 AND r.counted = 1
  AND r.day >= (SELECT max(stale_from, coalesce((SELECT value FROM setting WHERE key = 'pruned_before'), '')) FROM domain WHERE id = ?1)
GROUP BY r.domain, r.day, f.sender, f.way, c.outcome
HAVING sum(c.messages) <> 0;
