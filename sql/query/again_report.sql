-- The next report with records, as its policy stands. ?1 after this id. Columns: id, first and last record, domain, adkim, aspf, p, sp, np, pct, testing.
SELECT r.id, r.first_record, r.last_record, nullif(d.name, ''), nullif(o.adkim, ''), nullif(o.aspf, ''), nullif(o.p, ''), nullif(o.sp, ''),
       nullif(o.np, ''), nullif(o.pct, -1), nullif(o.testing, '')
FROM report r CROSS JOIN policy o ON o.id = r.policy CROSS JOIN domain d ON d.id = r.domain
WHERE r.id > ?1 AND r.last_record >= r.first_record ORDER BY r.id LIMIT 1;
