-- What does the roll-up hold of each sender of each domain? ?1 first of the recent days.
-- Columns: the numbers, then the texts of struct sender_sum in their order.
WITH newest AS (
	SELECT d.id AS domain, (SELECT o.p FROM report r JOIN policy o ON o.id = r.policy
	                        WHERE r.domain = d.id AND r.counted = 1 ORDER BY r.day DESC, r.id DESC LIMIT 1) AS p
	FROM domain d
)
SELECT y.domain, y.sender, sum(y.messages),
       sum(CASE WHEN y.way = 0 AND o.verdict = 'pass' THEN y.messages ELSE 0 END),
       sum(CASE WHEN y.way = 0 AND o.verdict = 'pass' AND o.flags & 1 THEN y.messages ELSE 0 END),
       sum(CASE WHEN y.way = 0 AND o.verdict = 'pass' AND o.flags & 2 THEN y.messages ELSE 0 END),
       sum(CASE WHEN y.way = 0 AND o.bucket_mine = 'at_risk' THEN y.messages ELSE 0 END),
       sum(CASE WHEN y.way = 0 AND o.bucket_mine = 'lost' THEN y.messages ELSE 0 END),
       sum(CASE WHEN y.way = 0 AND o.bucket_mine = 'undetermined' THEN y.messages ELSE 0 END),
       sum(CASE WHEN y.way > 0 THEN y.messages ELSE 0 END), sum(CASE WHEN y.way = 2 THEN y.messages ELSE 0 END),
       sum(CASE WHEN o.flags & 1024 THEN y.messages ELSE 0 END),
       count(DISTINCT CASE WHEN y.way = 0 AND o.verdict = 'pass' THEN y.day END),
       count(DISTINCT CASE WHEN y.way = 0 AND o.verdict = 'pass' AND o.flags & 2 THEN y.day END),
       count(DISTINCT CASE WHEN y.way = 0 AND o.bucket_mine IN ('at_risk', 'lost') THEN y.day END),
       sum(CASE WHEN y.day >= ?1 THEN y.messages ELSE 0 END),
       sum(CASE WHEN y.day >= ?1 AND y.way = 0 AND o.bucket_mine = 'lost' THEN y.messages ELSE 0 END),
       sum(CASE WHEN y.day >= ?1 AND y.way = 0 AND o.bucket_mine = 'at_risk' THEN y.messages ELSE 0 END),
       sum(CASE WHEN y.day >= ?1 AND y.way > 0 THEN y.messages ELSE 0 END), sum(CASE WHEN y.day >= ?1 AND y.way = 2 THEN y.messages ELSE 0 END),
       sum(CASE WHEN y.day >= ?1 AND o.flags & 1024 THEN y.messages ELSE 0 END),
       d.name, d.org, nullif(n.p, ''), s.sender, s.name, s.kind, s.category, min(y.day), max(y.day),
       min(CASE WHEN y.way = 0 AND o.bucket_mine IN ('at_risk', 'lost') THEN y.day END),
       min(CASE WHEN y.way = 0 AND o.bucket_mine = 'lost' THEN y.day END)
FROM domain d CROSS JOIN daily y ON y.domain = d.id JOIN outcome o ON o.id = y.outcome JOIN sender s ON s.id = y.sender
JOIN newest n ON n.domain = d.id
WHERE d."foreign" = 0
GROUP BY y.domain, y.sender
ORDER BY d.name, sum(y.messages) DESC, s.sender;
