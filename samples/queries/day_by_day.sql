-- How did the last 30 days of a domain go? (Over tables, which may change between versions: v_daily says it, too, but sums up every domain.)
SELECT y.day, sum(y.messages) AS messages,
       sum(CASE WHEN y.way <= coalesce(t.own_way, 0) AND o.bucket_other = 'passing' THEN y.messages ELSE 0 END) AS passing,
       sum(CASE WHEN y.way <= coalesce(t.own_way, 0) AND t.mine = 1 AND o.bucket_mine = 'lost' THEN y.messages ELSE 0 END) AS lost,
       sum(CASE WHEN y.way > coalesce(t.own_way, 0) THEN y.messages ELSE 0 END) AS forwarded
FROM domain d JOIN daily y ON y.domain = d.id JOIN outcome o ON o.id = y.outcome LEFT JOIN standing t ON t.domain = y.domain AND t.sender = y.sender
WHERE d.name = 'example.org' AND y.day > (SELECT date(max(day), '-30 days') FROM daily WHERE domain = d.id)
GROUP BY y.day ORDER BY y.day DESC;
