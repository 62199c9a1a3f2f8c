-- Mails that waited for something else to be done with them are left alone. ?1 account, ?2 folder, ?3 what is done now.
-- Where an earlier version kept no word of what they wait for, it may not have been deleting.
DELETE FROM mailbox_uid WHERE account = ?1 AND folder = ?2 AND state = 'settled' AND
	coalesce((SELECT value FROM setting WHERE key = 'after:' || ?1 || '/' || ?2), CASE ?3 WHEN 'delete' THEN '' ELSE ?3 END) <> ?3;
