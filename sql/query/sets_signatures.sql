-- Which signatures of a domain's own pass in these sets of results? ?1 given (set), ?2 organisational domain, ?3 domain. Columns: set, domain,
-- its id, the selector's; in the order of the sets.
SELECT k.c0, d.text, d.id, x.selector
FROM given(?1) k CROSS JOIN auth_result x ON x.auth_set = k.c0 AND x.spf = 0 AND x.result = 'pass' AND x.selector <> 0
CROSS JOIN name d ON d.id = x.domain AND (d.org = ?2 OR d.text = ?3);
