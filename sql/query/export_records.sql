-- Which records were reported for days ?1..?2? Columns of v_records. Within a report they come in the order
-- of their row ids, which is that of their numbers; asking for it would sort them all.
SELECT * FROM v_records WHERE day BETWEEN ?1 AND ?2 ORDER BY report;
-- scans: flow because the table is written whole
-- scans: report because the table is written whole
-- scans: daily because the table is written whole
