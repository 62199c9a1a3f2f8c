-- Which row holds this of a mail? ?1 domain of From, ?2 what its authentication says. Columns: id.
SELECT id FROM mail WHERE mail_from = ?1 AND mail_auth = ?2;
