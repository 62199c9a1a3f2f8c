-- What these totals say, as sender_streams. ?1 given (domain, source, auth_set, outcome). Columns: passing, dkim, spf, address, ptr, first day,
-- last day, messages; most messages first.
SELECT o.verdict = 'pass', a.dkim, a.spf, s.address, s.ptr, date(f.first_day * 86400, 'unixepoch'), date((f.first_day + f.span) * 86400, 'unixepoch'), f.messages
FROM given(?1) k CROSS JOIN flow f ON f.domain = k.c0 AND f.source = k.c1 AND f.auth_set = k.c2 AND f.outcome = k.c3
CROSS JOIN outcome o ON o.id = f.outcome CROSS JOIN auth_words a ON a.id = f.auth_set CROSS JOIN source s ON s.id = f.source
ORDER BY f.messages DESC, a.digest, s.address, o.verdict, o.disposition LIMIT 5000;
