-- The reports of a domain in a period, newest first. ?1 domain, ?2 from, ?3 to. Columns: first record, last record, records, reporter.
SELECT r.first_record, r.last_record, r.records, r.reporter FROM report r
WHERE r.domain = ?1 AND r.day BETWEEN ?2 AND ?3 AND r.counted = 1 ORDER BY r.day DESC, r.key;
