-- Drops the rows of an item that are to be read again, for it is read now; the others stay. ?1 item.
DELETE FROM intake WHERE substr(item, 1, 8) = substr(?1, 1, 8) AND item = ?1 AND state = 'retry';
