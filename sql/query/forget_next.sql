-- The next report to forget of a domain. ?1 domain. Columns: id, counted.
SELECT id, counted FROM report WHERE domain = ?1 LIMIT 1;
