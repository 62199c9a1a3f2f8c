-- Which configured domains has no report ever been on?
-- ?1 domain (0: all), ?2 from, ?3 to, ?4 at most. Columns: sql/overview.h; numbers are named n_.
WITH RECURSIVE line(name, rest) AS (
	SELECT '', value || char(10) FROM setting WHERE key = 'domains'
	UNION ALL
	SELECT substr(rest, 1, instr(rest, char(10)) - 1), substr(rest, instr(rest, char(10)) + 1) FROM line WHERE rest <> ''
)
SELECT l.name FROM line l
WHERE l.name <> '' AND ?1 = 0 AND ?2 <= ?3 AND NOT EXISTS (SELECT 1 FROM domain d CROSS JOIN report r ON r.domain = d.id WHERE d.name = l.name)
ORDER BY l.name LIMIT ?4;
