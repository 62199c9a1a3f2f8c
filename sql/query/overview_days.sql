-- What was each day of a domain made of, and was it reported at all? Summed in the order the days lie in.
-- ?1 domain (0: all), ?2 from, ?3 to, ?4 at most. Columns: sql/overview.h; numbers are named n_.
WITH part AS (
	SELECT y.day,
	       sum(CASE WHEN y.way <= coalesce(t.own_way, 0) AND o.bucket_other = 'passing' THEN y.messages ELSE 0 END) AS n_passing,
	       sum(CASE WHEN y.way <= coalesce(t.own_way, 0) AND t.mine = 1 AND o.bucket_mine = 'lost' THEN y.messages ELSE 0 END) AS n_lost,
	       sum(CASE WHEN y.way <= coalesce(t.own_way, 0) AND t.mine = 1 AND o.bucket_mine = 'at_risk' THEN y.messages ELSE 0 END) AS n_at_risk,
	       sum(CASE WHEN y.way > coalesce(t.own_way, 0) THEN y.messages ELSE 0 END) AS n_forwarded,
	       sum(CASE WHEN y.way <= coalesce(t.own_way, 0) AND coalesce(t.mine, 0) = 0 AND o.bucket_other = 'undecided' THEN y.messages ELSE 0 END) AS n_undecided,
	       sum(CASE WHEN y.way <= coalesce(t.own_way, 0) AND (CASE WHEN t.mine = 1 THEN o.bucket_mine ELSE o.bucket_other END) = 'undetermined'
	           THEN y.messages ELSE 0 END) AS n_undetermined
	FROM daily y CROSS JOIN outcome o ON o.id = y.outcome
	LEFT JOIN standing t ON t.domain = y.domain AND t.sender = y.sender
	WHERE y.domain = ?1 AND y.day BETWEEN ?2 AND ?3
	GROUP BY y.day
	UNION ALL
	SELECT r.day, 0, 0, 0, 0, 0, 0 FROM report r WHERE r.domain = ?1 AND r.day BETWEEN ?2 AND ?3 AND r.counted = 1 GROUP BY r.day
)
SELECT day, 1 AS n_reported, sum(n_passing) AS n_passing, sum(n_lost) AS n_lost, sum(n_at_risk) AS n_at_risk, sum(n_forwarded) AS n_forwarded,
       sum(n_undecided) AS n_undecided, sum(n_undetermined) AS n_undetermined
FROM part GROUP BY day ORDER BY day LIMIT ?4;
