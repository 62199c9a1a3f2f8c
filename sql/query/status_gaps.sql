-- Which domains have no report lately, and which configured ones never had one? ?1 now, ?2 the last day that can be: later ones tell nothing. Columns: what, value.
WITH line(name) AS (	-- names have no quotes
	SELECT j.value FROM setting s, json_each('["' || replace(s.value, char(10), '","') || '"]') j WHERE s.key = 'domains'
), late AS (
	SELECT d.name, 'last report ' || max(r.day) || ', ' || (?1 / 86400 - unixepoch(max(r.day)) / 86400) || ' days ago' AS value, max(r.day) AS day
	FROM report r JOIN domain d ON d.id = r.domain WHERE r.counted = 1 AND d."foreign" = 0 AND r.day <= ?2
	GROUP BY d.id HAVING ?1 / 86400 - unixepoch(max(r.day)) / 86400 > 3
	UNION ALL
	SELECT l.name, 'no report yet: look whether the rua of its DMARC record is your address', ''
	FROM line l WHERE NOT EXISTS (SELECT 1 FROM domain d CROSS JOIN report r ON r.domain = d.id WHERE d.name = l.name)
)
SELECT shown(name), value FROM late ORDER BY day, name LIMIT 50;
-- scans: report because it looks for the newest day of every domain
