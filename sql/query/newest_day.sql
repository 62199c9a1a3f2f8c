-- Which is the newest reported day? Columns: day.
SELECT max(newest) FROM (
	SELECT (SELECT max(y.day) FROM daily y WHERE y.domain = d.id) AS newest FROM domain d WHERE d."foreign" = 0);
