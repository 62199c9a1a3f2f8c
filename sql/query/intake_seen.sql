-- Known bytes met again. ?1 item, ?2 now.
UPDATE intake SET seen = seen + 1, last_seen_at = ?2 WHERE substr(item, 1, 8) = substr(?1, 1, 8) AND item = ?1;
