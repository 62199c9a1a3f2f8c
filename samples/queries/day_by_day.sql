-- How did the days go?
SELECT day, sum(messages) AS messages, sum(passing) AS passing, sum(forwarded) AS forwarded, sum(undecided) AS undecided
FROM v_daily WHERE domain = 'example.org' GROUP BY day ORDER BY day DESC LIMIT 30;
