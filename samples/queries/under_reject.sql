-- What would p=reject lose, by sender?
SELECT sender, sum(messages) AS messages
FROM v_records WHERE under_reject IN ('rejected', 'likely_spared') GROUP BY sender ORDER BY messages DESC LIMIT 20;
