-- A mail is to be read again. ?1 account, ?2 folder, ?3 uid.
INSERT OR REPLACE INTO mailbox_uid (account, folder, uid, state) VALUES (?1, ?2, ?3, 'retry');
