-- Keeps whose mailbox a folder is. ?1 account, ?2 folder, ?3 user and host.
INSERT OR REPLACE INTO setting (key, value) VALUES ('mailbox:' || ?1 || '/' || ?2, ?3);
