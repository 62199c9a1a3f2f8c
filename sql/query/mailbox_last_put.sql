-- Keeps when the last mail of a folder that was read arrived. ?1 account, ?2 folder, ?3 "UIDVALIDITY UID time".
INSERT OR REPLACE INTO setting (key, value) VALUES ('last:' || ?1 || '/' || ?2, ?3);
