-- What do these addresses send for some senders? ?1 given (domain, source), sorted, ?2 sieve of source * 1000003 + sender: others come as well. Told: number of
-- the pair, sender, auth_set, outcome, way, messages.
SELECT told(k.rowid, f.sender, f.auth_set, f.outcome, f.way, f.messages)
FROM given(?1) k CROSS JOIN flow f ON f.domain = k.c0 AND f.source = k.c1 AND sieve(?2, f.source * 1000003 + f.sender);
