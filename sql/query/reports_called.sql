-- Which report has this number, and which have this report id? ?1 what was asked for. Columns: id, reporter, domain, day, counted, 1 for the number.
SELECT r.id, coalesce(nullif(p.org_name, ''), nullif(p.email, '')), nullif(d.name, ''), r.day, r.counted, CAST(r.id AS TEXT) = ?1 AS by_number
FROM report r JOIN domain d ON d.id = r.domain JOIN reporter p ON p.id = r.reporter
WHERE CAST(r.id AS TEXT) = ?1 OR r.report_id = ?1 ORDER BY by_number DESC, r.id;
-- scans: report because it is a rare command over a table without an index on report_id
