-- Whose mailbox was a folder last time? ?1 account, ?2 folder. Columns: user and host.
SELECT value FROM setting WHERE key = 'mailbox:' || ?1 || '/' || ?2;
