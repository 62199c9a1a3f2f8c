-- A policy domain and the policy of its newest report. ?1 domain. Columns: name, org, p, sp, adkim, aspf, testing.
SELECT d.name, d.org, nullif(o.p, ''), nullif(o.sp, ''), nullif(o.adkim, ''), nullif(o.aspf, ''), nullif(o.testing, '')
FROM domain d
LEFT JOIN report r ON r.id = (SELECT x.id FROM report x WHERE x.domain = d.id AND x.counted = 1 ORDER BY x.day DESC, x.key LIMIT 1)
LEFT JOIN policy o ON o.id = r.policy
WHERE d.id = ?1;
