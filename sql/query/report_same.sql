-- Is this very report stored? ?1 key, ?2 SHA-256. Columns: id.
SELECT id FROM report WHERE key = ?1 AND sha256 = ?2 ORDER BY id LIMIT 1;
