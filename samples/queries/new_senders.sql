-- Which senders were first seen in the last reported week? (Over tables, which may change between versions: the views answer it, too, but slower.)
SELECT d.name AS domain, s.sender, t.first_day, t.class, t.addresses
FROM standing t JOIN domain d ON d.id = t.domain JOIN sender s ON s.id = t.sender
WHERE t.first_day > (SELECT date(max(d.newest), '-7 days') FROM (SELECT (SELECT max(r.day) FROM report r WHERE r.domain = d.id) AS newest
                FROM domain d WHERE d."foreign" = 0) d)
ORDER BY t.first_day, d.name, s.sender LIMIT 20;
