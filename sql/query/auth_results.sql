-- Which results make up a set? ?1 auth_set. Columns: 1 spf or 0 dkim, domain, selector, scope, result.
SELECT x.spf, nullif(d.text, ''), nullif(s.text, ''), x.scope, x.result
FROM auth_result x JOIN name d ON d.id = x.domain JOIN name s ON s.id = x.selector
WHERE x.auth_set = ?1 ORDER BY x.n;
