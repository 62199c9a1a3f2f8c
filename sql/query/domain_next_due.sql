-- Which domain is to be analysed next? ?1 after this id, ?2 1: also those whose totals have not changed since the last analysis, ?3 the last day that can
-- have been reported. Columns: id, name, org, policy (p, sp, adkim, aspf, testing), first reported day, 1 where nothing has changed, pct (-1 absent), last reported day.
SELECT d.id, d.name, d.org, nullif(o.p, ''), nullif(o.sp, ''), nullif(o.adkim, ''), nullif(o.aspf, ''), nullif(o.testing, ''),
       (SELECT min(y.day) FROM daily y WHERE y.domain = d.id), EXISTS (SELECT 1 FROM analysed a WHERE a.domain = d.id), coalesce(o.pct, -1),
       (SELECT max(y.day) FROM daily y WHERE y.domain = d.id)
FROM domain d
LEFT JOIN policy o ON o.id = policy_now(d.id, ?3)
WHERE d.id > ?1 AND d."foreign" = 0 AND (?2 OR NOT EXISTS (SELECT 1 FROM analysed a WHERE a.domain = d.id))
ORDER BY d.id LIMIT 1;
