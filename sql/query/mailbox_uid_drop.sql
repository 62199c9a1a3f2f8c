-- A mail is done. ?1 account, ?2 folder, ?3 uid.
DELETE FROM mailbox_uid WHERE account = ?1 AND folder = ?2 AND uid = ?3;
