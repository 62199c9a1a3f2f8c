-- The next report to forget of a domain. ?1 domain. Columns: id.
SELECT id FROM report WHERE domain = ?1 LIMIT 1;
