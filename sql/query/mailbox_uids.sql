-- Which mails of a folder are to be read again, or wait to be moved? ?1 account, ?2 folder. Columns: uid, state.
SELECT uid, state FROM mailbox_uid WHERE account = ?1 AND folder = ?2 ORDER BY uid;
