-- How did the days of one sender go? ?1 domain, ?2 sender. Columns: day, passed, failed (both direct, not forwarded), refused of these.
SELECT y.day, sum(CASE WHEN o.verdict = 'pass' THEN y.messages ELSE 0 END),
       sum(CASE WHEN o.bucket_mine IN ('at_risk', 'lost') THEN y.messages ELSE 0 END),
       sum(CASE WHEN o.bucket_mine = 'lost' THEN y.messages ELSE 0 END)
FROM standing t JOIN daily y ON y.domain = t.domain AND y.sender = t.sender AND y.way <= t.own_way JOIN outcome o ON o.id = y.outcome
WHERE t.domain = ?1 AND t.sender = ?2
GROUP BY y.day ORDER BY y.day;
