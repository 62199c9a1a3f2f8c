-- Whose mail of yours was refused or junked in the last 30 reported days? (Over tables, which may change between versions: v_daily says it, too.)
-- The newest reported day is none after tomorrow where there is another: a report dated in the future hides nothing.
WITH newest(day) AS MATERIALIZED (SELECT coalesce(
       (SELECT max((SELECT max(day) FROM daily WHERE domain = d.id AND day <= date('now', '+1 day'))) FROM domain d WHERE d."foreign" = 0),
       (SELECT max((SELECT max(day) FROM daily WHERE domain = d.id)) FROM domain d WHERE d."foreign" = 0)))
SELECT d.name AS domain, s.sender, sum(y.messages) AS messages, min(y.day) AS since
FROM newest CROSS JOIN domain d JOIN daily y ON y.domain = d.id AND y.day > date(newest.day, '-30 days') AND y.day <= newest.day
JOIN outcome o ON o.id = y.outcome JOIN sender s ON s.id = y.sender JOIN standing t ON t.domain = y.domain AND t.sender = y.sender AND t.mine = 1
WHERE d."foreign" = 0 AND y.way <= t.own_way AND o.bucket_mine = 'lost'
GROUP BY y.domain, y.sender ORDER BY messages DESC LIMIT 20;
