-- Keeps how far a folder is read. ?1 account, ?2 folder, ?3 uidvalidity, ?4 last_uid.
INSERT OR REPLACE INTO mailbox (account, folder, uidvalidity, last_uid) VALUES (?1, ?2, ?3, ?4);
