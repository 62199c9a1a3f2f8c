-- What did the last analysis find, in its order? Columns of v_findings. ?1 and ?2 (days) are not used.
SELECT * FROM v_findings WHERE ?1 IS NOT NULL AND ?2 IS NOT NULL;
-- scans: flow because the table is written whole
-- scans: report because the table is written whole
-- scans: daily because the table is written whole
