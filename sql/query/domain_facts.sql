-- A policy domain and the policy of its newest report. ?1 domain. Columns: name, org, p.
SELECT d.name, d.org, (SELECT nullif(o.p, '') FROM report r JOIN policy o ON o.id = r.policy
                       WHERE r.domain = d.id AND r.counted = 1 ORDER BY r.day DESC, r.key LIMIT 1)
FROM domain d WHERE d.id = ?1;
