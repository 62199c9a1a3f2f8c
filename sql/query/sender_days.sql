-- How did the days of one sender go? ?1 domain, ?2 sender, ?3 ways up to here are direct, ?4 last day. Columns: day, passed, failed (both direct, not forwarded),
-- refused of these.
SELECT y.day, sum(CASE WHEN o.verdict = 'pass' THEN y.messages ELSE 0 END),
       sum(CASE WHEN o.bucket_mine IN ('at_risk', 'lost') THEN y.messages ELSE 0 END),
       sum(CASE WHEN o.bucket_mine = 'lost' THEN y.messages ELSE 0 END)
FROM daily y JOIN outcome o ON o.id = y.outcome
WHERE y.domain = ?1 AND y.sender = ?2 AND y.way <= ?3 AND y.day <= ?4
GROUP BY y.day ORDER BY y.day;
