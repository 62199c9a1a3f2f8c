-- Which records belong to reports that began before the day, in the order they lie? ?1 day. Columns: first, last.
SELECT first_record, last_record FROM report WHERE day < ?1 AND last_record >= first_record ORDER BY first_record;
-- scans: report because retention looks at all of it once a night
