-- The next counted report with records. ?1 after this id. Columns: id.
SELECT id FROM report WHERE id > ?1 AND counted = 1 AND last_record >= first_record ORDER BY id LIMIT 1;
