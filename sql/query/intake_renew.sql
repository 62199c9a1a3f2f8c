-- Drops what is to be read again under a UIDVALIDITY that is gone. ?1 account, ?2 folder, ?3 the UIDVALIDITY now.
-- The first condition is that of the index intake_trouble, word for word.
DELETE FROM intake WHERE state <> 'stored' AND state = 'retry' AND
	substr(origin, 1, length('imap:' || ?1 || '/' || ?2 || ';UIDVALIDITY=')) = 'imap:' || ?1 || '/' || ?2 || ';UIDVALIDITY=' AND
	substr(origin, 1, length('imap:' || ?1 || '/' || ?2 || ';UIDVALIDITY=' || ?3 || ';')) <> 'imap:' || ?1 || '/' || ?2 || ';UIDVALIDITY=' || ?3 || ';';
