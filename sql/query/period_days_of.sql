-- What did one sender send under a domain in a period? Day by day, for one sender's rows lie apart. ?1 domain, ?2 from, ?3 to, ?4 sender. Told as in period_days.sql.
WITH RECURSIVE days (day) AS (
	SELECT min(day) FROM daily WHERE domain = ?1 AND day >= ?2
	UNION ALL
	SELECT (SELECT min(n.day) FROM daily n WHERE n.domain = ?1 AND n.day > d.day) FROM days d WHERE d.day < ?3
)
SELECT told(y.day, y.sender, y.way, y.outcome, y.messages)
FROM days d CROSS JOIN daily y ON y.domain = ?1 AND y.day = d.day AND y.sender = ?4
WHERE d.day <= ?3;
