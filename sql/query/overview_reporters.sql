-- On which days of a period did each receiver report a domain, and which policy did it see? Of several reports of a day, that of the first by key (a bare column goes with min).
-- ?1 domain (0: all), ?2 from, ?3 to, ?4 at most. Columns: sql/overview.h; numbers are named n_.
WITH heard AS MATERIALIZED (
	SELECT reporter_name(p.org_name, p.email) AS org_name, r.day, sum(r.messages) AS messages, nullif(y.p, '') AS p, min(r.key)
	FROM report r CROSS JOIN reporter p ON p.id = r.reporter CROSS JOIN policy y ON y.id = r.policy
	WHERE r.domain = ?1 AND r.day BETWEEN ?2 AND ?3 AND r.counted = 1 AND ?4 > 0
	GROUP BY 1, 2
), first AS MATERIALIZED (
	SELECT h.org_name, (SELECT x.day FROM report x CROSS JOIN reporter y ON y.id = x.reporter
	                    AND reporter_name(y.org_name, y.email) = h.org_name
	                    WHERE x.domain = ?1 AND x.counted = 1 AND x.day IS NOT NULL ORDER BY x.day LIMIT 1) AS day
	FROM heard h GROUP BY h.org_name
)
SELECT h.org_name, h.day, h.p, h.messages AS n_messages, h.day = f.day AS n_first
FROM heard h JOIN first f ON f.org_name = h.org_name ORDER BY h.org_name, h.day;
