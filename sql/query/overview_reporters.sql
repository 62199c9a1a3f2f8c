-- On which days of a period did each receiver report a domain?
-- ?1 domain (0: all), ?2 from, ?3 to, ?4 at most. Columns: sql/overview.h; numbers are named n_.
WITH first AS MATERIALIZED (
	SELECT p.org_name, min(r.day) AS day FROM report r CROSS JOIN reporter p ON p.id = r.reporter
	WHERE r.domain = ?1 AND r.counted = 1 AND r.day IS NOT NULL GROUP BY p.org_name
)
SELECT p.org_name, r.day, sum(r.messages) AS n_messages, r.day = f.day AS n_first
FROM report r CROSS JOIN reporter p ON p.id = r.reporter JOIN first f ON f.org_name = p.org_name
WHERE r.domain = ?1 AND r.day BETWEEN ?2 AND ?3 AND r.counted = 1 AND ?4 > 0
GROUP BY p.org_name, r.day ORDER BY p.org_name, r.day;
