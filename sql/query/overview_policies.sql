-- Which policies of a domain did receivers see, day by day?
-- ?1 domain (0: all), ?2 from, ?3 to, ?4 at most. Columns: sql/overview.h; numbers are named n_.
SELECT r.day, o.p, count(*) AS n_reports
FROM report r JOIN policy o ON o.id = r.policy
WHERE r.domain = ?1 AND r.counted = 1 AND r.day BETWEEN ?2 AND ?3 AND ?4 > 0
GROUP BY r.day, o.p ORDER BY r.day, n_reports DESC, o.p;
