-- On which days, of the 60 up to the newest, do reports begin, and when does the last of each day end? ?1 the last day that can be; a report covers a week at most. Columns: day (number of the epoch), end_at.
SELECT CAST(strftime('%s', r.day) AS INTEGER) / 86400, max(min(r.end_at, unixepoch(r.day) + 7 * 86400))
FROM domain d JOIN report r ON r.domain = d.id AND r.day > (
	SELECT date(max((SELECT max(y.day) FROM report y WHERE y.domain = e.id AND y.day <= ?1)), '-60 days') FROM domain e WHERE e."foreign" = 0)
WHERE d."foreign" = 0 AND r.counted = 1 AND r.day <= ?1
GROUP BY r.day ORDER BY r.day;
