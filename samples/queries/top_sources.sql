-- Which addresses send most as a domain? (Over tables, which may change between versions: v_sources says more, but slower.)
SELECT s.address AS source_ip, s.ptr, t.messages, date(t.first * 86400, 'unixepoch') AS first_day, date(t.last * 86400, 'unixepoch') AS last_day
FROM (SELECT f.source, sum(f.messages) AS messages, min(f.first_day) AS first, max(f.first_day + f.span) AS last
      FROM flow f WHERE f.domain = (SELECT id FROM domain WHERE name = 'example.org' AND "foreign" = 0)
      GROUP BY f.source ORDER BY messages DESC LIMIT 20) t
JOIN source s ON s.id = t.source ORDER BY t.messages DESC;
