-- On which days, of the 60 up to the newest, do reports begin, and when does the last of each day end? Columns: day (number of the epoch), end_at.
SELECT CAST(strftime('%s', r.day) AS INTEGER) / 86400, max(r.end_at)
FROM domain d JOIN report r ON r.domain = d.id AND r.day > (
	SELECT date(max((SELECT max(y.day) FROM report y WHERE y.domain = e.id)), '-60 days') FROM domain e WHERE e."foreign" = 0)
WHERE d."foreign" = 0 AND r.counted = 1
GROUP BY r.day ORDER BY r.day;
