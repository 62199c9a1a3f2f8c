-- How does a report to be forgotten stand? ?1 report. Columns: counted, its records gone (retention).
SELECT counted, records > 0 AND last_record < first_record FROM report WHERE id = ?1;
