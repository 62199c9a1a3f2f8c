-- Did this address bring mail of this sender? ?1 domain, ?2 source, ?3 sender. A row where it did.
SELECT 1 FROM flow WHERE domain = ?1 AND source = ?2 AND sender = ?3 LIMIT 1;
