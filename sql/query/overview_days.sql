-- What was each day of a domain made of, and was it reported at all?
-- ?1 domain (0: all), ?2 from, ?3 to, ?4 at most. Columns: sql/overview.h; numbers are named n_.
WITH part AS (
	SELECT y.day, CASE WHEN y.way > coalesce(t.own_way, 0) THEN 'forwarded' WHEN t.mine = 1 THEN o.bucket_mine ELSE o.bucket_other END AS bucket, sum(y.messages) AS messages
	FROM daily y JOIN outcome o ON o.id = y.outcome
	LEFT JOIN standing t ON t.domain = y.domain AND t.sender = y.sender
	WHERE y.domain = ?1 AND y.day BETWEEN ?2 AND ?3
	GROUP BY 1, 2
	UNION ALL
	SELECT r.day, '', 0 FROM report r WHERE r.domain = ?1 AND r.day BETWEEN ?2 AND ?3 AND r.counted = 1 GROUP BY r.day
)
SELECT day, 1 AS n_reported,
       sum(CASE WHEN bucket = 'passing' THEN messages ELSE 0 END) AS n_passing,
       sum(CASE WHEN bucket = 'lost' THEN messages ELSE 0 END) AS n_lost,
       sum(CASE WHEN bucket = 'at_risk' THEN messages ELSE 0 END) AS n_at_risk,
       sum(CASE WHEN bucket = 'forwarded' THEN messages ELSE 0 END) AS n_forwarded,
       sum(CASE WHEN bucket = 'undecided' THEN messages ELSE 0 END) AS n_undecided,
       sum(CASE WHEN bucket = 'undetermined' THEN messages ELSE 0 END) AS n_undetermined
FROM part GROUP BY day ORDER BY day LIMIT ?4;
