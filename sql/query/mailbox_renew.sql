-- Forgets the single mails of a folder whose UIDVALIDITY changed. ?1 account, ?2 folder, ?3 the UIDVALIDITY now.
DELETE FROM mailbox_uid WHERE account = ?1 AND folder = ?2 AND EXISTS (
	SELECT 1 FROM mailbox m WHERE m.account = ?1 AND m.folder = ?2 AND m.uidvalidity <> ?3);
