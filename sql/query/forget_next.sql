-- The next report to forget. ?1 policy domain, report id, or the number in v_reports. Columns: id, counted.
SELECT r.id, r.counted FROM report r JOIN domain d ON d.id = r.domain
WHERE d.name = lower(?1) OR r.report_id = ?1 OR CAST(r.id AS TEXT) = ?1 ORDER BY r.id LIMIT 1;
-- scans: report because it is a rare command over a table without an index on report_id
