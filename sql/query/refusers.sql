-- Which receivers refused or junked mail of which sender of a domain? In the newest reports, until ?4 records are looked at. ?1 domain, ?2 from,
-- ?3 to, ?4 at most. Columns: sender, org_name.
WITH run AS (
	SELECT r.reporter, r.domain, r.first_record, r.last_record, sum(r.records) OVER (ORDER BY r.day DESC, r.key) - r.records AS before
	FROM report r WHERE r.domain = ?1 AND r.day BETWEEN ?2 AND ?3 AND r.counted = 1
)
SELECT DISTINCT f.sender, p.org_name
FROM run r
CROSS JOIN record c ON c.id BETWEEN r.first_record AND min(r.last_record, r.first_record + ?4 - r.before - 1)
CROSS JOIN outcome o ON o.id = c.outcome AND o.disposition IN ('quarantine', 'reject')
CROSS JOIN flow f ON f.domain = r.domain AND f.source = c.source AND f.auth_set = c.auth_set AND f.outcome = c.outcome
CROSS JOIN reporter p ON p.id = r.reporter
WHERE r.before < ?4 AND c.messages > 0;
