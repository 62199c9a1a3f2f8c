-- Which records were reported for days ?1..?2? ?3 1: only of given(?4) (domain). Columns of v_records. Within a report they come in the order
-- of their row ids, which is that of their numbers; asking for it would sort them all.
SELECT * FROM v_records
WHERE report IN (SELECT r.id FROM domain d CROSS JOIN report r ON r.domain = d.id AND r.day BETWEEN ?1 AND ?2 AND r.counted = 1
                 WHERE ?3 = 0 OR d.id IN (SELECT c0 FROM given(?4)))
ORDER BY report;
-- scans: flow because the table is written whole
-- scans: report because the table is written whole
-- scans: daily because the table is written whole
