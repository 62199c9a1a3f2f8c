-- Keeps since which UID of a folder the mails that are settled are marked, moved or deleted as they are now. ?1 account, ?2 folder, ?3 keep, seen, move, delete, ?4 UIDVALIDITY,
-- ?5 the last UID that was read before. Since the first where the folder was never read, or it has always been so.
INSERT INTO setting (key, value)
SELECT 'began:' || ?1 || '/' || ?2, ?3 || ' ' || ?4 || ' ' || CASE
	WHEN EXISTS (SELECT 1 FROM setting WHERE key = 'began:' || ?1 || '/' || ?2 AND value LIKE ?3 || ' % 0') THEN 0
	WHEN EXISTS (SELECT 1 FROM mailbox WHERE account = ?1 AND folder = ?2) THEN ?5 ELSE 0 END
WHERE true
ON CONFLICT (key) DO UPDATE SET value = excluded.value WHERE value NOT LIKE ?3 || ' ' || ?4 || ' %';
