-- Keeps what the waiting mails of a folder wait for. ?1 account, ?2 folder, ?3 seen, move, delete.
INSERT OR REPLACE INTO setting (key, value) VALUES ('after:' || ?1 || '/' || ?2, ?3);
