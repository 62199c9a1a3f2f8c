-- How much of the user's own mail of a domain was lost, or at risk, in a period? Of an analysed domain the class of a sender tells where there is some.
-- A subquery for each sender and day, for a join would read all days to build a filter. ?1 domain, ?2 from, ?3 to, ?4 lost or at_risk. Columns: messages.
WITH RECURSIVE days (day) AS (
	SELECT min(day) FROM daily WHERE domain = ?1 AND day >= ?2
	UNION ALL
	SELECT (SELECT min(n.day) FROM daily n WHERE n.domain = ?1 AND n.day > d.day) FROM days d WHERE d.day < ?3
)
SELECT coalesce(sum((SELECT sum(y.messages) FROM daily y CROSS JOIN outcome o ON o.id = y.outcome AND o.bucket_mine = ?4
                     WHERE y.domain = ?1 AND y.day = d.day AND y.sender = t.sender AND y.way <= t.own_way)), 0)
FROM standing t CROSS JOIN days d
WHERE t.domain = ?1 AND t.mine = 1 AND (t.class IN ('losing', ?4) OR NOT EXISTS (SELECT 1 FROM analysed a WHERE a.domain = ?1)) AND d.day <= ?3;
