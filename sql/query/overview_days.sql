-- What was each day of a domain made of, and was it reported at all? ?1 domain, ?2 from, ?3 to, ?4 at most, given(?7): by day, as sql/period.h has the columns.
-- Columns: sql/overview.h; numbers are named n_.
WITH part AS (
	SELECT day, c4 AS n_passing, c5 AS n_lost, c6 AS n_at_risk, c7 AS n_forwarded, c8 AS n_undecided, c9 AS n_undetermined FROM given(?7)
	UNION ALL
	SELECT r.day, 0, 0, 0, 0, 0, 0 FROM report r WHERE r.domain = ?1 AND r.day BETWEEN ?2 AND ?3 AND r.counted = 1 GROUP BY r.day
)
SELECT day, 1 AS n_reported, sum(n_passing) AS n_passing, sum(n_lost) AS n_lost, sum(n_at_risk) AS n_at_risk, sum(n_forwarded) AS n_forwarded,
       sum(n_undecided) AS n_undecided, sum(n_undetermined) AS n_undetermined
FROM part GROUP BY day ORDER BY day LIMIT ?4;
