-- Which reports begin on days ?1..?2? ?3 1: only of given(?4) (domain). Columns of v_reports.
SELECT * FROM v_reports
WHERE id IN (SELECT r.id FROM domain d CROSS JOIN report r ON r.domain = d.id WHERE ?3 = 0 OR d.id IN (SELECT c0 FROM given(?4)))
      AND date("begin", 'unixepoch') BETWEEN ?1 AND ?2
ORDER BY id;
-- scans: flow because the table is written whole
-- scans: report because the table is written whole
-- scans: daily because the table is written whole
