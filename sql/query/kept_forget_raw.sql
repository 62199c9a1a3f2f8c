-- Kept bytes of an item that is read again. ?1 item.
DELETE FROM raw WHERE intake IN (SELECT id FROM intake WHERE substr(item, 1, 8) = substr(?1, 1, 8) AND item = ?1 AND state IN ('damaged', 'retry'));
