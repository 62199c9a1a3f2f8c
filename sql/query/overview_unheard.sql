-- Which configured domains has no report ever been on?
-- ?1 domain (0: all), ?2 from, ?3 to, ?4 at most. Columns: sql/overview.h; numbers are named n_.
WITH line(name) AS (	-- names have no quotes
	SELECT j.value FROM setting s, json_each('["' || replace(s.value, char(10), '","') || '"]') j WHERE s.key = 'domains'
)
SELECT l.name FROM line l
WHERE ?1 = 0 AND ?2 <= ?3 AND NOT EXISTS (SELECT 1 FROM domain d CROSS JOIN report r ON r.domain = d.id WHERE d.name = l.name)
ORDER BY l.name LIMIT ?4;
