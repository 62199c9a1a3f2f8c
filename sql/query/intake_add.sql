-- A ledger row. ?1 id, ?2 item, ?3 origin, ?4 state, ?5 reason, ?6 report, ?7 now.
INSERT INTO intake (id, item, origin, state, reason, report, imported_at, last_seen_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7);
