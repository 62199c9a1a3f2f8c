-- How did the last 30 days of a domain go? (Over tables, which may change between versions: v_daily says it, too, but sums up every domain.)
-- The newest reported day is none after tomorrow where there is another: a report dated in the future hides nothing.
WITH one(id, newest) AS MATERIALIZED (
     SELECT d.id, coalesce((SELECT max(day) FROM daily WHERE domain = d.id AND day <= date('now', '+1 day')), (SELECT max(day) FROM daily WHERE domain = d.id))
     FROM domain d WHERE d.name = 'example.org' AND d."foreign" = 0)
SELECT y.day, sum(y.messages) AS messages,
       sum(CASE WHEN y.way <= coalesce(t.own_way, 0) AND o.bucket_other = 'passing' THEN y.messages ELSE 0 END) AS passing,
       sum(CASE WHEN y.way <= coalesce(t.own_way, 0) AND t.mine = 1 AND o.bucket_mine = 'lost' THEN y.messages ELSE 0 END) AS lost,
       sum(CASE WHEN y.way > coalesce(t.own_way, 0) THEN y.messages ELSE 0 END) AS forwarded
FROM one CROSS JOIN daily y ON y.domain = one.id AND y.day > date(one.newest, '-30 days') AND y.day <= one.newest
JOIN outcome o ON o.id = y.outcome LEFT JOIN standing t ON t.domain = y.domain AND t.sender = y.sender
GROUP BY y.day ORDER BY y.day DESC;
