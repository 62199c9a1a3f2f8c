-- Which reports of this key are there? ?1 key, ?2 SHA-256. Columns: id, of this content, counted, mail authenticated, sound without repair.
SELECT id, sha256 = ?2, counted, coalesce(mail_auth = 'pass', 0), notes IS NULL FROM report WHERE key = ?1 ORDER BY id;
