-- Whose SPF records could not be evaluated, of mail of a domain since a day? ?1 domain, ?2 first day as a number. Columns: domain of the envelope; most messages first.
-- scans: flow because it asks for all of a domain, where some mail met such a record
SELECT n.text
FROM flow f CROSS JOIN outcome o ON o.id = f.outcome AND o.flags & 1024
CROSS JOIN auth_result x ON x.auth_set = f.auth_set AND x.spf AND x.result = 'permerror' AND x.scope IS NOT 'helo'
CROSS JOIN name n ON n.id = x.domain
WHERE f.domain = ?1 AND f.first_day + f.span >= ?2 AND n.text <> ''
GROUP BY n.text ORDER BY sum(f.messages) DESC, n.text LIMIT 8;
