-- A mail that was read after all waits to be marked, moved or deleted, unless another of its documents is none, damaged or to be read again, or its UID
-- means another mail now. ?1 account, ?2 folder, ?3 uidvalidity, ?4 uid, ?5 its item, which all its documents have.
INSERT OR REPLACE INTO mailbox_uid (account, folder, uid, state)
SELECT m.account, m.folder, ?4, 'settled' FROM mailbox m
WHERE m.account = ?1 AND m.folder = ?2 AND m.uidvalidity = ?3 AND m.last_uid >= ?4
	AND NOT EXISTS (SELECT 1 FROM intake WHERE substr(item, 1, 8) = substr(?5, 1, 8) AND item = ?5 AND state IN ('not_a_report', 'damaged', 'retry'));
