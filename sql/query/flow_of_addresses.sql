-- What do we hold of these addresses? ?1 given (domain, source), sorted. Columns: number of the pair, then columns of flow from auth_set on.
SELECT k.rowid, f.auth_set, f.outcome, f.sender, f.way, f.messages, f.first_day, f.span
FROM given(?1) k CROSS JOIN flow f ON f.domain = k.c0 AND f.source = k.c1;
