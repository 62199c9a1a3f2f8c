-- Which policies of a domain did receivers see, day by day? "reject sp=none adkim=s": p, and what differs from what would hold without it.
-- ?1 domain (0: all), ?2 from, ?3 to, ?4 at most. Columns: sql/overview.h; numbers are named n_.
SELECT r.day, coalesce(nullif(o.p, ''), 'none') || CASE WHEN coalesce(o.sp, '') IN ('', coalesce(nullif(o.p, ''), 'none')) THEN '' ELSE ' sp=' || o.sp END ||
       CASE WHEN o.adkim = 's' THEN ' adkim=s' ELSE '' END || CASE WHEN o.aspf = 's' THEN ' aspf=s' ELSE '' END AS policy, count(*) AS n_reports
FROM report r JOIN policy o ON o.id = r.policy
WHERE r.domain = ?1 AND r.counted = 1 AND r.day BETWEEN ?2 AND ?3 AND ?4 > 0
GROUP BY r.day, policy ORDER BY r.day, n_reports DESC, policy;
