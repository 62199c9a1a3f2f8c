-- What are these senders called? ?1 given (id). Told: number among them, sender, name, kind, category.
SELECT told(k.rowid, s.sender, s.name, s.kind, s.category) FROM given(?1) k CROSS JOIN sender s ON s.id = k.c0;
