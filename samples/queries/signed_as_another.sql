-- Whose signatures are on the mail that failed? (authenticated, but as somebody else)
SELECT a.domain AS signed_by, count(*) AS records, sum(r.messages) AS messages
FROM v_records r JOIN v_auth a ON a.report = r.report AND a.record = r.record
WHERE r.verdict = 'fail' AND a.kind = 'dkim' AND a.result = 'pass' AND a.aligned = 0
GROUP BY a.domain ORDER BY messages DESC LIMIT 20;
