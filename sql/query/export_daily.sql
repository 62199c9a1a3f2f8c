-- How much did each sender of each domain send on each day of ?1..?2? Columns of v_daily.
SELECT * FROM v_daily WHERE day BETWEEN ?1 AND ?2 ORDER BY day, domain, sender;
-- scans: flow because the table is written whole
-- scans: report because the table is written whole
-- scans: daily because the table is written whole
