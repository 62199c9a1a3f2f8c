-- Which of the user's own senders of a domain, with mail that failed, have been silent since before a period, but not for a year before it? ?1 domain, ?2 from, ?3 to,
-- ?4 at most. Columns: sql/overview.h; numbers are named n_.
SELECT coalesce(s.name, s.sender), t.last_day, t.sender AS n_who
FROM standing t JOIN sender s ON s.id = t.sender
WHERE t.domain = ?1 AND t.mine = 1 AND t.class IN ('at_risk', 'losing') AND ?2 <= ?3
  AND t.last_no BETWEEN CAST(julianday(?2) - 2440587.5 AS INTEGER) - 366 AND CAST(julianday(?2) - 2440587.5 AS INTEGER) - 1
ORDER BY s.sender LIMIT ?4;
