-- How much did each sender of each domain send on each day of ?1..?2? ?3 1: only of given(?4) (domain). Columns of v_daily.
SELECT * FROM v_daily
WHERE day BETWEEN ?1 AND ?2 AND (?3 = 0 OR domain IN (SELECT d.name FROM given(?4) g CROSS JOIN domain d ON d.id = g.c0))
ORDER BY day, domain, sender;
-- scans: flow because the table is written whole
-- scans: report because the table is written whole
-- scans: daily because the table is written whole
