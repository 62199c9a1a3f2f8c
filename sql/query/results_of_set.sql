-- Which results are in a set, in their order? HELO's not where there are others of SPF, for they are the envelope's then (RFC 7208 section 2.4). ?1 id. Told: 1 spf or 0 dkim, domain, selector ('' none), result (NULL absent).
SELECT told(x.spf, d.text, s.text, x.result)
FROM auth_result x CROSS JOIN name d ON d.id = x.domain CROSS JOIN name s ON s.id = x.selector WHERE x.auth_set = ?1
AND NOT (x.spf AND x.scope IS 'helo' AND EXISTS (SELECT 1 FROM auth_result y WHERE y.auth_set = ?1 AND y.spf AND y.scope IS NOT 'helo'));
