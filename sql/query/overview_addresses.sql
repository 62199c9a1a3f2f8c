-- From which addresses did each sender of a domain send most, over the whole database?
-- ?1 domain (0: all), ?2 from, ?3 to, ?4 at most. Columns: sql/overview.h; numbers are named n_.
WITH part AS (
	SELECT f.sender, f.source, sum(f.messages) AS messages FROM flow f WHERE f.domain = ?1 AND f.first_day + f.span >= unixepoch(?2) / 86400 AND f.first_day <= unixepoch(?3) / 86400
	GROUP BY f.sender, f.source
), ranked AS (
	SELECT *, row_number() OVER (PARTITION BY sender ORDER BY messages DESC, source) AS place FROM part
)
SELECT nullif(s.address, ''), s.ptr, k.sender AS n_who, k.messages AS n_messages
FROM ranked k JOIN source s ON s.id = k.source WHERE k.place <= ?4 ORDER BY k.sender, k.place;
