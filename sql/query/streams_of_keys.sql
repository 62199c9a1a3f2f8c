-- What these totals say, as sender_streams. ?1 given (domain, source, auth_set, outcome). Columns: passing, auth_set, address, ptr, first day and last day
-- as numbers (NULL unreadable), messages; most messages first.
SELECT o.verdict = 'pass', f.auth_set, s.address, s.ptr, f.first_day, f.first_day + f.span, f.messages
FROM given(?1) k CROSS JOIN flow f ON f.domain = k.c0 AND f.source = k.c1 AND f.auth_set = k.c2 AND f.outcome = k.c3
CROSS JOIN outcome o ON o.id = f.outcome CROSS JOIN auth_set a ON a.id = f.auth_set CROSS JOIN source s ON s.id = f.source
ORDER BY f.messages DESC, a.digest, s.address, o.verdict, o.disposition LIMIT 5000;
