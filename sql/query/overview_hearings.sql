-- On which days of a period did each receiver report a domain, as overview_reporters, without when it did so first?
-- ?1 domain (0: all), ?2 from, ?3 to, ?4 at most. Columns: sql/overview.h; numbers are named n_.
SELECT p.org_name, r.day, sum(r.messages) AS n_messages
FROM report r CROSS JOIN reporter p ON p.id = r.reporter
WHERE r.domain = ?1 AND r.day BETWEEN ?2 AND ?3 AND r.counted = 1 AND ?4 > 0
GROUP BY p.org_name, r.day ORDER BY p.org_name, r.day;
