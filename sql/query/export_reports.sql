-- Which reports begin on days ?1..?2? Columns of v_reports.
SELECT * FROM v_reports WHERE date("begin", 'unixepoch') BETWEEN ?1 AND ?2 ORDER BY id;
-- scans: flow because the table is written whole
-- scans: report because the table is written whole
-- scans: daily because the table is written whole
