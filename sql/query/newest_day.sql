-- Which is the newest reported day? ?1 the last that can be; where all are later, whichever is the newest; ?2 of this domain, 0: of all. Columns: day.
SELECT coalesce(max(possible), max(newest)) FROM (
	SELECT (SELECT max(y.day) FROM daily y WHERE y.domain = d.id AND y.day <= ?1) AS possible, (SELECT max(y.day) FROM daily y WHERE y.domain = d.id) AS newest
	FROM domain d WHERE d."foreign" = 0 AND (?2 = 0 OR d.id = ?2));
