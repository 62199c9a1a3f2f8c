-- What of your own mail would p=reject have lost (refused, or junked under a published sp) in the last 30 reported days, by sender? (Over tables, which may change between versions.)
SELECT d.name AS domain, s.sender, sum(y.messages) AS messages
FROM domain d JOIN daily y ON y.domain = d.id JOIN outcome o ON o.id = y.outcome JOIN sender s ON s.id = y.sender
JOIN standing t ON t.domain = y.domain AND t.sender = y.sender
WHERE d."foreign" = 0 AND y.way <= t.own_way AND o.under_reject IN ('rejected', 'likely_spared', 'quarantined') AND t.mine = 1
  AND y.day > (SELECT date(max(d.newest), '-30 days') FROM (SELECT (SELECT max(r.day) FROM report r WHERE r.domain = d.id) AS newest
                FROM domain d WHERE d."foreign" = 0) d)
GROUP BY y.domain, y.sender ORDER BY messages DESC LIMIT 20;
