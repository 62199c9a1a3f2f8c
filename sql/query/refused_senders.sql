-- Whose are these totals of a domain? ?1 given (source, auth_set, outcome), sorted, ?2 domain. Told: number among them, sender.
SELECT told(k.rowid, f.sender)
FROM given(?1) k CROSS JOIN flow f ON f.domain = ?2 AND f.source = k.c0 AND f.auth_set = k.c1 AND f.outcome = k.c2;
