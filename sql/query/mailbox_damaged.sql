-- Which mails of a folder, under another UIDVALIDITY than this, were damaged? ?1 account, ?2 folder, ?3 UIDVALIDITY, 0 none.
-- Columns: item, origin of one of its documents, reason, size of its bytes (NULL: they are not kept). Not those that are to be read again for the sake of another document.
-- The first condition is that of the index intake_trouble, word for word.
SELECT item, origin, reason, (SELECT r.size FROM intake k CROSS JOIN raw r ON r.intake = k.id WHERE substr(k.item, 1, 8) = substr(d.item, 1, 8) AND k.item = d.item)
FROM (
	SELECT id, item, origin, reason FROM intake
	WHERE state <> 'stored' AND state = 'damaged' AND
		substr(origin, 1, length('imap:' || ?1 || '/' || ?2 || ';UIDVALIDITY=')) = 'imap:' || ?1 || '/' || ?2 || ';UIDVALIDITY=' AND
		substr(origin, 1, length('imap:' || ?1 || '/' || ?2 || ';UIDVALIDITY=' || ?3 || ';')) <> 'imap:' || ?1 || '/' || ?2 || ';UIDVALIDITY=' || ?3 || ';'
	ORDER BY id DESC LIMIT 4096	-- where the folder is read anew each is tried with each mail
) d
WHERE NOT EXISTS (SELECT 1 FROM intake r WHERE substr(r.item, 1, 8) = substr(d.item, 1, 8) AND r.item = d.item AND r.state = 'retry')
GROUP BY item ORDER BY min(id);
