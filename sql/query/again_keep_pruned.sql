-- Of totals that reach back before the days whose records retention has removed: what these removed records sum to is left, as it cannot be summed anew.
-- ?1 first day that has its records (a number). -- scans: report, record because all that is there will be summed anew
UPDATE flow SET messages = flow.messages - x.messages
FROM (SELECT r.domain, c.source, c.auth_set, c.outcome, sum(c.messages) AS messages
      FROM report r CROSS JOIN record c ON c.id BETWEEN r.first_record AND r.last_record
      WHERE r.counted = 1 GROUP BY r.domain, c.source, c.auth_set, c.outcome) x
WHERE flow.first_day < ?1 AND flow.domain = x.domain AND flow.source = x.source AND flow.auth_set = x.auth_set AND flow.outcome = x.outcome;
