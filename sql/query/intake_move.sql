-- An item that was damaged is met at another place. ?1 item there, ?2 item here, ?3 place there, ?4 place here, ?5 now.
UPDATE intake SET item = ?2, origin = ?4 || substr(origin, length(?3) + 1), seen = seen + 1, last_seen_at = ?5
WHERE substr(item, 1, 8) = substr(?1, 1, 8) AND item = ?1;
