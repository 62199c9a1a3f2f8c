-- Whose mail of yours was refused or junked in the last 30 reported days? (Over tables, which may change between versions: v_daily says it, too.)
SELECT d.name AS domain, s.sender, sum(y.messages) AS messages, min(y.day) AS since
FROM domain d JOIN daily y ON y.domain = d.id JOIN outcome o ON o.id = y.outcome JOIN sender s ON s.id = y.sender
JOIN standing t ON t.domain = y.domain AND t.sender = y.sender AND t.mine = 1
WHERE d."foreign" = 0 AND y.way <= t.own_way AND o.bucket_mine = 'lost'
  AND y.day > (SELECT date(max(d.newest), '-30 days') FROM (SELECT (SELECT max(r.day) FROM report r WHERE r.domain = d.id) AS newest
                FROM domain d WHERE d."foreign" = 0) d)
GROUP BY y.domain, y.sender ORDER BY messages DESC LIMIT 20;
