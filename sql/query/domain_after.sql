-- Which domain comes next? ?1 id of the one before. Columns: id.
SELECT id FROM domain WHERE id > ?1 ORDER BY id LIMIT 1;
