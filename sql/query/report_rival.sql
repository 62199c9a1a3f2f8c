-- Which report of this key is counted? ?1 key. Columns: id, mail authenticated, sound without repair.
SELECT id, coalesce(mail_auth = 'pass', 0), notes IS NULL FROM report WHERE key = ?1 AND counted = 1 ORDER BY id LIMIT 1;
