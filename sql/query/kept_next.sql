-- The next kept document that may be read again. ?1 after this ledger row. Columns: intake, item, origin, size, bytes.
SELECT i.id, i.item, i.origin, r.size, r.bytes FROM intake i JOIN raw r ON r.intake = i.id
WHERE i.state IN ('damaged', 'retry') AND i.id > ?1 ORDER BY i.id LIMIT 1;
