-- Whose are these records of a domain, as far as they were refused or junked? ?1 given (source, auth_set, outcome), sorted, ?2 domain. Told: number of the
-- record, sender.
SELECT told(k.rowid, f.sender)
FROM given(?1) k CROSS JOIN outcome o ON o.id = k.c2 AND o.disposition IN ('quarantine', 'reject')
CROSS JOIN flow f ON f.domain = ?2 AND f.source = k.c0 AND f.auth_set = k.c1 AND f.outcome = k.c2;
