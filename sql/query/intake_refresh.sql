-- A document of an item read again that was settled before. ?1 item, ?2 now, ?3 origin.
UPDATE intake SET seen = seen + 1, last_seen_at = ?2 WHERE substr(item, 1, 8) = substr(?1, 1, 8) AND item = ?1 AND origin = ?3;
