-- Which Froms has what fails of a sender with these results, as the reports of a day on a domain tell it? ?1 domain, ?2 day, ?3 auth_set, ?4 sender.
-- Columns: From; most messages first.
SELECT h.text
FROM report r
CROSS JOIN record c ON c.id BETWEEN r.first_record AND r.last_record AND c.auth_set = ?3
CROSS JOIN flow f ON f.domain = r.domain AND f.source = c.source AND f.auth_set = c.auth_set AND f.outcome = c.outcome AND f.sender = ?4
CROSS JOIN outcome o ON o.id = c.outcome
CROSS JOIN ident i ON i.id = c.ident
CROSS JOIN name h ON h.id = i.header_from
WHERE r.domain = ?1 AND r.day = ?2 AND r.counted = 1 AND o.verdict = 'fail' AND h.text <> ''
GROUP BY h.text ORDER BY sum(c.messages) DESC, h.text LIMIT 64;
