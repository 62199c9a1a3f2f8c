-- Which policies of a domain did receivers see, day by day? "reject sp=none adkim=s": p, and what differs from what would hold without it. Of each day as of today: what most
-- told in its newest days. ?1 domain (0: all), ?2 from, ?3 to, ?4 at most. Columns: sql/overview.h.
WITH reported AS MATERIALIZED (
	SELECT DISTINCT day FROM report WHERE domain = ?1 AND counted = 1 AND day BETWEEN ?2 AND ?3 AND ?4 > 0
)
SELECT d.day, coalesce(nullif(o.p, ''), 'none') || CASE WHEN coalesce(o.sp, '') IN ('', coalesce(nullif(o.p, ''), 'none')) THEN '' ELSE ' sp=' || o.sp END ||
       CASE WHEN o.adkim = 's' THEN ' adkim=s' ELSE '' END || CASE WHEN o.aspf = 's' THEN ' aspf=s' ELSE '' END AS policy
FROM reported d JOIN policy o ON o.id = policy_now(?1, d.day) ORDER BY d.day;
