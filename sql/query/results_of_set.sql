-- Which results are in a set, in their order? ?1 id. Told: 1 spf or 0 dkim, domain, selector ('' none), result (NULL absent).
SELECT told(x.spf, d.text, s.text, x.result)
FROM auth_result x CROSS JOIN name d ON d.id = x.domain CROSS JOIN name s ON s.id = x.selector WHERE x.auth_set = ?1;
