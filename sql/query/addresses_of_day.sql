-- Which addresses does what failed directly of a sender with these results come from, as the reports of a day on a domain tell it?
-- ?1 domain, ?2 day, ?3 sender, ?4 ways up to here are direct, ?5 auth_set, ?6 records of a report that are looked at. Columns: address; in order.
SELECT DISTINCT s.address
FROM report r
CROSS JOIN record c ON c.id BETWEEN r.first_record AND min(r.last_record, r.first_record + ?6 - 1) AND c.auth_set = ?5
CROSS JOIN outcome o ON o.id = c.outcome AND o.bucket_mine IN ('at_risk', 'lost')
CROSS JOIN flow f ON f.domain = r.domain AND f.source = c.source AND f.auth_set = c.auth_set AND f.outcome = c.outcome AND f.sender = ?3 AND f.way <= ?4
CROSS JOIN source s ON s.id = c.source
WHERE r.domain = ?1 AND r.day = ?2 AND r.counted = 1
ORDER BY s.address LIMIT 8;
