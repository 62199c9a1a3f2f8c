-- How far is a folder read, and when did the mail it was read to arrive? ?1 account, ?2 folder. Columns: uidvalidity, last_uid, time or 0.
SELECT uidvalidity, last_uid, coalesce((
	SELECT CAST(substr(s.value, length(m.uidvalidity || ' ' || m.last_uid || ' ') + 1) AS INTEGER) FROM setting s
	WHERE s.key = 'last:' || ?1 || '/' || ?2 AND
		substr(s.value, 1, length(m.uidvalidity || ' ' || m.last_uid || ' ')) = m.uidvalidity || ' ' || m.last_uid || ' '), 0)
FROM mailbox m WHERE account = ?1 AND folder = ?2;
