-- Which is the first reported day? Columns: day.
SELECT min(oldest) FROM (
	SELECT (SELECT min(y.day) FROM daily y WHERE y.domain = d.id) AS oldest FROM domain d WHERE d."foreign" = 0);
