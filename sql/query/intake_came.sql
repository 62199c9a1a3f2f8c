-- An item without bytes has some now: what was told of it then goes. ?1 item, without bytes.
DELETE FROM intake WHERE substr(item, 1, 8) = substr(?1, 1, 8) AND item = ?1 AND state IN ('retry', 'damaged');
