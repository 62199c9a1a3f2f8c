-- Which results did receivers see of each sender of a domain, and what did they do, over the whole database?
-- ?1 domain (0: all), ?2 from, ?3 to, ?4 at most. Columns: sql/overview.h; numbers are named n_.
WITH part AS (
	SELECT f.sender, f.auth_set, o.disposition, sum(f.messages) AS messages
	FROM flow f JOIN outcome o ON o.id = f.outcome WHERE f.domain = ?1 AND f.last_day >= ?2 AND f.first_day <= ?3
	GROUP BY f.sender, f.auth_set, o.disposition
), ranked AS (
	SELECT *, row_number() OVER (PARTITION BY sender ORDER BY messages DESC, auth_set, disposition) AS place FROM part
)
SELECT a.dkim, a.spf, nullif(k.disposition, ''), k.sender AS n_who, k.messages AS n_messages
FROM ranked k JOIN auth_set a ON a.id = k.auth_set WHERE k.place <= ?4 ORDER BY k.sender, k.place;
