-- How does a report to be forgotten stand? ?1 report. Columns: counted.
SELECT counted FROM report WHERE id = ?1;
