-- Which domains have no report lately? ?1 now, ?2 the last day that can be: later ones tell nothing. Columns: what, value.
SELECT d.name, 'last report ' || max(r.day) || ', ' || (?1 / 86400 - unixepoch(max(r.day)) / 86400) || ' days ago'
FROM report r JOIN domain d ON d.id = r.domain WHERE r.counted = 1 AND d."foreign" = 0 AND r.day <= ?2
GROUP BY d.id HAVING ?1 / 86400 - unixepoch(max(r.day)) / 86400 > 3 ORDER BY max(r.day) LIMIT 50;
-- scans: report because it looks for the newest day of every domain
