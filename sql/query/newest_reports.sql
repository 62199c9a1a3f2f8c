-- The reports of a domain in a period, newest first. ?1 domain, ?2 from, ?3 to. Columns: id, records.
SELECT id, records FROM report WHERE domain = ?1 AND day BETWEEN ?2 AND ?3 AND counted = 1 ORDER BY day DESC, key;
