-- The days of all senders of a domain, in the order of the table. ?1 domain. Columns: sender, passed, failed (both direct, not forwarded), day as number,
-- 1 where what failed was refused.
SELECT y.sender, CASE WHEN o.verdict = 'pass' THEN y.messages ELSE 0 END,
       CASE WHEN o.bucket_mine IN ('at_risk', 'lost') THEN y.messages ELSE 0 END, unixepoch(y.day) / 86400, o.bucket_mine = 'lost'
FROM daily y JOIN standing t ON t.domain = y.domain AND t.sender = y.sender JOIN outcome o ON o.id = y.outcome
WHERE y.domain = ?1 AND y.way <= t.own_way;
