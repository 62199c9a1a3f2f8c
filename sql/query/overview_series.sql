-- How much did each sender of a domain send on each day, and how much of it went wrong?
-- ?1 domain (0: all), ?2 from, ?3 to, ?4 at most. Columns: sql/overview.h; numbers are named n_.
SELECT y.day, CASE WHEN t.class = 'not_you' AND t.basis = '' THEN 0 ELSE y.sender END AS n_who, sum(y.messages) AS n_messages,
       sum(CASE WHEN y.way <= coalesce(t.own_way, 0) AND t.mine = 1 AND o.bucket_mine IN ('lost', 'at_risk') THEN y.messages ELSE 0 END) AS n_bad
FROM daily y JOIN outcome o ON o.id = y.outcome
LEFT JOIN standing t ON t.domain = y.domain AND t.sender = y.sender
WHERE y.domain = ?1 AND y.day BETWEEN ?2 AND ?3 AND ?4 > 0
GROUP BY 2, 1 ORDER BY 2, 1;
