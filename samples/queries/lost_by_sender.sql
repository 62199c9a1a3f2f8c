-- Which senders' mail was refused or junked in the last 30 reported days?
SELECT sender, sum(messages) AS messages, min(day) AS since
FROM v_records
WHERE disposition IN ('reject', 'quarantine') AND verdict <> 'pass'
  AND day > (SELECT date(max(day), '-30 days') FROM v_daily)
GROUP BY sender ORDER BY messages DESC LIMIT 20;
