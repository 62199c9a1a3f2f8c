-- Which results does what passed by DKIM of each sender have, as the reports of a day on a domain tell it? ?1 domain, ?2 day, ?3 records of a report that are
-- looked at. Columns: sender, way, auth_set, messages; most messages first, of as many by what they are.
SELECT f.sender, f.way, c.auth_set, sum(c.messages)
FROM report r
CROSS JOIN record c ON c.id BETWEEN r.first_record AND min(r.last_record, r.first_record + ?3 - 1)
CROSS JOIN outcome o ON o.id = c.outcome AND o.verdict = 'pass' AND o.flags & 1
CROSS JOIN flow f ON f.domain = r.domain AND f.source = c.source AND f.auth_set = c.auth_set AND f.outcome = c.outcome
WHERE r.domain = ?1 AND r.day = ?2 AND r.counted = 1
GROUP BY f.sender, f.way, c.auth_set
ORDER BY sum(c.messages) DESC, (SELECT a.digest FROM auth_set a WHERE a.id = c.auth_set) LIMIT 100000;
