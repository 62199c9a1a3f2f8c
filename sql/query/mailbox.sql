-- How far is a folder read? ?1 account, ?2 folder. Columns: uidvalidity, last_uid.
SELECT uidvalidity, last_uid FROM mailbox WHERE account = ?1 AND folder = ?2;
