-- Who reported which sender of a domain in a period, and what did they do? The newest reports first, until ?4 records are looked at.
-- ?4 at most, ?5 to ?6 senders (?5 0: all), ?7 given (report): the newest that hold as many. Columns: sql/overview.h; numbers are named n_.
WITH run AS (
	SELECT r.id, r.key, r.reporter, r.report_id, r.day, r.domain, r.first_record, r.last_record,
	       sum(r.records) OVER (ORDER BY r.day DESC, r.key) - r.records AS before
	FROM report r WHERE r.id IN (SELECT c0 FROM given(?7))
)
SELECT reporter_name(p.org_name, p.email), r.report_id, r.day, f.sender AS n_who,
       sum(CASE WHEN o.disposition NOT IN ('reject', 'quarantine') THEN c.messages ELSE 0 END) AS n_none,
       sum(CASE WHEN o.disposition = 'quarantine' THEN c.messages ELSE 0 END) AS n_quarantine,
       sum(CASE WHEN o.disposition = 'reject' THEN c.messages ELSE 0 END) AS n_reject
FROM run r
CROSS JOIN record c ON c.id BETWEEN r.first_record AND min(r.last_record, r.first_record + ?4 - r.before - 1)
CROSS JOIN outcome o ON o.id = c.outcome
CROSS JOIN flow f ON f.domain = r.domain AND f.source = c.source AND f.auth_set = c.auth_set AND f.outcome = c.outcome
CROSS JOIN reporter p ON p.id = r.reporter
WHERE r.before < ?4 AND +f.sender BETWEEN ?5 AND ?6
GROUP BY r.day, r.key, r.id, f.sender ORDER BY r.day DESC, r.key, f.sender;
