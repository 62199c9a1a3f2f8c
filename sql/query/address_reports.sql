-- Which reports of a day hold mail from one address? Until ?4 records are looked at. ?1 given (domain), ?2 day, ?3 source, ?4 at most. Columns: domain,
-- org_name, report id, day, header_from, envelope_from, disposition, messages, 0; then a row of records looked at, its domain NULL.
WITH run AS (
	SELECT r.id, r.key, r.domain, r.reporter, r.report_id, r.day, r.first_record, r.records,
	       min(r.last_record, r.first_record + ?4 - (sum(r.records) OVER (ORDER BY r.key) - r.records) - 1) AS last_record
	FROM given(?1) k CROSS JOIN report r ON r.domain = k.c0 AND r.day = ?2 AND r.counted = 1
), found AS (
	SELECT d.name, reporter_name(p.org_name, p.email) AS org_name, r.report_id, r.day, nullif(h.text, '') AS header_from, nullif(e.text, '') AS envelope_from, o.disposition,
	       sum(c.messages) AS messages, 0 AS looked_at, r.key
	FROM run r
	CROSS JOIN record c ON c.id BETWEEN r.first_record AND r.last_record AND c.source = ?3
	CROSS JOIN outcome o ON o.id = c.outcome
	CROSS JOIN ident i ON i.id = c.ident
	CROSS JOIN name h ON h.id = i.header_from
	CROSS JOIN name e ON e.id = i.envelope_from
	CROSS JOIN reporter p ON p.id = r.reporter
	CROSS JOIN domain d ON d.id = r.domain
	GROUP BY r.id, h.text, e.text, o.disposition
	UNION ALL
	SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, total(records), NULL FROM run
)
SELECT name, org_name, report_id, day, header_from, envelope_from, disposition, messages, looked_at FROM found
ORDER BY key IS NULL, key, header_from, envelope_from, disposition;
