-- The counted records of a domain on these days, of some addresses, the last days first. ?1 domain, ?2 first day, ?3 last day, ?4 sieve of sources.
-- Columns: source, auth_set, outcome, day.
SELECT c.source, c.auth_set, c.outcome, r.day
FROM report r CROSS JOIN record c ON c.id BETWEEN r.first_record AND r.last_record AND sieve(?4, c.source)
WHERE r.domain = ?1 AND r.day BETWEEN ?2 AND ?3 AND r.counted = 1
ORDER BY r.day DESC;
