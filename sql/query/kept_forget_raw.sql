-- Kept bytes of an item that is read again. ?1 item.
DELETE FROM raw WHERE intake IN (SELECT id FROM intake WHERE item = ?1 AND state IN ('damaged', 'retry'));
