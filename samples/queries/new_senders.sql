-- Which senders were first seen in the last reported week?
SELECT domain, sender, min(first_day) AS first_day, sum(messages) AS messages
FROM v_sources GROUP BY domain, sender
HAVING min(first_day) > (SELECT date(max(day), '-7 days') FROM v_daily)
ORDER BY messages DESC LIMIT 20;
