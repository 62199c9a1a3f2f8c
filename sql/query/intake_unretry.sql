-- Rows of an item that is read again now. ?1 item.
DELETE FROM intake WHERE substr(item, 1, 8) = substr(?1, 1, 8) AND item = ?1 AND state = 'retry';
