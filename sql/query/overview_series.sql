-- How much did each sender of a domain send on each day, and how much of it went wrong?
-- ?1 domain, ?2 from, ?3 to, ?4 at most, ?5 to ?6 senders (?5 0: all). Columns: sql/overview.h; numbers are named n_.
WITH RECURSIVE days (day) AS (
	SELECT min(day) FROM daily WHERE domain = ?1 AND day >= ?2
	UNION ALL
	SELECT (SELECT min(n.day) FROM daily n WHERE n.domain = ?1 AND n.day > d.day) FROM days d WHERE d.day < ?3
)
SELECT y.day, CASE WHEN t.stranger THEN 0 ELSE y.sender END AS n_who, sum(y.messages) AS n_messages,
       sum(CASE WHEN y.way <= coalesce(t.own_way, 0) AND t.mine = 1 AND o.bucket_mine IN ('lost', 'at_risk') THEN y.messages ELSE 0 END) AS n_bad
FROM days d CROSS JOIN daily y ON y.domain = ?1 AND y.day = d.day AND y.sender BETWEEN ?5 AND ?6 CROSS JOIN outcome o ON o.id = y.outcome
LEFT JOIN standing t ON t.domain = y.domain AND t.sender = y.sender
WHERE d.day <= ?3 AND ?4 > 0
GROUP BY 2, 1 ORDER BY 2, 1;
