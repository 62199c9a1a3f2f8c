-- A mail that was read after all waits to be marked, moved or deleted, unless another of its documents is none, damaged or to be read again, or its UID
-- means another mail now. ?1 account, ?2 folder, ?3 uidvalidity, ?4 uid, ?5 its place.
-- The first condition on intake is that of the index intake_trouble, word for word.
INSERT OR REPLACE INTO mailbox_uid (account, folder, uid, state)
SELECT m.account, m.folder, ?4, 'settled' FROM mailbox m
WHERE m.account = ?1 AND m.folder = ?2 AND m.uidvalidity = ?3 AND m.last_uid >= ?4
	AND NOT EXISTS (SELECT 1 FROM intake WHERE state <> 'stored' AND state IN ('not_a_report', 'damaged', 'retry')
		AND substr(origin || '/', 1, length(?5) + 1) = ?5 || '/');
