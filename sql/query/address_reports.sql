-- Which reports hold mail from one address? The newest first, until ?2 records are looked at. ?1 address, ?2 at most.
-- Columns: domain, org_name, report id, day, header_from, envelope_from, disposition, messages.
WITH span AS (
	SELECT f.domain, date(min(f.first_day) * 86400, 'unixepoch') AS a, date(max(f.first_day + f.span) * 86400, 'unixepoch') AS b, x.id AS source
	FROM source x CROSS JOIN domain d CROSS JOIN flow f ON f.domain = d.id AND f.source = x.id
	WHERE x.address = ?1 GROUP BY f.domain
), run AS (
	SELECT r.id, r.key, r.domain, r.reporter, r.report_id, r.day, r.first_record, r.last_record, s.source,
	       sum(r.records) OVER (ORDER BY r.day DESC, r.key) - r.records AS before
	FROM span s CROSS JOIN report r ON r.domain = s.domain AND r.day BETWEEN s.a AND s.b AND r.counted = 1
)
SELECT d.name, p.org_name, r.report_id, r.day, nullif(h.text, ''), nullif(e.text, ''), o.disposition, sum(c.messages)
FROM run r
CROSS JOIN record c ON c.id BETWEEN r.first_record AND min(r.last_record, r.first_record + ?2 - r.before - 1) AND c.source = r.source
CROSS JOIN outcome o ON o.id = c.outcome
CROSS JOIN ident i ON i.id = c.ident
CROSS JOIN name h ON h.id = i.header_from
CROSS JOIN name e ON e.id = i.envelope_from
CROSS JOIN reporter p ON p.id = r.reporter
CROSS JOIN domain d ON d.id = r.domain
WHERE r.before < ?2
GROUP BY r.id, h.text, e.text, o.disposition
ORDER BY r.day DESC, r.key, h.text, e.text, o.disposition LIMIT 40;
