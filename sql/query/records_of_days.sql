-- The counted records of a domain on these days, of some addresses. ?1 domain, ?2 first day, ?3 last day, ?4 sieve of sources, ?5 given (sender, way, outcome), ?6 1: only
-- of days with such mail. Columns: record, source, auth_set, outcome, messages, day.
SELECT c.id, c.source, c.auth_set, c.outcome, c.messages, r.day
FROM (SELECT DISTINCT day FROM report WHERE domain = ?1 AND day BETWEEN ?2 AND ?3) x
CROSS JOIN report r ON r.domain = ?1 AND r.day = x.day AND r.counted = 1
CROSS JOIN record c ON c.id BETWEEN r.first_record AND r.last_record AND sieve(?4, c.source)
WHERE ?6 = 0 OR EXISTS (SELECT 1 FROM given(?5) k CROSS JOIN daily d
	ON d.domain = ?1 AND d.day = x.day AND d.sender = k.c0 AND d.way = k.c1 AND d.outcome = k.c2);
