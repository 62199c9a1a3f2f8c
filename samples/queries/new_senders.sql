-- Which senders were first seen in the last reported week? (Over tables, which may change between versions: the views answer it, too, but slower.)
-- The newest reported day is none after tomorrow where there is another: a report dated in the future hides nothing.
WITH newest(day) AS MATERIALIZED (SELECT coalesce(
       (SELECT max((SELECT max(day) FROM daily WHERE domain = d.id AND day <= date('now', '+1 day'))) FROM domain d WHERE d."foreign" = 0),
       (SELECT max((SELECT max(day) FROM daily WHERE domain = d.id)) FROM domain d WHERE d."foreign" = 0))),
     week(first, last) AS MATERIALIZED (SELECT date(day, '-6 days'), day FROM newest)
SELECT d.name AS domain, s.sender, t.first_day, t.class, t.addresses
FROM week CROSS JOIN standing t JOIN domain d ON d.id = t.domain JOIN sender s ON s.id = t.sender
WHERE t.first_day BETWEEN week.first AND week.last
ORDER BY t.first_day, d.name, s.sender LIMIT 20;
