-- Rows of an item that is read again now. ?1 item.
DELETE FROM intake WHERE item = ?1 AND state = 'retry';
