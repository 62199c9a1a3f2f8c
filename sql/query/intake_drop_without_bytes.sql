-- Drops what was told of a mail that had no bytes, for it has some now: to be read again, or damaged for good. ?1 item, of its place and no bytes.
DELETE FROM intake WHERE substr(item, 1, 8) = substr(?1, 1, 8) AND item = ?1 AND state IN ('retry', 'damaged');
