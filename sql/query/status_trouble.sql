-- What could not be read lately, and why? Of what `retry` cannot read, for its bytes are not kept with any document of its item, that is told. Columns: what, value.
-- The first condition is that of the index intake_trouble, word for word.
SELECT i.origin, i.state || ': ' || i.reason || CASE
	WHEN EXISTS (SELECT 1 FROM intake k JOIN raw r ON r.intake = k.id WHERE substr(k.item, 1, 8) = substr(i.item, 1, 8) AND k.item = i.item) THEN ''
	WHEN i.state = 'damaged' THEN ' (its bytes are not kept)'
	WHEN substr(i.origin, 1, 5) = 'imap:' THEN ' (the next fetch asks for it again)'
	ELSE ' (read again when it is ingested again)' END
FROM intake i
WHERE i.state <> 'stored' AND i.state IN ('damaged', 'retry')
ORDER BY i.id DESC LIMIT 20;
